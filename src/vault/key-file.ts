/** The text of vault.keys: a line of JSON, then its HMAC-SHA256 in hex. It must be exactly what rapport would write. */
import { conflict, damaged } from '../errors.ts';
import { type Keys, keyLength, macOf, sameBytes, wipe } from '../keys.ts';
import { derivationSalt, hkdf, nonceLength, type Sealed, tagLength, unseal } from './secrets.ts';
import {
  areWithinBudget,
  isWithinCeilings,
  type Slot,
  type SlotHeader,
  type SlotKdf,
  type SlotType,
  saltLength,
} from './slots.ts';

export const keyFileFormat = 'rapport-keys';
export const keyFileVersion = 1;
export const keyFileCipher = 'sqlcipher-4';
/** In bytes; 16 slots take about 10 kB. */
export const largestKeyFile = 64 * 1024;
const mostSlots = 16;

/** During a rotation by version 0.1: the old master key, sealed under the new one. */
interface Predecessor extends Sealed {
  /** HMAC-SHA256 of line 1 with this field empty, under the old master's MAC key. */
  readonly mac: string;
}

export interface KeyPayload extends SlotHeader {
  /** Grows with every change of slots; the database stores it too, so that older keys are noticed. */
  readonly generation: number;
  /** Fictional patients under a published passphrase. Absent otherwise. */
  readonly demonstration?: true | undefined;
  readonly slots: readonly Slot[];
  readonly previous?: Predecessor | undefined;
}

export interface KeyFile {
  readonly payload: KeyPayload;
  readonly bytes: Buffer;
}

const macHexLength = 64;

const writePayload = ({ previous, ...payload }: KeyPayload): string =>
  JSON.stringify({
    format: payload.format,
    version: payload.version,
    vault: payload.vault,
    generation: payload.generation,
    cipher: payload.cipher,
    demonstration: payload.demonstration,
    slots: payload.slots.map(({ id, type, made_on, kdf, salt, nonce, ciphertext, tag, commitment }) => ({
      id,
      type,
      made_on,
      kdf: kdf.name === 'scrypt' ? { name: kdf.name, n: kdf.n, r: kdf.r, p: kdf.p } : { name: kdf.name },
      salt,
      nonce,
      ciphertext,
      tag,
      commitment,
    })),
    previous: previous && {
      nonce: previous.nonce,
      ciphertext: previous.ciphertext,
      tag: previous.tag,
      mac: previous.mac,
    },
  });

export function writeKeyFile(payload: KeyPayload, macKey: Buffer): KeyFile {
  const line = Buffer.from(writePayload(payload), 'utf8');
  const bytes = Buffer.concat([line, Buffer.from(`\n${macOf(macKey, line).toString('hex')}\n`)]);
  if (bytes.length > largestKeyFile) throw new Error('a key file beyond its size limit');
  return { payload, bytes };
}

export function macHolds(keyFile: KeyFile, macKey: Buffer): boolean {
  const end = keyFile.bytes.length - macHexLength - 2;
  const mac = Buffer.from(keyFile.bytes.toString('latin1', end + 1, end + 1 + macHexLength), 'hex');
  return sameBytes(macOf(macKey, keyFile.bytes.subarray(0, end)), mac);
}

const malformed = (what: string): Error => damaged(`vault.keys is damaged: ${what}`);

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readHex(fields: Fields, name: string, bytes: number): string {
  const value = fields[name];
  if (typeof value !== 'string' || value.length !== 2 * bytes || !/^[0-9a-f]+$/.test(value))
    throw malformed(`${name} is not ${bytes} bytes`);
  return value;
}

function readKdf(value: unknown): SlotKdf {
  if (!isFields(value)) throw malformed('a slot without key derivation');
  const { name, n, r, p } = value;
  if (name === 'hkdf-sha256') return { name };
  if (name !== 'scrypt' || typeof n !== 'number' || typeof r !== 'number' || typeof p !== 'number')
    throw malformed('a slot with an unknown key derivation');
  if (!isWithinCeilings({ n, r, p })) throw malformed('a key derivation beyond what any rapport asks for');
  return { name, n, r, p };
}

const kdfOf: Readonly<Record<SlotType, SlotKdf['name']>> = {
  passphrase: 'scrypt',
  recovery: 'hkdf-sha256',
  keyring: 'hkdf-sha256',
};

const isType = (value: unknown): value is SlotType =>
  typeof value === 'string' && Object.hasOwn(kdfOf, value);

