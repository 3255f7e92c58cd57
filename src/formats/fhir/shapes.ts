/** The elements that are read of each FHIR R4 resource (http://hl7.org/fhir/R4); all others are skipped unread. */
import * as v from 'valibot';
import { isObject, textFault } from '../../domain/fields.ts';
import { textLimit } from '../../domain/records.ts';

/** Null is as good as absent. */
const maybe = <S extends v.GenericSchema>(schema: S) =>
  v.pipe(
    v.nullish(schema),
    v.transform((value) => value ?? undefined),
  );

/** Blanks are collapsed; a blank text is undefined. */
const words = maybe(
  v.pipe(
    v.string('not a text'),
    v.transform((text) => text.replace(/\s+/gu, ' ').trim()),
    v.check(
      (text) => textFault(text, textLimit) === undefined,
      ({ input }) => textFault(input, textLimit) ?? '',
    ),
    v.transform((text) => text || undefined),
  ),
);

const truth = maybe(v.boolean('not true or false'));

const always = <T>(value: T) =>
  v.pipe(
    v.unknown(),
    v.transform(() => value),
  );

/** True where the key is present. */
const presence = v.optional(always(true));

const longestList = 10_000;

/** Undefined items are left out. */
const listOf = <S extends v.GenericSchema>(item: S) =>
  maybe(
    v.pipe(
      v.array(item, 'not a list'),
      v.maxLength(longestList, `more than ${longestList} items`),
      v.transform(
        (list) => list.filter((one) => one !== undefined) as readonly NonNullable<v.InferOutput<S>>[],
      ),
    ),
  );

/** The named parts of an object. */
const shape = <const E extends v.ObjectEntries>(entries: E) =>
  maybe(v.pipe(v.unknown(), v.check(isObject, 'not an object'), v.object(entries)));

type Of<S extends v.GenericSchema> = NonNullable<v.InferOutput<S>>;

const coding = shape({ system: words, code: words, display: words });
const codeable = shape({ coding: listOf(coding), text: words });
export type Codeable = Of<typeof codeable>;

const period = shape({ start: words, end: words });

const humanName = shape({ use: words, text: words, family: words, given: listOf(words), period });
export type HumanName = Of<typeof humanName>;

const identifier = shape({ use: words, type: codeable, system: words, value: words });
export type GivenIdentifier = Of<typeof identifier>;

const reference = shape({
  reference: words,
  type: words,
  identifier: shape({ system: words, value: words }),
  display: words,
});
export type Reference = Of<typeof reference>;

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
const extension = v.lazy((value) =>
  isObject(value) && 'url' in value && wantedExtensions.has(String(value.url))
    ? anyExtension
    : always(undefined),
);
export type Extension = Of<typeof extension>;

const meta = shape({ versionId: words, lastUpdated: words });

const contact = shape({ relationship: listOf(codeable), name: humanName, period });

export const resource = v.variant('resourceType', [
  v.object({
    resourceType: v.literal('Patient'),
    id: words,
    meta,
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
    link: listOf(shape({ type: words })),
  }),
  v.object({
    resourceType: v.literal('RelatedPerson'),
    id: words,
    meta,
    active: truth,
    patient: reference,
    relationship: listOf(codeable),
    name: listOf(humanName),
    birthDate: words,
  }),
  v.object({
    resourceType: v.literal('Appointment'),
    id: words,
    meta,
    status: words,
    start: words,
    end: words,
    participant: listOf(shape({ actor: reference, status: words })),
  }),
  v.object({
    resourceType: v.literal('Task'),
    id: words,
    meta,
    status: words,
    code: codeable,
    description: words,
    for: reference,
    owner: reference,
    authoredOn: words,
    lastModified: words,
    executionPeriod: period,
    restriction: shape({ period }),
  }),
  v.object({
    resourceType: v.literal('CommunicationRequest'),
    id: words,
    meta,
    status: words,
    subject: reference,
    payload: listOf(shape({ contentString: words })),
    occurrenceDateTime: words,
    occurrencePeriod: period,
    authoredOn: words,
  }),
]);

export type AnyResource = v.InferOutput<typeof resource>;
export type Resource<T extends AnyResource['resourceType']> = Extract<
  AnyResource,
  { readonly resourceType: T }
>;
