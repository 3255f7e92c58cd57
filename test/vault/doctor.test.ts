/** The doctor finds what is wrong, says what to do, and is never content with a damaged vault. */

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { newNote } from '../../src/domain/records.ts';
import { examinePages } from '../../src/vault/doctor-files.ts';
import type { VaultDatabase } from '../../src/vault/open.ts';
import { copyFolder } from '../support/folders.ts';
import { day } from '../support/values.ts';
import { makePlace, makeVault, type RunOptions, type TestPlace } from '../support/vault.ts';
import { addPatient, inContext, patientNames } from './contexts.ts';
import { makeVault as makeBareVault, open as openVault } from './making.ts';

interface Report {
  readonly state: string;
  readonly checks: readonly {
    readonly id: string;
    readonly state: string;
    readonly finding: string;
    readonly advice: readonly string[];
  }[];
}

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
  await addPatient(place, 'Malu Razo');
});

const file = (name: string): string => join(place.folder, name);

async function examine(
  options: RunOptions = {},
  flags: readonly string[] = [],
): Promise<{ readonly code: number; readonly report: Report; found(id: string): string | undefined }> {
  const { code, stdout } = await place.run(['doctor', '--json', ...flags], options);
  const report: Report = JSON.parse(stdout);
  return {
    code,
    report,
    found: (id) => {
      const check = report.checks.find((one) => one.id === id);
      return check && `${check.state}: ${check.finding}`;
    },
  };
}

function flip(name: string, index: number): void {
  const bytes = readFileSync(file(name));
  bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index);
  writeFileSync(file(name), bytes);
}

const withDatabase = (work: (database: VaultDatabase) => void) =>
  inContext(place, async (ctx) => work((await ctx.vault.open()).database));

/** Many notes and their erasure: leaves free pages behind. */
const growAndShrink = () =>
  inContext(place, async (ctx) => {
    const store = await ctx.openStore();
    const [patient] = store.patients.all();
    const notes = Array.from({ length: 400 }, (_, index) =>
      newNote({
        patient_id: patient?.id ?? '',
        kind: 'story',
        text: `a long story about nothing in particular, the ${index}th of many `.repeat(8),
        recorded_on: day('2026-01-01'),
      }),
    );
    const ids = store.write({ verb: 'note' }, () => notes.map((note) => store.notes.insert(note).id)).value;
    const erasing = await store.erasing();
    store.write({ verb: 'retire', undoable: false }, () => {
      for (const id of ids) erasing.note(id);
    });
  });

describe('rapport doctor on a good vault', () => {
  it('prints a line a check, and that all is well', async () => {
    await place.run(['backup', 'b']);
    const { code, stdout, stderr } = await place.run(['doctor']);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toBe('The vault is well.');
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/^ok {8}\S/);
    expect(lines.length).toBeGreaterThan(11);
  });

  it('changes nothing', async () => {
    const before = readFileSync(file('vault.db'));
    await place.run(['doctor']);
    expect(readFileSync(file('vault.db'))).toEqual(before);
  });

  it('is content with free pages, once each of them is authentic', async () => {
    await growAndShrink();
    await withDatabase((database) => {
      expect(database.pragma('freelist_count', { simple: true })).toBeGreaterThan(20);
    });
    const { code, found } = await examine();
    expect(code).toBe(0);
    expect(found('pages')).toMatch(/^ok: each of the \d+ pages is authentic$/);
  });

  it('says how old the last backup is', async () => {
    expect((await examine()).found('backup')).toBe('warning: no backup was ever made');
    await place.run(['backup', 'b']);
    place.at('2026-03-20T12:00:00Z');
    expect((await examine()).found('backup')).toBe('ok: the last backup was made 8 days ago, on 2026-03-12');
    await place.run(['config', 'backup.remind', '1w']);
    const late = await examine();
    expect([late.code, late.found('backup')]).toEqual([
      0,
      'warning: the last backup was made 8 days ago, on 2026-03-12',
    ]);
  });

  it('needs a vault', async () => {
    const empty = makePlace();
    const { code, stderr } = await empty.run(['doctor']);
    expect([code, stderr]).toEqual([3, expect.stringContaining('no vault in')]);
    empty.remove();
  });
});

