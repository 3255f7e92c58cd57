/**
 * What is printed. Tones: code says what a text means, this file how that looks (plain or coloured). The last gate before
 * the screen, which lets no other control code through; results, notices, and how an error is told.
 */
import { Chalk, type ChalkInstance } from 'chalk';
import { lazy } from '../dates/civil.ts';
import type { OwnSettings } from '../domain/settings.ts';
import { escapeJson, printable, widthOf } from '../domain/text.ts';
import { errorCode, exitCodes, Failure } from '../errors.ts';
import type { Environment, HoldInterrupts } from './subprocess.ts';
import type { KeySource } from './typed-input.ts';

/** Of the eight basic colours only red and magenta are readable on white and on black in the usual palettes. */
const paintsOf = (chalk: ChalkInstance) => ({
  title: chalk.bold,
  heading: chalk.bold,
  caution: chalk.magenta,
  overdue: chalk.red,
  due: chalk.bold,
  quiet: chalk.dim,
  // What is typed next: it stands out in every list.
  ref: chalk.bold,
  good: chalk.bold,
  error: chalk.red.bold,
  hint: chalk.dim,
  why: chalk.dim.italic,
  struck: chalk.strikethrough,
});
export type TextStyle = Readonly<Record<keyof ReturnType<typeof paintsOf>, (text: string) => string>>;

/** Each takes one text alone: chalk would join what else `map` hands over. */
const styleOf = (level: 0 | 1): TextStyle =>
  Object.fromEntries(
    Object.entries(paintsOf(new Chalk({ level }))).map(([tone, paint]) => [
      tone,
      (text: string) => paint(text),
    ]),
  ) as TextStyle;

export const plainStyle = styleOf(0);
const colouredStyle = lazy(() => styleOf(1));

