/** Notes, promises and contacts by words of their patient's name and of what they say, as lines to choose from. */
// Trap: what is private is found by the name alone, or the words would tell what it says.
import type { Ctx } from '../cli/command.ts';
import type { PartialDate } from '../dates/civil.ts';
import { when } from '../domain/loss-list.ts';
import { displayName, marksApart, wordsFor } from '../domain/patient-names.ts';
import { type Commitment, type Contact, channelNames, type Note, type Patient } from '../domain/records.ts';
import { cutToWidth, foldedWords, present, printable, shellQuoted, sortedBy } from '../domain/text.ts';
import { Failure, notFound } from '../errors.ts';
import type { Choice } from '../terminal/line-prompts.ts';
import { choosePatient, didYouMean, exactlyCalled, matchesOf, nameOf, patientsOf } from './lookup.ts';
import { screens, wordsOn } from './sight.ts';

export interface Findable {
  readonly note: Note;
  readonly commitment: Commitment;
  readonly contact: Contact;
}
export type Table = keyof Findable;
type Found = Findable[Table];

export interface Offering {
  readonly tables: readonly Table[];
  /** 'open promise'; it says what was looked for where nothing fits. */
  readonly what: string;
  readonly suits?: (record: Found) => boolean;
  /** Others that may be meant. */
  readonly besides?: (ctx: Ctx) => Promise<readonly Note[]>;
}

interface Offer extends Choice<string> {
  readonly patient: Patient;
  /** As a script is told of it. */
  readonly candidate: string;
}

const longestText = 40;
const mostHits = 1000;
const mostTold = 20;
const ofOthers = { me: '', staff: 'staff: ', patient: 'theirs: ' } as const;

/** A script is never asked, and --json is for scripts. */
export const mayChoose = ({ questions, globals }: Pick<Ctx, 'questions' | 'globals'>): boolean =>
  questions.possible && !globals.json;

const textOf = (record: Found): string =>
  'text' in record ? ('owner' in record ? ofOthers[record.owner] : '') + record.text : (record.gist ?? '');

/** 'story', 'promise', 'call'. */
const sortOf = (record: Found): string =>
  'owner' in record ? 'promise' : 'channel' in record ? channelNames[record.channel] : record.kind;

/** Of a milestone or loss its own, as it is known. */
function dayOf(record: Found): PartialDate | null {
  if ('owner' in record) return record.due;
  if ('on' in record) return record.on;
  return record.kind === 'milestone' || record.kind === 'loss'
    ? (record.date ?? record.recorded_on)
    : record.recorded_on;
}

type Sought = ReturnType<typeof soughtBy>;

/** With whom each word names. @param of nobody else's records are wanted */
function soughtBy(words: readonly string[], of: readonly Patient[], { store }: Ctx) {
  const named = words.map(
    (word) => [word, new Set(store.patients.withWords([word]).map(({ id }) => id))] as const,
  );
  return { words, named: new Map(named), of };
}

/** All that may fit; notes of many years are found by the index. */
async function recordsFor({ tables, besides }: Offering, { words, named, of }: Sought, ctx: Ctx) {
  const { store } = ctx;
  const ids =
    of.length > 0 ? of.map(({ id }) => id) : [...new Set([...named.values()].flatMap((some) => [...some]))];
  const status = ['current', 'answered'] as const;
  const isSearched = tables.includes('note') && of.length === 0 && words.length > 0;
  const { hits } = isSearched
    ? await store.search({ words, sensitive: false, limit: mostHits, offset: 0 })
    : { hits: [] };
  const others = hits.filter(({ record, patient_id }) => record === 'note' && !ids.includes(patient_id));
  const notes = [
    ...ids.flatMap((id) => store.notes.of(id, { status })),
    ...others
      .flatMap(({ id }) => store.notes.byId(id) ?? [])
      .filter((note) => status.some((one) => one === note.status)),
  ];
  const isOurs = ({ patient_id }: Found): boolean => of.length === 0 || ids.includes(patient_id);
  return [
    ...(tables.includes('commitment') ? store.commitments.matching({ status: ['open'] }) : []),
    ...((await besides?.(ctx)) ?? []),
    ...(tables.includes('note') ? notes : []),
    ...(tables.includes('contact') ? ids.flatMap((id) => store.contacts.of(id)) : []),
  ].filter(isOurs);
}

