/**
 * `--identifier-system URI`: which identifiers of patients are kept. None is unless its system is named, and numbers
 * that a government gives are never.
 */
import { type Identifier, nameLimit } from '../../domain/records.ts';
import { usage } from '../../errors.ts';
import type { GivenIdentifier } from './shapes.ts';

/** By system: URLs and the OIDs of social security, tax, health and travel numbers, and of driver's licences. */
const governmental: readonly RegExp[] = [
  /\bsid\/us-(?:ssn|mbi|medicare|npi)\b/i,
  /ssn|social-?security|passport|driv(?:er|ing)s?-?licen[cs]e|national-?id|tax-?id|nhs-number|fodselsnummer|personnummer/i,
  /^urn:oid:2\.16\.840\.1\.113883\.4\.(?:1|3|330|572|927)(?:\.|$)/,
  /^urn:oid:(?:1\.2\.250\.1\.61|1\.2\.250\.1\.213\.1\.4|2\.16\.840\.1\.113883\.2\.4\.6\.3|2\.16\.840\.1\.113883\.2\.1\.4\.1|1\.2\.752\.129\.2\.1\.3|2\.16\.578\.1\.12\.4\.1\.4\.1|2\.16\.756\.5\.32)(?:\.|$)/,
  /^https?:\/\/hl7\.org\/fhir\/sid\/us-ssn/i,
];
/** By type, http://terminology.hl7.org/CodeSystem/v2-0203. */
const governmentalTypes = new Set([
  'SS',
  'SB',
  'DL',
  'DR',
  'PPN',
  'TAX',
  'NI',
  'NIIP',
  'PRC',
  'CZ',
  'HC',
  'MA',
  'MC',
]);

const isGovernmental = (system: string): boolean => governmental.some((pattern) => pattern.test(system));

/** Reads the values of --identifier-system. @throws usage */
export function readIdentifierSystems(values: readonly string[]): ReadonlySet<string> {
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
  return new Set(values);
}

const typeCodes = ({ type }: GivenIdentifier): readonly string[] =>
  (type?.coding ?? []).flatMap(({ code }) => code ?? []);

export function keptIdentifiers(
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

/**
 * A resource's id as the vault may have it: none that is a plain number, which can be one of a register, nor one that
 * is the same as an identifier left out.
 */
export function keptId(
  id: string | undefined,
  given: readonly GivenIdentifier[],
  kept: readonly Identifier[],
): string | undefined {
  if (id === undefined || !/^(?=.*[A-Za-z])[A-Za-z0-9_-]{1,64}$/.test(id)) return undefined;
  const isLeftOut = given.some(({ value }) => value === id) && !kept.some(({ value }) => value === id);
  return isLeftOut ? undefined : id;
}
