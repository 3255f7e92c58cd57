/** What is read of each FHIR R4 resource (http://hl7.org/fhir/R4), all else unread; and words for its codes and name parts. */
import * as v from 'valibot';
import type { CivilDate } from '../../dates/civil.ts';
import { isObject, textFault } from '../../domain/fields.ts';
import { textLimit } from '../../domain/records.ts';
import { foldedWords } from '../../domain/text.ts';
import { languageName, nameByParts } from '../patient-values.ts';

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
type Codeable = Of<typeof codeable>;

const period = shape({ start: words, end: words });

const humanName = shape({ use: words, text: words, family: words, given: listOf(words), period });
type HumanName = Of<typeof humanName>;

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

const valued = { url: words, valueCodeableConcept: codeable, valueString: words };
const innerExtension = shape({ ...valued, valuePeriod: period });
const anyExtension = shape({ ...valued, extension: listOf(innerExtension) });
/** Other extensions, such as race and birth place, are skipped unread. */
const extension = v.lazy((value) =>
  isObject(value) && 'url' in value && wantedExtensions.has(String(value.url))
    ? anyExtension
    : always(undefined),
);
type Extension = Of<typeof extension>;

const known = { id: words, meta: shape({ versionId: words, lastUpdated: words }) };

const contact = shape({ relationship: listOf(codeable), name: humanName, period });

