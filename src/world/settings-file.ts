/** `config.json` in the vault's folder: one object of strings, nothing private. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkTimeZone, readSettings, type Settings } from '../domain/settings.ts';
import { usage } from '../errors.ts';
import type { SettingsFile } from '../world.ts';

const fileName = 'config.json';

export function createSettingsFile(folder: () => string): SettingsFile {
  let settings: Settings | undefined;
  const values = (): Record<string, string> => {
    let text: string;
    try {
      text = readFileSync(join(folder(), fileName), 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
        return {};
      throw usage(`config.json can't be read`, `look at ${join(folder(), fileName)}`);
    }
    let read: unknown;
    try {
      read = JSON.parse(text);
    } catch {
      throw usage('config.json is not JSON', `mend or remove ${join(folder(), fileName)}`);
    }
    const entries =
      typeof read === 'object' && read !== null && !Array.isArray(read) ? Object.entries(read) : [];
    return Object.fromEntries(entries.map(([key, value]) => [key, String(value)]));
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
      mkdirSync(folder(), { recursive: true, mode: 0o700 });
      const target = join(folder(), fileName);
      writeFileSync(`${target}.new`, `${JSON.stringify(next, null, 2)}\n`, { mode: 0o600 });
      renameSync(`${target}.new`, target);
    },
  };
}
