import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { macOf } from '../../src/keys.ts';
import {
  readKeyCopies,
  repairKeyCopies,
  replaceSlots,
  unlockWithSecret,
  winnerUnder,
} from '../../src/vault/key-copies.ts';
import {
  deriveKeys,
  type KeyFile,
  macHolds,
  makeSlot,
  openSlot,
  readKeyFile,
  writeKeyFile,
} from '../../src/vault/key-file.ts';
import {
  passphraseBytes,
  readRecoveryCode,
  weaknessOf,
  writeRecoveryCode,
} from '../../src/vault/typed-secrets.ts';
import { cheap, failureOf, makeVault, open, passphrase, type TestVault, uid, unlock } from './making.ts';

const copies = (folder: string) => {
  const found = readKeyCopies(folder, uid);
  if (found === undefined) throw new Error('no key file');
  return found;
};
const firstPath = (vault: TestVault) => join(vault.folder, 'vault.keys');
const secondPath = (vault: TestVault) => join(vault.folder, 'vault.keys.copy');
/** Puts the same bytes in place of both copies. */
const plant = (vault: TestVault, bytes: Buffer | string) => {
  for (const path of [firstPath(vault), secondPath(vault)]) writeFileSync(path, bytes, { mode: 0o600 });
};
const lineOf = (vault: TestVault) => readFileSync(firstPath(vault), 'utf8').split('\n')[0] ?? '';
/** A key file with an edited payload and a MAC that holds: what only a holder of the keys could write. */
const signed = (vault: TestVault, line: string) =>
  `${line}\n${macOf(vault.keys.keyFile, Buffer.from(line)).toString('hex')}\n`;

describe('derivation', () => {
  it('gives the bytes that the format promises', () => {
    const keys = deriveKeys(Buffer.alloc(32, 1));
    // Made with `openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:0101… -kdfopt salt:"rapport vault 1" -kdfopt info:"page key" HKDF`.
    expect(keys.page.toString('hex')).toBe(
      '82b2041b9b248bd1a23fb147d88c09f350c96bcd6b5887569cf286cd8758d1e8',
    );
    expect(new Set([keys.page, keys.keyFile, keys.log].map(String)).size).toBe(3);
  });
});

describe('slots', () => {
  it('open with their secret only', async () => {
    const vault = await makeVault();
    expect((await unlock(vault.folder))?.keys).toEqual(vault.keys);
    for (const wrong of ['', ' ', `${passphrase} `, passphrase.toUpperCase(), 'x'.repeat(1_000_000)])
      expect(await unlock(vault.folder, wrong)).toBeUndefined();
    const recovery = { type: 'recovery', bytes: vault.recoverySecret } as const;
    expect((await unlockWithSecret(copies(vault.folder), recovery))?.keys).toEqual(vault.keys);
    expect(
      await unlockWithSecret(copies(vault.folder), { ...recovery, bytes: randomBytes(20) }),
    ).toBeUndefined();
    expect(
      await unlockWithSecret(copies(vault.folder), { type: 'passphrase', bytes: vault.recoverySecret }),
    ).toBeUndefined();
  });

  it('take the same letters composed or not, and nothing more', () => {
    expect(passphraseBytes('cafe\u0301 mañana')).toEqual(passphraseBytes('café man\u0303ana'));
    expect(passphraseBytes('ﬁ')).not.toEqual(passphraseBytes('fi'));
  });

  it('cost what they should when nobody says otherwise', async () => {
    const header = { format: 'f', version: 1, vault: '00', cipher: 'c' };
    const slot = await makeSlot(header, Buffer.alloc(32), {
      type: 'passphrase',
      secret: Buffer.from('x'),
      madeOn: '2026-03-12',
    });
    expect(slot.kdf).toEqual({ name: 'scrypt', n: 131_072, r: 8, p: 1 });
    expect(await openSlot(header, slot, Buffer.from('x'))).toEqual(Buffer.alloc(32));
  });

  it('are bound to every word about them', async () => {
    const header = { format: 'f', version: 1, vault: '00', cipher: 'c' };
    const secret = Buffer.from('x');
    const slot = await makeSlot(header, Buffer.alloc(32, 9), {
      type: 'passphrase',
      secret,
      madeOn: '2026-03-12',
      cost: cheap,
    });
    const changed = [
      { ...slot, id: '00000000' },
      { ...slot, type: 'recovery' as const },
      { ...slot, made_on: '2026-03-13' },
      { ...slot, nonce: '00'.repeat(12) },
      { ...slot, ciphertext: '00'.repeat(32) },
      { ...slot, tag: '00'.repeat(16) },
    ];
    for (const other of changed)
      expect(await failureOf(() => openSlot(header, other, secret))).toMatch(/^damaged: /);
    for (const other of [
      { ...header, vault: '01' },
      { ...header, version: 2 },
      { ...header, cipher: 'd' },
    ])
      expect(await failureOf(() => openSlot(other, slot, secret))).toMatch(/^damaged: /);
    for (const other of [
      { ...slot, salt: '00'.repeat(32) },
      { ...slot, commitment: '00'.repeat(32) },
      { ...slot, kdf: { name: 'scrypt', n: 32, r: 8, p: 1 } as const },
    ])
      expect(await openSlot(header, other, secret)).toBeUndefined();
  });
});

