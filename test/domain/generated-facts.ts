/** Generated patients for what must hold of any briefing: every kind of note, any text, deaths, and up to thousands of notes. */
import fc from 'fast-check';
import { addDays, type CivilDate } from '../../src/dates/civil.ts';
import type { BriefingFacts, BriefingOptions } from '../../src/domain/briefing/briefing.ts';
import type { Note } from '../../src/domain/records.ts';
import { fieldsFrom } from '../support/arbitraries.ts';
import { anyDate } from '../support/values.ts';

export const on = '2026-03-12' as CivilDate;
export const options: BriefingOptions = {
  on,
  all: false,
  sensitive: false,
  ownLanguage: 'English',
  privateCounts: true,
};

const dates = anyDate('2019-01-01', '2028-12-31');
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
const pastDates = dates.filter((date) => date <= on);
const any = fieldsFrom({ text: texts, day: pastDates });

/** Some of a record, with ids of their number. */
const some = <R extends object>(letter: string, fields: fc.Arbitrary<R>, maxLength: number, minLength = 0) =>
  fc.array(fields, { minLength, maxLength }).map((list) =>
    list.map((one, index) => ({
      ...one,
      id: `${letter}${index}`,
      ref: `${letter}${index}`,
      patient_id: 'p',
    })),
  );

const note = fc
  .tuple(any.note, fc.option(dates), fc.constantFrom(null, 'p0', 'p1', 'p2'))
  .map(([fields, date, person]) => ({
    ...fields,
    person,
    // Joy about somebody who died is held back, and its own test's matter; dates of milestones may lie ahead.
    tone: 'neutral' as const,
    date: fields.date?.length === 10 ? date : fields.date,
    status: 'current' as const,
    replaces: null,
    show_in_brief: false,
  }));
const commitment = fc
  .tuple(any.commitment, fc.option(fc.oneof(dates, fc.constant<CivilDate>(on))), pastDates)
  .map(([fields, due, closed]) => ({
    ...fields,
    due,
    for_person: null,
    closed_on: fields.status === 'open' ? null : closed,
  }));

const person = fc
  .tuple(any.person, fc.constantFrom('June', 'Tom', 'Leo'))
  .map(([fields, name]) => ({ ...fields, name }));

export const facts: fc.Arbitrary<BriefingFacts> = fc.record({
  patient: any.patient.map((fields) => ({
    ...fields,
    name: fields.name.slice(0, 200),
    status: 'active' as const,
    died_on: null,
    handle: 'p',
    id: 'p',
    ref: 'ppppp',
  })),
  people: some('p', person, 3, 3),
  notes: some('n', note, 40),
  answered: some('a', note, 4).map((list) => list.map((one) => ({ ...one, status: 'answered' as const }))),
  commitments: some('c', commitment, 15),
  contacts: some('v', any.contact, 6),
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
