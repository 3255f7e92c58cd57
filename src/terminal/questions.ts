/** Questions on the person's terminal, which need not be stdin, and the bar of a long work. Both vanish when it is over. */
import { printable, printableLines } from '../domain/text.ts';
import { cancelled, Failure, Left, usage } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { Choice, Question, TerminalOutput } from './line-prompts.ts';
import type { Prompt } from './prompts.ts';
import { fitToScreen, safeText, type TextStyle } from './styles.ts';
import type { JobControl, KeySource } from './typed-input.ts';

interface TextOptions extends Pick<Question, 'check' | 'fresh'> {
  readonly prefill?: string;
  /** Shown above the question while it is open. */
  readonly above?: string;
}

/** Ctrl-C, Ctrl-D and a closed terminal end each in a `cancelled` failure. */
export interface Questions {
  /** False where there is no terminal, or under --no-input: then every question fails with `usage`. */
  readonly possible: boolean;
  text(question: string, options?: TextOptions): Promise<string>;
  secret(question: string): Promise<string>;
  /** Yes or no; --yes answers yes without asking. */
  confirm(question: string, fallback: boolean): Promise<boolean>;
  choose<T>(question: string, choices: readonly Choice<T>[]): Promise<T>;
  /** Lines shown above or between questions, on the terminal. */
  tell(text: string): void;
}

interface QuestionPlace {
  readonly beforeAsking: () => void;
  /** The same at each call. */
  readonly open: () => { readonly input: KeySource; readonly output: TerminalOutput } | undefined;
  readonly style: () => TextStyle;
  readonly allowed: boolean;
  readonly assumeYes: boolean;
  readonly jobs?: JobControl | undefined;
  readonly screenReader?: () => boolean;
  readonly isDumb?: boolean;
}

const mostListed = 9;

export function terminalQuestions(place: QuestionPlace): Questions {
  let prompt: Prompt | undefined;
  const terminal = () => (place.allowed ? place.open() : undefined);
  const unanswerable = (): Failure =>
    usage(
      `a question came up, and ${place.allowed ? 'there is no terminal to ask it on' : '--no-input forbids it'}`,
      'give the answers as options; see --help',
    );

  const shownLines = (text: string): readonly string[] =>
    safeText(fitToScreen(text, terminal()?.output.columns ?? 80), true).split('\n');

  async function ask<T>(question: Question, prefill = '', isPlain = true): Promise<T> {
    const streams = terminal();
    if (streams === undefined) throw unanswerable();
    place.beforeAsking();
    const { createPrompt } = await import('./prompts.ts');
    prompt ??= createPrompt({
      ...streams,
      style: place.style(),
      jobs: place.jobs,
      isAloud: place.screenReader?.() === true,
      isDumb: place.isDumb === true,
    });
    const answer = await prompt({ ...question, message: printable(question.message) }, prefill, isPlain);
    return answer as T;
  }

  return {
    get possible() {
      return terminal() !== undefined;
    },
    text: (question, { prefill = '', above, check, fresh } = {}) =>
      ask<string>(
        { type: 'input', message: question, check, fresh, above: above ? shownLines(above) : undefined },
        printable(prefill),
      ),
    secret: (question) => ask<string>({ type: 'password', message: question, toggleMask: false }),
    confirm: async (question, fallback) =>
      place.assumeYes ||
      (await ask<boolean>({ type: 'confirm', message: question, default: fallback }, '', false)),
    choose: async <T>(question: string, choices: readonly Choice<T>[]) => {
      // By index: inquirer starts on a choice whose value is `undefined`.
      const shown = choices.map(({ name, words }, value) => ({ name: printable(name), value, words }));
      const isSearch = shown.length > mostListed || choices.some(({ words }) => words !== undefined);
      const type = isSearch ? 'search' : 'select';
      const asked = { type, message: question, pageSize: mostListed, choices: shown } as const;
      const chosen = choices[await ask<number>(asked, '', false)];
      if (chosen === undefined) throw cancelled();
      return chosen.value;
    },
    tell: (text) => void terminal()?.output.write(`${shownLines(text).join('\n')}\n`),
  };
}

export const youTyped = (texts: readonly string[]): readonly string[] => {
  const lines = texts.flatMap(printableLines).map((line) => `  ${line}`);
  return lines.length > 0 ? ['You typed:', ...lines] : [];
};

/** Text that was typed and not saved. A failing command gives it back on the terminal, since errors hold none. */
export function rememberTyped(questions: Questions) {
  let typed: string[] = [];
  let isOpen = false;
  const remember = (text: string, before = ''): string => {
    // Before the vault is open, nothing typed is a patient's.
    if (isOpen && text.trim() !== '' && text !== before) typed.push(text);
    return text;
  };
  return {
    questions: Object.assign(Object.create(questions) as Questions, {
      text: async (...[question, options]: Parameters<Questions['text']>) =>
        remember(await questions.text(question, options), options?.prefill),
    }),
    watch(store: Store): Store {
      isOpen = true;
      return {
        ...store,
        write(intent, work) {
          const written = store.write(intent, work);
          typed = [];
          return written;
        },
      };
    },
    giveBack(error: unknown): void {
      if (error instanceof Left) remember(error.unfinished);
      // Whoever said no, or was told what is kept, has no need of it.
      else if (error instanceof Failure && error.exit === 'cancelled') typed = [];
      const lines = [...(error instanceof Failure ? error.shown : []), ...youTyped(typed)];
      if (lines.length > 0 && questions.possible) questions.tell(lines.join('\n'));
    },
  };
}

/** A bar on stderr, redrawn when its percentage changes; nothing without a terminal. */
export interface Progress {
  advance(done: number, whole: number): void;
  end(): void;
}

interface ProgressPlace {
  readonly stream: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly wanted: boolean;
  readonly screenReader?: boolean;
}

const barWidth = 24;

const percentOf = (done: number, whole: number): number =>
  whole <= 0 ? 100 : Math.min(100, Math.floor((100 * done) / whole));

export function startProgress(label: string, { stream, wanted, screenReader }: ProgressPlace): Progress {
  if (!wanted || stream.isTTY !== true) return { advance: () => undefined, end: () => undefined };
  let shown = -1;
  return {
    advance(done, whole) {
      const percent = percentOf(done, whole);
      const step = screenReader ? Math.floor(percent / 25) * 25 : percent;
      if (step <= shown) return;
      shown = step;
      const filled = Math.round((barWidth * percent) / 100);
      const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
      const drawn = `${label} ${bar} ${percent} %`.slice(0, (stream.columns ?? 80) - 1);
      stream.write(screenReader ? `${label}, ${step} %\n` : `\r${drawn}\u001b[K`);
    },
    end() {
      if (shown >= 0 && !screenReader) stream.write('\r\u001b[K');
      shown = -1;
    },
  };
}
