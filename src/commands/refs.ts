/** Notes and promises by their refs: found, chosen from a list where none is given, and changed. */
import { type Ctx, type Kind, opened, type Shut } from '../cli/command.ts';
import { words, wordsOf } from '../cli/kinds.ts';
import type { Store } from '../context.ts';
import { type CivilDate, shortDate } from '../dates/civil.ts';
import { displayName } from '../domain/patient-names.ts';
import type { Screening } from '../domain/privacy.ts';
import type { Commitment, Contact, Note, Patient } from '../domain/records.ts';
import { cutToWidth, present, printable } from '../domain/text.ts';
import { hintsOn } from '../domain/wording-hints.ts';
import { Failure, notFound, shellQuoted, usage } from '../errors.ts';
import { choosePatient, type Looking, nameOf } from './lookup.ts';
import { type Seeing, screenFor, screens } from './sight.ts';

interface Findable {
  readonly note: Note;
  readonly commitment: Commitment;
  readonly contact: Contact;
}
type Table = keyof Findable;

const listing = {
  note: 'rapport notes NAME',
  commitment: 'rapport due --all',
  contact: 'rapport timeline NAME --json',
} as const;
const kept = { note: 'notes', commitment: 'commitments', contact: 'contacts' } as const;

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
    const patients = new Map(store.patients.all().map((one) => [one.id, one]));
    const screen = screens(ctx);
    return store.commitments.matching({ status: ['open'] }).flatMap((one) => {
      const patient = patients.get(one.patient_id);
      const text = patient && wordsOn(one, screen(patient), 'one promise');
      return patient && text !== undefined
        ? [{ name: line(displayName(patient), text, one.due), value: one.id }]
        : [];
    });
  }
  const patient = await choosePatient(ctx);
  const screen = screenFor(patient, ctx);
  return store.notes.of(patient.id, { status: ['current', 'answered'] }).flatMap((note) => {
    const text = wordsOn(note, screen, '(private)');
    return text === undefined ? [] : [{ name: line(note.kind, text, note.recorded_on), value: note.id }];
  });
}

/** The text, what stands for it where it is private, or nothing where it does not exist on a screen. */
function wordsOn(record: Changed, screen: Screening, instead: string): string | undefined {
  if (!screen.hides(record)) return screen.text(record.text ?? record.gist ?? '');
  return screen.counts(record) ? instead : undefined;
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
    const record = only && store[kept[only.table as Table]].byId(only.id);
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

/** Records of these tables, each found where its ref says; a note is chosen from a list where none is given. */
export const recordsNamed = (
  help: string,
  more: readonly Table[] = [],
): Kind<{
  readonly notes: readonly Note[];
  readonly promises: readonly Commitment[];
  readonly contacts: readonly Contact[];
}> => ({
  ...words(help, { takes: 'record' }),
  read: (raw) => async (ctx) => {
    const tables = ['note', 'commitment', ...more] as const;
    const found = await findRecords<Table>(wordsOf(raw), tables, opened(ctx));
    return {
      notes: found.flatMap((record) => ('pinned' in record ? [record] : [])),
      promises: found.flatMap((record) => ('owner' in record ? [record] : [])),
      contacts: found.flatMap((record) => ('channel' in record ? [record] : [])),
    };
  },
});

interface Changed {
  readonly ref: string;
  readonly patient_id: string;
  /** Of a contact its gist. */
  readonly text?: string;
  readonly gist?: string | null;
  readonly sensitive: boolean;
}

/** ' Sings in the choir', ' (private)', or nothing, as the screen may show it. */
export function shownWords(record: Changed, ctx: Seeing): string {
  const patient = ctx.store.patients.byId(record.patient_id);
  const text = patient && wordsOn(record, screenFor(patient, ctx), '(private)');
  return text ? ` ${cutToWidth(printable(text), 50)}` : '';
}

/** 'k7m2q retired. Malu Razo: Sings in the choir'. */
function changeLine(record: Changed, outcome: string, patient: Patient | undefined, ctx: Seeing): string {
  const text = patient && wordsOn(record, screenFor(patient, ctx), '(private)');
  const parts = present(patient && nameOf(patient), text && cutToWidth(printable(text), 60));
  return `${record.ref} ${outcome}. ${parts.join(': ')}`;
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
  ctx: Seeing,
  ...said: readonly (string | null | undefined)[]
) {
  const { store } = ctx;
  const { value: items, operation = null } = store.write({ verb }, work);
  const became = (one: T): string =>
    typeof outcome === 'string' ? outcome : outcome(one, operation !== null);
  const named = items.map((one) => {
    const patient = store.patients.byId(one.patient_id);
    return patient === undefined ? one : screenFor(patient, ctx).renamed(one);
  });
  return {
    json: { operation, items: named },
    text: items
      .map((one) => changeLine(one, became(one), store.patients.byId(one.patient_id), ctx))
      .join('\n'),
    items,
    notices: hintsOn(...said),
  };
}

export const earlierTexts = (notes: readonly Note[], screen: Screening, { store, clock }: Ctx) =>
  new Map(
    notes.map(({ id }) => [
      id,
      store.notes
        .earlier(id)
        .map(({ at, text }) => ({ text: screen.text(text), until: clock.local(at).date })),
    ]),
  );
