import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCivilDate } from '../../src/dates/civil.ts';
import { issueLine } from '../../src/domain/import-issues.ts';
import { planImport } from '../../src/domain/import-plan.ts';
import { type GivenDocument, type Held, type ImportPlan, isOfEvent } from '../../src/domain/interchange.ts';
import {
  type Commitment,
  type Contact,
  type New,
  type Note,
  newCommitment,
  newNote,
  newPatient,
  newPerson,
  type Patient,
  type Person,
} from '../../src/domain/records.ts';
import { Failure } from '../../src/errors.ts';
import { readRapport } from '../../src/formats/rapport.ts';
import { writeRapport } from '../../src/formats/rapport-writer.ts';
import { wholePatients } from '../formats/arbitraries.ts';

const today = readCivilDate('2026-03-12') ?? expect.fail('a date');
const before = readCivilDate('2025-12-09') ?? expect.fail('a date');

interface Records {
  readonly patients?: readonly Patient[];
  readonly people?: readonly Person[];
  readonly notes?: readonly Note[];
  readonly commitments?: readonly Commitment[];
  readonly contacts?: readonly Contact[];
}

/** What a vault with these records answers. */
function holding({ patients = [], people = [], notes = [], commitments = [], contacts = [] }: Records): Held {
  const byId = <R extends { readonly id: string }>(
    records: readonly R[],
  ): ((id: string) => R | undefined) => {
    const map = new Map(records.map((record) => [record.id, record]));
    return (id) => map.get(id);
  };
  return {
    patients,
    person: byId(people),
    note: byId(notes),
    commitment: byId(commitments),
    contact: byId(contacts),
    peopleOf: (patientId) => people.filter(({ patient_id }) => patient_id === patientId),
    contactsOf: (patientId) => contacts.filter(({ patient_id }) => patient_id === patientId),
    contactsOfEvent: (uid) =>
      contacts.filter((contact) => contact.uid !== null && isOfEvent(contact.uid, uid)),
    commitmentsOf: (patientId) => commitments.filter(({ patient_id }) => patient_id === patientId),
    calendar: { closed_days: [{ on: before, name: 'Fair' }], away: [], weekend: [6, 7] },
    wasForgotten: (name) => name === 'Gone',
  };
}

const stored = <R extends { readonly id: string; readonly ref: string }>(id: string, record: New<R>): R =>
  ({ ...record, id, ref: id }) as unknown as R;

const malu = stored<Patient>(
  'malu',
  newPatient({ name: 'María Razo', handle: 'malu', goes_by: 'Malu', aliases: ['Mari'], hold: true }),
);
const ana = stored<Person>('ana', newPerson({ patient_id: 'malu', name: 'Ana' }));
const wedding = stored<Note>(
  'n1',
  newNote({ patient_id: 'malu', kind: 'milestone', text: 'Wedding', recorded_on: before, person: 'ana' }),
);
const promise = stored<Commitment>(
  'c1',
  newCommitment({
    patient_id: 'malu',
    text: 'Call',
    owner: 'me',
    kind: 'call',
    made_on: before,
    attempts: [{ on: before, note: null }],
  }),
);
const vault = holding({ patients: [malu], people: [ana], notes: [wedding], commitments: [promise] });
const empty = holding({});

const documentOf = (...patients: readonly object[]): GivenDocument =>
  readRapport(JSON.stringify({ format: 'rapport', version: 1, patients }), { skipBad: true });
const plan = (document: GivenDocument, held: Held = vault): ImportPlan =>
  planImport(document, held, { today, skipBad: false });
const plannedPatient = (document: GivenDocument, held?: Held) =>
  plan(document, held).patients[0] ?? expect.fail('no patient');

function refusal(document: GivenDocument, held: Held = vault): string {
  try {
    plan(document, held);
  } catch (error) {
    if (error instanceof Failure && error.exit === 'usage') return error.message;
    throw error;
  }
  return 'it was accepted';
}

const list = (...rows: readonly Record<string, unknown>[]): GivenDocument => ({
  ...documentOf(),
  matching: 'name-and-birth',
  patients: rows.map((fields, index) => ({
    path: `line ${index + 2}`,
    fields,
    people: [],
    notes: [],
    commitments: [],
    contacts: [],
  })),
});

