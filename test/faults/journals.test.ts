/** Fault 5: the journal that an interrupted write left, flipped, cut, deleted, strayed or put back. */
import { existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  copyOf,
  makeTemplate,
  type Picture,
  type Place,
  pictureOf,
  rapport,
  runHere,
} from './support/clinic.ts';
import { samples, tally } from './support/counting.ts';
import { faulted, injectionIsAbsent, traced } from './support/injection.ts';
import { draw } from './support/sampling.ts';

const counts = tally(
  (of) =>
    `journals: ${of('journals')} harmed, ${of('whole')} whole all the same, before the write or after it, ${of('told')} told, ` +
    `${of('untold')} deleted ones beyond telling`,
);
const pageSize = 4096;
const injectionMissing = injectionIsAbsent();

let template: Place;
beforeAll(async () => {
  template = await makeTemplate();
});

const why = injectionMissing === undefined ? '' : ` (${injectionMissing})`;
describe.skipIf(injectionMissing !== undefined)(`a journal that a killed write left${why}`, () => {
  let before: Picture;
  let after: Picture;
  let half: Place;
  const journal = ({ folder }: Place): string => join(folder, 'vault.db-journal');
  const argv = ['note', 'malu', 'one more thing'];

  /** Killed at a write of the database, from the last. */
  async function killedAt(write: number): Promise<Place> {
    const { steps } = await traced(copyOf(template), { argv });
    const writes = steps.flatMap((step, index) => (step === 'write /vault/vault.db' ? [index + 1] : []));
    const place = copyOf(template);
    const at = writes.at(-1 - write) ?? 0;
    expect((await faulted(place, { argv }, { at, does: 'kill' })).code).toBe('SIGKILL');
    expect(existsSync(journal(place))).toBe(true);
    return place;
  }

  beforeAll(async () => {
    before = await pictureOf(template);
    const done = await makeTemplate();
    expect((await runHere(done, argv)).code).toBe(0);
    after = await pictureOf(done);
  });

  /** It holds what was there before the write, or all of it; or a command says that it is damaged; or doctor does; or nobody can. */
  async function look(place: Place, isGone = false): Promise<void> {
    counts.add('journals');
    const doctor = await runHere(place, ['doctor', '--json']);
    const { state } = JSON.parse(doctor.stdout);
    expect([0, 7, 9]).toContain(doctor.code);
    const read = await runHere(place, ['export', '--format', 'rapport']);
    expect([0, 7], read.stderr).toContain(read.code);
    const picture = await pictureOf(place).catch(() => undefined);
    const held = JSON.stringify(picture?.records);
    // Killed at its last write, all of its pages may be there: without a journal, that is what it saved.
    const isWhole = [before, after].some(({ records }) => JSON.stringify(records) === held);
    if (isWhole && state !== 'damaged') counts.add('whole');
    else if (state === 'damaged' || state === 'rolled_back' || read.code === 7) counts.add('told');
    else {
      // SQLite cannot tell: a whole page of another time is as authentic as the right one.
      expect(isGone, `${state}: ${doctor.stdout}`).toBe(true);
      counts.add('untold');
    }
  }

  it('is refused or undone when a byte of it is flipped', async () => {
    half = await killedAt(0);
    const whole = readFileSync(journal(half));
    const places = Array.from({ length: samples(150) }, (_, index) =>
      // All of the header, then anywhere.
      index < 28 ? index : Math.floor(draw() * whole.length),
    );
    for (const at of places) {
      const place = copyOf(half);
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(draw() * 8));
      writeFileSync(journal(place), flipped);
      await look(place);
      place.remove();
    }
  });

  it('cut short is refused or undone', async () => {
    half = await killedAt(0);
    const { size } = statSync(journal(half));
    for (const length of [0, 1, 27, 28, 512, 513, size - 1, size - pageSize, Math.floor(size / 2)]) {
      const place = copyOf(half);
      truncateSync(journal(place), length);
      await look(place, length === 0);
      place.remove();
    }
  });

  it('deleted leaves what doctor can say, at any write', async () => {
    for (let write = 0; write < samples(10); write += 1) {
      const place = await killedAt(write);
      rmSync(journal(place));
      await look(place, true);
    }
  });

  it('strayed from elsewhere changes nothing, or is told', async () => {
    half = await killedAt(0);
    const hot = readFileSync(journal(half));
    const strays: readonly Buffer[] = [
      Buffer.alloc(0),
      Buffer.from('not a journal'),
      Buffer.alloc(3 * pageSize, 9),
      Buffer.concat([hot.subarray(0, 512), Buffer.alloc(20_000, 5)]),
    ];
    for (const stray of strays) {
      const place = copyOf(template);
      writeFileSync(journal(place), stray, { mode: 0o600 });
      await look(place);
      const { code } = await runHere(place, ['note', 'malu', 'goes on']);
      expect([0, 7]).toContain(code);
    }
  });

  it('put back after its write was done again takes that write back, and is told', async () => {
    half = await killedAt(0);
    const hot = readFileSync(journal(half));
    const place = copyOf(half);
    expect((await runHere(place, argv)).code).toBe(0);
    writeFileSync(journal(place), hot, { mode: 0o600 });
    const read = await rapport(place, ['notes', 'malu']);
    expect([0, 7]).toContain(read.code);
    if (read.code === 0) expect(read.stderr).toMatch(/^rapport: an older copy of the vault was put back/);
    expect((await rapport(place, ['note', 'malu', 'goes on'])).code).toBe(read.code === 0 ? 9 : 7);
    counts.add('journals');
    counts.add('told');
  });
});