describe('the key file', () => {
  it('is written and read back the same', async () => {
    const vault = await makeVault();
    const read = readKeyFile(readFileSync(firstPath(vault)));
    expect(macHolds(read, vault.keys.keyFile)).toBe(true);
    expect(writeKeyFile(read.payload, vault.keys.keyFile).bytes).toEqual(read.bytes);
  });

  it('is never taken with any byte changed', async () => {
    const vault = await makeVault();
    const whole = readFileSync(firstPath(vault));
    for (let at = 0; at < whole.length; at += 1) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      plant(vault, flipped);
      // Damage where it shows; a refused passphrase where the byte is of the salt or the commitment.
      const outcome = await unlock(vault.folder).then(
        (unlocked) => (unlocked === undefined ? 'wrong-key' : 'opened'),
        (error: { exit: string }) => error.exit,
      );
      expect(['damaged', 'wrong-key', 'conflict'], `byte ${at}`).toContain(outcome);
    }
  });

  it('is refused when a field was edited by somebody without the keys', async () => {
    const vault = await makeVault();
    const mac = readFileSync(firstPath(vault), 'utf8').split('\n')[1];
    plant(vault, `${lineOf(vault).replace('"generation":1', '"generation":2')}\n${mac}\n`);
    expect(await failureOf(() => unlock(vault.folder))).toMatch(/^damaged: vault.keys was altered/);
  });

  it('asks for no key derivation beyond the ceilings', async () => {
    const line = lineOf(await makeVault());
    for (const cost of [
      { n: 2 ** 21, r: 8, p: 1 },
      { n: 2 ** 17, r: 16, p: 1 },
      { n: 2 ** 17, r: 8, p: 5 },
      { n: 100_000, r: 8, p: 1 },
      { n: 0, r: 8, p: 1 },
      { n: 2.5, r: 8, p: 1 },
      { n: -2, r: 8, p: 1 },
    ]) {
      const bomb = line.replace('"n":16,"r":8,"p":1', JSON.stringify(cost).slice(1, -1));
      expect(bomb).not.toBe(line);
      expect(await failureOf(() => readKeyFile(Buffer.from(`${bomb}\n${'0'.repeat(64)}\n`)))).toMatch(
        /beyond what any rapport asks for/,
      );
    }
  });

  const malformed = /line 1 is not as rapport writes it/;
  it.each([
    ['a bomb', (line: string) => line.replace('"n":16', '"n":2097152'), /beyond what any rapport/],
    ['r', (line: string) => line.replace('"r":8', '"r":64'), /beyond what any rapport/],
    ['a text for a number', (line: string) => line.replace('"n":16', '"n":"16"'), malformed],
    ['an unknown KDF', (line: string) => line.replace('"scrypt"', '"md5"'), malformed],
    [
      'a recovery slot by scrypt',
      (line: string) => line.replace('"type":"passphrase"', '"type":"recovery"'),
      /wrong key derivation/,
    ],
    ['an unknown slot', (line: string) => line.replace('"recovery"', '"magic"'), malformed],
    [
      'doubled ids',
      (line: string) => line.replaceAll(/"id":"\w+"/g, '"id":"00112233"'),
      /two slots with one id/,
    ],
    [
      'doubled names',
      (line: string) => line.replace('"generation":1', '"generation":9,"generation":1'),
      malformed,
    ],
    ['blanks', (line: string) => line.replace('":', '": '), malformed],
    [
      'more derivations than anybody waits for',
      (line: string) => {
        const [slot = ''] = /\{"id":"\w+","type":"passphrase".*?"commitment":"\w+"\}/.exec(line) ?? [];
        const dear = Array.from({ length: 16 }, (_, index) =>
          slot
            .replace(/"id":"\w+"/, `"id":"000000${(16 + index).toString(16)}"`)
            .replace('"n":16', '"n":1048576'),
        );
        return line.replace(/"slots":\[.*\]/, `"slots":[${dear}]`);
      },
      /together beyond what any rapport/,
    ],
    ['an unknown field', (line: string) => line.replace('{', '{"more":1,'), malformed],
    ['no slots', (line: string) => line.replace(/"slots":.*/, '"slots":[]}'), malformed],
    [
      'many slots',
      (line: string) => line.replace(/"slots":\[.*\]/, `"slots":[${Array(17).fill('{}')}]`),
      malformed,
    ],
    ['slots of nothing', (line: string) => line.replace(/"slots":\[.*\]/, '"slots":[null]'), malformed],
    ['upper case', (line: string) => line.replace(/"tag":"\w+"/, `"tag":"${'AB'.repeat(16)}"`), malformed],
    ['a negative generation', (line: string) => line.replace('"generation":1', '"generation":-1'), malformed],
    ['version 0', (line: string) => line.replace('"version":1', '"version":0'), malformed],
    ['another cipher', (line: string) => line.replace('sqlcipher-4', 'rot13'), malformed],
    ['deep JSON', () => '['.repeat(30_000), /not JSON/],
    ['deep whole JSON', () => '['.repeat(30_000) + ']'.repeat(30_000), malformed],
    ['JSON null', () => 'null', malformed],
    ['nothing', () => '', /not JSON/],
  ])('is refused with %s, whatever its MAC', async (_, edit, message) => {
    const vault = await makeVault();
    plant(vault, signed(vault, edit(lineOf(vault))));
    expect(await failureOf(() => unlock(vault.folder))).toMatch(message);
  });

  it('is refused where it is no two lines, or large', async () => {
    const vault = await makeVault();
    const whole = readFileSync(firstPath(vault), 'utf8');
    for (const text of [
      '',
      '\n',
      whole.trimEnd(),
      `${whole}\n`,
      whole.replaceAll('\n', '\r\n'),
      ` ${whole}`,
    ]) {
      plant(vault, text);
      expect(await failureOf(() => unlock(vault.folder))).toMatch(/^damaged: /);
    }
    plant(vault, Buffer.alloc(70_000, 0x20));
    expect(await failureOf(() => unlock(vault.folder))).toMatch(/^damaged: .*too large/);
  });

  it('of a newer version is a conflict, and stays as it is', async () => {
    const vault = await makeVault();
    const newer = signed(vault, lineOf(vault).replace('"version":1', '"version":2'));
    writeFileSync(firstPath(vault), newer);
    expect(await failureOf(() => unlock(vault.folder))).toBe(
      'conflict: the vault was made by a newer rapport',
    );
    expect(readFileSync(firstPath(vault), 'utf8')).toBe(newer);
  });
});

