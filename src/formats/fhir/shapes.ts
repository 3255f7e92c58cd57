/**
 * All that is ever read of a FHIR R4 resource: http://hl7.org/fhir/R4. What is not named here (conditions, results,
 * medications, social history, addresses, telecom, photos, narrative) never gets past the reader.
 */
import { listOf, type Of, presence, type Read, shape, truth, words } from './values.ts';

const coding = shape({ system: words, code: words, display: words });
const codeable = shape({ coding: listOf(coding), text: words });
export type Codeable = NonNullable<Of<typeof codeable>>;

const period = shape({ start: words, end: words });

const humanName = shape({
  use: words,
  text: words,
  family: words,
  given: listOf(words),
  period,
});
export type HumanName = NonNullable<Of<typeof humanName>>;

const identifier = shape({ use: words, type: codeable, system: words, value: words });
export type GivenIdentifier = NonNullable<Of<typeof identifier>>;

const reference = shape({
  reference: words,
  type: words,
  identifier: shape({ system: words, value: words }),
  display: words,
});
export type Reference = NonNullable<Of<typeof reference>>;

const wantedExtensions = new Set([
  'http://hl7.org/fhir/StructureDefinition/individual-pronouns',
  'http://hl7.org/fhir/StructureDefinition/patient-animal',
]);

const innerExtension = shape({
  url: words,
  valueCodeableConcept: codeable,
  valueString: words,
  valuePeriod: period,
});
const anyExtension = shape({
  url: words,
  valueCodeableConcept: codeable,
  valueString: words,
  extension: listOf(innerExtension),
});
/** Race, birth place and the like are other extensions: they are passed over unread. */
const extension: typeof anyExtension = (reader, complain) => {
  const url = reader.peek() === '{' ? reader.find('url') : undefined;
  if (typeof url === 'string' && wantedExtensions.has(url)) return anyExtension(reader, complain);
  reader.skip();
  return undefined;
};
export type Extension = NonNullable<Of<typeof extension>>;

const contact = shape({ relationship: listOf(codeable), name: humanName, organization: presence, period });
export type PatientContact = NonNullable<Of<typeof contact>>;

const resourceType = words;

const patient = shape({
  resourceType,
  id: words,
  extension: listOf(extension),
  animal: presence,
  identifier: listOf(identifier),
  active: truth,
  name: listOf(humanName),
  birthDate: words,
  deceasedBoolean: truth,
  deceasedDateTime: words,
  contact: listOf(contact),
  communication: listOf(shape({ language: codeable, preferred: truth })),
  link: listOf(shape({ other: reference, type: words })),
});

const relatedPerson = shape({
  resourceType,
  id: words,
  active: truth,
  patient: reference,
  relationship: listOf(codeable),
  name: listOf(humanName),
  birthDate: words,
  period,
});

const appointment = shape({
  resourceType,
  id: words,
  status: words,
  start: words,
  end: words,
  participant: listOf(shape({ actor: reference })),
});

const task = shape({
  resourceType,
  id: words,
  status: words,
  code: codeable,
  description: words,
  for: reference,
  owner: reference,
  authoredOn: words,
  lastModified: words,
  executionPeriod: period,
  restriction: shape({ period }),
});

const communicationRequest = shape({
  resourceType,
  id: words,
  status: words,
  subject: reference,
  medium: listOf(codeable),
  payload: listOf(shape({ contentString: words })),
  occurrenceDateTime: words,
  occurrencePeriod: period,
  authoredOn: words,
});

/** What is read of each resource; others are passed over. */
export const resources = {
  Patient: patient,
  RelatedPerson: relatedPerson,
  Appointment: appointment,
  Task: task,
  CommunicationRequest: communicationRequest,
} as const satisfies Readonly<Record<string, Read<object>>>;

export type ResourceType = keyof typeof resources;
export type Resource<T extends ResourceType> = NonNullable<Of<(typeof resources)[T]>>;
