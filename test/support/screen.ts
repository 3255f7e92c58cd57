/** A terminal's screen kept in memory: bytes go in, the lines that a person would see come out. */
import headless from '@xterm/headless';

export class Screen {
  readonly #terminal: headless.Terminal;
  #watchers: (() => void)[] = [];

  constructor(columns = 80, rows = 24) {
    this.#terminal = new headless.Terminal({
      cols: columns,
      rows,
      scrollback: 1000,
      allowProposedApi: true,
      convertEol: true,
    });
  }

  write(bytes: string | Uint8Array): void {
    this.#terminal.write(bytes, () => {
      for (const watcher of [...this.#watchers]) watcher();
    });
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
  }

  /** All lines, scrolled ones too, without trailing blanks and blank lines at the end. */
  text(): string {
    const buffer = this.#terminal.buffer.active;
    const lines = Array.from(
      { length: buffer.length },
      (_, line) => buffer.getLine(line)?.translateToString(true) ?? '',
    );
    return lines.join('\n').trimEnd();
  }

  /** True while a program shows its own screen (a pager, an editor). */
  get isAlternate(): boolean {
    return this.#terminal.buffer.active.type === 'alternate';
  }

  /** Resolves when the screen's text satisfies the condition. @throws with the screen's text when it never does */
  async until(holds: (text: string) => boolean, what: string, milliseconds = 20_000): Promise<string> {
    return new Promise((resolve, reject) => {
      const finish = (act: () => void): void => {
        clearTimeout(timer);
        this.#watchers = this.#watchers.filter((watcher) => watcher !== look);
        act();
      };
      const look = (): void => {
        const text = this.text();
        if (holds(text)) finish(() => resolve(text));
      };
      const timer = setTimeout(
        () => finish(() => reject(new Error(`the screen never showed ${what}:\n${this.text()}`))),
        milliseconds,
      );
      this.#watchers.push(look);
      look();
    });
  }

  waitFor(text: string): Promise<string> {
    return this.until((shown) => shown.includes(text), `'${text}'`);
  }
}
