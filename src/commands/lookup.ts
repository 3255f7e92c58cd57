/**
 * From typed words to records: one patient, or the records behind ids and refs. One match goes on; several are a
 * choice on the terminal, or the `ambiguous` failure with the candidates; none names near misses.
 */

import { type Ctx, type Kind, type Notice, next, opened, type Shut } from '../cli/command.ts';
import { words, wordsOf } from '../cli/kinds.ts';
import type { Context, Store } from '../context.ts';
import { spanOf, yearOf } from '../dates/civil.ts';
import { shortDate } from '../dates/wording.ts';
import { displayName, mostNameWords, narrow, nearNames } from '../domain/patient-names.ts';
import type { Commitment, Contact, Note, Patient, Person } from '../domain/records.ts';
import { cutToWidth, foldedWords, printable } from '../domain/text.ts';
import { Failure, notFound, shellQuoted, usage } from '../errors.ts';

type Looking = Pick<Ctx, 'openStore' | 'questions' | 'clock'>;

/** A line for each, by which people tell them apart: name, handle, birth year, last seen, a visit today. */
export function candidateLines(
  patients: readonly Patient[],
  store: Store,
  ctx: Pick<Ctx, 'clock'>,
): readonly string[] {
  const today = ctx.clock.today();
  const ids = patients.map((patient) => patient.id);
  const seen = store.contacts.lastSeen(ids);
  const next = store.contacts.nextPlanned(ids, today);
  return patients.map((patient) => {
    const last = seen.get(patient.id);
    const visit = next.get(patient.id);
    return [
      printable(displayName(patient)),
      `(${printable(patient.handle)})`,
      patient.birth_date === null ? '' : `born ${yearOf(spanOf(patient.birth_date)?.first ?? '')}`,
      last === undefined ? 'no visit recorded' : `last seen ${shortDate(last, today)}`,
      visit?.on === today ? `today${visit.at === null ? '' : ` ${visit.at}`}` : '',
      patient.status === 'active' ? '' : patient.status,
    ]
      .filter((part) => part !== '')
      .join('  ');
  });
}

function matchesOf(query: string, store: Store): readonly Patient[] {
  const byHandle = store.patients.byHandle(query.toLowerCase());
  if (byHandle) return [byHandle];
  if (!/\s/u.test(query)) {
    const exact = store
      .find(query)
      .filter((found) => found.table === 'patient')
      .flatMap((found) => store.patients.byId(found.id) ?? []);
    if (exact.length > 0) return exact;
  }
  const words = foldedWords(query);
  return words.length === 0 || words.length > mostNameWords
    ? []
    : narrow(query, store.patients.withWords(words));
}

async function choosePatient(ctx: Looking): Promise<Patient> {
  if (!ctx.questions.possible) throw usage('which patient?', 'give a handle, a ref or words of the name');
  const store = await ctx.openStore();
  const patients = store.patients.all({ status: ['active'] });
  if (patients.length === 0) throw notFound('there are no patients yet', firstPatient);
  const lines = candidateLines(patients, store, ctx);
  const chosen = await ctx.questions.choose(
    'Which patient?',
    patients.map((value, place) => ({ name: lines[place] ?? value.handle, value })),
  );
  return store.patients.present(chosen);
}

/** The one patient that the words mean; without words, one that is chosen. @throws not-found, ambiguous, usage */
export async function findPatient(words: readonly string[], ctx: Looking): Promise<Patient> {
  const query = words.join(' ').trim();
  if (query === '') return choosePatient(ctx);
  const store = await ctx.openStore();
  const matches = matchesOf(query, store);
  const [first, ...others] = matches;
  if (first !== undefined && others.length === 0) return first;
  const asked = printable(query);
  if (first === undefined) {
    const near = nearNames(query, store.patients.all()).map(
      (patient) => `${displayName(patient)} (${patient.handle})`,
    );
    const hints = near.length > 0 ? [`did you mean ${near.map(printable).join(', ')}?`] : [];
    throw notFound(`no patient matches '${asked}'`, ...hints, `rapport patient add ${shellQuoted(query)}`);
  }
  const lines = candidateLines(matches, store, ctx);
  if (!ctx.questions.possible)
    throw new Failure(
      'ambiguous',
      `${matches.length} patients match '${asked}'`,
      ['use the handle, in brackets'],
      lines.map((line) => `  ${line}`),
    );
  const chosen = await ctx.questions.choose(
    `Which '${asked}'?`,
    matches.map((patient, index) => ({ name: lines[index] ?? patient.handle, value: patient })),
  );
  return store.patients.present(chosen);
}

