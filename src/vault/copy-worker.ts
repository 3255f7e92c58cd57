/** The thread that copies the database, so that a terminal can show how far it is. Started by `copying.ts` alone. */
import { parentPort, workerData } from 'node:worker_threads';
import { Failure } from '../errors.ts';
import { copyDatabase } from './copy-database.ts';
import type { CopyOutcome, CopyTask } from './copying.ts';
import { errorCode } from './files.ts';
import { wipe } from './secrets.ts';

function outcomeOf({ source, target, pageKey }: CopyTask): CopyOutcome {
  const key = Buffer.from(pageKey.buffer);
  try {
    copyDatabase({ source, target, pageKey: key });
    return { done: true };
  } catch (error) {
    return error instanceof Failure
      ? { done: false, exit: error.exit, message: error.message, hints: error.hints }
      : {
          done: false,
          exit: 'failed',
          message: `the copy failed (${errorCode(error) ?? 'a defect'})`,
          hints: [],
        };
  } finally {
    wipe(key);
  }
}

parentPort?.postMessage(outcomeOf(workerData));
