import type { CivilDate } from '../dates/civil.ts';
import type { Commitment, Owner } from '../domain/records.ts';
import { type Parts, RecordRepository } from './record-repository.ts';
import { quoted, type Row, type Scalar } from './sql.ts';
import { decode, tables } from './tables.ts';

interface CommitmentFilter {
  readonly status?: readonly Commitment['status'][];
  readonly owners?: readonly Owner[];
  readonly patientId?: string;
  /** Leaves out undated ones. */
  readonly dueUntil?: CivilDate;
  readonly undated?: true;
}

function conditionsOf(filter: CommitmentFilter) {
  const conditions: string[] = [];
  const values: Scalar[] = [];
  // SQLite uses the partial index over open commitments only for an equation.
  if (filter.status?.length === 1) conditions.push(`status = ${quoted(filter.status)}`);
  else if (filter.status) conditions.push(`status IN (${quoted(filter.status)})`);
  if (filter.owners) conditions.push(`owner IN (${quoted(filter.owners)})`);
  if (filter.patientId !== undefined) {
    conditions.push('patient_id = ?');
    values.push(filter.patientId);
  }
  if (filter.dueUntil !== undefined) {
    conditions.push('due <= ?');
    values.push(filter.dueUntil);
  }
  if (filter.undated) conditions.push('due IS NULL');
  return { where: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`, values };
}

export class CommitmentRepository extends RecordRepository<Commitment> {
  constructor(parts: Parts) {
    super(parts, tables.commitment);
  }

  of(patientId: string): readonly Commitment[] {
    return this.select('WHERE patient_id = ? ORDER BY due IS NULL, due, number', patientId);
  }

  matching(filter: CommitmentFilter): readonly Commitment[] {
    const { where, values } = conditionsOf(filter);
    return this.selectMany(where, 'due IS NULL, due, number', ...values);
  }

  count(filter: CommitmentFilter): number {
    const { where, values } = conditionsOf(filter);
    const text = `SELECT count(*) AS count FROM commitment ${where}`;
    return this.sql.get<{ count: number }>(text, ...values)?.count ?? 0;
  }

  closedSince(patientIds: readonly string[], since: CivilDate): readonly Commitment[] {
    return this.sql
      .all<Row>(
        `SELECT commitment.* FROM json_each(?) AS asked CROSS JOIN commitment ON commitment.patient_id = asked.value
          WHERE commitment.status IN ('kept', 'dropped') AND commitment.closed_on >= ?`,
        JSON.stringify(patientIds),
        since,
      )
      .map((row) => decode(this.table, row));
  }

  /** Open ones, and those kept since the last visit; all kept ones where there was none. */
  forBriefing(patientId: string, lastVisit: string | undefined): readonly Commitment[] {
    return [
      ...this.select(`WHERE patient_id = ? AND status = 'open' ORDER BY due IS NULL, due, number`, patientId),
      ...this.select(
        `WHERE patient_id = ? AND status = 'kept' AND closed_on >= ? ORDER BY closed_on, number`,
        patientId,
        lastVisit ?? '',
      ),
    ];
  }
}
