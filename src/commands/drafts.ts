/** What was typed and is not saved yet: named wherever the day is shown, and taken up again by the command it is for. */
import type { Ctx } from '../cli/command.ts';
import type { Store } from '../context.ts';
import { type CivilDate, count, shortDate } from '../dates/civil.ts';
import type { Patient } from '../domain/records.ts';
import { draftLinesOf, printable, shellQuoted } from '../domain/text.ts';
import { asFailure, Failure, Left } from '../errors.ts';
import type { Draft, DraftHead, DraftLine, OwnDraft } from '../store/drafts.ts';
import { youTyped } from '../terminal/questions.ts';
import { nameOf } from './lookup.ts';

const editedBy = (record: string, store: Store) => store.notes.byId(record) ?? store.commitments.byId(record);

export function goingOn({ task, record }: DraftHead, { handle }: Patient, store: Store): string {
  if (record === null) return `rapport ${task} ${shellQuoted(handle)}${task === 'note' ? ' --editor' : ''}`;
  return `rapport edit ${editedBy(record, store)?.ref ?? 'ID'} --editor`;
}

export const draftLines = (
  store: Store,
  today: CivilDate,
  drafts: readonly Draft[] = store.drafts.all(),
): readonly string[] =>
  drafts.flatMap((draft) => {
    const patient = store.patients.byId(draft.patient_id);
    if (patient === undefined) return [];
    const where = draft.isOpen ? 'open in another terminal' : goingOn(draft, patient, store);
    return [`Not saved yet: ${nameOf(patient)}, ${shortDate(draft.on, today)}. ${where}`];
  });

/** How many lines a draft gives: changes made in the summary are none, and those that are dropped at its end. */
function lineCount(lines: readonly DraftLine[]): number {
  const dropped = new Set<string>();
  for (const { place, text } of lines) {
    const [, number = '', word] =
      /^(\d+)\s+(drop|keep):?$/i.exec(place === 'change' ? text.trim() : '') ?? [];
    if (word?.toLowerCase() === 'drop') dropped.add(number);
    else dropped.delete(number);
  }
  return lines.filter(({ place }) => place !== 'change').length - dropped.size;
}

const titles = { commit: 'A write-up', note: 'A note', edit: 'A text' };

/**
 * What was typed before for the same, or undefined to begin anew. What is open in another terminal is left to it.
 * @param fits which of them this way of typing can go on with
 */
export async function takeUp(
  { patient_id, task, record }: Pick<DraftHead, 'patient_id' | 'task' | 'record'>,
  { store, questions, clock }: Ctx,
  fits: (draft: Draft) => boolean = () => true,
) {
  for (const found of store.drafts.of(patient_id)) {
    if (found.task !== task || found.record !== record) continue;
    const title = `${titles[task]} of ${shortDate(found.on, clock.today())} is not saved yet`;
    if (found.isOpen) {
      questions.tell(`${title}, and open in another terminal; what is typed here is kept apart from it`);
      continue;
    }
    if (!fits(found)) continue;
    const saved = record === null ? undefined : editedBy(record, store)?.text;
    if (saved !== undefined) questions.tell(`saved is: ${printable(saved)}`);
    const lines = lineCount(found.lines);
    const goesOn = await questions.choose(`${title} (${count(lines, 'line')})`, [
      { name: 'go on with it', value: true },
      { name: 'throw it away and begin anew', value: false },
    ]);
    const draft = goesOn ? store.drafts.goOn(found.id) : undefined;
    if (draft !== undefined) return { draft, found };
    if (goesOn) questions.tell('it was taken up in another terminal meanwhile');
    else {
      store.write({ verb: 'draft' }, () => store.drafts.setAside(found.id));
      questions.tell('thrown away; rapport undo brings it back');
    }
  }
  return undefined;
}

/** The draft of what is typed now: it goes on with the one that was taken up, or begins. */
export function draftFor(
  taken: { readonly draft: OwnDraft } | undefined,
  head: DraftHead,
  { drafts }: Store,
): OwnDraft {
  taken?.draft.restate(head);
  return taken?.draft ?? drafts.begin(head);
}

/** Those of which something is in the vault; undefined where it can't be read: what is not seen is not claimed. */
function keptOf(drafts: readonly OwnDraft[]): readonly OwnDraft[] | undefined {
  try {
    return drafts.filter((draft) => draft.isKept);
  } catch {
    return undefined;
  }
}

/** Of what is piped in as lines, in bytes. */
export const stdinLimit = 2_000_000;

/** A failure says how much of what was typed is in the vault, and how to go on. */
export async function keeping<T>(
  drafts: readonly OwnDraft[],
  store: Store,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (failure) {
    const kept = keptOf(drafts);
    const isBehind = drafts.some((draft) => draft.isBehind);
    if (!(failure instanceof Failure) || kept === undefined) throw failure;
    if (kept.length === 0 && !isBehind) throw failure;
    const ways = kept.flatMap(({ head }) => {
      const patient = store.patients.byId(head.patient_id);
      return patient === undefined ? [] : [`${goingOn(head, patient, store)} goes on with it`];
    });
    const said =
      kept.length === 0
        ? 'not saved, and not kept as a draft'
        : isBehind
          ? 'not saved yet; what you typed before is kept as a draft, the last of it is not'
          : 'not saved yet; what you typed is kept as a draft';
    const left = failure instanceof Left && failure.unfinished !== '' ? [failure.unfinished] : [];
    if (failure.exit === 'cancelled')
      throw new Failure('cancelled', said, ways, failure.details, youTyped(left));
    throw failure.hinting([...failure.hints, said, ...ways]);
  }
}

/** What was piped in and cannot be read goes into the draft, every line of it; what an argument says, the shell has. */
export function readOrKeep<T>(read: () => T, draft: OwnDraft, piped: DraftLine | undefined): T {
  try {
    return read();
  } catch (failure) {
    const lines = piped?.text.split(/\r?\n/).filter((line) => line.trim() !== '') ?? [];
    if (failure instanceof Failure && failure.exit === 'usage' && lines.length > 0)
      draft.replace(lines.map((text) => ({ place: piped?.place ?? 'learn', text })));
    throw failure;
  }
}

export async function editTyped<T>(
  initial: string,
  draft: OwnDraft,
  read: (text: string) => T | Promise<T>,
  { editor, questions }: Ctx,
): Promise<T> {
  const keep = (text: string, isChanged: boolean): void => {
    const lines = isChanged ? draftLinesOf(draft.head.task, text) : [];
    if (lines.length > 0) draft.replace(lines);
    else if (isChanged || !draft.isKept) draft.discard();
  };
  for (let text = initial; ; ) {
    // Its place is there before anybody types: a vault that can't be written is noticed now.
    if (!draft.isKept) draft.replace([]);
    text = await editor.edit(text, { id: draft.id, keep });
    try {
      return await read(text);
    } catch (failure) {
      const { message, details } = asFailure(failure, 'usage');
      questions.tell([message, ...details].join('\n'));
      if (!(await questions.confirm('Edit again?', true))) throw failure;
    }
  }
}
