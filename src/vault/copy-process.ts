/**
 * The process that copies the database, so that a terminal can show how far it is, and stop it. Started by `copying.ts`
 * alone: what to do and the key come on standard input, what came of it goes to standard output.
 */

import { errorCode, Failure } from '../errors.ts';
import { wipe } from '../keys.ts';
import { copyDatabase } from './copy-database.ts';
import { type CopyOutcome, readTask } from './copying.ts';

function outcomeOf(input: Buffer): CopyOutcome {
  try {
    copyDatabase(readTask(input));
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
    wipe(input);
  }
}

async function run(): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part);
  const input = Buffer.concat(parts);
  wipe(...parts);
  process.stdout.write(JSON.stringify(outcomeOf(input)));
}

void run();
