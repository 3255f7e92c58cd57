/** Files that the person names: read within a limit, written private, and over another only where that is meant. */
import { constants, linkSync, lstatSync, promises, renameSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  cancelled,
  conflict,
  errorCode,
  Failure,
  notFound,
  refusalOf,
  systemReason,
  usage,
} from '../errors.ts';
import { isWithin } from '../vault/vault-folder.ts';
import { beginWork, madePath, sweepWork } from '../vault/work-folder.ts';
import type { Outside } from './process.ts';

function refusal(error: unknown, path: string): Failure {
  const code = errorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return notFound(`no file '${path}'`);
  if (code === 'EACCES' || code === 'EPERM') return usage(`'${path}' can't be opened: not permitted`);
  if (code === 'EISDIR') return usage(`'${path}' is a folder`, 'name a file');
  if (code === 'ENAMETOOLONG') return usage(`'${path}' is too long for a path`);
  return new Failure('failed', `'${path}' can't be used: ${systemReason(error)}`, refusalOf(code)?.hints);
}

/** @param replace undefined where --yes replaces nothing */
function checkTarget(target: string, path: string, replace: boolean | undefined): void {
  const found = lstatSync(target, { throwIfNoEntry: false });
  if (found?.isFile() === false) throw conflict(`'${path}' is there and is no file`, 'name another file');
  if (found === undefined || replace) return;
  const orReplace = replace === undefined ? '' : ', or add --yes to replace it';
  throw conflict(`'${path}' exists already`, `name another file${orReplace}`);
}

/** Disks without hard links: FAT, network shares. */
const noLinks: readonly (string | undefined)[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

function nameFile(partial: string, target: string, path: string, replace: boolean | undefined): void {
  checkTarget(target, path, replace);
  if (!replace)
    try {
      // A rename would replace what another process made meanwhile.
      linkSync(partial, target);
      return;
    } catch (error) {
      if (errorCode(error) === 'EEXIST') checkTarget(target, path, replace);
      if (!noLinks.includes(errorCode(error))) throw error;
    }
  renameSync(partial, target);
}

const chunkLength = 256 * 1024;

/** Not an error of the code that makes the text; 'suppressed' where the file could not be closed either. */
const ofFile = (error: unknown): boolean =>
  error instanceof Error && ('syscall' in error || 'suppressed' in error);

export type Files = ReturnType<typeof createFiles>;

type Place = Pick<Outside, 'workingFolder' | 'onInterrupt' | 'uid' | 'stdin'>;

/** @param vault nothing is written into its folder, and it rests while somebody may be typing */
export function createFiles(outside: Place, vault: { readonly folder: string; rest(): void }) {
  const { workingFolder, onInterrupt, uid } = outside;
  const place = (path: string): string => resolve(workingFolder, path);

  /** A stream that cannot be read is the caller's mistake. */
  async function* readInput(limit: number): AsyncGenerator<Buffer> {
    let size = 0;
    vault.rest();
    try {
      for await (const part of outside.stdin) {
        size += part.length;
        if (size > limit) throw usage('standard input is too long', `at most ${limit} bytes are read`);
        yield part;
      }
    } catch (error) {
      if (error instanceof Failure) throw error;
      throw usage(`standard input can't be read (${errorCode(error)})`, 'give a file or a pipe');
    }
  }

  async function* readFile(path: string, limit: number): AsyncGenerator<Buffer> {
    try {
      const found = await promises.stat(place(path));
      if (found.isDirectory()) throw usage(`'${path}' is a folder`, 'name a file');
      if (!found.isFile()) throw usage(`'${path}' is not a regular file`);
      if (found.size > limit)
        throw usage(`'${path}' is too large`, `at most ${Math.floor(limit / 1024 / 1024)} MB are read`);
      await using handle = await promises.open(place(path), constants.O_RDONLY);
      // Not beyond its first size: a file that is still written may have no end.
      for (let at = 0; at < found.size; ) {
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(chunkLength, found.size - at)));
        if (bytesRead === 0) break;
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
      const after = await handle.stat();
      if (after.size !== found.size || after.mtimeMs !== found.mtimeMs)
        throw usage(`'${path}' changed while it was read`, 'wait until it is complete');
    } catch (error) {
      throw error instanceof Failure ? error : refusal(error, path);
    }
  }

  const readChunks = (path: string, limit: number): AsyncGenerator<Buffer> =>
    path === '-' ? readInput(limit) : readFile(path, limit);
  async function readBytes(path: string, limit: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of readChunks(path, limit)) parts.push(part);
    return Buffer.concat(parts);
  }
  return {
    /** '-' is standard input. @param limit in bytes. @throws not-found, usage (no regular file, too large, changed meanwhile) */
    readChunks,
    /** The same at once. */
    readBytes,
    /** Of standard input. @throws usage above the limit, or where it is not UTF-8 */
    async readInputText(limit: number): Promise<string> {
      const bytes = await readBytes('-', limit);
      try {
        return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      } catch {
        throw usage('standard input is not UTF-8 text', 'convert it first: iconv -t UTF-8');
      }
    },
    /** Mode 0600. @throws conflict where it exists and `replace` is not set */
    async writePrivate(path: string, text: string | Iterable<string>, replace?: boolean): Promise<void> {
      const target = place(path);
      let isInterrupted = false;
      const release = onInterrupt(() => {
        isInterrupted = true;
      });
      try {
        if (isWithin(vault.folder, target))
          throw usage(`'${path}' is in the vault's own folder`, 'name a file elsewhere');
        checkTarget(target, path, replace);
        sweepWork(dirname(target), uid);
        using work = beginWork(dirname(target));
        const partial = madePath(work.folder);
        {
          await using handle = await promises.open(partial, 'wx', 0o600);
          for (const chunk of typeof text === 'string' ? [text] : text) {
            if (isInterrupted) throw cancelled();
            await handle.writeFile(chunk);
          }
          await handle.sync();
        }
        nameFile(partial, target, path, replace);
      } catch (error) {
        throw ofFile(error) ? refusal(error, path) : error;
      } finally {
        release();
      }
    },
  };
}
