/**
 * The recovery code: 160 random bits in Crockford's base32, eight groups of five. Each group's fifth character is a
 * checksum over its place and its other four in GF(32): any wrong character and any swap of two characters or groups
 * is found, and the group named.
 */
import { Failure } from '../errors.ts';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const groups = 8;
const groupLength = 5;
/** Length of the secret. */
export const recoveryBytes = 20;

/** Multiplies by x in GF(2^5), polynomial x^5 + x^2 + 1. */
const timesX = (value: number): number => ((value << 1) ^ (value & 16 ? 0b100101 : 0)) & 31;

/** Horner's rule, so that each position has a weight of its own. */
function checkOf(place: number, values: readonly number[]): number {
  let sum = place;
  for (const value of values) sum = timesX(sum) ^ value;
  return timesX(sum);
}

/** 'XXXXX-XXXXX-…' */
export function writeRecoveryCode(secret: Buffer): string {
  if (secret.length !== recoveryBytes) throw new Error('a recovery secret is 20 bytes');
  let bits = 0n;
  for (const byte of secret) bits = (bits << 8n) | BigInt(byte);
  const values = Array.from({ length: 32 }, (_, index) => Number((bits >> BigInt(5 * (31 - index))) & 31n));
  return Array.from({ length: groups }, (_, index) => {
    const four = values.slice(index * 4, index * 4 + 4);
    return [...four, checkOf(index + 1, four)].map((value) => alphabet[value]).join('');
  }).join('-');
}

const refused = (message: string, ...hints: readonly string[]): Failure =>
  new Failure('wrong-key', message, hints);

const digitOf = (character: string): number =>
  alphabet.indexOf(character.replace('O', '0').replace(/[IL]/, '1'));

const listOf = (places: readonly number[]): string =>
  `${places.length === 1 ? 'group' : 'groups'} ${places.join(', ')}`;

/**
 * Ignores case, blanks and hyphens; O is 0, I and L are 1; skips lines that begin with '#', so that a whole sheet can
 * be given. @throws wrong-key, naming the mistyped groups
 */
export function readRecoveryCode(text: string): Buffer {
  const typed = text
    .split(/\r?\n/)
    .filter((line) => !line.trimStart().startsWith('#'))
    .join(' ')
    .toUpperCase();
  const parts = typed.split(/[\s-]+/).filter((part) => part !== '');
  const joined = parts.join('');
  if (joined === '') throw refused('no recovery code was given');
  if (joined.length !== groups * groupLength) {
    const odd = parts.flatMap((part, index) => (part.length === groupLength ? [] : [index + 1]));
    if (parts.length === groups)
      throw refused(`the recovery code is mistyped in ${listOf(odd)}`, 'each group has five characters');
    throw refused(
      `the recovery code has ${joined.length} of its ${groups * groupLength} characters`,
      'it is eight groups of five letters and digits',
    );
  }
  const secret = Buffer.alloc(recoveryBytes);
  const wrong: number[] = [];
  let bits = 0n;
  for (let place = 1; place <= groups; place += 1) {
    const values = [...joined.slice((place - 1) * groupLength, place * groupLength)].map(digitOf);
    const four = values.slice(0, 4);
    if (values.includes(-1) || checkOf(place, four) !== values[4]) wrong.push(place);
    for (const value of four) bits = (bits << 5n) | BigInt(Math.max(0, value));
  }
  if (wrong.length > 0) throw refused(`the recovery code is mistyped in ${listOf(wrong)}`);
  for (let index = recoveryBytes - 1; index >= 0; index -= 1) {
    secret[index] = Number(bits & 255n);
    bits >>= 8n;
  }
  return secret;
}
