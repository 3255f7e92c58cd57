import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newPatient } from '../../src/domain/records.ts';
import { Failure } from '../../src/errors.ts';
import { type LogChain, logChain } from '../../src/store/access-log.ts';
import { Sql } from '../../src/store/sql.ts';
import { openStore } from '../../src/store/store.ts';
import { checkKeyFiles, seeKeyFiles } from '../../src/vault/doctor-files.ts';
import {
  readKeyCopies,
  type Unlocked,
  unlockWithSecret,
  writeKeyCopies,
} from '../../src/vault/key-copies.ts';
import { type KeyFile, readKeyFile, writeKeyFile, writeSuccessor } from '../../src/vault/key-file.ts';
import { openDatabase } from '../../src/vault/open.ts';
import { rotateMaster, type Settled, settleRotation } from '../../src/vault/rotate.ts';
import { deriveKeys, newMasterKey } from '../../src/vault/secrets.ts';
import { makeSlot, type NewSlot, passphraseBytes } from '../../src/vault/slots.ts';
import { databasePath, keyFileNames } from '../../src/vault/vault-folder.ts';
import { temporaryFolder } from '../support/folders.ts';
import { cheap, failureOf, makeVault, passphrase, type TestVault, uid, unlock } from './making.ts';

const log = logChain({ instant: () => '2026-03-13T10:00:00.000Z' });
const newCode = Buffer.alloc(20, 77);
const madeOn = '2026-03-13';
const slots: readonly NewSlot[] = [
  { type: 'passphrase', secret: passphraseBytes(passphrase), madeOn, cost: cheap },
  { type: 'recovery', secret: newCode, madeOn },
];

const needs = (logKey: Buffer) => {
  let made = 0;
  return {
    instant: () => '2026-03-12T10:00:00.000Z',
    newId: () => `ID${String(++made).padStart(6, '0')}`,
    newRef: () => `r${String(++made).padStart(4, '0')}`,
    logKey,
    run: { id: () => 'this1r', isAnother: () => false },
  };
};

/** A vault with patients in it, and free pages. */
async function makeUsed(patients = 3): Promise<TestVault> {
  const vault = await makeVault();
  const database = openDatabase({ ...vault, uid });
  const store = openStore(new Sql({ database }), needs(vault.keys.log));
  for (let index = 0; index < patients; index += 1)
    store.write({ verb: 'patient add' }, () =>
      store.patients.insert(newPatient({ name: `Patient ${index}`, handle: `p${index}` })),
    );
  database.close();
  return vault;
}

async function unlocked(folder: string): Promise<Unlocked> {
  const found = await unlock(folder);
  if (found === undefined) throw new Error('still locked');
  return found;
}

const byCode = (folder: string, bytes: Buffer) => {
  const copies = readKeyCopies(folder, uid);
  if (copies === undefined) throw new Error('no keys');
  return unlockWithSecret(copies, { type: 'recovery', bytes });
};

async function rotate(vault: TestVault, chain: LogChain = log): Promise<Settled> {
  const { folder } = vault;
  return rotateMaster({ folder, uid, log: chain, unlocked: await unlocked(folder), slots, patience: 2000 });
}

/** What the next opening does. */
async function settle({ folder }: TestVault): Promise<Settled> {
  const found = await unlocked(folder);
  if (found.previous === undefined) return { keyFile: found.keyFile, keys: found.keys, waiting: undefined };
  return settleRotation({ folder, uid, log, patience: 2000 }, { ...found, previous: found.previous });
}

function look({ folder }: TestVault, { keys, keyFile }: Pick<Settled, 'keys' | 'keyFile'>) {
  const { vault: vaultId, generation } = keyFile.payload;
  const database = openDatabase({ folder, keys, vaultId, generation, uid });
  const store = openStore(new Sql({ database }), needs(keys.log));
  try {
    return {
      names: store.patients.all().map(({ name }) => name),
      broken: store.log.firstBroken(),
      verbs: store.log.rows({ limit: 2 }).map(({ verb }) => verb),
      integrity: database.pragma('integrity_check', { simple: true }),
    };
  } finally {
    database.close();
  }
}

const whole = { names: ['Patient 0', 'Patient 1', 'Patient 2'], broken: undefined, integrity: 'ok' };

/** Whole under the new master, and nothing left of the one before. */
async function expectRotated(vault: TestVault): Promise<void> {
  const settled = await settle(vault);
  expect(settled.waiting).toBeUndefined();
  expect(look(vault, settled)).toMatchObject({ ...whole, verbs: ['key rotate', 'patient add'] });
  const found = await unlocked(vault.folder);
  expect(found.previous).toBeUndefined();
  expect(found.keyFile.payload.generation).toBe(3);
  expect(found.keys.page).not.toEqual(vault.keys.page);
  expect(await failureOf(() => openDatabase({ ...vault, generation: 3, uid }))).toMatch(/^damaged: /);
  expect((await byCode(vault.folder, newCode))?.keys).toEqual(found.keys);
  expect(await byCode(vault.folder, vault.recoverySecret)).toBeUndefined();
  const [one, other] = keyFileNames.map((name) => readFileSync(join(vault.folder, name)));
  expect(one).toEqual(other);
}

