/** Results, notices and standard input, with colour and width decided once. */
import { lazy } from '../dates/words.ts';
import type { OwnSettings } from '../domain/settings.ts';
import { escapeJson, printableLines } from '../domain/text.ts';
import { ChangedMeanwhile, errorCode, Failure, usage } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { Questions } from '../terminal/questions.ts';
import { colouredStyle, fitToScreen, plainStyle, safeText, type TextStyle } from '../terminal/styles.ts';
import type { Globals, OutStream, Outside, TerminalStreams } from './process.ts';

/** A flag beats FORCE_COLOR, which beats NO_COLOR, which beats what the stream is. */
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
  readonly marks: () => Readonly<Record<string, unknown>>;
  readonly warn: (text: string) => void;
  readonly settings: () => OwnSettings;
  readonly screenReader: () => boolean;
  readonly terminal: () => TerminalStreams | undefined;
}

export type Output = ReturnType<typeof createOutput>;

export function createOutput(parts: OutputParts) {
  const { outside, globals, marks, warn, terminal, settings, screenReader } = parts;
  const { stdout } = outside;
  const style = lazy(() => styleFor(stdout, outside, globals));
  const print = (text: string): void => void stdout.write(safeText(`${text}\n`, style() !== plainStyle));
  return {
    /** Removes control characters but line ends and our own colours. */
    print,
    async page(text: string): Promise<void> {
      // A pager needs a key, and --no-input says that nobody presses one.
      if (stdout.isTTY !== true || globals.noInput || screenReader()) return print(text);
      const { page } = await import('../terminal/alternate-screen.ts');
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
    /** Shows text on the alternate screen until a key, or for so many seconds. Only where `hasScreen`. */
    async glance(text: string, seconds: number): Promise<void> {
      const { showGlance } = await import('../terminal/alternate-screen.ts');
      await showGlance(safeText(text, style() !== plainStyle), seconds, {
        write: (shown) => void stdout.write(shown),
        rows: stdout.rows,
        columns: stdout.columns ?? 80,
        keys: terminal()?.input,
        onInterrupt: outside.onInterrupt,
        quiet: style().quiet,
      });
    },
    hasScreen: stdout.isTTY === true && outside.env['TERM'] !== 'dumb',
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
export function createNotices(outside: Outside, globals: Globals) {
  const style = lazy(() => styleFor(outside.stderr, outside, globals));
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
    get style(): TextStyle {
      return style();
    },
  };
}

/** A stream that cannot be read is the caller's mistake. */
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
    /** @throws usage above the limit in bytes */
    readChunks,
    /** @throws usage above the limit, or where it is not UTF-8 */
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
    questions: {
      get possible() {
        return questions.possible;
      },
      text: async (question, options) => remember(await questions.text(question, options), options?.prefill),
      secret: questions.secret,
      confirm: questions.confirm,
      choose: questions.choose,
      tell: questions.tell,
    } satisfies Questions,
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
      if (error instanceof Failure && error.exit === 'cancelled') return;
      const lines = [
        ...(error instanceof ChangedMeanwhile ? error.now : []),
        ...(typed.length > 0
          ? ['You typed:', ...typed.flatMap(printableLines).map((line) => `  ${line}`)]
          : []),
      ];
      if (lines.length > 0 && questions.possible) questions.tell(lines.join('\n'));
    },
  };
}
