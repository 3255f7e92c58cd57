/** Reads FHIR R4 JSON: a resource, an array, a Bundle, or one resource a line (NDJSON), which is never held whole. */
import * as v from 'valibot';
import { type Complain, isObject, placeOf, quoted } from '../../domain/fields.ts';
import { ImportIssues } from '../../domain/import-issues.ts';
import type { GivenDocument } from '../../domain/interchange.ts';
import { present } from '../../domain/text.ts';
import { usage } from '../../errors.ts';
import { checkJsonLength, parseJson } from '../bytes.ts';
import { nameDigits, patientDocument } from '../patient-values.ts';
import { readPatient, readRelatedPerson } from './fhir-people.ts';
import {
  type Belongs,
  patientAssembly,
  type Reading,
  type ReadResource,
  readAppointment,
  readPromise,
} from './fhir-records.ts';
import { type AnyResource, resource } from './shapes.ts';

interface FhirOptions extends Omit<Reading, 'names' | 'path' | 'fullUrl' | 'complain'> {
  readonly cleanNames: boolean;
  readonly withTasks: boolean;
  readonly skipBad: boolean;
}

const peopleAndVisits: readonly string[] = ['Patient', 'RelatedPerson', 'Appointment'];
const promises: readonly string[] = ['Task', 'CommunicationRequest'];
const mostResources = 2_000_000;
/** Bundles in bundles, lists in lists. */
const deepest = 32;

const isTop = (path: string): boolean => /^(?:line \d+)?$/.test(path);
const under = (path: string, below: string): string =>
  path === '' ? below : `${path}${isTop(path) ? ': ' : '.'}${below}`;

/** A resource as it was read, with what says which of several is the newer. */
interface Version extends Pick<AnyResource, 'resourceType' | 'id' | 'meta'> {
  readonly path: string;
  readonly isInactive: boolean;
  readonly fullUrl: string | undefined;
  readonly read: ReadResource;
}

/** Undefined where neither says so. */
function isLater({ meta: one }: Version, { meta: other }: Version): boolean | undefined {
  const [time, otherTime] = [Date.parse(one?.lastUpdated ?? ''), Date.parse(other?.lastUpdated ?? '')];
  if (time !== otherTime && !Number.isNaN(time) && !Number.isNaN(otherTime)) return time > otherTime;
  const [version, otherVersion] = [Number(one?.versionId), Number(other?.versionId)];
  return version === otherVersion || Number.isNaN(version - otherVersion)
    ? undefined
    : version > otherVersion;
}

/** In DSTU2 a family name is a list, and somebody related has one name. */
function isDstu2(value: object): boolean {
  const { resourceType, name }: { readonly resourceType?: unknown; readonly name?: unknown } = value;
  const isList = (one: unknown): boolean =>
    isObject(one) && 'family' in one && Array.isArray((one as { readonly family: unknown }).family);
  return Array.isArray(name) ? name.some(isList) : isList(name) && resourceType !== 'Organization';
}

