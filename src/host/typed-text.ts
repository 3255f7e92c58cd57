/** Text that was typed and not saved. A failing command gives it back on the terminal, since errors hold none. */
import { draftLinesOf, printableLines } from '../domain/text.ts';
import { ChangedMeanwhile, Failure } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { Questions } from '../terminal/questions.ts';
import type { Sweeping } from './run-folders.ts';
import type { Notices } from './text-streams.ts';

export function rememberTyped(questions: Questions) {
  let typed: string[] = [];
  let isOpen = false;
  const remember = (text: string, before = ''): string => {
    // Before the vault is open, nothing typed is a patient's.
    if (isOpen && text.trim() !== '' && text !== before) typed.push(text);
    return text;
  };
  return {
    questions: {
      get possible() {
        return questions.possible;
      },
      text: async (question, options) => remember(await questions.text(question, options), options?.prefill),
      secret: questions.secret,
      confirm: questions.confirm,
      choose: questions.choose,
      tell: questions.tell,
    } satisfies Questions,
    watch(store: Store): Store {
      isOpen = true;
      return {
        ...store,
        write(intent, work) {
          const written = store.write(intent, work);
          typed = [];
          return written;
        },
      };
    },
    giveBack(error: unknown): void {
      if (error instanceof Failure && error.exit === 'cancelled') return;
      const lines = [
        ...(error instanceof ChangedMeanwhile ? error.now : []),
        ...(typed.length > 0
          ? ['You typed:', ...typed.flatMap(printableLines).map((line) => `  ${line}`)]
          : []),
      ];
      if (lines.length > 0 && questions.possible) questions.tell(lines.join('\n'));
    },
  };
}

/** Takes a text that an ended run left in its editor's folder into its draft, where a person can be told. */
export function rescuing(
  store: Store,
  questions: Pick<Questions, 'possible'>,
  notices: Pick<Notices, 'warn'>,
): Sweeping {
  return {
    async take(draftId, path) {
      // A script's output may have no reader.
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