describe('the two copies', () => {
  it.each(['vault.keys', 'vault.keys.copy'])(
    'open and mend each other when %s is gone or damaged',
    async (name) => {
      const vault = await makeVault();
      const path = join(vault.folder, name);
      const whole = readFileSync(path);
      for (const harm of [
        () => rmSync(path),
        () => writeFileSync(path, 'x'),
        () => writeFileSync(path, ''),
      ]) {
        harm();
        const unlocked = await unlock(vault.folder);
        if (unlocked === undefined) throw new Error('still locked');
        repairKeyCopies(vault.folder, unlocked.keyFile);
        expect(readFileSync(path)).toEqual(whole);
      }
    },
  );

  it('are damaged when neither is whole', async () => {
    const vault = await makeVault();
    plant(vault, 'x');
    expect(await failureOf(() => readKeyCopies(vault.folder, uid))).toMatch(
      /^damaged: vault.keys is damaged/,
    );
    rmSync(firstPath(vault));
    expect(await failureOf(() => readKeyCopies(vault.folder, uid))).toMatch(/^damaged: /);
    rmSync(secondPath(vault));
    expect(readKeyCopies(vault.folder, uid)).toBeUndefined();
  });

  it('heed the one whose MAC holds, not the one that claims more', async () => {
    const vault = await makeVault();
    const other = await makeVault();
    const foreign = readKeyFile(readFileSync(firstPath(other))).payload;
    writeFileSync(firstPath(vault), writeKeyFile({ ...foreign, generation: 99 }, other.keys.keyFile).bytes);
    expect(winnerUnder(copies(vault.folder), vault.keys)?.payload.generation).toBe(1);
  });

  it('do not let a passphrase in that the newer one no longer takes', async () => {
    const vault = await makeVault();
    const database = open(vault);
    const old = readFileSync(firstPath(vault));
    await change(vault, database, 'another one of words');
    // The change was killed between its two writes.
    writeFileSync(secondPath(vault), old);
    expect(await unlock(vault.folder)).toBeUndefined();
    expect((await unlock(vault.folder, 'another one of words'))?.keyFile.payload.generation).toBe(2);
  });
});

