/** From typed words to one patient, or a person around one; several matches are a choice, or an `ambiguous` failure. */
import { type Ctx, type Kind, type Notice, next, opened } from '../cli/command.ts';
import { words, wordsOf } from '../cli/kinds.ts';
import type { Store } from '../context.ts';
import { type CivilDate, shortDate, spanOf, yearOf } from '../dates/civil.ts';
import {
  displayName,
  joinedName,
  mostNameWords,
  nameKey,
  nameWords,
  narrow,
  nearNames,
  personName,
  wordsFor,
} from '../domain/patient-names.ts';
import { relationSenses } from '../domain/people-words.ts';
import { type Commitment, isVisit, type Patient, type Person } from '../domain/records.ts';
import { foldedWords, present, printable, shellQuoted } from '../domain/text.ts';
import { Failure, notFound, usage } from '../errors.ts';
import type { Choice } from '../terminal/line-prompts.ts';

/** As a line has it: on one line, without control characters. */
export const nameOf = (patient: Pick<Patient, 'name' | 'goes_by'>): string => printable(displayName(patient));

/** 'Malu Razo (malu)'. */
export const called = (patient: Patient): string => `${nameOf(patient)} (${printable(patient.handle)})`;

/** 'Ana (daughter)'; 'daughter' where her name is not known. */
export const calledPerson = (person: Person): string => {
  const { name, relation } = person;
  return printable(name === null || relation === null ? personName(person) : `${name} (${relation})`);
};

/** A line for each, by which people tell them apart: name, handle, birth year, last seen, a visit today. */
export function candidateLines(patients: readonly Patient[], { store, clock }: Ctx): readonly string[] {
  const today = clock.today();
  const ids = patients.map((patient) => patient.id);
  const seen = store.contacts.lastSeen(ids);
  const next = store.contacts.nextPlanned(ids, today);
  return patients.map((patient) => {
    const last = seen.get(patient.id);
    const visit = next.get(patient.id);
    return present(
      nameOf(patient),
      `(${printable(patient.handle)})`,
      patient.birth_date !== null && `born ${yearOf(spanOf(patient.birth_date)?.first ?? '')}`,
      last === undefined ? 'no visit recorded' : `last seen ${shortDate(last, today)}`,
      visit?.on === today && `today${visit.at === null ? '' : ` ${visit.at}`}`,
      patient.status !== 'active' && patient.status,
    ).join('  ');
  });
}

/** Each as a choice: what is typed is looked for in names and the handle alone. */
function choicesOf(patients: readonly Patient[], ctx: Ctx): readonly Choice<Patient>[] {
  const lines = candidateLines(patients, ctx);
  return patients.map((value, place) => ({
    name: lines[place] ?? value.handle,
    value,
    words: wordsFor(value).join(' '),
  }));
}

async function choose(question: string, patients: readonly Patient[], ctx: Ctx): Promise<Patient> {
  return ctx.store.patients.present(await ctx.questions.choose(question, choicesOf(patients, ctx)));
}

/** By the whole handle, else by ref or id. */
export function exactlyCalled(query: string, { find, patients }: Store): readonly Patient[] {
  const typed = query.normalize('NFC').toLowerCase();
  const byHandle = patients.byHandle(typed);
  if (byHandle?.handle === typed) return [byHandle];
  if (/\s/u.test(query)) return [];
  return find(query).flatMap(({ table, id }) => (table === 'patient' && patients.byId(id)) || []);
}

export function matchesOf(query: string, store: Store): readonly Patient[] {
  const exact = exactlyCalled(query, store);
  if (exact.length > 0) return exact;
  const forms = [query, joinedName(query)].map(foldedWords);
  const known = forms.flatMap((words) =>
    words.length > mostNameWords ? [] : store.patients.withWords(words),
  );
  const byId = new Map(known.map((patient) => [patient.id, patient]));
  return narrow(query, [...byId.values()]);
}

const whichPatient = ['which patient?', 'give a handle, a ref or words of the name'] as const;

