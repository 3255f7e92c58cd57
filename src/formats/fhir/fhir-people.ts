/** Reads Patient, Patient.contact and RelatedPerson; refuses identifiers that a government issues. */
import { readPartialDate } from '../../dates/civil.ts';
import { type Complain, quoted, textFault } from '../../domain/fields.ts';
import type { Given, GivenRecord } from '../../domain/interchange.ts';
import { type Identifier, nameLimit, unconfirmedAmong } from '../../domain/records.ts';
import { usage } from '../../errors.ts';
import { dateComplaint, isAhead } from '../patient-values.ts';
import { newEntry, type PatientEntry, type Reading, type ReadResource } from './fhir-records.ts';
import {
  chooseNames,
  fullName,
  type GivenIdentifier,
  isAnimal,
  isOver,
  preferredLanguage,
  pronounsOf,
  type Resource,
  relationOf,
} from './shapes.ts';

/** Systems of social security, tax, health, passport and driver's licence numbers, as URLs and OIDs. */
const governmental: readonly RegExp[] = [
  /\bsid\/us-(?:ssn|mbi|medicare|npi)\b/i,
  /ssn|social-?security|passport|driv(?:er|ing)s?-?licen[cs]e|national-?id|tax-?id|nhs-number|fodselsnummer|personnummer/i,
  /^urn:oid:2\.16\.840\.1\.113883\.4\.(?:1|3|330|572|927)(?:\.|$)/,
  /^urn:oid:(?:1\.2\.250\.1\.61|1\.2\.250\.1\.213\.1\.4|2\.16\.840\.1\.113883\.2\.4\.6\.3|2\.16\.840\.1\.113883\.2\.1\.4\.1|1\.2\.752\.129\.2\.1\.3|2\.16\.578\.1\.12\.4\.1\.4\.1|2\.16\.756\.5\.32)(?:\.|$)/,
  /^https?:\/\/hl7\.org\/fhir\/sid\/us-ssn/i,
];
/** Types of such numbers: http://terminology.hl7.org/CodeSystem/v2-0203. */
const governmentalTypes = new Set('SS SB DL DR PPN TAX NI NIIP PRC CZ HC MA MC'.split(' '));

const isGovernmental = (system: string): boolean => governmental.some((pattern) => pattern.test(system));

export function checkIdentifierSystems(values: readonly string[]): void {
  for (const system of values) {
    if (!/^[a-z][a-z0-9+.-]*:\S+$/i.test(system))
      throw usage(
        `--identifier-system: '${system.slice(0, 60)}' is not a URI`,
        'write it as the file does, like https://clinic.example/mrn',
      );
    if (isGovernmental(system))
      throw usage(
        '--identifier-system: that system gives government numbers, which rapport does not keep',
        "name your clinic's own system",
      );
  }
}

const typeCodes = ({ type }: GivenIdentifier): readonly string[] =>
  (type?.coding ?? []).flatMap(({ code }) => code ?? []);

function keptIdentifiers(
  given: readonly GivenIdentifier[],
  allowed: ReadonlySet<string>,
): readonly Identifier[] {
  const kept = given.flatMap((one): readonly Identifier[] => {
    const { system, value, use } = one;
    if (system === undefined || value === undefined || use === 'old' || value.length > nameLimit) return [];
    const isKept = allowed.has(system) && !typeCodes(one).some((code) => governmentalTypes.has(code));
    return isKept && !/^\d{3}-\d{2}-\d{4}$/.test(value) ? [{ system, value }] : [];
  });
  return kept.filter(
    (one, at) => kept.findIndex(({ system, value }) => system === one.system && value === one.value) === at,
  );
}

const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
/** Characters of an identifier that are no chance in an id. */
const tellingLength = 4;

/** A resource's id, unless it is a plain number (maybe of a register) or holds an identifier that is left out. */
function keptId(
  id: string | undefined,
  given: readonly GivenIdentifier[],
  kept: readonly Identifier[],
): string | undefined {
  if (id === undefined || !/^(?=.*[A-Za-z])[A-Za-z0-9_-]{1,64}$/.test(id)) return undefined;
  const isTold = (value = ''): boolean =>
    value === id || (plain(value).length >= tellingLength && plain(id).includes(plain(value)));
  const isLeftOut = given.some(({ value }) => isTold(value) && !kept.some((one) => one.value === value));
  return isLeftOut ? undefined : id;
}

