/** `rapport patient list` and `show`. */
import { aside, type Ctx, command, type Notice } from '../cli/command.ts';
import { flag, oneOf, page, words } from '../cli/kinds.ts';
import type { Store } from '../context.ts';
import { patientDocument, patientFields, surnameOf } from '../domain/patient-names.ts';
import { type Note, type Patient, patientStatuses } from '../domain/records.ts';
import { fold, foldedWords, pick, sortedBy } from '../domain/text.ts';
import { shellQuoted } from '../errors.ts';
import { type PatientFacts, renderPatient, renderPatients } from '../terminal/patient-page.ts';
import { draftLines } from './drafts.ts';
import { didYouMean, firstPatient, nextFrom, openPromises, patient } from './lookup.ts';
import { screenFor } from './sight.ts';

const statusChoices = [...patientStatuses, 'all'] as const;
const orders = ['surname'] as const;
const pageLength = 50;
const mostPatients = 1e9;

interface Listing {
  readonly words: readonly string[];
  readonly status: (typeof statusChoices)[number] | undefined;
  readonly by: (typeof orders)[number] | undefined;
  /** None is all. */
  readonly page: number | undefined;
}

/** With words all that they may mean, whatever became of them; without, the active ones. */
function listed({ words, status, by, page }: Listing, { patients }: Store) {
  const folded = words.flatMap((word) => foldedWords(word));
  const offset = page === undefined ? 0 : (page - 1) * pageLength;
  const limit = page === undefined ? mostPatients : pageLength;
  const hasWords = folded.length > 0;
  const wanted = status === 'all' ? undefined : (status ?? (hasWords ? undefined : 'active'));
  const all = (): readonly Patient[] =>
    hasWords
      ? patients.withWords(folded).filter((patient) => wanted === undefined || patient.status === wanted)
      : patients.all(wanted === undefined ? {} : { status: [wanted] });
  const inOrder = (): readonly Patient[] =>
    by === undefined
      ? all()
      : sortedBy(all(), ({ name, handle }) => [fold(surnameOf(name)), fold(name), handle]);
  const found =
    hasWords || by !== undefined
      ? inOrder().slice(offset, offset + limit + 1)
      : patients.some(wanted, limit + 1, offset);
  return { patients: found.slice(0, limit), isMore: found.length > limit };
}

function whyNone(words: readonly string[], page: number | undefined, store: Store): readonly Notice[] {
  if (page !== undefined && page > 1) return [aside('no more patients')];
  const [near] = didYouMean(words.join(' '), store);
  const step = words.length > 0 ? 'rapport patient list' : firstPatient;
  return [aside('no patients to list'), near ? aside(`hint: ${near}`) : nextFrom(store, step)];
}

export const patientList = command({
  arguments: { words: words('words of the name, or their beginnings') },
  options: {
    status: oneOf(statusChoices, '<status>', 'active ones unless given or named'),
    by: oneOf(orders, '<order>', 'in the order of surnames instead of handles'),
    page: page(pageLength),
    all: flag('all in one list'),
  },
  apart: { all: ['page'] },
  examples: ['', 'razo', '--by surname', '--status died'],
  run({ words, status, by, page: asked, all }, { store, clock, output }) {
    const page = all ? undefined : asked;
    const { patients, isMore } = listed({ words, status, by, page }, store);
    const ids = patients.map(({ id }) => id);
    const seen = store.contacts.lastSeen(ids);
    const today = clock.today();
    return {
      json: () => {
        const next = store.contacts.nextPlanned(ids, today);
        return {
          on: today,
          page: page ?? null,
          more: isMore,
          items: patients.map((patient) => ({
            ...patientDocument(patient),
            ...pick(patient, 'birth_date', 'status', 'died_on'),
            last_seen: seen.get(patient.id) ?? null,
            next_planned: next.get(patient.id)?.on ?? null,
          })),
        };
      },
      text: async () => {
        if (patients.length === 0) return undefined;
        const { style } = output;
        const rows = patients.map((patient) => ({ patient, lastSeen: seen.get(patient.id) }));
        const more = `more: add --page ${(page ?? 1) + 1}, --all, or a name`;
        const list = await renderPatients(rows, today, output);
        return [...list, ...(isMore ? [style.quiet(more)] : [])].join('\n');
      },
      paged: true,
      looked: { count: patients.length },
      notices: patients.length === 0 ? whyNone(words, page, store) : [],
    };
  },
});

function factsOf(patient: Patient, ctx: Ctx): PatientFacts {
  const { store, clock } = ctx;
  const { id } = patient;
  const screen = screenFor(patient, ctx);
  const all = { people: store.people.of(id), notes: store.notes.of(id) };
  const counted = { ...all, commitments: openPromises(store, patient), contacts: store.contacts.of(id) };
  const { people, notes, commitments, contacts, hidden } = screen.records(counted);
  const isKept = ({ status }: Note): boolean => status === 'current' || status === 'answered';
  const today = clock.today();
  return {
    patient,
    people,
    counts: {
      notes:
        notes.filter(isKept).length + all.notes.filter((note) => isKept(note) && screen.counts(note)).length,
      open: commitments.length + hidden.commitments,
      contacts: contacts.length,
    },
    lastSeen: store.contacts.lastSeen([id]).get(id),
    next: store.contacts.nextPlanned([id], today).get(id),
    notSaved: draftLines(store, today, store.drafts.of(id)),
  };
}

export const patientShow = command({
  arguments: { patient },
  examples: ['malu', 'mar raz --json'],
  run({ patient }, ctx) {
    const facts = factsOf(patient, ctx);
    const { people, counts, lastSeen = null, next } = facts;
    return {
      json: () => ({
        patient: patientFields(patient),
        people: people.map(({ patient_id: _, ...person }) => person),
        counts: { notes: counts.notes, open_commitments: counts.open, contacts: counts.contacts },
        last_seen: lastSeen,
        next_planned: next === undefined ? null : pick(next, 'on', 'at', 'channel'),
        draft: facts.notSaved.length > 0,
      }),
      text: async () =>
        (await renderPatient(facts, shellQuoted(patient.handle), ctx.clock.today(), ctx.output)).join('\n'),
      paged: true,
      looked: { patientId: patient.id },
    };
  },
});