export const resource = v.variant('resourceType', [
  v.object({
    resourceType: v.literal('Patient'),
    ...known,
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
    ...known,
    active: truth,
    patient: reference,
    relationship: listOf(codeable),
    name: listOf(humanName),
    birthDate: words,
  }),
  v.object({
    resourceType: v.literal('Appointment'),
    ...known,
    status: words,
    start: words,
    end: words,
    participant: listOf(shape({ actor: reference, status: words })),
  }),
  v.object({
    resourceType: v.literal('Task'),
    ...known,
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
    ...known,
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

export const isOver = (
  period: { readonly end?: string | undefined } | undefined,
  today: CivilDate,
): boolean => period?.end !== undefined && period.end.slice(0, 10) < today;

/** The parts of a name, in the order of its text where that has them; the text alone where it has nothing else. */
export function fullName({ text, family, given = [] }: HumanName): string | undefined {
  if (family === undefined || given.length === 0) return text ?? (family || given.join(' ') || undefined);
  const parts = nameByParts(given.join(' '), family);
  if (text === undefined) return parts;
  const spread = (one: string): string => ` ${foldedWords(one).join(' ')} `;
  const isSame =
    foldedWords(text).toSorted().join() ===
    foldedWords(`${family} ${given.join(' ')}`)
      .toSorted()
      .join();
  if (isSame || !parts.includes(' ')) return text;
  const [ofFamily, ofGiven] = [
    spread(text).indexOf(spread(family)),
    spread(text).indexOf(spread(given[0] ?? '')),
  ];
  return ofFamily !== -1 && ofFamily < ofGiven ? `${family} ${given.join(' ')}` : parts;
}

/** The official name, and a usual name or nickname that differs from it. Old and maiden names are ignored. */
export function chooseNames(names: readonly HumanName[], today: CivilDate) {
  const current = names.filter(({ period }) => !isOver(period, today));
  const withUse = (...uses: readonly (string | undefined)[]): HumanName | undefined =>
    uses.flatMap((use) => current.filter((name) => name.use === use && fullName(name) !== undefined))[0];
  const formal = withUse('official', undefined) ?? withUse('usual', 'temp');
  const name = formal === undefined ? undefined : fullName(formal);
  const called = withUse('usual', 'nickname');
  if (called === undefined || called === formal || name === undefined) return { name, goesBy: undefined };
  const goesBy = called.given?.length ? called.given.join(' ') : (called.text ?? called.family);
  const isSame =
    goesBy === undefined ||
    foldedWords(goesBy).join(' ') === foldedWords(formal?.given?.join(' ') ?? name).join(' ');
  return { name, goesBy: isSame ? undefined : goesBy };
}

/** English name of the preferred language; a single one counts as preferred unless marked otherwise. */
export function preferredLanguage(
  communication: NonNullable<Resource<'Patient'>['communication']>,
): string | undefined {
  const [only, another] = communication;
  const preferred =
    communication.find((one) => one.preferred === true) ??
    (another === undefined && only?.preferred !== false ? only : undefined);
  const language = preferred?.language;
  const codes = language?.coding ?? [];
  const named = codes.flatMap(({ code }) => (code === undefined ? [] : (languageName(code) ?? [])));
  return named[0] ?? codes.find(({ display }) => display !== undefined)?.display ?? language?.text;
}

// LOINC's answer list LL5144-2.
const pronounCodes: Readonly<Record<string, string>> = {
  'LA29518-0': 'he/him',
  'LA29519-8': 'she/her',
  'LA29520-6': 'they/them',
};

function pronounWords(value: Codeable | undefined): string | undefined {
  const codes = (value?.coding ?? []).filter(({ system }) => !system?.includes('data-absent-reason'));
  if (codes.length === 0 && (value?.coding?.length ?? 0) > 0) return undefined;
  const known = codes.flatMap(({ code }) => (code === undefined ? [] : (pronounCodes[code] ?? [])));
  return value?.text ?? known[0] ?? codes.find(({ display }) => display !== undefined)?.display;
}

export function pronounsOf(extensions: readonly Extension[], today: CivilDate): string | undefined {
  return extensions
    .filter(({ url }) => url === 'http://hl7.org/fhir/StructureDefinition/individual-pronouns')
    .flatMap(({ valueCodeableConcept, valueString, extension = [] }) => {
      const part = (name: string) => extension.find(({ url }) => url === name);
      if (isOver(part('period')?.valuePeriod, today)) return [];
      const value = part('value');
      return (
        pronounWords(value?.valueCodeableConcept ?? valueCodeableConcept) ??
        value?.valueString ??
        valueString ??
        []
      );
    })[0];
}

export const isAnimal = (patient: Resource<'Patient'>): boolean =>
  patient.animal === true ||
  (patient.extension ?? []).some(
    ({ url }) => url === 'http://hl7.org/fhir/StructureDefinition/patient-animal',
  );

const table = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .split(/;\s*/)
      .map((pair): [string, string] => [pair.split(' ', 1)[0] ?? '', pair.replace(/^\S+ /, '')]),
  );

// http://terminology.hl7.org/CodeSystem/v3-RoleCode, then v2-0131.
const roles = table(
  `WIFE wife; HUSB husband; SPS spouse; DOMPART partner; SIGOTHR partner; MTH mother; NMTH mother;
   GESTM mother; ADOPTM adoptive mother; STPMTH stepmother; FTH father; NFTH father;
   ADOPTF adoptive father; STPFTH stepfather; PRN parent; NPRN parent; STPPRN stepparent; DAU daughter;
   DAUC daughter; STPDAU stepdaughter; SON son; SONC son; STPSON stepson; CHILD child; NCHILD child;
   SIS sister; NSIS sister; HSIS half-sister; BRO brother; NBRO brother; HBRO half-brother; SIB sibling;
   GRMTH grandmother; GRFTH grandfather; GRPRN grandparent; GRNDDAU granddaughter; GRNDSON grandson;
   GRNDCHILD grandchild; AUNT aunt; UNCLE uncle; NIECE niece; NEPHEW nephew; COUSN cousin; FAMMEMB family;
   EXT family; GUARD guardian; NBOR neighbour; ROOM roommate; FRND friend`,
);
const standings = table('N next of kin; C emergency contact; CP contact; E employer');

export function relationOf(relationships: readonly Codeable[]): string | undefined {
  const codes = relationships.flatMap(({ coding = [] }) => coding);
  const coded = (words: ReadonlyMap<string, string>): string | undefined =>
    codes.flatMap(({ code = '' }) => words.get(code) ?? [])[0];
  const written = relationships.find(({ text }) => text !== undefined)?.text;
  const shown = codes.find(({ code = '', display }) => display !== undefined && !standings.has(code));
  return coded(roles) ?? written ?? shown?.display ?? coded(standings);
}
