/** Notes, promises and contacts by their refs, or chosen where words or nothing stand for one; and changed. */
import { type Ctx, type Kind, opened } from '../cli/command.ts';
import { andThen, words, wordsOf } from '../cli/kinds.ts';
import type { Store } from '../context.ts';
import type { Screening } from '../domain/privacy.ts';
import type { Commitment, Note, Patch } from '../domain/records.ts';
import { cutToWidth, present, printable, shellQuoted } from '../domain/text.ts';
import { hintsOn } from '../domain/wording-hints.ts';
import { Failure, notFound, usage } from '../errors.ts';
import { nameOf } from './lookup.ts';
import { chooseRecord, type Findable, listingOf, mayChoose, type Offering, type Table } from './offers.ts';
import { type Seeing, screenFor, wordsOn } from './sight.ts';

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

/**
 * @param instead the command to hint at when a ref is of another table. @throws not-found, ambiguous
 */
export function findRecords<T extends Table>(
  ids: readonly string[],
  tables: readonly [T, ...T[]],
  { store }: Pick<Ctx, 'store'>,
  instead: Instead = {},
): readonly Findable[T][] {
  const [table] = tables;
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
      ? notFound(
          `no ${nounOf(table)} matches '${printable(id)}'`,
          `${listingOf({ tables })} shows their refs`,
        )
      : wrongTable(id, nounOf(table), other.table, instead);
  });
}

const isRef = (word: string, { find }: Store): boolean => find(word).some(({ table }) => table in kept);

/** Refs and ids; or one id, chosen where words or nothing stand for it. */
export const named = (offering: Offering, help: string): Kind<readonly string[]> => ({
  ...words(`${help}; words of the name or text, or nothing, offer what fits`),
  read(raw, shut) {
    const typed = wordsOf(raw);
    if (typed.length === 0 && !mayChoose(shut))
      throw usage(
        `which ${offering.what}?`,
        'give its ref, the five letters and digits beside it',
        `${listingOf(offering)} shows them`,
      );
    return async (settled) => {
      const ctx = opened(settled);
      return typed.some((word) => isRef(word, ctx.store))
        ? typed
        : [await chooseRecord(typed, offering, ctx)];
    };
  },
});

/** Whose it is, and its ref: 'the promise k7m2q of Malu Razo'. */
export function calledRecord(record: Changed, { store }: Pick<Ctx, 'store'>): string {
  const noun = 'owner' in record ? 'promise' : 'channel' in record ? 'contact' : 'note';
  const patient = store.patients.byId(record.patient_id);
  return present(`the ${noun} ${record.ref}`, patient && `of ${nameOf(patient)}`).join(' ');
}

/** @param called how a record is called: 'the note k7m2q of Malu Razo' */
type Refusal<T> = (record: T, called: string) => Failure | undefined;

export function findChangeable<T extends Table>(
  ids: readonly string[],
  table: T,
  refuse: Refusal<Findable[T]>,
  ctx: Ctx,
  instead?: Instead,
): readonly Findable[T][] {
  const found = findRecords(ids, [table], ctx, instead);
  ctx.store.checkWritable();
  for (const record of found) {
    const refusal = refuse(record, calledRecord(record, ctx));
    if (refusal !== undefined) throw refusal;
  }
  return found;
}

/** What is refused is not offered, unless `suits` says what is. */
export const changeable = <T extends Table>(
  table: T,
  { what, suits }: { readonly what: string; readonly suits?: (record: Findable[T]) => boolean },
  help: string,
  refuse: Refusal<Findable[T]>,
  instead?: Instead,
): Kind<readonly Findable[T][]> => {
  const isOffered = suits ?? ((record: Findable[T]) => refuse(record, '') === undefined);
  const kind = named({ tables: [table], what, suits: (one) => isOffered(one as Findable[T]) }, help);
  const found = andThen(kind, (ids, ctx) => findChangeable(ids, table, refuse, opened(ctx), instead));
  return { ...found, takes: table === 'commitment' ? 'promise' : 'note' };
};

