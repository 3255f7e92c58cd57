/** How what a form says can begin, told by its text alone: to compile all patterns takes longer than a short command. */
import { lazy } from './civil.ts';

/** What holds brackets within brackets, four deep, each closed. */
const closed = [1, 2, 3, 4].reduce((within) => `(?:[^()]|\\(${within}*\\))`, '[^()]');
/** What stands on either side of a form's own '|'. */
const choices = lazy(() => new RegExp(`(?:\\(${closed}*\\)|\\{[^{}]*\\}|[^(){}|])+`, 'g'));
const around = lazy(() => new RegExp(`^\\(\\?<?[=!]${closed}*\\)`));
const group = lazy(() => new RegExp(`^\\(\\?:(${closed}*)\\)([?*]?)`));
const named = /^(?:\{~?([^}]*)\}|(<\w+>))(\??)/;
const letters = /^(?:[a-z\d /-](?![?*])){1,8}/;

/** Fewer, and 'result' would try what begins with 'rest of'. */
const mostLetters = 4;

/** Its first letters, or its first word and the first letters behind it. */
const keyOf = (start: string): string => start.slice(0, start.indexOf(' ') + 1 + mostLetters);

/**
 * As they are looked up: '0' is any digit, a blank one or more of them, '' whatever may come.
 * @param form a regular expression with {class} and <form> in it
 * @param startsOfNamed of a class, or of '<form>'
 */
export function startsOf(
  form: string,
  startsOfNamed: (name: string) => readonly string[],
): readonly string[] {
  const plain = form.replace(/(?:\\d|\[[\d-]+\])(?:\{[\d,]+\})?/g, '0').replace(/\\.|\[[^[\]]{0,99}\]/g, '.');
  const all = plain.match(choices()) ?? [];
  if (all.join('|').length !== plain.length) return [''];
  const found = all.flatMap((one) => {
    const starts: string[] = [];
    /** Words that may stand before the rest: 'the '. */
    let before = [''];
    const push = (...keys: readonly string[]) => {
      for (const word of before) starts.push(...(word === '' ? keys : keys.map((key) => keyOf(word + key))));
    };
    for (let rest = one.replace(around(), ''); ; ) {
      const [whole, inside] = group().exec(rest) ?? [];
      const [part = whole, classes, name] = named.exec(rest) ?? [];
      if (part === undefined) {
        push(keyOf((letters.exec(rest)?.[0] ?? '').replace(/\d.*/, '0')));
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

/** Of a text's word: '', its first letter, its first two … A digit is '0', and the last. */
function beginningsOf(word: string): readonly string[] {
  const short = word.slice(0, mostLetters).replace(/\d.*/, '0');
  return ['', ...short].map((_, length) => short.slice(0, length));
}

/** @returns those that can begin at a place of a text, in their order */
export function indexOfStarts<T>(
  all: readonly T[],
  startsOfEach: (one: T) => readonly string[],
): (text: string, at: number) => readonly T[] {
  const index = new Map<string, number[]>();
  for (const [place, one] of all.entries())
    for (const start of startsOfEach(one)) {
      const places = index.get(start) ?? [];
      index.set(start, places);
      places.push(place);
    }
  return (text, at) => {
    const [, word = '', rest = ''] = /^([^ ]*) ?(.*)/.exec(text.slice(at, at + 40).replace(/ +/g, ' ')) ?? [];
    const keys = [...beginningsOf(word), ...beginningsOf(rest).map((letters) => `${word} ${letters}`)];
    const found = keys.flatMap((key) => index.get(key) ?? []);
    return [...new Set(found)].sort((one, other) => one - other).flatMap((place) => all[place] ?? []);
  };
}
