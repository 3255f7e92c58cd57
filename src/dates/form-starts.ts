/** How what a form says can begin, told by its text alone: to compile all patterns takes longer than a short command. */

/** What stands on either side of a form's own '|'. */
const choices = /(?:\((?:[^()]|\((?:[^()]|\([^()]{0,99}\)){0,300}\)){0,400}\)|\{[^{}]{0,99}\}|[^(){}|])+/g;
const around = /^\(\?<?[=!](?:[^()]|\([^()]*\))*\)/;
const group = /^\(\?:([^()]*)\)([?*]?)/;
const named = /^(?:\{~?([^}]*)\}|(<\w+>))(\??)/;
/** What must be there. */
const letters = /^(?:[a-z\d /-](?![?*])){1,8}/;

/**
 * '0' is any digit, a blank one or more of them, '' whatever may come.
 * @param form a regular expression with {class} and <form> in it
 * @param startsOfNamed of a class, or of '<form>'
 */
export function startsOf(
  form: string,
  startsOfNamed: (name: string) => readonly string[],
): readonly string[] {
  const plain = form
    .replace(around, '')
    .replace(/(?:\\d|\[\d-\d\])(?:\{[\d,]+\})?/g, '0')
    .replace(/\\.|\[[^[\]]{0,99}\]/g, '.');
  const all = plain.match(choices) ?? [];
  if (all.join('|').length !== plain.length) return [''];
  const found = all.flatMap((one) => {
    const starts: string[] = [];
    /** Words that may stand before the rest: 'the '. */
    let before = [''];
    const push = (...texts: readonly string[]) =>
      void starts.push(...before.flatMap((word) => texts.map((text) => word + text)));
    for (let rest = one; ; ) {
      const [whole, inside] = group.exec(rest) ?? [];
      const [part = whole, classes, name] = named.exec(rest) ?? [];
      if (part === undefined) {
        push((letters.exec(rest)?.[0] ?? '').replace(/\d.*/, '0'));
        return starts;
      }
      const isOptional = /[?*]$/.test(part);
      if (isOptional && inside !== undefined && /^[a-z ]+$/.test(inside))
        before = [...before, ...before.map((word) => word + inside)];
      else if (inside !== undefined) push(...startsOf(inside, startsOfNamed));
      else push(...(classes?.split('|') ?? [name ?? '']).flatMap(startsOfNamed));
      if (!isOptional) return starts;
      rest = rest.slice(part.length);
    }
  });
  return [...new Set(found)];
}

/** Letters, up to a digit. */
const short = (word: string): string => word.slice(0, 3).replace(/\d.*/, '0');

/** A start as it is looked up: its first letters, or its first word and the first letters behind it. */
function keyOf(start: string): string {
  const [word = '', next] = start.split(' ');
  return next === undefined ? short(word) : `${word} ${short(next)}`;
}

const beginningsOf = (word: string): readonly string[] =>
  ['', ...short(word)].map((_, length) => short(word).slice(0, length));

/** @returns those that can begin at a place of a text, in their order */
export function indexOfStarts<T>(
  all: readonly T[],
  startsOfEach: (one: T) => readonly string[],
): (text: string, at: number) => readonly T[] {
  const index = new Map<string, Set<number>>();
  for (const [place, one] of all.entries())
    for (const key of new Set(startsOfEach(one).map(keyOf))) {
      const places = index.get(key);
      if (places === undefined) index.set(key, new Set([place]));
      else places.add(place);
    }
  return (text, at) => {
    const [, word = '', next = ''] = /^([^ ]*) *([^ ]{0,3})/.exec(text.slice(at, at + 40)) ?? [];
    const keys = [...beginningsOf(word), ...beginningsOf(next).map((letters) => `${word} ${letters}`)];
    const found = keys.flatMap((key) => [...(index.get(key) ?? [])]);
    return [...new Set(found)].sort((one, other) => one - other).flatMap((place) => all[place] ?? []);
  };
}
