/**
 * `rapport restore --newest`: of the backups in a folder that another machine fills, the one whose history holds all
 * others and this vault's. What was no change here goes over to it before it takes the vault's place.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { shellQuoted } from '../domain/text.ts';
import { asFailure, busy, conflict, damaged, notFound } from '../errors.ts';
import type { Keys } from '../keys.ts';
import { carryOver, hasErasedSince, holdsChanges, pointOf } from '../store/hand-over.ts';
import { migrate } from '../store/migrations.ts';
import { recordDigest } from '../store/record-digest.ts';
import { Sql } from '../store/sql.ts';
import { type Advance, type CareParts, standingKeys } from './backup.ts';
import { type OpenedBackup, openBackup } from './backup-file.ts';
import {
  apart,
  type Candidate,
  candidatesOf,
  type Found,
  joining,
  lookThrough,
  newsOf,
  olderForm,
  otherKeys,
  type PassedOver,
  type Standing,
  wholeOf,
} from './newest-choice.ts';
import { holdVault, nameAside, openDatabase, removeSetAside } from './open.ts';
import { checkReplaceable } from './replace.ts';
import { keysOfBackup, type RestoreWanted, takeBackup, unpackBackup } from './restore.ts';
import { replacedPath, setAsidePath } from './vault-folder.ts';

/** Either secret is of a vault that is not here yet. */
export interface NewestWanted extends RestoreWanted {
  /** From the working folder. */
  readonly from: string;
}

export type Newest = Awaited<ReturnType<typeof restoreNewest>>;

interface Taking {
  readonly parts: CareParts;
  readonly keys: Keys;
  readonly standing: Standing | undefined;
  readonly news: readonly [Candidate, ...Candidate[]];
  readonly advance: Advance;
}

/** What is unpacked must hold what all others and this vault hold; then it takes over what was no change here. */
async function prepare(
  { parts, keys, standing, news: [first, ...others], advance }: Taking,
  opened: OpenedBackup,
  { staged, id, signal }: { readonly staged: string; readonly id: string; readonly signal: AbortSignal },
) {
  const { uid } = parts;
  await unpackBackup(staged, opened, { keys, uid }, { signal, advance });
  using database = openDatabase({ ...opened.head.header, folder: staged, keys, uid });
  using digest = recordDigest(keys.log);
  if (digest.state(database) === 'other')
    throw damaged(
      `the records in ${first.name} are not those of its last change`,
      'rapport doctor, on the machine that made it',
      `rapport restore ${shellQuoted(first.path)} takes it even so`,
    );
  for (const other of others) if (!holdsChanges(database, other.point)) await throwApart(other);
  if (standing === undefined) return { carried: undefined, hasErased: false };
  const own = pointOf(standing.held);
  if (!holdsChanges(database, own))
    throw apart(parts, ['this vault', first.name], first, [standing.held, database]);
  migrate(new Sql({ database }));
  const newId = (): string => parts.random(16).toString('hex');
  const carried = carryOver(standing.held, database, { logKey: keys.log, newId });
  const hasErased = hasErasedSince(database, own);
  nameAside(database, id, !hasErased);
  return { carried, hasErased };

  async function throwApart(other: Candidate): Promise<never> {
    const beside = join(staged, 'other');
    mkdirSync(beside, { mode: 0o700 });
    await using backup = await openBackup(other.path);
    try {
      await unpackBackup(beside, backup, { keys, uid }, { signal, advance });
      using second = openDatabase({ ...backup.head.header, folder: beside, keys, uid });
      throw apart(parts, [first.name, other.name], other, [database, second]);
    } catch (error) {
      // Its seal holds, and the rest has not come yet, perhaps.
      asFailure(error, 'damaged');
      throw conflict(`${first.name} does not have every change of ${other.name}`, ...joining(other.path));
    }
  }
}

