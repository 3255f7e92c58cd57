/** `rapport patient list` and `show`. */
import { aside, command, type Notice } from '../cli/command.ts';
import { flag, oneOf, page, words } from '../cli/kinds.ts';
import type { Store } from '../context.ts';
import { patientDocument, patientFields, surnameOf } from '../domain/patient-names.ts';
import { type Note, type Patient, patientStatuses } from '../domain/records.ts';
import { fold, foldedWords, pick, present, shellQuoted, sortedBy } from '../domain/text.ts';
import { renderPage, renderPatients } from '../terminal/patient-page.ts';
import { draftLines } from './drafts.ts';
import { didYouMean, firstPatient, nextFrom, patient } from './lookup.ts';
import { screenFor } from './sight.ts';
import { wholePage } from './whole-page.ts';

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

const isKept = ({ status }: Note): boolean => status === 'current' || status === 'answered';

export const patientShow = command({
  arguments: { patient },
  options: { sensitive: flag('show private records') },
  examples: ['malu', 'mar raz --json'],
  run({ patient, sensitive }, ctx) {
    const { store, clock, output } = ctx;
    const screen = screenFor(patient, ctx, sensitive);
    const { page, facts, whole } = wholePage(patient, screen, { sensitive, isPaper: false }, ctx);
    const { people, notes, commitments, contacts, leftOut, heldBack } = facts;
    const next = store.contacts.nextPlanned([patient.id], clock.today()).get(patient.id);
    const drafts = draftLines(store, clock.today(), store.drafts.of(patient.id));
    const handle = shellQuoted(patient.handle);
    const below = present(
      leftOut !== null && leftOut > 0 && `+ ${leftOut} private: rapport patient show ${handle} --sensitive`,
      heldBack > 0 && `${heldBack} held back: rapport brief ${handle} --all`,
      page.gone > 0 && `+ ${page.gone} superseded or retired: rapport notes ${handle} --status all`,
    );
    const bare = <R extends { readonly patient_id: string }>({ patient_id: _, ...record }: R) => record;
    return {
      json: () => ({
        patient: patientFields(patient),
        people: people.map(bare),
        counts: {
          notes: whole.notes.filter((note) => isKept(note) && screen.isThere(note)).length,
          open_commitments: whole.commitments.filter((one) => one.status === 'open' && screen.isThere(one))
            .length,
          contacts: contacts.length,
        },
        last_seen: store.contacts.lastSeen([patient.id]).get(patient.id) ?? null,
        next_planned: next === undefined ? null : pick(next, 'on', 'at', 'channel'),
        draft: drafts.length > 0,
        notes: notes.map(bare),
        commitments,
        contacts,
        private: leftOut ?? 0,
        held_back: heldBack,
      }),
      text: async () =>
        [...(await renderPage(page, below, output)), ...drafts.map(output.style.caution)].join('\n'),
      paged: true,
      looked: { patientId: patient.id },
    };
  },
});
