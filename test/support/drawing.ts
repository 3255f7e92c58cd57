/** A terminal's text, colours included, as an SVG that reads well on light and on dark pages. */
import { widthOf } from '../../src/domain/text.ts';

const cell = { width: 8.4, height: 19 } as const;
const margin = 16;

/** What chalk writes at sixteen colours, as classes. */
const classes: Readonly<Record<string, string>> = {
  1: 'bold',
  2: 'dim',
  3: 'italic',
  31: 'red',
  32: 'green',
  35: 'magenta',
};
/** What ends which of them. */
const ends: Readonly<Record<string, readonly string[]>> = {
  0: Object.values(classes),
  22: ['bold', 'dim'],
  23: ['italic'],
  39: ['red', 'green', 'magenta'],
};

const style = `
  .page { fill: #ffffff; stroke: #d0d7de; }
  text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328; }
  .bold { font-weight: bold; } .italic { font-style: italic; } .dim { fill: #59636e; }
  .red { fill: #b3261e; } .green { fill: #1a7f37; } .magenta { fill: #8a3ea8; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; stroke: #3d444d; }
    text { fill: #f0f6fc; } .dim { fill: #9198a1; }
    .red { fill: #ff8e86; } .green { fill: #4ccf6a; } .magenta { fill: #d9a3f0; }
  }`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const digits = (length: number): string => String(Math.round(length * 100) / 100);

/** One line's runs of equal looks. `looks` goes on from line to line. */
function drawLine(line: string, y: number, looks: Set<string>): string {
  let column = 0;
  const drawn: string[] = [];
  for (const [, sequence, text] of line.matchAll(/\u001b\[([0-9;]*)m|([^\u001b]+)/g)) {
    for (const number of sequence?.split(';') ?? []) {
      const start = classes[number];
      // A colour that is drawn as none would go unseen.
      if (start === undefined && ends[number] === undefined) throw new Error(`nothing draws ${number}`);
      if (start !== undefined) looks.add(start);
      for (const end of ends[number] ?? []) looks.delete(end);
    }
    if (text === undefined) continue;
    const look = looks.size === 0 ? '' : ` class="${[...looks].join(' ')}"`;
    // Blanks in a row are a place to go on at: what draws the picture may make one of them.
    for (const { 0: words, index } of text.matchAll(/[^ ]+(?: [^ ]+)*/g)) {
      const x = margin + (column + widthOf(text.slice(0, index))) * cell.width;
      const length = `textLength="${digits(widthOf(words) * cell.width)}" lengthAdjust="spacingAndGlyphs"`;
      drawn.push(`  <text x="${digits(x)}" y="${digits(y)}" ${length}${look}>${escaped(words)}</text>`);
    }
    column += widthOf(text);
  }
  return drawn.join('\n');
}

/** @param title what it shows, for those who cannot see it */
export function drawTerminal(text: string, columns: number, title: string): string {
  const lines = text.replace(/\n+$/, '').split('\n');
  const [width, height] = [columns * cell.width + 2 * margin, lines.length * cell.height + 2 * margin];
  const looks = new Set<string>();
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${digits(width)} ${digits(height)}" width="${digits(width)}" height="${digits(height)}" role="img">`,
    `  <title>${escaped(title)}</title>`,
    `  <style>${style}\n  </style>`,
    `  <rect class="page" x="0.5" y="0.5" width="${digits(width - 1)}" height="${digits(height - 1)}" rx="8"/>`,
    ...lines
      .map((line, row) => drawLine(line, margin + (row + 0.75) * cell.height, looks))
      .filter((line) => line !== ''),
    '</svg>\n',
  ].join('\n');
}
