/** Writes patients as a FHIR R4 Bundle of type `collection`; without notes, which would read as chart findings. */
import {
  addDays,
  type CivilDate,
  everyWords,
  offsetsOf,
  plainDate,
  type TimeOfDay,
} from '../../dates/civil.ts';
import type { WholePatient } from '../../domain/interchange.ts';
import { type Commitment, type Contact, isVisit, type Patient, type Person } from '../../domain/records.ts';
import { escapeJson, printableLines } from '../../domain/text.ts';
import { ownPrefix } from './fhir-records.ts';

/** No server: the base of fullUrl and references. */
const base = 'https://rapport.invalid';

// Only these blanks are allowed: http://hl7.org/fhir/R4/datatypes.html#string.
const fhirText = (text: string): string =>
  printableLines(text)
    .join('\n')
    .replace(/[^\S \n]/gu, ' ');
const called = (text: string): { readonly text: string } => ({ text: fhirText(text) });
const some = <T>(list: readonly T[]): readonly T[] | undefined => (list.length === 0 ? undefined : list);
/** FHIR's ids allow no '_', ours no '.'. */
const idOf = (id: string): string => id.replaceAll('_', '.');
const reference = (type: string, id: string) => ({ reference: `${type}/${idOf(id)}` });

function patientResource(patient: Patient) {
  const { name, goes_by, aliases, pronouns, language, birth_date, status, died_on } = patient;
  return {
    resourceType: 'Patient',
    id: idOf(patient.id),
    extension: pronouns === null ? undefined : [pronounsOf(pronouns)],
    identifier: some(
      patient.identifiers.map(({ system, value }) => ({
        ...(/^\S+$/.test(system) ? { system: fhirText(system) } : { type: called(system) }),
        value: fhirText(value),
      })),
    ),
    active: status !== 'archived',
    name: [
      { use: 'official', ...called(name) },
      ...(goes_by === null ? [] : [{ use: 'usual', ...called(goes_by) }]),
      ...aliases.map(called),
    ],
    birthDate: birth_date ?? undefined,
    ...(status !== 'died'
      ? {}
      : died_on === null
        ? { deceasedBoolean: true }
        : { deceasedDateTime: died_on }),
    communication: language === null ? undefined : [{ language: called(language), preferred: true }],
  };
}

const pronounsOf = (pronouns: string) => ({
  url: 'http://hl7.org/fhir/StructureDefinition/individual-pronouns',
  extension: [{ url: 'value', valueCodeableConcept: called(pronouns) }],
});

const personResource = ({ id, patient_id, name, relation, birth_date, status }: Person) => ({
  resourceType: 'RelatedPerson',
  id: idOf(id),
  active: status !== 'died',
  patient: reference('Patient', patient_id),
  relationship: relation === null ? undefined : [called(relation)],
  name: name === null ? undefined : [called(name)],
  birthDate: birth_date ?? undefined,
});

const midnight = '00:00' as TimeOfDay;

type Making = ReturnType<typeof makingIn>;

/** What one export keeps in mind: the ids that it has given, and the offsets of zones. */
function makingIn(ownZone: string) {
  const taken = new Set<string>();
  const known = new Map<string, ReturnType<typeof offsetsOf>>();
  return {
    /** @param came the id that a resource came with, which it keeps where that is free */
    idFor(type: string, own: string, came: string | undefined): string {
      const isFree = came !== undefined && came.length <= 64 && !taken.has(`${type}/${came}`);
      const id = isFree ? came : idOf(own);
      taken.add(`${type}/${id}`);
      return id;
    },
    /** '2026-03-12T10:20:00+01:00', with the offset of that day. @param given null is the own zone */
    toInstant(on: CivilDate, at: TimeOfDay, given: string | null): string {
      const zone = given ?? ownZone;
      const offsetAt = known.get(zone) ?? offsetsOf(zone);
      known.set(zone, offsetAt);
      const wall = Date.parse(`${on}T${at}:00Z`);
      const offset = offsetAt(wall - offsetAt(wall));
      const size = new Date(Math.abs(offset)).toISOString().slice(11, 16);
      return `${on}T${at}:00${offset < 0 ? '-' : '+'}${size}`;
    },
  };
}

