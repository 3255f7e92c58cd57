/** Folders by the platform's rules. */
import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { usage } from '../errors.ts';
import type { Globals, Outside } from './outside.ts';

type Place = Pick<Outside, 'env' | 'platform' | 'home' | 'workingFolder'>;

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
