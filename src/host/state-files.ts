/** Small private files in the state folder. What cannot be read or written there is done without. */
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
    /** Its text; empty where it is not there or not ours alone. No link is followed, and a pipe cannot hang it. */
    read(): string {
      try {
        return readPrivateFile(path(), place.uid, longest)?.toString('utf8').trim() ?? '';
      } catch {
        return '';
      }
    },
    /** @returns whether it could be written */
    write: (text: string): boolean => write(() => replaceFile(path(), Buffer.from(`${text}\n`))),
    append: (line: string): boolean => write(() => appendFileSync(path(), `${line}\n`, { mode: 0o600 })),
  };
}

export type DailyMark = ReturnType<typeof dailyMark>;

/** Which day `due --daily` was last shown for a vault. */
export function dailyMark(place: Place, vaultFolder: () => string) {
  const file = () => stateFile(place, `${digestOf(vaultFolder()).slice(0, 32)}.daily`);
  return {
    last: (): CivilDate | undefined => readCivilDate(file().read()),
    set: (on: CivilDate): void => void file().write(on),
  };
}

/** In bytes: what is longer is not written to. */
const longestList = 64 * 1024;

/** The folders that agents were started in: `lock` asks there too, since the environment may be another by then. */
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
