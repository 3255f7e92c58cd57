/** `rapport patient list`, `show` and `add`. A name close to one that is there warns first. */
import { aside, type Ctx, command, type Notice, type Raw } from '../cli/command.ts';
import { askRead, flag, oneOf, page, plain, readingOf, words, wordsOf } from '../cli/kinds.ts';
import type { Store } from '../context.ts';
import { closeNames, type PatientValues, patientPatch } from '../domain/patient-changes.ts';
import { makeHandle, patientDocument, patientFields } from '../domain/patient-names.ts';
import { type Note, newPatient, type Patient, patientStatuses } from '../domain/records.ts';
import { foldedWords, pick } from '../domain/text.ts';
import { cancelled, conflict, Failure, shellQuoted, usage } from '../errors.ts';
import { type PatientFacts, renderPatient, renderPatients } from '../terminal/patient-page.ts';
import { draftLines } from './drafts.ts';
import { newestChange } from './import-store.ts';
import {
  called,
  candidateLines,
  didYouMean,
  firstPatient,
  nextFrom,
  openPromises,
  patient,
} from './lookup.ts';
import { checkName, fieldOptions, lastLine, patientValues, readField, refuseBoth } from './patient-fields.ts';
import { screenFor } from './sight.ts';

const statusChoices = [...patientStatuses, 'all'] as const;
const pageLength = 50;
const mostPatients = 1e9;

/** With words all that they may mean, whatever became of them; without, the active ones. @param page none is all */
function listed(
  words: readonly string[],
  status: (typeof statusChoices)[number] | undefined,
  page: number | undefined,
  { patients }: Store,
) {
  const folded = words.flatMap((word) => foldedWords(word));
  const offset = page === undefined ? 0 : (page - 1) * pageLength;
  const limit = page === undefined ? mostPatients : pageLength;
  const wanted = status === 'all' ? undefined : status;
  const found =
    folded.length === 0
      ? patients.some(status === undefined ? 'active' : wanted, limit + 1, offset)
      : patients
          .withWords(folded)
          .filter((patient) => wanted === undefined || patient.status === wanted)
          .slice(offset, offset + limit + 1);
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
    page: page(pageLength),
    all: flag('all in one list'),
  },
  apart: { all: ['page'] },
  examples: ['', 'mar', '--status died'],
  run({ words, status, page: asked, all }, { store, clock, output }) {
    const page = all ? undefined : asked;
    const { patients, isMore } = listed(words, status, page, store);
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

type NewValues = PatientValues & { readonly name: string };

async function askValues(values: PatientValues, ctx: Ctx): Promise<NewValues> {
  const name = await askRead('Name of the patient?', (answer) => checkName(answer, 'the name'), ctx);
  const ask = (field: 'goes_by' | 'birth_date', question: string) =>
    values[field] === undefined
      ? askRead(question, (answer) => answer.trim() !== '' && readField(field, answer, readingOf(ctx)), ctx)
      : false;
  return {
    ...values,
    name,
    ...(await ask('goes_by', 'Goes by? Enter skips')),
    ...(await ask('birth_date', 'Born? A day, a month or a year; Enter skips')),
  };
}

const linesOf = (close: readonly Patient[], ctx: Ctx): readonly string[] =>
  candidateLines(close.slice(0, 5), ctx).map((line) => `  ${line}`);

const refuseSimilar = (close: readonly Patient[], ctx: Ctx): Failure =>
  new Failure(
    'conflict',
    close.length === 1
      ? 'a patient of a similar name is there already'
      : `${close.length} patients of similar names are there already`,
    ['add --yes if this is somebody else'],
    linesOf(close, ctx),
  );

async function confirmApart(close: readonly Patient[], ctx: Ctx): Promise<void> {
  if (close.length === 0) return;
  if (!ctx.questions.possible) throw refuseSimilar(close, ctx);
  ctx.questions.tell(['There already:', ...linesOf(close, ctx)].join('\n'));
  if (!(await ctx.questions.confirm('Add another patient of that name?', false))) throw cancelled();
}

function settleHandle({ handle: asked, name, goes_by = null }: NewValues, { store }: Ctx): string {
  const isTaken = (handle: string): boolean => store.patients.byHandle(handle) !== undefined;
  if (asked === undefined) return makeHandle({ name, goes_by }, isTaken);
  if (isTaken(asked)) throw conflict(`the handle '${asked}' is another patient's`, 'rapport patient list');
  return asked;
}

const readAliases = (raw: Raw): readonly string[] => [
  ...new Set(wordsOf(raw).map((alias) => checkName(alias, 'an alias'))),
];

export const patientAdd = command({
  arguments: { name: lastLine('the name') },
  options: {
    ...fieldOptions,
    alias: plain('another name to find them by', readAliases, { value: '<name>', repeat: true }),
  },
  refuse(has, { questions }, words) {
    refuseBoth(words, 'declined', 'declined');
    if (!has('name') && !questions.possible)
      throw usage('which name?', 'rapport patient add - reads it from standard input');
  },
  examples: [
    '',
    'María Luisa Razo --goes-by Malu --birth-date 1961',
    'Ned Hintz --new --language Portuguese',
  ],
  async run({ name: known, declined, alias: aliases, ...given }, ctx) {
    const { store } = ctx;
    store.checkWritable();
    const said = patientValues(given);
    const values = known === undefined ? await askValues(said, ctx) : { ...said, name: known };
    const { name, handle: _, ...fields } = values;
    const similar = (): readonly Patient[] =>
      ctx.globals.yes ? [] : closeNames({ name, goes_by: values.goes_by ?? null }, store.patients.all());
    const [shown, shownAt] = [similar(), newestChange(store)];
    await confirmApart(shown, ctx);
    const { value: patient, operation = null } = store.write({ verb: 'patient add' }, (): Patient => {
      const added = newestChange(store) === shownAt ? [] : similar();
      const unseen = added.filter(({ id }) => !shown.some((one) => one.id === id));
      if (unseen.length > 0) throw refuseSimilar(unseen, ctx);
      const blank = newPatient({ name, handle: settleHandle(values, ctx), aliases });
      return store.patients.insert({
        ...blank,
        ...patientPatch(blank, { values: fields, declined, confirmed: [] }),
      });
    });
    const handle = shellQuoted(patient.handle);
    return {
      json: { operation, patient: patientFields(patient) },
      text: `${patient.ref} ${called(patient)} added`,
      notices: [aside(`next: rapport commit ${handle}, or rapport patient add`)],
    };
  },
});
