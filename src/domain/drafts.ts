/** A text from the editor as the lines of a draft, and back: that of one record whole, others line by line. */
import type { TypedLine } from './write-up.ts';

export function draftLinesOf(task: 'commit' | 'note' | 'edit', text: string): readonly TypedLine[] {
  const lines = task === 'edit' ? [text] : text.split(/\r?\n/).filter((line) => !line.startsWith('#'));
  return lines.filter((line) => line.trim() !== '').map((line) => ({ place: 'learn', text: line }));
}

export const textOfDraft = (lines: readonly { readonly text: string }[]): string =>
  lines.map(({ text }) => text).join('\n');
