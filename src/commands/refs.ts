/** Notes and promises by their refs: found, chosen from a list where none is given, and changed. */
import { type Ctx, type Kind, opened, type Shut } from '../cli/command.ts';
import { words, wordsOf } from '../cli/kinds.ts';
import type { Store } from '../context.ts';
import type { CivilDate } from '../dates/civil.ts';
import { shortDate } from '../dates/words.ts';
import { hintsOn } from '../domain/capture.ts';
import { displayName } from '../domain/patient-names.ts';
import type { Commitment, Note } from '../domain/records.ts';
import { cutToWidth, present, printable } from '../domain/text.ts';
import { Failure, notFound, shellQuoted, usage } from '../errors.ts';
import { choosePatient, type Looking, nameOf } from './lookup.ts';

interface Findable {
  readonly note: Note;
  readonly commitment: Commitment;
}
type Table = keyof Findable;

const listing = { note: 'rapport notes NAME', commitment: 'rapport due --all' } as const;

type FoundTable = ReturnType<Store['find']>[number]['table'];

/** The command to hint at when a ref is of another table. */
type Instead = Partial<Readonly<Record<FoundTable, string>>>;

const nounOf = (table: FoundTable): string => (table === 'commitment' ? 'promise' : table);

function wrongTable(id: string, noun: string, table: FoundTable, instead: Instead): Failure {
  const command = instead[table];
  return notFound(
    `'${printable(id)}' is a ${nounOf(table)}, not a ${noun}`,
    ...(command === undefined ? [] : [`${command} ${shellQuoted(id)}`]),
  );
}

const longestText = 50;

/** What can be chosen, as its line says it, where no ref is given. */
async function choicesOf(table: Table, ctx: Looking) {
  const { store } = ctx;
  const line = (words: string | undefined, text: string, on: CivilDate | null): string =>
    present(words, cutToWidth(text, longestText), on && shortDate(on, ctx.clock.today())).join('  ');
  if (table === 'commitment') {
    const names = new Map(store.patients.all().map((one) => [one.id, displayName(one)]));
    return store.commitments
      .matching({ status: ['open'] })
      .map(({ id, patient_id, text, due }) => ({ name: line(names.get(patient_id), text, due), value: id }));
  }
  const patient = await choosePatient(ctx);
  return store.notes
    .of(patient.id, { status: ['current', 'answered'] })
    .map(({ id, kind, text, sensitive, recorded_on }) => ({
      name: line(kind, sensitive ? '(private)' : text, recorded_on),
      value: id,
    }));
}

async function chooseRecord(table: Table, ctx: Looking): Promise<string> {
  const choices = await choicesOf(table, ctx);
  if (choices.length > 0) return ctx.questions.choose(`Which ${nounOf(table)}?`, choices);
  throw notFound(table === 'note' ? 'there are no notes to choose from' : 'nothing is promised');
}

function refuseNameless(named: readonly string[], table: Table, { possible }: Shut['questions']): void {
  if (named.length === 0 && !possible)
    throw usage(
      `which ${nounOf(table)}?`,
      'give its ref, the five letters and digits beside it',
      `${listing[table]} shows them`,
    );
}

/**
 * @param tables the first one's records are offered where no ref is given
 * @param instead the command to hint at when a ref is of another table. @throws not-found, ambiguous, usage
 */
export async function findRecords<T extends Table>(
  named: readonly string[],
  tables: readonly [T, ...T[]],
  ctx: Looking,
  instead: Instead = {},
): Promise<readonly Findable[T][]> {
  const [table] = tables;
  refuseNameless(named, table, ctx.questions);
  const ids = named.length > 0 ? named : [await chooseRecord(table, ctx)];
  const { store } = ctx;
  return [...new Set(ids)].map((id) => {
    const found = store.find(id);
    const fitting = tables.map((one) => found.filter((candidate) => candidate.table === one));
    const [only, ...others] = fitting.find((candidates) => candidates.length > 0) ?? [];
    if (others.length > 0)
      throw new Failure('ambiguous', `several records match '${printable(id)}'`, ['use the whole id']);
    const record = only && store[only.table === 'note' ? 'notes' : 'commitments'].byId(only.id);
    if (record !== undefined) return record as Findable[T];
    const [other] = found;
    throw other === undefined
      ? notFound(`no ${nounOf(table)} matches '${printable(id)}'`, `${listing[table]} shows their refs`)
      : wrongTable(id, nounOf(table), other.table, instead);
  });
}

export async function findChangeable<T extends Table>(
  named: readonly string[],
  table: T,
  refuse: (record: Findable[T]) => Failure | undefined,
  ctx: Ctx,
  instead?: Instead,
): Promise<readonly Findable[T][]> {
  const found = await findRecords(named, [table], ctx, instead);
  ctx.store.checkWritable();
  for (const record of found) {
    const refusal = refuse(record);
    if (refusal !== undefined) throw refusal;
  }
  return found;
}

export const changeable = <T extends Table>(
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

/** Notes and promises, each found where its ref says; a note is chosen from a list where none is given. */
export const notesAndPromises: Kind<{
  readonly notes: readonly Note[];
  readonly promises: readonly Commitment[];
}> = {
  ...words('ref of the note or promise', { takes: 'record' }),
  read: (raw) => async (ctx) => {
    const found = await findRecords<Table>(wordsOf(raw), ['note', 'commitment'], opened(ctx));
    return {
      notes: found.flatMap((record) => ('owner' in record ? [] : [record])),
      promises: found.flatMap((record) => ('owner' in record ? [record] : [])),
    };
  },
};

interface Changed {
  readonly ref: string;
  readonly patient_id: string;
  readonly text: string;
  readonly sensitive?: boolean;
}

/** 'k7m2q retired. Malu Razo: Sings in the choir'. */
function changeLine(record: Changed, outcome: string, store: Store): string {
  const patient = store.patients.byId(record.patient_id);
  const name = patient === undefined ? '' : `${nameOf(patient)}: `;
  return `${record.ref} ${outcome}. ${name}${record.sensitive ? '(private)' : cutToWidth(printable(record.text), 60)}`;
}

/**
 * Changes them in one operation, and says of each what became of it.
 * @param outcome 'kept Thu 12 Mar'
 * @param said the texts that were given, for hints on their wording
 */
export function change<T extends Changed>(
  verb: string,
  work: () => readonly T[],
  outcome: string | ((changed: T, isAny: boolean) => string),
  { store }: Pick<Ctx, 'store'>,
  ...said: readonly (string | null | undefined)[]
) {
  const { value: items, operation = null } = store.write({ verb }, work);
  const became = (one: T): string =>
    typeof outcome === 'string' ? outcome : outcome(one, operation !== null);
  return {
    json: { operation, items },
    text: items.map((one) => changeLine(one, became(one), store)).join('\n'),
    items,
    notices: hintsOn(...said),
  };
}

export const earlierTexts = (notes: readonly Note[], { store, clock }: Ctx) =>
  new Map(
    notes.map(({ id }) => [
      id,
      store.notes.earlier(id).map(({ at, text }) => ({ text, until: clock.local(at).date })),
    ]),
  );
