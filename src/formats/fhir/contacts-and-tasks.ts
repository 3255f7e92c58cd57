/** Reads Appointment as a contact, Task and CommunicationRequest as commitments. */
import {
  type CivilDate,
  firstYear,
  lastYear,
  readCivilDate,
  readTimeOfDay,
  type TimeOfDay,
} from '../../dates/civil.ts';
import { type Complain, quoted } from '../../domain/fields.ts';
import type { CommitmentFields, ContactFields, Given } from '../../domain/interchange.ts';
import type { CommitmentKind, CommitmentStatus, ContactState, Owner } from '../../domain/records.ts';
import type { Reference, Resource } from './shapes.ts';

type ToLocal = (instant: string) => { readonly date: CivilDate; readonly time: TimeOfDay };

export function dateComplaint(text: string): string {
  const year = Number(/^\d{4}(?=-|$)/.exec(text)?.[0] ?? firstYear);
  return year < firstYear || year > lastYear
    ? `${quoted(text)}not between ${firstYear} and ${lastYear}`
    : `${quoted(text)}not a date`;
}

/** A FHIR dateTime in the clinician's zone; without an offset it is taken as local. */
function moment(text: string, toLocal: ToLocal, complain: Complain) {
  const [, day = '', time, zone] =
    /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.exec(text) ?? [];
  const on = readCivilDate(day);
  const at = time === undefined ? null : readTimeOfDay(time);
  if (on === undefined || at === undefined) {
    complain(dateComplaint(text));
    return undefined;
  }
  if (zone === undefined) return { on, at };
  const instant = Date.parse(text);
  if (Number.isNaN(instant)) {
    complain(`${quoted(text)}not an instant`);
    return undefined;
  }
  const local = toLocal(new Date(instant).toISOString());
  return { on: local.date, at: local.time };
}

const dayReader =
  (toLocal: ToLocal, complain: Complain) =>
  (text: string | undefined, path: string): CivilDate | undefined =>
    text === undefined || /^\d{4}(?:-\d{2})?$/.test(text)
      ? undefined
      : moment(text, toLocal, (what) => complain(what, path))?.on;

export interface RecordOptions {
  readonly today: CivilDate;
  readonly zone: string;
  readonly toLocal: ToLocal;
}

// http://hl7.org/fhir/R4/valueset-appointmentstatus.html. Proposed and erroneous ones are no plan.
const states: Readonly<Record<string, ContactState>> = {
  booked: 'planned',
  'checked-in': 'planned',
  arrived: 'held',
  fulfilled: 'held',
  cancelled: 'cancelled',
  noshow: 'missed',
};

type Refusal = { readonly leftOut: string };
export const isRefusal = (value: object): value is Refusal => 'leftOut' in value;

export function contactFieldsOf(
  appointment: Resource<'Appointment'>,
  { today, zone, toLocal }: RecordOptions,
  complain: Complain,
): Given<ContactFields> | Refusal | undefined {
  const { id, status = '', start, end } = appointment;
  const state = Object.hasOwn(states, status) ? states[status] : undefined;
  if (state === undefined)
    return { leftOut: 'an appointment that is neither booked, held, missed nor cancelled' };
  if (start === undefined) return { leftOut: 'an appointment without a time' };
  const when = moment(start, toLocal, (what) => complain(what, '.start'));
  if (when === undefined) return undefined;
  // Midnight to midnight is a day without a time. `end` serves only for that, so a bad one is no fault.
  const until = end === undefined ? undefined : moment(end, toLocal, () => undefined);
  const isDay = when.at === '00:00' && until?.at === '00:00' && until.on > when.on;
  const at = isDay ? null : when.at;
  return {
    on: when.on,
    at,
    time_zone: at === null ? null : zone,
    channel: 'visit',
    // A future visit cannot have been held.
    state: state === 'held' && when.on > today ? 'planned' : state,
    uid: id === undefined ? null : `Appointment/${id}`,
    source: 'imported',
  };
}

const taskStatuses: Readonly<Record<string, CommitmentStatus>> = {
  requested: 'open',
  received: 'open',
  accepted: 'open',
  ready: 'open',
  'in-progress': 'open',
  'on-hold': 'open',
  active: 'open',
  completed: 'kept',
  cancelled: 'dropped',
  rejected: 'dropped',
  failed: 'dropped',
  revoked: 'dropped',
};

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

interface Promised {
  readonly type: 'Task' | 'CommunicationRequest';
  readonly id: string | undefined;
  readonly status: string | undefined;
  readonly text: string | undefined;
  readonly owner: Owner;
  readonly kind?: CommitmentKind | undefined;
  readonly madeOn: CivilDate | undefined;
  readonly due: CivilDate | undefined;
  readonly closedOn: CivilDate | undefined;
}

function commitmentFields(promised: Promised): Given<CommitmentFields> | Refusal {
  const { type, id, status = '', text, owner, kind, madeOn, due, closedOn } = promised;
  const known = Object.hasOwn(taskStatuses, status) ? taskStatuses[status] : undefined;
  if (known === undefined) return { leftOut: `a ${type} that is neither open nor closed` };
  if (text === undefined) return { leftOut: `a ${type} without words` };
  const ownId = idOf(type, id);
  return {
    ...(ownId === undefined ? {} : { id: ownId }),
    text,
    owner,
    ...(kind === undefined ? {} : { kind }),
    made_on: madeOn ?? null,
    due: due ?? null,
    status: known,
    ...(known === 'open' ? {} : { closed_on: closedOn ?? null }),
  };
}

export function taskFields(
  task: Resource<'Task'>,
  { toLocal }: RecordOptions,
  complain: Complain,
): Given<CommitmentFields> | Refusal {
  const day = dayReader(toLocal, complain);
  const { code, executionPeriod, restriction } = task;
  return commitmentFields({
    type: 'Task',
    id: task.id,
    status: task.status,
    text:
      task.description ?? code?.text ?? code?.coding?.find(({ display }) => display !== undefined)?.display,
    owner: ownerOf(task.owner),
    madeOn: day(task.authoredOn, '.authoredOn'),
    due: day(restriction?.period?.end, '.restriction.period.end'),
    closedOn: day(executionPeriod?.end, '.executionPeriod.end') ?? day(task.lastModified, '.lastModified'),
  });
}

export function communicationFields(
  request: Resource<'CommunicationRequest'>,
  { toLocal }: RecordOptions,
  complain: Complain,
): Given<CommitmentFields> | Refusal {
  const day = dayReader(toLocal, complain);
  const texts = (request.payload ?? []).flatMap(({ contentString }) => contentString ?? []);
  const isCall = (request.medium ?? []).some(({ coding = [] }) =>
    coding.some(({ code }) => code === 'PHONE'),
  );
  return commitmentFields({
    type: 'CommunicationRequest',
    id: request.id,
    status: request.status,
    text: texts.length === 0 ? undefined : texts.join(' '),
    owner: 'me',
    kind: isCall ? 'call' : undefined,
    madeOn: day(request.authoredOn, '.authoredOn'),
    due:
      day(request.occurrenceDateTime, '.occurrenceDateTime') ??
      day(request.occurrencePeriod?.end, '.occurrencePeriod.end'),
    closedOn: undefined,
  });
}
