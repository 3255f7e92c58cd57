/** A system's keyring that fails in the midst of `key keyring`, which no real one does at will. */
import { expect, it } from 'vitest';
import type { OsKeyring } from '../../src/vault/key-sources.ts';
import { makeVault } from '../support/vault.ts';
import { inContext } from '../vault/contexts.ts';

it('that cannot be given its secret back is told of, beside what failed before', async () => {
  const place = await makeVault();
  let kept: Buffer | undefined;
  const addKeyring = (set: OsKeyring['set']) =>
    inContext(place, async ({ vault, keySlots }) => {
      const keyring: OsKeyring = {
        get: async () => kept && Buffer.from(kept),
        set,
        remove: async () => true,
      };
      Object.defineProperty(vault, 'osKeyring', { value: async () => keyring });
      const slots = await keySlots();
      await slots.authorise('passphrase');
      await slots.addKeyring();
    });
  const keep: OsKeyring['set'] = async (_, secret) => {
    kept = Buffer.from(secret);
  };
  expect((await addKeyring(keep)).failure).toBeUndefined();
  const first = kept;

  const changeKeys = async (sheet: string): Promise<void> => {
    const { code, stderr } = await place.run(['key', 'recovery', '--out', sheet, '--no-input']);
    expect(code, stderr).toBe(0);
  };
  const meanwhile = 'the keys were changed by another rapport meanwhile';
  let calls = 0;
  const takenBack = await addKeyring(async (vault, secret) => {
    await keep(vault, secret);
    calls += 1;
    if (calls === 1) await changeKeys('one');
  });
  expect(takenBack.failure).toMatchObject({ exit: 'conflict', message: meanwhile });
  expect(kept).toEqual(first);

  calls = 0;
  const lost = await addKeyring(async (vault, secret) => {
    calls += 1;
    if (calls === 2) throw new Error('locked by now');
    await keep(vault, secret);
    await changeKeys('another');
  });
  expect(lost.failure).toMatchObject({
    exit: 'conflict',
    message: `${meanwhile}; the system's keyring opens the vault no more`,
    hints: ['run the command again', 'rapport key keyring makes it do so again'],
  });
});
