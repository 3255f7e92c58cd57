/** What edit, answer, retire, confirm, pin and move share: changing notes in one operation, and saying what became of them. */
import { displayName } from '../domain/patient-names.ts';
import type { Note, Patch } from '../domain/records.ts';
import { cutToWidth, printable } from '../domain/text.ts';
import { conflict } from '../errors.ts';
import type { Store, World } from '../world.ts';
import type { ArgumentDeclaration } from './command.ts';

export type NoteNeeds = Pick<
  World,
  'openStore' | 'questions' | 'clock' | 'output' | 'notices' | 'globals' | 'stdin'
>;

export const noteIds: ArgumentDeclaration = {
  name: 'id',
  help: 'ref of the note, as rapport notes shows it',
  optional: true,
  variadic: true,
  takes: 'note',
};

export interface Told {
  readonly ref: string;
  readonly patient_id: string;
  readonly text: string;
  readonly sensitive?: boolean;
}

/** 'k7m2q retired. Malu Razo: Sings in the choir'. */
export function changeLine(record: Told, outcome: string, store: Store): string {
  const patient = store.patients.byId(record.patient_id);
  const name = patient === undefined ? '' : `${printable(displayName(patient))}: `;
  return `${record.ref} ${outcome}. ${name}${record.sensitive ? '(private)' : cutToWidth(printable(record.text), 60)}`;
}

/** @throws conflict for a note that is retired or was replaced */
export function refuseGone(note: Note): void {
  if (note.status === 'retired' || note.status === 'superseded')
    throw conflict(
      `${note.ref} is ${note.status}${note.status === 'retired' ? ' already' : ' by a newer note'}`,
    );
}

export interface NoteChange {
  /** The command's name, which is the operation's. */
  readonly verb: string;
  readonly notes: readonly Note[];
  readonly patch: (note: Note) => Patch<Note>;
  /** What became of it: 'retired'. */
  readonly outcome: (changed: Note) => string;
}

/** Changes all of them or none, and says what they are now. */
export function changeNotes(change: NoteChange, store: Store, { output, globals }: NoteNeeds): void {
  const { value: changed, operation } = store.write({ verb: change.verb }, () =>
    change.notes.map((note) => store.notes.change(note, change.patch)),
  );
  if (globals.json)
    output.json({ schema: `rapport.${change.verb}/1`, operation: operation ?? null, items: changed });
  else output.print(changed.map((note) => changeLine(note, change.outcome(note), store)).join('\n'));
}
