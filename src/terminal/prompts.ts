/** How a question is put to a person: drawn by inquirer, or in plain lines for a screen reader. Loaded at the first. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { foldedWords } from '../domain/text.ts';
import { cancelled } from '../errors.ts';
import type { TextStyle } from './styles.ts';
import { type JobControl, type KeySource, Keys, type OpenKeys } from './typed-input.ts';

export type TerminalOutput = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

interface PromptPlace {
  readonly input: KeySource;
  readonly output: TerminalOutput;
  readonly style: TextStyle;
  readonly jobs?: JobControl | undefined;
  readonly isAloud: boolean;
}

/** Inquirer takes colours from Node's `styleText`; the run's own decision overrides that. */
const themeOf = (style: TextStyle) => ({
  prefix: { idle: style.heading('?'), done: style.heading('?') },
  style: {
    answer: style.heading,
    message: (text: string) => style.title(text),
    error: (text: string) => style.error(text),
    defaultAnswer: (text: string) => style.quiet(`(${text})`),
    help: style.quiet,
    highlight: style.heading,
    key: style.quiet,
    disabled: style.quiet,
    description: style.quiet,
    searchTerm: style.heading,
    confirmDefault: (text: string) => text.toUpperCase(),
    maskedText: '(not shown)',
    keysHelpTip: (keys: readonly (readonly [string, string])[]) =>
      style.quiet(keys.map(([key, action]) => `${key} ${action}`).join(', ')),
  },
});

/** Output of one question: inquirer may end it, the terminal's stream goes on. */
function oneTurn(output: TerminalOutput, onResume: OpenKeys['onResume']): Writable {
  let drawn = '';
  // After Ctrl-Z the shell owns the line that the question stood on.
  onResume(() => void output.write(drawn.replace(/^(?:\u001b\[\d*[A-GK])+/, '')));
  const turn = new Writable({
    decodeStrings: false,
    // Called back at once: later output must not overtake this chunk.
    write: (chunk: string | Buffer, _, done) => {
      const text = String(chunk);
      if (!/^\u001b\[\d*G$/.test(text)) drawn = text;
      output.write(text);
      done();
    },
  });
  return Object.defineProperties(turn, {
    isTTY: { get: () => output.isTTY },
    columns: { get: () => output.columns },
    rows: { get: () => output.rows },
  });
}

export interface Question {
  readonly type: 'input' | 'password' | 'confirm' | 'select' | 'search';
  readonly message: string;
  readonly default?: unknown;
  readonly validate?: (answer: string) => string | true;
  readonly choices?: readonly { readonly name: string; readonly value: unknown }[];
  /** How many choices are drawn at once. */
  readonly pageSize?: number;
  /** A secret is never shown. */
  readonly toggleMask?: false;
}

/** One question's turn at the terminal. */
interface Turn extends Pick<OpenKeys, 'input' | 'onResume'> {
  readonly output: TerminalOutput;
  readonly signal: AbortSignal;
  readonly style: TextStyle;
}

/** Those whose name has words that begin with each of those typed. */
function matching<T extends { readonly name: string }>(choices: readonly T[], typed: string): readonly T[] {
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

async function confirmAloud({ message, default: fallback }: Question, lines: Lines): Promise<boolean> {
  for (;;) {
    const answer = await lines.line(`${message} yes or no, Enter for ${fallback ? 'yes' : 'no'}: `);
    const word = answer.trim().toLowerCase();
    if (word === '') return fallback === true;
    if (/^(?:y|yes|n|no)$/.test(word)) return word.startsWith('y');
    lines.tell('yes or no, please');
  }
}

async function chooseAloud({ message, choices = [] }: Question, lines: Lines): Promise<unknown> {
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

async function answerAloud(question: Question, lines: Lines): Promise<unknown> {
  if (question.type === 'confirm') return confirmAloud(question, lines);
  if (question.type === 'select' || question.type === 'search') return chooseAloud(question, lines);
  for (;;) {
    const answer = await lines.line(`${question.message} `);
    const refusal = question.validate?.(answer) ?? true;
    if (refusal === true) return answer;
    lines.tell(refusal);
  }
}

class Unanswered extends Error {}

/** In lines that are read out, choices numbered; nothing is redrawn. */
async function askAloud(question: Question, { input, onResume, output, signal }: Turn): Promise<unknown> {
  const isSecret = question.type === 'password';
  const write = (text: string): void => void output.write(text);
  const echo = new Writable({
    decodeStrings: false,
    write: (chunk: string | Buffer, _, done) => {
      if (!isSecret) write(String(chunk));
      done();
    },
  });
  const reader = createInterface({ input, output: echo, terminal: true, historySize: 0 });
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

type Put = (question: Question, turn: Turn) => Promise<unknown>;

async function drawing(): Promise<Put> {
  const { default: inquirer } = await import('inquirer');
  return async (question, { input, output, onResume, signal, style }) => {
    const prompt = inquirer.createPromptModule({
      input,
      output: oneTurn(output, onResume),
      signal,
      clearPromptOnDone: true,
    });
    const { choices = [] } = question;
    const { answer } = await prompt<{ answer: unknown }>({
      ...question,
      source: (typed: string | undefined) => [...matching(choices, typed ?? '')],
      name: 'answer',
      theme: themeOf(style),
    });
    return answer;
  };
}

export type Prompt = ReturnType<typeof createPrompt>;

/** What is typed ahead is kept from one question to the next. */
export function createPrompt({ input, output, style, jobs, isAloud }: PromptPlace) {
  const keys = new Keys(input, jobs);
  /** @param isPlain its answer is text. @throws cancelled at Ctrl-C, Ctrl-D and a closed terminal */
  return async (question: Question, prefill: string, isPlain: boolean): Promise<unknown> => {
    // Before what is typed is let through: a line that comes while the library is loaded waits for its question.
    const put = isAloud ? askAloud : await drawing();
    if (!isPlain) keys.forget();
    const ending = new AbortController();
    const turn = keys.open(
      prefill,
      () => ending.abort(),
      () => void output.write('\u001b[?25h\n'),
    );
    try {
      return await put(question, { ...turn, output, style, signal: ending.signal });
    } catch (error) {
      const isEnd =
        error instanceof Unanswered ||
        (error instanceof Error && /^(?:ExitPrompt|AbortPrompt|CancelPrompt)Error$/.test(error.name));
      throw isEnd ? cancelled() : error;
    } finally {
      turn.done();
      // Inquirer clears the question after it has answered; wait, so that nothing lands beside it.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
}
