/** What kind a typed line is of: by its mark, by the word before a colon, or, as a guess, by its first words. */
import { edits } from '../dates/civil.ts';
import {
  asking,
  type Doubt,
  type KindOptions,
  type LineKind,
  type Marked,
  marks,
  perhapsOwners,
  privateWords,
  verbOf,
  wholeNames,
  wordKinds,
} from './line-kinds.ts';
import { lists } from './people-words.ts';
import { fold, foldedWords } from './text.ts';

/** A word that is one letter from a kind's name, or two from 'private' and 'sensitive', whose slip is a leak. */
const nearKind = (word: string): string | undefined =>
  word.length < 5
    ? undefined
    : wholeNames.find((name) => name !== word && edits(word, name) <= (privateWords.includes(name) ? 2 : 1));

/** Whether what is typed may be meant as private: by its first words, with a slip too, behind another mark as well. */
export function mayBePrivate(line: string): boolean {
  const [one = '', two = ''] = foldedWords(line);
  return [one, two].some((word) => privateWords.includes(nearKind(word) ?? word));
}

const story: LineKind = { note: 'story' };
const asText = (line: string) => ['text as it is', `\\${line}`] as const;
/** A story, unless another answer is given. */
const perhaps = (line: string, doubt: Doubt): Marked => ({ kind: story, body: line, guessed: true, doubt });

/** 'x wife June, 2 feb'; not 'x ray', and asked about before ex-, remarried and new where nothing says that they died. */
function lossOf(line: string): Marked | undefined {
  const match = /^[xX](?:\s+(.*))?$/su.exec(line);
  const body = match?.[1] ?? '';
  if (match === null || /^rays?\b/i.test(body)) return undefined;
  const isDeath = foldedWords(body).some((word) => lists.sayingDeath.has(word));
  if (isDeath || !/^(?:ex(?:-|\s)|remarried|new\b)/i.test(body)) return { kind: { note: 'loss' }, body };
  return perhaps(line, asking('a loss, or text?', ['a loss', `loss: ${body}`], asText(line)));
}

function markedBy(line: string): Marked | undefined {
  const sign = line.charAt(0).normalize('NFKC');
  const kind = marks.get(sign);
  const body = line.slice(1);
  if (kind === undefined || (/[>~]/.test(sign) && /^\d/.test(body))) return undefined;
  if (sign !== '?' || !/^\p{Lu}/u.test(body)) return { kind, body };
  const doubt = asking('a question, or text?', ['a question', `? ${body}`], asText(line));
  // '?TIA' is a clinician's shorthand; '?Is it safe' is not.
  return /^\p{Lu}{2,}(?!\p{Ll})/u.test(body) ? perhaps(line, doubt) : { kind, body, guessed: true, doubt };
}

const worded = /^(\p{L}+|[fF]\/[uU])\s*(?:[:：]|—|[-–](?=\s))\s*(.*)$/su;
/** 'private; he drinks', '(private) he drinks': a slip in the colon would be a leak. */
const openly = new RegExp(
  `^[([]?\\s*(${privateWords.join('|')})\\s*(?:[;)\\]!]|\\.(?=\\s))+[:：]?\\s*(.*)$`,
  'isu',
);

/** 'mum: lives in Leeds' where a promise was asked for. */
const whose = (line: string): Doubt =>
  asking(
    'whose?',
    ['a promise of yours', `! ${line}`],
    ['of the patient', `patient: ! ${line}`],
    ['of your staff', `staff: ! ${line}`],
    ['no promise, a story', `story: ${line}`],
  );

function wordedAs(line: string, options: KindOptions): Marked | undefined {
  const [, said = '', body = ''] = worded.exec(line) ?? openly.exec(line) ?? [];
  const word = fold(said);
  if (word === '') return undefined;
  if (privateWords.includes(word)) return { ...markedAs(body.trim(), options), sensitive: true };
  const kind = wordKinds.get(word);
  const isColon = line.slice(said.length).trimStart().normalize('NFKC').startsWith(':');
  if (kind === undefined && isColon && 'owner' in options.defaultKind && options.isName(word))
    return { kind: options.defaultKind, body: line, doubt: whose(line) };
  if (kind === undefined) {
    const near = options.isName(word) ? undefined : nearKind(word);
    if (near === undefined || !(isColon || privateWords.includes(near))) return undefined;
    const doubt = asking(`did you mean ${near}:?`, [`${near}:`, `${near}: ${body}`], asText(line));
    return { kind: options.defaultKind, body: line, near, doubt };
  }
  if (body.startsWith('!') && 'owner' in kind) return { kind, body: body.slice(1) };
  if (!perhapsOwners.includes(word) || verbOf(body, options.verbs) !== undefined || options.hasDate(body))
    return { kind, body };
  const owner = 'owner' in kind ? kind.owner : 'me';
  const promise = owner === 'me' ? `! ${body}` : `${owner}: ! ${body}`;
  const choices = [
    ['a promise', promise],
    ['a story', `story: ${line}`],
  ] as const;
  return perhaps(line, asking('a promise, or a story?', ...choices));
}

/**
 * Whether a mark, or the word of a kind before a colon, says what the line is, at whatever prompt it stands. 'x 2' and
 * '~ 3 weeks' answer what was asked: a number or a time.
 */
