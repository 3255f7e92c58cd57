/** Reads appointments as contacts, tasks as commitments; and puts patients together: who is only referred to is a pointer. */
import { type CivilDate, readCivilDate, readTimeOfDay, type TimeOfDay } from '../../dates/civil.ts';
import type { Complain } from '../../domain/fields.ts';
import type { ImportIssues } from '../../domain/import-issues.ts';
import type { Given, GivenPatient, GivenRecord } from '../../domain/interchange.ts';
import type { CommitmentStatus, ContactState, Identifier, Owner } from '../../domain/records.ts';
import { foldedWords, present } from '../../domain/text.ts';
import { dateComplaint, type NameDigits } from '../patient-values.ts';
import type { Reference, Resource } from './shapes.ts';

interface Records {
  readonly related: GivenRecord<'person'>[];
  readonly contacts: GivenRecord<'contact'>[];
  readonly commitments: GivenRecord<'commitment'>[];
}

/** A patient of the file, or one whom it only points to, with all that belongs to them. */
export interface PatientEntry extends Records {
  readonly path: string;
  readonly id?: string | undefined;
  readonly fullUrl?: string | undefined;
  readonly fields: Given<'patient'>;
  readonly contactPeople: readonly GivenRecord<'person'>[];
  /** Why, where this is none to keep. */
  readonly leftOut?: string | undefined;
  readonly pointer?: GivenPatient['pointer'];
}

export const newEntry = (parts: Omit<PatientEntry, keyof Records>): PatientEntry => ({
  related: [],
  contacts: [],
  commitments: [],
  ...parts,
});

/** A record of the patient `of`; `path` is that of the reference. */
export interface Belongs {
  readonly of: Reference;
  readonly path: string;
  readonly put: (to: Records) => void;
}

/** What a resource is: a patient, records of patients, or nothing for rapport. */
export type ReadResource =
  | { readonly patient: PatientEntry }
  | { readonly belongs: readonly Belongs[] }
  | { readonly leftOut: string };