describe('planning an import', () => {
  it('makes a new patient whole, with a handle of their own', () => {
    const { whole, known } = plannedPatient(documentOf({ name: 'Malu Sanz', notes: [{ text: 'Sings' }] }));
    expect(known).toBeUndefined();
    expect(whole).toEqual(newPatient({ name: 'Malu Sanz', handle: 'malu-s' }));
    const { notes } = plannedPatient(documentOf({ name: 'Malu Sanz', notes: [{ text: 'Sings' }] }));
    expect(notes.add).toEqual([
      expect.objectContaining({ kind: 'story', recorded_on: null, source: 'imported', status: 'current' }),
    ]);
  });

  it('leaves absent fields, clears with null, joins lists and never lowers a hold', () => {
    const { patch } = plannedPatient(
      documentOf({ id: 'malu', goes_by: null, aliases: ['Lu', 'Mari'], hold: false, language: 'Thai' }),
    );
    expect(patch).toEqual({ goes_by: null, aliases: ['Mari', 'Lu'], language: 'Thai' });
  });

  it('finds nothing to do where nothing differs', () => {
    const again = plan(
      documentOf({
        id: 'malu',
        name: 'María Razo',
        people: [{ id: 'ana', name: 'Ana' }],
        notes: [{ id: 'n1', text: 'Wedding' }],
        commitments: [{ id: 'c1', attempts: [{ on: before }] }],
      }),
    );
    expect(again.skip).toMatchObject({ patients: 1, people: 1, notes: 1, commitments: 1 });
    expect([...Object.values(again.add), ...Object.values(again.change)].every((count) => count === 0)).toBe(
      true,
    );
  });

  it('changes known records in place', () => {
    const { notes, commitments } = plannedPatient(
      documentOf({
        id: 'malu',
        notes: [{ id: 'n1', text: 'The wedding', person: null }],
        commitments: [{ id: 'c1', attempts: [{ on: today, note: 'no answer' }] }],
      }),
    );
    expect(notes.change).toEqual([{ id: 'n1', patch: { text: 'The wedding', person: null } }]);
    expect(commitments.change).toEqual([
      {
        id: 'c1',
        patch: {
          attempts: [
            { on: before, note: null },
            { on: today, note: 'no answer' },
          ],
        },
      },
    ]);
  });

  it.each([
    [
      'a note of another patient',
      { name: 'Bo', notes: [{ id: 'n1', text: 'x' }] },
      'patients[0].notes[0].id: "n1" belongs to another patient',
    ],
    [
      'a person of another patient',
      { id: 'bo', name: 'Bo', notes: [{ text: 'x', person: 'ana' }] },
      'patients[0].notes[0].person: "ana" leads to nobody around this patient',
    ],
    [
      'a promise for nobody',
      { id: 'malu', commitments: [{ text: 'x', for_person: 'bea' }] },
      'patients[0].commitments[0].for_person: "bea" leads to nobody around this patient',
    ],
    [
      'a link to no note',
      { id: 'malu', notes: [{ text: 'x', replaces: 'n9' }] },
      'patients[0].notes[0].replaces: "n9" leads to no note of this patient',
    ],
    [
      'a note that replaces itself',
      { id: 'malu', notes: [{ id: 'a', text: 'x', replaces: 'a' }] },
      'patients[0].notes[0].replaces: "a" leads in a circle',
    ],
    [
      'a known note in a circle',
      {
        id: 'malu',
        notes: [
          { id: 'a', text: 'x', replaces: 'n1' },
          { id: 'n1', replaces: 'a' },
        ],
      },
      'patients[0].notes[0].replaces: "n1" leads in a circle, and 1 more',
    ],
    ['no name', { id: 'bo' }, 'patients[0].name: missing'],
    [
      'a note without text',
      { id: 'malu', notes: [{ id: 'n2', kind: 'story' }] },
      'patients[0].notes[0].text: missing',
    ],
    [
      'a contact without a day',
      { id: 'malu', contacts: [{ id: 'v1' }] },
      'patients[0].contacts[0].on: missing',
    ],
    [
      'a death of the living',
      { id: 'malu', status: 'active', died_on: '2026-02-02' },
      'patients[0].died_on: given, but status is not "died"',
    ],
  ])('refuses %s', (_, patient, message) => expect(refusal(documentOf(patient))).toBe(message));

  it('refuses a handle that another known patient has, and makes another for a new one', () => {
    const bo = stored<Patient>('bo', newPatient({ name: 'Bo', handle: 'bo' }));
    expect(refusal(documentOf({ id: 'bo', handle: 'malu' }), holding({ patients: [malu, bo] }))).toBe(
      'patients[0].handle: "malu" is another patient\'s',
    );
    const { patients, notices } = plan(documentOf({ name: 'Cy', handle: 'malu' }));
    expect(patients[0]?.whole.handle).toBe('cy');
    expect(notices).toEqual(['the handle malu is taken: cy is given instead']);
  });

  it('warns of a patient who was forgotten', () => {
    expect(plan(documentOf({ name: 'Gone' })).notices).toEqual([
      'Gone: a patient of that name was forgotten here before',
    ]);
  });

  it('never takes a handle that a later patient brings', () => {
    const { patients } = plan(documentOf({ name: 'Ann' }, { name: 'Bo', handle: 'ann' }), empty);
    expect(patients.map(({ whole }) => whole.handle)).toEqual(['ann-2', 'ann']);
  });

  it('leaves out bad records with all that leads to them', () => {
    const document = documentOf(
      {
        name: 'Ann',
        notes: [
          { id: 'a', text: 'x', replaces: 'gone' },
          { id: 'b', text: 'y', replaces: 'a' },
          { id: 'c', text: 'z' },
        ],
      },
      { id: 'nobody' },
    );
    const skipped = planImport(document, empty, { today, skipBad: true });
    expect(skipped.patients.map(({ notes }) => notes.add.map(({ id }) => id))).toEqual([['c']]);
    expect(skipped.refuse.map(issueLine)).toEqual([
      'patients[1].name: missing',
      'patients[0].notes[0].replaces: "gone" leads to no note of this patient',
      'patients[0].notes[1].replaces: "a" leads to a note that is left out',
    ]);
  });

  it('stores replaced notes first, and marks them as superseded', () => {
    const { notes } = plannedPatient(
      documentOf({
        id: 'malu',
        notes: [
          { id: 'c', text: '3', replaces: 'b' },
          { id: 'b', text: '2', replaces: 'n1' },
        ],
      }),
    );
    expect(notes.add.map(({ id, status }) => [id, status])).toEqual([
      ['b', 'superseded'],
      ['c', 'current'],
    ]);
    expect(notes.change).toEqual([{ id: 'n1', patch: { status: 'superseded' } }]);
  });

  it('reports a death with the promises that it leaves open', () => {
    const { patients, notices } = plan(
      documentOf({ id: 'malu', died_on: '2026-02-02', commitments: [{ text: 'Write' }] }),
    );
    expect(patients[0]?.patch).toEqual({ status: 'died', died_on: '2026-02-02' });
    expect(notices).toEqual(['Malu Razo died with 2 open promises: rapport patient died malu']);
    expect(
      plan(documentOf({ id: 'malu', died_on: '2026-02-02', commitments: [{ id: 'c1', status: 'dropped' }] }))
        .notices,
    ).toEqual([]);
  });

  it('adds what the calendar lacks', () => {
    const document = {
      ...documentOf(),
      calendar: {
        closed_days: [
          { on: before, name: 'Fair' },
          { on: today, name: 'Strike' },
        ],
        away: [],
        weekend: [7, 6],
      },
    };
    const { calendar, add, skip } = plan(document);
    expect(calendar).toEqual({ closed_days: [{ on: today, name: 'Strike' }] });
    expect([add.calendar, skip.calendar]).toEqual([1, 1]);
  });

  it('walks a long thread once', () => {
    const notes = Array.from({ length: 50_000 }, (_, index) => ({
      id: `x${index}`,
      text: 'x',
      replaces: index === 49_999 ? null : `x${index + 1}`,
    }));
    expect(plannedPatient(documentOf({ name: 'Ann', notes }), empty).notes.add[0]?.id).toBe('x49999');
    const broken = documentOf({
      name: 'Ann',
      notes: notes.map((note) => (note.replaces === null ? { ...note, replaces: 'gone' } : note)),
    });
    expect(planImport(broken, empty, { today, skipBad: true }).patients[0]?.notes.add).toEqual([]);
  });
});

