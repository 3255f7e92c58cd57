/**
 * Keys for one question at a time. A question gets what is typed up to its Enter; what was pasted or typed ahead
 * beyond it waits for the next one, instead of being dropped with the question that is done.
 */
import { PassThrough, type Readable } from 'node:stream';

export interface KeySource extends Readable {
  setRawMode?(raw: boolean): unknown;
}

/** What a question reads from: a stream that can be set to raw mode. */
export type QuestionInput = PassThrough & { setRawMode(raw: boolean): void };

export interface OpenKeys {
  readonly input: QuestionInput;
  /** Ends this question's turn; what it did not take stays. */
  done(): void;
}

const enter = 0x0d;
const lineFeed = 0x0a;
// A suspended readline never reads again, so Ctrl-Z is left out while a question stands.
const suspend = 0x1a;

/** Splits bytes behind each Enter; a line feed behind it belongs to it. */
function* untilEnter(bytes: Buffer): Generator<Buffer> {
  let start = 0;
  for (let place = 0; place < bytes.length; place += 1) {
    if (bytes[place] !== enter && bytes[place] !== lineFeed) continue;
    yield Buffer.concat([bytes.subarray(start, place), Buffer.of(enter)]);
    if (bytes[place] === enter && bytes[place + 1] === lineFeed) place += 1;
    start = place + 1;
  }
  if (start < bytes.length) yield bytes.subarray(start);
}

/** The keys of one terminal. */
export class Keys {
  readonly #source: KeySource;
  #waiting: Buffer[] = [];

  constructor(source: KeySource) {
    this.#source = source;
  }

  /** Drops what waits: for questions that nobody can have answered before reading them. */
  forget(): void {
    this.#waiting = [];
  }

  /**
   * Opens the keys for one question.
   * @param prefill text that stands there as if it had been typed
   * @param onEnd called when the question's line is closed (Ctrl-D) or the terminal goes away
   */
  open(prefill: string, onEnd: () => void): OpenKeys {
    const source = this.#source;
    let isOpen = true;
    let isFeeding = false;
    const input: QuestionInput = Object.assign(new PassThrough(), {
      setRawMode: (raw: boolean) => {
        source.setRawMode?.(raw);
        // Readline leaves raw mode only when it closes: answered, or ended by Ctrl-D.
        if (!raw) onEnd();
      },
    });
    const feed = (): void => {
      const next = isOpen ? this.#waiting.shift() : undefined;
      isFeeding = next !== undefined;
      if (next === undefined) return;
      input.write(next);
      // An answer is settled within microtasks of its Enter: by then it is known whose the next key is.
      setImmediate(feed);
    };
    const take = (chunk: Buffer): void => {
      this.#waiting.push(...untilEnter(chunk.filter((byte) => byte !== suspend) as Buffer));
      if (!isFeeding) feed();
    };
    source.on('data', take).on('end', onEnd).on('close', onEnd).on('error', onEnd);
    source.resume();
    // Readline listens only after this call has returned.
    setImmediate(() => {
      if (prefill !== '') input.write(prefill);
      if (!isFeeding) feed();
    });
    return {
      input,
      done: () => {
        isOpen = false;
        source.off('data', take).off('end', onEnd).off('close', onEnd).off('error', onEnd);
        source.pause();
      },
    };
  }
}