async function change(
  vault: TestVault,
  database: ReturnType<typeof open>,
  text: string,
  from = passphrase,
): Promise<KeyFile> {
  const unlocked = await unlock(vault.folder, from);
  if (unlocked === undefined) throw new Error('still locked');
  const slot = {
    type: 'passphrase',
    secret: passphraseBytes(text),
    madeOn: '2026-03-13',
    cost: cheap,
  } as const;
  return replaceSlots({ folder: vault.folder, uid, database }, unlocked, 'passphrase', slot);
}

describe('a change of passphrase', () => {
  it('takes the new one, refuses the old one and keeps the recovery code', async () => {
    const vault = await makeVault();
    const database = open(vault);
    expect((await change(vault, database, 'another one of words')).payload.generation).toBe(2);
    expect(await unlock(vault.folder)).toBeUndefined();
    expect((await unlock(vault.folder, 'another one of words'))?.keys).toEqual(vault.keys);
    const recovery = { type: 'recovery', bytes: vault.recoverySecret } as const;
    expect((await unlockWithSecret(copies(vault.folder), recovery))?.keys).toEqual(vault.keys);
    expect(readFileSync(firstPath(vault))).toEqual(readFileSync(secondPath(vault)));
  });

  it('makes the old key file a conflict for the database', async () => {
    const vault = await makeVault();
    const database = open(vault);
    const old = readFileSync(firstPath(vault));
    await change(vault, database, 'another one of words');
    plant(vault, old);
    const unlocked = await unlock(vault.folder);
    expect(
      await failureOf(() => open(vault, { generation: unlocked?.keyFile.payload.generation ?? 0 })),
    ).toMatch(/^conflict: the key files are older/);
  });

  it('does not undo another one made meanwhile', async () => {
    const vault = await makeVault();
    const database = open(vault);
    const before = await unlock(vault.folder);
    await change(vault, database, 'another one of words');
    if (before === undefined) throw new Error('still locked');
    const slot = {
      type: 'passphrase',
      secret: passphraseBytes('a third one'),
      madeOn: '2026-03-13',
      cost: cheap,
    } as const;
    expect(
      await failureOf(() =>
        replaceSlots({ folder: vault.folder, uid, database }, before, 'passphrase', slot),
      ),
    ).toMatch(/^conflict: /);
    expect(await unlock(vault.folder, 'another one of words')).toBeDefined();
  });

  it('leaves the old one in force where the key files cannot be written', async () => {
    const vault = await makeVault();
    const database = open(vault);
    const whole = readFileSync(secondPath(vault));
    rmSync(firstPath(vault));
    mkdirSync(firstPath(vault), { mode: 0o700 });
    expect(await failureOf(() => change(vault, database, 'another one of words'))).toMatch(/^damaged: /);
    rmSync(firstPath(vault), { recursive: true });
    copyFileSync(secondPath(vault), firstPath(vault));
    expect(readFileSync(secondPath(vault))).toEqual(whole);
    expect(await unlock(vault.folder)).toBeDefined();
  });
});

