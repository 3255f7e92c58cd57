/** `rapport move <id…> --to PATIENT`: a note or promise typed on the wrong patient goes to the right one, history and all. */
import type { Commitment, Note } from '../domain/records.ts';
import { conflict, type ExitName, usage } from '../errors.ts';
import type { Store } from '../world.ts';
import { defineCommand } from './command.ts';
import { findPatient, findRecords } from './finding.ts';
import { changeLine, type NoteNeeds } from './note-changes.ts';

interface MoveRequest {
  readonly ids: readonly string[];
  readonly to: string;
}

interface Moving {
  readonly notes: readonly Note[];
  readonly commitments: readonly Commitment[];
}

/** The notes and commitments behind the ids; notes with their whole threads. */
async function findMoving(ids: readonly string[], store: Store, needs: NoteNeeds): Promise<Moving> {
  const isCommitment = (id: string): boolean => {
    const found = store.find(id);
    return found.length > 0 && found.every(({ table }) => table === 'commitment');
  };
  const promiseIds = ids.filter(isCommitment);
  const noteIds = ids.filter((id) => !promiseIds.includes(id));
  const notes = noteIds.length === 0 ? [] : await findRecords(noteIds, 'note', needs);
  const threads = notes.flatMap((note) => store.notes.thread(note.id));
  return {
    notes: [...new Map(threads.map((note) => [note.id, note])).values()],
    commitments: promiseIds.length === 0 ? [] : await findRecords(promiseIds, 'commitment', needs),
  };
}

async function runMove(request: MoveRequest, needs: NoteNeeds): Promise<ExitName> {
  const { output, globals } = needs;
  const store = await needs.openStore();
  const { notes, commitments } = await findMoving(request.ids, store, needs);
  const target = await findPatient([request.to], needs);
  const there = [...notes, ...commitments].find(({ patient_id }) => patient_id === target.id);
  if (there !== undefined) throw conflict(`${there.ref} is with that patient already`);
  const { value: moved, operation } = store.write({ verb: 'move' }, () => {
    store.patients.present(target);
    for (const note of notes) store.notes.asSeen(note);
    const left = new Set(notes.map(({ id }) => id));
    for (const note of notes) {
      if (!left.has(note.id)) continue;
      store.notes.move(note.id, target.id);
      for (const { id } of store.notes.thread(note.id)) left.delete(id);
    }
    return [
      ...notes.map(({ id }) => store.notes.update(id, {})),
      ...commitments.map((one) =>
        store.commitments.change(one, () => ({ patient_id: target.id, for_person: null })),
      ),
    ];
  });
  if (globals.json) output.json({ schema: 'rapport.move/1', operation: operation ?? null, items: moved });
  else output.print(moved.map((record) => changeLine(record, 'moved', store)).join('\n'));
  return 'ok';
}

export const move = defineCommand<MoveRequest>({
  path: 'move',
  summary: 'give a note or promise to the patient it belongs to',
  group: 'Records',
  arguments: [{ name: 'id', help: 'ref of the note or promise', variadic: true, takes: 'record' }],
  options: [{ flags: '--to <patient>', help: 'whose it is' }],
  examples: ['rapport move k7m2q --to malu', 'rapport move k7m2q h3p8t --to "mar raz"'],
  access: 'unlocked',
  parse: (raw) => {
    const to = raw.option('to');
    if (to === undefined) throw usage('to which patient?', 'rapport move <id> --to malu');
    return { ids: raw.words('id'), to };
  },
  run: runMove,
});