export async function choosePatient(
  ctx: Ctx,
  suits: (patient: Patient) => boolean = ({ status }) => status === 'active',
): Promise<Patient> {
  if (!ctx.questions.possible) throw usage(...whichPatient);
  const all = ctx.store.patients.all();
  const patients = all.filter(suits);
  if (all.length === 0) throw notFound('there are no patients yet', firstPatient);
  if (patients.length === 0)
    throw notFound('there is no such patient to choose from', 'rapport patient list');
  return choose('Which patient?', patients, ctx);
}

/** What decides of a patient what a loss or a caution means. */
export const turningFacts = ({ people, notes }: Store, patient: Patient) => ({
  patient,
  people: people.of(patient.id),
  notes: notes.of(patient.id, { kinds: ['loss', 'avoid'], status: ['current'] }),
});

/** The visits that are planned for a day, by their time. */
export const plannedVisits = (store: Store, on: CivilDate) =>
  store.contacts.on(on).flatMap((visit) => {
    const patient = store.patients.byId(visit.patient_id);
    return visit.state === 'planned' && isVisit(visit) && patient ? [{ visit, patient }] : [];
  });

/** Those who are likely before all others, and what goes with each. */
export async function offerPatients<T>(
  question: string,
  likely: readonly { readonly patient: Patient; readonly line: string; readonly value: T }[],
  ctx: Ctx,
): Promise<{ readonly patient: Patient; readonly value: T | undefined }> {
  const ids = new Set(likely.map(({ patient }) => patient.id));
  const others = ctx.store.patients.all(['active']).filter(({ id }) => !ids.has(id));
  if (ids.size === 0 && others.length === 0) throw notFound('there are no patients yet', firstPatient);
  const chosen = await ctx.questions.choose<{ patient: Patient; value: T | undefined }>(question, [
    ...likely.map(({ patient, line, value }) => ({
      name: line,
      value: { patient, value },
      words: wordsFor(patient).join(' '),
    })),
    ...choicesOf(others, ctx).map((choice) => ({
      ...choice,
      value: { patient: choice.value, value: undefined },
    })),
  ]);
  return { ...chosen, patient: ctx.store.patients.present(chosen.patient) };
}

export function didYouMean(query: string, { patients }: Store): readonly string[] {
  const near = nearNames(query, patients.all()).map(called);
  return near.length > 0 ? [`did you mean ${near.join(', ')}?`] : [];
}

/** The one patient that the words mean; without words, one that is chosen. @throws not-found, ambiguous, usage */
export async function findPatient(
  words: readonly string[],
  ctx: Ctx,
  suits?: (patient: Patient) => boolean,
): Promise<Patient> {
  const query = words.join(' ').trim();
  if (query === '') return choosePatient(ctx, suits);
  const { store } = ctx;
  const matches = matchesOf(query, store);
  const [first, ...others] = matches;
  if (first !== undefined && others.length === 0) return first;
  const asked = printable(query);
  const add = `rapport patient add ${shellQuoted(query)}`;
  if (first === undefined) throw notFound(`no patient matches '${asked}'`, ...didYouMean(query, store), add);
  if (!ctx.questions.possible)
    throw new Failure(
      'ambiguous',
      `${matches.length} patients match '${asked}'`,
      ['use the handle, in brackets'],
      candidateLines(matches, ctx).map((line) => `  ${line}`),
    );
  return choose(`Which '${asked}'?`, matches, ctx);
}

const named = 'name, handle or ref';

/** The patient whom all the words mean; of those who suit one is chosen where there are none. */
export const patientWho = (
  suits?: (patient: Patient, has: (name: string) => boolean) => boolean,
): Kind<Patient> => ({
  ...words(named),
  asked: whichPatient,
  read: (raw, _, has) => (ctx) => findPatient(wordsOf(raw), opened(ctx), suits && ((one) => suits(one, has))),
});

export const patient = patientWho();

/** The same where other words follow, so that a name of several is quoted. */
export const quotedPatient: Kind<Patient> = {
  help: `${named}; quote several words`,
  optional: true,
  asked: whichPatient,
  read: patient.read,
};

