/** Two machines of one clinician, and a folder between them: each pair of histories, on real vaults. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeRecoveryCode } from '../../src/vault/typed-secrets.ts';
import { draftTexts, typeDraft } from '../support/drafts.ts';
import { aNote, aPatient } from '../support/records.ts';
import { day } from '../support/values.ts';
import { makePlace, makeVault, type TestPlace } from '../support/vault.ts';
import { asVersion1 } from './old-backup.ts';

const on = day('2026-03-12');
/** The office, home, and what a carrier brings from the one to the other. */
let office: TestPlace;
let home: TestPlace;
let carried: string;

const files = (): readonly string[] => readdirSync(carried).filter((name) => name.endsWith('.backup'));
const hand = async (place: TestPlace): Promise<string> => {
  const { file } = (await place.json(['backup', carried])) as { readonly file: string };
  return file;
};
const take = (place: TestPlace, ...more: readonly string[]) =>
  place.run(['restore', '--newest', carried, ...more]);
const note = (place: TestPlace, text: string): Promise<unknown> =>
  place.withStore((store) =>
    store.write({ verb: 'note' }, () => store.notes.insert(aNote(text, { kind: 'story', recorded_on: on }))),
  );
const notes = (place: TestPlace): Promise<readonly string[]> =>
  place.withStore((store) =>
    store.notes
      .of('malu')
      .map(({ text }) => text)
      .sort(),
  );
const type = (place: TestPlace, text: string) =>
  place.withStore((store) => typeDraft(store, 'malu', on, { place: 'line', text }).id);
const drafts = (place: TestPlace) => place.withStore((store) => draftTexts(store, 'malu') ?? []);
const verbs = (place: TestPlace): Promise<readonly string[]> =>
  place.withStore((store) =>
    store.log
      .rows({ limit: 100 })
      .map(({ verb }) => verb)
      .reverse(),
  );
const asides = ({ root }: TestPlace): readonly string[] =>
  readdirSync(root).filter((name) => name.startsWith('vault.'));

/** Whole, the newest that this machine knows, and written without a word. */
async function expectWell(place: TestPlace): Promise<void> {
  const { stdout, code } = await place.run(['doctor']);
  expect([code, stdout]).toEqual([0, expect.not.stringMatching(/DAMAGED|OLDER/)]);
  const { stderr, code: written } = await place.run(['note', 'malu', 'goes on', '--kind', 'story']);
  expect([written, stderr]).toEqual([0, expect.not.stringContaining('older copy')]);
}

beforeEach(async () => {
  office = await makeVault();
  await office.withStore((store) =>
    store.write({ verb: 'import' }, () => {
      for (const id of ['malu', 'ned'])
        store.patients.insert(aPatient(id, { name: `${id} Razo`, handle: id }));
    }),
  );
  carried = join(office.root, 'carried');
  mkdirSync(carried);
  await hand(office);
  home = makePlace({ at: '2026-03-12T18:00:00Z' });
  mkdirSync(join(home.root, 'home', '.config', 'rapport'), { recursive: true, mode: 0o700 });
  copyFileSync(office.ownSettings, home.ownSettings);
  expect((await take(home)).code).toBe(0);
});

interface Case {
  readonly does: () => Promise<unknown>;
  /** Of a `restore --newest` at the office. */
  readonly code?: number;
  readonly says: RegExp;
  readonly env?: Readonly<Record<string, string>>;
  /** At the office then. */
  readonly notes: readonly string[];
  readonly isTaken: boolean;
}

