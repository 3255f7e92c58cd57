/**
 * The text streams as commands see them: results, notices and standard input, with colour and width decided once.
 */
import { lazy } from '../dates/vocabulary.ts';
import type { OwnSettings } from '../domain/setting-values.ts';
import { escapeJson } from '../domain/text.ts';
import { errorCode, usage } from '../errors.ts';
import { page, showGlance } from '../terminal/alternate-screen.ts';
import { colouredStyle, fitToScreen, plainStyle, safeText, type TextStyle } from '../terminal/styles.ts';
import type { Globals, OutStream, Outside, TerminalStreams } from './outside.ts';

/** Asked once: a flag beats FORCE_COLOR beats NO_COLOR beats what the stream is. */
export function styleFor(stream: OutStream, { env }: Outside, { color }: Globals): TextStyle {
  if (color !== 'auto') return color === 'always' ? colouredStyle() : plainStyle;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced === '0' ? plainStyle : colouredStyle();
  const wanted = stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return wanted ? colouredStyle() : plainStyle;
}

const narrowest = 40;
const widest = 200;

interface OutputParts {
  readonly outside: Outside;
  readonly globals: Globals;
  /** What every JSON document says besides. */
  readonly marks: () => Readonly<Record<string, unknown>>;
  readonly warn: (text: string) => void;
  readonly settings: () => OwnSettings;
  readonly screenReader: () => boolean;
  /** Where keys are read, or undefined where there is no terminal, or under --no-input. */
  readonly terminal: () => TerminalStreams | undefined;
}

export type Output = ReturnType<typeof createOutput>;

export function createOutput(parts: OutputParts) {
  const { outside, globals, marks, warn, terminal, settings, screenReader } = parts;
  const { stdout } = outside;
  const style = lazy(() => styleFor(stdout, outside, globals));
  const print = (text: string): void => void stdout.write(safeText(`${text}\n`, style() !== plainStyle));
  return {
    /** Writes text and a line end to stdout, without control characters other than line ends and our own colours. */
    print,
    /** The same for long text: on a terminal that it does not fit, through the person's pager. */
    async page(text: string): Promise<void> {
      // A pager is left by a key, and --no-input says that nobody presses one.
      if (stdout.isTTY !== true || globals.noInput || screenReader()) return print(text);
      await page(safeText(text, style() !== plainStyle), {
        env: outside.env,
        pager: settings().pager,
        isTerminal: true,
        rows: stdout.rows,
        print,
        warn,
        holdInterrupts: outside.holdInterrupts,
      });
    },
    /**
     * Shows text on the alternate screen until a key, or for so many seconds, and leaves nothing of it. It is shown when
     * this returns; the promise is its end. Only where `hasScreen`.
     */
    glance: (text: string, seconds: number): Promise<void> =>
      showGlance(safeText(text, style() !== plainStyle), seconds, {
        write: (shown) => void stdout.write(shown),
        rows: stdout.rows,
        columns: stdout.columns ?? 80,
        keys: terminal()?.input,
        onInterrupt: outside.onInterrupt,
        quiet: style().quiet,
      }),
    hasScreen: stdout.isTTY === true && outside.env['TERM'] !== 'dumb',
    /** Writes one JSON document, with the run's marks (a fixed clock, a demonstration). */
    json: (document: { readonly schema: string; readonly [field: string]: unknown }): void =>
      print(escapeJson(JSON.stringify({ ...document, ...marks() }, null, 2))),
    isTerminal: stdout.isTTY === true,
    /** Plain lines, nothing drawn or redrawn. */
    get screenReader(): boolean {
      return screenReader();
    },
    /** Width to lay out for: the terminal's, within 40 to 200, or 80 without one. */
    get columns(): number {
      // Columns that wrap within a line are read out mixed up.
      if (screenReader()) return widest;
      return stdout.isTTY ? Math.min(widest, Math.max(narrowest, stdout.columns ?? 80)) : 80;
    },
    get style(): TextStyle {
      return style();
    },
  };
}

export type Notices = Omit<ReturnType<typeof createNotices>, 'tellHeld'>;

/** Under --json they wait for the end: an error is then all there is on stderr. */
export function createNotices(outside: Outside, globals: Globals) {
  const style = lazy(() => styleFor(outside.stderr, outside, globals));
  const { stderr } = outside;
  const tell = (text: string): void => {
    const fitting = stderr.isTTY ? fitToScreen(text, stderr.columns ?? 80) : text;
    stderr.write(`${safeText(fitting, style() !== plainStyle)}\n`);
  };
  const held: string[] = [];
  const warn = (text: string): void => (globals.json ? void held.push(text) : tell(text));
  return {
    tellHeld: (): void => held.splice(0).forEach(tell),
    /** One line for the person on stderr; silent under --quiet. */
    say: (text: string): void => (globals.quiet ? undefined : warn(text)),
    /** The same, but also under --quiet. */
    warn,
    get style(): TextStyle {
      return style();
    },
  };
}

/** All of a stream; what keeps it from being read is told as a slip of whoever gave it. */
async function* partsOf(stream: AsyncIterable<unknown>): AsyncIterable<unknown> {
  try {
    yield* stream;
  } catch (error) {
    throw usage(`standard input can't be read (${errorCode(error)})`, 'give a file or a pipe');
  }
}

export type StandardInput = ReturnType<typeof createStandardInput>;

export function createStandardInput(outside: Pick<Outside, 'stdin'>) {
  async function* readChunks(limit: number): AsyncIterable<Buffer> {
    let size = 0;
    for await (const part of partsOf(outside.stdin)) {
      const bytes = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
      size += bytes.length;
      if (size > limit) throw usage('standard input is too long', `at most ${limit} bytes are read`);
      yield bytes;
    }
  }
  return {
    get isTerminal(): boolean {
      return outside.stdin.isTTY === true;
    },
    /** All of standard input as it comes. @throws usage above the limit in bytes */
    readChunks,
    /** All of it as UTF-8. @throws usage also where it is not */
    async readText(limit: number): Promise<string> {
      const parts: Buffer[] = [];
      for await (const part of readChunks(limit)) parts.push(part);
      try {
        return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
      } catch {
        throw usage('standard input is not UTF-8 text', 'convert it first: iconv -t UTF-8');
      }
    },
  };
}
