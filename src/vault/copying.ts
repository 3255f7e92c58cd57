/**
 * Copying the database here or in a process of its own. SQLite copies in one call that nothing can look into or stop;
 * from beside it the copy can be seen to grow, and the process be ended.
 */

import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { Failure, type FailureName } from '../errors.ts';
import { wipe } from '../keys.ts';
import { type CopyRequest, copyDatabase } from './copy-database.ts';

export type CopyOutcome =
  | { readonly done: true }
  | {
      readonly done: false;
      readonly exit: FailureName;
      readonly message: string;
      readonly hints: readonly string[];
    };

interface Watching {
  /** Of the copy, in bytes. */
  readonly grown: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** Ends when the copy is whole and checked, or with why it is not. */
export type Copier = (request: CopyRequest, watching: Watching) => Promise<void>;

export const copyHere: Copier = async (request) => copyDatabase(request);

/** What the process is told: a line of JSON, then the key's bytes, which never become text. */
const writeTask = ({ source, target, pageKey }: CopyRequest): Buffer =>
  Buffer.concat([Buffer.from(`${JSON.stringify({ source, target })}\n`), pageKey]);

export function readTask(input: Buffer): CopyRequest {
  const end = input.indexOf('\n');
  const { source, target } = JSON.parse(input.toString('utf8', 0, end));
  return { source, target, pageKey: input.subarray(end + 1) };
}

const lookEvery = 100;

interface CopyProgram {
  readonly node: string;
  /** The built `copy-process.ts`. */
  readonly script: string;
}

export const copyAside =
  ({ node, script }: CopyProgram): Copier =>
  (request, { grown, signal }) =>
    new Promise((resolve, reject) => {
      const child = spawn(node, [script], { env: {}, stdio: ['pipe', 'pipe', 'ignore'] });
      const look = setInterval(
        () => grown(statSync(request.target, { throwIfNoEntry: false })?.size ?? 0),
        lookEvery,
      );
      const stop = (): void => void child.kill('SIGKILL');
      const settle = (finish: () => void): void => {
        clearInterval(look);
        signal.removeEventListener('abort', stop);
        finish();
      };
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      child.once('error', (error) => settle(() => reject(error)));
      // After its end, so that nothing is written any more.
      child.once('close', () =>
        settle(() => {
          if (signal.aborted) reject(signal.reason);
          else settleBy(said, resolve, reject);
        }),
      );
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      const task = writeTask(request);
      child.stdin.on('error', () => undefined).end(task, () => wipe(task));
    });

function settleBy(said: string, resolve: () => void, reject: (error: unknown) => void): void {
  if (said === '') {
    reject(new Failure('failed', 'the copying of the vault was ended', ['try again']));
    return;
  }
  const outcome: CopyOutcome = JSON.parse(said);
  if (outcome.done) resolve();
  else reject(new Failure(outcome.exit, outcome.message, outcome.hints));
}
