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

export function createMasking(): Masking {
  const seen: string[] = [];
  const nameOf = (ref: string): string => {
    if (!seen.includes(ref)) seen.push(ref);
    return `<r${seen.indexOf(ref) + 1}>`;
  };
  return {
    hide: (text, refs) =>
      text
        .replaceAll(refLike, (word) => (refs.has(word) ? nameOf(word) : word))
        // Whole ids hold the time and chance.
        .replaceAll(/\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b/g, '<id>')
        .replaceAll(/\b[0-9a-f]{32}\b/g, '<hex>')
        .replaceAll(/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g, '<instant>')
        .replace(/^rapport: the clock is fixed .*\n/m, '')
        .replace(/,\n {2}"clock": "fixed"(?=\n\}\n$)/, ''),
    reveal: (text) =>
      text.replaceAll(/<r(\d+)>/g, (name, place) => {
        const ref = seen[Number(place) - 1];
        if (ref === undefined) throw new Error(`${name} has not appeared yet`);
        return ref;
      }),
  };
}