async function take(taking: Taking) {
  const { parts, keys, standing, news } = taking;
  const { folder } = parts.access;
  const [{ path, name: file }] = news;
  await using opened = await openBackup(path);
  const { keyFile, header, bytes } = opened.head;
  let made: Awaited<ReturnType<typeof prepare>> | undefined;
  if (!bytes.equals(news[0].head.bytes)) throw busy(`${file} was changed meanwhile`, 'try again in a moment');
  const aside = await takeBackup(parts, opened.head, keys, {
    held: standing?.held,
    async stage(staged, id, signal) {
      made = await prepare(taking, opened, { staged, id, signal });
      signal.throwIfAborted();
    },
    aside(staged, id) {
      if (standing !== undefined) removeSetAside(standing.held, folder);
      return made?.hasErased ? replacedPath(staged, id) : setAsidePath(folder, id);
    },
    what: 'the newest backup cannot be put in place',
  });
  const hasErased = made?.hasErased ?? false;
  return {
    file,
    made_at: header.made_at,
    /** Where the vault is that was there; undefined where there was none, or something was erased since. */
    aside: hasErased ? undefined : aside,
    hasErased,
    /** The passphrase or the code was changed on the other machine. */
    hasNewKeys: standing !== undefined && !standing.keyFile.bytes.equals(keyFile.bytes),
    carried: made?.carried,
  };
}

/** Over the vault that is here. Nobody writes meanwhile. */
async function overThis(parts: CareParts, found: readonly Found[], passed: PassedOver[], advance: Advance) {
  const { access, uid, agents } = parts;
  const { folder } = access;
  checkReplaceable(folder);
  // Copied before the vault is open: opening it wipes the key of the key file.
  using keys = (await access.obtain({ ask: true })).keys.copy();
  // Brings an older vault to this schema.
  await parts.openStore();
  access.rest();
  return await parts.exclusively(async () => {
    const before = standingKeys(folder, uid, keys);
    const { vault, generation } = before.payload;
    const candidates = candidatesOf(found, before, keys, passed);
    if (candidates.length === 0) return undefined;
    using held = holdVault({ folder, keys, vault, uid });
    const standing = { held, keyFile: standingKeys(folder, uid, keys) };
    const news = newsOf(candidates, standing);
    const [first, ...others] = await wholeOf(news, keys, passed, parts);
    if (first === undefined) return { taken: undefined };
    const wasHeld = await agents.has(vault);
    const taken = await take({ parts, keys, standing, news: [first, ...others], advance });
    const { keyFile } = first.head;
    if (wasHeld && keyFile.payload.generation > generation) await access.remember({ keys, keyFile });
    return { taken };
  });
}

/** Where no vault is yet: with the passphrase of the newest keys. */
async function asFirst(
  parts: CareParts,
  found: readonly Found[],
  passed: PassedOver[],
  { by, advance }: NewestWanted,
) {
  const vaults = new Set(found.map(({ head }) => head.header.vault));
  if (vaults.size > 1)
    throw conflict(
      `backups of ${vaults.size} vaults are there`,
      'rapport restore FILE takes the one you name',
    );
  const usable = found.filter(({ head }) => head.header.history !== undefined);
  const [newest] = usable.toSorted((one, other) => other.head.header.generation - one.head.header.generation);
  if (newest === undefined) {
    for (const { name: file } of found) passed.push({ file, reason: olderForm });
    return undefined;
  }
  const { keyFile } = newest.head;
  using keys = await keysOfBackup(parts, keyFile, by);
  return await parts.exclusively(async () => {
    const all = candidatesOf(found, keyFile, keys, passed);
    const [first, ...others] = await wholeOf(all, keys, passed, parts);
    if (first === undefined) return undefined;
    if (first.head.header.generation < keyFile.payload.generation) throw otherKeys(first);
    return { taken: await take({ parts, keys, standing: undefined, news: [first, ...others], advance }) };
  });
}

/** Nothing is `taken` where the vault has all. @throws not-found, conflict, damaged, locked, busy, failed, cancelled */
export async function restoreNewest(parts: CareParts, wanted: NewestWanted) {
  const { from, advance } = wanted;
  const { found, passed } = await lookThrough(resolve(parts.workingFolder, from));
  const outcome = parts.access.exists()
    ? await overThis(parts, found, passed, advance)
    : await asFirst(parts, found, passed, wanted);
  if (outcome === undefined)
    throw notFound(
      `no backup of this vault in '${from}'`,
      ...passed.slice(0, 5).map(({ file, reason }) => `passed over ${file}: ${reason}`),
    );
  return { ...outcome, passedOver: passed };
}
