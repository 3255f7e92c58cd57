/** Whole patients with every field, as fast-check makes them up. */
import fc from 'fast-check';
import { type PartialDate, readPartialDate, type TimeOfDay } from '../../src/dates/civil.ts';
import type { WholePatient } from '../../src/domain/interchange.ts';
import {
  askableFields,
  type Commitment,
  type Contact,
  channels,
  commitmentKinds,
  type Note,
  noteKinds,
  noteStatuses,
  owners,
  type Patient,
  type Person,
  tones,
} from '../../src/domain/records.ts';
import { hasVisibleLetter } from '../../src/domain/text.ts';
import { commitmentStatuses, contactStates } from '../support/sample.ts';
import { anyDate as daysFrom } from '../support/values.ts';

/** The fields of a record before its id and its patient are known. */
type Loose<R> = Omit<R, 'id' | 'ref' | 'patient_id' | 'handle'>;

const isText = (text: string): boolean => text.trim() !== '' && !/\p{Surrogate}/u.test(text);
const characters = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc.constantFrom(
    '"quoted"',
    'back\\slash',
    'two\nlines',
    '\u001b[31mred\u001b[0m',
    '\u202eturned',
    'tab\there',
    "O'Neil",
    '金 明',
  ),
);
const text = characters.filter(isText);
/** Names without a letter to see are refused by an import. */
const nameText = text.filter(hasVisibleLetter);
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });
const day = daysFrom('1901-07-21', '2199-12-28');
const dated: fc.Arbitrary<PartialDate> = fc.oneof(
  day,
  day.map((date) => readPartialDate(date.slice(0, 7)) ?? date),
  day.map((date) => readPartialDate(date.slice(0, 4)) ?? date),
);
const anyDate: fc.Arbitrary<PartialDate> = fc.oneof(
  dated,
  day.map((date) => readPartialDate(`--${date.slice(5)}`) ?? date),
);
const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map(
    ([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}` as TimeOfDay,
  );
const one = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

const patient: fc.Arbitrary<Loose<Patient>> = fc
  .record({
    name: nameText,
    goes_by: orNull(text),
    say: orNull(text),
    pronouns: orNull(text),
    language: orNull(text),
    aliases: fc.uniqueArray(text, { maxLength: 3 }),
    birth_date: orNull(dated),
    first_met: orNull(dated),
    new: fc.boolean(),
    unconfirmed: fc.subarray([...askableFields]),
    declined: fc.subarray([...askableFields]),
    status: one(['active', 'archived', 'died'] as const),
    died_on: orNull(dated),
    cadence_days: orNull(fc.integer({ min: 1, max: 3650 })),
    identifiers: fc.uniqueArray(fc.record({ system: text, value: text }), {
      maxLength: 2,
      selector: (one) => JSON.stringify(one),
    }),
    hold: fc.boolean(),
  })
  .map((fields) => ({ ...fields, died_on: fields.status === 'died' ? fields.died_on : null }));

const person: fc.Arbitrary<Loose<Person>> = fc
  .record({
    name: nameText,
    relation: orNull(text),
    birth_date: orNull(dated),
    status: one(['living', 'died'] as const),
    died_on: orNull(dated),
  })
  .map((fields) => ({ ...fields, died_on: fields.status === 'died' ? fields.died_on : null }));

const note: fc.Arbitrary<Loose<Note>> = fc.record({
  kind: one(noteKinds),
  text,
  recorded_on: orNull(day),
  said_on: orNull(day),
  confirmed_on: orNull(day),
  person: fc.constant(null),
  date: orNull(anyDate),
  yearly: fc.boolean(),
  tone: one(tones),
  reach_out: fc.boolean(),
  sensitive: fc.boolean(),
  show_in_brief: fc.boolean(),
  pinned: fc.boolean(),
  status: one(noteStatuses),
  answered_on: orNull(day),
  answer: orNull(text),
  replaces: fc.constant(null),
  source: one(['typed', 'imported'] as const),
});

const commitment: fc.Arbitrary<Loose<Commitment>> = fc.record({
  text,
  owner: one(owners),
  kind: one(commitmentKinds),
  for_person: fc.constant(null),
  made_on: orNull(day),
  due: orNull(day),
  status: one(commitmentStatuses),
  closed_on: orNull(day),
  how: orNull(text),
  who: orNull(one(owners)),
  reason: orNull(text),
  told_on: orNull(day),
  snoozes: fc.uniqueArray(fc.record({ on: day, from: orNull(day), to: day, reason: orNull(text) }), {
    maxLength: 2,
    selector: (one) => JSON.stringify(one),
  }),
  attempts: fc.uniqueArray(fc.record({ on: day, note: orNull(text) }), {
    maxLength: 2,
    selector: (one) => JSON.stringify(one),
  }),
});

const contact: fc.Arbitrary<Loose<Contact>> = fc.record({
  on: day,
  at: orNull(time),
  time_zone: orNull(one(['Europe/Madrid', 'Asia/Kolkata', 'UTC'])),
  channel: one(channels),
  direction: orNull(one(['in', 'out'] as const)),
  state: one(contactStates),
  gist: orNull(text),
  uid: orNull(text),
  sequence: orNull(fc.nat({ max: 1000 })),
  source: one(['typed', 'imported'] as const),
});

/** Links among the records of one patient: to people, and to notes that stand earlier in the list. */
const links = fc.infiniteStream(fc.nat());

export const wholePatients: fc.Arbitrary<readonly WholePatient[]> = fc
  .array(
    fc.tuple(
      patient,
      fc.array(person, { maxLength: 3 }),
      fc.array(note, { maxLength: 5 }),
      fc.array(commitment, { maxLength: 3 }),
      fc.array(contact, { maxLength: 3 }),
      links,
    ),
    { maxLength: 4 },
  )
  .map((patients) =>
    patients.map(([fields, people, notes, commitments, contacts, choices]): WholePatient => {
      const number = patients.findIndex(([, , , , , other]) => other === choices);
      const id = `p${number}`;
      const pick = (): number => choices.next().value ?? 0;
      const owned = <R extends object>(letter: string, records: readonly R[]) =>
        records.map((record, index) => ({
          ...record,
          id: `${id}-${letter}${index}`,
          ref: `${letter}${number}${index}`,
          patient_id: id,
        }));
      const someone = (): string | null =>
        people.length === 0 || pick() % 2 === 0 ? null : `${id}-w${pick() % people.length}`;
      return {
        patient: { ...fields, id, ref: `r${number}`, handle: `handle-${number}` },
        people: owned('w', people),
        notes: owned('n', notes).map((record, index) => ({
          ...record,
          person: someone(),
          replaces: index === 0 || pick() % 2 === 0 ? null : `${id}-n${pick() % index}`,
        })),
        commitments: owned('c', commitments).map((record) => ({ ...record, for_person: someone() })),
        contacts: owned('v', contacts),
      };
    }),
  );
