/** The system's keyring; on Linux the Secret Service alone: the kernel's is open to others, and gone at a reboot. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, failed } from '../errors.ts';
import { wiping } from '../keys.ts';

export type OsKeyring = ReturnType<typeof createOsKeyring>;

interface System {
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

type Library = typeof import('@napi-rs/keyring');
type Entry = InstanceType<Library['AsyncEntry']>;

const service = 'rapport';
/** Milliseconds; somebody may have to unlock it first. */
const usualPatience = 60_000;

const refused = (why: string): Failure => failed(why, 'the passphrase opens the vault without it');

async function loadLibrary(): Promise<Library> {
  try {
    return await import('@napi-rs/keyring');
  } catch {
    throw refused('its library is not installed for this system');
  }
}

/** Without a session bus, the library would try to start one. */
function checkBus({ platform, env }: System): void {
  if (platform !== 'linux' || env['DBUS_SESSION_BUS_ADDRESS']) return;
  const runtime = env['XDG_RUNTIME_DIR'];
  if (runtime === undefined || !existsSync(join(runtime, 'bus')))
    throw refused('there is no D-Bus session, and so no Secret Service');
}

/** The library's messages may name things, so none is shown. */
async function within<T>(patience: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(refused(`it gave no answer in ${patience / 1000} seconds`)), patience);
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    throw error instanceof Failure ? error : refused('it is locked, or refuses');
  } finally {
    clearTimeout(timer);
  }
}

export function createOsKeyring(outside: System) {
  async function entryOf(vault: string): Promise<Entry> {
    checkBus(outside);
    const { AsyncEntry } = await loadLibrary();
    try {
      return new AsyncEntry(service, vault, { linux: { store: 'secret-service' } });
    } catch {
      throw refused(outside.platform === 'linux' ? 'no Secret Service answers' : 'it cannot be reached');
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
