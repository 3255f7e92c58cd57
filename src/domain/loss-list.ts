/** The losses of a patient's life, from notes and from the records of people: who, when, since when, in which words. */
import {
  addDays,
  type CivilDate,
  months,
  type PartialDate,
  partialDate,
  readCivilDate,
  shortDate,
  spanOf,
  weekdayDate,
  yearlyDateIn,
  yearOf,
} from '../dates/civil.ts';
import { type Circle, onlyOf, said, tokensOf } from './circle.ts';
import { type LossReading, readLoss } from './loss-reading.ts';
import { mentionsIn } from './mentions.ts';
import { newestOfThreads } from './note-rules.ts';
import { personFirstName } from './patient-names.ts';
import { lists, type WordSet } from './people-words.ts';
import { type Note, newPerson, type Patch, type Person } from './records.ts';
import { fold, foldedWords, onlyOne, present, sortedBy } from './text.ts';

/** A death, a parting, a lost pregnancy, or another loss. */
export interface Loss {
  readonly kind: LossReading['kind'];
  /** Undefined where nobody is meant, or several could be; somebody who is not on file has the note's id. */
  readonly person: Person | undefined;
  readonly date: PartialDate | null;
  /** The last day that it can have been, at most the day it was recorded; without a date, that day. */
  readonly day: CivilDate | undefined;
  /** What was recorded before this day was written without it. */
  readonly from: CivilDate;
  /** The line without its date: 'Wife June died'; what says how, as typed. */
  readonly words: string;
  /** 'Wife June died 2 Feb', 'Stillborn daughter Grace at 38 weeks, 2 Feb'. */
  readonly line: string;
  /** 'June died'; 'daughter Grace, stillborn at 38 weeks'. */
  readonly since: string;
  /** Told by private notes only. */
  readonly isPrivate: boolean;
  /** A birth or a pregnancy was lost with it. */
  readonly isBirth: boolean;
  /** Undefined where only the record of the person tells it. */
  readonly note: Note | undefined;
}

/** ', 2 feb': of a text that kept its date. */
const isDate = (text: string): boolean => {
  const words = foldedWords(text);
  const others = words.filter((word) => !months.has(word));
  return others.length < words.length && others.every((word) => /^\d+(?:st|nd|rd|th)?$/.test(word));
};

const capitalised = (text: string): string => text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());

function daysOf(date: PartialDate | null, recorded: CivilDate | null, on: CivilDate) {
  const span = spanOf(date);
  const limit = recorded ?? on;
  const isWithin = span !== undefined && (span.first === span.last || span.last < limit);
  const day = isWithin ? span.last : span === undefined ? (recorded ?? undefined) : limit;
  return { day, from: day === undefined || (recorded !== null && recorded > day) ? limit : day };
}

/** ' 2 Feb', ' in February', or nothing. */
export function when(date: PartialDate | null, on: CivilDate): string {
  if (date === null) return '';
  const full = readCivilDate(date);
  return ` ${full === undefined ? partialDate(date, on) : shortDate(full, on)}`;
}

/** 'wife June'; of somebody without a name, 'wife'. */
export const whoIs = ({ name, relation }: Person): string =>
  fold(name ?? '') === fold(relation ?? '') ? (name ?? '') : present(relation, name).join(' ');

type Told = ReturnType<typeof toldBy>;

/** Somebody whom a loss names and who is not on file. */
function strangerOf({ id, ref, patient_id }: Note, { unknown, kind }: LossReading): Person | undefined {
  if (unknown === undefined || kind === 'other') return undefined;
  const { name, relation } = unknown;
  return { ...newPerson({ patient_id, name, relation, status: 'died' }), id, ref };
}

/** @param text of a note that tells of several, the part of it */
function toldBy(note: Note, text: string, id: string, circle: Circle) {
  const reading = readLoss(text, circle);
  const linked = circle.people.find(({ id }) => id === note.person);
  const named = onlyOne(reading.people);
  const isLinked = linked !== undefined && (linked.status !== 'living' || named === undefined);
  const person = isLinked ? linked : (named ?? linked);
  const isOpen = person === undefined && reading.people.length === 0;
  return { note, text, reading, person: isOpen ? strangerOf({ ...note, id }, reading) : person };
}

const joining: WordSet = new Set(['and', 'both']);