// The SGR codes that these tones write: bold, dim, italic, struck, red, magenta, and their ends.
const passes = /(\r?\n|\u001b\[(?:1|2|3|9|22|23|29|31|35|39)m)/u;
// What printable() changes, without line ends; most text has none of it.
const suspect =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u;

/** Text as it may be written to a terminal. @param coloured false also removes colour codes */
export function safeText(text: string, coloured: boolean): string {
  if (!suspect.test(text)) return text;
  return text
    .split(passes)
    .map((part, place) => {
      const isPassage = place % 2 === 1;
      return isPassage && (coloured || part.endsWith('\n')) ? part : printable(part);
    })
    .join('');
}

/** Broken between words; a path that is longer than a line is left to the terminal, whole for whoever copies it. */
export function fitToScreen(text: string, columns: number): string {
  const fit = (line: string): readonly string[] => {
    if (widthOf(line) <= columns || /\S {2,}\S|\u001b/u.test(line)) return [line];
    const [lead = ''] = /^ *(?:(?:hint|rapport|next): )?/.exec(line) ?? [];
    const room = Math.max(20, columns - lead.length);
    const parts: string[] = [];
    for (const word of line.slice(lead.length).trimEnd().split(' ')) {
      const joined = [...parts.slice(-1), word].join(' ');
      if (widthOf(joined) <= room) parts.splice(-1, 1, joined);
      else parts.push(word);
    }
    return parts.map((part, place) => (place === 0 ? lead : ' '.repeat(lead.length)) + part);
  };
  return text.split('\n').flatMap(fit).join('\n');
}

/** Where it is printed. */
export interface OutStream {
  write(text: string | Uint8Array): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

interface Streams {
  readonly env: Environment;
  readonly stdout: OutStream;
  readonly stderr: OutStream;
  readonly onInterrupt: (action: () => void) => () => void;
  readonly holdInterrupts: HoldInterrupts;
}

/** What the flags of every command say of it. */
interface Manner {
  readonly color: 'auto' | 'always' | 'never';
  readonly json: boolean;
  readonly quiet: boolean;
  readonly noInput: boolean;
}

/** It only prints lines: no colour, no cursor that moves. */
export const isDumb = (env: Environment): boolean => env['TERM'] === 'dumb';

/** A flag beats FORCE_COLOR, which beats NO_COLOR, which beats what the stream is. */
export function styleFor({ isTTY }: OutStream, env: Environment, color: Manner['color']): TextStyle {
  const usual = isTTY === true && !env['NO_COLOR'] && !isDumb(env);
  const forced = env['FORCE_COLOR'] ? env['FORCE_COLOR'] !== '0' : usual;
  return (color === 'auto' ? forced : color === 'always') ? colouredStyle() : plainStyle;
}

const narrowest = 40;
const widest = 200;

interface OutputParts {
  readonly outside: Streams;
  readonly globals: Manner;
  readonly marks: () => Readonly<Record<string, unknown>>;
  readonly warn: (text: string) => void;
  readonly settings: () => OwnSettings;
  readonly screenReader: () => boolean;
  readonly terminal: () => { readonly input: KeySource } | undefined;
}

export type Output = ReturnType<typeof createOutput>;

export function createOutput(parts: OutputParts) {
  const { outside, globals, marks, warn, terminal, settings, screenReader } = parts;
  const { stdout } = outside;
  const style = lazy(() => styleFor(stdout, outside.env, globals.color));
  const safe = (text: string): string => safeText(text, style() !== plainStyle);
  const print = (text: string): void => void stdout.write(safe(`${text}\n`));
  /** Prose that is broken at its words, and not by the terminal within one. */
  const fitted = (text: string): string =>
    stdout.isTTY && !screenReader() ? fitToScreen(text, stdout.columns ?? 80) : text;
  const hasScreen = stdout.isTTY === true && !isDumb(outside.env);
  return {
    /** Removes control characters but line ends and our own colours. */
    print,
    printText: (text: string): void => print(fitted(text)),
    async page(text: string): Promise<void> {
      // A pager needs a key, and --no-input says that nobody presses one.
      if (!hasScreen || globals.noInput || screenReader()) return print(fitted(text));
      const { page } = await import('./alternate-screen.ts');
      await page(safe(fitted(text)), {
        env: outside.env,
        pager: settings().pager,
        rows: stdout.rows,
        print,
        warn,
        holdInterrupts: outside.holdInterrupts,
      });
    },
    /** Shows text on the alternate screen until a key, or for so many seconds. Only where `hasScreen`. */
    async glance(text: string, seconds: number): Promise<void> {
      const { showGlance } = await import('./alternate-screen.ts');
      await showGlance(safe(text), seconds, {
        write: (shown) => void stdout.write(shown),
        rows: stdout.rows,
        columns: stdout.columns ?? 80,
        keys: terminal()?.input,
        onInterrupt: outside.onInterrupt,
        quiet: style().quiet,
      });
    },
    hasScreen,
    json: (document: { readonly schema: string; readonly [field: string]: unknown }): void =>
      print(escapeJson(JSON.stringify({ ...document, ...marks() }, null, 2))),
    isTerminal: stdout.isTTY === true,
    get screenReader(): boolean {
      return screenReader();
    },
    get columns(): number {
      // Wrapped columns would be read out mixed up.
      if (screenReader()) return widest;
      return stdout.isTTY ? Math.min(widest, Math.max(narrowest, stdout.columns ?? 80)) : 80;
    },
    get style(): TextStyle {
      return style();
    },
  };
}

export type Notices = Omit<ReturnType<typeof createNotices>, 'tellHeld'>;

/** Under --json they wait for the end: after an error they are dropped. */
export function createNotices(outside: Streams, globals: Manner) {
  const style = lazy(() => styleFor(outside.stderr, outside.env, globals.color));
  const tell = (text: string): void => {
    const { stderr } = outside;
    const fitting = stderr.isTTY ? fitToScreen(text, stderr.columns ?? 80) : text;
    stderr.write(`${safeText(fitting, style() !== plainStyle)}\n`);
  };
  const held: string[] = [];
  const warn = (text: string): void => (globals.json ? void held.push(text) : tell(text));
  return {
    tellHeld: (): void => held.splice(0).forEach(tell),
    say: (text: string): void => (globals.quiet ? undefined : warn(text)),
    warn,
  };
}

const longest = 400;

/** A message may repeat a long typed text: keep its beginning and its end. */
function oneLine(text: string): string {
  const line = printable(text);
  return line.length <= longest ? line : `${line.slice(0, longest - 120)}…${line.slice(-80)}`;
}

/** Trap: the message of an error that is no Failure may hold a patient's text, so only its class and code are told. */
function defect(error: unknown): Failure {
  const kind = error instanceof Error ? error.name : typeof error;
  const code = errorCode(error) ?? '';
  const named = /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? `${kind}, ${code}` : kind;
  return new Failure('failed', `a fault in rapport itself (${named})`, [
    '--debug shows where; please report it',
  ]);
}

const placesOf = (error: unknown): readonly string[] =>
  error instanceof Error
    ? [...(error.stack ?? '').matchAll(/^ {4}(at .*)$/gm)].map(([, place = '']) => place)
    : [];

/** One cause, details, then `hint:` lines; or the contract's JSON. */
export function failureLines(
  error: unknown,
  { json, debug }: { readonly json: boolean; readonly debug: boolean },
): string {
  const { exit, message, hints, details } = error instanceof Failure ? error : defect(error);
  const stack = debug ? placesOf(error) : [];
  if (json)
    return JSON.stringify({
      error: {
        code: exitCodes[exit],
        name: exit,
        message: oneLine(message),
        hints: hints.map(oneLine),
        ...(details.length > 0 && { details: details.map((line) => oneLine(line).trim()) }),
        ...(debug && { stack }),
      },
    });
  const lines = [
    `rapport: ${oneLine(message)}`,
    ...details.map(oneLine),
    ...hints.map((hint) => `hint: ${oneLine(hint)}`),
    ...stack.map((place) => `  ${place}`),
  ];
  return safeText(lines.join('\n'), false);
}
