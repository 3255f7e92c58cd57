/** One row for each command that asks or opens an editor before it writes, and what another terminal does meanwhile. */
import type { Store } from '../../../src/store/store.ts';

export interface Row {
  /** The first terminal's command. */
  readonly here: readonly string[];
  /** Questions and what is typed at them, up to the one at which the other terminal goes to work. */
  readonly before?: readonly (readonly [question: string, keys: string])[];
  readonly at: string;
  /** The other terminal's commands; 'NEWEST' is the promise that was added last. */
  readonly there: readonly (readonly string[])[];
  readonly keys: string;
  readonly after?: readonly (readonly [question: string, keys: string])[];
  readonly code: number;
  /** All of it is on the first terminal's screen in the end. */
  readonly says: readonly string[];
  /** What is in the vault, and what it has to be. */
  readonly look: (store: Store) => unknown;
  readonly stands: unknown;
}

export const promise = (store: Store, id = 'malu-c1') => store.commitments.byId(id);
export const patient = (store: Store, id: string) => store.patients.byId(id);
export const noteTexts = (store: Store, id: string) => store.notes.of(id).map(({ text }) => text);
export const over = (text: string): string => `\u0015${text}\r`;
export const forgotten = 'the patient was forgotten meanwhile';
export const merged = 'the patient became part of another one meanwhile';
export const forget = ['patient', 'forget', 'walt', '--yes'];
export const merge = ['patient', 'merge', 'walt', 'ned', '--yes'];
export const typed = (text: string): readonly string[] => ['You typed:', `  ${text}`];

export type Rows = Readonly<Record<string, Row>>;
