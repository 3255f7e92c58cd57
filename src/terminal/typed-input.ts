/** Raw terminal input, one question at a time. What was pasted or typed ahead waits for the next question. */
import { PassThrough, type Readable } from 'node:stream';

export interface KeySource extends Readable {
  setRawMode?(raw: boolean): unknown;
}

type QuestionInput = PassThrough & { setRawMode(raw: boolean): void };

export interface OpenKeys {
  readonly input: QuestionInput;
  done(): void;
  /** Called when the process continues after Ctrl-Z: redraw the question. */
  onResume(action: () => void): void;
}

/** Job control, where a shell can stop and continue this process. */
export interface JobControl {
  suspend(): void;
  onContinue(action: () => void): () => void;
  /** Ctrl-C, where the terminal edits the line itself. */
  onInterrupt(action: () => void): () => void;
  onEnd(action: () => void): () => void;
}

const enter = 0x0d;
const lineFeed = 0x0a;
// Readline takes Ctrl-D as the end only on an empty line; a prefilled one is not empty.
const endKey = 0x04;
// Readline never reads again after it suspends itself, so it never sees Ctrl-Z.
const suspendKey = 0x1a;
/** The terminal tells what is pasted from what is typed. */
export const bracketedPaste = { on: '\u001b[?2004h', off: '\u001b[?2004l' };
const pasteMarks = /(\u001b\[20[01]~)/;
/** Milliseconds. Without a shell the process is not stopped, and goes on by itself. */
const notStopped = 200;

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

interface Typed {
  readonly bytes: Buffer;
  readonly isPasted: boolean;
}

export class Keys {
  readonly #source: KeySource;
  readonly #jobs: JobControl | undefined;
  #waiting: Typed[] = [];
  /** What was pasted for the questions behind a choice. */
  #later: Typed[] = [];
  #isPasting = false;

  constructor(source: KeySource, jobs?: JobControl) {
    this.#source = source;
    this.#jobs = jobs;
  }

  /** @returns how many pasted lines are left out: none where they wait for the questions behind this one */
  forget(waits: boolean): number {
    const pasted = this.#waiting.filter(({ isPasted }) => isPasted);
    if (waits) this.#later.push(...pasted);
    this.#waiting = [];
    return waits ? 0 : pasted.filter(({ bytes }) => bytes.toString().trim() !== '').length;
  }

  #parts(chunk: Buffer): readonly Typed[] {
    // Byte by byte: a mark is ASCII, and letters of two bytes may be cut here.
    return chunk
      .toString('latin1')
      .split(pasteMarks)
      .flatMap((part) => {
        const isMark = pasteMarks.test(part);
        if (isMark) this.#isPasting = part.endsWith('0~');
        const bytes = isMark ? [] : [...untilEnter(Buffer.from(part, 'latin1'))];
        return bytes.map((one) => ({ bytes: one, isPasted: this.#isPasting }));
      });
  }

  /**
   * @param prefill text that stands there as if typed
   * @param pasted lines answer it, wait for the questions behind it, or are left out
   * @param onEnd called on Ctrl-D, or when the terminal closes
   * @param leave called before this process ends while the question is open
   */
  open(prefill: string, pasted: 'answer' | 'wait' | 'drop', onEnd: () => void, leave: () => void): OpenKeys {
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
      const { bytes, isPasted } = next;
      if (bytes[0] === endKey) onEnd();
      else if (pasted === 'answer' || !isPasted || bytes.at(-1) !== enter) input.write(bytes);
      else if (pasted === 'wait') this.#later.push(next);
      // An answer settles within microtasks of Enter; only then is it known who reads the next key.
      setImmediate(feed);
    };
    let isSuspended = false;
    const resume = (): void => {
      isSuspended = false;
      if (!isOpen) return;
      // The shell changed the terminal's mode without Node knowing: set it off and on.
      source.setRawMode?.(false);
      source.setRawMode?.(isRaw);
      again();
    };
    const suspend = (jobs: JobControl): void => {
      source.setRawMode?.(false);
      isSuspended = true;
      // After a real stop, SIGCONT comes first. Resume only once: keys echo while modes change.
      setTimeout(() => setImmediate(() => isSuspended && resume()), notStopped);
      jobs.suspend();
    };
    const take = (chunk: Buffer): void => {
      this.#waiting.push(...this.#parts(Buffer.from(chunk.filter((byte) => byte !== suspendKey))));
      if (!isFeeding) feed();
      const jobs = this.#jobs;
      if (jobs !== undefined && chunk.includes(suspendKey)) setImmediate(() => isOpen && suspend(jobs));
    };
    const releases = [
      this.#jobs?.onContinue(resume),
      this.#jobs?.onInterrupt(onEnd),
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
        this.#waiting.unshift(...this.#later.splice(0));
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
