/** Folders by the platform's rules, and small private files in the state folder. */
import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { type CivilDate, readCivilDate } from '../dates/civil.ts';
import { usage } from '../errors.ts';
import { digestOf } from '../keys.ts';
import type { Demonstrations } from '../vault/run.ts';
import { readPrivateFile, replaceFile } from '../vault/vault-folder.ts';
import type { Globals, Outside } from './process.ts';

type Place = Pick<Outside, 'env' | 'platform' | 'home' | 'workingFolder'>;
type StatePlace = Place & Pick<Outside, 'uid'>;

/** Relative XDG folders are ignored, as their specification says. */
const absolute = (path: string | undefined): string | undefined =>
  path !== undefined && isAbsolute(path) ? path : undefined;

const windowsFolder = (place: Place): string =>
  absolute(place.env['LOCALAPPDATA']) ?? join(place.home, 'AppData', 'Local');
const macFolder = (place: Place): string => join(place.home, 'Library', 'Application Support');

function dataFolder(place: Place): string {
  if (place.platform === 'win32') return windowsFolder(place);
  const given = absolute(place.env['XDG_DATA_HOME']);
  return given ?? (place.platform === 'darwin' ? macFolder(place) : join(place.home, '.local', 'share'));
}

/** Beside the data on Windows and macOS, under a name of its own. */
function ownFolder(place: Place, variable: string, name: string, elsewhere: string): string {
  const given = absolute(place.env[variable]);
  if (given !== undefined) return join(given, 'rapport');
  if (place.platform === 'win32') return join(windowsFolder(place), name);
  return place.platform === 'darwin' ? join(macFolder(place), name) : join(place.home, elsewhere, 'rapport');
}

export const settingsFolder = (place: Place): string =>
  ownFolder(place, 'XDG_CONFIG_HOME', 'rapport-config', '.config');

/** Kept apart from vaults: an older vault that is put back must not bring its own state. */
export const stateFolder = (place: Place): string =>
  ownFolder(place, 'XDG_STATE_HOME', 'rapport-state', '.local/state');

/** The best first: $XDG_RUNTIME_DIR is private and gone at logout. */
export function runtimeFolders({
  env,
  temporary,
  uid,
}: Pick<Outside, 'env' | 'temporary' | 'uid'>): readonly string[] {
  const runtime = absolute(env['XDG_RUNTIME_DIR']);
  const ours = join(temporary, `rapport-${uid}`);
  return runtime !== undefined && existsSync(runtime) ? [join(runtime, 'rapport'), ours] : [ours];
}

/** --vault, then RAPPORT_VAULT, then the platform's data folder. @throws usage */
export function vaultFolder(place: Place, { vault }: Pick<Globals, 'vault'>): string {
  if (vault?.trim() === '') throw usage('--vault needs a folder');
  const named = vault ?? (place.env['RAPPORT_VAULT'] || undefined);
  return named === undefined ? join(dataFolder(place), 'rapport') : resolve(place.workingFolder, named);
}

/** Commands do without one that cannot be read or written. @param longest in bytes */
export function stateFile(place: StatePlace, name: string, longest = 64) {
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
export function dailyMark(place: StatePlace, vaultFolder: () => string) {
  const file = () => stateFile(place, `${digestOf(vaultFolder()).slice(0, 32)}.daily`);
  return {
    last: (): CivilDate | undefined => readCivilDate(file().read()),
    set: (on: CivilDate): void => void file().write(on),
  };
}

/** Folders that agents were started in: `lock` looks there too, since the environment may have changed. */
export function agentFolders(place: StatePlace) {
  const file = stateFile(place, 'agents', 64 * 1024);
  const read = (): readonly string[] => file.read().split('\n');
  return {
    read,
    add(folder: string): void {
      if (!folder.includes('\n') && !read().includes(folder)) file.append(folder);
    },
  };
}

/** The demonstrations that this machine made. */
export function createDemonstrations(place: StatePlace): Demonstrations {
  const fileOf = (folder: string) => stateFile(place, `${digestOf(folder).slice(0, 32)}.demo`);
  return {
    lists(folder, payload) {
      const listed = fileOf(folder).read();
      if (listed === '') return false;
      try {
        const { demonstration, vault } = payload() ?? {};
        return demonstration === true && vault === listed;
      } catch {
        // Whoever opens the vault is told what is wrong.
        return false;
      }
    },
    add: (folder, vaultId) => fileOf(folder).write(vaultId),
  };
}
