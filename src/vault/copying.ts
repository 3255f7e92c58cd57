/**
 * Copying the database here or in a thread of its own. SQLite copies in one call that nothing can look into; a thread
 * beside it can watch the copy grow, and be told to stop.
 */
import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { Failure, type FailureName } from '../errors.ts';
import { type CopyRequest, copyDatabase } from './copy-database.ts';

/** What the thread is given. */
export interface CopyTask {
  readonly source: string;
  readonly target: string;
  /** Its memory is moved, not copied. */
  readonly pageKey: Uint8Array<ArrayBuffer>;
}

export type CopyOutcome =
  | { readonly done: true }
  | {
      readonly done: false;
      readonly exit: FailureName;
      readonly message: string;
      readonly hints: readonly string[];
    };

export interface Watching {
  /** Of the copy, in bytes. */
  readonly grown: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** Ends when the copy is whole and checked, or with why it is not. */
export type Copier = (request: CopyRequest, watching: Watching) => Promise<void>;

export const copyHere: Copier = async (request) => copyDatabase(request);

const lookEvery = 100;

/** @param script the built `copy-worker.ts` */
export const copyAside =
  (script: string): Copier =>
  ({ source, target, pageKey }, { grown, signal }) =>
    new Promise((resolve, reject) => {
      const key = new Uint8Array(new ArrayBuffer(pageKey.length));
      key.set(pageKey);
      const task: CopyTask = { source, target, pageKey: key };
      const worker = new Worker(script, {
        workerData: task,
        transferList: [key.buffer],
        env: {},
        argv: [],
        execArgv: [],
      });
      const look = setInterval(
        () => grown(statSync(target, { throwIfNoEntry: false })?.size ?? 0),
        lookEvery,
      );
      const settle = (finish: () => void): void => {
        clearInterval(look);
        signal.removeEventListener('abort', stop);
        finish();
      };
      const stop = (): void =>
        settle(() => {
          // SQLite cannot be interrupted: the thread ends with its call, and nobody waits for it.
          void worker.terminate();
          worker.unref();
          reject(signal.reason);
        });
      signal.addEventListener('abort', stop, { once: true });
      worker.once('message', (outcome: CopyOutcome) =>
        settle(() =>
          outcome.done ? resolve() : reject(new Failure(outcome.exit, outcome.message, outcome.hints)),
        ),
      );
      worker.once('error', (error) => settle(() => reject(error)));
      worker.once('exit', () => settle(() => reject(new Error('the copying thread ended early'))));
    });