describe('recovery codes', () => {
  const anySecret = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes));

  it('are read back however they are typed', () => {
    fc.assert(
      fc.property(anySecret, (secret) => {
        const code = writeRecoveryCode(secret);
        expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){7}[0-9A-HJKMNP-TV-Z]{5}$/);
        const sloppy = code.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l');
        for (const typed of [
          code,
          sloppy,
          sloppy.replaceAll('-', ' '),
          code.replaceAll('-', ''),
          `# sheet\n\n${code}\n`,
        ])
          expect(readRecoveryCode(typed)).toEqual(secret);
      }),
    );
  });

  it('name the group with a wrong or swapped character', () => {
    fc.assert(
      fc.property(
        anySecret,
        fc.nat(7),
        fc.nat(4),
        fc.integer({ min: 1, max: 31 }),
        (secret, group, place, by) => {
          const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
          const parts = writeRecoveryCode(secret).split('-');
          const characters = [...(parts[group] ?? '')];
          const old = characters[place] ?? '';
          characters[place] = alphabet[(alphabet.indexOf(old) + by) % 32] ?? '';
          const typed = parts.with(group, characters.join('')).join('-');
          expect(() => readRecoveryCode(typed)).toThrow(
            `the recovery code is mistyped in group ${group + 1}`,
          );
          const turned = [...(parts[group] ?? '')];
          const next = (place + 1) % 5;
          [turned[place], turned[next]] = [turned[next] ?? '', turned[place] ?? ''];
          if (turned.join('') !== parts[group])
            expect(() => readRecoveryCode(parts.with(group, turned.join('')).join('-'))).toThrow(
              `group ${group + 1}`,
            );
        },
      ),
    );
  });

  it('name groups that changed places', () => {
    const parts = writeRecoveryCode(Buffer.from('0123456789abcdefghij')).split('-');
    const [first, second] = parts;
    const typed = [second, first, ...parts.slice(2)].join('-');
    expect(() => readRecoveryCode(typed)).toThrow('the recovery code is mistyped in groups 1, 2');
  });

  it('say what is missing', () => {
    const code = writeRecoveryCode(randomBytes(20));
    expect(() => readRecoveryCode('')).toThrow('no recovery code was given');
    expect(() => readRecoveryCode(code.slice(0, -6))).toThrow(
      'the recovery code has 35 of its 40 characters',
    );
    expect(() => readRecoveryCode(code.slice(0, -1))).toThrow('mistyped in group 8');
    expect(() => readRecoveryCode(code.replace(/^./, 'U'))).toThrow('mistyped in group 1');
    expect(() => readRecoveryCode(code.replace(/^./, '😀'))).toThrow(/group 1/);
  });
});

describe('advice on passphrases', () => {
  it.each([
    'password1',
    'Rapport2026!',
    'abcdefghijklmnop',
    '11111111111111',
    '12.03.1961',
    'short one',
    'aabbaabbaabbaabb',
  ])('calls %j weak', (text) => expect(weaknessOf(text)).toEqual(expect.any(String)));
  it.each(['correct horse battery staple', 'four words of a test', 'xK9#mP2$vL5q'])(
    'has nothing against %j',
    (text) => expect(weaknessOf(text)).toBeUndefined(),
  );
});
