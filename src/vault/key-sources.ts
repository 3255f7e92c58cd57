/** Secrets from a flag, from variables, and from the system's keyring. */
// The flag wins; two variables, or a source that fails, end the command.
import { closeSync, existsSync, fstatSync, readSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { shellQuoted } from '../domain/text.ts';
import { asFailure, Failure, failed, systemReason, usage } from '../errors.ts';
import { wiping } from '../keys.ts';
import { demoPassphrase, longestPassphrase } from './typed-secrets.ts';
import { modeText, type OwnerId, openFile } from './vault-folder.ts';

export interface GivenParts {
  /** Secrets are removed once read: a child must not inherit them. */
  readonly env: Record<string, string | undefined>;
  /** A stream takes time to create. */
  readonly stdin: () => Readable & { readonly isTTY?: boolean };
  readonly uid: OwnerId;
  readonly workingFolder: string;
  readonly passphraseStdin: boolean;
  /** What a command line prints, without a shell; undefined where it names no program. @throws failed, saying why */
  readonly outputOf: (command: string) => Promise<Buffer | undefined>;
}

/** `from` names its source in messages. */
export interface GivenSecret {
  readonly text: string;
  readonly from: string;
}

const passphraseVariables = [
  'RAPPORT_PASSPHRASE_COMMAND',
  'RAPPORT_PASSPHRASE_FILE',
  'RAPPORT_PASSPHRASE_FD',
  'RAPPORT_PASSPHRASE',
] as const;
const variables = [...passphraseVariables, 'RAPPORT_NEW_PASSPHRASE_FILE', 'RAPPORT_RECOVERY_FILE'] as const;
type Variable = (typeof variables)[number];

/** In bytes. */
const longestSheet = 16 * 1024;

const withoutIt = (from: string): string =>
  from.startsWith('--')
    ? 'mend that, or leave it out to be asked'
    : `mend that, or unset ${from} to be asked`;

const unusable = (from: string, why: string, hint = withoutIt(from)): Failure =>
  new Failure('locked', `${from}: ${why}`, [hint]);

function textOf(from: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unusable(from, 'it is not UTF-8 text', 'is it the right file or command?');
  }
}

/** Password managers put other things below the passphrase. */
function firstLineOf(from: string, bytes: Buffer): GivenSecret {
  const [line = ''] = textOf(from, bytes).split(/\r?\n|\r$/, 1);
  if (line === '')
    throw unusable(from, 'it gave no passphrase', 'the passphrase must be all of its first line');
  return { text: line, from };
}

/** Leaves the rest in the stream. @throws locked above the limit in bytes, or where the stream fails */
async function readFirstLine(stream: Readable, limit: number, from: string): Promise<Buffer> {
  let line = Buffer.alloc(0);
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      const bytes = Buffer.from(chunk);
      const end = bytes.indexOf(0x0a);
      line = Buffer.concat([line, end < 0 ? bytes : bytes.subarray(0, end)]);
      if (line.length > limit) throw unusable(from, `it is longer than ${limit} bytes`);
      if (end < 0) continue;
      if (end + 1 < bytes.length) stream.unshift(bytes.subarray(end + 1));
      break;
    }
  } catch (error) {
    throw error instanceof Failure ? error : unusable(from, 'it cannot be read');
  }
  return line;
}

function readDescriptor(from: string, descriptor: number, limit: number): Buffer {
  const bytes = Buffer.alloc(limit + 1);
  let length = 0;
  try {
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(descriptor, bytes, length, bytes.length - length, null);
  } catch (error) {
    throw unusable(from, `it cannot be read (${systemReason(error)})`);
  }
  if (length > limit) throw unusable(from, `it is longer than ${limit} bytes`);
  return bytes.subarray(0, length);
}

function readFile(from: string, path: string, uid: OwnerId): Buffer {
  let opened: ReturnType<typeof openFile>;
  try {
    opened = openFile(path, 'r');
  } catch (error) {
    throw unusable(from, `it cannot be read (${systemReason(error)})`);
  }
  using file = opened;
  // Links are followed and pipes taken (`<(pass show …)`): the modes of what was opened count.
  const found = fstatSync(file.descriptor);
  if (found.isDirectory()) throw usage(`${from} names a folder`, withoutIt(from));
  if (uid !== undefined && (found.mode & 0o077) !== 0)
    throw usage(`others can get at the file of ${from} ${modeText(found)}`, `chmod 600 ${shellQuoted(path)}`);
  if (uid !== undefined && found.uid !== uid && found.uid !== 0)
    throw usage(`the file of ${from} belongs to another user`, withoutIt(from));
  return readDescriptor(from, file.descriptor, longestSheet);
}

function readNumberedDescriptor(from: string, value: string): Buffer {
  const descriptor = /^\d{1,6}$/.test(value) ? Number(value) : -1;
  if (descriptor < 0 || descriptor === 1 || descriptor === 2)
    throw usage(`${from} is no file descriptor to read from`, 'use 3 or above, as in 3< file');
  const bytes = readDescriptor(from, descriptor, longestPassphrase);
  closeSync(descriptor);
  return bytes;
}

async function readOutput(from: string, command: string, { outputOf }: GivenParts): Promise<Buffer> {
  const bytes = await outputOf(command).catch((error: unknown) => {
    throw unusable(from, asFailure(error).message);
  });
  if (bytes === undefined) throw usage(`${from} is empty`, withoutIt(from));
  return bytes;
}

