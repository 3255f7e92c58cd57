/**
 * vault.keys: a line of JSON, exactly as rapport writes it, then its HMAC-SHA256 in hex. Its slots wrap the master key.
 */
// Trap: the master key never goes to SQLite or the agent. A commitment tells a wrong secret from damage, and binds a
// ciphertext to one key.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, scrypt } from 'node:crypto';
import * as v from 'valibot';
import { conflict, damaged } from '../errors.ts';
import { Keys, keyLength, macOf, sameBytes, wipe, wiping } from '../keys.ts';
import { orElse } from './vault-folder.ts';

/** Part of the format, ASCII; in the order of `Keys`. */
const derivationInfo = ['page key', 'key file mac', 'log mac'];

/** RFC 5869, with rapport's salt unless another one is given. */
export const hkdf = (
  key: Buffer,
  info: string,
  salt: Buffer | string = 'rapport vault 1',
  length = keyLength,
): Buffer => Buffer.from(hkdfSync('sha256', key, salt, info, length));

export function deriveKeys(master: Buffer): Keys {
  const derived = derivationInfo.map((info) => hkdf(master, info));
  using _ = wiping(...derived);
  return new Keys(Buffer.concat(derived));
}

const nonceLength = 12;
const tagLength = 16;
/** In lower case. */
export const hex = (bytes: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`)));
const hexOf = (bytes: Buffer): string => bytes.toString('hex');
const bytesOf = (text: string): Buffer => Buffer.from(text, 'hex');

/** By AES-256-GCM. */
const sealedFields = { nonce: hex(nonceLength), ciphertext: hex(keyLength), tag: hex(tagLength) };
type Sealed = Readonly<Record<keyof typeof sealedFields, string>>;
/** Of any length. */
export const sealedSchema = v.strictObject({
  ...sealedFields,
  ciphertext: v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})*$/)),
});

/** Trap: one key per secret. @param bound authenticated, not encrypted */
export function seal(key: Buffer, secret: Buffer, bound: Buffer): Sealed {
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound);
  const ciphertext = Buffer.concat([cipher.update(secret), cipher.final()]);
  return { nonce: hexOf(nonce), ciphertext: hexOf(ciphertext), tag: hexOf(cipher.getAuthTag()) };
}

/** Undefined where the secret, the key or `bound` is another. */
export function unseal(key: Buffer, { nonce, ciphertext, tag }: Sealed, bound: Buffer): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, bytesOf(nonce), { authTagLength: tagLength });
  decipher.setAAD(bound).setAuthTag(bytesOf(tag));
  const opened = decipher.update(bytesOf(ciphertext));
  try {
    decipher.final();
    return opened;
  } catch {
    wipe(opened);
    return undefined;
  }
}

/** OWASP's first choice for scrypt: 128 MiB, about half a second. */
const usualN = 2 ** 17;
const [greatestN, greatestP] = [2 ** 20, 4];

const kdfSchema = v.union([
  v.pipe(
    v.strictObject({ name: v.literal('scrypt'), n: v.number(), r: v.number(), p: v.number() }),
    // Checked before any derivation, so that a forged file cannot exhaust the machine.
    v.check(
      ({ n, r, p }) =>
        Number.isInteger(Math.log2(n)) &&
        n >= 2 &&
        n <= greatestN &&
        r === 8 &&
        [1, 2, 3, greatestP].includes(p),
      'a key derivation beyond what any rapport asks for',
    ),
  ),
  v.strictObject({ name: v.literal('hkdf-sha256') }),
]);

const saltLength = 32;
/** The order of its fields is the order in the file. */
const slotSchema = v.pipe(
  v.strictObject({
    id: hex(4),
    type: v.picklist(['passphrase', 'recovery', 'keyring']),
    /** YYYY-MM-DD. */
    made_on: v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/)),
    kdf: kdfSchema,
    salt: hex(saltLength),
    ...sealedFields,
    commitment: hex(keyLength),
  }),
  v.check(
    ({ type, kdf }) => (type === 'passphrase') === (kdf.name === 'scrypt'),
    'a slot with the wrong key derivation',
  ),
);
export type Slot = Readonly<v.InferOutput<typeof slotSchema>>;
export type SlotType = Slot['type'];

/** A wrong passphrase is tried on every slot. */
const areWithinBudget = (slots: readonly Slot[]): boolean =>
  slots.reduce((sum, { kdf }) => sum + (kdf.name === 'scrypt' ? kdf.n * kdf.p : 0), 0) <=
  greatestN * greatestP;

const version = 1;
/** In bytes; 16 slots take about 10 kB. */
export const largestKeyFile = 64 * 1024;
const mostSlots = 16;

/** The order of its fields is the order in the file. */
const payloadSchema = v.strictObject({
  format: v.literal('rapport-keys'),
  version: v.literal(version),
  vault: hex(16),
  /** Grows with every change of slots; the database stores it too, so that older keys are noticed. */
  generation: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  cipher: v.literal('sqlcipher-4'),
  /** Fictional patients under a published passphrase. */
  demonstration: v.optional(v.literal(true)),
  slots: v.pipe(
    v.array(slotSchema),
    v.minLength(1),
    v.maxLength(mostSlots),
    v.check(
      (slots) => areWithinBudget(slots),
      'key derivations that are together beyond what any rapport asks for',
    ),
    v.check((slots) => new Set(slots.map(({ id }) => id)).size === slots.length, 'two slots with one id'),
    v.readonly(),
  ),
  /** Of a rotation by version 0.1: the old master key, and line 1 without this MAC under its MAC key. */
  previous: v.optional(v.strictObject({ ...sealedFields, mac: hex(keyLength) })),
});
export type KeyPayload = Readonly<v.InferOutput<typeof payloadSchema>>;

export const keyHeader = { format: 'rapport-keys', version, cipher: 'sqlcipher-4' } as const;
/** What slots are bound to. Not the generation, which changes. */
type SlotHeader = Readonly<{ format: string; version: number; vault: string; cipher: string }>;

export interface KeyFile {
  readonly payload: KeyPayload;
  readonly bytes: Buffer;
}

export function writeKeyFile(payload: KeyPayload, macKey: Buffer): KeyFile {
  const line = Buffer.from(JSON.stringify(v.parse(payloadSchema, payload)));
  const bytes = Buffer.concat([line, Buffer.from(`\n${hexOf(macOf(macKey, line))}\n`)]);
  return { payload, bytes };
}

export function macHolds({ bytes }: KeyFile, macKey: Buffer): boolean {
  const end = bytes.indexOf('\n');
  return sameBytes(
    macOf(macKey, bytes.subarray(0, end)),
    bytesOf(bytes.toString('latin1', end + 1, bytes.length - 1)),
  );
}

const malformed = (what: string): Error => damaged(`vault.keys is damaged: ${what}`);

const newerSchema = v.object({
  format: v.literal('rapport-keys'),
  version: v.pipe(v.number(), v.gtValue(version)),
});

/** The MAC is checked later. @throws damaged, conflict (newer version) */
export function readKeyFile(bytes: Buffer): KeyFile {
  if (bytes.length > largestKeyFile) throw malformed('it is too large');
  const end = bytes.indexOf('\n');
  const second = end < 0 ? '' : bytes.toString('latin1', end + 1);
  if (!/^[0-9a-f]{64}\n$/.test(second)) throw malformed('it is not two lines');
  const line = bytes.toString('utf8', 0, end);
  const value: unknown = orElse(() => JSON.parse(line), undefined);
  if (value === undefined) throw malformed('line 1 is not JSON');
  if (v.is(newerSchema, value))
    throw conflict('the vault was made by a newer rapport', 'install the newest version to open it');
  const { success, output, issues } = v.safeParse(payloadSchema, value);
  // Written again, it also shows doubled names and bytes that are not UTF-8.
  if (success && JSON.stringify(output) === line) return { payload: output, bytes };
  const [fault] = issues ?? [];
  throw malformed(fault?.type === 'check' ? fault.message : 'line 1 is not as rapport writes it');
}

async function slotKeys(
  { kdf, salt: saltText }: Pick<Slot, 'kdf' | 'salt'>,
  secret: Buffer,
): Promise<{ readonly wrapping: Buffer; readonly commitment: Buffer }> {
  const salt = bytesOf(saltText);
  let stretched = secret;
  if (kdf.name === 'scrypt') {
    const { n: N, r, p } = kdf;
    // Node refuses above 32 MiB unless told; scrypt needs 128·N·r and a little.
    const maxmem = 128 * r * (N + p + 2) + 1024 * 1024;
    stretched = await new Promise<Buffer>((resolve, reject) => {
      scrypt(secret, salt, keyLength, { N, r, p, maxmem }, (error, key) =>
        error ? reject(error) : resolve(key),
      );
    });
  }
  const both = hkdf(stretched, 'rapport slot 1', salt, 2 * keyLength);
  if (stretched !== secret) wipe(stretched);
  return { wrapping: both.subarray(0, keyLength), commitment: both.subarray(keyLength) };
}

export const boundTo = (...parts: readonly unknown[]): Buffer => Buffer.from(JSON.stringify(parts));
const slotBound = (
  { format, version, vault, cipher }: SlotHeader,
  { id, type, made_on, kdf, salt }: Omit<Slot, keyof Sealed | 'commitment'>,
): Buffer => boundTo(format, version, vault, cipher, id, type, made_on, kdf, salt);

export interface NewSlot {
  readonly type: SlotType;
  /** Not wiped here. */
  readonly secret: Buffer;
  /** YYYY-MM-DD. */
  readonly madeOn: string;
  /** scrypt's N for a passphrase; undefined is the usual one. */
  readonly cost?: number | undefined;
}

export async function makeSlot(
  header: SlotHeader,
  master: Buffer,
  { type, secret, madeOn, cost: n = usualN }: NewSlot,
): Promise<Slot> {
  const about = {
    id: hexOf(randomBytes(4)),
    type,
    made_on: madeOn,
    // Random bits need no stretching.
    kdf:
      type === 'passphrase' ? { name: 'scrypt' as const, n, r: 8, p: 1 } : { name: 'hkdf-sha256' as const },
    salt: hexOf(randomBytes(saltLength)),
  };
  const { wrapping, commitment } = await slotKeys(about, secret);
  using _ = wiping(wrapping);
  const sealed = seal(wrapping, master, slotBound(header, about));
  return { ...about, ...sealed, commitment: hexOf(commitment) };
}

/** Undefined where the secret is not this slot's. @throws damaged where it is, and the slot was altered */
export async function openSlot(header: SlotHeader, slot: Slot, secret: Buffer): Promise<Buffer | undefined> {
  const { wrapping, commitment } = await slotKeys(slot, secret);
  using _ = wiping(wrapping, commitment);
  if (!sameBytes(commitment, bytesOf(slot.commitment))) return undefined;
  const opened = unseal(wrapping, slot, slotBound(header, slot));
  if (opened === undefined) throw damaged('a key slot in vault.keys was altered');
  return opened;
}

/** Whether a rotation of version 0.1 made it: both master keys authenticate it. */
export function isSuccessor({ payload }: KeyFile, before: Pick<Keys, 'keyFile'>): boolean {
  const { previous } = payload;
  if (previous === undefined) return false;
  const line = JSON.stringify({ ...payload, previous: { ...previous, mac: '' } });
  return sameBytes(macOf(before.keyFile, line), bytesOf(previous.mac));
}

/** Undefined where no rotation of version 0.1 is under way. @throws damaged where it does not open */
export function previousMaster(payload: KeyPayload, master: Buffer): Buffer | undefined {
  const { format, version, vault, cipher, generation, previous } = payload;
  if (previous === undefined) return undefined;
  const key = hkdf(master, 'previous master');
  using _ = wiping(key);
  const opened = unseal(key, previous, boundTo(format, version, vault, cipher, 'previous', generation));
  if (opened === undefined) throw damaged('the master key before, in vault.keys, was altered');
  return opened;
}
