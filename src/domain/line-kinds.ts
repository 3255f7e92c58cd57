/** The capture language as a table: marks and words of each kind, and the verbs of promises. */
import { valued } from '../dates/civil.ts';
import { lists } from './people-words.ts';
import { type CommitmentKind, commitmentKinds, type NoteKind, noteKinds, type Owner } from './records.ts';
import { foldedWords, present } from './text.ts';

export type LineKind = { readonly owner: Owner } | { readonly note: NoteKind };

/** @param words before a colon. @param line an example with the kind's mark, and what it becomes, as `help capture` has it */
const row = (kind: LineKind, words: string, line = '', becomes = '') =>
  ({ kind, words: words.split(' '), line, becomes }) as const;

/** What has a row of its own in `help capture`. */
const explained = [
  row({ owner: 'me' }, 'promise me todo fu f/u', '! call with the echo result by fri', 'a promise of yours'),
  row(
    { owner: 'patient' },
    'patient pt',
    'patient: bring the food diary by 2 apr',
    "the patient's own undertaking",
  ),
  row({ owner: 'staff' }, 'staff nurse team', 'staff: send the form by mon', 'a promise of your staff'),
  row(
    { note: 'question' },
    'question q',
    '? is it safe to drive at night',
    'a question, open until answered',
  ),
  row({ note: 'matters' }, 'matters wants', '* staying in the house', "what matters, in the patient's words"),
  row({ note: 'explain' }, 'explain', '~ sketches help', 'how to explain'),
  row(
    { note: 'milestone' },
    'milestone',
    "@21 mar Ana's wedding",
    'a milestone; @--06-14 every year, @2026-05 a month, @2026 a year',
  ),
  row({ note: 'loss' }, 'loss', 'x wife June, 2 feb', 'a loss'),
  row({ note: 'next' }, 'next', '> how was the wedding', 'ask next time'),
];
/** Of kinds that are told by their word alone. */
const shortForms: { readonly [K in NoteKind]?: string } = {
  family: 'fam',
  concern: 'worry worries',
  preference: 'pref',
  decision: 'dec',
  learned: 'learnt',
};
const kindRows = [
  ...explained,
  ...noteKinds
    .filter((note) => !explained.some(({ words }) => words.includes(note)))
    .map((note) => row({ note }, present(note, shortForms[note]).join(' '))),
];

/** All but x, which needs a blank behind it. */
export const marks = new Map(
  kindRows.flatMap(({ line, kind }) => (/^[^a-z]/.test(line) ? [[line.charAt(0), kind]] : [])),
);
export const wordKinds: ReadonlyMap<string, LineKind> = new Map(
  kindRows.flatMap(({ words, kind }) => words.map((word) => [word, kind] as const)),
);
/** Words that make a promise only where a verb of the list or a date follows: 'pt: lives alone' does not. */
export const perhapsOwners: readonly string[] = ['me', 'patient', 'pt', 'staff', 'nurse', 'team'];
export const privateWords: readonly string[] = ['private', 'sensitive'];

/** Kinds by a promise's first verb. The list grows by `config verbs`. */
const verbKinds = valued<CommitmentKind>([
  ...commitmentKinds.flatMap((kind) => (kind === 'other' ? [] : [[kind, kind] as const])),
  ['phone|ring', 'call'],
  ['mail', 'send'],
  ['write|email|bring|book|tell|see|review|look up|fill in', 'other'],
]);
type Verbs = Readonly<Record<string, CommitmentKind>>;

/** By its first verb; those of the settings come before the built-in ones. Undefined where it is none of the list. */
export function verbOf(text: string, more: Verbs): CommitmentKind | undefined {
  const words = foldedWords(text.slice(0, 80));
  const at = words.findIndex((word) => !lists.wordsBeforeVerbs.has(word));
  const [one = '', two = ''] = words.slice(Math.max(at, 0));
  const own = Object.hasOwn(more, one) ? more[one] : undefined;
  return own ?? verbKinds.get(one) ?? verbKinds.get(`${one} ${two}`);
}
export const commitmentKindOf = (text: string, more: Verbs): CommitmentKind => verbOf(text, more) ?? 'other';

/** Whole names of kinds; 'me' and short forms have too many words near them. */
export const wholeNames: readonly string[] = [
  ...noteKinds,
  'promise',
  'patient',
  'staff',
  'nurse',
  ...privateWords,
];

