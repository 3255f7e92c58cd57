/** Generated patients for what must hold of any briefing: every kind of note, any text, deaths, and up to thousands of notes. */
import fc from 'fast-check';
import { addDays, type CivilDate } from '../../src/dates/civil.ts';
import type { BriefingFacts, BriefingOptions } from '../../src/domain/briefing/briefing.ts';
import {
  type Commitment,
  type Note,
  newCommitment,
  newContact,
  newNote,
  newPatient,
  newPerson,
  noteKinds,
  owners,
} from '../../src/domain/records.ts';
import { anyDate } from '../support/values.ts';

export const on = '2026-03-12' as CivilDate;
export const options: BriefingOptions = { on, all: false, sensitive: false, ownLanguage: 'English' };

const dates = anyDate('2019-01-01', '2028-12-31');
const pastDates = dates.filter((date) => date <= on);
const words = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[a-z]{1,9}$/) },
  fc.constantFrom(
    '李明',
    'нет',
    'e\u0301te\u0301',
    '👩‍⚕️',
    '\u001b[31mred',
    '"quoted"',
    'a'.repeat(90),
    '·',
    '\u202eabc',
  ),
);
const texts = fc.array(words, { minLength: 1, maxLength: 45 }).map((list) => list.join(' '));
const people = ['p0', 'p1', 'p2'];
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });

const notes = fc
  .array(
    fc.record({
      kind: fc.constantFrom(...noteKinds),
      text: texts,
      recorded_on: maybe(pastDates),
      person: maybe(fc.constantFrom(...people)),
      date: maybe(
        fc.oneof(
          dates,
          dates.map((date) => `--${date.slice(5)}` as CivilDate),
          dates.map((date) => date.slice(0, 7) as CivilDate),
        ),
      ),
      yearly: fc.boolean(),
      sensitive: fc.boolean(),
      pinned: fc.boolean(),
    }),
    { maxLength: 40 },
  )
  .map((list): readonly Note[] =>
    list.map((fields, index) => ({
      ...newNote({ patient_id: 'p', ...fields }),
      id: `n${index}`,
      ref: `n${index}`,
    })),
  );
const commitments = fc
  .array(
    fc.record({
      text: texts,
      owner: fc.constantFrom(...owners),
      kind: fc.constantFrom('call', 'send', 'welcome', 'other'),
      made_on: pastDates,
      due: maybe(fc.oneof(dates, fc.constant(on))),
      status: fc.constantFrom('open', 'open', 'kept'),
      closed_on: pastDates,
    }),
    { maxLength: 15 },
  )
  .map((list): readonly Commitment[] =>
    list.map((fields, index) => ({
      ...newCommitment({
        patient_id: 'p',
        ...fields,
        closed_on: fields.status === 'kept' ? fields.closed_on : null,
      }),
      id: `c${index}`,
      ref: `c${index}`,
    })),
  );
export const facts: fc.Arbitrary<BriefingFacts> = fc.record({
  patient: fc
    .record({
      name: texts,
      goes_by: maybe(texts),
      say: maybe(texts),
      language: maybe(texts),
      new: fc.boolean(),
    })
    .map((fields) => ({
      ...newPatient({ handle: 'p', ...fields, name: fields.name.slice(0, 200) }),
      id: 'p',
      ref: 'ppppp',
    })),
  people: fc
    .array(fc.record({ died: fc.boolean(), on: pastDates, name: fc.constantFrom('June', 'Tom', 'Leo') }), {
      minLength: 3,
      maxLength: 3,
    })
    .map((list) =>
      list.map(({ died, on: day, name }, index) => ({
        ...newPerson({
          patient_id: 'p',
          name,
          ...(died ? { status: 'died' as const, died_on: day } : { birth_date: day }),
        }),
        id: people[index] ?? '',
        ref: people[index] ?? '',
      })),
    ),
  notes,
  commitments,
  contacts: fc.array(pastDates, { maxLength: 6 }).map((days) =>
    days.map((day, index) => ({
      ...newContact({ patient_id: 'p', on: day, channel: 'visit', state: 'held' }),
      id: `v${index}`,
      ref: `v${index}`,
    })),
  ),
  shown: fc.constant(new Map()),
  hasNamesake: fc.boolean(),
});

/** How the pool of one patient becomes so many notes. */
const spread = fc.record({
  step: fc.integer({ min: 1, max: 400 }),
  /** Every so many notes, one takes the place of the one before it; 1 never does. */
  thread: fc.integer({ min: 1, max: 6 }),
  shown: fc.integer({ min: 1, max: 9 }),
});

/** The same patients with as many notes as asked for, dated apart, some in threads, some shown before. */
export const factsWith = (size: fc.Arbitrary<number>): fc.Arbitrary<BriefingFacts> =>
  fc.tuple(facts, size, spread).map(([given, count, { step, thread, shown }]) => {
    const pool = given.notes;
    const list = Array.from({ length: pool.length === 0 ? 0 : count }, (_, index): Note => {
      const note = pool[index % pool.length] as Note;
      const day = note.recorded_on;
      const isReplacing = thread > 1 && index % thread === 1;
      const isReplaced = thread > 1 && index % thread === 0 && index + 1 < count;
      return {
        ...note,
        id: `n${index}`,
        ref: `n${index}`,
        recorded_on: day === null ? null : addDays(day, -((index * step) % 3000)),
        // A newer note wins whether or not the older one was marked.
        status: isReplaced && index % 4 === 0 ? 'superseded' : 'current',
        replaces: isReplacing ? `n${index - 1}` : null,
        show_in_brief: index % 7 === 0,
      };
    });
    const seen = list
      .filter((_, index) => index % shown === 0)
      .map((note, index) => [note.id, index % 4] as const);
    return { ...given, notes: list, shown: new Map(seen) };
  });