export const onePatient = (help: string): Kind<Patient | undefined> => ({
  help,
  value: '<patient>',
  read: (raw) => (ctx) => (wordsOf(raw).length === 0 ? undefined : findPatient(wordsOf(raw), opened(ctx))),
});

export const openPromises = ({ commitments }: Store, { id }: Patient): readonly Commitment[] =>
  commitments.of(id).filter(({ status }) => status === 'open');

/** Whose records these are, by id: those who are still here. */
export const patientsOf = (
  records: readonly { readonly patient_id: string | null }[],
  { patients }: Store,
): ReadonlyMap<string, Patient> =>
  patients.byIds(new Set(records.flatMap(({ patient_id }) => patient_id ?? [])));

/** 'mum' and 'mother'. */
const isSameRelation = (relation: string, asked: string): boolean => {
  const [own, wanted] = [foldedWords(relation).join(' '), foldedWords(asked).join(' ')];
  const senses = relationSenses().get(wanted) ?? [];
  return (
    own !== '' &&
    (own === wanted || (relationSenses().get(own) ?? []).some((sense) => senses.includes(sense)))
  );
};

/** By ref, by the name or its beginnings, else by the relation. @throws not-found */
function peopleCalled(store: Store, patient: Patient, name: string): readonly [Person, ...Person[]] {
  const people = store.people.of(patient.id);
  const asked = name.trim();
  const exact = people.find(({ id, ref }) => id === asked || ref === asked.toLowerCase());
  if (exact !== undefined) return [exact];
  const called = people.filter((person) => nameKey(personName(person)) === nameKey(asked));
  const words = foldedWords(joinedName(asked));
  const begun = people.filter((person) => {
    const own = nameWords(personName(person));
    return words.length > 0 && words.every((word) => own.some((candidate) => candidate.startsWith(word)));
  });
  const related = people.filter(({ relation }) => isSameRelation(relation ?? '', asked));
  const [person, ...others] = [called, begun, related].find((fitting) => fitting.length > 0) ?? [];
  if (person !== undefined) return [person, ...others];
  const known = people.map((one) => printable(personName(one))).join(', ');
  throw notFound(
    `nobody around ${nameOf(patient)} is called '${printable(asked)}'`,
    ...(known === '' ? [] : [`known: ${known}`]),
    `rapport person add ${shellQuoted(patient.handle)} ${shellQuoted(asked)}`,
  );
}

/** @throws not-found, ambiguous */
export function findPerson(store: Store, patient: Patient, name: string): Person {
  const [person, ...others] = peopleCalled(store, patient, name);
  if (others.length === 0) return person;
  throw new Failure(
    'ambiguous',
    `${others.length + 1} people match '${printable(name.trim())}'`,
    ['use a ref'],
    [person, ...others].map((one) => `  ${one.ref}  ${calledPerson(one)}`),
  );
}

/** The same, chosen where several are meant, and among all where nobody is named. @throws not-found, ambiguous */
export async function choosePerson(patient: Patient, name: string | undefined, ctx: Ctx): Promise<Person> {
  const { store, questions } = ctx;
  const people = name === undefined ? store.people.of(patient.id) : peopleCalled(store, patient, name);
  const [first, ...others] = people;
  if (first === undefined)
    throw notFound(
      `nobody around ${nameOf(patient)} is recorded`,
      `rapport person add ${shellQuoted(patient.handle)}`,
    );
  if (name !== undefined && (others.length === 0 || !questions.possible))
    return findPerson(store, patient, name);
  return questions.choose(
    `Which person around ${nameOf(patient)}?`,
    people.map((value) => ({ name: calledPerson(value), value })),
  );
}

export const firstPatient = 'rapport patient add, or rapport import FILE';

/** What to do next; where there is no patient yet, the first one comes first. */
export const nextFrom = (store: Store, step: string): Notice =>
  next(store.patients.isEmpty() ? firstPatient : step);

/** What tells whether anything was changed since: the newest operation. */
export const newestChange = (store: Store): string | undefined => store.history.list(1)[0]?.id;
