/** One repository per aggregate over an open, keyed database; all changes go through `write`. No output, no clock. */
import type { CivilDate } from '../dates/civil.ts';
import { briefingRecords } from './briefing-records.ts';
import { CalendarRepository } from './calendar-repository.ts';
import { AccessLog } from './chained-log.ts';
import { CommitmentRepository } from './commitment-repository.ts';
import { completing } from './completions.ts';
import { ContactRepository } from './contact-repository.ts';
import { DraftRepository } from './draft-repository.ts';
import { ChangeHistory } from './history.ts';
import { Indexes } from './indexes.ts';
import { Meanwhile } from './meanwhile.ts';
import { Merges } from './merges.ts';
import { migrate } from './migrations.ts';
import { NoteRepository } from './note-repository.ts';
import { PatientRepository, PersonRepository } from './patient-repository.ts';
import type { Parts } from './record-repository.ts';
import { type ReviewRequest, reviewRecords } from './review-records.ts';
import type { Sql, StoreNeeds } from './sql.ts';
import { tables } from './tables.ts';
import { type SearchRequest, search } from './text-search.ts';
import { type Intent, UnitOfWork } from './unit-of-work.ts';
import { BackupTimes, SettingsRow } from './vault-settings.ts';

type RecordRef =
  | { readonly table: 'patient'; readonly id: string }
  | {
      readonly table: 'person' | 'note' | 'commitment' | 'contact';
      readonly id: string;
      readonly patient_id: string;
    };

export type Store = ReturnType<typeof openStore>;

const noLog = { head: () => undefined, macAt: () => undefined };

const ownedTables = [tables.person, tables.note, tables.commitment, tables.contact] as const;

/** @throws conflict (a newer schema), busy, failed, damaged */
export function openStore(sql: Sql, needs: StoreNeeds) {
  const log = new AccessLog(sql, needs);
  sql.attach(needs);
  // Before the first write, which may be a migration.
  sql.refuseWriting(needs.guard?.refusal(sql.pragma('user_version') > 0 ? log : noLog));
  migrate(sql, needs.beforeMigration);
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
    /** A ref (case ignored) or a whole id of any record. */
    find: (idOrRef: string) => find(sql, idOrRef),
    search: (request: SearchRequest) => search(sql, request),
    /** @param everything all current notes, not only those that can come first */
    briefingRecords: (patientId: string, on: CivilDate, everything?: boolean) =>
      briefingRecords(sources, { patientId, on, everything }),
    reviewRecords: (request: ReviewRequest) => reviewRecords(sources, request),
    /** Reads from one snapshot: nothing may be asked or awaited in it. */
    reading: <T>(work: () => T): T => sql.reading(work),
    /** Called before somebody types. @throws conflict where this copy of the vault is not written */
    checkWritable: () => sql.checkWritable(),
    write: <T>(intent: Intent, work: () => T) => unit.write(intent, work),
  };
}

/** Refs come first: they are unique over all records, imported ids only within their kind. */
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
  // Our own ids are upper case, however they are typed.
  if (found.length === 0 && idOrRef !== idOrRef.toUpperCase()) look('id = ?', idOrRef.toUpperCase());
  return found;
}
