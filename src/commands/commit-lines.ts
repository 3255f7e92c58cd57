/** `commit` without its questions: lines from standard input, from the editor, or one promise. */
import { type CaptureOptions, captureLine, captureText } from '../domain/capture.ts';
import { openItemsOf } from '../domain/open-items.ts';
import { printable } from '../domain/text.ts';
import { checkWriteUp, type WriteUp } from '../domain/write-up.ts';
import { cancelled, usage } from '../errors.ts';
import type { OwnDraft } from '../store/drafts.ts';
import { plainStyle } from '../terminal/styles.ts';
import { renderOpenItems } from '../terminal/write-up-view.ts';
import type { Store, World } from '../world.ts';
import { editTyped } from './drafts.ts';
import type { Visit } from './saving-visits.ts';

export const stdinLimit = 2_000_000;

type LineNeeds = Pick<World, 'stdin' | 'questions' | 'editor' | 'notices'>;

/** Lines of standard input or an editor: what has no mark is a story. @throws usage */
export function writeUpOf(text: string, capture: CaptureOptions, comments = false): WriteUp {
  return captureText(text, { ...capture, comments }).map(({ entry }) => ({
    type: 'entry',
    entry,
    typed: entry.text,
  }));
}

/** One promise, which may name another owner. @throws usage */
export function promiseOf(text: string, capture: CaptureOptions): WriteUp {
  const entry = captureLine(text, { ...capture, defaultKind: 'promise' });
  if (entry.type === 'empty') throw usage('the promise is empty');
  if (entry.type !== 'commitment')
    throw usage(
      `--promise takes a promise, and this is marked as '${entry.type === 'loss' ? 'loss' : entry.kind}'`,
      ...(/^\s*x\s/u.test(text) ? ['x with a blank behind it marks a loss'] : []),
      "'promise: …' makes it a promise; other lines go by --stdin",
    );
  return [{ type: 'entry', entry, typed: text }];
}

const guide = `
# One line each:
#   ! a promise by fri     staff: theirs      patient: theirs
#   ? a question           * what matters     ~ how to explain
#   @21 mar a milestone    x wife June, 2 feb > ask next time
#   family: interest: concern: preference: decision: avoid: story:
# Lines that begin with # are left out. An empty file saves nothing but asks first.
`;

function template(store: Store, { patient, on }: Visit, before: string): string {
  const open = openItemsOf(
    store.commitments.of(patient.id),
    store.notes.of(patient.id, { status: ['current'] }),
  );
  const list =
    open.items.length === 0 && open.private === 0
      ? []
      : renderOpenItems(open.items, open.private, { on, width: 78, style: plainStyle }).split('\n');
  return `${before}\n${guide.trim()}\n${list.map((line) => `# ${printable(line)}`.trimEnd()).join('\n')}\n`;
}

/** @throws cancelled where nothing was written and the contact alone is not wanted */
export function editWriteUp(
  store: Store,
  visit: Visit,
  { draft, before }: { readonly draft: OwnDraft; readonly before: string },
  capture: CaptureOptions,
  needs: LineNeeds,
): Promise<WriteUp> {
  const { questions } = needs;
  const read = async (text: string): Promise<WriteUp> => {
    const writeUp = checkWriteUp(writeUpOf(text, capture, true), visit);
    const isWanted =
      writeUp.length > 0 ||
      (questions.possible &&
        (await questions.confirm('Nothing was written. Record the contact alone?', false)));
    if (!isWanted) throw cancelled();
    return writeUp;
  };
  return editTyped(template(store, visit, before), draft, read, needs);
}
