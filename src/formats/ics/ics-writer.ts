/** Writes promises as to-dos or all-day events (RFC 5545), by stable UIDs, so that a second import updates them. */
import type ICAL from 'ical.js';
import { addDays, type CivilDate } from '../../dates/civil.ts';
import type { WholePatient } from '../../domain/interchange.ts';
import { displayName } from '../../domain/patient-names.ts';
import type { Commitment, Owner, Patient } from '../../domain/records.ts';
import { printableLines } from '../../domain/text.ts';
import { ownUidEnd } from './components.ts';

interface IcsOptions {
  /** All-day events instead of to-dos, without promises that have no due date. */
  readonly events: boolean;
  readonly full: boolean;
  readonly today: CivilDate;
  readonly exportedAt: string;
}

/** Days for which a closed promise is still exported, so that a calendar drops it. */
const closedDays = 90;

const ownerPrefix: Readonly<Record<Owner, string>> = { me: '', staff: 'staff: ', patient: 'theirs: ' };

// In these scripts one character is a word; two would be most of the name.
const wordCharacters = /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}]/u;

function initialsOf(name: string): string {
  const firsts = (name.match(/\p{L}[\p{L}\p{M}\p{N}'’]*/gu) ?? []).map((word) => [...word][0] ?? '');
  const [first = '?'] = firsts;
  return wordCharacters.test(first) ? first : firsts.join('').toUpperCase() || first;
}

const isUlid = (id: string): boolean => /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(id);

/** An imported id may identify the patient, so only ULIDs are exported; a ref says nothing. */
const uidOf = ({ id, ref }: Commitment): string => `${isUlid(id) ? id : ref}${ownUidEnd}`;

function summaryOf(patient: Patient, { owner, kind, text, ref }: Commitment, full: boolean): string {
  const name = full ? displayName(patient) : initialsOf(patient.name);
  const what = full ? text : `${kind === 'other' ? 'promise' : kind} (${ref})`;
  return printableLines(`${name}: ${ownerPrefix[owner]}${what}`).join('\n');
}

type Property = readonly [name: string, parameters: object, type: string, value: string | number];
const text = (name: string, value: string): Property => [name, {}, 'text', value];
const day = (name: string, value: CivilDate): Property => [name, {}, 'date', value];

const todoStatus = { open: 'NEEDS-ACTION', kept: 'COMPLETED', dropped: 'CANCELLED' } as const;

function componentOf(patient: Patient, commitment: Commitment, options: IcsOptions): readonly unknown[] {
  const { due, status, snoozes } = commitment;
  const isOpen = status === 'open';
  const shared: readonly Property[] = [
    text('uid', uidOf(commitment)),
    ['dtstamp', {}, 'date-time', `${options.exportedAt.slice(0, 19)}Z`],
    ['sequence', {}, 'integer', snoozes.length + (isOpen ? 0 : 1)],
    text('summary', summaryOf(patient, commitment, options.full)),
    text('class', 'PRIVATE'),
  ];
  const event = (on: CivilDate): readonly Property[] => [
    day('dtstart', on),
    day('dtend', addDays(on, 1)),
    text('transp', 'TRANSPARENT'),
    text('status', isOpen ? 'CONFIRMED' : 'CANCELLED'),
  ];
  const todo: readonly Property[] = [
    ...(due === null ? [] : [day('due', due)]),
    text('status', todoStatus[status]),
  ];
  return options.events && due !== null
    ? ['vevent', [...shared, ...event(due)], []]
    : ['vtodo', [...shared, ...todo], []];
}

export const isWanted = (
  { status, closed_on, due }: Commitment,
  { today, events }: Pick<IcsOptions, 'today' | 'events'>,
): boolean =>
  (status === 'open' || (closed_on !== null && addDays(closed_on, closedDays) >= today)) &&
  (due !== null || !events);

type Promised = Pick<WholePatient, 'patient' | 'commitments'>;

function* calendarChunks(
  patients: Iterable<Promised>,
  options: IcsOptions,
  ical: typeof ICAL,
): Iterable<string> {
  yield 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//rapport//rapport//EN';
  for (const { patient, commitments } of patients)
    for (const commitment of commitments)
      if (isWanted(commitment, options))
        yield ical.stringify([...componentOf(patient, commitment, options)]).trimEnd();
  yield 'END:VCALENDAR';
}

export async function writeIcs(patients: Iterable<Promised>, options: IcsOptions): Promise<Iterable<string>> {
  const { default: ical } = await import('ical.js');
  return calendarChunks(patients, options, ical);
}