export function saysKind(typed: string): boolean {
  const line = typed.trim();
  const [, said = '', rest = ''] = worded.exec(line) ?? openly.exec(line) ?? [];
  const isWorded = wordKinds.has(fold(said)) || privateWords.includes(fold(said));
  const body = (lossOf(line) ?? markedBy(line))?.body ?? (isWorded ? rest : '');
  return /\p{L}/u.test(body) && !/^[>~]\s*\d/.test(line.normalize('NFKC'));
}

const drugsAndFoods =
  /^avoid +(?:all |any |too much |more |other )?(?:nsaids?|aspirin|ibuprofen|paracetamol|codeine|opioids?|opiates?|steroids?|antibiotics?|penicillin|warfarin|statins?|alcohol|caffeine|coffee|tea|salt|salty|sugar|sweets|nuts?|peanuts?|milk|dairy|gluten|wheat|eggs?|fish|shellfish|meat|grapefruit|spicy|fatty|fried|cheese|bread|liquorice|cranberry|soya?|chocolate|food|foods|\p{L}*(?:cillin|mycin|azole|pril|sartan|statin|olol|profen|oxetine|azepam|idine|amide|formin|parin|floxacin|cycline|triptyline|gliptin|gabalin))\b/iu;

interface Guess {
  readonly says: RegExp;
  readonly kind: LineKind;
  /** What says it is no part of the text. */
  readonly isLead?: true;
  readonly verb?: true;
  readonly date?: true;
  readonly unless?: RegExp;
  /** At prompts that ask for another kind it is asked about. */
  readonly asks?: string;
}

const guesses: readonly Guess[] = [
  {
    says: /^(?:(?:i|we)(?:'ll| will)|i'?ll|will|(?:(?:i|we)(?:'ve)? )?promised (?:to|i'd|i would)) +/i,
    kind: { owner: 'me' },
    isLead: true,
    verb: true,
    unless: /\b(?:if|when|unless|worse)\b|["“”«»]/i,
    asks: 'your promise?',
  },
  { says: /^(?:pt|patient) +(?:(?:to|will) +)?/i, kind: { owner: 'patient' }, isLead: true, verb: true },
  { says: /^(?:staff|nurse|team) +(?:(?:to|will) +)?/i, kind: { owner: 'staff' }, isLead: true, verb: true },
  { says: /^avoid +/i, kind: { note: 'avoid' }, isLead: true, unless: drugsAndFoods },
  {
    says: /^(?:please )?(?:don'?t|do not|never|not to) (?:mention|ask|bring up|talk about|raise)\b|^not to be asked\b/i,
    kind: { note: 'avoid' },
  },
  { says: /^pref +/i, kind: { note: 'preference' }, isLead: true },
  {
    says: /^(?:(?:he|she|they|pt|patient|is|was|are|he's|she's|very|really|still|quite|so) ){0,3}(?:concerned|worried|afraid)\b/i,
    kind: { note: 'concern' },
  },
  { says: /^(?:next (?:visit|time)\b[\s,:-]*ask|ask next (?:visit|time))\b/i, kind: { note: 'next' } },
  {
    says: /^(?:\S+ ){0,2}(?:birthday|bday|b'day|b-day|anniversary|anniv)\b/i,
    kind: { note: 'milestone' },
    date: true,
  },
];

/** 'Son Peter - don't raise', 'IVF failed, dont ask'; not "his friends don't ask" nor 'visits, but they don't say'. */
const notToRaise = "(?:don'?t|do not) (?:raise|ask|mention|bring(?: \\w+)? up|say)\\b";
const saidToAvoid = new RegExp(
  `(?:[,;–—]|\\s-+) *(?:(?:pls|please|so|but) )?${notToRaise}(?! (?:much|a lot))|` +
    `(?<!\\b(?:i|we|you|they|who|that|people|children|\\w*[^\\Ws]s) )${notToRaise}(?: (?:it|this|why|about it))?[\\s.!)]*$`,
  'i',
);

function guessed(line: string, options: KindOptions): Marked | undefined {
  if (!options.guesses) return undefined;
  const plain = line.replace(/[’‘]/g, "'");
  for (const { says, kind, isLead, verb, date, unless, asks } of guesses) {
    const lead = says.exec(plain)?.[0];
    if (lead === undefined || unless?.test(plain)) continue;
    const body = isLead ? line.slice(lead.length) : line;
    if (verb && verbOf(body, options.verbs) === undefined) continue;
    if (date && !options.hasDate(line)) continue;
    const { defaultKind } = options;
    return asks !== undefined && options.isPrompt && 'note' in defaultKind
      ? { kind: defaultKind, body: line, doubt: asking(asks, ['yes', `! ${body}`], asText(line)) }
      : { kind, body, guessed: true };
  }
  if (options.tellsLoss(line)) return { kind: { note: 'loss' }, body: line, guessed: true };
  return saidToAvoid.test(plain) ? { kind: { note: 'avoid' }, body: line, guessed: true } : undefined;
}

const privately = new RegExp(`^\\s*(?:${privateWords.join('|')})\\s*[:：;]\\s*(.*)$`, 'isu');

/** @param line without blanks around it and without a leading backslash */
export function markedAs(line: string, options: KindOptions): Marked {
  const plain = { kind: options.defaultKind, body: line };
  if (line.startsWith('\\')) return plain;
  const marked = lossOf(line) ?? markedBy(line) ?? wordedAs(line, options) ?? guessed(line, options) ?? plain;
  // '! private: …' is as private as 'private: ! …'.
  const body = privately.exec(marked.body)?.[1];
  return body === undefined ? marked : { ...marked, body, sensitive: true };
}