/** What the screen may tell of, where each word begins one of the name or of the text. */
async function offersFor(offering: Offering, sought: Sought, ctx: Ctx): Promise<readonly Offer[]> {
  const { suits = () => true, tables } = offering;
  const records = (await recordsFor(offering, sought, ctx)).filter(suits);
  const patients = patientsOf(records, ctx.store);
  const marks = marksApart(patients.values());
  const screen = screens(ctx);
  const today = ctx.clock.today();
  const offers = records.flatMap((record) => {
    const patient = patients.get(record.patient_id);
    if (patient === undefined) return [];
    const screening = screen(patient);
    const instead = 'owner' in record ? 'one promise' : '(private)';
    const text = wordsOn({ ...record, text: textOf(record) }, screening, instead);
    if (text === undefined) return [];
    const isHidden = screening.hides(record);
    const own = isHidden ? [] : foldedWords(text);
    const byName = sought.words.filter((word) => sought.named.get(word)?.has(patient.id));
    const isFitting = (word: string): boolean =>
      byName.includes(word) || own.some((candidate) => candidate.startsWith(word));
    if (!sought.words.every(isFitting)) return [];
    const mark = marks.get(patient.id);
    const day = dayOf(record);
    const line = present(
      displayName(patient) + (mark === undefined ? '' : ` (${mark})`),
      (tables.length > 1 || !('owner' in record)) && !(isHidden && 'pinned' in record) && sortOf(record),
      text !== '' && cutToWidth(printable(text), longestText),
      when(day, today).trim(),
    ).join('  ');
    const words = [...wordsFor(patient), ...own].join(' ');
    return [{ name: line, value: record.id, words, patient, candidate: `  ${record.ref}  ${line}`, byName }];
  });
  return sortedBy(offers, ({ byName }) => [-byName.length]);
}

/** Whoever is called exactly so is meant before all others; what is left of the words is in the text. */
async function offersOf(typed: readonly string[], offering: Offering, ctx: Ctx): Promise<readonly Offer[]> {
  const isOfPromises = offering.tables.every((table) => table === 'commitment');
  if (typed.length === 0)
    return offersFor(offering, soughtBy([], isOfPromises ? [] : [await choosePatient(ctx)], ctx), ctx);
  const exactly = typed.map((one) => ({ one, called: exactlyCalled(one, ctx.store) }));
  const rest = exactly.filter(({ called }) => called.length === 0).map(({ one }) => one);
  const whole = exactly.flatMap(({ called }) => called);
  const fitting = async (some: readonly string[], of: readonly Patient[]): Promise<readonly Offer[]> => {
    const words = foldedWords(some.join(' '));
    return words.length + of.length === 0 ? [] : offersFor(offering, soughtBy(words, of, ctx), ctx);
  };
  const sure = whole.length === 0 ? [] : await fitting(rest, whole);
  return sure.length > 0 ? sure : fitting(typed, []);
}

const listing = {
  note: 'rapport notes NAME',
  commitment: 'rapport due --all',
  contact: 'rapport timeline NAME --json',
} as const;

/** Where what is named can be seen. */
export const listingOf = ({ tables: [table = 'note'] }: Pick<Offering, 'tables'>): string => listing[table];

function nothingFits(typed: readonly string[], { what, tables }: Offering, { store }: Ctx): Failure {
  if (typed.length === 0) return notFound(`there is no ${what} to choose from`);
  const query = typed.join(' ');
  const [patient, ...others] = matchesOf(query, store);
  if (patient !== undefined && others.length === 0)
    return notFound(
      `${nameOf(patient)} has no ${what}`,
      `rapport patient show ${shellQuoted(patient.handle)}`,
    );
  return notFound(
    `no ${what} matches '${printable(query)}'`,
    ...didYouMean(query, store),
    `${listingOf({ tables })} shows their refs`,
  );
}

/**
 * The one that is chosen of those that fit the words, or of all where there are none. Words never decide: one that fits
 * alone is offered as well. @returns its id. @throws not-found, and for a script ambiguous
 */
export async function chooseRecord(typed: readonly string[], offering: Offering, ctx: Ctx): Promise<string> {
  const offers = await offersOf(typed, offering, ctx);
  if (offers.length === 0) throw nothingFits(typed, offering, ctx);
  // What is offered is shown, whatever becomes of it.
  ctx.store.log.listed('choose', offers.length);
  const { what } = offering;
  const query = printable(typed.join(' '));
  if (mayChoose(ctx))
    return ctx.questions.choose(query === '' ? `Which ${what}?` : `Which ${what}? '${query}'`, offers);
  const more = offers.length - mostTold;
  throw new Failure(
    'ambiguous',
    `which ${what}? ${offers.length} ${offers.length === 1 ? 'fits' : 'fit'} '${query}'`,
    ['use its ref: words alone decide nothing'],
    [
      ...offers.slice(0, mostTold).map(({ candidate }) => candidate),
      ...present(more > 0 && `  and ${more} more`),
    ],
  );
}
