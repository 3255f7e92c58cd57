/**
 * Questions on the person's terminal, which need not be stdin. Ctrl-C, Ctrl-D and a closed terminal throw
 * `cancelled`.
 */
import { Writable } from 'node:stream';
import { foldedWords, printable } from '../domain/text.ts';
import { cancelled, type Failure, usage } from '../errors.ts';
import { askAloud, type SpokenQuestion, Unanswered } from './spoken-questions.ts';
import type { TextStyle } from './styles.ts';
import { fitToScreen, safeText } from './styles.ts';
import { type JobControl, type KeySource, Keys, type OpenKeys } from './typed-input.ts';

export interface Choice<T> {
  readonly name: string;
  readonly value: T;
}

/** Questions on the terminal. They vanish when answered; Ctrl-C and Ctrl-D end in a `cancelled` failure. */
export interface Questions {
  /** False where there is no terminal, or under --no-input: then every question fails with `usage`. */
  readonly possible: boolean;
  text(
    question: string,
    options?: { readonly prefill?: string; readonly check?: (answer: string) => string | undefined },
  ): Promise<string>;
  secret(question: string): Promise<string>;
  /** Yes or no; --yes answers yes without asking. */
  confirm(question: string, fallback: boolean): Promise<boolean>;
  choose<T>(question: string, choices: readonly Choice<T>[]): Promise<T>;
  /** Lines shown above or between questions, on the terminal. */
  tell(text: string): void;
}

type TerminalOutput = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

interface QuestionPlace {
  readonly beforeAsking: () => void;
  readonly open: () => { readonly input: KeySource; readonly output: TerminalOutput } | undefined;
  readonly style: TextStyle;
  readonly allowed: boolean;
  readonly assumeYes: boolean;
  readonly jobs?: JobControl | undefined;
  readonly screenReader?: () => boolean;
}

const mostListed = 9;

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

function matching<T extends { readonly name: string }>(choices: readonly T[], typed: string): readonly T[] {
  const words = foldedWords(typed);
  return choices.filter(({ name }) => {
    const own = foldedWords(name);
    return words.every((word) => own.some((candidate) => candidate.startsWith(word)));
  });
}

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

type Question = SpokenQuestion & Readonly<Record<string, unknown>>;

interface DrawingPlace extends Pick<OpenKeys, 'input' | 'onResume'> {
  readonly output: TerminalOutput;
  readonly signal: AbortSignal;
  readonly style: TextStyle;
}

async function draw(question: Question, place: DrawingPlace): Promise<unknown> {
  const { input, output, signal, style } = place;
  const { default: inquirer } = await import('inquirer');
  const prompt = inquirer.createPromptModule({
    input,
    output: oneTurn(output, place.onResume),
    signal,
    clearPromptOnDone: true,
  });
  const { answer } = await prompt<{ answer: unknown }>({
    ...question,
    name: 'answer',
    theme: themeOf(style),
  });
  return answer;
}

export function terminalQuestions(place: QuestionPlace): Questions {
  let opened: ReturnType<QuestionPlace['open']>;
  let keys: Keys | undefined;
  let isTried = false;
  const terminal = () => {
    if (!isTried && place.allowed) {
      isTried = true;
      opened = place.open();
      keys = opened && new Keys(opened.input, place.jobs);
    }
    return opened;
  };
  const unanswerable = (): Failure =>
    usage(
      `a question came up, and ${place.allowed ? 'there is no terminal to ask it on' : '--no-input forbids it'}`,
      'give the answers as options; see --help',
    );

  async function ask<T>(question: Question, prefill = '', isPlain = true): Promise<T> {
    const streams = terminal();
    if (streams === undefined || keys === undefined) throw unanswerable();
    place.beforeAsking();
    if (!isPlain) keys.forget();
    const ending = new AbortController();
    const showCursor = (): void => void streams.output.write('\u001b[?25h\n');
    const turn = keys.open(prefill, () => ending.abort(), showCursor);
    const asked = { ...question, message: printable(question.message) };
    try {
      const answer = place.screenReader?.()
        ? await askAloud(
            asked,
            { ...turn, signal: ending.signal, write: (text) => void streams.output.write(text) },
            matching,
          )
        : await draw(asked, { ...turn, output: streams.output, signal: ending.signal, style: place.style });
      return answer as T;
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
  }

  return {
    get possible() {
      return terminal() !== undefined;
    },
    text: (question, options = {}) =>
      ask<string>(
        { type: 'input', message: question, validate: (answer: string) => options.check?.(answer) ?? true },
        printable(options.prefill ?? ''),
      ),
    secret: (question) => ask<string>({ type: 'password', message: question, toggleMask: false }),
    confirm: async (question, fallback) =>
      place.assumeYes ||
      (await ask<boolean>({ type: 'confirm', message: question, default: fallback }, '', false)),
    choose: async <T>(question: string, choices: readonly Choice<T>[]) => {
      // By index: inquirer starts on a choice whose value is `undefined`.
      const shown = choices.map(({ name }, value) => ({ name: printable(name), value }));
      const asked = { message: question, pageSize: mostListed, choices: shown };
      const source = (typed: string | undefined) => [...matching(shown, typed ?? '')];
      const place = await (shown.length > mostListed
        ? ask<number>({ ...asked, type: 'search', source }, '', false)
        : ask<number>({ ...asked, type: 'select' }, '', false));
      const chosen = choices[place];
      if (chosen === undefined) throw cancelled();
      return chosen.value;
    },
    tell: (text) => {
      const output = terminal()?.output;
      output?.write(`${safeText(fitToScreen(text, output.columns ?? 80), true)}\n`);
    },
  };
}
