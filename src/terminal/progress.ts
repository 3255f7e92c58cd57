/** A progress bar on stderr, redrawn when its percentage changes. Writes nothing without a terminal. */
export interface Progress {
  advance(done: number, whole: number): void;
  end(): void;
}

interface ProgressPlace {
  readonly stream: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly wanted: boolean;
  readonly screenReader?: boolean;
}

const silent: Progress = { advance: () => undefined, end: () => undefined };
const barWidth = 24;

const percentOf = (done: number, whole: number): number =>
  whole <= 0 ? 100 : Math.min(100, Math.floor((100 * done) / whole));

export function startProgress(label: string, { stream, wanted, screenReader }: ProgressPlace): Progress {
  if (!wanted || stream.isTTY !== true) return silent;
  let shown = -1;
  if (screenReader) {
    return {
      advance(done, whole) {
        const quarter = Math.floor(percentOf(done, whole) / 25) * 25;
        if (quarter > shown) stream.write(`${label}, ${quarter} %\n`);
        shown = Math.max(shown, quarter);
      },
      end: () => undefined,
    };
  }
  return {
    advance(done, whole) {
      const percent = percentOf(done, whole);
      if (percent === shown) return;
      shown = percent;
      const filled = Math.round((barWidth * percent) / 100);
      const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
      stream.write(`\r${`${label} ${bar} ${percent} %`.slice(0, (stream.columns ?? 80) - 1)}\u001b[K`);
    },
    end() {
      if (shown >= 0) stream.write('\r\u001b[K');
      shown = -1;
    },
  };
}
