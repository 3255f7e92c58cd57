/** Saving what `note` was given: its options laid over what the text says. */

import { type Given, optionName } from '../cli/command.ts';
import { dated, day, flag, oneOf, word } from '../cli/kinds.ts';
import type { Store } from '../context.ts';
import type { PartialDate } from '../dates/civil.ts';
import { type Direction, readPartial } from '../dates/grammar.ts';
import type { Entry } from '../domain/capture.ts';
import { refuseReturning } from '../domain/milestones.ts';
import {
  type Commitment,
  type Note,
  noteKinds,
  type Patient,
  type Person,
  tones,
} from '../domain/records.ts';
import { commitmentOf, noteOf, type PlanFacts, type PlannedNote } from '../domain/write-up-plan.ts';
import { usage } from '../errors.ts';
import type { OwnDraft } from '../store/drafts.ts';
import { insertNote } from './visit-records.ts';

export const noteOptions = {
  kind: oneOf(noteKinds, '<kind>', 'what it is, where its text does not say'),
  on: day('back', 'the day that it was said'),
  person: word('<name>', 'whom it is about, of the people around the patient'),
  date: dated('of a milestone or loss: 21 mar, 2026-05, 2026, --06-14', (typed, reading) => {
    const read = (direction: Direction) => readPartial(typed, { ...reading, direction });
    read('nearest');
    return read;
  }),
  yearly: flag('the date returns every year'),
  tone: oneOf(tones, '<tone>', 'joyful, hard or neutral'),
  reachOut: flag('get in touch when its date comes'),
  sensitive: flag('shown only where it is asked for'),
  showInBrief: flag('in the briefing, sensitive or not'),
  pin: flag('first among its kind in the briefing'),
  replaces: word('<note>', 'the older note that it takes the place of'),
  stdin: flag('lines from standard input, a note each'),
  editor: flag('lines in your editor, a note each'),
};

export interface NoteFields
  extends Omit<Given<typeof noteOptions>, 'kind' | 'on' | 'date' | 'pin' | 'stdin' | 'editor'> {
  readonly date: PartialDate | undefined;
  readonly pinned: boolean;
}

/** Options that say something about one note fit no promise, and some fit no list of notes. @throws usage */
export function checkFit(entries: readonly Entry[], fields: NoteFields): void {
  const given = Object.entries(fields)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name]) => (name === 'pinned' ? '--pin' : optionName(name)));
  if (entries.length === 0) throw usage('the text is empty');
  const [first] = given;
  if (first !== undefined && entries.some((entry) => entry.type === 'commitment'))
    throw usage(
      `${first} is for notes, and there is a promise here`,
      "a promise's date is in its text: 'by fri'",
    );
  const single = given.find((name) => name === '--date' || name === '--replaces');
  if (single !== undefined && entries.length > 1) throw usage(`${single} is for one note, not for several`);
}

export interface Extra {
  readonly person: Person | undefined;
  readonly replaced: Note | undefined;
}

const isPlanned = ({ person }: PlannedNote, personId: string): boolean =>
  person !== undefined && person.change !== 'add' && person.id === personId;

function withFields(planned: PlannedNote, fields: NoteFields, { person, replaced }: Extra): PlannedNote {
  const { record } = planned;
  const date = fields.date ?? record.date;
  if (fields.yearly && date === null) throw usage('--yearly wants a date', 'add --date 14 jun');
  return {
    // Whom --person names is linked; marked as died only where the text says that it was this person.
    person: person === undefined || isPlanned(planned, person.id) ? planned.person : undefined,
    record: {
      ...record,
      date,
      yearly: fields.yearly || (date?.startsWith('--') ?? false),
      person: person?.id ?? record.person,
      tone: fields.tone ?? record.tone,
      reach_out: fields.reachOut,
      sensitive: fields.sensitive,
      show_in_brief: fields.showInBrief,
      pinned: fields.pinned,
      replaces: replaced?.id ?? null,
    },
  };
}

type Saved = { readonly entry: Entry } & ({ readonly note: Note } | { readonly commitment: Commitment });

export function saveEntries(
  entries: readonly Entry[],
  fields: NoteFields,
  extra: Extra,
  { patient: seen, ...days }: Pick<PlanFacts, 'on' | 'today'> & { readonly patient: Patient },
  store: Store,
  draft?: OwnDraft,
) {
  return store.write({ verb: 'note' }, () => {
    draft?.discard();
    const patient = store.patients.present(seen);
    if (extra.person !== undefined) store.people.present(extra.person);
    if (extra.replaced !== undefined) store.notes.change(extra.replaced, () => ({ status: 'superseded' }));
    return entries.map((entry): Saved => {
      const facts: PlanFacts = { ...days, patientId: patient.id, people: store.people.of(patient.id) };
      if (entry.type === 'commitment')
        return { entry, commitment: store.commitments.insert(commitmentOf(entry, facts)) };
      const planned = withFields(noteOf(entry, facts), fields, extra);
      const about = facts.people.find(({ id }) => id === planned.record.person);
      const refusal = refuseReturning(patient, planned.record, about);
      if (refusal !== undefined) throw refusal;
      return { entry, note: insertNote(store, planned) };
    });
  });
}

/** The entry as it was saved: an option may have given it its date. */
export const shown = (saved: Saved): Entry =>
  'note' in saved && saved.entry.type !== 'commitment'
    ? { ...saved.entry, date: saved.note.date }
    : saved.entry;
