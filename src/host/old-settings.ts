/**
 * `config.json` in a vault's folder, where all settings once were. Nothing vouches for it. What the data depend on is
 * taken over into the vault, once; what starts programs or keeps keys is named, with the command that sets it, and no more.
 */
import { join } from 'node:path';
import { settingDeclaration } from '../domain/setting-declarations.ts';
import { readSettings } from '../domain/setting-values.ts';
import { Failure } from '../errors.ts';
import type { Store } from '../store/store.ts';
import { type OwnerId, readPrivateFile } from '../vault/modes.ts';
import { readValues, type Values } from './settings.ts';
import type { Notices } from './text-streams.ts';

export const oldSettingsName = 'config.json';

/** In bytes; a backup takes no more. */
const largest = 64 * 1024;

/** @throws usage, conflict, damaged */
export function oldSettings(folder: string, uid: OwnerId): Values {
  const path = join(folder, oldSettingsName);
  const bytes = readPrivateFile(path, uid, largest);
  return bytes === undefined ? {} : readValues(bytes, path);
}

/** Those of its settings that have no say there. */
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

/** The vault's settings; at the first opening after they moved, with what the old file says of the data. */
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
    // A vault that can't be written is read by them all the same; the next opening tries again.
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
