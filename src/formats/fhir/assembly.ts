/** Assembles patients from resources: follows references; unknown patients become pointers. */
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

interface Records {
  readonly related: GivenRecord<PersonFields>[];
  readonly contacts: GivenRecord<ContactFields>[];
  readonly commitments: GivenRecord<CommitmentFields>[];
}

/** A patient of the file, or one whom it only points to, with all that belongs to them. */
export interface PatientEntry extends Records {
  readonly path: string;
  readonly id?: string | undefined;
  readonly fullUrl?: string | undefined;
  readonly fields: Given<PatientFields>;
  readonly contactPeople: readonly GivenRecord<PersonFields>[];
  /** Why, where this is none to keep. */
  readonly leftOut?: string | undefined;
  readonly pointer?: GivenPatient['pointer'];
}

export const newEntry = (parts: Omit<PatientEntry, keyof Records>): PatientEntry => ({
  related: [],
  contacts: [],
  commitments: [],
  ...parts,
});

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

const nameOf = ({ fields }: GivenRecord<PersonFields>): string => foldedWords(fields.name ?? '').join(' ');

/** Joins a Patient.contact and a RelatedPerson of one name; the latter's fields take precedence. */
function joinPeople({ contactPeople, related }: PatientEntry): readonly GivenRecord<PersonFields>[] {
  const joined = new Map<string, GivenRecord<PersonFields>>();
  for (const record of contactPeople) if (!joined.has(nameOf(record))) joined.set(nameOf(record), record);
  const people = related.map((record) => {
    const contact = joined.get(nameOf(record));
    joined.delete(nameOf(record));
    return contact === undefined ? record : { ...record, fields: { ...contact.fields, ...record.fields } };
  });
  return [...joined.values(), ...people];
}

/** Takes what a file has of patients, and whose it is; `finish` puts it together. */
export function patientAssembly(faults: ImportIssues, identifierSystems: ReadonlySet<string>) {
  const entries: PatientEntry[] = [];
  const others = new Set<string>();
  const byTarget = new Map<string, PatientEntry>();
  const pointers = new Map<string, PatientEntry>();

  function patient(entry: PatientEntry): void {
    const target = entry.id === undefined ? undefined : `Patient/${entry.id}`;
    for (const key of new Set([entry.fullUrl, target])) {
      if (key === undefined) continue;
      // Two servers may use the same id, so full addresses take precedence.
      const earlier = byTarget.get(key);
      if (earlier === undefined) byTarget.set(key, entry);
      else if (key === entry.fullUrl || earlier.fullUrl === undefined || entry.fullUrl === undefined) {
        faults.add(entry.path, `the same resource as ${earlier.path}`);
        return;
      }
    }
    entries.push(entry);
  }

  function finish(belongings: readonly Belongs[]): readonly GivenPatient[] {
    for (const { path, leftOut } of entries) if (leftOut !== undefined) faults.leaveOut(path, leftOut);
    for (const { of, path, put } of belongings) {
      if (others.has(of.reference ?? '')) continue;
      const entry = find(of) ?? pointerTo(of, path);
      if (entry.leftOut === undefined) put(entry);
      else faults.leaveOut(path, 'belongs to a patient who is left out');
    }
    const kept = entries.filter(({ leftOut }) => leftOut === undefined);
    return [...kept, ...pointers.values()].map((entry) => {
      const { path, fields, contacts, commitments, pointer } = entry;
      const records = { people: joinPeople(entry), notes: [], commitments, contacts };
      return { path, fields, ...records, ...(pointer && { pointer }) };
    });
  }

  function find({ reference, identifier }: Reference): PatientEntry | undefined {
    if (reference !== undefined) return byTarget.get(reference) ?? byTarget.get(targetOf(reference));
    return entries.find(({ fields }) =>
      fields.identifiers?.some(
        ({ system, value }) => system === identifier?.system && value === identifier?.value,
      ),
    );
  }

  /** A patient who is not in the file. */
  function pointerTo({ reference, identifier, display }: Reference, path: string): PatientEntry {
    const target = reference && targetOf(reference);
    const { system, value } = identifier ?? {};
    const key = [target, system, value, display].join('\n');
    const id = idIn(target);
    const isKept = system !== undefined && value !== undefined && identifierSystems.has(system);
    const fields = { ...(id && { id }), ...(isKept && { identifiers: [{ system, value }] }) };
    const known = pointers.get(key);
    const entry = known ?? newEntry({ path, fields, contactPeople: [], pointer: { called: display } });
    pointers.set(key, entry);
    return entry;
  }

  return { patient, other: (fullUrl: string) => others.add(fullUrl), finish };
}