/** Notes and promises, and more, each found where its ref says. */
export const recordsNamed = (what: string, help: string, more: readonly Table[] = []) => {
  const tables = ['note', 'commitment', ...more] as const;
  const kind = andThen(named({ tables, what }, help), (ids, ctx) => {
    const found = findRecords<Table>(ids, tables, opened(ctx));
    return {
      notes: found.flatMap((record) => ('pinned' in record ? [record] : [])),
      promises: found.flatMap((record) => ('owner' in record ? [record] : [])),
      contacts: found.flatMap((record) => ('channel' in record ? [record] : [])),
    };
  });
  return { ...kind, takes: 'record' as const };
};

type Changed = Findable[Table];

/** 'Sings in the choir', '(private)', or nothing, as the screen may show it. */
export function shownWords(record: Note | Commitment, ctx: Seeing, columns = 50): string {
  const patient = ctx.store.patients.byId(record.patient_id);
  const text = patient && wordsOn(record, screenFor(patient, ctx), '(private)');
  return text ? cutToWidth(printable(text), columns) : '';
}

/** 'Malu Razo · Sings in the choir'. */
export function aboutRecord(record: Note | Commitment, ctx: Seeing, columns?: number): string {
  const patient = ctx.store.patients.byId(record.patient_id);
  return present(patient && nameOf(patient), shownWords(record, ctx, columns) || false).join(' · ');
}

/** 'Retired. Malu Razo: Sings in the choir (k7m2q)'. */
function changeLine(record: Changed, told: Changed | undefined, outcome: string, ctx: Seeing): string {
  const patient = ctx.store.patients.byId(record.patient_id);
  const text = told && ('text' in told ? told.text : told.gist);
  const parts = present(patient && nameOf(patient), text && cutToWidth(printable(text), 60));
  return `${outcome}. ${parts.join(': ')} (${record.ref})`;
}

/**
 * Changes them in one operation, and says of each what became of it, as the screen may show it.
 * @param outcome 'Kept Thu 12 Mar'; `told` is the record as the screen may show it
 * @param said the texts that were given, for hints on their wording
 */
export function change<T extends Changed>(
  verb: string,
  work: () => readonly T[],
  outcome: string | ((changed: T, isAny: boolean, told: T | undefined) => string),
  ctx: Seeing,
  ...said: readonly (string | null | undefined)[]
) {
  const { store } = ctx;
  const { value: items, operation = null } = store.write({ verb }, work);
  const told = items.map((one) => {
    const patient = store.patients.byId(one.patient_id);
    return patient && screenFor(patient, ctx).changed(one);
  });
  const became = (one: T, at: number): string =>
    typeof outcome === 'string' ? outcome : outcome(one, operation !== null, told[at]);
  return {
    json: { operation, items: present(...told) },
    text: items.map((one, at) => changeLine(one, told[at], became(one, at), ctx)).join('\n'),
    items,
    notices: hintsOn(...said),
  };
}

/** The same change of each, where it is still as it was shown. */
export const changeEach = <T extends Note | Commitment>(
  verb: string,
  records: { change(seen: T, patch: (fresh: T) => Patch<T>): T },
  seen: readonly T[],
  patch: (fresh: T) => Patch<T>,
  outcome: string | ((changed: T, isAny: boolean, told: T | undefined) => string),
  ctx: Ctx,
  ...said: readonly (string | null | undefined)[]
) => change(verb, () => seen.map((one) => records.change(one, patch)), outcome, ctx, ...said);

export const earlierTexts = (notes: readonly Note[], screen: Screening, { store, clock }: Ctx) =>
  new Map(
    notes.map(({ id }) => [
      id,
      store.notes
        .earlier(id)
        .map(({ at, text }) => ({ text: screen.text(text), until: clock.local(at).date })),
    ]),
  );
