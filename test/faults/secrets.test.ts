/** Faults 10 and 11: secrets mistyped, of another form or endless, and commands that give none. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { outputOf } from '../../src/terminal/subprocess.ts';
import { createVault } from '../../src/vault/create.ts';
import { createKeySources } from '../../src/vault/key-sources.ts';
import { writeRecoveryCode } from '../../src/vault/typed-secrets.ts';
import { runInTerminal } from '../support/pty.ts';
import { makePlace } from '../support/vault.ts';
import {
  bytesOf,
  copyOf,
  expectRefusal,
  makeTemplate,
  type Place,
  passphrase,
  rapport,
  recoverySecret,
} from './support/clinic.ts';
import { inTurns, tally } from './support/counting.ts';

const counts = tally(
  (of) =>
    `secrets: ${of('wrong')} wrong passphrases, ${of('typos')} mistyped recovery codes, ${of('forms')} other forms, ` +
    `${of('commands')} commands that gave none; the vault unchanged by any`,
);

let template: Place;
beforeAll(async () => {
  template = await makeTemplate(2);
});

const without = { RAPPORT_PASSPHRASE: undefined };
const code = writeRecoveryCode(recoverySecret);

/** By the ways that a passphrase comes without a terminal. */
async function expectWrong(place: Place, text: string, codes: readonly number[]): Promise<void> {
  const file = join(place.root, 'work', 'passphrase');
  writeFileSync(file, text, { mode: 0o600 });
  const before = bytesOf(place.folder);
  const ways = [
    { argv: ['notes', 'malu'], env: { ...without, RAPPORT_PASSPHRASE_FILE: file } },
    { argv: ['note', 'malu', '--stdin', '--passphrase-stdin'], env: without, stdin: text },
    ...(text === '' || /[\0\n]/.test(text) || text.length > 100_000
      ? []
      : [{ argv: ['due'], env: { RAPPORT_PASSPHRASE: text } }]),
  ];
  await inTurns(ways, 2, async ({ argv, ...more }) => {
    const result = await rapport(place, argv, more);
    expect(codes, result.stderr).toContain(Number(result.code));
    expectRefusal(result, { code: Number(result.code) });
    counts.add('wrong');
  });
  expect(bytesOf(place.folder)).toEqual(before);
}

describe('a passphrase', () => {
  it('that is another is refused by every source', async () => {
    const place = copyOf(template);
    const wrong = [
      passphrase.toUpperCase(),
      ` ${passphrase}`,
      `${passphrase} `,
      passphrase.slice(0, -1),
      `${passphrase}x`,
      passphrase.replace(' ', '\t'),
      passphrase.replaceAll(' ', '\u00a0'),
      passphrase.replace('o', 'о'),
      code,
      'x'.repeat(4096),
      '\u0007\u001b[31m',
      '😀'.repeat(500),
    ];
    for (const text of wrong) await expectWrong(place, text, [5]);
  });

  it('that is empty, endless or no text is no passphrase', async () => {
    const place = copyOf(template);
    for (const text of ['', '\n', 'x'.repeat(4097), 'x'.repeat(1_000_000)])
      await expectWrong(place, text, text.length === 4097 ? [4, 5] : [4]);
    const file = join(place.root, 'work', 'passphrase');
    writeFileSync(file, Buffer.from([0xc3, 0x28, 0xff]), { mode: 0o600 });
    const result = await rapport(place, ['due'], { env: { ...without, RAPPORT_PASSPHRASE_FILE: file } });
    expectRefusal(result, { code: 4 });
    counts.add('wrong');
  });

  it('is the same with the line end that a file, a pipe or a command leaves', async () => {
    const place = copyOf(template);
    for (const text of [passphrase, `${passphrase}\n`, `${passphrase}\r\n`, `${passphrase}\nand more\n`]) {
      const file = join(place.root, 'work', 'passphrase');
      writeFileSync(file, text, { mode: 0o600 });
      const ways = [
        { env: { ...without, RAPPORT_PASSPHRASE_FILE: file } },
        { env: { ...without, RAPPORT_PASSPHRASE_COMMAND: `cat ${file}` } },
      ];
      for (const way of ways) {
        expect(await rapport(place, ['notes', 'malu'], way)).toMatchObject({ code: 0 });
        counts.add('forms');
      }
      const piped = await rapport(place, ['notes', 'malu', '--passphrase-stdin'], {
        env: without,
        stdin: text,
      });
      expect(piped.code).toBe(0);
      counts.add('forms');
    }
  });

  it('is the same composed or not', async () => {
    const composed = 'Ångström piñata café naïve'.normalize('NFC');
    for (const made of [composed, composed.normalize('NFD')]) {
      const place = makePlace();
      const vault = await createVault({
        folder: place.folder,
        uid: process.getuid?.(),
        passphrase: made,
        recoverySecret,
        madeOn: '2026-01-01',
        cost: 2,
      });
      vault.keys.wipe();
      for (const typed of [composed, composed.normalize('NFD')]) {
        expect((await rapport(place, ['due'], { env: { RAPPORT_PASSPHRASE: typed } })).code).toBe(0);
        counts.add('forms');
      }
      const stripped = composed.normalize('NFD').replaceAll(/\p{M}/gu, '');
      expectRefusal(await rapport(place, ['due'], { env: { RAPPORT_PASSPHRASE: stripped } }), { code: 5 });
      counts.add('wrong');
    }
  });

  it('that is typed wrong three times ends in a hint at the recovery code', async () => {
    const place = copyOf(template);
    const before = bytesOf(place.folder);
    const run = runInTerminal(['notes', 'malu'], { root: place.root });
    for (const wrong of ['nonsense', '', 'more nonsense']) {
      await run.answer('Passphrase', `${wrong}\r`);
      counts.add('wrong');
    }
    expect(await run.exit).toBe(5);
    expect(run.written()).toContain('rapport key passphrase --recovery');
    expect(run.written()).not.toContain('nonsense');
    expect(bytesOf(place.folder)).toEqual(before);
  });
});