const nothing = /^Nothing newer/;
const taken = /^This vault now has every change of rapport-/;
const cases: Readonly<Record<string, Case>> = {
  'that goes on from this one': {
    does: async () => {
      await note(home, 'at home');
      await hand(home);
    },
    says: taken,
    notes: ['at home'],
    isTaken: true,
  },
  'that this one goes on from': {
    does: () => note(office, 'here'),
    says: nothing,
    notes: ['here'],
    isTaken: false,
  },
  'of the same changes': {
    does: async () => {
      await home.run(['brief', 'malu', '--force']);
      await hand(home);
    },
    says: nothing,
    notes: [],
    isTaken: false,
  },
  'that was changed as this one was': {
    does: async () => {
      await note(office, 'here');
      await note(home, 'at home');
      await note(home, 'at home again');
      await hand(home);
    },
    code: 9,
    says: /^rapport: this vault and rapport-\S+ differ since 2026-03-12, 09:30: 1 change in the one, 2 in the other\nhint: .*--vault OTHER/,
    notes: ['here'],
    isTaken: false,
  },
  'of another vault': {
    does: async () => {
      const other = await makeVault();
      await other.run(['backup', join(carried, 'other.backup')]);
    },
    says: nothing,
    notes: [],
    isTaken: false,
  },
  'that was cut short': {
    does: async () => {
      await note(home, 'at home');
      truncateSync(await hand(home), 100_000);
    },
    says: nothing,
    notes: [],
    isTaken: false,
  },
  'of which a part is not there yet, behind one that is whole': {
    does: async () => {
      await note(home, 'at home');
      await hand(home);
      await note(home, 'later');
      const late = await hand(home);
      const bytes = readFileSync(late);
      writeFileSync(late, bytes.fill(0, 100_000, 110_000));
    },
    says: taken,
    notes: ['at home'],
    isTaken: true,
  },
  'that the carrier called otherwise': {
    does: async () => {
      await note(home, 'at home');
      renameSync(await hand(home), join(carried, 'a (conflicted copy).tmp'));
    },
    says: /^This vault now has every change of a \(conflicted copy\)\.tmp, /,
    notes: ['at home'],
    isTaken: true,
  },
  'that goes on, the newest of several': {
    does: async () => {
      for (const text of ['one', 'two', 'three']) {
        await note(home, text);
        await hand(home);
      }
    },
    says: taken,
    notes: ['one', 'three', 'two'],
    isTaken: true,
  },
  'of two that go on each its own way': {
    does: async () => {
      const third = makePlace({ at: '2026-03-12T20:00:00Z' });
      expect((await take(third)).code).toBe(0);
      for (const [place, text] of [
        [home, 'at home'],
        [third, 'at a third place'],
      ] as const) {
        await note(place, text);
        await hand(place);
      }
    },
    code: 9,
    says: /^rapport: rapport-\S+ and rapport-\S+ differ since .*: 1 change in the one, 1 in the other$/m,
    notes: [],
    isTaken: false,
  },
  'under another master key': {
    does: async () => {
      await note(home, 'at home');
      expect((await home.run(['key', 'rotate', '--out', 'sheet'])).code).toBe(0);
      await hand(home);
    },
    code: 9,
    says: /has another master key: key rotate was run on the machine that made it/,
    notes: [],
    isTaken: false,
  },
  'of before the master key was changed here': {
    does: async () => {
      await office.run(['key', 'rotate', '--out', 'sheet']);
      await hand(office);
      await note(home, 'at home');
      await hand(home);
    },
    says: nothing,
    notes: [],
    isTaken: false,
  },
  'that goes on without the new passphrase of this one': {
    does: async () => {
      const fresh = join(office.root, 'fresh');
      writeFileSync(fresh, 'seven different words from now on', { mode: 0o600 });
      await office.run(['key', 'passphrase'], { env: { RAPPORT_NEW_PASSPHRASE_FILE: fresh } });
      await note(home, 'at home');
      await hand(home);
    },
    code: 9,
    says: /^rapport: the keys of this vault were changed, and rapport-\S+ does not have that change/,
    env: { RAPPORT_PASSPHRASE: 'seven different words from now on' },
    notes: [],
    isTaken: false,
  },
};

