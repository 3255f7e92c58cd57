/** `config.json` in the vault's folder: one object of strings, nothing private. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkTimeZone, readSettings, type Settings } from '../domain/settings.ts';
import { Failure, usage } from '../errors.ts';
import { replaceFile, systemReason } from '../vault/files.ts';
import { type OwnerId, readPrivateFile } from '../vault/modes.ts';
import type { SettingsFile } from '../world.ts';

const fileName = 'config.json';

/** In bytes; a backup takes no more. */
const largest = 64 * 1024;

/** @param uid whose file it must be, for nobody else to read; undefined where the system has no such thing */
export function createSettingsFile(folder: () => string, uid: OwnerId): SettingsFile {
  let settings: Settings | undefined;
  const values = (): Record<string, string> => {
    const bytes = readPrivateFile(join(folder(), fileName), uid, largest);
    if (bytes === undefined) return {};
    let read: unknown;
    try {
      read = JSON.parse(bytes.toString('utf8'));
    } catch {
      throw usage('config.json is not JSON', `mend or remove ${join(folder(), fileName)}`);
    }
    const entries =
      typeof read === 'object' && read !== null && !Array.isArray(read) ? Object.entries(read) : [];
    return Object.fromEntries(
      entries.map(([key, value]: [string, unknown]) => {
        if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
          throw usage(
            'config.json has a value that is no text',
            `mend or remove ${join(folder(), fileName)}`,
          );
        return [key, String(value)];
      }),
    );
  };
  return {
    read: () => {
      settings ??= readSettings(values());
      return settings;
    },
    values,
    write: (key, value) => {
      const next = values();
      delete next[key];
      if (value !== undefined) next[key] = value;
      settings = readSettings(next);
      if (settings.timeZone !== undefined) checkTimeZone(settings.timeZone);
      try {
        mkdirSync(folder(), { recursive: true, mode: 0o700 });
        replaceFile(join(folder(), fileName), Buffer.from(`${JSON.stringify(next, null, 2)}\n`));
      } catch (error) {
        throw new Failure('failed', `cannot write ${fileName}: ${systemReason(error)}`, [
          'rapport doctor shows what is amiss',
        ]);
      }
    },
  };
}
