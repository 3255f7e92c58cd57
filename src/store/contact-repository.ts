import type { CivilDate } from '../dates/civil.ts';
import { isOfEvent } from '../domain/interchange.ts';
import type { Contact } from '../domain/records.ts';
import { type Parts, RecordRepository } from './record-repository.ts';
import type { Row } from './sql.ts';
import { decode, tables } from './tables.ts';

/** As in the partial index over held visits. */
const heldVisit = `state = 'held' AND channel IN ('visit', 'home')`;

export class ContactRepository extends RecordRepository<Contact> {
  constructor(parts: Parts) {
    super(parts, tables.contact);
  }

  of(patientId: string): readonly Contact[] {
    return this.select('WHERE patient_id = ? ORDER BY "on" DESC, at DESC, number DESC', patientId);
  }

  on(date: CivilDate): readonly Contact[] {
    return this.select('WHERE "on" = ? ORDER BY at IS NULL, at, number', date);
  }

  ofEvent(uid: string): readonly Contact[] {
    // '0' follows '/' in byte order: recurrences are 'uid/20260312T092000Z'.
    return this.select('WHERE uid >= ? AND uid < ? ORDER BY uid', uid, `${uid}0`).filter(
      (contact) => contact.uid !== null && isOfEvent(contact.uid, uid),
    );
  }

  lastSeen(patientIds: readonly string[]): ReadonlyMap<string, CivilDate> {
    const rows = this.sql.all<{ patient_id: string; on: CivilDate }>(
      `SELECT asked.value AS patient_id, (SELECT "on" FROM contact WHERE patient_id = asked.value AND ${heldVisit}
         ORDER BY "on" DESC LIMIT 1) AS "on" FROM json_each(?) AS asked`,
      JSON.stringify(patientIds),
    );
    return new Map(rows.filter((row) => row.on !== null).map((row) => [row.patient_id, row.on]));
  }

  /** Of any channel. */
  lastHeld(patientIds: readonly string[], by: CivilDate): ReadonlyMap<string, CivilDate> {
    const rows = this.sql.all<{ patient_id: string; on: CivilDate | null }>(
      `SELECT asked.value AS patient_id, (SELECT "on" FROM contact WHERE patient_id = asked.value AND state = 'held'
         AND "on" <= ? ORDER BY "on" DESC LIMIT 1) AS "on" FROM json_each(?) AS asked`,
      by,
      JSON.stringify(patientIds),
    );
    return new Map(rows.flatMap(({ patient_id, on }) => (on === null ? [] : [[patient_id, on] as const])));
  }

  nextPlanned(patientIds: readonly string[], from: CivilDate): ReadonlyMap<string, Contact> {
    const rows = this.sql.all<Row & { patient_id: string }>(
      `SELECT contact.* FROM json_each(?) AS asked JOIN contact ON contact.number =
         (SELECT number FROM contact WHERE patient_id = asked.value AND state = 'planned' AND "on" >= ?
           ORDER BY "on", at IS NULL, at LIMIT 1)`,
      JSON.stringify(patientIds),
      from,
    );
    return new Map(rows.map((row) => [row.patient_id, decode(tables.contact, row)]));
  }

  lastVisitBefore(patientId: string, on: CivilDate): CivilDate | undefined {
    return this.sql.get<{ on: CivilDate }>(
      `SELECT "on" FROM contact WHERE patient_id = ? AND "on" < ? AND ${heldVisit} ORDER BY "on" DESC LIMIT 1`,
      patientId,
      on,
    )?.on;
  }
}
