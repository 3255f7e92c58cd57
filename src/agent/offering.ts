/**
 * The agent's end of its FIFOs: each waits, in a thread of its own, until somebody opens it to read, gets one message
 * and is closed. Nothing stands in it while nobody reads. What is written was held at that moment.
 */
import { execFile } from 'node:child_process';
import { closeSync, constants, fstatSync, lstatSync, open, openSync, rmSync, writeSync } from 'node:fs';
import { wipe } from '../vault/secrets.ts';
import { isOwnPipe, pipePath } from './key-pipe.ts';
import type { AgentPlace } from './place.ts';

/** Each takes one of the four threads that Node has for files; other vaults go by the socket. */
const mostPipes = 3;
/** Milliseconds between two looks whether a reader has gone. */
const shortestPause = 1;
const longestPause = 1000;
/** Milliseconds. */
const longestEnd = 500;

/** The message for whoever reads now, to be wiped; undefined where the keys are not held any more. */
export type Offer = (vault: string) => Buffer | undefined;

const pause = (time: number): Promise<void> => new Promise((done) => setTimeout(done, time).unref());

const makePipe = (path: string): Promise<boolean> =>
  new Promise((done) => {
    execFile('mkfifo', ['-m', '600', path], (error) => done(error === null));
  });

/** An open that waits for a reader ends by one, if only by this. @returns it, to be closed */
function removePipe(path: string): number | undefined {
  let reader: number | undefined;
  try {
    reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch {
    // There is none, or it is none.
  }
  rmSync(path, { force: true });
  return reader;
}

function closeReader(reader: number | undefined): void {
  if (reader !== undefined) closeSync(reader);
}

class KeyPipe {
  readonly #place: AgentPlace;
  readonly #vault: string;
  readonly #path: string;
  readonly #offer: Offer;
  #identity: number | undefined;
  #isOver = false;
  readonly #served: Promise<void>;

  /** @param before when the FIFO of the same vault before it is gone */
  constructor(place: AgentPlace, vault: string, offer: Offer, before: Promise<void> | undefined) {
    this.#place = place;
    this.#vault = vault;
    this.#path = pipePath(place, vault);
    this.#offer = offer;
    this.#served = this.#serve(before).catch(() => undefined);
  }

  async #serve(before: Promise<void> | undefined): Promise<void> {
    await before;
    if (this.#isOver) return;
    // What a killed agent left, or one whose place this is no longer.
    closeReader(removePipe(this.#path));
    if (!(await makePipe(this.#path))) return;
    this.#identity = this.#look();
    if (this.#isOver) closeReader(this.#remove());
    while (!this.#isOver && this.#identity !== undefined) {
      const descriptor = await this.#waitForReader();
      if (descriptor === undefined) return;
      try {
        if (!this.#isOver) this.#write();
      } finally {
        closeSync(descriptor);
      }
      await this.#seeReaderOff();
    }
  }

  #remove(): number | undefined {
    return this.#identity !== undefined && this.#look() === this.#identity
      ? removePipe(this.#path)
      : undefined;
  }

  #look(): number | undefined {
    const about = lstatSync(this.#path, { throwIfNoEntry: false });
    return about !== undefined && isOwnPipe(about, this.#place) ? about.ino : undefined;
  }

  #isOwn(descriptor: number): boolean {
    const about = fstatSync(descriptor);
    return isOwnPipe(about, this.#place) && about.ino === this.#identity;
  }

  #waitForReader(): Promise<number | undefined> {
    const how = constants.O_WRONLY | constants.O_NOFOLLOW;
    return new Promise((done) => {
      open(this.#path, how, (error, descriptor) => done(error === null ? descriptor : undefined));
    });
  }

  /** By a descriptor that does not wait: somebody may have filled the FIFO. */
  #write(): void {
    let message: Buffer | undefined;
    let descriptor: number | undefined;
    try {
      descriptor = openSync(this.#path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
      message = this.#isOwn(descriptor) ? this.#offer(this.#vault) : undefined;
      if (message !== undefined) writeSync(descriptor, message);
    } catch {
      // The reader has gone, or there is no room.
    } finally {
      wipe(message);
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  /** One message a reader: one that stays gets no second, however long it stays. */
  async #seeReaderOff(): Promise<void> {
    for (let time = shortestPause; !this.#isOver; time = Math.min(2 * time, longestPause)) {
      await pause(time);
      try {
        closeSync(openSync(this.#path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW));
      } catch {
        return;
      }
    }
  }

  /** Its thread is free again, but where its name is another file's now: only the end of the process ends that. */
  close(): Promise<void> {
    this.#isOver = true;
    const reader = this.#remove();
    return this.#served.then(() => closeReader(reader));
  }
}

export class KeyPipes {
  readonly #place: AgentPlace;
  readonly #offer: Offer;
  readonly #pipes = new Map<string, KeyPipe>();
  readonly #closing = new Map<string, Promise<void>>();

  constructor(place: AgentPlace, offer: Offer) {
    this.#place = place;
    this.#offer = offer;
  }

  /** Has a FIFO for the first of these vaults, and none for others. */
  follow(vaults: readonly string[]): void {
    for (const [vault, pipe] of this.#pipes)
      if (!vaults.includes(vault)) {
        this.#pipes.delete(vault);
        this.#closing.set(vault, pipe.close());
      }
    for (const vault of vaults)
      if (this.#pipes.size < mostPipes && !this.#pipes.has(vault))
        this.#pipes.set(vault, new KeyPipe(this.#place, vault, this.#offer, this.#closing.get(vault)));
  }

  /** Takes all of them away. Waits a moment for those that are being made, not for what only the process's end ends. */
  async close(): Promise<void> {
    this.follow([]);
    const longEnough = new Promise((done) => setTimeout(done, longestEnd));
    await Promise.race([Promise.all(this.#closing.values()), longEnough]);
  }
}