describe('the newest of a folder, with a backup', () => {
  it.each(Object.entries(cases))('%s', async (_, { does, code = 0, says, env, notes: wanted, isTaken }) => {
    await does();
    const before = readFileSync(join(office.folder, 'vault.db'));
    const result = await office.run(['restore', '--newest', carried], { ...(env && { env }) });
    expect(result.code === 0 ? result.stdout : result.stderr).toMatch(says);
    expect(result.code).toBe(code);
    expect(asides(office)).toHaveLength(isTaken ? 1 : 0);
    if (!isTaken) expect(readFileSync(join(office.folder, 'vault.db')).equals(before)).toBe(true);
    if (env !== undefined) return;
    expect(await notes(office)).toEqual(wanted);
    await expectWell(office);
    if (isTaken) expect((await take(office)).stdout).toMatch(nothing);
  });

  it('names what it passes over, whatever it is', async () => {
    const [first = ''] = files();
    for (const [name, bytes] of [
      ['.stfolder', ''],
      ['letter.txt', 'mine'],
      ['.syncthing.rapport.backup.tmp', readFileSync(join(carried, first)).subarray(0, 5000)],
    ] as const)
      writeFileSync(join(carried, name), bytes);
    mkdirSync(join(carried, 'folder.backup'));
    renameSync(await asVersion1(join(carried, first), office), join(carried, 'old.backup'));
    const { stderr, stdout } = await take(office);
    expect(stdout).toMatch(nothing);
    expect(stderr.trimEnd().split('\n').sort()).toEqual([
      'passed over .stfolder, letter.txt: this is no backup of rapport',
      'passed over .syncthing.rapport.backup.tmp: the backup is damaged: it was cut short',
      'passed over old.backup: an older rapport made it: rapport restore FILE takes it',
    ]);
    expect((await office.run(['restore', join(carried, 'old.backup'), '--yes'])).code).toBe(0);
    expect((await office.json(['restore', '--newest', carried])) as object).toMatchObject({
      file: null,
      kept_aside: null,
      passed_over: expect.arrayContaining([{ file: 'letter.txt', reason: 'this is no backup of rapport' }]),
    });
  });

  it('takes none with a byte changed, and changes nothing', async () => {
    await note(home, 'at home');
    const file = await hand(home);
    const bytes = readFileSync(file);
    const before = readFileSync(join(office.folder, 'vault.db'));
    for (let place = 20; place < bytes.length; place += Math.ceil(bytes.length / 40)) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(place) ^ 4, place);
      writeFileSync(file, changed);
      expect((await take(office)).stdout).toMatch(nothing);
      expect(readFileSync(join(office.folder, 'vault.db')).equals(before)).toBe(true);
    }
  });

  it('says so where one that differs has not come whole', async () => {
    const third = makePlace({ at: '2026-03-12T20:00:00Z' });
    await take(third);
    await note(third, 'at a third place');
    const late = await hand(third);
    writeFileSync(late, readFileSync(late).fill(0, 100_000, 110_000));
    await note(home, 'at home');
    await note(home, 'at home again');
    await hand(home);
    const { code, stderr } = await take(office);
    expect([code, stderr]).toEqual([
      9,
      expect.stringMatching(/^rapport: \S+ does not have every change of \S+\n/),
    ]);
    expect(asides(office)).toEqual([]);
  });

  it('joins two that differ as it says', async () => {
    await note(office, 'here');
    await note(home, 'at home');
    const theirs = await hand(home);
    expect((await take(office)).code).toBe(9);
    const other = join(office.root, 'other');
    expect((await office.run(['restore', theirs, '--vault', other])).code).toBe(0);
    await office.run(['export', '--out', 'all.json', '--vault', other]);
    rmSync(theirs);
    expect((await take(office)).stdout).toMatch(nothing);
    expect((await office.run(['import', 'all.json', '--yes'])).code).toBe(0);
    expect(await notes(office)).toEqual(['at home', 'here']);
  });
});

describe('what is no change', () => {
  it('looks here go along, and the log stays one chain', async () => {
    await office.run(['brief', 'malu', '--force']);
    await note(home, 'at home');
    await hand(home);
    expect((await take(office)).code).toBe(0);
    expect((await verbs(office)).slice(-4)).toEqual(['note', 'backup', 'brief', 'restore']);
    await expectWell(office);
    // And back: nothing of it comes twice.
    await hand(office);
    expect((await take(home)).code).toBe(0);
    expect((await verbs(home)).filter((verb) => verb === 'brief')).toHaveLength(1);
    await expectWell(home);
  });

  it('drafts typed here go along, those of before do what they did there', async () => {
    const done = await type(office, 'written up at home');
    const thrown = await type(office, 'thrown away here');
    const both = await type(office, 'typed on in both');
    await hand(office);
    expect((await take(home)).code).toBe(0);
    await note(home, 'at home');
    await home.withStore((store) => {
      store.drafts.discard(done);
      store.drafts.goOn(both)?.append({ place: 'line', text: 'at home' });
    });
    await type(home, 'typed at home');
    await hand(home);
    await office.withStore((store) => {
      store.drafts.discard(thrown);
      store.drafts.goOn(both)?.append({ place: 'line', text: 'at the office' });
    });
    await type(office, 'typed here');
    const { stdout } = await take(office);
    expect(stdout).toContain('2 drafts of this machine went along');
    const all = ['at home', 'at the office', 'typed at home', 'typed here'];
    expect((await drafts(office)).toSorted()).toEqual(
      [...all, 'typed on in both', 'typed on in both'].sort(),
    );
    await expectWell(office);
  });

  it('drafts alone are taken', async () => {
    await type(home, 'typed at home');
    await hand(home);
    await type(office, 'typed here');
    expect((await take(office)).stdout).toMatch(taken);
    expect((await drafts(office)).toSorted()).toEqual(['typed at home', 'typed here']);
    expect((await take(office)).stdout).toMatch(nothing);
  });

  it('settings that were set here stay set', async () => {
    await office.json(['config', 'week-start', 'sun']);
    await office.json(['config', 'date-style', 'day-first']);
    await note(home, 'at home');
    await home.json(['config', 'date-style', 'month-first']);
    await hand(home);
    expect((await take(office)).stdout).toContain('kept as set here: date-style (');
    const { stdout } = await office.run(['config']);
    expect(stdout).toMatch(/week-start +sun/);
    expect(stdout).toMatch(/date-style +day-first/);
  });
});

