/** `rapport retire <id…>`: a note is laid aside, or with `--erase` taken out for good. */
import type { Note } from '../domain/records.ts';
import { printableLines } from '../domain/text.ts';
import { cancelled, conflict, type ExitName, usage } from '../errors.ts';
import type { Store } from '../world.ts';
import { defineCommand } from './command.ts';
import { findRecords } from './finding.ts';
import { changeNotes, type NoteNeeds, noteIds, refuseGone } from './note-changes.ts';

interface RetireRequest {
  readonly ids: readonly string[];
  readonly erase: boolean;
}

async function erase(notes: readonly Note[], store: Store, needs: NoteNeeds): Promise<void> {
  const { output, globals, questions } = needs;
  for (const note of notes) {
    const patient = store.patients.byId(note.patient_id);
    if (patient?.hold) throw conflict(`${note.ref} is a note of a patient on hold, so it may not be erased`);
  }
  const what = notes.length === 1 ? 'this note' : `these ${notes.length} notes`;
  if (!globals.yes && !questions.possible)
    throw usage(`erasing ${what} cannot be undone`, 'add --yes to do so');
  // On the terminal alone: an answer that is given beforehand shows nothing.
  if (!globals.yes)
    questions.tell(notes.flatMap(({ ref, text }) => printableLines(`${ref}  ${text}`)).join('\n'));
  const question = `Erase ${what} (${notes.map(({ ref }) => ref).join(', ')}) for good? This cannot be undone`;
  if (!(await questions.confirm(question, false))) throw cancelled();
  const { operation } = store.write({ verb: 'retire --erase', undoable: false }, () => {
    for (const note of notes) store.notes.erase(store.notes.asSeen(note).id);
  });
  const items = notes.map(({ id, ref }) => ({ id, ref, erased: true }));
  if (globals.json) output.json({ schema: 'rapport.retire/1', operation: operation ?? null, items });
  else output.print(notes.map(({ ref }) => `${ref} erased`).join('\n'));
  needs.notices.say('Backups made before still hold the text.');
}

async function runRetire(request: RetireRequest, needs: NoteNeeds): Promise<ExitName> {
  const store = await needs.openStore();
  const notes = await findRecords(request.ids, 'note', needs, { commitment: 'rapport drop' });
  if (request.erase) {
    await erase(notes, store, needs);
    return 'ok';
  }
  for (const note of notes) refuseGone(note);
  changeNotes(
    { verb: 'retire', notes, patch: () => ({ status: 'retired' }), outcome: () => 'retired' },
    store,
    needs,
  );
  return 'ok';
}

export const retire = defineCommand<RetireRequest>({
  path: 'retire',
  summary: 'lay a note aside, or erase it for good',
  group: 'Records',
  arguments: [noteIds],
  options: [{ flags: '--erase', help: 'take text, history and index out for good; cannot be undone' }],
  examples: ['rapport retire k7m2q', 'rapport retire k7m2q h3p8t --erase'],
  access: 'unlocked',
  parse: (raw) => ({ ids: raw.words('id'), erase: raw.flag('erase') }),
  run: runRetire,
});