/** 'mum and dad, car crash' as 'mum, car crash' and 'dad, car crash', where both died; else the text as it is. */
export function separated(text: string, circle: Circle): readonly string[] {
  const tokens = tokensOf(text);
  const mentions = mentionsIn(text, circle, true);
  const [first, second] = mentions;
  const last = mentions.findIndex(({ to }, place) => {
    const next = mentions[place + 1];
    return (
      next === undefined || !onlyOf(tokens.slice(to, next.from), lists.articles, lists.adjectives, joining)
    );
  });
  if (first === undefined) return [text];
  // 'Brothers Tim and Tom' are two.
  const named = mentions.slice(0, last + 1).filter(({ isPlural, name }) => !isPlural || name !== null);
  const areParents = first.isPlural && second === undefined;
  const who = areParents
    ? first.senses.filter((sense) => lists.pairSenses.has(sense))
    : named.map(({ from, to }) => said(tokens.slice(from, to)));
  const before = tokens.slice(0, first.from).filter(({ word }) => word !== 'both');
  const lead = before.length === 0 ? '' : `${said(before)} `;
  const between = text.slice(tokens[first.from]?.from, tokens[mentions[last]?.from ?? 0]?.from);
  if (!areParents && !/\band\b|&/i.test(between)) return [text];
  const rest = text.slice(tokens[(mentions[last]?.to ?? 1) - 1]?.to);
  const all = who.map((one) => `${lead}${one}${rest}`);
  return all.length > 1 && all.every((one) => readLoss(one, circle).kind === 'death') ? all : [text];
}

/** Of a note that tells of several, each. Who is not on file has an id of their own. */
const allToldBy = (note: Note, circle: Circle): readonly Told[] =>
  separated(note.text, circle).map((text, place) =>
    toldBy(note, text, place === 0 ? note.id : `${note.id} ${place}`, circle),
  );

/** The notes that tell that somebody died or left: those that say so; where none does, those linked to them. */
export function notesTelling(person: Person, losses: readonly Note[], circle: Circle): readonly Note[] {
  const said = losses.filter(tellsOf(person, circle));
  const isTheirs = (note: Note): boolean =>
    allToldBy(note, circle).some((one) => one.person?.id === person.id);
  return said.length > 0 ? said : losses.filter(isTheirs);
}

/** What a loss says of whom it is about: died, or apart, since its date; nothing where it is neither. */
export function fateOf(
  kind: Loss['kind'] | undefined,
  date: PartialDate | null,
  person?: Person,
): Patch<Person> {
  const day = date?.startsWith('--') ? null : date;
  if (kind === 'death') return { status: 'died', died_on: person?.died_on ?? day };
  return kind === 'parting' && person?.status !== 'died'
    ? { status: 'apart', apart_since: person?.apart_since ?? day }
    : {};
}

/** Whether a note tells that somebody died or left. */
export const tellsOf =
  (person: Person, circle: Circle) =>
  (note: Note): boolean =>
    allToldBy(note, circle).some(
      ({ person: whom, reading: { kind } }) => whom?.id === person.id && /^(?:death|parting)$/.test(kind),
    );

/** The living again, of whom this loss alone told that they died or left. @param left the losses that still hold */
export function takenBack(
  person: Person,
  loss: Note,
  left: readonly Note[],
  circle: Circle,
): Patch<Person> | undefined {
  const tells = tellsOf(person, circle);
  const since = person.status === 'died' ? person.died_on : person.apart_since;
  const isByIt = person.status !== 'living' && since === loss.date && tells(loss) && !left.some(tells);
  return isByIt ? { status: 'living', died_on: null, apart_since: null } : undefined;
}

/** Several notes of one death are one loss: a public one speaks, the first that was recorded counts. */
function merged(losses: readonly Loss[]): readonly Loss[] {
  const kept: Loss[] = [];
  for (const loss of losses) {
    const place = kept.findIndex(
      ({ kind, person }) =>
        kind === loss.kind && kind !== 'other' && person !== undefined && person.id === loss.person?.id,
    );
    const other = kept[place];
    if (other === undefined) kept.push(loss);
    else {
      const [speaks, silent] = other.isPrivate && !loss.isPrivate ? [loss, other] : [other, loss];
      const [from = speaks.from] = [silent.from, speaks.from].sort();
      kept[place] = { ...speaks, from, isBirth: speaks.isBirth || silent.isBirth };
    }
  }
  return kept;
}

