/** The text of vault.keys: a line of JSON, then its HMAC-SHA256 in hex. It must be exactly what rapport would write. */
import * as v from 'valibot';
import { conflict, damaged } from '../errors.ts';
import { type Keys, keyLength, macOf, sameBytes, wipe } from '../keys.ts';
import { areWithinBudget, derivationSalt, hex, hkdf, sealedFields, slotSchema, unseal } from './slots.ts';

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

export interface KeyFile {
  readonly payload: KeyPayload;
  readonly bytes: Buffer;
}

const macHexLength = 64;

const writePayload = (payload: KeyPayload): string => JSON.stringify(v.parse(payloadSchema, payload));

export function writeKeyFile(payload: KeyPayload, macKey: Buffer): KeyFile {
  const line = Buffer.from(writePayload(payload), 'utf8');
  const bytes = Buffer.concat([line, Buffer.from(`\n${macOf(macKey, line).toString('hex')}\n`)]);
  return { payload, bytes };
}

export function macHolds(keyFile: KeyFile, macKey: Buffer): boolean {
  const end = keyFile.bytes.length - macHexLength - 2;
  const mac = Buffer.from(keyFile.bytes.toString('latin1', end + 1, end + 1 + macHexLength), 'hex');
  return sameBytes(macOf(macKey, keyFile.bytes.subarray(0, end)), mac);
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
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw malformed('line 1 is not JSON');
  }
  if (v.is(newerSchema, value))
    throw conflict('the vault was made by a newer rapport', 'install the newest version to open it');
  const { success, output, issues } = v.safeParse(payloadSchema, value);
  // Written again, it also shows doubled names and bytes that are not UTF-8.
  if (success && JSON.stringify(output) === line) return { payload: output, bytes };
  const [fault] = issues ?? [];
  throw malformed(fault?.type === 'check' ? fault.message : 'line 1 is not as rapport writes it');
}

const boundTo = ({ format, version, vault, cipher, generation }: KeyPayload): Buffer =>
  Buffer.from(JSON.stringify([format, version, vault, cipher, 'previous', generation]), 'utf8');

/** Whether a rotation of version 0.1 made it: both master keys authenticate it. */
export function isSuccessor({ payload }: KeyFile, before: Pick<Keys, 'keyFile'>): boolean {
  const { previous } = payload;
  if (previous === undefined) return false;
  const line = JSON.stringify({ ...payload, previous: { ...previous, mac: '' } });
  return sameBytes(macOf(before.keyFile, line), Buffer.from(previous.mac, 'hex'));
}

/** Undefined where no rotation of version 0.1 is under way. @throws damaged where it does not open */
export function previousMaster(payload: KeyPayload, master: Buffer): Buffer | undefined {
  if (payload.previous === undefined) return undefined;
  const key = hkdf(master, derivationSalt, 'previous master', keyLength);
  const opened = unseal(key, payload.previous, boundTo(payload));
  wipe(key);
  if (opened === undefined) throw damaged('the master key before, in vault.keys, was altered');
  return opened;
}
