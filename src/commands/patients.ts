/** `rapport patient list` and `show`, and what a patient's page may show, on the screen and on paper. */

import { aside, type Ctx, command, type Notice } from '../cli/command.ts';
import { flag, oneOf, page, words } from '../cli/kinds.ts';
import type { Store } from '../context.ts';
import type { WholePatient } from '../domain/interchange.ts';
import { mayBePrivate } from '../domain/line-marks.ts';
import { worldOf } from '../domain/losses.ts';
import { patientDocument, patientFields, surnameOf } from '../domain/patient-names.ts';
import { composePage, type PageFacts } from '../domain/patient-sections.ts';
import type { Hidden, Screening } from '../domain/privacy.ts';
import { withoutHeldBack } from '../domain/privacy.ts';
import { type Note, type Patient, patientStatuses } from '../domain/records.ts';
import { fold, foldedWords, pick, present, shellQuoted, sortedBy } from '../domain/text.ts';
import { listLines } from '../terminal/list-view.ts';
import { patientColumns, renderPage } from '../terminal/patient-page.ts';
import { draftLines } from './drafts.ts';
import { didYouMean, firstPatient, nextFrom, patient } from './lookup.ts';
import { earlierTexts } from './refs.ts';
import { screenFor } from './sight.ts';

const byId = <R extends { readonly id: string }>(records: readonly R[]): readonly R[] =>
  sortedBy(records, ({ id }) => [id]);

/** A patient with everything, each list in an order that does not depend on how it came in. */
export const wholePatient = (store: Store, patient: Patient): WholePatient => ({
  patient,
  people: byId(store.people.of(patient.id)),
  notes: sortedBy(store.notes.of(patient.id), ({ recorded_on, id }) => [recorded_on ?? '', id]),
  commitments: byId(store.commitments.of(patient.id)),
  contacts: byId(store.contacts.of(patient.id)),
});

type Manner = Readonly<Record<'sensitive' | 'isPaper', boolean>>;

function loggedOf(patient: Patient, { store, clock }: Ctx): PageFacts['logged'] {
  const rows = store.log.rows({ patientId: patient.id, limit: Number.MAX_SAFE_INTEGER });
  const [last] = rows;
  const first = rows.at(-1);
  return last && first
    ? { count: rows.length, first: clock.local(first.at).date, last: clock.local(last.at).date }
    : undefined;
}

/** What a screen leaves to paper. */
const onScreen = { earlier: new Map(), drafts: [], logged: undefined, lastBackup: undefined };

/** @returns what was typed and may be shown, and how many lines may not */
function typedFor(patient: Patient, sensitive: boolean, { store }: Ctx) {
  const all = store.drafts
    .of(patient.id)
    .map(({ on, lines }) => ({ on, lines: lines.map(({ text }) => text) }));
  const drafts = all.map(({ on, lines }) => ({
    on,
    lines: lines.filter((line) => sensitive || !mayBePrivate(line)),
  }));
  const count = (some: typeof all): number => some.flatMap(({ lines }) => lines).length;
  return { drafts, unseen: count(all) - count(drafts) };
}

export function wholePage(patient: Patient, screen: Screening, { sensitive, isPaper }: Manner, ctx: Ctx) {
  const { store, clock } = ctx;
  const today = clock.today();
  const whole = wholePatient(store, patient);
  const { hidden: unseen, ...known } = screen.records(whole);
  const world = worldOf({ ...whole, notes: whole.notes.map(screen.renamed) }, today, sensitive);
  const { heldBack, private: held, ...free } = withoutHeldBack(known, world);
  const typed = isPaper ? typedFor(patient, sensitive, ctx) : { drafts: [], unseen: 0 };
  const hidden: Hidden = { ...unseen, notes: unseen.notes + (screen.isSilent ? 0 : held + typed.unseen) };
  const same = known.people.flatMap((person) => store.patients.byId(person.patient ?? '') ?? []);
  const backup = store.backups.last();
  const onPaper = isPaper && {
    earlier: earlierTexts(free.notes, screen, ctx),
    drafts: typed.drafts.map(({ on, lines }) => ({ on, lines: lines.map(screen.text) })),
    logged: loggedOf(patient, ctx),
    lastBackup: backup === undefined ? undefined : clock.local(backup).date,
  };
  const facts: PageFacts = {
    ...known,
    ...free,
    ...{ today, world, isPaper, heldBack },
    handles: new Map(same.map(({ id, handle }) => [id, handle])),
    leftOut: screen.isSilent ? null : hidden.notes + hidden.commitments + hidden.gists,
    ...(onPaper || onScreen),
  };
  return { page: composePage(facts), facts, whole, hidden };
}

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
      : patients.all(wanted && [wanted]);
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
        const hasStatus = patients.some((patient) => patient.status !== 'active');
        const list = await listLines(rows, patientColumns(today, hasStatus), output, { head: true });
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
        patient: patientFields(facts.patient),
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
