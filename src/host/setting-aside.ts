/** Setting a copy of an older vault aside before its first migration: what the store calls then, and what is said. */

import { wipe } from '../keys.ts';
import { newestSchema } from '../store/migrations.ts';
import type { VaultDatabase } from '../vault/driver.ts';
import { keepEarlier } from '../vault/pre-migration-copy.ts';
import type { Notices } from './text-streams.ts';

interface Setting {
  /** The vault's. */
  readonly folder: string;
  /** Copied where it is needed: the caller wipes its own. */
  readonly page: Buffer;
  readonly notices: Pick<Notices, 'say'>;
}

/** @returns undefined for a vault that needs no migration. What it throws: failed, damaged, busy */
export function settingAside(
  database: VaultDatabase,
  { folder, page, notices }: Setting,
): ((from: number, to: number) => void) | undefined {
  const schema = Number(database.pragma('user_version', { simple: true }));
  if (schema === 0 || schema >= newestSchema) return undefined;
  const key = Buffer.from(page);
  return (from, to) => {
    notices.say(
      `rapport: an older vault (schema ${from}): it is copied before it is brought to schema ${to}`,
    );
    try {
      keepEarlier(folder, key, from);
    } finally {
      wipe(key);
    }
    notices.say(`rapport: the copy is vault.db.schema-${from}; the next backup removes it`);
  };
}
