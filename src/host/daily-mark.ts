/** Which day `due --daily` was last shown for a vault: a date in the state folder, named by the vault's place alone. */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type CivilDate, readCivilDate } from '../dates/civil.ts';
import { readPrivateFile } from '../vault/modes.ts';
import { replaceFile } from '../vault/vault-folder.ts';
import { stateFolder } from './folders.ts';
import type { Outside } from './outside.ts';

/** In bytes. */
const longest = 64;

export type DailyMark = ReturnType<typeof createDailyMark>;

export function createDailyMark(
  outside: Pick<Outside, 'env' | 'platform' | 'home' | 'workingFolder' | 'uid'>,
  vault: () => string,
) {
  const path = (): string => {
    const name = createHash('sha256').update(vault()).digest('hex').slice(0, 32);
    return join(stateFolder(outside), `${name}.daily`);
  };
  return {
    last(): CivilDate | undefined {
      try {
        // No link is followed, and a pipe cannot hang it.
        return readCivilDate(readPrivateFile(path(), outside.uid, longest)?.toString('utf8').trim() ?? '');
      } catch {
        return undefined;
      }
    },
    set(on: CivilDate): void {
      try {
        mkdirSync(stateFolder(outside), { recursive: true, mode: 0o700 });
        replaceFile(path(), Buffer.from(`${on}\n`));
      } catch {
        // Shown once more than need be.
      }
    },
  };
}