const readSealed = (fields: Fields): Sealed => ({
  nonce: readHex(fields, 'nonce', nonceLength),
  ciphertext: readHex(fields, 'ciphertext', keyLength),
  tag: readHex(fields, 'tag', tagLength),
});

function readSlot(value: unknown): Slot {
  if (!isFields(value)) throw malformed('a slot is no object');
  const { type, made_on } = value;
  if (!isType(type)) throw malformed('a slot of an unknown type');
  if (typeof made_on !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(made_on))
    throw malformed('a slot without its date');
  const kdf = readKdf(value['kdf']);
  if (kdf.name !== kdfOf[type]) throw malformed('a slot with the wrong key derivation');
  return {
    id: readHex(value, 'id', 4),
    type,
    made_on,
    kdf,
    salt: readHex(value, 'salt', saltLength),
    ...readSealed(value),
    commitment: readHex(value, 'commitment', keyLength),
  };
}

function readPrevious(value: unknown): Predecessor | undefined {
  if (value === undefined) return undefined;
  if (!isFields(value)) throw malformed('the master key before is no object');
  return { ...readSealed(value), mac: readHex(value, 'mac', keyLength) };
}

function readPayload(line: string): KeyPayload {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw malformed('line 1 is not JSON');
  }
  if (!isFields(value) || value['format'] !== keyFileFormat) throw malformed('it is no key file');
  const { version, generation, slots, demonstration } = value;
  if (typeof version === 'number' && version > keyFileVersion)
    throw conflict('the vault was made by a newer rapport', 'install the newest version to open it');
  if (version !== keyFileVersion) throw malformed('an unknown version');
  if (value['cipher'] !== keyFileCipher) throw malformed('an unknown cipher');
  if (typeof generation !== 'number' || !Number.isSafeInteger(generation) || generation < 1)
    throw malformed('no generation');
  if (demonstration !== undefined && demonstration !== true) throw malformed('a demonstration or none');
  if (!Array.isArray(slots) || slots.length < 1 || slots.length > mostSlots)
    throw malformed(`not 1 to ${mostSlots} slots`);
  const read = slots.map(readSlot);
  if (!areWithinBudget(read.map(({ kdf }) => kdf)))
    throw malformed('key derivations that are together beyond what any rapport asks for');
  if (new Set(read.map((slot) => slot.id)).size !== read.length) throw malformed('two slots with one id');
  return {
    format: keyFileFormat,
    version,
    vault: readHex(value, 'vault', 16),
    generation,
    cipher: keyFileCipher,
    demonstration,
    slots: read,
    previous: readPrevious(value['previous']),
  };
}

/** The MAC is checked later. @throws damaged, conflict (newer version) */
export function readKeyFile(bytes: Buffer): KeyFile {
  if (bytes.length > largestKeyFile) throw malformed('it is too large');
  const end = bytes.indexOf('\n');
  const second = end < 0 ? '' : bytes.toString('latin1', end + 1);
  if (!/^[0-9a-f]{64}\n$/.test(second)) throw malformed('it is not two lines');
  const line = bytes.toString('utf8', 0, end);
  const payload = readPayload(line);
  // Also finds duplicate names and bytes that are not UTF-8.
  if (writePayload(payload) !== line) throw malformed('line 1 is not as rapport writes it');
  return { payload, bytes };
}

const sealingKey = (master: Buffer): Buffer => hkdf(master, derivationSalt, 'previous master', keyLength);

const boundTo = ({ format, version, vault, cipher, generation }: KeyPayload): Buffer =>
  Buffer.from(JSON.stringify([format, version, vault, cipher, 'previous', generation]), 'utf8');

const lineWithoutMac = ({ previous, ...payload }: KeyPayload): Buffer =>
  Buffer.from(writePayload({ ...payload, previous: previous && { ...previous, mac: '' } }), 'utf8');

/** Whether a rotation of version 0.1 made it: both master keys authenticate it. */
export function isSuccessor({ payload }: KeyFile, before: Pick<Keys, 'keyFile'>): boolean {
  const { previous } = payload;
  return (
    previous !== undefined &&
    sameBytes(macOf(before.keyFile, lineWithoutMac(payload)), Buffer.from(previous.mac, 'hex'))
  );
}

/** Undefined where no rotation is under way. @throws damaged where it does not open */
export function previousMaster(payload: KeyPayload, master: Buffer): Buffer | undefined {
  if (payload.previous === undefined) return undefined;
  const key = sealingKey(master);
  const opened = unseal(key, payload.previous, boundTo(payload));
  wipe(key);
  if (opened === undefined) throw damaged('the master key before, in vault.keys, was altered');
  return opened;
}
