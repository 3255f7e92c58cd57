/** Output by descriptor: all of it arrives in order, and what takes no more for now is waited for. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { directOutput, isPlain } from '../../src/world/direct-streams.ts';

const folder = mkdtempSync(join(tmpdir(), 'rapport-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const never = (): never => {
  throw new Error('not needed here');
};
const long = 'Œuvre 東京 🕊 '.repeat(50_000);

describe('direct output', () => {
  it('writes text of any script and length to a file', () => {
    const file = join(folder, 'out');
    const descriptor = openSync(file, 'w');
    expect(isPlain(descriptor)).toBe(true);
    const output = directOutput({ descriptor, stream: never, onFailure: never });
    output.write('first\n');
    output.write(long);
    closeSync(descriptor);
    expect(readFileSync(file, 'utf8')).toBe(`first\n${long}`);
  });

  it('tells once what keeps it from writing, and says no more', () => {
    const descriptor = openSync('/dev/full', 'w');
    const told: (string | undefined)[] = [];
    const output = directOutput({ descriptor, stream: never, onFailure: (code) => told.push(code) });
    output.write('one');
    output.write('two');
    closeSync(descriptor);
    expect(told).toEqual(['ENOSPC']);
  });

  it('hands the rest to the stream where a pipe is full and never waits', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reading = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    const descriptor = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    const rest: Buffer[] = [];
    const stream = { write: (text: string | Uint8Array) => rest.push(Buffer.from(text)) };
    const output = directOutput({ descriptor, stream: () => stream, onFailure: never });
    output.write(long);
    output.write('last');
    const inPipe = Buffer.alloc(2 * Buffer.byteLength(long));
    const length = readSync(reading, inPipe);
    closeSync(reading);
    closeSync(descriptor);
    expect(length).toBeGreaterThan(0);
    expect(Buffer.concat([inPipe.subarray(0, length), ...rest]).toString('utf8')).toBe(`${long}last`);
  });
});