describe('rapport doctor without the key', () => {
  it('does what can be done, and says so', async () => {
    const { code, report, found } = await examine({ locked: true });
    expect([code, report.state]).toEqual([0, 'unchecked']);
    expect(found('key')).toMatch(/^unchecked: /);
    expect(found('keys')).toBe('ok: both key files are well-formed, generation 1');
    expect(found('pages')).toBeUndefined();
  });

  it('ends with the refusal of a wrong one', async () => {
    const { code, stdout, stderr } = await place.run(['doctor'], { env: { RAPPORT_PASSPHRASE: 'wrong' } });
    expect([code, stderr]).toEqual([5, expect.stringContaining('not the passphrase')]);
    expect(stdout).toContain('ok        vault.db is a whole');
  });

  it('still finds damage', async () => {
    truncateSync(file('vault.db'), 5000);
    const { code, found } = await examine({ locked: true });
    expect([code, found('file')]).toEqual([7, 'damaged: vault.db is no whole number of pages: 5000 bytes']);
  });
});

describe('damage to the database', () => {
  it('is found in a free page, which SQLite never looks at', async () => {
    await growAndShrink();
    const good = readFileSync(file('vault.db'));
    let unseen = 0;
    for (let page = 1; page < good.length / 4096 && unseen < 3; page += 1) {
      flip('vault.db', page * 4096 + 100);
      const { code, found } = await examine();
      expect(code).toBe(7);
      if (found('contents') === undefined && found('integrity')?.startsWith('ok')) unseen += 1;
      writeFileSync(file('vault.db'), good, { mode: 0o600 });
    }
    expect(unseen).toBe(3);
  });

  it('is found where two pages changed places, and where one was emptied', async () => {
    const good = readFileSync(file('vault.db'));
    const swapped = Buffer.from(good);
    good.copy(swapped, 8 * 4096, 9 * 4096, 10 * 4096);
    good.copy(swapped, 9 * 4096, 8 * 4096, 9 * 4096);
    writeFileSync(file('vault.db'), swapped);
    expect((await examine()).found('pages')).toMatch(/^damaged: 2 of \d+ pages are damaged: 9, 10$/);
    const emptied = Buffer.from(good);
    emptied.fill(0, 8 * 4096, 9 * 4096);
    writeFileSync(file('vault.db'), emptied);
    expect((await examine()).found('pages')).toMatch(/^damaged: 1 of \d+ pages is damaged: 9$/);
  });

  it.each([
    ['a byte', (length: number) => length - 1, 'file'],
    ['a page', (length: number) => length - 4096, 'opening'],
    ['all but a page', () => 4096, 'opening'],
    ['everything', () => 0, 'file'],
  ])('is found where it lost %s', async (_, length, id) => {
    truncateSync(file('vault.db'), length(readFileSync(file('vault.db')).length));
    const { code, found, report } = await examine();
    expect([code, report.state]).toEqual([7, 'damaged']);
    const states = report.checks.map((check) => `${check.id} ${check.state}`);
    expect(states.some((state) => /^(opening|size|integrity|file) damaged$/.test(state))).toBe(true);
    if (id === 'file') expect(found('file')).toMatch(/^damaged: /);
  });
});

describe('damage within', () => {
  it('is found in the log', async () => {
    await withDatabase((database) => database.exec("UPDATE log SET verb = 'due' WHERE sequence = 1"));
    const { code, found } = await examine();
    expect([code, found('log')]).toEqual([7, 'damaged: the log was altered, from its entry 1 on']);
  });

  it('is found in references', async () => {
    await withDatabase((database) => {
      database.pragma('foreign_keys = OFF');
      database.exec("UPDATE patient SET id = 'somebody'");
      database.exec(
        "INSERT INTO person (number, id, ref, patient_id, name, status) VALUES (900, 'p', 'ppppp', 'nobody', 'Ana', 'living')",
      );
    });
    const { code, found } = await examine();
    expect([code, found('references')]).toEqual([7, 'damaged: records refer to missing ones: 1 in person']);
  });

  it('is found in the index of words', async () => {
    await withDatabase((database) =>
      database.exec("INSERT INTO text_index (rowid, text, outcome) VALUES (12345, 'stray words', '')"),
    );
    const { code, found } = await examine();
    expect([code, found('index')]).toEqual([
      7,
      'damaged: the index of words is broken: search may miss records',
    ]);
  });
});

