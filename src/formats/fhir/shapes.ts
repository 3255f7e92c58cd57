/** The elements that are read of each FHIR R4 resource (http://hl7.org/fhir/R4); all others are skipped unread. */
import { type Complain, isObject, textFault } from '../../domain/fields.ts';
import { textLimit } from '../../domain/records.ts';

export type Read<T> = (value: unknown, complain: Complain) => T | undefined;
type Of<R> = R extends Read<infer T> ? T : never;

const isTidy = (text: string): boolean => !/^\s|\s$|\s\s|[^\S ]/u.test(text);

/** Blanks are collapsed; a blank text is undefined. */
const words: Read<string> = (value, complain) => {
  if (value === null) return undefined;
  if (typeof value !== 'string') {
    complain('not a text');
    return undefined;
  }
  const text = isTidy(value) ? value : value.replace(/\s+/gu, ' ').trim();
  const fault = textFault(text, textLimit);
  if (fault !== undefined) complain(fault);
  return fault !== undefined || text === '' ? undefined : text;
};

const truth: Read<boolean> = (value, complain) => {
  if (typeof value === 'boolean') return value;
  if (value !== null) complain('not true or false');
  return undefined;
};

const presence: Read<true> = () => true;

const longestList = 10_000;

/** Undefined items are left out. */
const listOf =
  <T>(item: Read<T>): Read<readonly T[]> =>
  (value, complain) => {
    if (!Array.isArray(value)) {
      if (value !== null) complain('not a list');
      return undefined;
    }
    if (value.length > longestList) complain(`more than ${longestList} items`);
    return value.slice(0, longestList).flatMap((one, index) => {
      const read = item(one, (what, below = '') => complain(what, `[${index}]${below}`));
      return read === undefined ? [] : [read];
    });
  };

const shape =
  <P extends Readonly<Record<string, Read<unknown>>>>(
    parts: P,
  ): Read<{ readonly [K in keyof P]?: Of<P[K]> | undefined }> =>
  (value, complain) => {
    if (!isObject(value)) {
      if (value !== null) complain('not an object');
      return undefined;
    }
    const values: Record<string, unknown> = {};
    for (const [key, given] of Object.entries(value)) {
      const part = Object.hasOwn(parts, key) ? parts[key] : undefined;
      if (part !== undefined)
        values[key] = part(given, (what, below = '') => complain(what, `.${key}${below}`));
    }
    // Each value came from its own key's reader.
    return values as { readonly [K in keyof P]?: Of<P[K]> | undefined };
  };

const coding = shape({ system: words, code: words, display: words });
const codeable = shape({ coding: listOf(coding), text: words });
export type Codeable = NonNullable<Of<typeof codeable>>;

const period = shape({ start: words, end: words });

const humanName = shape({ use: words, text: words, family: words, given: listOf(words), period });
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
/** Other extensions, such as race and birth place, are skipped unread. */
const extension: typeof anyExtension = (value, complain) =>
  isObject(value) && 'url' in value && wantedExtensions.has(String(value.url))
    ? anyExtension(value, complain)
    : undefined;
export type Extension = NonNullable<Of<typeof extension>>;

const contact = shape({ relationship: listOf(codeable), name: humanName, organization: presence, period });

const patient = shape({
  resourceType: words,
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
  resourceType: words,
  id: words,
  active: truth,
  patient: reference,
  relationship: listOf(codeable),
  name: listOf(humanName),
  birthDate: words,
  period,
});

const appointment = shape({
  resourceType: words,
  id: words,
  status: words,
  start: words,
  end: words,
  participant: listOf(shape({ actor: reference })),
});

const task = shape({
  resourceType: words,
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
  resourceType: words,
  id: words,
  status: words,
  subject: reference,
  medium: listOf(codeable),
  payload: listOf(shape({ contentString: words })),
  occurrenceDateTime: words,
  occurrencePeriod: period,
  authoredOn: words,
});

export const resources = {
  Patient: patient,
  RelatedPerson: relatedPerson,
  Appointment: appointment,
  Task: task,
  CommunicationRequest: communicationRequest,
} as const satisfies Readonly<Record<string, Read<object>>>;

export type ResourceType = keyof typeof resources;
export type Resource<T extends ResourceType> = NonNullable<Of<(typeof resources)[T]>>;
