/**
 * The quick way to keys: beside its socket the agent has a FIFO for a vault, and writes the keys into it when somebody
 * opens it. A socket takes Node's `net` and streams, whose loading is a tenth of a start; a FIFO takes a read. Wherever it
 * gives nothing (no agent, an older one, two readers at once), the socket is asked.
 */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../vault/files.ts';
import { wipe } from '../vault/secrets.ts';
import { type AgentPlace, isPrivateFolder } from './place.ts';
import { type KeysName, keysLength, MessageReader, readOffer } from './protocol.ts';

/** Milliseconds for the agent to write once the FIFO is open. */
const longestWait = 200;
const step = 0.2;
/** What POSIX promises to be written and read in one piece, in bytes. */
export const mostOffer = 512;

export const pipePath = ({ folder }: AgentPlace, vault: string): string => join(folder, `${vault}.keys`);

export const isOwnPipe = (about: Stats, { uid }: AgentPlace): boolean =>
  about.isFIFO() && about.uid === uid && (about.mode & 0o077) === 0;

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, step);
}

/** One message, or undefined where nobody writes: nobody has it open at the other end, or not for long enough. */
function readOnce(descriptor: number, bytes: Buffer): number | undefined {
  for (let waited = 0; waited < longestWait; waited += step)
    try {
      return readSync(descriptor, bytes);
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN') throw error;
      pause();
    }
  return undefined;
}

/**
 * The keys of that name, as `packKeys` joins them; undefined where the socket has to be asked.
 * @param meanwhile done while the agent writes
 */
export function takeKeys(
  place: AgentPlace,
  { vault, generation }: KeysName,
  meanwhile: () => void = () => undefined,
): Buffer | undefined {
  if (!isPrivateFolder(place)) return undefined;
  const bytes = Buffer.alloc(mostOffer);
  let descriptor: number | undefined;
  try {
    const how = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
    descriptor = openSync(pipePath(place, vault), how);
    if (!isOwnPipe(fstatSync(descriptor), place)) return undefined;
    meanwhile();
    const length = readOnce(descriptor, bytes);
    const offer = length && new MessageReader(readOffer, () => true).push(bytes.subarray(0, length));
    if (typeof offer !== 'object') return undefined;
    const { header, body } = offer;
    if (header.vault === vault && header.generation === generation && body.length === keysLength) return body;
    wipe(body);
    return undefined;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  } finally {
    wipe(bytes);
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