describe('a list of patients', () => {
  it('knows them again by name and birth date, and adds nothing twice', () => {
    const row = {
      name: 'Ann Lee',
      birth_date: '1961-04-03',
      language: 'Thai',
      unconfirmed: ['language', 'birth_date'],
    };
    const first = plan(list(row), empty);
    expect(first.add.patients).toBe(1);
    const ann = stored<Patient>('ann', first.patients[0]?.whole ?? expect.fail('no patient'));
    const second = plan(
      list({ ...row, name: 'ANN LÉE' }, { ...row, birth_date: '1999' }),
      holding({ patients: [{ ...ann, name: 'Ann Lée' }] }),
    );
    expect([second.add.patients, second.change.patients + second.skip.patients]).toEqual([1, 1]);
    expect(second.notices).toEqual(['Ann Lee: a patient of that name is there already (ann)']);
    expect(plan(list(row), holding({ patients: [ann] })).skip.patients).toBe(1);
  });

  it('fills in what is missing and leaves what was confirmed or declined', () => {
    const ann = stored<Patient>(
      'ann',
      newPatient({
        name: 'Ann',
        handle: 'ann',
        goes_by: 'Annie',
        language: 'Thai',
        unconfirmed: ['language'],
        declined: ['pronouns'],
      }),
    );
    const { patients, notices } = plan(
      list({
        name: 'Ann',
        goes_by: 'Nan',
        language: 'Lao',
        pronouns: 'she/her',
        say: 'AN',
        unconfirmed: ['goes_by', 'say', 'pronouns', 'language'],
      }),
      holding({ patients: [ann] }),
    );
    expect(patients[0]?.patch).toEqual({ language: 'Lao', say: 'AN', unconfirmed: ['language', 'say'] });
    expect(notices).toEqual(['2 fields differ from what is confirmed in the vault and stay as they are']);
  });

  it('joins rows of one patient', () => {
    const { patients, notices } = plan(
      list({ name: 'Ann', birth_date: '1961' }, { name: 'Ann', birth_date: '1961', died_on: '2020-01-02' }),
      empty,
    );
    expect(patients).toHaveLength(1);
    expect(patients[0]?.whole).toMatchObject({ status: 'died', died_on: '2020-01-02', handle: 'ann' });
    expect(notices).toEqual(['Ann: line 3 repeats line 2 and was joined with it']);
  });

  it('refuses a row that could mean two patients of the vault', () => {
    const twins = ['a', 'b'].map((id) => stored<Patient>(id, newPatient({ name: 'Ann', handle: id })));
    expect(refusal(list({ name: 'Ann' }), holding({ patients: twins }))).toBe(
      'line 2: several patients of this name and birth date are in the vault',
    );
  });
});