/** A year, month or day that is not in the future; a time after it is dropped without changing the day. */
function pastDate(text: string | undefined, { today, complain }: Reading, below: string) {
  if (text === undefined) return undefined;
  const day = /^(\d{4}(?:-\d{2}(?:-\d{2})?)?)(?:T.*)?$/.exec(text)?.[1];
  const date = day === undefined ? undefined : readPartialDate(day);
  if (date === undefined) complain(dateComplaint(text), below);
  else if (isAhead(date, today)) complain(`${quoted(text)}still ahead`, below);
  else return date;
  return undefined;
}

const short = (text: string | undefined, complain: Complain, below: string): string | undefined => {
  const fault = text === undefined ? undefined : textFault(text, nameLimit);
  if (fault !== undefined) complain(fault, below);
  return fault === undefined ? text : undefined;
};

function patientFieldsOf(patient: Resource<'Patient'>, reading: Reading): Given<'patient'> {
  const { today, identifierSystems, names, complain } = reading;
  const chosen = chooseNames(patient.name ?? [], today);
  const given: readonly Identifier[] = keptIdentifiers(patient.identifier ?? [], identifierSystems);
  const { deceasedDateTime } = patient;
  const diedOn = pastDate(deceasedDateTime, reading, '.deceasedDateTime');
  const isDead = patient.deceasedBoolean === true || deceasedDateTime !== undefined;
  const fields: { [K in keyof Given<'patient'>]: Given<'patient'>[K] | undefined } = {
    id: keptId(patient.id, patient.identifier ?? [], given),
    name:
      short(chosen.name === undefined ? undefined : names.clean(chosen.name), complain, '.name') || undefined,
    goes_by: short(chosen.goesBy, complain, '.name') && names.clean(chosen.goesBy ?? ''),
    pronouns: short(pronounsOf(patient.extension ?? [], today), complain, '.extension'),
    language: short(preferredLanguage(patient.communication ?? []), complain, '.communication'),
    birth_date: pastDate(patient.birthDate, reading, '.birthDate'),
    status: isDead ? 'died' : patient.active === false ? 'archived' : undefined,
    died_on: diedOn,
    identifiers: given.length > 0 ? given : undefined,
  };
  const known = Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''),
  );
  return { ...known, unconfirmed: unconfirmedAmong(known) };
}

const contactPeople = (
  { contact = [] }: Resource<'Patient'>,
  reading: Reading,
): readonly GivenRecord<'person'>[] =>
  contact.flatMap(({ name, relationship = [], period }, index) => {
    const called = name === undefined ? undefined : fullName(name);
    if (called === undefined || isOver(period, reading.today)) return [];
    const fields = personFields(called, relationOf(relationship), reading);
    return fields === undefined ? [] : [{ path: `${reading.path}.contact[${index}]`, fields }];
  });

function personFields(
  name: string,
  relation: string | undefined,
  { names }: Reading,
): Given<'person'> | undefined {
  const cleaned = names.clean(name).slice(0, nameLimit);
  return cleaned === ''
    ? undefined
    : { name: cleaned, ...(relation === undefined ? {} : { relation: relation.slice(0, nameLimit) }) };
}

export function readPatient(patient: Resource<'Patient'>, reading: Reading): PatientEntry {
  const { id, link = [] } = patient;
  const { path, fullUrl } = reading;
  const fields = patientFieldsOf(patient, reading);
  const called = id === undefined || !/^[A-Za-z0-9.-]{1,64}$/.test(id) ? 'it' : `Patient/${id}`;
  const reasons: readonly (readonly [isSo: boolean, what: string])[] = [
    [link.some(({ type }) => type === 'replaced-by'), 'merged into another record of the same patient'],
    [isAnimal(patient), `${called} is an animal; rapport keeps people only`],
    [fields.name === undefined, `${called} has no name; rapport makes none up`],
  ];
  const leftOut = reasons.find(([isSo]) => isSo)?.[1];
  const people = contactPeople(patient, reading);
  return newEntry({ path, id, fullUrl, fields, contactPeople: people, leftOut });
}

export function readRelatedPerson(
  { active, patient, name: names = [], relationship = [], birthDate }: Resource<'RelatedPerson'>,
  reading: Reading,
): ReadResource | undefined {
  const { path, complain } = reading;
  const { name } = chooseNames(names, reading.today);
  const known = name === undefined ? undefined : personFields(name, relationOf(relationship), reading);
  const born = pastDate(birthDate, reading, '.birthDate');
  if (patient === undefined) complain('missing', '.patient');
  if (patient === undefined) return undefined;
  if (active === false) return { leftOut: 'a person who is no longer active' };
  if (known === undefined) return { leftOut: 'a person without a name' };
  const fields = { ...known, ...(born && { birth_date: born }) };
  return {
    belongs: [{ of: patient, path: `${path}.patient`, put: ({ related }) => related.push({ path, fields }) }],
  };
}
