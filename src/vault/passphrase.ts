/** Passphrases as values: how their bytes are made, and what makes one weak. */
import { usage } from '../errors.ts';

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
