/** Assembles patients from resources: follows references, joins merged records; unknown patients become pointers. */
import type { ImportIssues } from '../../domain/import-issues.ts';
import type {
  CommitmentFields,
  ContactFields,
  Given,
  GivenPatient,
  GivenRecord,
  PatientFields,
  PersonFields,
} from '../../domain/interchange.ts';
import { foldedWords } from '../../domain/text.ts';
import type { Reference } from './shapes.ts';

export interface PatientEntry {
  readonly path: string;
  readonly id: string | undefined;
  readonly fullUrl: string | undefined;
  readonly fields: Given<PatientFields>;
  readonly contacts: readonly GivenRecord<PersonFields>[];
  readonly replacedBy: Reference | undefined;
  readonly replaces: readonly Reference[];
  readonly leftOut: string | undefined;
}

interface Records {
  readonly related: GivenRecord<PersonFields>[];
  readonly contacts: GivenRecord<ContactFields>[];
  readonly commitments: GivenRecord<CommitmentFields>[];
}

/** A record of the patient `of`; `path` is that of the reference. */
export interface Belongs {
  readonly of: Reference;
  readonly path: string;
  readonly put: (to: Records) => void;
}

/** What a resource is: a patient, records of patients, or nothing for rapport. */
export type ReadResource =
  | { readonly patient: PatientEntry }
  | { readonly belongs: readonly Belongs[] }
  | { readonly leftOut: string };

interface Building extends Records {
  readonly path: string;
  readonly fields: Given<PatientFields>;
  readonly contactPeople: readonly GivenRecord<PersonFields>[];
  readonly pointer?: GivenPatient['pointer'];
}

type Begun = Pick<Building, 'path' | 'fields' | 'pointer'> & {
  readonly contacts?: Building['contactPeople'];
};

const begin = ({ contacts: contactPeople = [], ...parts }: Begun): Building => ({
  ...parts,
  contactPeople,
  related: [],
  contacts: [],
  commitments: [],
});

