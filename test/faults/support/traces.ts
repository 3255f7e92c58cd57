/**
 * Looks for a marker wherever a machine may keep it: files, open and unlinked ones too, words and surroundings of
 * processes, and what a process writes, call by call. It is found as it is, in capitals, as UTF-16, base64 or hex.
 */
import { spawnSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const largest = 64 * 1024 * 1024;

/** What of a text's base64 does not depend on the bytes around it, for each place that it can begin at. */
function base64Forms(text: string): readonly string[] {
  return [0, 1, 2].map((shift) => {
    const coded = Buffer.from('\0'.repeat(shift) + text).toString('base64');
    const start = Math.ceil((shift * 8) / 6);
    const end = Math.floor(((shift + text.length) * 8) / 6);
    return coded.slice(start, end);
  });
}

const attempt = <T>(work: () => T): T | undefined => {
  try {
    return work();
  } catch {
    // Gone meanwhile, or not ours to read.
    return undefined;
  }
};

export const processIds = (): readonly number[] =>
  readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));

export class Traces {
  readonly #exact: readonly Buffer[];
  readonly #folded: string;
  readonly #found = new Set<string>();
  /** What was looked at. */
  readonly counts = { files: 0, descriptors: 0, processes: 0, writes: 0 };

  /** @param marker lower-case letters and digits */
  constructor(marker: string) {
    this.#folded = marker;
    const wide = Buffer.from(marker, 'utf16le');
    this.#exact = [wide, ...base64Forms(marker).map((form) => Buffer.from(form))];
  }

  /** Where the marker was. */
  get found(): readonly string[] {
    return [...this.#found];
  }

  holds(bytes: Buffer): boolean {
    const folded = bytes.toString('latin1').toLowerCase();
    return (
      folded.includes(this.#folded) ||
      folded.includes(Buffer.from(this.#folded).toString('hex')) ||
      this.#exact.some((form) => bytes.includes(form))
    );
  }

  look(bytes: Buffer | string | undefined, where: string): void {
    if (bytes !== undefined && this.holds(Buffer.from(bytes))) this.#found.add(where);
  }

  /** A folder with all below it; names are looked at as well. */
  lookAtFolder(folder: string, isWanted: (path: string) => boolean = () => true): void {
    for (const name of attempt(() => readdirSync(folder)) ?? []) {
      const path = join(folder, name);
      if (!isWanted(path)) continue;
      const found = attempt(() => lstatSync(path));
      this.look(name, `the name ${path}`);
      if (found?.isDirectory()) this.lookAtFolder(path, isWanted);
      else if (found?.isSymbolicLink())
        this.look(
          attempt(() => readlinkSync(path)),
          `the link ${path}`,
        );
      else if (found?.isFile() && found.size <= largest) {
        this.counts.files += 1;
        this.look(
          attempt(() => readFileSync(path)),
          `the file ${path}`,
        );
      }
    }
  }

  /** Words and surroundings of processes. */
  lookAtProcesses(ids: readonly number[]): void {
    for (const id of ids) {
      this.counts.processes += 1;
      for (const part of ['cmdline', 'environ'])
        this.look(
          attempt(() => readFileSync(`/proc/${id}/${part}`)),
          `/proc/${id}/${part}`,
        );
    }
  }

  /** The files that processes have open: below a folder, or with no name any more. */
  lookAtDescriptors(ids: readonly number[], folder: string): void {
    for (const id of ids)
      for (const fd of attempt(() => readdirSync(`/proc/${id}/fd`)) ?? []) {
        const path = `/proc/${id}/fd/${fd}`;
        const target = attempt(() => readlinkSync(path));
        if (target === undefined || !(target.startsWith(folder) || target.endsWith(' (deleted)'))) continue;
        // Not the ends of pipes, which reading would empty.
        if (!attempt(() => statSync(path))?.isFile()) continue;
        this.counts.descriptors += 1;
        this.look(
          attempt(() => readFileSync(path)),
          `${path}, ${target}`,
        );
      }
  }

  /** Looks again and again until the work is done. @param ids of the processes, asked for anew each time */
  async watch<T>(work: Promise<T>, folder: string, ids: () => readonly number[]): Promise<T> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    while (!isDone) {
      const those = ids();
      this.lookAtProcesses(those);
      this.lookAtDescriptors(those, folder);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return done;
  }

  /** The trace of a run: no write to a file holds it, whether the file still has a name or not. */
  lookAtTrace(file: string): void {
    // As strace tells it: 4711  pwrite64(5</tmp/x (deleted)>, "…", 4096, 0) = 4096
    const write = /^\d+\s+p?write(?:v|64)?\(\d+<([^>]*)>(.*)$/gmu;
    for (const [, target = '', rest = ''] of readFileSync(file, 'latin1').matchAll(write)) {
      if (!target.startsWith('/') || target.startsWith('/dev/')) continue;
      this.counts.writes += 1;
      this.look(rest, `a write to ${target}`);
    }
  }
}

/** Processes that were started with a folder in their surroundings or words. */
export const processesOf = (folder: string): readonly number[] =>
  processIds().filter((id) =>
    ['environ', 'cmdline'].some(
      (part) => id !== process.pid && attempt(() => readFileSync(`/proc/${id}/${part}`))?.includes(folder),
    ),
  );

/** The process that listens on a socket, by what the kernel says. */
export function processAt(socket: string): number {
  const line = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .find((entry) => entry.includes(` ${dirname(socket)}/`));
  const wanted = `socket:[${line?.trim().split(/\s+/)[6]}]`;
  const id = processIds().find((one) => socketsOf(one).includes(wanted));
  if (id === undefined) throw new Error('nobody listens there');
  return id;
}

export const socketsOf = (id: number): readonly string[] =>
  (attempt(() => readdirSync(`/proc/${id}/fd`)) ?? []).flatMap(
    (fd) => attempt(() => readlinkSync(`/proc/${id}/fd/${fd}`)) ?? [],
  );

/** Whether a process listens on the network. */
export function listens(id: number): boolean {
  const inodes = socketsOf(id).flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
  return ['tcp', 'tcp6'].some((table) =>
    (attempt(() => readFileSync(`/proc/${id}/net/${table}`, 'utf8')) ?? '')
      .split('\n')
      // Column 3 is the state; 0A listens.
      .some((line) => {
        const columns = line.trim().split(/\s+/);
        return columns[3] === '0A' && inodes.includes(columns[9] ?? '');
      }),
  );
}

/** Why a process cannot be traced here, or undefined. */
export function tracingIsAbsent(): string | undefined {
  const tried = spawnSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
  return tried.status === 0 ? undefined : 'there is no strace, or it may not trace';
}
