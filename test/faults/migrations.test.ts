/** Faults 1 and 2 in a migration, by a build of the program that has one step more than was released. */
import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { newestSchema } from '../../src/store/migrations.ts';
import { openKeyed } from '../../src/vault/open.ts';
import { unlock } from '../vault/making.ts';
import {
  copyOf,
  expectRefusal,
  makeTemplate,
  type Picture,
  type Place,
  passphrase,
  pictureOf,
  rapport,
} from './support/clinic.ts';
import { inTurns, samples, tally } from './support/counting.ts';
import { type Fault, faulted, injectionIsAbsent, traced } from './support/injection.ts';
import { killEverywhere } from './support/killing.ts';

const counts = tally(
  (of) =>
    `migrations: ${of('kills')} kills, ${of('faults')} refusals of a full or failing disk, ${of('together')} at once; ` +
    `${of('whole')} vaults whole, each with its copy of before`,
);
const absent = injectionIsAbsent();
const why = absent === undefined ? '' : ` (${absent})`;
const script = inject('later');
const argv = ['notes', 'malu'];
/** What the released program writes, and what that build does. */
const [older, newer] = [newestSchema, newestSchema + 1];
const copyName = `vault.db.schema-${older}`;
const own = ['vault.db', 'vault.keys', 'vault.keys.copy'];

let template: Place;
let before: Picture;
beforeAll(async () => {
  template = await makeTemplate();
  before = await pictureOf(template);
});

interface Seen {
  readonly schema: number;
  readonly notes: readonly unknown[];
  /** What the migration made; undefined before it. */
  readonly second: number | undefined;
}

async function look({ folder }: Place, name = 'vault.db'): Promise<Seen> {
  const unlocked = await unlock(folder, passphrase);
  if (unlocked === undefined) throw new Error('it does not open');
  const database = openKeyed(join(folder, name), unlocked.keys.page);
  try {
    expect(database.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    const schema = Number(database.pragma('user_version', { simple: true }));
    const column = (text: string): readonly unknown[] => database.prepare(text).pluck().all();
    return {
      schema,
      notes: column('SELECT text FROM note ORDER BY 1'),
      second: schema === newer ? Number(column('SELECT count(*) FROM second')[0]) : undefined,
    };
  } finally {
    database.close();
  }
}

/** The next run brings it to its end: all is there, and the copy of before beside it. */
async function expectMigrated(place: Place): Promise<void> {
  const { code, stderr, stdout } = await rapport(place, argv, { script });
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('malu tells story 7');
  const notes = before.records['note'] ?? [];
  expect(await look(place)).toEqual({ schema: newer, notes, second: notes.length });
  expect(await look(place, copyName)).toEqual({ schema: older, notes, second: undefined });
  expect(lstatSync(join(place.folder, copyName)).mode & 0o777).toBe(0o600);
  const others = readdirSync(place.folder).filter((name) => ![...own, copyName].includes(name));
  expect(others.filter((name) => name !== 'vault.db-journal.aside')).toEqual([]);
}

describe('an older vault', () => {
  it('is copied and migrated, which is said once; the released program leaves it alone then', async () => {
    const place = copyOf(template);
    const first = await rapport(place, argv, { script });
    expect(first.stderr).toBe(
      `rapport: an older vault (schema ${older}): it is copied before it is brought to schema ${newer}\n` +
        `rapport: the copy is ${copyName}; the next backup removes it\n`,
    );
    expect((await rapport(place, argv, { script })).stderr).toBe('');
    await expectMigrated(place);
    expectRefusal(await rapport(place, argv), { code: 9, says: /newer rapport/ });
    expect((await rapport(place, ['doctor'], { script })).code).toBe(0);
    const backup = await rapport(place, ['backup', 'b'], { script });
    expect([backup.code, backup.stderr]).toEqual([
      0,
      expect.stringContaining(`${copyName}, kept from before`),
    ]);
    expect(existsSync(join(place.folder, copyName))).toBe(false);
  });

  it('keeps its copy where a backup is the first to migrate it', async () => {
    const place = copyOf(template);
    expect((await rapport(place, ['backup', 'b'], { script })).code).toBe(0);
    expect((await look(place)).schema).toBe(newer);
    expect((await look(place, copyName)).schema).toBe(older);
  });

  it('comes back from its backup in a program that migrates it', async () => {
    const place = copyOf(template);
    expect((await rapport(place, ['backup', 'b'])).code).toBe(0);
    expect((await rapport(place, ['restore', 'b', '--yes'], { script })).code).toBe(0);
    expect((await look(place)).schema).toBe(newer);
  });

  it('is migrated by one of several that come at once', async () => {
    for (let round = 0; round < 3; round += 1) {
      const place = copyOf(template);
      const all = await Promise.all(Array.from({ length: 4 }, () => rapport(place, argv, { script })));
      expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
      counts.add('together', all.length);
      await expectMigrated(place);
      counts.add('whole');
    }
  });
});

describe.skipIf(absent !== undefined)(`a migration${why}`, () => {
  const injection = () => ({ argv, script });

  it('killed at any step is done by the next run, on all that was there', async () => {
    await killEverywhere({
      template,
      injection,
      mostWrites: 40,
      tally: counts,
      look: async (place) => {
        if ((await look(place)).schema === older)
          expect((await pictureOf(copyOf(place))).records).toEqual(before.records);
        await expectMigrated(place);
      },
    });
  });

  it('that finds no room, or a failing disk, leaves the vault as it was', async () => {
    const { steps } = await traced(copyOf(template), injection());
    const places = steps.flatMap((step, index) =>
      /^(write|make|sync|rename) \/vault\//.test(step) ? [index + 1] : [],
    );
    const wanted = samples(Math.min(24, places.length));
    const faults: readonly Fault[] = ['ENOSPC', 'EIO', 'EROFS'];
    const moments = Array.from({ length: wanted }, (_, index) => ({
      at: places[Math.floor((index * places.length) / wanted)] ?? 1,
      does: faults[index % faults.length] ?? 'ENOSPC',
    }));
    await inTurns(moments, 2, async (moment) => {
      const place = copyOf(template);
      const result = await faulted(place, injection(), moment);
      const where = `${moment.does} at ${steps[moment.at - 1]}: ${result.stderr}`;
      counts.add('faults');
      const { schema } = await look(place);
      // The log's row alone may be missing: what was asked for is shown.
      if (result.code === 0) expect(schema, where).toBe(newer);
      else {
        const told = result.stderr.slice(result.stderr.lastIndexOf('rapport: '));
        expectRefusal({ ...result, stderr: told }, { code: 1, withoutHint: true });
        expect(result.stderr, where).not.toContain('fault in rapport');
      }
      if (schema === older) expect((await pictureOf(copyOf(place))).records, where).toEqual(before.records);
      await expectMigrated(place);
      counts.add('whole');
      place.remove();
    });
  });
});
