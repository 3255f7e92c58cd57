/**
 * Puts the store together over an open, keyed database. Who opens it, with which key and pragmas, is the vault's
 * business; here its schema is brought up to date, and the repositories share one set of statements and one unit of work.
 */
import type Database from 'better-sqlite3';
import { BackupTimes } from './backup-times.ts';
import { briefingRecords } from './briefing-records.ts';
import { CalendarRepository } from './calendar.ts';
import { CommitmentRepository } from './commitments.ts';
import { completing } from './completions.ts';
import { ContactRepository } from './contacts.ts';
import { DraftRepository } from './drafts.ts';
import { ChangeHistory } from './history.ts';
import { Indexes } from './indexes.ts';
import { AccessLog } from './log.ts';
import { Meanwhile } from './meanwhile.ts';
import { Merges } from './merges.ts';
import { migrate } from './migrations.ts';
import type { StoreNeeds } from './needs.ts';
import { NoteRepository } from './notes.ts';
import { PatientRepository } from './patients.ts';
import { PersonRepository } from './people.ts';
import type { Parts } from './repository.ts';
import { reviewRecords } from './review-records.ts';
import { search } from './search.ts';
import { SettingsRow } from './settings.ts';
import { Sql } from './sql.ts';
import type { RecordRef, Store } from './store.ts';
import { tables } from './tables.ts';
import { UnitOfWork } from './unit-of-work.ts';

export interface StoreOptions {
  /** Called before an older vault's first migration, so that a copy can be set aside. Not for a new vault. */
  readonly beforeMigration?: ((from: number, to: number) => void) | undefined;
}

/** Of a vault that the store has not opened yet. */
const noLog = { head: () => undefined, macAt: () => undefined };

const ownedTables = [tables.person, tables.note, tables.commitment, tables.contact] as const;

/** @throws conflict (the vault is of a newer schema), busy, failed, damaged */
export function openStore(database: Database.Database, needs: StoreNeeds, options: StoreOptions = {}): Store {
  return assembleStore(new Sql(database), needs, options);
}

/** The same over a wrapped handle, for tests that look at the statements. */
export function assembleStore(sql: Sql, needs: StoreNeeds, options: StoreOptions = {}): Store {
  const log = new AccessLog(sql, needs);
  sql.suspect(needs.whyUnreadable);
  if (needs.report !== undefined) sql.reportTo(needs.report);
  // Before the first write, which a migration would be.
  sql.refuseWriting(needs.guard?.refusal(sql.pragma('user_version') > 0 ? log : noLog));
  migrate(sql, options.beforeMigration);
  const unit = new UnitOfWork(sql, log, new Indexes(sql), needs);
  const merges = new Merges(sql);
  const meanwhile = new Meanwhile(sql, merges);
  const parts: Parts = { sql, unit, merges, meanwhile, needs };
  const patients = new PatientRepository(parts);
  const people = new PersonRepository(parts);
  const notes = new NoteRepository(parts);
  const commitments = new CommitmentRepository(parts);
  const contacts = new ContactRepository(parts);
  const sources = { sql, patients, people, notes, commitments, contacts };
  return {
    patients,
    people,
    notes,
    commitments,
    contacts,
    drafts: new DraftRepository({ sql, needs, meanwhile }),
    calendar: new CalendarRepository(parts),
    history: new ChangeHistory(parts),
    log,
    backups: new BackupTimes(sql, log),
    settings: new SettingsRow(sql, log),
    completing: completing(sql),
    find: (idOrRef) => find(sql, idOrRef),
    search: (request) => search(sql, request),
    briefingRecords: (patientId, on, everything) => briefingRecords(sources, { patientId, on, everything }),
    reviewRecords: (request) => reviewRecords(sources, request),
    reading: (work) => sql.reading(work),
    checkWritable: () => sql.checkWritable(),
    write: (intent, work) => unit.write(intent, work),
    close: () => sql.close(),
  };
}

/** A ref comes first: it is unique over all records, where an imported id is unique only among its own kind. */
function find(sql: Sql, idOrRef: string): readonly RecordRef[] {
  const named = sql.get<{ number: number; record: string }>(
    'SELECT number, record FROM ref WHERE ref = ?',
    idOrRef.toLowerCase(),
  );
  const found: RecordRef[] = [];
  const look = (where: string, value: string | number, record?: string): void => {
    if (record === undefined || record === 'patient')
      for (const row of sql.all<{ id: string }>(`SELECT id FROM patient WHERE ${where}`, value))
        found.push({ table: 'patient', id: row.id });
    for (const { name } of ownedTables) {
      if (record !== undefined && record !== name) continue;
      for (const row of sql.all<{ id: string; patient_id: string }>(
        `SELECT id, patient_id FROM ${name} WHERE ${where}`,
        value,
      ))
        found.push({ table: name, ...row });
    }
  };
  if (named !== undefined) look('number = ?', named.number, named.record);
  if (found.length > 0) return found;
  look('id = ?', idOrRef);
  // Whole ids of our own are upper case, however they are typed.
  if (found.length === 0 && idOrRef !== idOrRef.toUpperCase()) look('id = ?', idOrRef.toUpperCase());
  return found;
}
