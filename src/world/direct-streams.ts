/**
 * Files and pipes read and written by descriptor, since Node's streams take a tenth of a start to load. A reader that
 * has seen enough closes its pipe: no fault of anybody's, and what is left to say is not said.
 */
import { fstatSync, readSync, writeSync } from 'node:fs';
import { usage } from '../errors.ts';
import { errorCode } from '../vault/files.ts';
import type { OutStream } from './outside.ts';

export interface DirectParts {
  readonly descriptor: number;
  /** Node's stream of the same descriptor: waits where the other end takes no more for now. */
  readonly stream: () => OutStream;
  /** Tells, once, why a result could not be written. */
  readonly onFailure: (code: string | undefined) => void;
}

/** Whether the descriptor is a file, a pipe or a socket: nothing with columns, or keys. */
export function isPlain(descriptor: number): boolean {
  try {
    return !fstatSync(descriptor).isCharacterDevice();
  } catch {
    return false;
  }
}

export function directOutput({ descriptor, stream, onFailure }: DirectParts): OutStream {
  let waiting: OutStream | undefined;
  let isClosed = false;
  return {
    write(text) {
      if (waiting !== undefined) return waiting.write(text);
      let bytes: Uint8Array = Buffer.from(text);
      while (bytes.length > 0 && !isClosed)
        try {
          bytes = bytes.subarray(writeSync(descriptor, bytes));
        } catch (error) {
          const code = errorCode(error);
          if (code === 'EAGAIN') {
            waiting = stream();
            return waiting.write(bytes);
          }
          isClosed = true;
          if (code !== 'EPIPE') onFailure(code);
        }
      return true;
    },
  };
}

const pieceLength = 65_536;

/**
 * All there is to read, as it comes, however long that takes.
 * @param stream Node's stream of the same descriptor: goes on where somebody else made it one that does not wait
 */
export async function* directInput(
  descriptor: number,
  stream: () => AsyncIterable<unknown>,
): AsyncIterable<unknown> {
  for (;;) {
    const piece = Buffer.allocUnsafe(pieceLength);
    let length: number;
    try {
      length = readSync(descriptor, piece);
    } catch (error) {
      const code = errorCode(error);
      if (code !== 'EAGAIN') throw usage(`standard input can't be read (${code})`, 'give a file or a pipe');
      yield* stream();
      return;
    }
    if (length === 0) return;
    yield piece.subarray(0, length);
  }
}
