/**
 * The interchange document of rapport itself (`"format": "rapport"`, version 1): text ↔ values, without loss.
 * Reading is strict: unknown fields, wrong types, dates that are none and ids given twice are faults, each with its
 * path. A bad record takes nothing else with it, so that --skip-bad can leave it out. Links between records are
 * looked at by the import plan, which knows what the vault holds.
 */

import { ImportIssues } from '../domain/import-issues.ts';
import type {
  GivenAway,
  GivenCalendar,
  GivenClosedDay,
  GivenDocument,
  GivenPatient,
  GivenRecord,
} from '../domain/interchange.ts';
import { conflict, type Failure, usage } from '../errors.ts';
import { type Complain, quoted, type Readers, readEach, readObject } from './fields.ts';
import { JsonReader } from './json-reader.ts';
import {
  awayFields,
  closedDayFields,
  commitmentFields,
  contactFields,
  formatName,
  formatVersion,
  noteFields,
  patientFields,
  personFields,
  weekdays,
} from './rapport-fields.ts';

/** So much fits into memory. */
const mostPatients = 200_000;
const mostRecords = 2_000_000;

const tooMany = (most: number, what: string): Failure =>
  usage(`more than ${most.toLocaleString('en')} ${what}`, 'split the document');

/** One reading of one document. */
class DocumentReading {
  readonly #reader: JsonReader;
  readonly #faults: ImportIssues;
  readonly #ids = new Map<object, Set<string>>();
  #records = 0;

  constructor(reader: JsonReader, faults: ImportIssues) {
    this.#reader = reader;
    this.#faults = faults;
  }