describe('damage to the key files', () => {
  it('is found in any byte of either copy', async () => {
    for (const name of ['vault.keys', 'vault.keys.copy']) {
      const good = readFileSync(file(name));
      for (let index = 0; index < good.length; index += 97) {
        flip(name, index);
        const { code, found } = await examine();
        expect(code).toBe(7);
        expect(found('keys')).toMatch(/^damaged/);
        writeFileSync(file(name), good, { mode: 0o600 });
      }
    }
    flip('vault.keys', 40);
    await patientNames(place);
    // As promised: opening the vault has mended it from the other copy.
    expect((await examine()).code).toBe(0);
  });

  it('is found where one is missing, or both are', async () => {
    rmSync(file('vault.keys.copy'));
    const one = await examine();
    expect([one.code, one.found('keys')]).toEqual([7, 'damaged: vault.keys.copy is missing']);
    rmSync(file('vault.keys'));
    const both = await examine();
    expect([both.code, both.found('keys')]).toEqual([
      7,
      'damaged: no whole key file: vault.keys is missing, vault.keys.copy is missing',
    ]);
  });

  it('is found where the keys are older than the database', async () => {
    const old = readFileSync(file('vault.keys'));
    await withDatabase((database) => database.exec("UPDATE meta SET value = '7' WHERE key = 'generation'"));
    const { code, found } = await examine();
    expect([code, found('opening')]).toEqual([7, 'damaged: the key files are older than the database']);
    expect(readFileSync(file('vault.keys'))).toEqual(old);
  });
});

describe('what lies about', () => {
  it('is told with what to do', async () => {
    writeFileSync(file('vault.keys.0123456789ab.tmp'), '', { mode: 0o600 });
    writeFileSync(file('vault (conflicted copy).db'), '', { mode: 0o600 });
    const staged = `${place.folder}.restored-0123456789ab-${'0'.repeat(32)}`;
    mkdirSync(staged);
    mkdirSync(`${place.folder}.restored`);
    const { code, found, report } = await examine();
    expect(code).toBe(0);
    expect(found('leftovers')).toBe(
      `warning: left by interrupted work: vault.keys.0123456789ab.tmp, ${basename(staged)}`,
    );
    expect(found('foreign')).toBe('warning: not of rapport: vault (conflicted copy).db');
    const advice = report.checks.find(({ id }) => id === 'leftovers')?.advice ?? [];
    expect(advice).toEqual([`when all else is well: rm -r ${file('vault.keys.0123456789ab.tmp')} ${staged}`]);
  });

  it('is told of a journal that nobody is behind', async () => {
    writeFileSync(file('vault.db-journal'), Buffer.alloc(512), { mode: 0o600 });
    const { code, found } = await examine();
    expect([code, found('journal')]).toEqual([0, expect.stringMatching(/^warning: a journal is there/)]);
  });
});

describe('looser modes', () => {
  it('stop other commands, not this one, which says what to do', async () => {
    chmodSync(file('vault.db'), 0o644);
    chmodSync(place.folder, 0o755);
    expect((await patientNames(place)).failure?.exit).toBe('conflict');
    const { code, found, report } = await examine();
    expect(code).toBe(0);
    expect(found('modes')).toBe(
      'warning: others can get at the vault: the folder (mode 0755), vault.db (mode 0644)',
    );
    const advice = report.checks.find(({ id }) => id === 'modes')?.advice ?? [];
    expect(advice).toEqual([`chmod 700 ${place.folder}`, `chmod 600 ${file('vault.db')}`]);
    expect(found('integrity')).toMatch(/^ok/);
    for (const line of advice) execFileSync('sh', ['-c', line]);
    expect((await examine()).found('modes')).toMatch(/^ok/);
  });
});