/** 'Patient/1' for any form of that reference; others as they are. */
function targetOf(text: string): string {
  const plain = text.replace(/\/_history\/[^/]*$/, '');
  return /(?:^|\/)(Patient\/[^/?#]+)$/.exec(plain)?.[1] ?? plain;
}

const idIn = (target = ''): string | undefined =>
  /^(?:Patient\/|urn:uuid:)((?=.*[A-Za-z])[A-Za-z0-9_-]{1,64})$/.exec(target)?.[1];

const mayBePatient = ({ reference, type, identifier }: Reference): boolean =>
  (type === undefined || type === 'Patient') &&
  (reference === undefined
    ? type === 'Patient' && identifier !== undefined
    : /^urn:|(?:^|\/)Patient\//.test(reference));

const nameOf = ({ fields }: GivenRecord<'person'>): string => foldedWords(fields.name ?? '').join(' ');

/** Joins a Patient.contact and a RelatedPerson of one name; the latter's fields take precedence. */
function joinPeople({ contactPeople, related }: PatientEntry): readonly GivenRecord<'person'>[] {
  const joined = new Map<string, GivenRecord<'person'>>();
  for (const record of contactPeople) if (!joined.has(nameOf(record))) joined.set(nameOf(record), record);
  const people = related.map((record) => {
    const contact = joined.get(nameOf(record));
    joined.delete(nameOf(record));
    return contact === undefined ? record : { ...record, fields: { ...contact.fields, ...record.fields } };
  });
  return [...joined.values(), ...people];
}

/** Takes what a file has of patients, and whose it is; `finish` puts it together. */
export function patientAssembly(faults: ImportIssues, identifierSystems: ReadonlySet<string>) {
  const entries: PatientEntry[] = [];
  const others = new Set<string>();
  const byTarget = new Map<string, PatientEntry>();
  const pointers = new Map<string, PatientEntry>();

  function patient(entry: PatientEntry): void {
    const keys = present(entry.fullUrl, entry.id !== undefined && `Patient/${entry.id}`);
    for (const key of new Set(keys)) {
      // Two servers may use the same id, so full addresses take precedence.
      const earlier = byTarget.get(key);
      if (earlier === undefined) byTarget.set(key, entry);
      else if (key === entry.fullUrl || earlier.fullUrl === undefined || entry.fullUrl === undefined) {
        faults.add(entry.path, `the same resource as ${earlier.path}`);
        return;
      }
    }
    entries.push(entry);
  }

  function finish(belongings: readonly Belongs[]): readonly GivenPatient[] {
    for (const { path, leftOut } of entries) if (leftOut !== undefined) faults.leaveOut(path, leftOut);
    for (const { of, path, put } of belongings) {
      if (others.has(of.reference ?? '')) continue;
      const entry = find(of) ?? pointerTo(of, path);
      if (entry.leftOut === undefined) put(entry);
      else faults.leaveOut(path, 'belongs to a patient who is left out');
    }
    return [...entries.filter((entry) => !entry.leftOut), ...pointers.values()].map((entry) => {
      const { path, fields, contacts, commitments, pointer } = entry;
      const people = joinPeople(entry);
      return { path, fields, people, notes: [], commitments, contacts, ...(pointer && { pointer }) };
    });
  }

  function find({ reference, identifier }: Reference): PatientEntry | undefined {
    if (reference !== undefined) return byTarget.get(reference) ?? byTarget.get(targetOf(reference));
    const { system, value } = identifier ?? {};
    const isSame = (one: Identifier): boolean => one.system === system && one.value === value;
    return entries.find(({ fields }) => fields.identifiers?.some(isSame));
  }

  /** A patient who is not in the file. */
  function pointerTo({ reference, identifier, display }: Reference, path: string): PatientEntry {
    const target = reference && targetOf(reference);
    const { system, value } = identifier ?? {};
    const key = [target, system, value, display].join('\n');
    const id = idIn(target);
    const isKept = system !== undefined && value !== undefined && identifierSystems.has(system);
    const fields = { ...(id && { id }), ...(isKept && { identifiers: [{ system, value }] }) };
    const pointer = { called: display };
    const entry = pointers.get(key) ?? newEntry({ path, fields, contactPeople: [], pointer });
    pointers.set(key, entry);
    return entry;
  }

  return { patient, other: (fullUrl: string) => others.add(fullUrl), finish };
}

/** How files are read, where in this one a resource stands, and who is told what is wrong with it. */
export interface Reading {
  readonly today: CivilDate;
  readonly zone: string;
  readonly identifierSystems: ReadonlySet<string>;
  readonly toLocal: (instant: string) => { readonly date: CivilDate; readonly time: TimeOfDay };
  readonly names: NameDigits;
  readonly path: string;
  readonly fullUrl: string | undefined;
  readonly complain: Complain;
}

/** A FHIR dateTime in the clinician's zone; without an offset it is taken as local. */
function moment(text: string, { toLocal, complain }: Pick<Reading, 'toLocal' | 'complain'>, below = '') {
  const [, day = '', time, zone] =
    /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.exec(text) ?? [];
  const on = readCivilDate(day);
  const at = time === undefined ? null : readTimeOfDay(time);
  const instant = zone === undefined ? 0 : Date.parse(text);
  if (on === undefined || at === undefined || Number.isNaN(instant)) {
    complain(dateComplaint(text), below);
    return undefined;
  }
  if (zone === undefined) return { on, at };
  const local = toLocal(new Date(instant).toISOString());
  return { on: local.date, at: local.time };
}

// http://hl7.org/fhir/R4/valueset-appointmentstatus.html. Proposed and erroneous ones are no plan.
const states = new Map<string, ContactState>([
  ['booked', 'planned'],
  ['checked-in', 'planned'],
  ['arrived', 'held'],
  ['fulfilled', 'held'],
  ['cancelled', 'cancelled'],
  ['noshow', 'missed'],
]);

export function readAppointment(
  { id, status = '', start, end, participant = [] }: Resource<'Appointment'>,
  reading: Reading,
): ReadResource | undefined {
  const { path, today, zone, toLocal } = reading;
  const state = states.get(status);
  if (state === undefined)
    return { leftOut: 'an appointment that is neither booked, held, missed nor cancelled' };
  if (start === undefined) return { leftOut: 'an appointment without a time' };
  const when = moment(start, reading, '.start');
  if (when === undefined) return undefined;
  // Midnight to midnight is a day without a time. `end` serves only for that, so a bad one is no fault.
  const until = end === undefined ? undefined : moment(end, { toLocal, complain: () => undefined });
  const isDay = when.at === '00:00' && until?.at === '00:00' && until.on > when.on;
  const at = isDay ? null : when.at;
  const fields: Given<'contact'> = {
    on: when.on,
    at,
    time_zone: at === null ? null : zone,
    channel: 'visit',
    // A future visit cannot have been held.
    state: state === 'held' && when.on > today ? 'planned' : state,
    uid: id === undefined ? null : `Appointment/${id}`,
    source: 'imported',
  };
  const belongs = participant.flatMap(({ actor, status: answer }, index) =>
    actor !== undefined && mayBePatient(actor)
      ? [{ of: actor, path: `${path}.participant[${index}].actor`, isDeclined: answer === 'declined' }]
      : [],
  );
  if (belongs.length === 0) return { leftOut: 'an appointment without a patient' };
  return {
    belongs: belongs.map(({ isDeclined, ...one }) => ({
      ...one,
      // Who declined does not come: a visit that was planned is called off, and none is added.
      put: ({ contacts }) =>
        contacts.push(
          isDeclined ? { path, fields: { ...fields, state: 'cancelled' }, isChange: true } : { path, fields },
        ),
    })),
  };
}

const promiseStates: readonly (readonly [CommitmentStatus, RegExp])[] = [
  ['kept', /^completed$/],
  ['dropped', /^(?:cancelled|rejected|failed|revoked)$/],
  ['open', /^(?:requested|received|accepted|ready|in-progress|on-hold|active)$/],
];

/** Any practitioner is taken for the clinician: the file does not say who that is. */
function ownerOf(owner: Reference | undefined): Owner {
  const type =
    owner?.type ?? /(?:^|\/)([A-Z][A-Za-z]+)\/[^/]+$/.exec(owner?.reference ?? '')?.[1] ?? 'Practitioner';
  if (type === 'Patient' || type === 'RelatedPerson') return 'patient';
  return type === 'Practitioner' ? 'me' : 'staff';
}

/** Prefix of an exported promise's id, by which an import recognises it. */
export const ownPrefix = 'rapport-';

/** Our ids have at most 64 characters and no '.'; a longer one keeps its end, which differs most. */
function idOf(type: string, id: string | undefined): string | undefined {
  if (id === undefined || !/^[A-Za-z0-9.-]{1,64}$/.test(id)) return undefined;
  const own = id.replaceAll('.', '_');
  return own.startsWith(ownPrefix) && own !== ownPrefix
    ? own.slice(ownPrefix.length)
    : `${type}-${own.slice(type.length - 63)}`;
}

export function readPromise(
  given: Resource<'Task' | 'CommunicationRequest'>,
  reading: Reading,
): ReadResource {
  const { path } = reading;
  const day = (text: string | undefined, below: string): CivilDate | undefined =>
    text === undefined || /^\d{4}(?:-\d{2})?$/.test(text) ? undefined : moment(text, reading, below)?.on;
  const { resourceType: type, authoredOn } = given;
  const { text, owner, due, closedOn, of, below } =
    type === 'Task' ? taskParts(given, day) : requestParts(given, day);
  const status = promiseStates.find(([, form]) => form.test(given.status ?? ''))?.[0];
  if (status === undefined) return { leftOut: `a ${type} that is neither open nor closed` };
  if (text === undefined) return { leftOut: `a ${type} without words` };
  const id = idOf(type, given.id);
  const fields: Given<'commitment'> = {
    ...(id === undefined ? {} : { id }),
    text,
    owner,
    made_on: day(authoredOn, '.authoredOn') ?? null,
    due: due ?? null,
    status,
    ...(status === 'open' ? {} : { closed_on: closedOn ?? null }),
  };
  if (of === undefined || !mayBePatient(of)) return { leftOut: 'a promise to no patient' };
  return {
    belongs: [{ of, path: path + below, put: ({ commitments }) => commitments.push({ path, fields }) }],
  };
}

type Day = (text: string | undefined, below: string) => CivilDate | undefined;

const taskParts = (task: Resource<'Task'>, day: Day) => ({
  text: task.description ?? task.code?.text ?? task.code?.coding?.find(({ display }) => display)?.display,
  owner: ownerOf(task.owner),
  due: day(task.restriction?.period?.end, '.restriction.period.end'),
  closedOn: day(task.executionPeriod?.end, '.executionPeriod.end') ?? day(task.lastModified, '.lastModified'),
  of: task.for,
  below: '.for',
});

const requestParts = (request: Resource<'CommunicationRequest'>, day: Day) => ({
  text: (request.payload ?? []).flatMap(({ contentString }) => contentString ?? []).join(' ') || undefined,
  owner: 'me' as const,
  due:
    day(request.occurrenceDateTime, '.occurrenceDateTime') ??
    day(request.occurrencePeriod?.end, '.occurrencePeriod.end'),
  closedOn: undefined,
  of: request.subject,
  below: '.subject',
});
