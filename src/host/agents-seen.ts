/**
 * The folders that agents were started in, on this machine: a list in the state folder, a path a line. `lock` asks there
 * too, since the surroundings that an agent was started from may be others by then.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { readPrivateFile } from '../vault/modes.ts';
import { stateFolder } from './folders.ts';
import type { Outside } from './outside.ts';

/** In bytes: what is longer is not written to. */
const longest = 64 * 1024;

export function agentsSeen(outside: Pick<Outside, 'env' | 'platform' | 'home' | 'workingFolder' | 'uid'>) {
  const path = (): string => join(stateFolder(outside), 'agents');
  const read = (): readonly string[] => {
    try {
      const text = readPrivateFile(path(), outside.uid, longest)?.toString('utf8') ?? '';
      return [...new Set(text.split('\n').filter((line) => isAbsolute(line)))];
    } catch {
      return [];
    }
  };
  return {
    read,
    /** Before an agent is started there. A machine that can remember nothing still has its agent. */
    add(folder: string): void {
      try {
        if (folder.includes('\n') || read().includes(folder)) return;
        mkdirSync(stateFolder(outside), { recursive: true, mode: 0o700 });
        appendFileSync(path(), `${folder}\n`, { mode: 0o600 });
      } catch {
        // It is found as long as the surroundings stay as they are.
      }
    },
  };
}
