/** Secrets from a flag or variables. The flag wins; two variables, or a source that fails, end the command. */
import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { Failure, shellQuoted, systemReason, usage } from '../errors.ts';
import { childEnvironment, killFamily, splitCommand } from '../terminal/subprocess.ts';
import { demoPassphrase, longestPassphrase } from '../vault/typed-secrets.ts';
import type { GivenSecret, KeySources } from '../vault/unlock.ts';
import type { Globals, Outside } from './outside.ts';

interface SourceParts {
  readonly outside: Pick<Outside, 'env' | 'stdin' | 'uid' | 'workingFolder'>;
  readonly globals: Pick<Globals, 'passphraseStdin' | 'json'>;
  /** Milliseconds. */
  readonly commandLimit?: number;
}

const passphraseVariables = [
  'RAPPORT_PASSPHRASE_COMMAND',
  'RAPPORT_PASSPHRASE_FILE',
  'RAPPORT_PASSPHRASE_FD',
  'RAPPORT_PASSPHRASE',
] as const;
const variables = [...passphraseVariables, 'RAPPORT_NEW_PASSPHRASE_FILE', 'RAPPORT_RECOVERY_FILE'] as const;
type Variable = (typeof variables)[number];

/** It may ask in a window of its own. */
const usualCommandLimit = 60_000;
const longestSheet = 16 * 1024;

const withoutIt = (from: string): string =>
  from.startsWith('--')
    ? 'mend that, or leave it out to be asked'
    : `mend that, or unset ${from} to be asked`;

const failed = (from: string, why: string, hint = withoutIt(from)): Failure =>
  new Failure('locked', `${from}: ${why}`, [hint]);

function textOf(from: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw failed(from, 'it is not UTF-8 text', 'is it the right file or command?');
  }
}

/** Password managers put other things below the passphrase. */
function firstLineOf(from: string, bytes: Buffer): GivenSecret {
  const [line = ''] = textOf(from, bytes).split(/\r?\n|\r$/, 1);
  if (line === '')
    throw failed(from, 'it gave no passphrase', 'the passphrase must be all of its first line');
  return { text: line, from };
}

/** Leaves the rest in the stream. @throws locked above the limit in bytes, or where the stream fails */
async function readFirstLine(stream: Readable, limit: number, from: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      const bytes = Buffer.from(chunk);
      const end = bytes.indexOf(0x0a);
      const line = end < 0 ? bytes : bytes.subarray(0, end);
      parts.push(line);
      length += line.length;
      if (length > limit) throw failed(from, `it is longer than ${limit} bytes`);
      if (end < 0) continue;
      if (end + 1 < bytes.length) stream.unshift(bytes.subarray(end + 1));
      break;
    }
  } catch (error) {
    throw error instanceof Failure ? error : failed(from, 'it cannot be read');
  }
  return Buffer.concat(parts);
}

function readDescriptor(from: string, descriptor: number, limit: number): Buffer {
  const bytes = Buffer.alloc(limit + 1);
  let length = 0;
  try {
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(descriptor, bytes, length, bytes.length - length, null);
  } catch (error) {
    throw failed(from, `it cannot be read (${systemReason(error)})`);
  }
  if (length > limit) throw failed(from, `it is longer than ${limit} bytes`);
  return bytes.subarray(0, length);
}

function readFile(from: string, path: string, { uid }: Pick<Outside, 'uid'>, limit: number): Buffer {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    throw failed(from, `it cannot be read (${systemReason(error)})`);
  }
  try {
    // Links are followed and pipes taken (`<(pass show …)`): the modes of what was opened count.
    const found = fstatSync(descriptor);
    if (found.isDirectory()) throw usage(`${from} names a folder`, withoutIt(from));
    if (uid !== undefined && (found.mode & 0o077) !== 0)
      throw usage(
        `others can get at the file of ${from} (mode ${(found.mode & 0o7777).toString(8).padStart(4, '0')})`,
        `chmod 600 ${shellQuoted(path)}`,
      );
    if (uid !== undefined && found.uid !== uid && found.uid !== 0)
      throw usage(`the file of ${from} belongs to another user`, withoutIt(from));
    return readDescriptor(from, descriptor, limit);
  } finally {
    closeSync(descriptor);
  }
}

