/** Reads one line off a stream and leaves the rest to whoever reads it next. */
import type { Readable } from 'node:stream';
import { Failure } from '../errors.ts';

/**
 * The bytes up to the first line end, or up to the end of the stream.
 * @throws locked above the limit in bytes, or where the stream fails
 */
export function readFirstLine(stream: Readable, limit: number, from: string): Promise<Buffer> {
  return new Promise((done, refuse) => {
    const parts: Buffer[] = [];
    const hint = 'mend that, or leave it out to be asked';
    let length = 0;
    const settle = (finish: () => void): void => {
      stream.off('readable', onReadable);
      stream.off('end', onEnd);
      stream.off('error', onError);
      finish();
    };
    const onEnd = (): void => settle(() => done(Buffer.concat(parts)));
    const onError = (): void =>
      settle(() => refuse(new Failure('locked', `${from}: it cannot be read`, [hint])));
    const take = (bytes: Buffer): boolean => {
      const end = bytes.indexOf(0x0a);
      const line = end < 0 ? bytes : bytes.subarray(0, end);
      parts.push(line);
      length += line.length;
      if (length > limit) {
        settle(() => refuse(new Failure('locked', `${from}: it is longer than ${limit} bytes`, [hint])));
      } else if (end >= 0) {
        settle(() => {
          if (end + 1 < bytes.length) stream.unshift(bytes.subarray(end + 1));
          done(Buffer.concat(parts));
        });
      }
      return end < 0 && length <= limit;
    };
    const onReadable = (): void => {
      for (let wanted = true; wanted; ) {
        const chunk: unknown = stream.read();
        if (chunk === null) return;
        wanted = take(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)));
      }
    };
    if (stream.readableEnded) {
      done(Buffer.alloc(0));
      return;
    }
    stream.on('readable', onReadable);
    stream.on('end', onEnd);
    stream.on('error', onError);
  });
}
