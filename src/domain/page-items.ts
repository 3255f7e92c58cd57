/** Each record as an item of a patient's page: the same words on a screen, in Markdown and in print. Dates have their year. */
import {
  type CivilDate,
  everyWords,
  lateWords,
  type PartialDate,
  plainDate,
  spanOf,
  yearsBetween,
} from '../dates/civil.ts';
import type { World } from './losses.ts';
import { daysOver, firstDue, nextOccurrence, yearlyDay } from './note-rules.ts';
import { personName } from './patient-names.ts';
import {
  type Commitment,
  type Contact,
  channelNames,
  defaultTone,
  type Note,
  type Owner,
  type Patient,
  type Person,
} from './records.ts';
import { present } from './text.ts';

export interface PageItem {
  readonly ref: string;
  /** Of a promise 'due 16 Dec 2025'; else the day alone. Empty where nothing has a day. */
  readonly when: string;
  readonly text: string;
  readonly details: readonly string[];
  /** What became of it, a line each. */
  readonly below: readonly string[];
  readonly isLate?: boolean;
}

export const pageItem = (text: string, more: Partial<PageItem> = {}): PageItem => ({
  ref: '',
  when: '',
  text,
  details: [],
  below: [],
  ...more,
});

export interface PageContext {
  readonly today: CivilDate;
  readonly world: World;
  /** For the patient to read: it says all that a record says. */
  readonly isPaper: boolean;
  /** Some notes and visits came from a file, and paper says which. */
  readonly isMixed: boolean;
  readonly people: ReadonlyMap<string, Person>;
  /** Of those around the patient who are patients too, the handle. */
  readonly handles: ReadonlyMap<string, string>;
  readonly earlier: ReadonlyMap<string, readonly { readonly text: string; readonly until: CivilDate }[]>;
}

const dated = (words: string, date: PartialDate | null): string | null =>
  date === null ? null : `${words} ${plainDate(date)}`;
const withReason = (words: string, reason: string | null): string =>
  reason === null ? words : `${words}: ${reason}`;
const nameFor = (id: string | null, { people }: PageContext): string | undefined => {
  const person = id === null ? undefined : people.get(id);
  return person === undefined ? (id === null ? undefined : 'someone') : personName(person);
};
const by = (owner: Owner, { isPaper }: PageContext): string =>
  ({ me: isPaper ? ' by the clinician' : '', patient: ' by the patient', staff: ' by staff' })[owner];

/** '34'; 'about 34' where the day is not known; nothing before they were born. */
export function ageAt(birth: PartialDate, on: CivilDate): string {
  const span = spanOf(birth);
  if (span === undefined || span.first > on) return '';
  const [most, least] = [yearsBetween(span.first, on), span.last > on ? 0 : yearsBetween(span.last, on)];
  return most === least ? String(most) : `about ${most}`;
}

/** 'died 2 Feb 2026', 'apart since May 2024'; nothing of the living. */
export function personStanding({ status, died_on, apart_since }: Person): string | null {
  if (status === 'living') return null;
  return status === 'died'
    ? (dated('died', died_on) ?? 'died')
    : (dated('apart since', apart_since) ?? 'apart');
}

export function personItem(person: Person, context: PageContext): PageItem {
  const { ref, name, relation, birth_date, status, patient } = person;
  const handle = context.handles.get(patient ?? '');
  const age = birth_date === null || status !== 'living' ? '' : ageAt(birth_date, context.today);
  const details = present(
    name !== null && relation,
    dated('born', birth_date),
    age !== '' && `${age} years`,
    personStanding(person),
    handle !== undefined && `also a patient: ${handle}`,
  );
  return pageItem(personName(person), { ref, details });
}

const standings: Readonly<Record<Note['status'], string | null>> = {
  current: null,
  answered: null,
  superseded: 'replaced by a newer note',
  retired: 'no longer used',
};

/** When it is told of: a milestone or loss by its own date, anything else by the day it was noted. */
function whenOf({ kind, date, recorded_on, yearly }: Note): readonly [when: string, isOwn: boolean] {
  const isOwn = date !== null && (kind === 'milestone' || kind === 'loss');
  if (!isOwn) return [recorded_on === null ? 'no date' : plainDate(recorded_on), false];
  const day = yearlyDay({ date, yearly });
  return [
    day === undefined ? plainDate(date) : `every ${plainDate(`--${day.monthAndDay}` as PartialDate)}`,
    true,
  ];
}

function marksOf(note: Note, { world, today }: PageContext): readonly string[] {
  const next = nextOccurrence(note, today)?.first;
  const [without, which] = [world.without(note, next), world.which(note)];
  return present(
    note.kind === 'next' && note.status === 'current' && world.markOfNext(note),
    without && `(${without})`,
    which && `(which ${which}?)`,
  );
}

