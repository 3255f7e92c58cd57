/** What starts programs or keeps keys is the person's own, the rest the vault's. Nothing in its folder has a say. */
import { mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  checkTimeZone,
  type OwnSettings,
  readOwnSettings,
  readSettings,
  type Settings,
  settingDeclaration,
} from '../domain/settings.ts';
import { conflict, Failure, shellQuoted, systemReason, usage } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { Notices } from '../terminal/styles.ts';
import { type OwnerId, readPrivateFile, realPath, replaceFile, statOf } from '../vault/vault-folder.ts';

/** In bytes; a backup takes no more. */
const largest = 64 * 1024;

type Values = Readonly<Record<string, string>>;

function readValues(bytes: Buffer, path: string): Values {
  const advice = `mend or remove ${shellQuoted(path)}`;
  let read: unknown;
  try {
    read = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw usage('config.json is not JSON', advice);
  }
  const entries =
    typeof read === 'object' && read !== null && !Array.isArray(read) ? Object.entries(read) : [];
  return Object.fromEntries(
    entries.map(([key, value]: [string, unknown]) => {
      if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
        throw usage('config.json has a value that is no text', advice);
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
  return readPrivateFile(target, undefined, largest);
}

export type SettingsAccess = Omit<ReturnType<typeof createSettings>, 'open'>;

export function createSettings(path: () => string, uid: OwnerId) {
  let own: OwnSettings | undefined;
  let vault: { readonly store: Store; values: Values; read: Settings } | undefined;
  const ownValues = (): Values => {
    const bytes = readOwnFile(path(), uid);
    return bytes === undefined ? {} : readValues(bytes, path());
  };
  const writeOwn = (key: string, value: string | undefined): void => {
    const { [key]: _, ...others } = ownValues();
    const next = value === undefined ? others : { ...others, [key]: value };
    own = readOwnSettings(next);
    try {
      mkdirSync(dirname(path()), { recursive: true, mode: 0o700 });
      // A link's target is replaced, not the link.
      replaceFile(realPath(path()), Buffer.from(`${JSON.stringify(next, null, 2)}\n`));
    } catch (error) {
      throw new Failure('failed', `cannot write ${path()}: ${systemReason(error)}`);
    }
  };
  return {
    /** The person's own. @throws usage, conflict where others can write them */
    own: (): OwnSettings => {
      own ??= readOwnSettings(ownValues());
      return own;
    },
    get isOpen(): boolean {
      return vault !== undefined;
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
      const { [key]: _, ...others } = vault.values;
      const values = value === undefined ? others : { ...others, [key]: value };
      const read = readSettings(values);
      if (read.timeZone !== undefined) checkTimeZone(read.timeZone);
      vault.store.settings.set(key, value);
      vault = { ...vault, values, read };
    },
    open: (store: Store, values: Values): void => {
      vault = { store, values, read: readSettings(values) };
    },
  };
}

/** Older vaults have it in their folder: what their data depend on is taken over once; the rest is only named. */
const oldSettingsName = 'config.json';

/** @throws usage, conflict, damaged */
export function oldSettings(folder: string, uid: OwnerId): Values {
  const path = join(folder, oldSettingsName);
  const bytes = readPrivateFile(path, uid, largest);
  return bytes === undefined ? {} : readValues(bytes, path);
}

export const powerless = (values: Values): readonly string[] =>
  Object.keys(values).filter((key) => settingDeclaration(key)?.isOwn);

function isReadable(key: string, value: string): boolean {
  const declaration = settingDeclaration(key);
  if (declaration === undefined || declaration.isOwn || declaration.isInCalendar) return false;
  try {
    readSettings({ [key]: value });
    return true;
  } catch {
    return false;
  }
}

/** At the first opening after they moved, taken from the old file. */
export function settingsOf(
  store: Store,
  { folder, uid, notices }: { folder: string; uid: OwnerId; notices: Pick<Notices, 'say'> },
): Values {
  const known = store.settings.read();
  if (known !== undefined) return known;
  let values: Values;
  try {
    values = oldSettings(folder, uid);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    notices.say(`rapport: ${oldSettingsName} in the vault's folder is not taken over: ${error.message}`);
    for (const hint of error.hints) notices.say(`hint: ${hint}`);
    return {};
  }
  const taken = Object.fromEntries(Object.entries(values).filter(([key, value]) => isReadable(key, value)));
  try {
    store.settings.takeOver(taken);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // The next opening tries again.
    return taken;
  }
  for (const key of powerless(values))
    notices.say(
      `rapport: ${oldSettingsName} in the vault's folder has no say over ${key} any more: rapport config ${key} VALUE sets it`,
    );
  const left = Object.keys(values).filter((key) => !(key in taken) && !settingDeclaration(key)?.isOwn);
  if (left.length > 0)
    notices.say(
      `rapport: not taken over from ${oldSettingsName}, which can't be read there: ${left.join(', ')}`,
    );
  return taken;
}
