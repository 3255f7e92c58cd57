/** Questions put in plain lines: a text, and all of them for a screen reader and a terminal that only prints lines. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { foldedWords, wrapToWidth } from '../domain/text.ts';
import { Left } from '../errors.ts';
import type { OutStream, TextStyle } from './styles.ts';
import type { OpenKeys } from './typed-input.ts';

export type TerminalOutput = Writable & Omit<OutStream, 'write'>;

export interface Choice<T> {
  readonly name: string;
  readonly value: T;
  /** What is typed is looked for in these: names. Without them in all that the choice says. */
  readonly words?: string | undefined;
}

export interface Question {
  readonly type: 'input' | 'password' | 'confirm' | 'select' | 'search';
  readonly message: string;
  readonly default?: unknown;
  /** What is wrong with an answer. */
  readonly check?: ((answer: string) => string | undefined) | undefined;
  /** Lines that stand above the question and vanish with it; each fits the screen. */
  readonly above?: readonly string[] | undefined;
  /** Nothing that was typed ahead or pasted answers it. */
  readonly fresh?: boolean | undefined;
  readonly choices?: readonly Choice<unknown>[];
  /** How many choices are drawn at once. */
  readonly pageSize?: number;
  /** A secret is never shown. */
  readonly toggleMask?: false;
}

/** One question's turn at the terminal. */
export interface Turn extends Pick<OpenKeys, 'input' | 'onResume'> {
  readonly output: TerminalOutput;
  readonly signal: AbortSignal;
  readonly style: TextStyle;
  /** TERM=dumb: it only prints lines, and edits those that are typed itself. */
  readonly isDumb: boolean;
  /** Lines that were entered before, the newest first; what is entered now joins them. */
  readonly entered: string[];
}

/** Those that have words which begin with each of those typed; whole words before beginnings, in their own order. */
export function matching<T>(choices: readonly Choice<T>[], typed: string): readonly Choice<T>[] {
  const words = foldedWords(typed);
  const ranked = choices.flatMap((choice) => {
    const own = foldedWords(choice.words ?? choice.name);
    const fits = words.every((word) => own.some((candidate) => candidate.startsWith(word)));
    return fits ? [{ choice, whole: words.filter((word) => own.includes(word)).length }] : [];
  });
  return ranked.toSorted((one, other) => other.whole - one.whole).map(({ choice }) => choice);
}

const mostRead = 9;

interface Lines {
  readonly line: (prompt: string) => Promise<string>;
  readonly tell: (text: string) => void;
  readonly isSeen: boolean;
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
    // To listen to many takes long; to see the first of them does not.
    const read = offered.length <= mostRead || lines.isSeen ? offered.slice(0, mostRead) : [];
    if (read.length > 0) lines.tell(read.map(({ name }, place) => `${place + 1}: ${name}`).join('\n'));
    const isAll = read.length === offered.length;
    const typed = await lines.line(
      isAll ? `${message} Number: ` : `${message} ${offered.length} choices. Words of the name: `,
    );
    const numbered = read[Number(typed.trim()) - 1];
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
  if (question.above !== undefined) lines.tell(question.above.join('\n'));
  for (;;) {
    const answer = await lines.line(`${question.message} `);
    const refusal = question.check?.(answer);
    if (refusal === undefined) return answer;
    lines.tell(refusal);
  }
}

/** Where a question ends without its answer. @param unfinished what stands on its line */
function endOf(signal: AbortSignal, unfinished = (): string => '') {
  let fail = (): void => undefined;
  const ended = new Promise<never>((_, reject) => {
    fail = () => reject(new Left(unfinished()));
    signal.addEventListener('abort', fail, { once: true });
  });
  ended.catch(() => undefined);
  return { ended, fail };
}

