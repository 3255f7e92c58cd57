/** What `commit` reads beside its questions: patient, day, lines from a file or the editor, and whether to undo. */

import type { Talk } from '../cli/command.ts';
import { readingOf } from '../cli/kinds.ts';
import type { Context, Store } from '../context.ts';
import { addDays, type CivilDate } from '../dates/civil.ts';
import { readDate } from '../dates/grammar.ts';
import { fullDate } from '../dates/wording.ts';
import { type CaptureOptions, captureLine, captureText } from '../domain/capture.ts';
import { displayName } from '../domain/patient-names.ts';
import type { Patient } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { checkWriteUp, type TypedLine, type WriteUp } from '../domain/write-up.ts';
import { cancelled, Failure, usage } from '../errors.ts';
import type { OwnDraft } from '../store/drafts.ts';
import { plainStyle } from '../terminal/styles.ts';
import { renderOpenItems } from '../terminal/write-up-view.ts';
import { editTyped } from './drafts.ts';
import { offerPatients } from './lookup.ts';
import { openItemsIn, type Visit } from './visit-records.ts';

/** Until four in the morning it is still the day before. */
export const dayBegins = '04:00';

export const workingDay = ({ clock }: Pick<Context, 'clock'>): CivilDate =>
  clock.time() < dayBegins ? addDays(clock.today(), -1) : clock.today();

/** Without a name: the patient last briefed, drafts, and that day's visits not yet written up. */
export async function offerPatient(day: CivilDate, ctx: Talk): Promise<Patient> {
  const { questions, store } = ctx;
  if (!questions.possible) throw usage('which patient?', 'rapport commit <name, handle or ref>');
  const visits = store.contacts.on(day).filter((contact) => contact.state === 'planned');
  const ids = [
    store.log.lastBriefed(),
    ...store.drafts.all().flatMap(({ task, patient_id }) => (task === 'commit' ? [patient_id] : [])),
    ...visits.map((visit) => visit.patient_id),
  ];
  const patients = [...new Set(ids)].flatMap((id) =>
    id === undefined ? [] : (store.patients.byId(id) ?? []),
  );
  const choices = patients.map((value) => {
    const at = visits.find((visit) => visit.patient_id === value.id)?.at;
    return { name: `${displayName(value)} (${value.handle})${at ? `, ${at}` : ''}`, value };
  });
  return offerPatients('Which patient?', choices, ctx);
}

export async function askVisitDay(day: CivilDate, ctx: Talk): Promise<CivilDate> {
  const { questions } = ctx;
  const prefill = fullDate(day);
  for (;;) {
    const answer = await questions.text('Visit on', { prefill });
    // Typed behind the day that stands there, instead of over it.
    const behind = answer.startsWith(prefill) ? answer.slice(prefill.length).trim() : '';
    try {
      return readDate(behind === '' ? answer : behind, { ...readingOf(ctx), direction: 'back' });
    } catch (failure) {
      if (!(failure instanceof Failure) || failure.exit !== 'usage') throw failure;
      questions.tell([failure.message, ...failure.hints.map((hint) => `hint: ${hint}`)].join('\n'));
    }
  }
}

/** Enter ends; `u` takes the saved visit back, and its lines into the draft again. @returns what became of it */
export async function offerUndo(
  draft: OwnDraft,
  lines: readonly TypedLine[],
  operation: string | undefined,
  { store, questions }: Talk,
): Promise<readonly string[]> {
  if (operation === undefined) return [];
  let answer = '';
  try {
    answer = await questions.text('Saved. Enter ends, u takes it back', {
      check: (typed) => (/^(?:u|undo)?$/i.test(typed.trim()) ? undefined : 'u, or Enter'),
    });
  } catch (failure) {
    // It is saved: leaving here changes nothing more.
    if (!(failure instanceof Failure) || failure.exit !== 'cancelled') throw failure;
  }
  if (answer.trim() === '') return [];
  store.write({ verb: 'undo' }, () => {
    store.history.undo(operation);
    if (lines.length > 0) draft.replace(lines);
  });
  return [`taken back${lines.length > 0 ? '; your lines are kept as a draft, not saved yet' : ''}`];
}

export const stdinLimit = 2_000_000;

/** Lines of standard input or an editor: what has no mark is a story. @throws usage */
export function writeUpOf(text: string, capture: CaptureOptions, comments = false): WriteUp {
  return captureText(text, { ...capture, comments }).map(({ entry }) => ({
    type: 'entry',
    entry,
    typed: entry.text,
  }));
}

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

const paper = { columns: 78, style: plainStyle, screenReader: false };

async function template(store: Store, { patient, on }: Visit, before: string): Promise<string> {
  const open = openItemsIn(store, patient.id);
  const list =
    open.items.length === 0 && open.private === 0
      ? []
      : (await renderOpenItems(open.items, open.private, on, paper)).split('\n');
  return `${before}\n${guide.trim()}\n${list.map((line) => `# ${printable(line)}`.trimEnd()).join('\n')}\n`;
}

export async function editWriteUp(
  visit: Visit,
  { draft, before }: { readonly draft: OwnDraft; readonly before: string },
  capture: CaptureOptions,
  ctx: Talk,
): Promise<WriteUp> {
  const { store, questions } = ctx;
  const read = async (text: string): Promise<WriteUp> => {
    const writeUp = checkWriteUp(writeUpOf(text, capture, true), visit);
    const isWanted =
      writeUp.length > 0 ||
      (questions.possible &&
        (await questions.confirm('Nothing was written. Record the contact alone?', false)));
    if (!isWanted) throw cancelled();
    return writeUp;
  };
  return editTyped(await template(store, visit, before), draft, read, ctx);
}
