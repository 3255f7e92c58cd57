/** The store's two histories: `change`, by which operations are undone, and `log`, who looked at or changed what. */
import type { CivilDate } from '../dates/civil.ts';
import type { TableName } from '../domain/records.ts';

/** The verb of an operation is the command's name: 'commit', 'patient set'. Never text of a patient's. */
export interface Intent {
  readonly verb: string;
  /** False for what can't be taken back: forget, erase. True unless said. */
  readonly undoable?: boolean;
}

export interface ChangedRecord {
  readonly table: TableName;
  readonly id: string;
  readonly patient_id: string | null;
  readonly change: 'added' | 'changed' | 'removed';
  /** How it reads now, or before it was removed: a name or a text. */
  readonly label: string;
  /** The fields that changed; empty unless `change` is 'changed'. */
  readonly fields: readonly string[];
  /** A note's or commitment's kind, a contact's channel. */
  readonly kind: string | null;
  /** As the operation left it: 'kept', 'answered', 'held'. */
  readonly status: string | null;
  readonly sensitive: boolean;
}

export interface Operation {
  readonly id: string;
  /** Counts up from 1 in this vault: what a person types to mean it. */
  readonly number: number;
  /** ISO instant. */
  readonly at: string;
  readonly verb: string;
  readonly undoable: boolean;
  /** The operation that this one takes back, where it is an undo or a redo. */
  readonly undoes: string | null;
  readonly undone: boolean;
  /** How many records it touched. */
  readonly count: number;
}

export interface History {
  /** The newest operation that is neither undone nor an undo. */
  newest(): Operation | undefined;
  /** The newest undo that was not itself taken back: what a redo takes back. */
  newestUndo(): Operation | undefined;
  byId(id: string): Operation | undefined;
  numbered(number: number): Operation | undefined;
  /** Newest first, undos and redos among them. */
  list(limit: number): readonly Operation[];
  /** In the order of the changes; each record once, at most `limit` of them. */
  records(operationId: string, limit?: number): readonly ChangedRecord[];
  /** Later operations, not undone, that touched the same records or others that rest on them. */
  laterOn(operationId: string): readonly Operation[];
  /**
   * Puts every record of the operation back as it was before; of an undo, that is the redo. Only inside `write`, which
   * becomes the undo.
   * @throws not-found; conflict where it is undone already, can't be undone, or a later operation rests on it
   */
  undo(operationId: string): void;
}

export interface LogRow {
  readonly sequence: number;
  readonly at: string;
  readonly operation: string | null;
  readonly patient_id: string | null;
  readonly verb: string;
  readonly count: number;
}

export interface LogHead {
  readonly sequence: number;
  readonly mac: Buffer;
}

/** Notes that a briefing had on the screen: what its ranking counts later. Outside of the change history. */
export interface Shown {
  readonly noteIds: readonly string[];
  readonly on: CivilDate;
}

export interface Log {
  /**
   * Records that a patient's notes were shown, and in the same transaction which ones, where a briefing counts them.
   * False where that can't be written (read-only, full, busy).
   */
  opened(verb: string, patientId: string, shown?: Shown): boolean;
  /** Records that a list over patients was shown. False where the row can't be written. */
  listed(verb: string, count: number): boolean;
  /** Records what was done to the vault itself ('init', 'key rotate'). Its own transaction. */
  happened(verb: string): void;
  /** The verb of the newest row that is of an operation, or has one of these verbs. */
  lastOf(verbs: readonly string[]): string | undefined;
  /** The patient whose briefing was opened last. */
  lastBriefed(): string | undefined;
  /** The newest row's sequence and MAC: what a rolled-back vault is told by. */
  head(): LogHead | undefined;
  /** Makes every MAC anew under another key, as far as the chain holds: after the master key was changed. */
  rechain(key: Buffer): void;
  /** Newest first; of a patient with those who became part of them by a merge. */
  rows(filter: { readonly patientId?: string; readonly limit: number }): readonly LogRow[];
  /** The sequence of the first row whose MAC doesn't hold, or undefined where the chain is whole. */
  firstBroken(): number | undefined;
}
