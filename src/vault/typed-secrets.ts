/** What a person opens the vault with: a passphrase, or the recovery code and its sheet. */
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { printable } from '../domain/text.ts';
import { asFailure, conflict, Failure, usage } from '../errors.ts';
import { OutcomeUnknown } from './open.ts';

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

// The code: 160 random bits in Crockford's base32, in eight groups of five; each fifth is a checksum.

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const groups = 8;
const groupLength = 5;
export const recoveryBytes = 20;

/** Multiplies by x in GF(2^5), polynomial x^5 + x^2 + 1. */
const timesX = (value: number): number => ((value << 1) ^ (value & 16 ? 0b100101 : 0)) & 31;

/** In GF(32) by Horner's rule: each position has its own weight, so that any wrong or swapped character is found. */
function checkOf(place: number, values: readonly number[]): number {
  let sum = place;
  for (const value of values) sum = timesX(sum) ^ value;
  return timesX(sum);
}

/** 'XXXXX-XXXXX-…' */
export function writeRecoveryCode(secret: Buffer): string {
  if (secret.length !== recoveryBytes) throw new Error('a recovery secret is 20 bytes');
  const bits = BigInt(`0x${secret.toString('hex')}`);
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

/** Ignores case, hyphens and '#' lines (of a sheet); O is 0, I and L are 1. @throws wrong-key, naming the groups */
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
  const wrong: number[] = [];
  let bits = 0n;
  for (let place = 1; place <= groups; place += 1) {
    const values = [...joined.slice((place - 1) * groupLength, place * groupLength)].map(digitOf);
    const four = values.slice(0, 4);
    if (values.includes(-1) || checkOf(place, four) !== values[4]) wrong.push(place);
    for (const value of four) bits = (bits << 5n) | BigInt(Math.max(0, value));
  }
  if (wrong.length > 0) throw refused(`the recovery code is mistyped in ${listOf(wrong)}`);
  return Buffer.from(bits.toString(16).padStart(2 * recoveryBytes, '0'), 'hex');
}

/** One page of A4 or Letter; all lines but the code's begin with '#'. @param day YYYY-MM-DD */
export const sheetText = (code: string, folder: string, day: string): string =>
  [
    '# RAPPORT RECOVERY CODE',
    '#',
    `# made on ${day} for the vault in ${printable(folder)}`,
    '#',
    '',
    `    ${code}`,
    '',
    '#',
    '# What it is for',
    '#   It opens the vault and its backups without the passphrase, for whoever has it. Without passphrase and code',
    '#   nobody can open them ever again: there is no other way in.',
    '#',
    '# What to do with it',
    '#   Print it or write it down, then remove the file. Keep the sheet where only you can get at it, as you would',
    '#   a passport, and away from the computer. It holds the digits 0 and 1, and no letters I, L, O or U.',
    '#',
    '# How to use it',
    '#   Passphrase forgotten:    rapport key passphrase --recovery',
    '#   Computer lost or broken: rapport restore BACKUP --recovery',
    '#   Sheet lost or seen:      rapport key recovery, which makes another code; this one then opens old backups only',
    '#',
    '# Kept at: ________________________________    checked on: ________________',
    '',
  ].join('\n');

interface Sheet {
  readonly workingFolder: string;
  readonly writePrivate: (path: string, text: string) => Promise<void>;
  /** ISO, UTC. */
  readonly instant: () => string;
  readonly code: string;
  readonly folder: string;
  /** Undefined writes none. */
  readonly out: string | undefined;
}

/** Writes the sheet before the work: no code is in force that was never written down. Removes it on failure. */
export async function withSheet<T>(sheet: Sheet, work: () => Promise<T>): Promise<T> {
  const { code, folder, out, workingFolder, writePrivate, instant } = sheet;
  if (out === undefined) return work();
  const path = resolve(workingFolder, out);
  try {
    await writePrivate(path, sheetText(code, folder, instant().slice(0, 10)));
  } catch (error) {
    throw conflict(asFailure(error, 'conflict').message, 'name another file');
  }
  try {
    return await work();
  } catch (error) {
    // The code may be in force.
    if (error instanceof OutcomeUnknown) throw new OutcomeUnknown(error, `the sheet in ${path} stays`);
    rmSync(path, { force: true });
    throw error;
  }
}

export const demoPassphrase = 'rapport demo vault';
