/** Small private files in the state folder; commands do without those that cannot be read or written. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type CivilDate, readCivilDate } from '../dates/civil.ts';
import { digestOf } from '../keys.ts';
import { readPrivateFile } from '../vault/modes.ts';
import { replaceFile } from '../vault/vault-folder.ts';
import { stateFolder } from './folders.ts';
import type { Outside } from './outside.ts';

type Place = Pick<Outside, 'env' | 'platform' | 'home' | 'workingFolder' | 'uid'>;

/** @param longest in bytes */
export function stateFile(place: Place, name: string, longest = 64) {
  const path = (): string => join(stateFolder(place), name);
  const write = (work: () => void): boolean => {
    try {
      mkdirSync(stateFolder(place), { recursive: true, mode: 0o700 });
      work();
      return true;
    } catch {
      return false;
    }
  };
  return {
    /** Empty where it is missing or not ours alone. Follows no link, waits for no pipe. */
    read(): string {
      try {
        return readPrivateFile(path(), place.uid, longest)?.toString('utf8').trim() ?? '';
      } catch {
        return '';
      }
    },
    write: (text: string): boolean => write(() => replaceFile(path(), Buffer.from(`${text}\n`))),
    append: (line: string): boolean => write(() => appendFileSync(path(), `${line}\n`, { mode: 0o600 })),
  };
}

export type DailyMark = ReturnType<typeof dailyMark>;

/** The day on which `due --daily` was last shown. */
export function dailyMark(place: Place, vaultFolder: () => string) {
  const file = () => stateFile(place, `${digestOf(vaultFolder()).slice(0, 32)}.daily`);
  return {
    last: (): CivilDate | undefined => readCivilDate(file().read()),
    set: (on: CivilDate): void => void file().write(on),
  };
}

/** In bytes. */
const longestList = 64 * 1024;

/** Folders that agents were started in: `lock` looks there too, since the environment may have changed. */
export function agentFolders(place: Place) {
  const file = stateFile(place, 'agents', longestList);
  const read = (): readonly string[] => file.read().split('\n');
  return {
    read,
    add(folder: string): void {
      if (!folder.includes('\n') && !read().includes(folder)) file.append(folder);
    },
  };
}
