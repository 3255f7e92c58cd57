/** Writes promises as to-dos or all-day events (RFC 5545), by stable UIDs, so that a second import updates them. */
import { addDays, type CivilDate, everyWords } from '../../dates/civil.ts';
import type { WholePatient } from '../../domain/interchange.ts';
import { displayName } from '../../domain/patient-names.ts';
import type { Commitment, Owner, Patient } from '../../domain/records.ts';
import { isFamilyFirst, printableLines } from '../../domain/text.ts';
import { ownUidEnd, writeLine } from '../content-lines.ts';

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

function initialsOf(name: string): string {
  const firsts = (name.match(/\p{L}[\p{L}\p{M}\p{N}'’]*/gu) ?? []).map((word) => [...word][0] ?? '');
  const [first = '?'] = firsts;
  // There one character is a word; two would be most of the name.
  return isFamilyFirst(first) ? first : firsts.join('').toUpperCase() || first;
}

const isUlid = (id: string): boolean => /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(id);

/** An imported id may identify the patient, so only ULIDs are exported; a ref says nothing. */
const uidOf = ({ id, ref }: Commitment): string => `${isUlid(id) ? id : ref}${ownUidEnd}`;

function summaryOf(patient: Patient, { owner, kind, text, ref, every }: Commitment, full: boolean): string {
  const name = full ? displayName(patient) : initialsOf(patient.name);
  const what = full ? text : `${kind === 'other' ? 'promise' : kind} (${ref})`;
  const repeats = every === null ? '' : ` (${everyWords(every)})`;
  return printableLines(`${name}: ${ownerPrefix[owner]}${what}${repeats}`).join('\n');
}

const todoStatus = { open: 'NEEDS-ACTION', kept: 'COMPLETED', dropped: 'CANCELLED' } as const;

const stamp = (instant: string): string => `${instant.slice(0, 19).replace(/[-:]/g, '')}Z`;
const dayLine = (name: string, day: CivilDate): string => `${name};VALUE=DATE:${day.replaceAll('-', '')}`;

function componentOf(patient: Patient, commitment: Commitment, options: IcsOptions): string {
  const { due, status, snoozes } = commitment;
  const isOpen = status === 'open';
  const event = (on: CivilDate): readonly string[] => [
    dayLine('DTSTART', on),
    dayLine('DTEND', addDays(on, 1)),
    'TRANSP:TRANSPARENT',
    `STATUS:${isOpen ? 'CONFIRMED' : 'CANCELLED'}`,
  ];
  const todo = [...(due === null ? [] : [dayLine('DUE', due)]), `STATUS:${todoStatus[status]}`];
  const kind = options.events && due !== null ? 'VEVENT' : 'VTODO';
  return [
    `BEGIN:${kind}`,
    writeLine('UID', uidOf(commitment)),
    `DTSTAMP:${stamp(options.exportedAt)}`,
    `SEQUENCE:${snoozes.length + (isOpen ? 0 : 1)}`,
    writeLine('SUMMARY', summaryOf(patient, commitment, options.full)),
    'CLASS:PRIVATE',
    ...(options.events && due !== null ? event(due) : todo),
    `END:${kind}`,
  ].join('\r\n');
}

export const isWanted = (
  { status, closed_on, due }: Commitment,
  { today, events }: Pick<IcsOptions, 'today' | 'events'>,
): boolean =>
  (status === 'open' || (closed_on !== null && addDays(closed_on, closedDays) >= today)) &&
  (due !== null || !events);

type Promised = Pick<WholePatient, 'patient' | 'commitments'>;

/** Yields a component at a time, without the last line end. */
export function* writeIcs(patients: Iterable<Promised>, options: IcsOptions): Iterable<string> {
  yield 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//rapport//rapport//EN';
  for (const { patient, commitments } of patients)
    for (const commitment of commitments)
      if (isWanted(commitment, options)) yield componentOf(patient, commitment, options);
  yield 'END:VCALENDAR';
}