/** @param again the day to look at a decision again. @param words in place of the text */
export function noteItem(
  note: Note,
  context: PageContext,
  { again = null, words = note.text }: { readonly again?: CivilDate | null; readonly words?: string } = {},
): PageItem {
  const { kind, date, status, answer, tone, yearly } = note;
  const { isPaper, isMixed, earlier } = context;
  const person = nameFor(note.person, context);
  const [when, isOwn] = whenOf(note);
  const first = isOwn ? yearlyDay(note)?.full : undefined;
  const answered = kind === 'decision' ? 'decided' : 'answered';
  const isAnswered = status === 'answered' || note.answered_on !== null || answer !== null;
  return {
    ref: note.ref,
    when,
    text: present(words, ...marksOf(note, context)).join(' '),
    details: present(
      isOwn && (dated('noted', note.recorded_on) ?? 'noted, no date'),
      first && `first ${plainDate(first)}`,
      note.said_on !== note.recorded_on && dated('said', note.said_on),
      dated('confirmed', note.confirmed_on),
      person !== undefined && `about ${person}`,
      !isOwn && dated('for', date),
      yearly && (!isOwn || yearlyDay(note) === undefined) && 'every year',
      isPaper && tone !== defaultTone(kind) && `marked as ${tone}`,
      note.pinned && 'pinned',
      note.reach_out && 'to be in touch about',
      note.sensitive && 'private',
      note.show_in_brief && (isPaper || note.sensitive) && 'shown before a visit',
      note.unread !== null && `no date read: ${note.unread}`,
      isPaper && note.replaces !== null && 'in place of an earlier note',
      standings[status],
      isMixed && note.source === 'imported' && 'from a file',
    ),
    below: present(
      isAnswered && withReason(dated(answered, note.answered_on) ?? answered, answer),
      dated('to be looked at again', again),
      ...(earlier.get(note.id) ?? []).map(({ text, until }) => `until ${plainDate(until)} it read: ${text}`),
    ),
  };
}

/** A promise. One that was closed is told by the day that was. */
export function promiseItem(promise: Commitment, context: PageContext): PageItem {
  const { owner, kind, status, due, closed_on, how, reason, who, made_on } = promise;
  const { isPaper, today, world } = context;
  const isOpen = status === 'open';
  const person = nameFor(promise.for_person, context);
  const first = firstDue(promise);
  const isLate = daysOver(promise, today) !== null;
  const isClosed = !isOpen || [how, reason, who, closed_on].some((value) => value !== null);
  const closing = status === 'dropped' ? 'dropped' : isOpen ? 'was closed' : 'kept';
  const whose = who === null ? '' : by(who, context);
  const closed = withReason(`${dated(closing, closed_on) ?? closing}${whose}`, how ?? reason);
  // On a screen its day and what became of it stand before it.
  const shortly = present(whose.trim(), how ?? reason)
    .filter((one) => one !== '')
    .join(': ');
  const day = isOpen ? dated('due', due) : closed_on && plainDate(closed_on);
  return {
    ref: promise.ref,
    when: day ?? 'no date',
    isLate: isOpen && isLate,
    text: present(
      isOpen ? promise.text : `promise ${status}: ${promise.text}`,
      isOpen && world.markOfPromise(promise),
    ).join(' '),
    details: present(
      isLate && due !== null && lateWords(due, isOpen ? today : (closed_on ?? today)),
      isOpen && due === today && 'today',
      (isPaper || (isOpen && (made_on !== null || owner !== 'me'))) &&
        (dated('promised', made_on) ?? 'promised') + by(owner, context),
      !isOpen && (isLate || isPaper) && dated('due', due),
      first !== due && (isOpen || isPaper) && dated('first due', first),
      promise.every !== null && everyWords(promise.every),
      dated('told', promise.told_on),
      person !== undefined && `for ${person}`,
      isPaper && kind !== 'other' && `kind: ${kind}`,
      isPaper && due === null && promise.undated && 'needs no date',
      promise.unread !== null && `no date read: ${promise.unread}`,
      promise.sensitive && 'private',
    ),
    below: present(
      ...promise.snoozes.map(
        ({ on, from, to, reason: why }) =>
          // Of the others the first due date says enough on a screen.
          (isPaper || why !== null) &&
          withReason(
            `put off on ${plainDate(on)}${from === null ? '' : ` from ${plainDate(from)}`} to ${plainDate(to)}`,
            why,
          ),
      ),
      ...promise.attempts.map(({ on, note }) => withReason(`tried ${plainDate(on)}`, note)),
      isClosed && (isPaper || isOpen ? closed : shortly),
      how !== null && reason !== null && `reason: ${reason}`,
    ),
  };
}

const directions = { in: ' from the patient', out: ' to the patient' } as const;

export function contactItem(contact: Contact, { isPaper, isMixed }: PageContext): PageItem {
  const { on, at, channel, direction, state, gist, uid, sequence } = contact;
  const what = `${channelNames[channel]}${direction === null ? '' : directions[direction]}`;
  const details = present(
    contact.sensitive && 'private',
    isPaper && contact.time_zone,
    isMixed && contact.source === 'imported' && 'from a file',
    isPaper && uid !== null && `known there as ${uid}`,
    isPaper && sequence !== null && `version ${sequence}`,
  );
  const text = withReason(present(state === 'held' ? what : `${what} ${state}`, at).join(', '), gist);
  return pageItem(text, { ref: contact.ref, when: plainDate(on), details });
}

/** 'died 2 Feb 2026', 'archived'. */
export const patientStanding = ({ status, died_on }: Pick<Patient, 'status' | 'died_on'>): string =>
  status === 'died' ? (dated('died', died_on) ?? 'died') : status;
