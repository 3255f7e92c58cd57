/** A command waits for a secret, another process changes the keys, and the first goes on: it says so, and changes nothing. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { writeRecoveryCode } from '../../src/vault/typed-secrets.ts';
import { type BinaryResult, runBinary } from '../support/binary.ts';
import { runInTerminal } from '../support/pty.ts';
import { makeVault, passphrase, type TestPlace } from '../support/vault.ts';

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
  expect((await place.run(['patient', 'add', 'Malu Razo'])).code).toBe(0);
});

const next = 'another passphrase of words';
const secret = Buffer.alloc(20, 5);

const there = async (argv: readonly string[], secretNow = passphrase): Promise<BinaryResult> => {
  const file = join(place.work, 'next');
  writeFileSync(file, next, { mode: 0o600 });
  const env = { RAPPORT_PASSPHRASE: secretNow, RAPPORT_NEW_PASSPHRASE_FILE: file };
  return runBinary([...argv, '--no-input'], { root: place.root, env });
};
const rotation = ['key', 'rotate', '--out', 'sheet.txt'];

it.each([
  {
    what: 'a command that opens the vault',
    here: ['patient', 'list'],
    before: [],
    at: 'Passphrase',
    changes: [rotation],
    keys: [passphrase],
    opens: passphrase,
    says: 'the vault was replaced',
    code: 8,
  },
  {
    what: 'key rotate',
    here: ['key', 'rotate'],
    before: [['Passphrase', passphrase]],
    at: 'Recovery code, to go on using it',
    changes: [['key', 'passphrase']],
    keys: [writeRecoveryCode(secret)],
    opens: next,
  },
  {
    what: 'key passphrase',
    here: ['key', 'passphrase'],
    before: [['Passphrase', passphrase]],
    at: 'New passphrase',
    changes: [['key', 'recovery', '--out', 'sheet.txt']],
    keys: ['a third passphrase of words', 'a third passphrase of words'],
    opens: passphrase,
  },
])(
  '$what',
  async ({
    here,
    before,
    at,
    changes,
    keys,
    opens,
    says = 'the keys were changed by another rapport',
    code: ends = 9,
  }) => {
    const run = runInTerminal(here, { root: place.root, columns: 120 });
    for (const [question = '', typed = ''] of before) await run.answer(question, `${typed}\r`);
    await run.waitFor(at);
    for (const argv of changes) {
      const { code, stderr } = await there(argv);
      expect(code, stderr).toBe(0);
    }
    for (const typed of keys) run.type(`${typed}\r`);
    expect(await run.exit, run.screen.text()).toBe(ends);
    await run.waitFor(`rapport: ${says} meanwhile`);
    await run.waitFor('hint: run the command again');
    expect(await there(['patient', 'list'], opens)).toMatchObject({ code: 0 });
    expect(await there(['doctor'], opens)).toMatchObject({ code: 0 });
  },
);
