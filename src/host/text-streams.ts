/**
 * The text streams as commands see them: results, notices and standard input, with colour and width decided once.
 */

import type { Globals, Notices, Output, StandardInput } from '../context.ts';
import { lazy } from '../dates/vocabulary.ts';
import type { OwnSettings } from '../domain/settings.ts';
import { escapeJson } from '../domain/text.ts';
import { usage } from '../errors.ts';
import { page, showGlance } from '../terminal/alternate-screen.ts';
import { colouredStyle, fitToScreen, plainStyle, safeText, type TextStyle } from '../terminal/styles.ts';
import type { OutStream, Outside, TerminalStreams } from './process.ts';

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

export function createOutput(parts: OutputParts): Output {
  const { outside, globals, marks, warn, terminal, settings, screenReader } = parts;
  const { stdout } = outside;
  const style = lazy(() => styleFor(stdout, outside, globals));
  const print = (text: string): void => void stdout.write(safeText(`${text}\n`, style() !== plainStyle));
  return {
    print,
    async page(text) {
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
    glance: (text, seconds) =>
      showGlance(safeText(text, style() !== plainStyle), seconds, {
        write: (shown) => void stdout.write(shown),
        rows: stdout.rows,
        columns: stdout.columns ?? 80,
        keys: terminal()?.input,
        onInterrupt: outside.onInterrupt,
        quiet: style().quiet,
      }),
    hasScreen: stdout.isTTY === true && outside.env['TERM'] !== 'dumb',
    json: (document) => print(escapeJson(JSON.stringify({ ...document, ...marks() }, null, 2))),
    isTerminal: stdout.isTTY === true,
    get screenReader() {
      return screenReader();
    },
    get columns() {
      // Columns that wrap within a line are read out mixed up.
      if (screenReader()) return widest;
      return stdout.isTTY ? Math.min(widest, Math.max(narrowest, stdout.columns ?? 80)) : 80;
    },
    get style() {
      return style();
    },
  };
}

/** Under --json they wait for the end: an error is then all there is on stderr. */
export function createNotices(
  outside: Outside,
  globals: Globals,
): Notices & { readonly tellHeld: () => void } {
  const style = lazy(() => styleFor(outside.stderr, outside, globals));
  const { stderr } = outside;
  const tell = (text: string): void => {
    const fitting = stderr.isTTY ? fitToScreen(text, stderr.columns ?? 80) : text;
    stderr.write(`${safeText(fitting, style() !== plainStyle)}\n`);
  };
  const held: string[] = [];
  const warn = (text: string): void => (globals.json ? void held.push(text) : tell(text));
  return {
    tellHeld: () => held.splice(0).forEach(tell),
    say: (text) => (globals.quiet ? undefined : warn(text)),
    warn,
    get style() {
      return style();
    },
  };
}

/** All of a stream; what keeps it from being read is told as a slip of whoever gave it. */
async function* partsOf(stream: AsyncIterable<unknown>): AsyncIterable<unknown> {
  try {
    yield* stream;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    throw usage(`standard input can't be read (${code})`, 'give a file or a pipe');
  }
}

export function createStandardInput(outside: Pick<Outside, 'stdin'>): StandardInput {
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
    get isTerminal() {
      return outside.stdin.isTTY === true;
    },
    readChunks,
    async readText(limit) {
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
