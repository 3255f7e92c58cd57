/**
 * The last gate before the screen: whatever a text holds, only line ends and the colours that tones.ts paints get
 * through. Everything else that could move a cursor, change a title or turn a line round is shown, without effect.
 */
import { printable, widthOf, wrapToWidth } from '../domain/text.ts';

// The codes that tones.ts writes: bold, dim, italic, two colours, and what ends them.
const passes = /(\r?\n|\u001b\[(?:1|2|3|22|23|31|35|39)m)/u;
// What printable changes, line ends aside: most text holds none of it.
const suspect =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u;

/** The text as it may be written out; without colours where they are not wanted. */
export function safeText(text: string, coloured: boolean): string {
  if (!suspect.test(text)) return text;
  return text
    .split(passes)
    .map((part, place) => {
      const isPassage = place % 2 === 1;
      return isPassage && (coloured || part.endsWith('\n')) ? part : printable(part);
    })
    .join('');
}

/**
 * Sentences that are longer than the screen, broken at words; what follows stands below the first word behind 'hint:' and
 * the like. Lines with columns of their own, or with colours, stay as they are.
 */
export function fitToScreen(text: string, columns: number): string {
  const fit = (line: string): readonly string[] => {
    if (widthOf(line) <= columns || /\S {2,}\S|\u001b/u.test(line)) return [line];
    const [lead = ''] = /^ *(?:(?:hint|rapport|next): )?/.exec(line) ?? [];
    const indent = ' '.repeat(lead.length);
    return wrapToWidth(line.slice(lead.length), Math.max(20, columns - lead.length)).map(
      (part, place) => (place === 0 ? lead : indent) + part,
    );
  };
  return text.split('\n').flatMap(fit).join('\n');
}