/** 'Patient/1' for any form of that reference; others as they are. */
function targetOf(text: string): string {
  const plain = text.replace(/\/_history\/[^/]*$/, '');
  return /(?:^|\/)(Patient\/[^/?#]+)$/.exec(plain)?.[1] ?? plain;
}

const idIn = (target = ''): string | undefined =>
  /^(?:Patient\/|urn:uuid:)((?=.*[A-Za-z])[A-Za-z0-9_-]{1,64})$/.exec(target)?.[1];

export const mayBePatient = ({ reference, type, identifier }: Reference): boolean =>
  (type === undefined || type === 'Patient') &&
  (reference === undefined
    ? type === 'Patient' && identifier !== undefined
    : /^urn:|(?:^|\/)Patient\//.test(reference));

const isEntry = (value: PatientEntry | Reference | undefined): value is PatientEntry =>
  value !== undefined && 'replaces' in value;

const nameOf = ({ fields }: GivenRecord<PersonFields>): string => foldedWords(fields.name ?? '').join(' ');

/** Joins a Patient.contact and a RelatedPerson of one name; the latter's fields take precedence. */
function joinPeople({ contactPeople, related }: Building): readonly GivenRecord<PersonFields>[] {
  const joined = new Map<string, GivenRecord<PersonFields>>();
  for (const record of contactPeople) if (!joined.has(nameOf(record))) joined.set(nameOf(record), record);
  const people = related.map((record) => {
    const contact = joined.get(nameOf(record));
    joined.delete(nameOf(record));
    return contact === undefined ? record : { ...record, fields: { ...contact.fields, ...record.fields } };
  });
  return [...joined.values(), ...people];
}

export class PatientAssembly {
  readonly #faults: ImportIssues;
  readonly #identifierSystems: ReadonlySet<string>;
  readonly #entries: PatientEntry[] = [];
  readonly #others = new Set<string>();
  readonly #byTarget = new Map<string, PatientEntry>();
  readonly #buildings = new Map<PatientEntry | string, Building>();

  constructor(faults: ImportIssues, identifierSystems: ReadonlySet<string>) {
    this.#faults = faults;
    this.#identifierSystems = identifierSystems;
  }

  patient(entry: PatientEntry): void {
    const target = entry.id === undefined ? undefined : `Patient/${entry.id}`;
    for (const key of new Set([entry.fullUrl, target])) {
      if (key === undefined) continue;
      // Two servers may use the same id, so full addresses take precedence.
      const earlier = this.#byTarget.get(key);
      if (earlier === undefined) this.#byTarget.set(key, entry);
      else if (key === entry.fullUrl || earlier.fullUrl === undefined || entry.fullUrl === undefined) {
        this.#faults.add(entry.path, `the same resource as ${earlier.path}`);
        return;
      }
    }
    this.#entries.push(entry);
  }

  other(fullUrl: string): void {
    this.#others.add(fullUrl);
  }

  finish(belongings: readonly Belongs[]): readonly GivenPatient[] {
    const merged = this.#merged();
    for (const entry of this.#entries) {
      if (merged.has(entry)) continue;
      if (entry.leftOut !== undefined) this.#faults.leaveOut(entry.path, entry.leftOut);
      else this.#buildings.set(entry, begin(entry));
    }
    for (const { of, path, put } of belongings) {
      if (this.#others.has(of.reference ?? '')) continue;
      const found = this.#find(of);
      const end = found === undefined ? of : (merged.get(found) ?? found);
      const building = isEntry(end) ? this.#buildings.get(end) : this.#pointer(end, path);
      if (building === undefined) this.#faults.leaveOut(path, 'belongs to a patient who is left out');
      else put(building);
    }
    return [...this.#buildings.values()].map((building) => {
      const { path, fields, contacts, commitments, pointer } = building;
      const records = { people: joinPeople(building), notes: [], commitments, contacts };
      return { path, fields, ...records, ...(pointer && { pointer }) };
    });
  }

  #find({ reference, identifier }: Reference): PatientEntry | undefined {
    if (reference !== undefined)
      return this.#byTarget.get(reference) ?? this.#byTarget.get(targetOf(reference));
    return this.#entries.find(({ fields }) =>
      fields.identifiers?.some(
        ({ system, value }) => system === identifier?.system && value === identifier?.value,
      ),
    );
  }

  /** Where each merged record leads, at the end of its chain. */
  #merged(): ReadonlyMap<PatientEntry, PatientEntry | Reference> {
    const next = new Map<PatientEntry, PatientEntry | Reference>();
    for (const entry of this.#entries) {
      if (entry.replacedBy !== undefined) next.set(entry, this.#find(entry.replacedBy) ?? entry.replacedBy);
      for (const other of entry.replaces) {
        const old = this.#find(other);
        if (old !== undefined && !next.has(old) && next.get(entry) !== old) next.set(old, entry);
      }
    }
    const ends = new Map<PatientEntry, PatientEntry | Reference>();
    for (const [entry, first] of next) {
      const seen = new Set<unknown>([entry]);
      let end = first;
      for (; isEntry(end) && !seen.has(end); end = next.get(end) ?? end) seen.add(end);
      if (isEntry(end) && next.has(end)) this.#faults.add(`${entry.path}.link`, 'leads in a circle');
      else this.#faults.leaveOut(entry.path, 'merged into another record of the same patient');
      ends.set(entry, end);
    }
    return ends;
  }

  /** A patient who is not in the file. */
  #pointer({ reference, identifier, display }: Reference, path: string): Building {
    const target = reference && targetOf(reference);
    const { system, value } = identifier ?? {};
    const key = [target, system, value, display].join('\n');
    const id = idIn(target);
    const isKept = system !== undefined && value !== undefined && this.#identifierSystems.has(system);
    const fields = { ...(id && { id }), ...(isKept && { identifiers: [{ system, value }] }) };
    const building = this.#buildings.get(key) ?? begin({ path, fields, pointer: { called: display } });
    this.#buildings.set(key, building);
    return building;
  }
}
