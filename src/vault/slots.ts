/** Key slots wrap the master key. A commitment tells a wrong secret from damage, and binds a ciphertext to one key. */
import { randomBytes, scrypt } from 'node:crypto';
import { damaged, usage } from '../errors.ts';
import { keyLength, sameBytes, wipe } from '../keys.ts';
import { hkdf, type Sealed, seal, unseal } from './secrets.ts';

export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

export type SlotType = 'passphrase' | 'recovery' | 'keyring';
export type SlotKdf = ({ readonly name: 'scrypt' } & ScryptCost) | { readonly name: 'hkdf-sha256' };

/** Bytes in lower-case hex. Field order is the order in the file. */
export interface Slot extends Sealed {
  readonly id: string;
  readonly type: SlotType;
  /** YYYY-MM-DD. */
  readonly made_on: string;
  readonly kdf: SlotKdf;
  readonly salt: string;
  readonly commitment: string;
}

/** What slots are bound to. Not the generation, which changes. */
export interface SlotHeader {
  readonly format: string;
  readonly version: number;
  readonly vault: string;
  readonly cipher: string;
}

/** OWASP's first choice for scrypt: 128 MiB, about half a second. */
export const usualCost: ScryptCost = { n: 2 ** 17, r: 8, p: 1 };
const greatestN = 2 ** 20;
const greatestP = 4;

/** Checked before any derivation, so that a forged file cannot exhaust the machine. */
export const isWithinCeilings = ({ n, r, p }: ScryptCost): boolean =>
  Number.isInteger(Math.log2(n)) && n >= 2 && n <= greatestN && r === 8 && [1, 2, 3, greatestP].includes(p);

/** A wrong passphrase is tried on every slot. */
export const areWithinBudget = (kdfs: readonly SlotKdf[]): boolean =>
  kdfs.reduce((sum, kdf) => sum + (kdf.name === 'scrypt' ? kdf.n * kdf.p : 0), 0) <= greatestN * greatestP;

const wrapInfo = 'rapport slot 1';
export const saltLength = 32;

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
  { id, type, made_on, kdf, salt }: Pick<Slot, 'id' | 'type' | 'made_on' | 'kdf' | 'salt'>,
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

/** In bytes of UTF-8: more is a paste gone wrong. */
export const longestPassphrase = 4096;

/** Unicode NFC, so that the same letters typed on another system open the vault. Trims nothing. */
export const passphraseBytes = (text: string): Buffer => Buffer.from(text.normalize('NFC'), 'utf8');

/** @throws usage */
export function checkNewPassphrase(text: string): void {
  if (text.trim() === '')
    throw usage('an empty passphrase protects nothing', 'several words are easy to keep');
  if (Buffer.byteLength(text) > longestPassphrase)
    throw usage(`a passphrase has at most ${longestPassphrase} bytes`);
  if (/[\r\n\0]/.test(text)) throw usage('a passphrase is one line of text');
}

const common =
  /^(pass(word|phrase)?|qwerty|azerty|letmein|welcome|admin|login|secret|rapport|dragon|monkey|iloveyou|abc|hospital|clinic|doctor|nurse)[\d\W_]*$/i;

const isRun = (text: string): boolean => {
  const steps = [...text].map((character) => character.codePointAt(0) ?? 0);
  return [-1, 0, 1].some((step) =>
    steps.every((value, index) => index === 0 || value - (steps[index - 1] ?? 0) === step),
  );
};

/** Words that follow "weak: ". Advice, never a refusal. */
export function weaknessOf(text: string): string | undefined {
  const characters = [...text.normalize('NFC')];
  if (common.test(text)) return 'it is among the first that anybody tries';
  if (isRun(text)) return 'it is one run of neighbouring characters';
  if (new Set(characters).size < 6) return 'it uses fewer than six different characters';
  if (/^[\d\s./-]+$/.test(text) && characters.length < 20)
    return 'it is digits only, as dates and numbers are';
  if (characters.length < 12) return 'it is shorter than 12 characters; four unrelated words are stronger';
  return undefined;
}
