/**
 * What differs at every run, hidden in what was printed. Refs get names in the order that they appear in, so that a
 * later command of a script can be given one by its name.
 */
export interface Masking {
  /** @param refs every ref that was drawn so far: a word that only looks like one stays */
  hide(text: string, refs: ReadonlySet<string>): string;
  /** Names of refs as the refs that they stand for. @throws for a name that nothing printed had yet */
  reveal(text: string): string;
}

const refLike = /\b[0-9a-hjkmnp-tv-z]{5}\b/g;

/** Words that may be refs. */
export const refsLikelyIn = (text: string): readonly string[] => text.match(refLike) ?? [];

/** Words that stand where a list has its refs. */
export const refsListedIn = (text: string): readonly string[] =>
  text.match(/(?<=^ {1,2})[0-9a-hjkmnp-tv-z]{5}(?= {2})/gm) ?? [];

const date = String.raw`\d{1,2} [A-Z][a-z]{2}(?: \d{4})?`;

const moment = String.raw`\w{3} ${date} \d{2}:\d{2}`;

/** What holds chance, or the real time: it alone is never fixed. A domain's date stands in none of these forms. */
const masks: readonly (readonly [RegExp, string])[] = [
  // Whole ids hold the time and chance.
  [/\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b/g, '<id>'],
  [/(?<="id": ")[0-9a-f]{8}(?=")/g, '<id>'],
  [/\b[0-9a-f]{32,}\b/g, '<hex>'],
  [/(?<=rapport-demo-)\w{6}/g, '<name>'],
  [/(?<=\b(?:Node|SQLite|Ciphers) )\d+\.\d+\.\d+/g, '<version>'],
  [/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g, '<instant>'],
  [/(?<=DTSTAMP:)\d{8}T\d{6}Z/g, '<instant>'],
  // The log's rows, an operation's line and what rests on it, a backup, what it was restored over, an agent's span.
  [new RegExp(`^${date} \\d{2}:\\d{2} {2,}`, 'gm'), '<moment>  '],
  [new RegExp(`(?<=[( ])(?:${date} )?\\d{2}:\\d{2}(?=\\)$)`, 'gm'), '<moment>'],
  [new RegExp(`(?<=^ +\\d+ {2}[a-z -]+, )(?:${date} )?\\d{2}:\\d{2}$`, 'gm'), '<moment>'],
  // Two backups of one minute are told as one.
  [new RegExp(`(?<=are known: )${moment}(?:, ${moment})*`, 'g'), '<moment>'],
  [/\b\d{4}-\d{2}-\d{2}, \d{2}:\d{2}/g, '<moment>'],
  [/(?<=before-restore-)(?:\d{8}-\d{6}|[0-9a-f]{12})/g, '<stamp>'],
  [/(?<=until |used, )\d{2}:\d{2}/g, '<time>'],
  [new RegExp(`(?<=^[ -]+until )${date}(?=: | it read: )`, 'gm'), '<day>'],
  [/(?<=looked at or changed: .*(?:on|from|to) )\d{1,2} [A-Z][a-z]{2} \d{4}/g, '<day>'],
  [/(?<=^(?:passphrase|recovery code|keyring) +|backup was made .*on )\d{4}-\d{2}-\d{2}/gm, '<day>'],
  [/(?<=rapport-)\d{4}-\d{2}-\d{2}(?:-\d{4}-[0-9a-f]{6})?/g, '<day>'],
];

export function createMasking(): Masking {
  const seen: string[] = [];
  const nameOf = (ref: string): string => {
    if (!seen.includes(ref)) seen.push(ref);
    return `<r${seen.indexOf(ref) + 1}>`;
  };
  return {
    hide: (text, refs) =>
      masks.reduce(
        (hidden, [pattern, name]) => hidden.replaceAll(pattern, name),
        text.replaceAll(refLike, (word) => (refs.has(word) ? nameOf(word) : word)),
      ),
    reveal: (text) =>
      text.replaceAll(/<r(\d+)>/g, (name, place) => {
        const ref = seen[Number(place) - 1];
        if (ref === undefined) throw new Error(`${name} has not appeared yet`);
        return ref;
      }),
  };
}