/** The value of an option that names a patient. */
export const onePatient = (help: string): Kind<Patient | undefined> => ({
  help,
  value: '<patient>',
  read: (raw) => (ctx) => (typeof raw === 'string' ? findPatient([raw], opened(ctx)) : undefined),
});

interface Findable {
  readonly person: Person;
  readonly note: Note;
  readonly commitment: Commitment;
  readonly contact: Contact;
}

const repositoryOf = {
  person: 'people',
  note: 'notes',
  commitment: 'commitments',
  contact: 'contacts',
} as const satisfies Readonly<Record<keyof Findable, keyof Store>>;

type FoundTable = ReturnType<Store['find']>[number]['table'];

/** The command to hint at when a ref is of another table. */
type Instead = Partial<Readonly<Record<FoundTable, string>>>;

const nounOf = (table: FoundTable): string => (table === 'commitment' ? 'promise' : table);

const listing = {
  person: 'rapport person list NAME',
  note: 'rapport notes NAME',
  commitment: 'rapport due --all',
  contact: 'rapport timeline NAME',
} as const satisfies Readonly<Record<keyof Findable, string>>;

function wrongTable(id: string, noun: string, table: FoundTable, instead: Instead): Failure {
  const command = instead[table];
  return notFound(
    `'${printable(id)}' is a ${nounOf(table)}, not a ${noun}`,
    ...(command === undefined ? [] : [`${command} ${shellQuoted(id)}`]),
  );
}

const longestText = 50;

async function chooseRecord(table: 'note' | 'commitment', ctx: Looking): Promise<string> {
  const patient = table === 'note' ? await choosePatient(ctx) : undefined;
  const store = await ctx.openStore();
  const today = ctx.clock.today();
  const names = new Map(store.patients.all().map((one) => [one.id, displayName(one)]));
  const choices =
    patient === undefined
      ? store.commitments.matching({ status: ['open'] }).map(({ id, patient_id, text, due }) => ({
          name: [names.get(patient_id), cutToWidth(text, longestText), due && shortDate(due, today)],
          value: id,
        }))
      : store.notes
          .of(patient.id, { status: ['current', 'answered'] })
          .map(({ id, kind, text, sensitive, recorded_on }) => ({
            name: [
              kind,
              sensitive ? '(private)' : cutToWidth(text, longestText),
              recorded_on && shortDate(recorded_on, today),
            ],
            value: id,
          }));
  if (choices.length === 0)
    throw notFound(table === 'note' ? 'there are no notes to choose from' : 'nothing is promised');
  return ctx.questions.choose(
    `Which ${nounOf(table)}?`,
    choices.map(({ name, value }) => ({ name: name.filter(Boolean).join('  '), value })),
  );
}

const isChosen = (table: keyof Findable): table is 'note' | 'commitment' =>
  table === 'note' || table === 'commitment';

function refuseNameless(
  named: readonly string[],
  table: keyof Findable,
  { possible }: Shut['questions'],
): void {
  if (named.length === 0 && !(possible && isChosen(table)))
    throw usage(
      `which ${nounOf(table)}?`,
      'give its ref, the five letters and digits beside it',
      `${listing[table]} shows them`,
    );
}

