/** How a question is put to a person: drawn by inquirer, or in plain lines for a screen reader. Loaded at the first. */
import { Writable } from 'node:stream';
import { cancelled } from '../errors.ts';
import { askAloud, matching, type SpokenQuestion, Unanswered } from './spoken-questions.ts';
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

export type Question = SpokenQuestion & Readonly<Record<string, unknown>>;

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
  const { choices = [] } = question;
  const { answer } = await prompt<{ answer: unknown }>({
    ...question,
    source: (typed: string | undefined) => [...matching(choices, typed ?? '')],
    name: 'answer',
    theme: themeOf(style),
  });
  return answer;
}

export type Prompt = ReturnType<typeof createPrompt>;

/** What is typed ahead is kept from one question to the next. */
export function createPrompt({ input, output, style, jobs, isAloud }: PromptPlace) {
  const keys = new Keys(input, jobs);
  /** @param isPlain its answer is text. @throws cancelled at Ctrl-C, Ctrl-D and a closed terminal */
  return async (question: Question, prefill: string, isPlain: boolean): Promise<unknown> => {
    if (!isPlain) keys.forget();
    const ending = new AbortController();
    const turn = keys.open(
      prefill,
      () => ending.abort(),
      () => void output.write('\u001b[?25h\n'),
    );
    const place = { ...turn, output, style, signal: ending.signal };
    try {
      return isAloud
        ? await askAloud(question, { ...place, write: (text) => void output.write(text) })
        : await draw(question, place);
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
