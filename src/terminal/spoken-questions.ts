/** Questions for a screen reader: one line each, choices as numbered lines, nothing redrawn. */
import { Writable } from 'node:stream';
import { foldedWords } from '../domain/text.ts';
import type { OpenKeys } from './typed-input.ts';

interface SpokenPlace extends Pick<OpenKeys, 'input' | 'onResume'> {
  readonly write: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface SpokenQuestion {
  readonly type: 'input' | 'password' | 'confirm' | 'select' | 'search';
  readonly message: string;
  readonly default?: unknown;
  readonly validate?: (answer: string) => string | true;
  readonly choices?: readonly { readonly name: string; readonly value: unknown }[];
}

/** Those whose name has words that begin with each of those typed. */
export function matching<T extends { readonly name: string }>(
  choices: readonly T[],
  typed: string,
): readonly T[] {
  const words = foldedWords(typed);
  return choices.filter(({ name }) => {
    const own = foldedWords(name);
    return words.every((word) => own.some((candidate) => candidate.startsWith(word)));
  });
}

const mostRead = 9;

interface Lines {
  readonly line: (prompt: string) => Promise<string>;
  readonly tell: (text: string) => void;
}

async function confirmAloud({ message, default: fallback }: SpokenQuestion, lines: Lines): Promise<boolean> {
  for (;;) {
    const answer = await lines.line(`${message} yes or no, Enter for ${fallback ? 'yes' : 'no'}: `);
    const word = answer.trim().toLowerCase();
    if (word === '') return fallback === true;
    if (/^(?:y|yes|n|no)$/.test(word)) return word.startsWith('y');
    lines.tell('yes or no, please');
  }
}

async function chooseAloud({ message, choices = [] }: SpokenQuestion, lines: Lines): Promise<unknown> {
  let offered = choices;
  for (;;) {
    const isShort = offered.length <= mostRead;
    if (isShort) lines.tell(offered.map(({ name }, place) => `${place + 1}: ${name}`).join('\n'));
    const typed = await lines.line(
      isShort ? `${message} Number: ` : `${message} ${offered.length} choices. Words of the name: `,
    );
    const numbered = isShort ? offered[Number(typed.trim()) - 1] : undefined;
    if (numbered !== undefined) return numbered.value;
    const found = typed.trim() === '' ? [] : matching(choices, typed);
    const [only, ...others] = found;
    if (only !== undefined && others.length === 0) {
      lines.tell(only.name);
      return only.value;
    }
    if (found.length > 0) offered = found;
    else lines.tell('none of them fits');
  }
}

async function answerAloud(question: SpokenQuestion, lines: Lines): Promise<unknown> {
  if (question.type === 'confirm') return confirmAloud(question, lines);
  if (question.type === 'select' || question.type === 'search') return chooseAloud(question, lines);
  for (;;) {
    const answer = await lines.line(`${question.message} `);
    const refusal = question.validate?.(answer) ?? true;
    if (refusal === true) return answer;
    lines.tell(refusal);
  }
}

export class Unanswered extends Error {}

export async function askAloud(
  question: SpokenQuestion,
  { input, onResume, write, signal }: SpokenPlace,
): Promise<unknown> {
  // Loaded here: most runs ask nothing.
  const { createInterface } = await import('node:readline');
  const isSecret = question.type === 'password';
  const output = new Writable({
    decodeStrings: false,
    write: (chunk: string | Buffer, _, done) => {
      if (!isSecret) write(String(chunk));
      done();
    },
  });
  const reader = createInterface({ input, output, terminal: true, historySize: 0 });
  const ended = new Promise<never>((_, reject) => {
    reader.once('close', () => reject(new Unanswered()));
    signal.addEventListener('abort', () => reject(new Unanswered()), { once: true });
  });
  const line = (prompt: string): Promise<string> => {
    if (isSecret) write(prompt);
    onResume(() => (isSecret ? write(prompt) : reader.prompt(true)));
    return new Promise((resolve) => reader.question(isSecret ? '' : prompt, resolve));
  };
  const tell = (text: string): void => write(`${text}\n`);
  let isAnswered = false;
  try {
    const answer = await Promise.race([answerAloud(question, { line, tell }), ended]);
    isAnswered = true;
    return answer;
  } finally {
    // A hidden or unfinished line was not ended by Enter.
    if (isSecret || !isAnswered) write('\n');
    ended.catch(() => undefined);
    reader.close();
  }
}
