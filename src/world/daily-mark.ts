/** Which day `due --daily` was last shown for a vault: a date in the state folder, named by the vault's place alone. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CivilDate, readCivilDate } from '../dates/civil.ts';
import type { DailyMark } from '../world.ts';
import { stateFolder } from './folders.ts';
import type { Outside } from './outside.ts';

export function createDailyMark(
  outside: Pick<Outside, 'env' | 'platform' | 'home' | 'workingFolder'>,
  vault: () => string,
): DailyMark {
  const path = (): string => {
    const name = createHash('sha256').update(vault()).digest('hex').slice(0, 32);
    return join(stateFolder(outside), `${name}.daily`);
  };
  return {
    last(): CivilDate | undefined {
      try {
        return readCivilDate(readFileSync(path(), 'utf8').trim());
      } catch {
        return undefined;
      }
    },
    set(on) {
      try {
        mkdirSync(stateFolder(outside), { recursive: true, mode: 0o700 });
        writeFileSync(path(), `${on}\n`, { mode: 0o600 });
      } catch {
        // Shown once more than need be.
      }
    },
  };
}
