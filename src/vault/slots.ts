/** Key slots, which wrap the master key, and what they are made of: derivation and sealing. */
// Trap: the master key never goes to SQLite or the agent. A commitment tells a wrong secret from damage, and binds a
// ciphertext to one key.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, scrypt } from 'node:crypto';
import * as v from 'valibot';
import { damaged } from '../errors.ts';
import { Keys, keyLength, sameBytes, wipe } from '../keys.ts';

/** Part of the format, ASCII; `derivationInfo` in the order of `Keys`. */
export const derivationSalt = 'rapport vault 1';
const derivationInfo = { page: 'page key', keyFile: 'key file mac', log: 'log mac' } as const;

/** RFC 5869. */
export const hkdf = (key: Buffer, salt: Buffer | string, info: string, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', key, salt, info, length));

export const newMasterKey = (): Buffer => randomBytes(keyLength);

export function deriveKeys(master: Buffer): Keys {
  const derived = Object.values(derivationInfo).map((info) => hkdf(master, derivationSalt, info, keyLength));
  try {
    return new Keys(Buffer.concat(derived));
  } finally {
    wipe(...derived);
  }
}

const nonceLength = 12;
const tagLength = 16;

/** AES-256-GCM; lower-case hex. */
interface Sealed {
  readonly nonce: string;
  readonly ciphertext: string;
  readonly tag: string;
}

/** Trap: one key per secret. @param bound authenticated, not encrypted */
function seal(key: Buffer, secret: Buffer, bound: Buffer): Sealed {
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound);
  const ciphertext = Buffer.concat([cipher.update(secret), cipher.final()]);
  return {
    nonce: nonce.toString('hex'),
    ciphertext: ciphertext.toString('hex'),
    tag: cipher.getAuthTag().toString('hex'),
  };
}

/** Undefined where the secret, the key or `bound` is another. */
export function unseal(key: Buffer, sealed: Sealed, bound: Buffer): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(sealed.nonce, 'hex'), {
    authTagLength: tagLength,
  });
  decipher.setAAD(bound).setAuthTag(Buffer.from(sealed.tag, 'hex'));
  const opened = decipher.update(Buffer.from(sealed.ciphertext, 'hex'));
  try {
    decipher.final();
    return opened;
  } catch {
    wipe(opened);
    return undefined;
  }
}

/** In lower case. */
export const hex = (bytes: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`)));

export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** OWASP's first choice for scrypt: 128 MiB, about half a second. */
export const usualCost: ScryptCost = { n: 2 ** 17, r: 8, p: 1 };
const greatestN = 2 ** 20;
const greatestP = 4;

/** Checked before any derivation, so that a forged file cannot exhaust the machine. */
const isWithinCeilings = ({ n, r, p }: ScryptCost): boolean =>
  Number.isInteger(Math.log2(n)) && n >= 2 && n <= greatestN && r === 8 && [1, 2, 3, greatestP].includes(p);

const saltLength = 32;
const kdfSchema = v.union([
  v.pipe(
    v.strictObject({ name: v.literal('scrypt'), n: v.number(), r: v.number(), p: v.number() }),
    v.check((cost) => isWithinCeilings(cost), 'a key derivation beyond what any rapport asks for'),
  ),
  v.strictObject({ name: v.literal('hkdf-sha256') }),
]);

export const sealedFields = { nonce: hex(nonceLength), ciphertext: hex(keyLength), tag: hex(tagLength) };
/** The order of its fields is the order in the file. */
export const slotSchema = v.pipe(
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
export const areWithinBudget = (slots: readonly Slot[]): boolean =>
  slots.reduce((sum, { kdf }) => sum + (kdf.name === 'scrypt' ? kdf.n * kdf.p : 0), 0) <=
  greatestN * greatestP;

/** What slots are bound to. Not the generation, which changes. */
interface SlotHeader {
  readonly format: string;
  readonly version: number;
  readonly vault: string;
  readonly cipher: string;
}

const wrapInfo = 'rapport slot 1';

async function slotKeys(
  slot: Pick<Slot, 'kdf' | 'salt'>,
  secret: Buffer,
): Promise<{ readonly wrapping: Buffer; readonly commitment: Buffer }> {
  const salt = Buffer.from(slot.salt, 'hex');
  const { kdf } = slot;
  let stretched = secret;
  if (kdf.name === 'scrypt') {
    if (!isWithinCeilings(kdf)) throw damaged('vault.keys asks for more work than any rapport does');
    const { n: N, r, p } = kdf;
    // Node refuses above 32 MiB unless told; scrypt needs 128·N·r and a little.
    const maxmem = 128 * r * (N + p + 2) + 1024 * 1024;
    stretched = await new Promise<Buffer>((resolve, reject) => {
      scrypt(secret, salt, keyLength, { N, r, p, maxmem }, (error, key) =>
        error ? reject(error) : resolve(key),
      );
    });
  }
  const both = hkdf(stretched, salt, wrapInfo, 2 * keyLength);
  if (stretched !== secret) wipe(stretched);
  return { wrapping: both.subarray(0, keyLength), commitment: both.subarray(keyLength) };
}

const boundTo = (
  { format, version, vault, cipher }: SlotHeader,
  { id, type, made_on, kdf, salt }: Omit<Slot, keyof Sealed | 'commitment'>,
): Buffer =>
  Buffer.from(JSON.stringify([format, version, vault, cipher, id, type, made_on, kdf, salt]), 'utf8');

export interface NewSlot {
  readonly type: SlotType;
  /** Not wiped here. */
  readonly secret: Buffer;
  /** YYYY-MM-DD. */
  readonly madeOn: string;
  readonly cost?: ScryptCost | undefined;
}

export async function makeSlot(header: SlotHeader, master: Buffer, wanted: NewSlot): Promise<Slot> {
  const about = {
    id: randomBytes(4).toString('hex'),
    type: wanted.type,
    made_on: wanted.madeOn,
    // Random bits need no stretching.
    kdf:
      wanted.type === 'passphrase'
        ? ({ name: 'scrypt', ...(wanted.cost ?? usualCost) } as const)
        : ({ name: 'hkdf-sha256' } as const),
    salt: randomBytes(saltLength).toString('hex'),
  };
  const { wrapping, commitment } = await slotKeys(about, wanted.secret);
  const sealed = seal(wrapping, master, boundTo(header, about));
  wipe(wrapping);
  return { ...about, ...sealed, commitment: commitment.toString('hex') };
}

/** Undefined where the secret is not this slot's. @throws damaged where it is, and the slot was altered */
export async function openSlot(header: SlotHeader, slot: Slot, secret: Buffer): Promise<Buffer | undefined> {
  const { wrapping, commitment } = await slotKeys(slot, secret);
  try {
    if (!sameBytes(commitment, Buffer.from(slot.commitment, 'hex'))) return undefined;
    const opened = unseal(wrapping, slot, boundTo(header, slot));
    if (opened === undefined) throw damaged('a key slot in vault.keys was altered');
    return opened;
  } finally {
    wipe(wrapping, commitment);
  }
}
