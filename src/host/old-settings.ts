/** Settings in the folder of an older vault: what its data depend on is taken over once; the rest is only named. */
import { join } from 'node:path';
import { checkSettings, settingDeclaration } from '../domain/settings.ts';
import { asFailure } from '../errors.ts';
import type { Store } from '../store/store.ts';
import { configName, largestConfig, type OwnerId, readPrivateFile } from '../vault/vault-folder.ts';
import { readValues, type Values } from './folders.ts';

/** @throws usage, conflict, damaged */
export function readOld(folder: string, uid: OwnerId): Values {
  const path = join(folder, configName);
  const bytes = readPrivateFile(path, uid, largestConfig);
  return bytes === undefined ? {} : readValues(bytes, path);
}

export const powerless = (values: Values): readonly string[] =>
  Object.keys(values).filter((key) => settingDeclaration(key)?.isOwn);

async function isReadable(key: string, value: string): Promise<boolean> {
  const declaration = settingDeclaration(key);
  if (declaration === undefined || declaration.isOwn || declaration.isInCalendar) return false;
  return checkSettings({ [key]: value }).then(
    () => true,
    () => false,
  );
}

/** At the first opening after they moved. */
export async function takeOver(
  store: Store,
  { folder, uid, say }: { folder: string; uid: OwnerId; say: (text: string) => void },
): Promise<Values> {
  let values: Values;
  try {
    values = readOld(folder, uid);
  } catch (error) {
    const { message, hints } = asFailure(error);
    say(`rapport: config.json in the vault's folder is not taken over: ${message}`);
    for (const hint of hints) say(`hint: ${hint}`);
    return {};
  }
  const taken: Record<string, string> = {};
  for (const [key, value] of Object.entries(values)) if (await isReadable(key, value)) taken[key] = value;
  try {
    store.settings.takeOver(taken);
  } catch (error) {
    asFailure(error);
    // The next opening tries again.
    return taken;
  }
  for (const key of powerless(values))
    say(
      `rapport: config.json in the vault's folder has no say over ${key} any more: rapport config ${key} VALUE sets it`,
    );
  const left = Object.keys(values).filter((key) => !(key in taken) && !settingDeclaration(key)?.isOwn);
  if (left.length > 0)
    say(`rapport: not taken over from config.json, which can't be read there: ${left.join(', ')}`);
  return taken;
}
