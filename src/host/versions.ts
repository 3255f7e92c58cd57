/** What `--version` names. Versions of the driver are read from its headers, without loading it. */
import { closeSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Bytes that hold both versions. */
const headerStart = 8192;

function driverVersions(): string {
  const bytes = Buffer.alloc(headerStart);
  try {
    const driver = createRequire(import.meta.url).resolve('better-sqlite3/package.json');
    const file = openSync(join(driver, '..', 'deps', 'sqlite3', 'sqlite3.h'), 'r');
    try {
      readSync(file, bytes, 0, headerStart, 0);
    } finally {
      closeSync(file);
    }
  } catch {
    return 'no SQLite driver: install rapport again';
  }
  const text = bytes.toString('latin1');
  const sqlite = /^#define SQLITE_VERSION +"(.*)"/m.exec(text)?.[1] ?? 'of unknown version';
  const ciphers = /^#define SQLITE3MC_VERSION_STRING +"(.*)"/m.exec(text)?.[1] ?? 'without ciphers';
  return `SQLite ${sqlite}, ${ciphers} (sqlcipher 4)`;
}

export const versionText = (own: string, node: string): string =>
  `rapport ${own}\nNode ${node}, ${driverVersions()}`;
