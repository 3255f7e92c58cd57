/** Notes and promises are changed in one operation, and a line for each says what became of it. */

import type { Store } from '../context.ts';
import { displayName } from '../domain/patient-names.ts';
import { cutToWidth, printable } from '../domain/text.ts';

interface Changed {
  readonly ref: string;
  readonly patient_id: string;
  readonly text: string;
  readonly sensitive?: boolean;
}

/** 'k7m2q retired. Malu Razo: Sings in the choir'. */
export function changeLine(record: Changed, outcome: string, store: Store): string {
  const patient = store.patients.byId(record.patient_id);
  const name = patient === undefined ? '' : `${printable(displayName(patient))}: `;
  return `${record.ref} ${outcome}. ${name}${record.sensitive ? '(private)' : cutToWidth(printable(record.text), 60)}`;
}

/** @param outcome what became of a record: 'kept Thu 12 Mar' */
export function change<T extends Changed>(
  verb: string,
  store: Store,
  work: () => readonly T[],
  outcome: (changed: T) => string,
) {
  const { value: items, operation = null } = store.write({ verb }, work);
  const text = items.map((one) => changeLine(one, outcome(one), store)).join('\n');
  return { items, json: { operation, items }, text };
}
