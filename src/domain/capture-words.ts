/** The words of the capture language: marks, kind words and the verbs that tell a commitment's kind. */
import { distance } from 'fastest-levenshtein';
import { type CommitmentKind, type NoteKind, noteKinds, type Owner } from './records.ts';
import { foldedWords } from './text.ts';

/** What a line is: a commitment by its owner, or a note by its kind. */
export type LineKind = { readonly owner: Owner } | { readonly note: NoteKind };

/** Marks of one character; 'x', which needs a blank after it, is the one besides. */
export const marks: ReadonlyMap<string, LineKind> = new Map<string, LineKind>([
  ['!', { owner: 'me' }],
  ['?', { note: 'question' }],
  ['*', { note: 'matters' }],
  ['~', { note: 'explain' }],
  ['@', { note: 'milestone' }],
  ['>', { note: 'next' }],
]);

export const wordKinds: ReadonlyMap<string, LineKind> = new Map<string, LineKind>([
  ['promise', { owner: 'me' }],
  ['me', { owner: 'me' }],
  ['patient', { owner: 'patient' }],
  ['staff', { owner: 'staff' }],
  ...noteKinds.map((kind): [string, LineKind] => [kind, { note: kind }]),
]);

const slip = 2;

/** The kind word within two letters of this one. 'me' is left out: 'he', 'mum' and half of all short words are near it. */
export function nearestKindWord(word: string): string | undefined {
  const near = [...wordKinds.keys()]
    .filter((known) => known !== 'me')
    .map((known) => ({ known, away: distance(word, known) }))
    .sort((left, right) => left.away - right.away)[0];
  return near !== undefined && near.away <= slip ? near.known : undefined;
}

const verbs: ReadonlyMap<string, CommitmentKind> = new Map<string, CommitmentKind>([
  ['call', 'call'],
  ['phone', 'call'],
  ['ring', 'call'],
  ['send', 'send'],
  ['mail', 'send'],
  ['email', 'send'],
  ['ask', 'ask'],
  ['refer', 'refer'],
  ['check', 'check'],
  ['welcome', 'welcome'],
]);

/** A commitment's kind by its first word: the settings' verbs before the built-in ones, else 'other'. */
export function commitmentKindOf(
  text: string,
  more: Readonly<Record<string, CommitmentKind>>,
): CommitmentKind {
  const [first = ''] = foldedWords(text);
  return (Object.hasOwn(more, first) ? more[first] : undefined) ?? verbs.get(first) ?? 'other';
}
