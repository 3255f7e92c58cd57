/** Reads Appointment as a contact, Task and CommunicationRequest as commitments. */
import { type CivilDate, readCivilDate, readTimeOfDay, type TimeOfDay } from '../../dates/civil.ts';
import type { Complain } from '../../domain/fields.ts';
import type { CommitmentFields, ContactFields, Given } from '../../domain/interchange.ts';
import type { CommitmentStatus, ContactState, Owner } from '../../domain/records.ts';
import { dateComplaint } from '../patient-values.ts';
import { mayBePatient, type ReadResource } from './assembly.ts';
import type { Reference, Resource } from './shapes.ts';

type ToLocal = (instant: string) => { readonly date: CivilDate; readonly time: TimeOfDay };

export interface RecordOptions {
  readonly today: CivilDate;
  readonly zone: string;
  readonly toLocal: ToLocal;
}

/** A FHIR dateTime in the clinician's zone; without an offset it is taken as local. */
function moment(text: string, toLocal: ToLocal, complain: (what: string) => void) {
  const [, day = '', time, zone] =
    /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.exec(text) ?? [];
  const on = readCivilDate(day);
  const at = time === undefined ? null : readTimeOfDay(time);
  const instant = zone === undefined ? 0 : Date.parse(text);
  if (on === undefined || at === undefined || Number.isNaN(instant)) {
    complain(dateComplaint(text));
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
  path: string,
  { today, zone, toLocal }: RecordOptions,
  complain: Complain,
): ReadResource | undefined {
  const state = states.get(status);
  if (state === undefined)
    return { leftOut: 'an appointment that is neither booked, held, missed nor cancelled' };
  if (start === undefined) return { leftOut: 'an appointment without a time' };
  const when = moment(start, toLocal, (what) => complain(what, '.start'));
  if (when === undefined) return undefined;
  // Midnight to midnight is a day without a time. `end` serves only for that, so a bad one is no fault.
  const until = end === undefined ? undefined : moment(end, toLocal, () => undefined);
  const isDay = when.at === '00:00' && until?.at === '00:00' && until.on > when.on;
  const at = isDay ? null : when.at;
  const fields: Given<ContactFields> = {
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

const openStatuses = 'requested received accepted ready in-progress on-hold active'.split(' ');
const droppedStatuses = 'cancelled rejected failed revoked'.split(' ');

function statusOf(status: string): CommitmentStatus | undefined {
  if (status === 'completed') return 'kept';
  if (droppedStatuses.includes(status)) return 'dropped';
  return openStatuses.includes(status) ? 'open' : undefined;
}

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
  path: string,
  { toLocal }: RecordOptions,
  complain: Complain,
): ReadResource {
  const day = (text: string | undefined, below: string): CivilDate | undefined =>
    text === undefined || /^\d{4}(?:-\d{2})?$/.test(text)
      ? undefined
      : moment(text, toLocal, (what) => complain(what, below))?.on;
  const { resourceType: type, authoredOn } = given;
  const { text, owner, due, closedOn, of, below } =
    type === 'Task' ? taskParts(given, day) : requestParts(given, day);
  const status = statusOf(given.status ?? '');
  if (status === undefined) return { leftOut: `a ${type} that is neither open nor closed` };
  if (text === undefined) return { leftOut: `a ${type} without words` };
  const id = idOf(type, given.id);
  const fields: Given<CommitmentFields> = {
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
