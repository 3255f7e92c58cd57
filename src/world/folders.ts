/** Where things are kept, by the platform's own rules. No file system is touched here. */
import { isAbsolute, join, resolve } from 'node:path';
import { usage } from '../errors.ts';
import type { Globals } from '../world.ts';
import type { Outside } from './outside.ts';

type Place = Pick<Outside, 'env' | 'platform' | 'home' | 'workingFolder'>;

/** XDG folders count only where they are absolute, says their specification. */
const absolute = (path: string | undefined): string | undefined =>
  path !== undefined && isAbsolute(path) ? path : undefined;

function dataFolder({ env, platform, home }: Place): string {
  if (platform === 'win32') return absolute(env['LOCALAPPDATA']) ?? join(home, 'AppData', 'Local');
  return (
    absolute(env['XDG_DATA_HOME']) ??
    (platform === 'darwin' ? join(home, 'Library', 'Application Support') : join(home, '.local', 'share'))
  );
}

/** What this machine remembers of its vaults, kept away from them: an older vault that is put back must not bring its own. */
export function stateFolder({ env, platform, home }: Place): string {
  const given = absolute(env['XDG_STATE_HOME']);
  if (given !== undefined) return join(given, 'rapport');
  if (platform === 'win32')
    return join(absolute(env['LOCALAPPDATA']) ?? join(home, 'AppData', 'Local'), 'rapport-state');
  return platform === 'darwin'
    ? join(home, 'Library', 'Application Support', 'rapport-state')
    : join(home, '.local', 'state', 'rapport');
}

/** The vault's folder, absolute: --vault, then RAPPORT_VAULT, then the platform's data folder. @throws usage */
export function vaultFolder(place: Place, { vault }: Pick<Globals, 'vault'>): string {
  if (vault?.trim() === '') throw usage('--vault needs a folder');
  const named = vault ?? (place.env['RAPPORT_VAULT'] || undefined);
  return named === undefined ? join(dataFolder(place), 'rapport') : resolve(place.workingFolder, named);
}