function fhirReading(options: FhirOptions, faults: ImportIssues) {
  const names = nameDigits(options.cleanNames);
  const assembly = patientAssembly(faults, options.identifierSystems);
  const belongings: Belongs[] = [];
  const readable = options.withTasks ? [...peopleAndVisits, ...promises] : peopleAndVisits;
  const passedOver = new Map<string, number>();
  const versions = new Map<string, Version>();
  let inactive = 0;
  let count = 0;

  function add(value: unknown, path: string, fullUrl?: string, depth = 0): void {
    if (depth > deepest) throw usage('nested too deeply');
    if (Array.isArray(value)) {
      for (const [index, one] of value.entries()) add(one, `${path}[${index}]`, undefined, depth + 1);
      return;
    }
    if (!isObject(value)) {
      faults.add(path || 'the file', 'not a resource');
      return;
    }
    const { resourceType: type }: { readonly resourceType?: unknown } = value;
    if (type === 'Bundle') {
      addBundle(value, path, depth);
      return;
    }
    if (typeof type !== 'string' || !/^[A-Za-z]{1,60}$/.test(type)) {
      faults.add(path || 'the file', 'no resourceType');
      return;
    }
    if (type !== 'Patient' && fullUrl !== undefined) assembly.other(fullUrl);
    count += 1;
    if (count > mostResources) throw usage(`more than ${mostResources.toLocaleString('en')} resources`);
    // A resource at the top has its type as path: 'Patient.birthDate', 'line 3: Patient.birthDate'.
    if (readable.includes(type)) addResource(value, isTop(path) ? under(path, type) : path, fullUrl);
    else passedOver.set(type, (passedOver.get(type) ?? 0) + 1);
  }

  function finish(): GivenDocument {
    settle();
    const patients = assembly.finish(belongings);
    return patientDocument(faults, { patients, remarks: remarks(), matching: 'identifier' });
  }

  function remarks(): readonly string[] {
    const passed = [...passedOver].toSorted(([, left], [, right]) => right - left);
    const tasks = passed.filter(([type]) => promises.includes(type));
    const others = passed.filter((one) => !tasks.includes(one));
    const listed = (some: readonly (readonly [string, number])[]): string =>
      some.map(([type, count]) => `${count} ${type}`).join(', ');
    const archived = `not active in the file: ${inactive} of the patients; those who are new are archived`;
    return [
      ...names.remarks,
      ...present(
        others.length > 0 && `not read, since it belongs in the chart: ${listed(others)}`,
        tasks.length > 0 && `not read: ${listed(tasks)}; --with-tasks brings them in`,
        inactive > 0 && archived,
      ),
    ];
  }

  function addBundle({ entry }: { readonly entry?: unknown }, path: string, depth: number): void {
    if (entry === undefined) return;
    if (!Array.isArray(entry)) return void faults.add(under(path, 'entry'), `${quoted(entry)}not a list`);
    for (const [index, one] of entry.entries()) {
      const at = under(path, `entry[${index}]`);
      if (isObject(one)) {
        const { resource, fullUrl }: { readonly resource?: unknown; readonly fullUrl?: unknown } = one;
        const url = typeof fullUrl === 'string' ? fullUrl : undefined;
        if (resource !== undefined) add(resource, `${at}.resource`, url, depth + 1);
      } else faults.add(at, 'not an object');
      // What was read is freed: a long bundle is not in memory twice.
      entry[index] = undefined;
    }
  }

  function addResource(value: object, path: string, fullUrl: string | undefined): void {
    if (isDstu2(value)) {
      faults.add(path, 'FHIR of DSTU2, which is not read; R4 is');
      return;
    }
    const before = faults.count;
    const complain: Complain = (what, below = '') => faults.add(path + below, what);
    const { success, issues = [], output } = v.safeParse(resource, value);
    for (const issue of issues) complain(issue.message, placeOf(issue));
    if (!success) return;
    const read = readAs(output, { ...options, names, path, fullUrl, complain });
    if (read === undefined || faults.count > before) return;
    // Not the resource itself: a long file has many.
    const { resourceType, id, meta } = output;
    const isInactive = resourceType === 'Patient' && output.active === false;
    keepNewest({ path, resourceType, id, meta, isInactive, fullUrl, read });
  }

  /** Of several versions of a resource the newest counts. */
  function keepNewest(one: Version): void {
    const { path, resourceType, id, fullUrl } = one;
    const key =
      fullUrl?.replace(/\/_history\/.*/s, '') ?? (id === undefined ? path : `${resourceType}/${id}`);
    const known = versions.get(key);
    const isNewer = known === undefined ? undefined : isLater(one, known);
    if (known === undefined) versions.set(key, one);
    // Without a version they are two, which is told where they are put together.
    else if (isNewer === undefined) versions.set(`${key} ${path}`, one);
    else {
      faults.leaveOut(isNewer ? known.path : path, `an older version of ${isNewer ? path : known.path}`);
      if (isNewer) versions.set(key, one);
    }
  }

  function settle(): void {
    for (const { path, isInactive, read } of versions.values())
      if ('leftOut' in read) faults.leaveOut(path, read.leftOut);
      else if ('belongs' in read) belongings.push(...read.belongs);
      else {
        if (isInactive) inactive += 1;
        assembly.patient(read.patient);
      }
  }

  function readAs(given: AnyResource, reading: Reading): ReadResource | undefined {
    switch (given.resourceType) {
      case 'Patient':
        return { patient: readPatient(given, reading) };
      case 'RelatedPerson':
        return readRelatedPerson(given, reading);
      case 'Appointment':
        return readAppointment(given, reading);
      default:
        return readPromise(given, reading);
    }
  }

  return { add, finish };
}

const isWholeObject = (text: string): boolean => /^\s*\{.*\}\s*$/s.test(text);

/** @param lines of a document, or each a resource of its own, which shows where the second begins with `{` */
export async function readFhir(lines: AsyncIterable<string>, options: FhirOptions): Promise<GivenDocument> {
  const faults = new ImportIssues(options.skipBad);
  const fhir = fhirReading(options, faults);
  const readLine = (text: string, number: number): void =>
    fhir.add(parseJson(text, number), `line ${number}`);
  const parts: string[] = [];
  let [number, first, length] = [0, 0, 0];
  let form: 'unknown' | 'lines' | 'document' = 'unknown';
  for await (const line of lines) {
    number += 1;
    const isBlank = line.trim() === '';
    if (isBlank && (parts.length === 0 || form === 'lines')) continue;
    if (parts.length > 0 && form === 'unknown' && !isBlank) {
      form = isWholeObject(parts[0] ?? '') && /^\s*\{/.test(line) ? 'lines' : 'document';
      if (form === 'lines') readLine(parts[0] ?? '', first);
    }
    if (form === 'lines') readLine(line, number);
    else {
      if (parts.length === 0) first = number;
      parts.push(line);
      length += line.length;
      checkJsonLength(length);
    }
  }
  if (parts.length === 0) throw usage('the file is empty');
  if (form !== 'lines') fhir.add(parseJson(parts.join('\n'), first), '');
  return fhir.finish();
}