describe('the settings', () => {
  it("are looked at, the person's own and the old file in the folder", async () => {
    writeFileSync(file('config.json'), '{"idle":"3h","language":"Spanish"}', { mode: 0o644 });
    const loose = await examine();
    expect([loose.code, loose.found('modes')]).toEqual([
      0,
      'warning: others can get at the vault: config.json (mode 0644)',
    ]);
    chmodSync(file('config.json'), 0o600);
    expect((await examine()).found('settings')).toBe(
      "warning: config.json in the vault's folder has no say over idle",
    );
    for (const put of [
      () => execFileSync('mkfifo', ['-m', '600', file('config.json')]),
      () => mkdirSync(file('config.json')),
      () => symlinkSync(file('vault.keys'), file('config.json')),
    ]) {
      rmSync(file('config.json'), { recursive: true });
      put();
      // It says nothing any more, so that it stops nobody.
      expect((await place.run(['due'])).code).toBe(0);
      const { code, found } = await examine();
      expect([code, found('settings')]).toEqual([7, expect.stringMatching(/^damaged: config.json is /)]);
    }
    rmSync(file('config.json'));
    for (const [content, why] of [
      ['{', 'config.json is not JSON'],
      ['{"idle":"x"}', "'x' is not a length of time"],
    ] as const) {
      writeFileSync(place.ownSettings, content);
      const { code, found } = await examine();
      expect([code, found('settings')]).toEqual([0, `warning: the settings cannot be read: ${why}`]);
    }
  });
});

describe('an older copy that was put back', () => {
  beforeEach(async () => {
    const aside = join(place.root, 'aside');
    copyFolder(place.folder, aside);
    await addPatient(place, 'Ned Hintz');
    rmSync(place.folder, { recursive: true });
    renameSync(aside, place.folder);
  });

  it('is told, and not accepted by itself', async () => {
    for (let times = 0; times < 2; times += 1) {
      const { code, found, report } = await examine();
      expect([code, report.state]).toEqual([9, 'rolled_back']);
      expect(found('rollback')).toMatch(/^rolled_back: an older copy of the vault was put back/);
    }
    expect((await addPatient(place, 'Walt Beer')).failure?.exit).toBe('conflict');
  });

  it('is accepted when that is asked for, which the log keeps', async () => {
    const { code, found } = await examine({}, ['--accept-rollback']);
    expect([code, found('rollback')]).toEqual([0, expect.stringMatching(/^ok: accepted from now on/)]);
    const { stderr, failure } = await addPatient(place, 'Walt Beer');
    expect([stderr, failure]).toEqual(['', undefined]);
    const { value } = await inContext(place, async (ctx) =>
      (await ctx.openStore()).log.rows({ limit: 9 }).map(({ verb }) => verb),
    );
    expect(value?.slice(0, 2)).toEqual(['patient add', 'accept rollback']);
  });

  it('is not accepted while the vault is damaged', async () => {
    await withDatabase((database) => database.exec("UPDATE log SET verb = 'due' WHERE sequence = 1"));
    expect((await examine({}, ['--accept-rollback'])).code).toBe(7);
    expect((await addPatient(place, 'Walt Beer')).failure?.exit).toBe('conflict');
  });
});

describe('the pages', () => {
  it('are authentic under the vault’s own key alone', async () => {
    const vault = await makeBareVault();
    const database = openVault(vault);
    database.exec('CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(100000)); DELETE FROM t');
    database.close();
    const descriptor = openSync(join(vault.folder, 'vault.db'), 'r');
    const seen: number[] = [];
    const report = await examinePages(descriptor, vault.keys.page, (done) => seen.push(done));
    expect(report).toEqual({ pages: seen.at(-1), rest: 0, bad: [], badCount: 0 });
    const other = await examinePages(descriptor, Buffer.alloc(32), () => undefined);
    expect(other.badCount).toBe(report.pages);
    expect(other.bad).toHaveLength(10);
  });
});
