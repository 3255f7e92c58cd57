/**
 * A lock that ends with its process, however that ends, and that no process with its old id seems to hold. Node has no
 * flock: it is an empty SQLite file held by BEGIN EXCLUSIVE. Nobody may open that file in any other way, since closing
 * it would drop the lock.
 */
import { openUnkeyed, type VaultDatabase } from './driver.ts';

export interface Lock {
  release(): void;
}

/** @returns undefined where another holds it, or nothing can be held there */
export function tryLock(path: string): Lock | undefined {
  let database: VaultDatabase | undefined;
  try {
    database = openUnkeyed(path);
    // In memory, so that no journal stands beside it.
    database.exec('PRAGMA journal_mode=MEMORY; BEGIN EXCLUSIVE');
    const held = database;
    return { release: () => held.close() };
  } catch {
    database?.close();
    return undefined;
  }
}