/** Readline with its history: what was refused, and every earlier line, comes back with Up. */
function openLine({ input, output, onResume, signal, entered }: Turn, type: Question['type']) {
  const isSecret = type === 'password';
  const isText = type === 'input';
  let rows = 0;
  const echo = new Writable({
    decodeStrings: false,
    write: (chunk: string | Buffer, _, done) => {
      // At Enter readline has gone to the line's end, and leaves it.
      if (chunk === '\r\n') rows = reader.getCursorPos().rows + 1;
      if (!isSecret) output.write(String(chunk));
      done();
    },
  });
  const sized = Object.defineProperties(echo, { columns: { get: () => output.columns } });
  const history = isText ? [...entered] : [];
  const reader = createInterface({
    input,
    output: sized,
    terminal: true,
    history,
    historySize: isText ? 200 : 0,
  });
  const { ended, fail } = endOf(signal, () => (isText ? reader.line.trim() : ''));
  reader.once('close', fail);
  return {
    ended,
    line(prompt: string): Promise<string> {
      if (isSecret) output.write(prompt);
      onResume(() => (isSecret ? output.write(prompt) : reader.prompt(true)));
      rows = 0;
      return new Promise((resolve) =>
        reader.question(isSecret ? '' : prompt, (answer) => {
          if (isText && answer.trim() !== '') entered.unshift(answer);
          resolve(answer);
        }),
      );
    },
    /** How far the cursor is below the first row of the prompt. */
    rows: (): number => (rows > 0 ? rows : reader.getCursorPos().rows),
    close: (): void => reader.close(),
  };
}

const cancelKey = 0x03;
const eraseKeys = [0x08, 0x7f];
const eraseAll = 0x15;

/** The terminal shows and edits what is typed; only a secret comes key by key, and unseen. */
function openDumbLine({ input, output, onResume, signal }: Turn, isSecret: boolean) {
  const { ended, fail } = endOf(signal);
  if (isSecret) input.setRawMode(true);
  return {
    ended,
    line(prompt: string): Promise<string> {
      const ask = (): void => void output.write(prompt);
      ask();
      onResume(ask);
      return new Promise((resolve) => {
        let bytes: number[] = [];
        const take = (chunk: Buffer): void => {
          for (const byte of chunk) {
            if (byte === 0x0d) {
              input.off('data', take);
              resolve(Buffer.from(bytes).toString());
            } else if (!isSecret) bytes.push(byte);
            else if (byte === cancelKey) fail();
            else if (byte === eraseAll) bytes = [];
            else if (eraseKeys.includes(byte))
              bytes = [...Buffer.from([...Buffer.from(bytes).toString()].slice(0, -1).join(''))];
            else bytes.push(byte);
          }
        };
        input.on('data', take);
      });
    },
    close: (): void => {
      if (isSecret) input.setRawMode(false);
    },
  };
}

/** In lines that are read out, choices numbered; nothing is redrawn. */
export async function askAloud(question: Question, turn: Turn): Promise<unknown> {
  const { output } = turn;
  const isSecret = question.type === 'password';
  const reader = turn.isDumb ? openDumbLine(turn, isSecret) : openLine(turn, question.type);
  const tell = (text: string): void => void output.write(`${text}\n`);
  let isAnswered = false;
  try {
    const answer = await Promise.race([
      answerAloud(question, { line: reader.line, tell, isSeen: turn.isDumb }),
      reader.ended,
    ]);
    isAnswered = true;
    return answer;
  } finally {
    // A hidden or unfinished line was not ended by Enter.
    if (isSecret || !isAnswered) output.write('\n');
    reader.close();
  }
}

/** A line of text. What stands above it, what was wrong with it and the question itself vanish with the answer. */
export async function askText({ message, check, above = [] }: Question, turn: Turn): Promise<string> {
  const { output, style } = turn;
  const reader = openLine(turn, 'input');
  const prompt = `${style.heading('?')} ${style.title(message)} `;
  let told = 0;
  const tell = (lines: readonly string[]): void => {
    for (const line of lines) output.write(`${line}\n`);
    told += lines.length;
  };
  const clear = (rows: number): void => void output.write(`\r${rows > 0 ? `\u001b[${rows}A` : ''}\u001b[J`);
  try {
    tell(above);
    for (;;) {
      const answer = await Promise.race([reader.line(prompt), reader.ended]);
      const refusal = check?.(answer);
      if (refusal === undefined) return answer;
      clear(reader.rows() + told - above.length);
      told = above.length;
      tell(
        wrapToWidth(refusal, (output.columns ?? 80) - 3).map((line, row) =>
          style.error(`${row === 0 ? '> ' : '  '}${line}`),
        ),
      );
    }
  } finally {
    clear(reader.rows() + told);
    reader.close();
  }
}
