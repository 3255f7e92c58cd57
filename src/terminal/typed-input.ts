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
  /** What is done when this process goes on after it was stopped: the question is to be seen again. */
  onResume(action: () => void): void;
}

/** Ctrl-Z and what follows it, where a shell can stop and wake this process. */
export interface JobControl {
  /** Stops what Ctrl-Z would stop. */
  suspend(): void;
  /** Calls back when this process goes on; returns what ends that. */
  onContinue(action: () => void): () => void;
  /** Calls back before this process ends by a polite kill or a closed terminal; returns what ends that. */
  onEnd(action: () => void): () => void;
}

const enter = 0x0d;
const lineFeed = 0x0a;
// Readline takes it for an end only on an empty line, and a prefilled one is not.
const endKey = 0x04;
// A suspended readline never reads again: it is not told of Ctrl-Z.
const suspendKey = 0x1a;
/** In milliseconds: without a shell that would wake it, a process is not stopped, and goes on by itself. */
const notStopped = 200;

/** Splits bytes behind each Enter, to which a line feed belongs, and around each Ctrl-D. */
function* untilEnter(bytes: Buffer): Generator<Buffer> {
  let start = 0;
  for (let place = 0; place < bytes.length; place += 1) {
    if (bytes[place] === endKey) {
      if (place > start) yield bytes.subarray(start, place);
      yield Buffer.of(endKey);
      start = place + 1;
    }
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
  readonly #jobs: JobControl | undefined;
  #waiting: Buffer[] = [];

  constructor(source: KeySource, jobs?: JobControl) {
    this.#source = source;
    this.#jobs = jobs;
  }

  /** Drops what waits: for questions that nobody can have answered before reading them. */
  forget(): void {
    this.#waiting = [];
  }

  /**
   * Opens the keys for one question.
   * @param prefill text that stands there as if it had been typed
   * @param leave called before this process ends while the question stands
   * @param onEnd called when the question's line is closed (Ctrl-D) or the terminal goes away
   */
  open(prefill: string, onEnd: () => void, leave: () => void): OpenKeys {
    const source = this.#source;
    let isOpen = true;
    let isFeeding = false;
    let isRaw = false;
    let again = (): void => undefined;
    const input: QuestionInput = Object.assign(new PassThrough(), {
      setRawMode: (raw: boolean) => {
        isRaw = raw;
        source.setRawMode?.(raw);
        // Readline leaves raw mode only when it closes: answered, or ended by Ctrl-D.
        if (!raw) onEnd();
      },
    });
    const feed = (): void => {
      const next = isOpen ? this.#waiting.shift() : undefined;
      isFeeding = next !== undefined;
      if (next === undefined) return;
      if (next[0] === endKey) onEnd();
      else input.write(next);
      // An answer is settled within microtasks of its Enter: by then it is known whose the next key is.
      setImmediate(feed);
    };
    let isSuspended = false;
    const resume = (): void => {
      isSuspended = false;
      if (!isOpen) return;
      // The shell has set the terminal its own way, and Node does not know.
      source.setRawMode?.(false);
      source.setRawMode?.(isRaw);
      again();
    };
    const suspend = (jobs: JobControl): void => {
      source.setRawMode?.(false);
      isSuspended = true;
      // After a true stop the signal that ends it comes before this: once is enough, for keys show while modes change.
      setTimeout(() => setImmediate(() => isSuspended && resume()), notStopped);
      jobs.suspend();
    };
    const take = (chunk: Buffer): void => {
      this.#waiting.push(...untilEnter(chunk.filter((byte) => byte !== suspendKey) as Buffer));
      if (!isFeeding) feed();
      const jobs = this.#jobs;
      // What was typed before it is taken first.
      if (jobs !== undefined && chunk.includes(suspendKey)) setImmediate(() => isOpen && suspend(jobs));
    };
    const releases = [
      this.#jobs?.onContinue(resume),
      this.#jobs?.onEnd(() => {
        source.setRawMode?.(false);
        leave();
      }),
    ];
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
        for (const release of releases) release?.();
        source.off('data', take).off('end', onEnd).off('close', onEnd).off('error', onEnd);
        source.pause();
      },
      onResume: (action) => {
        again = action;
      },
    };
  }
}
