/** Reads FHIR R4 JSON: a resource, an array, a Bundle, or one resource a line (NDJSON), which is never held whole. */
import * as v from 'valibot';
import { type Complain, isObject, placeOf, quoted } from '../../domain/fields.ts';
import { ImportIssues } from '../../domain/import-issues.ts';
import type { GivenDocument } from '../../domain/interchange.ts';
import { usage } from '../../errors.ts';
import { checkJsonLength, parseJson } from '../bytes.ts';
import { NameDigits, patientDocument } from '../patient-values.ts';
import { type Belongs, mayBePatient, PatientAssembly } from './assembly.ts';
import {
  communicationFields,
  contactFieldsOf,
  isRefusal,
  type RecordOptions,
  taskFields,
} from './contacts-and-tasks.ts';
import { contactPeople, type PeopleOptions, patientFieldsOf, relatedPerson } from './fhir-people.ts';
import { type Reference, type Resource, type ResourceType, resources } from './shapes.ts';
import { isAnimal } from './terms.ts';

interface FhirOptions extends Omit<PeopleOptions, 'names'>, RecordOptions {
  readonly cleanNames: boolean;
  readonly withTasks: boolean;
  readonly skipBad: boolean;
}

const withoutTasks: readonly ResourceType[] = ['Patient', 'RelatedPerson', 'Appointment'];
const mostResources = 2_000_000;
/** Bundles in bundles, lists in lists. */
const deepest = 32;

const isTop = (path: string): boolean => /^(?:line \d+)?$/.test(path);
const under = (path: string, below: string): string =>
  path === '' ? below : `${path}${isTop(path) ? ': ' : '.'}${below}`;

class FhirReader {
  readonly #options: FhirOptions & PeopleOptions;
  readonly #faults: ImportIssues;
  readonly #assembly: PatientAssembly;
  readonly #belongings: Belongs[] = [];
  readonly #readable: readonly ResourceType[];
  readonly #passedOver = new Map<string, number>();
  #inactive = 0;
  #read = 0;

  constructor(options: FhirOptions, faults: ImportIssues) {
    this.#options = { ...options, names: new NameDigits(options.cleanNames) };
    this.#faults = faults;
    this.#assembly = new PatientAssembly(faults, options.identifierSystems);
    this.#readable = options.withTasks ? [...withoutTasks, 'Task', 'CommunicationRequest'] : withoutTasks;
  }