export type KeySources = ReturnType<typeof createKeySources>;

export const demoSources: KeySources = {
  passphrase: async () => ({ text: demoPassphrase, from: 'the demonstration' }),
  newPassphrase: () => undefined,
  recoveryCode: () => undefined,
  named: () => [],
};

export function createKeySources(parts: GivenParts) {
  const { env, uid, workingFolder, passphraseStdin } = parts;
  const values: Partial<Record<Variable, string>> = Object.fromEntries(
    variables.flatMap((name) => {
      const value = env[name];
      delete env[name];
      return value ? [[name, value]] : [];
    }),
  );
  const ofFile = <T>(name: Variable, read: (from: string, bytes: Buffer) => T): T | undefined => {
    const path = values[name];
    return path === undefined ? undefined : read(name, readFile(name, resolve(workingFolder, path), uid));
  };
  const namedVariables = () => passphraseVariables.filter((name) => values[name] !== undefined);
  const bytesOf = async (name: Variable, value: string): Promise<Buffer> => {
    if (name === 'RAPPORT_PASSPHRASE_FD') return readNumberedDescriptor(name, value);
    return name === 'RAPPORT_PASSPHRASE_COMMAND'
      ? readOutput(name, value, parts)
      : readFile(name, resolve(workingFolder, value), uid);
  };

  return {
    /** @throws usage, locked */
    async passphrase(): Promise<GivenSecret | undefined> {
      const [name, ...others] = namedVariables();
      if (passphraseStdin) {
        const from = '--passphrase-stdin';
        const stdin = parts.stdin();
        if (stdin.isTTY) throw usage(`${from} wants a pipe or a file`, 'leave it out to be asked');
        return firstLineOf(from, await readFirstLine(stdin, longestPassphrase, from));
      }
      if (others.length > 0)
        throw usage(`several sources of the passphrase: ${[name, ...others].join(', ')}`, 'set one of them');
      const value = name && values[name];
      if (name === undefined || value === undefined) return undefined;
      if (name === 'RAPPORT_PASSPHRASE') return { text: value, from: name };
      return firstLineOf(name, await bytesOf(name, value));
    },
    /** Those that are set; reads none. */
    named: (): readonly string[] => [...(passphraseStdin ? ['--passphrase-stdin'] : []), ...namedVariables()],
    /** @throws usage, locked */
    newPassphrase: () => ofFile('RAPPORT_NEW_PASSPHRASE_FILE', firstLineOf),
    /** @throws usage, locked */
    recoveryCode: () =>
      ofFile('RAPPORT_RECOVERY_FILE', (from, bytes) => ({ text: textOf(from, bytes), from })),
  };
}

// The system's keyring; on Linux the Secret Service alone: the kernel's is open to others, and gone at a reboot.

export type OsKeyring = ReturnType<typeof createOsKeyring>;

interface System {
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

type Entry = InstanceType<typeof import('@napi-rs/keyring').AsyncEntry>;

const service = 'rapport';
/** Milliseconds; somebody may have to unlock it first. */
const usualPatience = 60_000;

const noKeyring = (why: string): Failure => failed(why, 'the passphrase opens the vault without it');

/** Without a session bus, the library would try to start one. */
function checkBus({ platform, env }: System): void {
  if (platform !== 'linux' || env['DBUS_SESSION_BUS_ADDRESS']) return;
  const runtime = env['XDG_RUNTIME_DIR'];
  if (runtime === undefined || !existsSync(join(runtime, 'bus')))
    throw noKeyring('there is no D-Bus session, and so no Secret Service');
}

/** The library's messages may name things, so none is shown. */
function within<T>(patience: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(noKeyring(`it gave no answer in ${patience / 1000} seconds`)), patience);
  });
  return Promise.race([work, late])
    .catch((error: unknown) => {
      throw error instanceof Failure ? error : noKeyring('it is locked, or refuses');
    })
    .finally(() => clearTimeout(timer));
}

export function createOsKeyring(outside: System) {
  async function entryOf(vault: string): Promise<Entry> {
    checkBus(outside);
    const { AsyncEntry } = await import('@napi-rs/keyring').catch(() => {
      throw noKeyring('its library is not installed for this system');
    });
    try {
      return new AsyncEntry(service, vault, { linux: { store: 'secret-service' } });
    } catch {
      throw noKeyring(outside.platform === 'linux' ? 'no Secret Service answers' : 'it cannot be reached');
    }
  }
  return {
    /** The caller wipes it. @param patience milliseconds. @throws failed, to follow "the system's keyring: " */
    async get(vault: string, patience: number): Promise<Buffer | undefined> {
      const found = await within(patience, (await entryOf(vault)).getSecret());
      if (found === null) return undefined;
      const secret = Buffer.from(found);
      found.fill(0);
      return secret;
    },
    /** @throws failed */
    async set(vault: string, secret: Buffer): Promise<void> {
      const copy = Uint8Array.from(secret);
      using _ = wiping(Buffer.from(copy.buffer));
      await within(usualPatience, (await entryOf(vault)).setSecret(copy));
    },
    /** @returns whether there was one. @throws failed */
    remove: async (vault: string): Promise<boolean> =>
      within(usualPatience, (await entryOf(vault)).deleteCredential()),
  };
}