describe('a recovery code', () => {
  const withCode = async (place: Place, text: string) => {
    const [sheet, next] = ['sheet', 'next'].map((name) => join(place.root, 'work', name));
    writeFileSync(String(sheet), text, { mode: 0o600 });
    writeFileSync(String(next), 'another passphrase of words\n', { mode: 0o600 });
    return rapport(place, ['key', 'passphrase', '--recovery'], {
      env: { ...without, RAPPORT_RECOVERY_FILE: String(sheet), RAPPORT_NEW_PASSPHRASE_FILE: String(next) },
    });
  };

  it('that is mistyped is refused, and its group named', async () => {
    const place = copyOf(template);
    const before = bytesOf(place.folder);
    const groups = code.split('-');
    const typos = groups.map((group, index) => {
      const at = index % 5;
      const changed = group.slice(0, at) + (group[at] === 'A' ? 'B' : 'A') + group.slice(at + 1);
      return [index + 1, groups.with(index, changed).join('-')] as const;
    });
    await inTurns(typos, 2, async ([group, text]) => {
      const own = copyOf(template);
      expectRefusal(await withCode(own, text), {
        code: 5,
        says: new RegExp(`mistyped in group ${group}\\b`),
      });
      counts.add('typos');
    });
    for (const text of ['', 'nonsense', groups.slice(1).join('-'), `${code}-${code}`, 'x'.repeat(15_000)]) {
      const result = await withCode(place, text);
      expect([4, 5], result.stderr).toContain(Number(result.code));
      expectRefusal(result, { code: Number(result.code) });
      counts.add('typos');
    }
    const other = writeRecoveryCode(Buffer.alloc(20, 6));
    expectRefusal(await withCode(place, other), { code: 5, says: /not the recovery code of this vault/ });
    counts.add('typos');
    expect(bytesOf(place.folder)).toEqual(before);
  });

  it('is taken however it is typed', async () => {
    const forms = [code.toLowerCase(), code.replaceAll('-', ' '), `# a sheet\n\n  ${code}\n`];
    await inTurns(forms, 2, async (text) => {
      const place = copyOf(template);
      expect(await withCode(place, text)).toMatchObject({ code: 0 });
      counts.add('forms');
    });
  });
});

describe('a passphrase command', () => {
  it.each([
    ['exits 1', 'false', /failed \(exit 1\)/],
    ['exits 1 after it printed the passphrase', `sh -c 'echo "${passphrase}"; exit 1'`, /failed \(exit 1\)/],
    ['is killed', "sh -c 'kill -9 $$'", /failed \(SIGKILL\)/],
    ['prints nothing', 'true', /no passphrase/],
    ['prints a line end', 'echo', /no passphrase/],
    ['prints without end', 'yes', /too much/],
    ['prints noise', 'head -c 300 /dev/zero', /./],
    ['is not there', 'no-such-program-at-all', /cannot be started/],
    ['is a folder', '/tmp', /cannot be started/],
    ['is only blanks', '   ', /empty/],
  ])('that %s ends the command there, and nothing falls through', async (_, command, says) => {
    const place = copyOf(template);
    const before = bytesOf(place.folder);
    const result = await rapport(place, ['notes', 'malu'], {
      env: { ...without, RAPPORT_PASSPHRASE_COMMAND: command },
    });
    const expected = command.trim() === '' ? 2 : /zero/.test(command) ? 5 : 4;
    expectRefusal(result, { code: expected, says });
    expect(bytesOf(place.folder)).toEqual(before);
    counts.add('commands');
  });

  it('that hangs is given up', async () => {
    const place = copyOf(template);
    for (const command of ['sleep 600', "sh -c 'sleep 3 & echo half; wait'", 'cat /dev/zero']) {
      const env = { PATH: process.env['PATH'], RAPPORT_PASSPHRASE_COMMAND: command };
      const sources = createKeySources({
        env,
        stdin: () => process.stdin,
        uid: process.getuid?.(),
        workingFolder: place.root,
        passphraseStdin: false,
        outputOf: (line) => outputOf(line, env, true, 300),
      });
      await expect(sources.passphrase()).rejects.toMatchObject({ exit: 'locked' });
      counts.add('commands');
    }
  });

  it('that hangs holds no lock meanwhile, and Ctrl-C ends it', async () => {
    const place = copyOf(template);
    const run = runInTerminal(['notes', 'malu'], {
      root: place.root,
      env: { RAPPORT_PASSPHRASE_COMMAND: "sh -c 'echo asking >&2; sleep 600'" },
    });
    await run.waitFor('asking');
    expect((await rapport(place, ['note', 'malu', 'written meanwhile'])).code).toBe(0);
    run.interrupt();
    expect(await run.exit).toBe(130);
    counts.add('commands');
  });
});