  value(value: unknown, path: string, fullUrl?: string, depth = 0): void {
    if (depth > deepest) throw usage('nested too deeply');
    if (Array.isArray(value)) {
      for (const [index, one] of value.entries()) this.value(one, `${path}[${index}]`, undefined, depth + 1);
      return;
    }
    if (!isObject(value)) {
      this.#faults.add(path || 'the file', 'not a resource');
      return;
    }
    const { resourceType: type }: { readonly resourceType?: unknown } = value;
    if (type === 'Bundle') {
      this.#bundle(value, path, depth);
      return;
    }
    if (typeof type !== 'string' || !/^[A-Za-z]{1,60}$/.test(type)) {
      this.#faults.add(path || 'the file', 'no resourceType');
      return;
    }
    if (type !== 'Patient' && fullUrl !== undefined) this.#assembly.other(fullUrl);
    this.#read += 1;
    if (this.#read > mostResources) throw usage(`more than ${mostResources.toLocaleString('en')} resources`);
    const known = this.#readable.find((one) => one === type);
    // A resource at the top has its type as path: 'Patient.birthDate', 'line 3: Patient.birthDate'.
    if (known !== undefined) this.#resource(value, known, isTop(path) ? under(path, known) : path, fullUrl);
    else this.#passedOver.set(type, (this.#passedOver.get(type) ?? 0) + 1);
  }

  finish(): GivenDocument {
    const patients = this.#assembly.finish(this.#belongings);
    return patientDocument(this.#faults, { patients, remarks: this.#remarks(), matching: 'identifier' });
  }

  #remarks(): readonly string[] {
    const passed = [...this.#passedOver].toSorted(([, left], [, right]) => right - left);
    const tasks = passed.filter(([type]) => Object.hasOwn(resources, type));
    const others = passed.filter((one) => !tasks.includes(one));
    const listed = (some: readonly (readonly [string, number])[]): string =>
      some.map(([type, count]) => `${count} ${type}`).join(', ');
    return [
      ...this.#options.names.remarks,
      ...(others.length > 0 ? [`not read, since it belongs in the chart: ${listed(others)}`] : []),
      ...(tasks.length > 0 ? [`not read: ${listed(tasks)}; --with-tasks brings them in`] : []),
      ...(this.#inactive > 0
        ? [`not active in the file: ${this.#inactive} of the patients; those who are new are archived`]
        : []),
    ];
  }

  #bundle({ entry }: { readonly entry?: unknown }, path: string, depth: number): void {
    if (entry === undefined) return;
    if (!Array.isArray(entry))
      return void this.#faults.add(under(path, 'entry'), `${quoted(entry)}not a list`);
    for (const [index, one] of entry.entries()) {
      const at = under(path, `entry[${index}]`);
      if (isObject(one)) {
        const { resource, fullUrl }: { readonly resource?: unknown; readonly fullUrl?: unknown } = one;
        const url = typeof fullUrl === 'string' ? fullUrl : undefined;
        if (resource !== undefined) this.value(resource, `${at}.resource`, url, depth + 1);
      } else this.#faults.add(at, 'not an object');
      // What was read is freed: a long bundle is not in memory twice.
      entry[index] = undefined;
    }
  }

  #resource(value: object, type: ResourceType, path: string, fullUrl: string | undefined): void {
    const before = this.#faults.count;
    const complain: Complain = (what, below = '') => this.#faults.add(path + below, what);
    const isGood = (): boolean => this.#faults.count === before;
    const read = <T>(schema: v.GenericSchema<unknown, T | undefined>, use: (resource: T) => void): void => {
      const { issues = [], output } = v.safeParse(schema, value);
      for (const issue of issues) complain(issue.message, placeOf(issue));
      if (output !== undefined && isGood()) use(output as T);
    };
    if (type === 'Patient')
      read(resources.Patient, (patient) => this.#patient(patient, path, fullUrl, complain, isGood));
    else if (type === 'RelatedPerson')
      read(resources.RelatedPerson, (person) => this.#person(person, path, complain, isGood));
    else if (type === 'Appointment')
      read(resources.Appointment, (appointment) => this.#appointment(appointment, path, complain));
    else if (type === 'Task')
      read(resources.Task, (task) => {
        const fields = taskFields(task, this.#options, complain);
        if (isGood()) this.#commitment(fields, task.for, path, '.for');
      });
    else
      read(resources.CommunicationRequest, (request) => {
        const fields = communicationFields(request, this.#options, complain);
        if (isGood()) this.#commitment(fields, request.subject, path, '.subject');
      });
  }

  #patient(
    patient: Resource<'Patient'>,
    path: string,
    fullUrl: string | undefined,
    complain: Complain,
    isGood: () => boolean,
  ): void {
    const fields = patientFieldsOf(patient, this.#options, complain);
    if (!isGood()) return;
    const links = (patient.link ?? []).map((link, index) => ({
      ...link,
      path: `${path}.link[${index}].other`,
    }));
    const isNamed = fields.name !== undefined;
    const called =
      patient.id === undefined || !/^[A-Za-z0-9.-]{1,64}$/.test(patient.id) ? 'it' : `Patient/${patient.id}`;
    if (patient.active === false) this.#inactive += 1;
    this.#assembly.patient({
      path,
      id: patient.id,
      fullUrl,
      fields,
      contacts: contactPeople(patient, path, this.#options),
      replacedBy: links.flatMap(({ other, type, path: at }) =>
        type === 'replaced-by' && other !== undefined ? [{ other, path: at }] : [],
      ),
      replaces: links.flatMap(({ other, type }) =>
        type === 'replaces' && other !== undefined ? [other] : [],
      ),
      leftOut: isAnimal(patient)
        ? `${called} is an animal; rapport keeps people only`
        : isNamed
          ? undefined
          : `${called} has no name; rapport makes none up`,
    });
  }

  #person(person: Resource<'RelatedPerson'>, path: string, complain: Complain, isGood: () => boolean): void {
    const fields = relatedPerson(person, this.#options, complain);
    if (!isGood()) return;
    if (person.patient === undefined) complain('missing', '.patient');
    else if (person.active === false) this.#faults.leaveOut(path, 'a person who is no longer active');
    else if (fields === undefined) this.#faults.leaveOut(path, 'a person without a name');
    else
      this.#belongings.push({
        of: person.patient,
        path: `${path}.patient`,
        put: ({ related }) => related.push({ path, fields }),
      });
  }

  #appointment(appointment: Resource<'Appointment'>, path: string, complain: Complain): void {
    const fields = contactFieldsOf(appointment, this.#options, complain);
    if (fields === undefined) return;
    if (isRefusal(fields)) {
      this.#faults.leaveOut(path, fields.leftOut);
      return;
    }
    const actors = (appointment.participant ?? []).flatMap(({ actor }, index) =>
      actor !== undefined && mayBePatient(actor)
        ? [{ of: actor, path: `${path}.participant[${index}].actor` }]
        : [],
    );
    if (actors.length === 0) this.#faults.leaveOut(path, 'an appointment without a patient');
    for (const actor of actors)
      this.#belongings.push({ ...actor, put: ({ contacts }) => contacts.push({ path, fields }) });
  }

  #commitment(
    fields: ReturnType<typeof taskFields>,
    of: Reference | undefined,
    path: string,
    below: string,
  ): void {
    if (isRefusal(fields)) this.#faults.leaveOut(path, fields.leftOut);
    else if (of === undefined || !mayBePatient(of)) this.#faults.leaveOut(path, 'a promise to no patient');
    else {
      const put: Belongs['put'] = ({ commitments }) => commitments.push({ path, fields });
      this.#belongings.push({ of, path: path + below, put });
    }
  }
}

const isWholeObject = (line: string): boolean => /^\s*\{/.test(line) && /\}\s*$/.test(line);

export async function readFhir(lines: AsyncIterator<string>, options: FhirOptions): Promise<GivenDocument> {
  const faults = new ImportIssues(options.skipBad);
  const fhir = new FhirReader(options, faults);
  const readText = (text: string, path: string, firstLine: number): void =>
    fhir.value(parseJson(text, firstLine), path);
  let number = 0;
  const next = async (): Promise<string | undefined> => {
    const { value, done } = await lines.next();
    number += 1;
    return done ? undefined : value;
  };
  const nextFull = async (): Promise<string | undefined> => {
    let line = await next();
    while (line !== undefined && line.trim() === '') line = await next();
    return line;
  };
  const first = await nextFull();
  if (first === undefined) throw usage('the file is empty');
  const firstNumber = number;
  const second = isWholeObject(first) ? await nextFull() : undefined;
  if (second !== undefined && /^\s*\{/.test(second)) {
    readText(first, `line ${firstNumber}`, firstNumber);
    for (let line: string | undefined = second; line !== undefined; line = await nextFull())
      readText(line, `line ${number}`, number);
  } else {
    const parts = [first];
    if (second !== undefined) parts.push(...Array(number - firstNumber - 1).fill(''), second);
    let length = parts.reduce((sum, line) => sum + line.length, 0);
    for (let line = await next(); line !== undefined; line = await next()) {
      parts.push(line);
      length += line.length;
      checkJsonLength(length);
    }
    checkJsonLength(length);
    readText(parts.join('\n'), '', firstNumber);
  }
  return fhir.finish();
}