const appointmentStatus = {
  planned: 'booked',
  held: 'fulfilled',
  missed: 'noshow',
  cancelled: 'cancelled',
} as const;

/** The duration is unknown: a visit with a time ends when it starts, one without takes the day. */
function appointment(contact: Contact, { idFor, toInstant }: Making) {
  const { on, at, time_zone, channel, state, gist } = contact;
  const imported = /^Appointment\/([A-Za-z0-9.-]+)$/.exec(contact.uid ?? '')?.[1];
  const start = at === null ? toInstant(on, midnight, null) : toInstant(on, at, time_zone);
  return {
    resourceType: 'Appointment',
    id: idFor('Appointment', contact.id, imported),
    status: appointmentStatus[state],
    description: channel === 'home' ? 'Home visit' : 'Visit',
    start,
    end: at === null ? toInstant(addDays(on, 1), midnight, null) : start,
    comment: gist === null ? undefined : fhirText(gist),
    participant: [{ actor: reference('Patient', contact.patient_id), status: 'accepted' }],
  };
}

const taskStatus = { open: 'accepted', kept: 'completed', dropped: 'cancelled' } as const;

function ownerOf({ owner, patient_id }: Commitment): object {
  if (owner === 'patient') return reference('Patient', patient_id);
  return owner === 'me'
    ? { type: 'Practitioner', display: 'the clinician' }
    : { type: 'Organization', display: 'staff' };
}

function task(commitment: Commitment, { idFor }: Making) {
  const id = idOf(commitment.id);
  const { text, kind, for_person, made_on, due, status, closed_on, how, reason, told_on, every } = commitment;
  const remark = (on: CivilDate | null, words: string) => ({ time: on ?? undefined, text: fhirText(words) });
  const because = (words: string | null): string => (words === null ? '' : `: ${words}`);
  const period = due === null ? undefined : { end: due };
  const recipient = for_person === null ? undefined : [reference('RelatedPerson', for_person)];
  return {
    resourceType: 'Task',
    id: idFor('Task', commitment.id, /^Task-(.+)$/.exec(id)?.[1] ?? ownPrefix + id),
    status: taskStatus[status],
    statusReason: reason === null ? undefined : called(reason),
    intent: 'plan',
    code: called(kind),
    description: fhirText(text),
    for: reference('Patient', commitment.patient_id),
    executionPeriod: closed_on === null ? undefined : { end: closed_on },
    authoredOn: made_on ?? undefined,
    owner: ownerOf(commitment),
    note: some([
      ...(every === null ? [] : [remark(made_on, everyWords(every))]),
      ...commitment.snoozes.map((snooze) =>
        remark(snooze.on, `put off to ${plainDate(snooze.to)}${because(snooze.reason)}`),
      ),
      ...commitment.attempts.map((attempt) => remark(attempt.on, `tried${because(attempt.note)}`)),
      ...(told_on === null ? [] : [remark(told_on, 'told')]),
      ...(how === null ? [] : [remark(closed_on, how)]),
    ]),
    restriction: period === undefined && recipient === undefined ? undefined : { period, recipient },
  };
}

const entry = (resource: { readonly resourceType: string; readonly id: string }): string =>
  escapeJson(JSON.stringify({ fullUrl: `${base}/${resource.resourceType}/${resource.id}`, resource }));

/** Yields whole lines, one resource each, without the last line end; one chunk a patient. */
export function* writeFhir(patients: Iterable<WholePatient>, exportedAt: string, zone: string) {
  const making = makingIn(zone);
  const head = `{"resourceType":"Bundle","type":"collection","timestamp":"${exportedAt.slice(0, 19)}Z"`;
  let isEmpty = true;
  for (const { patient, people, contacts, commitments } of patients) {
    const lines = [
      patientResource(patient),
      ...people.map(personResource),
      ...contacts.filter(isVisit).map((contact) => appointment(contact, making)),
      ...commitments.map((commitment) => task(commitment, making)),
    ].map(entry);
    yield `${isEmpty ? `${head},"entry":[\n` : ','}${lines.join(',\n')}`;
    isEmpty = false;
  }
  yield isEmpty ? `${head}}` : ']}';
}
