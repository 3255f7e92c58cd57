/** A preference that says how somebody is reached is safety, not style: it offers to be shown in every briefing. */
import { beforeAll, expect, it } from 'vitest';
import { runInTerminal } from '../support/pty.ts';
import { addPatient } from '../support/sample.ts';
import { makeVault, passphrase, type TestPlace } from '../support/vault.ts';

let place: TestPlace;
beforeAll(async () => {
  place = await makeVault();
  await addPatient(place, 'Ann Fell', 'ann');
});

it.each([
  ['phone only after six', true],
  ['likes drawings', false],
])('%s: offered %s', async (text, offered) => {
  const run = runInTerminal(['note', 'ann', '--kind', 'preference'], {
    root: place.root,
    env: { RAPPORT_PASSPHRASE: passphrase },
  });
  await run.waitFor('What is there to remember');
  run.type(`${text}\r`);
  if (offered) {
    await run.waitFor('Show it in every briefing');
    run.type('\r');
  }
  expect(await run.exit).toBe(0);
  const [note] = await place.withStore((store) => store.notes.of('ann').filter((one) => one.text === text));
  expect(note?.pinned).toBe(offered);
});
