/** Which of the backups in a folder goes on from a vault: sealed by its keys, and holding all that the others hold. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { shellQuoted } from '../domain/text.ts';
import { asFailure, conflict, type Failure, notFound } from '../errors.ts';
import type { Keys } from '../keys.ts';
import { apartSince, holdsChanges, holdsLooks, type Point, pointOf } from '../store/hand-over.ts';
import type { CareParts } from './backup.ts';
import { historyOf, type OpenedBackup, openBackup, readDatabase } from './backup-file.ts';
import type { KeyFile } from './key-file.ts';
import { systemFailure, type VaultDatabase } from './open.ts';
import { isFolder } from './vault-folder.ts';

export interface PassedOver {
  readonly file: string;
  readonly reason: string;
}
export interface Found {
  readonly name: string;
  readonly path: string;
  readonly head: OpenedBackup['head'];
}
/** The keys of the vault opened its seal. */
export interface Candidate extends Found {
  readonly point: Point;
}

/** Whatever a carrier leaves there. @throws not-found, failed */
export async function lookThrough(folder: string) {
  const found: Found[] = [];
  const passed: PassedOver[] = [];
  if (!isFolder(folder)) throw notFound(`no folder '${folder}'`);
  let names: readonly string[];
  try {
    const all = readdirSync(folder, { withFileTypes: true });
    names = all.flatMap((one) => (one.isDirectory() ? [] : [one.name])).sort();
  } catch (error) {
    throw systemFailure(error, `'${folder}' cannot be looked through`);
  }
  for (const name of names) {
    const path = join(folder, name);
    try {
      await using backup = await openBackup(path);
      found.push({ name, path, head: backup.head });
    } catch (error) {
      passed.push({ file: name, reason: asFailure(error).message });
    }
  }
  return { found, passed };
}

export const olderForm = 'an older rapport made it: rapport restore FILE takes it';

const ofRotation = ({ name, path }: Found): Failure =>
  conflict(
    `${name} has another master key: key rotate was run on the machine that made it`,
    `rapport restore ${shellQuoted(path)} takes it, with the passphrase that it has`,
    'what was changed here since the last hand-over goes there by rapport export and rapport import',
  );

/** @param standing the key file of the vault that is here, or the newest of the folder. @throws conflict (key rotate) */
export function candidatesOf(
  found: readonly Found[],
  { payload }: KeyFile,
  keys: Keys,
  passed: PassedOver[],
) {
  const candidates: Candidate[] = [];
  for (const one of found) {
    const { name: file, head } = one;
    const { vault, generation, history } = head.header;
    const point = vault === payload.vault ? historyOf(head, keys) : undefined;
    if (point !== undefined) candidates.push({ ...one, point });
    else if (vault !== payload.vault) passed.push({ file, reason: 'it is of another vault' });
    else if (history === undefined) passed.push({ file, reason: olderForm });
    else if (generation >= payload.generation) throw ofRotation(one);
    else passed.push({ file, reason: 'it is of before the last key rotate' });
  }
  // Never by the times of files.
  const order = ({ point: { operation, look } }: Candidate) => [operation?.number ?? 0, look?.sequence ?? 0];
  return candidates.toSorted((one, other) => {
    const [[a = 0, b = 0], [c = 0, d = 0]] = [order(one), order(other)];
    return c - a || d - b;
  });
}

/** What two machines changed each without the other: nothing of it is taken. */
export function apart(
  { local }: CareParts,
  names: readonly [one: string, other: string],
  { path, head }: Found,
  databases: readonly [one: VaultDatabase, other: VaultDatabase],
): Failure {
  const { since, counts } = apartSince(...databases);
  const { date, time } = local(since ?? head.header.made_at);
  const [first, second] = counts;
  return conflict(
    `${names.join(' and ')} differ ${since === undefined ? 'from the start' : `since ${date}, ${time}`}: ` +
      `${first} ${first === 1 ? 'change' : 'changes'} in the one, ${second} in the other`,
    ...joining(path),
  );
}

export const joining = (path: string): readonly string[] => [
  `rapport restore ${shellQuoted(path)} --vault OTHER brings it beside this vault`,
  'rapport export --out FILE --vault OTHER writes down what is in it',
  'take that backup out of the folder, run rapport restore --newest again, then rapport import FILE',
];

export const otherKeys = ({ name, path }: Found): Failure =>
  conflict(`the keys of this vault were changed, and ${name} does not have that change`, ...joining(path));

/** What the backup is taken for: the vault that is here, held, and its key file. */
export interface Standing {
  readonly held: VaultDatabase;
  readonly keyFile: KeyFile;
}

/** The newest first, of those that have something that is not here. @throws conflict for older keys */
export function newsOf(candidates: readonly Candidate[], { held, keyFile }: Standing): readonly Candidate[] {
  const own = pointOf(held);
  const { generation } = keyFile.payload;
  const news = candidates.filter(({ point, head }) => {
    if (!holdsChanges(held, point)) return true;
    // No change there; drafts perhaps.
    const isSame = point.operation?.id === own.operation?.id && head.header.generation >= generation;
    return isSame && !holdsLooks(held, point) && (point.drafts > 0 || head.header.generation > generation);
  });
  const [first] = news;
  if (first === undefined) return [];
  const isOther = ({ header }: Found['head'], bytes: Buffer): boolean =>
    header.generation < generation || (header.generation === generation && !bytes.equals(keyFile.bytes));
  for (const one of news) if (isOther(one.head, one.head.keyFile.bytes)) throw otherKeys(one);
  for (const one of news)
    if (one.head.header.generation > first.head.header.generation) throw otherKeys(first);
  return news;
}

/** Without those that a carrier has not brought whole yet: the last of them to be looked at is the one that is taken. */
export async function wholeOf(
  news: readonly Candidate[],
  keys: Keys,
  passed: PassedOver[],
  { interruptible }: CareParts,
): Promise<readonly Candidate[]> {
  for (const [index, { name: file, path }] of news.entries()) {
    await using opened = await openBackup(path);
    try {
      await interruptible((signal) => readDatabase(opened, keys, { signal, advance: () => undefined }));
      return news.slice(index);
    } catch (error) {
      passed.push({ file, reason: asFailure(error, 'damaged').message });
    }
  }
  return [];
}
