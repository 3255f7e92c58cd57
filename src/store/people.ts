/** The people around a patient. */
import type { Person } from '../domain/records.ts';
import { type Parts, RecordRepository } from './repository.ts';
import type { People } from './store.ts';
import { tables } from './tables.ts';

export class PersonRepository extends RecordRepository<Person> implements People {
  constructor(parts: Parts) {
    super(parts, tables.person);
  }

  of(patientId: string): readonly Person[] {
    return this.select('WHERE patient_id = ? ORDER BY number', patientId);
  }

  remove(id: string): void {
    this.unit.remove(this.table, this.numberOf(id));
  }
}