describe('export, import, export', () => {
  it('adds every record as it was, and a second import finds nothing to do', () => {
    fc.assert(
      fc.property(wholePatients, (patients) => {
        const text = [
          ...writeRapport({ exportedAt: '2026-03-12T08:00:00.000Z', patients, calendar: undefined }),
        ].join('\n');
        const document = readRapport(text, { skipBad: false });
        const added = plan(document, empty);
        const withoutRef = ({ ref: _, ...record }: { readonly ref: string }): object => record;
        const owned = (records: readonly object[], patient_id: string | undefined) =>
          records.map((record) => ({ ...record, patient_id }));
        expect(added.patients.map(({ whole }) => whole)).toEqual(
          patients.map(({ patient }) => withoutRef(patient)),
        );
        for (const [index, planned] of added.patients.entries()) {
          const original = patients[index] ?? expect.fail('a patient too many');
          for (const table of ['people', 'commitments', 'contacts'] as const)
            expect(owned(planned[table].add, planned.whole.id)).toEqual(original[table].map(withoutRef));
          const byId = (left: { id?: string }, right: { id?: string }): number =>
            (left.id ?? '').localeCompare(right.id ?? '');
          expect((owned(planned.notes.add, planned.whole.id) as { id?: string }[]).toSorted(byId)).toEqual(
            (original.notes.map(withoutRef) as { id?: string }[]).toSorted(byId),
          );
        }
        const again = plan(
          document,
          holding({
            patients: patients.map(({ patient }) => patient),
            people: patients.flatMap(({ people }) => people),
            notes: patients.flatMap(({ notes }) => notes),
            commitments: patients.flatMap(({ commitments }) => commitments),
            contacts: patients.flatMap(({ contacts }) => contacts),
          }),
        );
        expect(
          again.patients
            .flatMap(({ patch, notes, people }) => [patch, ...notes.change, ...notes.add, ...people.change])
            .filter(Boolean),
        ).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