/** Newest first. @param isPrivate whether what a note tells is not to be told */
export function lossesOf(
  { notes, ...circle }: Circle & { readonly notes: readonly Note[] },
  on: CivilDate,
  isPrivate: (note: Note) => boolean,
): readonly Loss[] {
  const told = sortedBy(
    newestOfThreads(notes).filter(({ kind }) => kind === 'loss'),
    ({ id }) => [id],
  ).flatMap((note) => allToldBy(note, circle));
  const readAsDead = new Set(
    told.flatMap(({ reading, person }) => (reading.kind === 'death' ? [person?.id] : [])),
  );

  const lossOf = ({ note, text, reading, person }: Told): Loss => {
    // Linked to somebody who died, where no other note says so.
    const isLinked = reading.kind === 'other' && person?.status === 'died' && !readAsDead.has(person.id);
    const kind = isLinked ? 'death' : reading.kind;
    const isExact = readCivilDate(note.date) !== undefined;
    const date = kind === 'death' && !isExact ? (person?.died_on ?? note.date) : note.date;
    const isPlain = kind === 'death' && reading.how === '';
    const isNamed = person !== undefined && fold(reading.who).includes(fold(personFirstName(person)));
    const who = person === undefined || isNamed ? reading.who : whoIs(person);
    const words = capitalised(isPlain ? `${who} died` : text.trim());
    const { isBirth } = reading;
    return {
      ...{ kind, person, date, words, note, isBirth, isPrivate: isPrivate(note) },
      ...daysOf(date, note.recorded_on, on),
      line: isPlain
        ? words + when(date, on) + (date !== null && isDate(reading.tail) ? '' : reading.tail)
        : present(words, date !== null && when(date, on).trim()).join(', '),
      since: isPlain ? `${person === undefined ? who : personFirstName(person)} died` : sinceHow(reading),
    };
  };

  const losses = merged(told.map(lossOf));
  const isTold = (person: Person, kind: Loss['kind']): boolean =>
    losses.some((loss) => loss.kind === kind && loss.person?.id === person.id);
  const byRecord = circle.people.flatMap((person): readonly Loss[] => {
    const kind = person.status === 'died' ? 'death' : 'parting';
    const date = person.status === 'died' ? person.died_on : person.apart_since;
    if (person.status === 'living' || date === null || isTold(person, kind)) return [];
    const words = capitalised(`${whoIs(person)} ${kind === 'death' ? 'died' : 'apart since'}`);
    const line = words + (kind === 'death' ? when(date, on) : when(date, on).replace(/^ in /, ' '));
    const since = `${personFirstName(person)} died`;
    const silent = { isPrivate: false, isBirth: false, note: undefined };
    return [{ kind, person, date, words, line, since, ...daysOf(date, null, on), ...silent }];
  });
  return sortedBy([...losses, ...byRecord], ({ day, from, note, person }) => [
    day ?? from,
    note?.id ?? person?.id ?? '',
  ]).toReversed();
}

function sinceHow({ who, how }: LossReading): string {
  const [first = ''] = foldedWords(how);
  return `${who}${lists.plainDying.has(first) ? '' : ','} ${how}`;
}

/** A line for TREAD GENTLY on a few days of the year. */
export interface DayLine {
  readonly text: string;
  readonly day: CivilDate;
  readonly loss: Loss;
  readonly note: Note | undefined;
  readonly isPrivate: boolean;
}

const [daysBefore, daysAfter] = [10, 3];
const mostAnniversaries = 5;

export const isNear = (day: CivilDate, on: CivilDate): boolean =>
  on >= addDays(day, -daysBefore) && on <= addDays(day, daysAfter);

export function anniversaryOf(loss: Loss, on: CivilDate): DayLine | undefined {
  const { date, kind, since, note, isPrivate } = loss;
  if (kind !== 'death' || date === null || date.length === 4) return undefined;
  const full = readCivilDate(date);
  for (let years = 1; years <= mostAnniversaries; years += 1) {
    const long = years === 1 ? 'a year' : `${years} years`;
    const day = yearlyDateIn(yearOf(date) + years, full?.slice(5) ?? `${date.slice(5)}-01`);
    const isThisMonth = full === undefined && day.slice(0, 7) === on.slice(0, 7);
    if (isThisMonth) return { text: `${long} this month since ${since}`, day, loss, note, isPrivate };
    if (full !== undefined && isNear(day, on))
      return { text: `${weekdayDate(day, on)}: ${long} since ${since}`, day, loss, note, isPrivate };
  }
  return undefined;
}
