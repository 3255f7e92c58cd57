/** What becomes of a text that a run left in its editor's folder: in a terminal it goes into its draft, and is said. */

import { draftLinesOf } from '../domain/text.ts';
import { Failure } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { Questions } from '../terminal/questions.ts';
import type { Sweeping } from './run-folders.ts';
import type { Notices } from './text-streams.ts';

export function rescuing(
  store: Store,
  questions: Pick<Questions, 'possible'>,
  notices: Pick<Notices, 'warn'>,
): Sweeping {
  return {
    async take(draftId, path) {
      // A script's reader may be nobody.
      if (!questions.possible) return false;
      try {
        const { readText } = await import('../terminal/editor.ts');
        const text = await readText(path);
        const draft = store.drafts.goOn(draftId);
        if (draft === undefined) return false;
        const { task, record } = draft.head;
        const before =
          record === null ? undefined : (store.notes.byId(record) ?? store.commitments.byId(record))?.text;
        const lines = text.trim() === before?.trim() ? [] : draftLinesOf(task, text);
        if (lines.length > 0) draft.replace(lines);
        else if (!draft.isKept) draft.discard();
        if (lines.length > 0)
          notices.warn(
            'what was typed in an editor when its rapport was cut off is kept, and not saved yet: rapport due names it',
          );
        return true;
      } catch (failure) {
        if (failure instanceof Failure) return false;
        throw failure;
      }
    },
    tell: (path) => notices.warn(`a text that was typed and never saved lies in ${path}`),
  };
}