  /** A record's own fields, or undefined where something is wrong with them. Only a known one may lack `required`. */
  record<F extends { readonly id: string }>(
    path: string,
    readers: Readers<F>,
    required: keyof F & string,
    others?: Readonly<Record<string, () => void>>,
  ): GivenRecord<F> | undefined {
    this.#records += 1;
    if (this.#records > mostRecords) throw tooMany(mostRecords, 'records');
    const fields = readObject(this.#reader, readers, this.#at(path), others);
    if (fields === undefined) return undefined;
    const { id } = fields;
    if (id === undefined && fields[required] === undefined) {
      this.#faults.add(`${path}.${required}`, 'missing');
      return undefined;
    }
    if (typeof id === 'string' && !this.#isNew(readers, id)) {
      this.#faults.add(`${path}.id`, `${quoted(id)}there twice`);
      return undefined;
    }
    return { path, fields };
  }

  patients(path: string): readonly GivenPatient[] {
    const patients: GivenPatient[] = [];
    readEach(this.#reader, path, this.#faults, (at) => {
      if (patients.length === mostPatients) throw tooMany(mostPatients, 'patients');
      const people: GivenPatient['people'][number][] = [];
      const notes: GivenPatient['notes'][number][] = [];
      const commitments: GivenPatient['commitments'][number][] = [];
      const contacts: GivenPatient['contacts'][number][] = [];
      const patient = this.record(at, patientFields, 'name', {
        people: () => this.#recordsOf(`${at}.people`, personFields, 'name', people),
        notes: () => this.#recordsOf(`${at}.notes`, noteFields, 'text', notes),
        commitments: () => this.#recordsOf(`${at}.commitments`, commitmentFields, 'text', commitments),
        contacts: () => this.#recordsOf(`${at}.contacts`, contactFields, 'on', contacts),
      });
      if (patient !== undefined) patients.push({ ...patient, people, notes, commitments, contacts });
    });
    return patients;
  }

  calendar(path: string): GivenCalendar {
    const closedDays: GivenClosedDay[] = [];
    const away: GivenAway[] = [];
    const fields = readObject<{ readonly weekend: readonly number[] }>(
      this.#reader,
      { weekend: weekdays },
      this.#at(path),
      {
        closed_days: () => this.#values(`${path}.closed_days`, closedDayFields, ['on'], closedDays),
        away: () =>
          this.#values(`${path}.away`, awayFields, ['from', 'to'], away, (span, complain) => {
            if (span.to < span.from) complain('ends before it begins');
          }),
      },
    );
    const weekend = fields?.weekend;
    return { closed_days: closedDays, away, ...(weekend ? { weekend } : {}) };
  }

  #at(path: string): Complain {
    return (what, below = '') => this.#faults.add(path + below, what);
  }

  #isNew(table: object, id: string): boolean {
    let ids = this.#ids.get(table);
    if (ids === undefined) {
      ids = new Set();
      this.#ids.set(table, ids);
    }
    const isNew = !ids.has(id);
    ids.add(id);
    return isNew;
  }

  #recordsOf<F extends { readonly id: string }>(
    path: string,
    readers: Readers<F>,
    required: keyof F & string,
    into: GivenRecord<F>[],
  ): void {
    readEach(this.#reader, path, this.#faults, (at) => {
      const record = this.record(at, readers, required);
      if (record !== undefined) into.push(record);
    });
  }

  /** Entries of the calendar, which have no ids. */
  #values<V extends object>(
    path: string,
    readers: Readers<Required<V>>,
    required: readonly (keyof V & string)[],
    into: V[],
    check?: (value: V, complain: Complain) => void,
  ): void {
    readEach(this.#reader, path, this.#faults, (at) => {
      const before = this.#faults.count;
      const given = readObject(this.#reader, readers, this.#at(at));
      if (given === undefined) return;
      for (const key of required) if (given[key] === undefined) this.#faults.add(`${at}.${key}`, 'missing');
      if (this.#faults.count > before) return;
      // All that V requires is there.
      const value = given as V;
      check?.(value, this.#at(at));
      if (this.#faults.count === before) into.push(value);
    });
  }
}

function checkFormat(format: unknown): void {
  if (format === formatName) return;
  const given =
    typeof format === 'string' && quoted(format) !== '' ? `format is "${format}"` : 'no such format';
  throw usage(
    `not a rapport document: ${given}`,
    `such a document begins with {"format": "${formatName}", "version": ${formatVersion}`,
  );
}

function checkVersion(version: unknown): void {
  if (version === formatVersion) return;
  if (typeof version === 'number' && Number.isInteger(version) && version > formatVersion)
    throw conflict(
      `the document has version ${version}, this rapport reads ${formatVersion}`,
      'import it with a newer rapport',
    );
  throw usage(version === undefined ? 'version: missing' : `version: not ${formatVersion}`);
}

const partWrong = (key: string, what: string): Failure =>
  usage(/^\w{1,40}$/.test(key) ? `${key}: ${what}` : `a key of the document: ${what}`);

/** More keys than these before format and version are no document of ours. */
const mostWaiting = 8;

/**
 * Reads a document. @throws usage (not JSON, another format, a fault without `skipBad`), conflict (a newer version)
 */
export function readRapport(text: string, options: { readonly skipBad: boolean }): GivenDocument {
  const reader = new JsonReader(text);
  if (reader.peek() !== '{') throw usage('not a rapport document: it does not begin with {');
  const faults = new ImportIssues(options.skipBad);
  const reading = new DocumentReading(reader, faults);
  let patients: readonly GivenPatient[] = [];
  let calendar: GivenCalendar | undefined;
  const readPart = (key: string): void => {
    if (key === 'patients') patients = reading.patients(key);
    else if (key === 'calendar') calendar = reading.calendar(key);
    else throw partWrong(key, 'unknown field');
  };
  const head = new Map<string, unknown>();
  // What the file says of itself comes before all else it says: parts that stand ahead of it wait here.
  const waiting = new Map<string, number>();
  const isHeadRead = (): boolean => head.has('format') && head.has('version');
  reader.object((key) => {
    if (head.has(key) || waiting.has(key)) throw partWrong(key, 'given twice');
    if (key === 'format' || key === 'version' || key === 'exported_at') {
      const value = reader.scalar();
      head.set(key, value);
      if (key === 'format') checkFormat(value);
      if (key === 'version') checkVersion(value);
      if (key === 'exported_at' && typeof value !== 'string') throw usage('exported_at: not an instant');
      return;
    }
    if (isHeadRead()) {
      waiting.set(key, -1);
      readPart(key);
      return;
    }
    if (waiting.size === mostWaiting) checkFormat(head.get('format'));
    if (waiting.size === mostWaiting) throw partWrong(key, 'unknown field');
    waiting.set(key, reader.position);
    reader.skip();
  });
  reader.end();
  checkFormat(head.get('format'));
  checkVersion(head.get('version'));
  for (const [key, position] of waiting) {
    if (position < 0) continue;
    reader.returnTo(position);
    readPart(key);
  }
  faults.settle();
  return {
    patients,
    calendar,
    faults: faults.list,
    moreFaults: faults.more,
    remarks: [],
    matching: 'id-only',
  };
}
