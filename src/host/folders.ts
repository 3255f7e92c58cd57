/** Folders by the platform's rules, and what lies in them: the person's settings, and small private files of state. */
import { appendFileSync, existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import {
  checkSettings,
  type OwnSettings,
  readOwnSettings,
  readSettings,
  type Settings,
  settingDeclaration,
} from '../domain/settings.ts';
import { shellQuoted } from '../domain/text.ts';
import { asFailure, conflict, type Failure, failed, systemReason, usage } from '../errors.ts';
import { digestOf } from '../keys.ts';
import type { Store } from '../store/store.ts';
import {
  configName,
  largestConfig,
  type OwnerId,
  orElse,
  readPrivateFile,
  realPath,
  replaceFile,
  statOf,
} from '../vault/vault-folder.ts';
import type { Globals, Outside } from './process.ts';

type Place = Pick<Outside, 'env' | 'platform' | 'home' | 'workingFolder' | 'uid'>;

/** Relative XDG folders are ignored, as their specification says. */
const absolute = (path: string | undefined): string | undefined =>
  path !== undefined && isAbsolute(path) ? path : undefined;

/** Under names of their own on Windows and macOS, which have one place for all. */
function ownFolder(
  { env, platform, home }: Place,
  variable: string,
  name: string,
  elsewhere: string,
): string {
  const given = absolute(env[variable]);
  if (given !== undefined) return join(given, 'rapport');
  if (platform === 'win32')
    return join(absolute(env['LOCALAPPDATA']) ?? join(home, 'AppData', 'Local'), name);
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', name);
  return join(home, elsewhere, 'rapport');
}

/** Kept apart from vaults: an older vault that is put back must not bring its own state. */
export const stateFolder = (place: Place): string =>
  ownFolder(place, 'XDG_STATE_HOME', 'rapport-state', '.local/state');

/** The best first: $XDG_RUNTIME_DIR is private and gone at logout. */
function runtimeFolders(place: Pick<Outside, 'env' | 'temporary' | 'uid'>): readonly string[] {
  const runtime = absolute(place.env['XDG_RUNTIME_DIR']);
  const ours = join(place.temporary, `rapport-${place.uid}`);
  return runtime !== undefined && existsSync(runtime) ? [join(runtime, 'rapport'), ours] : [ours];
}

/** --vault, then RAPPORT_VAULT, then the platform's data folder. @throws usage */
export function vaultFolder(place: Place, { vault }: Pick<Globals, 'vault'>): string {
  if (vault?.trim() === '') throw usage('--vault needs a folder');
  const named = vault ?? (place.env['RAPPORT_VAULT'] || undefined);
  if (named !== undefined) return resolve(place.workingFolder, named);
  // No variable of XDG moves it on Windows.
  const variable = place.platform === 'win32' ? '' : 'XDG_DATA_HOME';
  return ownFolder(place, variable, 'rapport', '.local/share');
}

/** In bytes. */
const longestState = 64 * 1024;

export type StateFile = ReturnType<typeof stateFile>;

/** Commands do without one that cannot be read or written. */
export function stateFile(place: Place, name: string) {
  const path = (): string => join(stateFolder(place), name);
  const write = (work: () => void): boolean =>
    orElse(() => {
      mkdirSync(stateFolder(place), { recursive: true, mode: 0o700 });
      work();
      return true;
    }, false);
  return {
    /** Empty where it is missing or not ours alone. Follows no link, waits for no pipe. */
    read: (): string =>
      orElse(() => readPrivateFile(path(), place.uid, longestState)?.toString().trim() ?? '', ''),
    write: (text: string): boolean => write(() => replaceFile(path(), Buffer.from(`${text}\n`))),
    append: (line: string): boolean => write(() => appendFileSync(path(), `${line}\n`, { mode: 0o600 })),
  };
}

/** One for each vault's folder. @param kind 'daily': the day on which `due --daily` was last shown */
export const stateOf = (place: Place, folder: string, kind: 'daily' | 'demo') =>
  stateFile(place, `${digestOf(folder).slice(0, 32)}.${kind}`);

/** Where agents are, and where they were started: `lock` looks there too, since the environment may have changed. */
export function agentFolders(outside: Place & Pick<Outside, 'temporary' | 'agentFolders'>) {
  const file = stateFile(outside, 'agents');
  const read = (): readonly string[] => file.read().split('\n');
  return {
    usual: () => runtimeFolders(outside),
    others: () => [...outside.agentFolders, ...read().filter((folder) => isAbsolute(folder))],
    add(folder: string): void {
      if (!folder.includes('\n') && !read().includes(folder)) file.append(folder);
    },
  };
}

type Values = Readonly<Record<string, string>>;

function readValues(bytes: Buffer | undefined, path: string): Values {
  if (bytes === undefined) return {};
  const advice = `mend or remove ${shellQuoted(path)}`;
  const read: unknown = orElse(() => JSON.parse(bytes.toString('utf8')), undefined);
  if (read === undefined) throw usage('config.json is not JSON', advice);
  return Object.fromEntries(
    Object.entries<unknown>(Object(read)).map(([key, value]) => {
      if (typeof value === 'object') throw usage('config.json has a value that is no text', advice);
      return [key, String(value)];
    }),
  );
}

/** Links are followed, and others may read it, but not write it. */
function readOwnFile(path: string, uid: OwnerId): Buffer | undefined {
  if (statOf(path) === undefined) return undefined;
  let target: string;
  try {
    target = realpathSync(path);
  } catch (error) {
    throw usage(`cannot read config.json: ${systemReason(error)}`, `look at it: ls -l ${shellQuoted(path)}`);
  }
  if (uid !== undefined)
    for (const place of [dirname(path), dirname(target), target]) {
      const { uid: owner, mode } = statSync(place);
      const quoted = shellQuoted(place);
      if (owner !== uid && owner !== 0)
        throw conflict(`${place} belongs to another user, who could name programs there`, `ls -ld ${quoted}`);
      if ((mode & 0o022) !== 0)
        throw conflict(`others can write ${place}, and name programs there`, `chmod go-w ${quoted}`);
    }
  return readPrivateFile(target, undefined, largestConfig);
}

function withValue(values: Values, key: string, value: string | undefined): Values {
  const { [key]: _, ...others } = values;
  return value === undefined ? others : { ...others, [key]: value };
}

/** Of the vault's own, as when it is set. */
async function isTaken(key: string, value: string): Promise<boolean> {
  const { isOwn, isInCalendar } = settingDeclaration(key) ?? { isOwn: true };
  if (isOwn || isInCalendar) return false;
  return checkSettings({ [key]: value }).then(
    () => true,
    () => false,
  );
}

/** Settings in the folder of an older vault. @throws usage, conflict, damaged */
function readOld(folder: string, uid: OwnerId): Values {
  const path = join(folder, configName);
  return readValues(readPrivateFile(path, uid, largestConfig), path);
}

export type SettingsAccess = Omit<ReturnType<typeof createSettings>, 'open' | 'powerless' | 'timeZone'>;

/** What starts programs or keeps keys is the person's own, the rest the vault's. Nothing in its folder has a say. */
export function createSettings(outside: Place) {
  const { uid } = outside;
  const path = (): string =>
    join(ownFolder(outside, 'XDG_CONFIG_HOME', 'rapport-config', '.config'), configName);
  let own: OwnSettings | undefined;
  let vault: { readonly store: Store; values: Values; read: Settings } | undefined;
  const ownValues = (): Values => readValues(readOwnFile(path(), uid), path());
  const readOwn = (): OwnSettings => {
    own ??= readOwnSettings(ownValues());
    return own;
  };
  const writeOwn = (key: string, value: string | undefined): void => {
    const next = withValue(ownValues(), key, value);
    own = readOwnSettings(next);
    try {
      mkdirSync(dirname(path()), { recursive: true, mode: 0o700 });
      // A link's target is replaced, not the link.
      replaceFile(realPath(path()), Buffer.from(`${JSON.stringify(next, null, 2)}\n`));
    } catch (error) {
      throw failed(`cannot write ${path()}: ${systemReason(error)}`);
    }
  };
  /** Once: what the vault's data depend on. Where that fails, the next opening tries again. */
  const takeOver = async (store: Store, folder: string, report: (failure: Failure) => void) => {
    const taken: Record<string, string> = {};
    try {
      const old = Object.entries(readOld(folder, uid));
      for (const [key, value] of old) if (await isTaken(key, value)) taken[key] = value;
      store.settings.takeOver(taken);
      const left = old.flatMap(([key]) => (key in taken ? [] : [key]));
      if (left.length > 0)
        report(
          usage(
            `config.json in the vault's folder has no say over ${left.join(', ')}`,
            'rapport config KEY VALUE sets what is still wanted',
          ),
        );
    } catch (error) {
      report(asFailure(error).saying("the settings in the vault's folder are not taken over"));
    }
    return taken;
  };
  return {
    /** The person's own. @throws usage, conflict where others can write them */
    own: readOwn,
    /** The person's own in an older vault's folder. @throws what is wrong with that file, or with the person's */
    powerless(folder: string): readonly string[] {
      readOwn();
      return Object.keys(readOld(folder, uid)).filter((key) => settingDeclaration(key)?.isOwn);
    },
    /** The vault's, once it is open. */
    get timeZone(): string | undefined {
      return vault?.read.timeZone;
    },
    read: (): Settings => {
      if (vault === undefined) throw new Error("the vault's settings are read before it is open");
      return vault.read;
    },
    values: (): Values => ({ ...ownValues(), ...vault?.values }),
    /** Undefined unsets. @throws usage, failed, conflict, busy */
    write: (key: string, value: string | undefined): void => {
      if (settingDeclaration(key)?.isOwn) {
        writeOwn(key, value);
        return;
      }
      if (vault === undefined) throw new Error("the vault's settings are written before it is open");
      const values = withValue(vault.values, key, value);
      const read = readSettings(values);
      vault.store.settings.set(key, value);
      vault = { ...vault, values, read };
    },
    async open(store: Store, folder: string, report: (failure: Failure) => void): Promise<void> {
      const values = store.settings.read() ?? (await takeOver(store, folder, report));
      vault = { store, values, read: readSettings(values) };
    },
  };
}
