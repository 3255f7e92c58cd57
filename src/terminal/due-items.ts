/** The items of a due list in words: what each says, and the day beside it. */
import { type CivilDate, readCivilDate } from '../dates/civil.ts';
import { daysLate, distance, partialDate, shortDate, weekdayDate } from '../dates/wording.ts';
import { firstDue } from '../domain/commitments.ts';
import { type DueItem, type DueOutreach, type DuePromise, type DueQuiet, isPromise } from '../domain/due.ts';
import { type Contact, isVisit, type Patient, type Person } from '../domain/records.ts';
import { cutToWidth } from '../domain/text.ts';

/** What a list says of a patient. */
export type NamedPatient = Pick<Patient, 'id' | 'ref' | 'name' | 'goes_by' | 'handle' | 'status' | 'died_on'>;

/** Who the list is about: patients by id, and persons that a promise was redirected to. */
export interface DueNames {
  readonly patients: ReadonlyMap<string, NamedPatient>;
  readonly people: ReadonlyMap<string, Pick<Person, 'id' | 'name'>>;
}

const longestText = 240;

export interface DueRecord {
  readonly id: string;
  readonly ref: string;
  readonly patientId: string;
}

/** What an item stands for: a promise, a milestone, or the patient. */
export function recordOf(item: DueItem): DueRecord {
  if (item.group === 'quiet') {
    const { id, ref } = item.patient;
    return { id, ref, patientId: id };
  }
  const { id, ref, patient_id: patientId } = isPromise(item) ? item.commitment : item.note;
  return { id, ref, patientId };
}

function promiseText({ commitment }: DuePromise, people: DueNames['people'], on: CivilDate): string {
  const { owner, text, attempts, snoozes, for_person } = commitment;
  const person = for_person === null ? undefined : people.get(for_person);
  const first = firstDue(commitment);
  const last = attempts.at(-1);
  const remarks = [
    ...(snoozes.length > 0 && first !== null ? [`first due ${shortDate(first, on)}`] : []),
    ...(last === undefined
      ? []
      : [`tried ${attempts.length > 1 ? `${attempts.length} times, last ` : ''}${shortDate(last.on, on)}`]),
  ];
  return [
    owner === 'staff' ? 'staff: ' : '',
    cutToWidth(text, longestText),
    person === undefined ? '' : ` (for ${person.name.split(/\s+/u)[0]})`,
    remarks.length === 0 ? '' : ` (${remarks.join('; ')})`,
  ].join('');
}

/** A milestone's words; of a private one only where they are to be found. */
export function outreachText(
  { note, without }: DueOutreach,
  patient: Pick<Patient, 'handle'> | undefined,
): string {
  if (note.sensitive && !note.show_in_brief)
    return `private: rapport notes ${patient?.handle ?? ''} --sensitive`;
  return without === undefined ? note.text : `${note.text}, ${without}`;
}

/** 'No contact recorded since 3 Jun'. */
export function quietText({ since }: DueQuiet, on: CivilDate): string {
  if (since === null) return 'No contact recorded yet';
  const full = readCivilDate(since);
  const when = full === undefined ? partialDate(since, on).replace(/^in /, '') : shortDate(full, on);
  return `No contact recorded since ${when}`;
}

/** What an item says, without the patient's name. */
export function textOf(item: DueItem, on: CivilDate, { people, patients }: DueNames): string {
  if (isPromise(item)) return promiseText(item, people, on);
  if (item.group === 'quiet') return quietText(item, on);
  return cutToWidth(outreachText(item, patients.get(item.note.patient_id)), longestText);
}

/** 'visit today 10:20', 'call Tue 17 Mar'. */
function planned(contact: Contact | undefined, on: CivilDate): string {
  if (contact === undefined) return '';
  const what = isVisit(contact) ? 'visit' : contact.channel;
  const day = contact.on === on ? 'today' : weekdayDate(contact.on, on);
  return `${what} ${day}${contact.on !== on || contact.at === null ? '' : ` ${contact.at}`}`;
}

/** The visit or call of the day, beside what I have to have done by then. */
function comesToday({ nextContact, commitment }: DuePromise, on: CivilDate): string {
  return nextContact?.on === on && commitment.owner === 'me' ? planned(nextContact, on) : '';
}

/** 'Sat 21 Mar, in 7 days'; 'in May'. */
function comesWhen({ day, note }: DueOutreach, on: CivilDate): string {
  if (day === undefined) return note.date === null ? '' : partialDate(note.date, on);
  return `${weekdayDate(day, on)}, ${distance(day, on)}`;
}

/** The day beside it; days late stand in line behind dates of that width. */
export function whenOf(item: DueItem, on: CivilDate, dateWidth: number): string {
  if (item.group === 'outreach') return comesWhen(item, on);
  return item.group === 'quiet' ? planned(item.nextContact, on) : promiseWhen(item, on, dateWidth);
}

/** When it is or was due, as far as the heading does not say so. */
function promiseWhen(item: DuePromise, on: CivilDate, dateWidth: number): string {
  const { due } = item.commitment;
  if (due === null || due === on) return comesToday(item, on);
  if (item.daysLate !== null) return `${shortDate(due, on).padEnd(dateWidth)}  ${daysLate(item.daysLate)}`;
  if (due < on) return `since ${shortDate(due, on)}`;
  return item.group === 'closed_day' ? `falls on ${weekdayDate(due, on)}` : weekdayDate(due, on);
}