/** The key file of a change that goes no further. */
async function begun(vault: TestVault): Promise<KeyFile> {
  const before = await unlocked(vault.folder);
  const { payload } = before.keyFile;
  const master = newMasterKey();
  const keys = deriveKeys(master);
  const made = [];
  for (const slot of slots) made.push(await makeSlot(payload, master, slot));
  return writeSuccessor(
    { ...payload, generation: payload.generation + 1, slots: made },
    { master, keys },
    before,
  );
}

describe('a change of the master key', () => {
  it('rewrites everything, and keeps the salt', async () => {
    const vault = await makeUsed();
    const before = readFileSync(databasePath(vault.folder));
    const settled = await rotate(vault);
    expect(settled.waiting).toBeUndefined();
    const after = readFileSync(databasePath(vault.folder));
    expect(after.length).toBe(before.length);
    expect(after.subarray(0, 16)).toEqual(before.subarray(0, 16));
    for (let page = 0; page < after.length; page += 4096)
      expect(after.subarray(page + 16, page + 4096)).not.toEqual(before.subarray(page + 16, page + 4096));
    await expectRotated(vault);
  });

  it('is as good on a vault that was never used', async () => {
    const vault = await makeVault();
    await rotate(vault);
    const settled = await settle(vault);
    expect(look(vault, settled)).toMatchObject({ names: [], broken: undefined });
  });

  it('goes on where it was cut off before the pages, with both copies or the first one written', async () => {
    for (const copies of [1, 2]) {
      const vault = await makeUsed();
      const pending = await begun(vault);
      for (const name of keyFileNames.slice(0, copies))
        writeFileSync(join(vault.folder, name), pending.bytes);
      // The first rename has decided: what the change took away opens nothing any more.
      expect(await byCode(vault.folder, vault.recoverySecret)).toBeUndefined();
      expect((await byCode(vault.folder, newCode))?.previous).toEqual(
        (await unlocked(vault.folder)).previous,
      );
      await expectRotated(vault);
    }
  });

  it('goes on where it was cut off after the pages', async () => {
    const vault = await makeUsed();
    const cut: LogChain = {
      ...log,
      rechain: () => {
        throw new Error('cut');
      },
    };
    await expect(rotate(vault, cut)).rejects.toThrow('cut');
    const left = await unlocked(vault.folder);
    expect(left.previous).toBeDefined();
    expect(left.keyFile.payload.generation).toBe(2);
    await expectRotated(vault);
  });

  it('goes on where it was cut off after the log', async () => {
    const vault = await makeUsed();
    const cut: LogChain = {
      ...log,
      rechain: (database, from, to) => {
        log.rechain(database, from, to);
        // The next thing written is the key file: the folder takes no new file.
        database.exec('COMMIT');
        throw new Error('cut');
      },
    };
    await expect(rotate(vault, cut)).rejects.toThrow('cut');
    await expectRotated(vault);
  });

  it('opens as it is where it cannot be finished, and finishes later', async () => {
    const vault = await makeUsed();
    const full: LogChain = {
      ...log,
      rechain: () => {
        throw new Failure('failed', 'the disk is full');
      },
    };
    const rotated = await rotate(vault, full);
    const found = await unlocked(vault.folder);
    if (found.previous === undefined) throw new Error('finished');
    const later = settleRotation(
      { folder: vault.folder, uid, log: full },
      { ...found, previous: found.previous },
    );
    for (const settled of [rotated, later]) {
      expect(settled.waiting?.message).toBe('the disk is full');
      expect(look(vault, settled)).toMatchObject(whole);
      expect(settled.keys.page).toEqual(found.keys.page);
      expect(settled.keys.log).toEqual(vault.keys.log);
      expect(settled.keys.keyFile).toEqual(found.keys.keyFile);
    }
    await expectRotated(vault);
  });

  it('is taken back where a page cannot be read', async () => {
    const vault = await makeUsed();
    const path = databasePath(vault.folder);
    const good = readFileSync(path);
    const bad = Buffer.from(good);
    bad[good.length - 3000] = (bad[good.length - 3000] ?? 0) ^ 1;
    writeFileSync(path, bad);
    expect(await failureOf(() => rotate(vault))).toMatch(/^damaged: /);
    writeFileSync(path, good);
    const found = await unlocked(vault.folder);
    expect(found.keys).toEqual(vault.keys);
    expect(found.previous).toBeUndefined();
    expect((await byCode(vault.folder, vault.recoverySecret))?.keys).toEqual(vault.keys);
    expect(await byCode(vault.folder, newCode)).toBeUndefined();
    expect(look(vault, found)).toMatchObject(whole);
  });

  it('is one of two that are made at once', async () => {
    const vault = await makeUsed();
    const outcomes = await Promise.allSettled([rotate(vault), rotate(vault)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expectRotated(vault);
  });

  it('is refused where somebody writes', async () => {
    const vault = await makeUsed();
    const database = openDatabase({ ...vault, uid });
    onTestFinished(() => void database.close());
    database.exec('BEGIN IMMEDIATE');
    const found = await unlocked(vault.folder);
    const { folder } = vault;
    expect(
      await failureOf(() => rotateMaster({ folder, uid, log, unlocked: found, slots, patience: 50 })),
    ).toMatch(/^busy: /);
    database.exec('ROLLBACK');
    expect((await unlocked(folder)).keyFile.payload.generation).toBe(1);
    await rotate(vault);
    await expectRotated(vault);
  });

  it('does not vouch for a log that was altered', async () => {
    const vault = await makeUsed();
    const database = openDatabase({ ...vault, uid });
    database.prepare("UPDATE log SET verb = 'nothing' WHERE sequence = 2").run();
    database.close();
    const settled = await rotate(vault);
    expect(look(vault, settled)).toMatchObject({ broken: 2, names: whole.names });
  });

  it('is not undone by an old copy of the key file', async () => {
    const vault = await makeUsed();
    const old = readFileSync(join(vault.folder, 'vault.keys'));
    await rotate(vault);
    for (const name of keyFileNames) {
      const good = readFileSync(join(vault.folder, name));
      writeFileSync(join(vault.folder, name), old);
      // The old code opens the old copy, whose page key the database has no more.
      expect(await byCode(vault.folder, vault.recoverySecret)).toBeUndefined();
      expect((await unlocked(vault.folder)).keyFile.payload.generation).toBe(3);
      writeFileSync(join(vault.folder, name), good);
    }
  });

  it('leaves old copies of the whole folder to their own secrets', async () => {
    const vault = await makeUsed();
    const aside = temporaryFolder();
    cpSync(vault.folder, aside, { recursive: true });
    await rotate(vault);
    expect((await byCode(aside, vault.recoverySecret))?.keys).toEqual(vault.keys);
    expect(look({ ...vault, folder: aside }, vault)).toMatchObject(whole);
  });
});

describe('a key file in the midst of it', () => {
  it('is never taken with any byte changed', async () => {
    const vault = await makeUsed(1);
    const { bytes } = await begun(vault);
    const start = bytes.indexOf('"previous"');
    for (let at = start; at < bytes.length; at += 1) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      for (const name of keyFileNames) writeFileSync(join(vault.folder, name), flipped);
      expect(await failureOf(() => unlock(vault.folder)), `byte ${at}`).toMatch(/^damaged: /);
    }
  });

  it('is refused with more or less than it holds, whatever its MAC', async () => {
    const vault = await makeUsed(1);
    const { payload } = await begun(vault);
    const { keys } = await unlocked(vault.folder);
    const line = writeKeyFile(payload, keys.keyFile).bytes.toString('utf8').split('\n')[0] ?? '';
    for (const edit of [
      (text: string) => text.replace(/"previous":\{.*\}/, '"previous":null'),
      (text: string) => text.replace(/"previous":\{.*\}/, '"previous":{}'),
      (text: string) => text.replace(/"mac":"[0-9a-f]+"/, '"mac":""'),
      (text: string) => text.replace('"previous":{', '"previous":{"more":1,'),
      (text: string) => text.replace(/,"mac":"[0-9a-f]+"/, ''),
    ]) {
      const edited = edit(line);
      expect(edited).not.toBe(line);
      expect(() => readKeyFile(Buffer.from(`${edited}\n${'0'.repeat(64)}\n`))).toThrow(
        'vault.keys is damaged',
      );
    }
  });

  it('is no damage to the doctor, with either key or none', async () => {
    const vault = await makeUsed(1);
    writeFileSync(join(vault.folder, 'vault.keys'), (await begun(vault)).bytes);
    const found = await unlocked(vault.folder);
    for (const keys of [found.keys, undefined])
      expect(checkKeyFiles(seeKeyFiles(vault.folder), keys)).toMatchObject({
        state: 'warning',
        finding: 'a change of the master key was cut off',
      });
  });

  it('says nothing of the new master to who has the old one', async () => {
    const vault = await makeUsed(1);
    const pending = await begun(vault);
    writeKeyCopies(vault.folder, pending);
    expect(await byCode(vault.folder, vault.recoverySecret)).toBeUndefined();
    // Sealed under the new master only: 32 bytes of ciphertext, and no slot of the old one's.
    const old = JSON.stringify(vault.keyFile.payload.slots);
    for (const { salt } of pending.payload.slots) expect(old).not.toContain(salt);
  });
});