function readNumberedDescriptor(from: string, value: string): Buffer {
  const descriptor = /^\d{1,6}$/.test(value) ? Number(value) : -1;
  if (descriptor < 0 || descriptor === 1 || descriptor === 2)
    throw usage(`${from} is no file descriptor to read from`, 'use 3 or above, as in 3< file');
  try {
    return readDescriptor(from, descriptor, longestPassphrase);
  } finally {
    try {
      closeSync(descriptor);
    } catch {
      // It was not open: reading said so.
    }
  }
}

/** Without a shell. Its stderr is ours, unless that is for programs. */
function runCommand(from: string, command: string, parts: SourceParts): Promise<Buffer> {
  const [program, ...args] = splitCommand(command);
  if (program === undefined) throw usage(`${from} is empty`, withoutIt(from));
  const limit = parts.commandLimit ?? usualCommandLimit;
  return new Promise((done, refuse) => {
    const child = spawn(program, args, {
      env: childEnvironment(parts.outside.env),
      stdio: ['ignore', 'pipe', parts.globals.json ? 'ignore' : 'inherit'],
    });
    const chunks: Buffer[] = [];
    let length = 0;
    const stop = (why: string): void => {
      clearTimeout(timer);
      killFamily(child);
      // A grandchild may hold the pipe open.
      child.stdout.destroy();
      refuse(failed(from, why));
    };
    const timer = setTimeout(() => stop(`the command gave no answer in ${limit / 1000} seconds`), limit);
    child.once('error', (error) => stop(`the command cannot be started (${systemReason(error)})`));
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > longestSheet) stop('the command prints too much to be a passphrase');
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) done(Buffer.concat(chunks));
      else stop(`the command failed (${code === null ? signal : `exit ${code}`})`);
    });
  });
}

export const demoSources: KeySources = {
  passphrase: async () => ({ text: demoPassphrase, from: 'the demonstration' }),
  newPassphrase: () => undefined,
  recoveryCode: () => undefined,
  named: () => [],
};

export function createKeySources(parts: SourceParts): KeySources {
  const { outside, globals } = parts;
  let taken: Partial<Record<Variable, string>> | undefined;
  const values = (): Partial<Record<Variable, string>> => {
    taken ??= Object.fromEntries(
      variables.flatMap((name) => {
        const value = outside.env[name];
        // A child must not inherit it.
        delete outside.env[name];
        return value ? [[name, value]] : [];
      }),
    );
    return taken;
  };
  const fileOf = (name: Variable, limit: number): Buffer | undefined => {
    const path = values()[name];
    return path === undefined
      ? undefined
      : readFile(name, resolve(outside.workingFolder, path), outside, limit);
  };

  async function fromVariable(
    name: (typeof passphraseVariables)[number],
    value: string,
  ): Promise<GivenSecret> {
    if (name === 'RAPPORT_PASSPHRASE') return { text: value, from: name };
    if (name === 'RAPPORT_PASSPHRASE_FD') return firstLineOf(name, readNumberedDescriptor(name, value));
    if (name === 'RAPPORT_PASSPHRASE_COMMAND') return firstLineOf(name, await runCommand(name, value, parts));
    return firstLineOf(name, fileOf(name, longestSheet) ?? Buffer.alloc(0));
  }

  return {
    async passphrase() {
      const given = values();
      if (globals.passphraseStdin) {
        const from = '--passphrase-stdin';
        if (outside.stdin.isTTY) throw usage(`${from} wants a pipe or a file`, 'leave it out to be asked');
        return firstLineOf(from, await readFirstLine(outside.stdin, longestPassphrase, from));
      }
      const named = passphraseVariables.filter((name) => given[name] !== undefined);
      if (named.length > 1)
        throw usage(`several sources of the passphrase: ${named.join(', ')}`, 'set one of them');
      const [name] = named;
      const value = name && given[name];
      return name === undefined || value === undefined ? undefined : fromVariable(name, value);
    },
    named: () => [
      ...(globals.passphraseStdin ? ['--passphrase-stdin'] : []),
      ...passphraseVariables.filter((name) => values()[name] !== undefined),
    ],
    newPassphrase() {
      const name = 'RAPPORT_NEW_PASSPHRASE_FILE';
      const bytes = fileOf(name, longestSheet);
      return bytes && firstLineOf(name, bytes);
    },
    recoveryCode() {
      const name = 'RAPPORT_RECOVERY_FILE';
      const bytes = fileOf(name, longestSheet);
      return bytes && { text: textOf(name, bytes), from: name };
    },
  };
}
