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
import { joinPeople } from './fhir-people.ts';
import type { Reference } from './shapes.ts';

interface PatientEntry {
  readonly path: string;
  readonly id: string | undefined;
  readonly fullUrl: string | undefined;
  readonly fields: Given<PatientFields>;
  readonly contacts: readonly GivenRecord<PersonFields>[];
  readonly replacedBy: readonly { readonly other: Reference; readonly path: string }[];
  readonly replaces: readonly Reference[];
  readonly leftOut: string | undefined;
}

/** A record of the patient `of`; `path` is that of the reference. */
export interface Belongs {
  readonly of: Reference;
  readonly path: string;
  readonly put: (to: Records) => void;
}

interface Records {
  readonly related: GivenRecord<PersonFields>[];
  readonly contacts: GivenRecord<ContactFields>[];
  readonly commitments: GivenRecord<CommitmentFields>[];
}

interface Building extends Records {
  readonly path: string;
  readonly fields: Given<PatientFields>;
  readonly pointer?: { readonly called: string | undefined };
  readonly contactPeople: readonly GivenRecord<PersonFields>[];
}

const begin = (parts: Pick<Building, 'path' | 'fields' | 'contactPeople'> & Partial<Building>): Building => ({
  related: [],
  contacts: [],
  commitments: [],
  ...parts,
});

/** 'Patient/1' for any form of that reference; others as they are. */
function targetOf(text: string): string {
  const plain = text.replace(/\/_history\/[^/]*$/, '');
  return /(?:^|\/)(Patient\/[^/?#]+)$/.exec(plain)?.[1] ?? plain;
}

const idIn = (target: string): string | undefined => {
  const id = /^(?:Patient\/|urn:uuid:)([A-Za-z0-9_-]{1,64})$/.exec(target)?.[1];
  return id !== undefined && /[A-Za-z]/.test(id) ? id : undefined;
};

export const mayBePatient = ({ reference, type, identifier }: Reference): boolean =>
  type === undefined || type === 'Patient'
    ? reference === undefined
      ? type === 'Patient' && identifier !== undefined
      : /^urn:|(?:^|\/)Patient[/?]/.test(reference)
    : false;

export class PatientAssembly {
  readonly #faults: ImportIssues;
  readonly #identifierSystems: ReadonlySet<string>;
  readonly #entries: PatientEntry[] = [];
  readonly #others = new Set<string>();
  readonly #byTarget = new Map<string, PatientEntry>();
  readonly #buildings = new Map<PatientEntry, Building>();
  readonly #pointers = new Map<string, Building>();

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
    const merged = this.#merges();
    for (const entry of this.#entries) {
      if (merged.has(entry)) continue;
      if (entry.leftOut !== undefined) this.#faults.leaveOut(entry.path, entry.leftOut);
      else {
        const { path, fields, contacts } = entry;
        this.#buildings.set(entry, begin({ path, fields, contactPeople: contacts }));
      }
    }
    for (const belonging of belongings)
      if (!this.#others.has(belonging.of.reference ?? '')) this.#give(belonging, merged);
    return [...this.#buildings.values(), ...this.#pointers.values()].map(
      ({ contactPeople, related, contacts, commitments, path, fields, pointer }) => ({
        path,
        fields,
        people: joinPeople(contactPeople, related),
        notes: [],
        commitments,
        contacts,
        ...(pointer === undefined ? {} : { pointer }),
      }),
    );
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

  /** Maps merged entries to the last record of their chain; circles are faults. */
  #merges(): ReadonlyMap<PatientEntry, PatientEntry | Reference> {
    const next = new Map<PatientEntry, { readonly to: PatientEntry | Reference; readonly path: string }>();
    for (const entry of this.#entries) {
      const [first] = entry.replacedBy;
      if (first !== undefined)
        next.set(entry, { to: this.#find(first.other) ?? first.other, path: first.path });
      for (const other of entry.replaces) {
        const old = this.#find(other);
        if (old !== undefined && old !== entry && !next.has(old) && next.get(entry)?.to !== old)
          next.set(old, { to: entry, path: entry.path });
      }
    }
    const merged = new Map<PatientEntry, PatientEntry | Reference>();
    for (const [entry, { path }] of next) {
      const seen = new Set<unknown>([entry]);
      let at: PatientEntry | Reference = entry;
      for (let step = next.get(entry); step !== undefined; step = isEntry(at) ? next.get(at) : undefined) {
        at = step.to;
        if (seen.has(at)) break;
        seen.add(at);
      }
      if (seen.size > 1 && isEntry(at) && next.has(at)) this.#faults.add(path, 'leads in a circle');
      else if (at === entry) this.#faults.add(path, 'leads to itself');
      else this.#faults.leaveOut(entry.path, 'merged into another record of the same patient');
      merged.set(entry, at);
    }
    return merged;
  }

  #give(belonging: Belongs, merged: ReadonlyMap<PatientEntry, PatientEntry | Reference>): void {
    const found = this.#find(belonging.of);
    const end = found === undefined ? belonging.of : (merged.get(found) ?? found);
    if (isEntry(end)) {
      const building = this.#buildings.get(end);
      if (building === undefined)
        this.#faults.leaveOut(belonging.path, 'belongs to a patient who is left out');
      else belonging.put(building);
    } else belonging.put(this.#pointer(end, belonging));
  }

  #pointer({ reference, identifier, display }: Reference, { path }: Belongs): Building {
    const target = reference === undefined ? undefined : targetOf(reference);
    const query = /[?&]identifier=([^|&]+)\|([^&]+)/.exec(reference ?? '');
    const named = query
      ? { system: decodeURIComponent(query[1] ?? ''), value: decodeURIComponent(query[2] ?? '') }
      : identifier;
    const isKept = named?.system !== undefined && this.#identifierSystems.has(named.system);
    const key = [target, named?.system, named?.value, display].join('\n');
    const known = this.#pointers.get(key);
    if (known !== undefined) return known;
    const id = target === undefined ? undefined : idIn(target);
    const made = begin({
      path,
      fields: {
        ...(id === undefined ? {} : { id }),
        ...(isKept && named.value !== undefined
          ? { identifiers: [{ system: named.system ?? '', value: named.value }] }
          : {}),
      },
      pointer: { called: display },
      contactPeople: [],
    });
    this.#pointers.set(key, made);
    return made;
  }
}

const isEntry = (value: PatientEntry | Reference): value is PatientEntry => 'replacedBy' in value;