/** @param instead the command to hint at when a ref is of another table. @throws not-found, ambiguous, usage */
export async function findRecords<T extends keyof Findable>(
  named: readonly string[],
  table: T,
  ctx: Looking,
  instead: Instead = {},
): Promise<readonly Findable[T][]> {
  const noun = nounOf(table);
  refuseNameless(named, table, ctx.questions);
  const ids = named.length > 0 || !isChosen(table) ? named : [await chooseRecord(table, ctx)];
  const store = await ctx.openStore();
  return [...new Set(ids)].map((id) => {
    const found = store.find(id);
    const fitting = found.filter((candidate) => candidate.table === table);
    const [only, ...others] = fitting;
    if (only !== undefined && others.length === 0) {
      const record = store[repositoryOf[table]].byId(only.id);
      if (record !== undefined) return record as Findable[T];
    }
    if (others.length > 0)
      throw new Failure('ambiguous', `several records match '${printable(id)}'`, ['use the whole id']);
    const [other] = found;
    throw other === undefined
      ? notFound(`no ${noun} matches '${printable(id)}'`, `${listing[table]} shows their refs`)
      : wrongTable(id, noun, other.table, instead);
  });
}

/** Those that are to be changed. @throws as findRecords, conflict */
export async function findChangeable<T extends 'note' | 'commitment'>(
  named: readonly string[],
  table: T,
  refuse: (record: Findable[T]) => Failure | undefined,
  ctx: Ctx,
  instead?: Instead,
): Promise<readonly Findable[T][]> {
  const found = await findRecords(named, table, ctx, instead);
  ctx.store.checkWritable();
  for (const record of found) {
    const refusal = refuse(record);
    if (refusal !== undefined) throw refusal;
  }
  return found;
}

/** Refs of records that are to be changed; one is chosen from a list where none is given. */
export const changeable = <T extends 'note' | 'commitment'>(
  table: T,
  help: string,
  refuse: (record: Findable[T]) => Failure | undefined,
  instead?: Instead,
): Kind<readonly Findable[T][]> => ({
  ...words(help, { takes: table === 'commitment' ? 'promise' : 'note' }),
  read(raw, { questions }) {
    const named = wordsOf(raw);
    refuseNameless(named, table, questions);
    return (ctx) => findChangeable(named, table, refuse, opened(ctx), instead);
  },
});

export function findPerson(store: Store, patient: Patient, name: string): Person {
  const people = store.people.of(patient.id);
  const asked = name.trim();
  const exact = people.find(({ id, ref }) => id === asked || ref === asked.toLowerCase());
  if (exact !== undefined) return exact;
  const words = foldedWords(asked);
  const called = people.filter((person) => foldedWords(person.name).join(' ') === words.join(' '));
  const begun = people.filter((person) => {
    const own = foldedWords(person.name);
    return words.length > 0 && words.every((word) => own.some((candidate) => candidate.startsWith(word)));
  });
  const [person, ...others] = called.length > 0 ? called : begun;
  if (person === undefined) {
    const known = people.map((one) => printable(one.name)).join(', ');
    throw notFound(
      `nobody around ${printable(displayName(patient))} is called '${printable(asked)}'`,
      ...(known === '' ? [] : [`known: ${known}`]),
      `rapport person add ${shellQuoted(patient.handle)} ${shellQuoted(asked)}`,
    );
  }
  if (others.length > 0)
    throw new Failure('ambiguous', `${others.length + 1} people match '${printable(asked)}'`, [
      `use a ref: ${[person, ...others].map((one) => `${one.ref} ${printable(one.name)}`).join(', ')}`,
    ]);
  return person;
}

export const firstPatient = 'rapport patient add, or rapport import FILE';

/** What to do next; where there is no patient yet, the first one comes first. */
export const nextFrom = (store: Store, step: string): Notice =>
  next(store.patients.isEmpty() ? firstPatient : step);

/** A line for the person; none for a script, to which an empty list is as good as any. */
export function suggestNext(step: string, { output, notices, globals }: Context): void {
  if (output.isTerminal && !globals.json) notices.say(`next: ${step}`);
}

/** The same; where there is no patient yet, the first one comes first. */
export const suggestNextFrom = (store: Store, step: string, ctx: Context): void =>
  suggestNext(store.patients.isEmpty() ? firstPatient : step, ctx);