describe('the vault as it was', () => {
  it('is kept once, whole, until the next backup or an erasure here', async () => {
    for (const text of ['one', 'two']) {
      await note(home, text);
      await hand(home);
      expect((await take(office)).stdout).toContain('is kept until the next backup');
      expect(asides(office)).toHaveLength(1);
    }
    const kept = { ...office, folder: join(office.root, asides(office)[0] ?? '') };
    const { stdout } = await office.run(['notes', 'malu', '--vault', kept.folder]);
    expect(stdout).toContain('one');
    expect((await office.run(['backup', carried])).stderr).toContain(
      'set aside by restore --newest, is removed',
    );
    expect(asides(office)).toEqual([]);
    await note(home, 'three');
    await take(home);
    await note(home, 'three');
    await hand(home);
    await take(office);
    expect(asides(office)).toHaveLength(1);
    await office.run(['patient', 'forget', 'ned', '--yes']);
    expect(asides(office)).toEqual([]);
  });

  it('is not kept where something was erased since', async () => {
    await note(home, 'one');
    await hand(home);
    await take(office);
    await office.withStore((store) =>
      typeDraft(store, 'ned', on, { place: 'line', text: 'of somebody who is forgotten' }),
    );
    await home.run(['patient', 'forget', 'ned', '--yes']);
    await hand(home);
    const { stdout } = await take(office);
    expect(stdout).toContain('Something was erased on the other machine');
    expect(stdout).toContain('1 draft did not go along');
    expect([asides(office), readdirSync(office.folder).sort()]).toEqual([
      [],
      ['vault.db', 'vault.keys', 'vault.keys.copy'],
    ]);
    await expectWell(office);
  });
});

describe('where no vault is yet', () => {
  const code = writeRecoveryCode(Buffer.alloc(20, 5));

  it('the newest is taken, with its own passphrase or its code', async () => {
    const fresh = join(home.root, 'fresh');
    writeFileSync(fresh, 'seven different words from now on', { mode: 0o600 });
    await note(home, 'at home');
    await home.run(['key', 'passphrase'], { env: { RAPPORT_NEW_PASSPHRASE_FILE: fresh } });
    const env = { RAPPORT_PASSPHRASE: 'seven different words from now on' };
    expect((await home.run(['backup', carried], { env })).code).toBe(0);
    const third = makePlace();
    expect((await take(third)).code).toBe(5);
    expect(existsSync(third.folder)).toBe(false);
    expect((await third.run(['restore', '--newest', carried], { env })).stdout).toMatch(taken);
    const fourth = makePlace();
    const byCode = { locked: true, answers: [['Recovery code', code]] as const };
    expect((await fourth.run(['restore', '--newest', carried, '--recovery'], byCode)).code).toBe(0);
    // A passphrase that is changed there is changed here.
    expect((await take(office)).stdout).toContain(
      'opens with the passphrase and the recovery code that the other',
    );
    expect((await office.run(['notes', 'malu'])).code).toBe(5);
    expect((await office.run(['notes', 'malu'], { env })).stdout).toContain('at home');
  });

  it.each<readonly [string, () => Promise<unknown> | unknown, number, RegExp]>([
    [
      'an empty folder',
      () => files().map((name) => rmSync(join(carried, name))),
      3,
      /no backup of this vault/,
    ],
    ['no folder', () => rmSync(carried, { recursive: true }), 3, /no folder '/],
    [
      'two vaults in it',
      async () => (await makeVault()).run(['backup', join(carried, 'other.backup')]),
      9,
      /backups of 2 vaults are there/,
    ],
  ])('%s gives none', async (_, does, exit, says) => {
    await does();
    const third = makePlace();
    const { code, stderr } = await take(third);
    expect([code, stderr]).toEqual([exit, expect.stringMatching(says)]);
  });
});