/** What a terminal asks where a line could be two things. Each choice is the line as it is then meant. */
export interface Doubt {
  readonly question: string;
  readonly choices: readonly { readonly name: string; readonly line: string }[];
}

export const asking = (
  question: string,
  ...choices: readonly (readonly [name: string, line: string])[]
): Doubt => ({
  question,
  choices: choices.map(([name, line]) => ({ name, line })),
});

export interface Marked {
  readonly kind: LineKind;
  readonly body: string;
  readonly sensitive?: boolean;
  /** By its first words alone. */
  readonly guessed?: boolean;
  readonly doubt?: Doubt;
  /** Nearly the name of a kind: an error where nobody can be asked. */
  readonly near?: string;
}

export interface KindOptions {
  readonly defaultKind: LineKind;
  readonly verbs: Verbs;
  /** Whether a plain line is guessed at; not where its kind was given. */
  readonly guesses: boolean;
  /** A prompt that asks for something else than promises. */
  readonly isPrompt: boolean;
  /** Words before a colon that are no slip: names on file and relations. */
  readonly isName: (word: string) => boolean;
  readonly hasDate: (text: string) => boolean;
  /** Somebody died or left. */
  readonly tellsLoss: (text: string) => boolean;
}

const lineWidth = 41;
const printed = (line: string, becomes: string): string => `  ${line.padEnd(lineWidth)}${becomes}`;
const colons = (words: readonly string[]): string => words.map((word) => `${word}:`).join(' ');

/** The language, a line a row. */
const captureTable = (): readonly string[] => [
  ...kindRows.flatMap(({ line, becomes, kind, words }) => {
    const own = 'note' in kind ? kind.note : '';
    const others = words.filter((word) => word !== own && !line.startsWith(`${word}:`));
    return becomes === '' ? [] : [printed(line, becomes + (others.length > 0 ? ` (${colons(others)})` : ''))];
  }),
  printed(
    'private: before any of these',
    `the same, shown only where it is asked for (${colons(['sensitive'])})`,
  ),
  `  ${colons(kindRows.flatMap(({ becomes, words }) => (becomes === '' ? words : [])))}   that kind of note`,
  printed('anything else', 'what its first words say, else what the prompt asks for; story from a pipe'),
];

/** The same in ten lines of a usual screen, for a prompt. */
export const captureCard = (): readonly string[] => [
  ...kindRows.flatMap(({ line, becomes, kind }) => {
    const isStaffs = 'owner' in kind && kind.owner === 'staff';
    const means = 'owner' in kind && kind.owner === 'patient' ? 'what they do; staff: your staff' : becomes;
    return becomes === '' || isStaffs ? [] : [printed(line, means.split(/[;,] (?:@|open|in )/u)[0] ?? '')];
  }),
  `  ${colons(kindRows.flatMap(({ becomes, words: [word = ''] }) => (becomes === '' ? [word] : [])))}`,
  '  private: before any of these; anything else is what the prompt asks for',
];

const verbsOf = (kind: CommitmentKind): string =>
  [...verbKinds].flatMap(([verb, of]) => (of === kind ? [verb] : [])).join(', ');

export const captureHelp = (): string =>
  [
    'One line each, at every prompt, on standard input, in the editor and for `note`:',
    '',
    ...captureTable(),
    '',
    'Words count in any case, with a blank before the colon, or with a dash and a blank in its place: avoid - son Peter.',
    'A leading \\ makes a line plain. In the editor, lines that begin with # are left out.',
    '',
    `First words that say what a line is: "will ring …" is a promise of yours, "pt to bring …" theirs, "nurse to call …" your staff's; "avoid", "don't mention", and "…, dont ask"; "pref"; "worried"; "next time ask"; a birthday or anniversary with its date. The echo marks such a guess: promise?`,
    '',
    `A promise's kind is its first verb: ${verbsOf('call')}; ${verbsOf('send')}; ${verbsOf('ask')}; ${verbsOf('refer')}; ${verbsOf('check')}; and as other ${verbsOf('other')}. \`rapport config verbs\` adds more.`,
    '"pt:", "staff:" and their like make a promise where such a verb or a date follows; else it is a story.',
    '',
    'A kind with a slip in it (famly:) is asked about, and from a pipe an error.',
    '',
    "Text need not be on the command line, where the shell's history keeps it: leave it out, or pipe it in.",
  ].join('\n');
