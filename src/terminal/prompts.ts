/** How a question is put to a person: drawn by inquirer, or in plain lines for a screen reader. Loaded at the first. */
import { Writable } from 'node:stream';
import { count } from '../dates/civil.ts';
import { Left } from '../errors.ts';
import {
  askAloud,
  askText,
  matching,
  type Question,
  type TerminalOutput,
  type Turn,
} from './line-prompts.ts';
import type { TextStyle } from './styles.ts';
import { bracketedPaste, type JobControl, type KeySource, Keys, type OpenKeys } from './typed-input.ts';

interface PromptPlace {
  readonly input: KeySource;
  readonly output: TerminalOutput;
  readonly style: TextStyle;
  readonly jobs?: JobControl | undefined;
  readonly isAloud: boolean;
  readonly isDumb: boolean;
}

/** Inquirer takes colours from Node's `styleText`; the run's own decision overrides that. */
const themeOf = (style: TextStyle) => ({
  prefix: { idle: style.heading('?'), done: style.heading('?') },
  style: {
    answer: style.heading,
    message: (text: string) => style.title(text),
    error: (text: string) => style.error(text),
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
    const { message, choices = [], type } = question;
    const { answer } = await prompt<{ answer: unknown }>({
      ...question,
      message: type === 'search' ? `${message} (type to narrow)` : message,
      source: (typed: string | undefined) => [...matching(choices, typed ?? '')],
      name: 'answer',
      theme: themeOf(style),
    });
    return answer;
  };
}

/** Where a line can't be begun with a text, it is named: Enter keeps it. */
function offering(question: Question, prefill: string) {
  const kept = (answer: string): string => (answer === '' ? prefill : answer.trim() === '' ? '' : answer);
  const { message, check } = question;
  const named = `${message} [${prefill}] (Enter keeps it, a blank empties it)`;
  return { kept, question: { ...question, message: named, check: (typed: string) => check?.(kept(typed)) } };
}

export type Prompt = ReturnType<typeof createPrompt>;

/** What is typed ahead is kept from one question to the next. */
export function createPrompt({ input, output, style, jobs, isAloud, isDumb }: PromptPlace) {
  const keys = new Keys(input, jobs);
  const entered: string[] = [];
  const mark = (code: string): void => void (isDumb || output.write(code));
  /** @param isPlain its answer is text. @throws Left at Ctrl-C, Ctrl-D and a closed terminal */
  return async (asked: Question, prefill: string, isPlain: boolean): Promise<unknown> => {
    const offered = isDumb && prefill !== '' ? offering(asked, prefill) : undefined;
    const question = offered?.question ?? asked;
    // Before what is typed is let through: a line that comes while the library is loaded waits for its question.
    const put = isAloud || isDumb ? askAloud : question.type === 'input' ? askText : await drawing();
    const pasted = question.fresh ? 'drop' : isPlain ? 'answer' : 'wait';
    const left = pasted === 'answer' ? 0 : keys.forget(pasted === 'wait');
    if (left > 0)
      output.write(`${style.hint(`${count(left, 'pasted line')} left out: no question was open for it`)}\n`);
    const ending = new AbortController();
    mark(bracketedPaste.on);
    const turn = keys.open(
      isDumb ? '' : prefill,
      pasted,
      () => ending.abort(),
      () => {
        mark(`${bracketedPaste.off}\u001b[?25h`);
        output.write('\n');
      },
    );
    let refused = '';
    const check = (typed: string): string | undefined => {
      const refusal = question.check?.(typed);
      if (refusal !== undefined) refused = typed.trim() || refused;
      return refusal;
    };
    try {
      const answer = await put(
        { ...question, check },
        { ...turn, output, style, entered, isDumb, signal: ending.signal },
      );
      return offered === undefined ? answer : offered.kept(String(answer));
    } catch (error) {
      const isEnd =
        error instanceof Left ||
        (error instanceof Error && /^(?:ExitPrompt|AbortPrompt|CancelPrompt)Error$/.test(error.name));
      if (!isEnd) throw error;
      const unfinished = (error instanceof Left && error.unfinished) || refused;
      throw new Left(unfinished === prefill.trim() ? '' : unfinished);
    } finally {
      turn.done();
      mark(bracketedPaste.off);
      // What stood there already is no line of the person's.
      if (entered[0] === prefill) entered.shift();
      // Inquirer clears the question after it has answered; wait, so that nothing lands beside it.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
}
