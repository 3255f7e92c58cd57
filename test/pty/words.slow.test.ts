/** Words, or nothing, in place of a ref: each picker of the built program, from the line to what is said of the change. */
import { beforeEach, expect, it } from 'vitest';
import { type PtyRun, runInTerminal } from '../support/pty.ts';
import { addSample } from '../support/sample.ts';
import { makeVault, passphrase, type TestPlace } from '../support/vault.ts';

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
  await place.withStore(addSample);
});

const start = (line: string): PtyRun =>
  runInTerminal(line.split(' '), {
    root: place.root,
    columns: 100,
    env: { RAPPORT_PASSPHRASE: passphrase, RAPPORT_TODAY: '2026-03-12' },
  });

const keys = (typed: string): string =>
  typed.replaceAll('⏎', '\r').replaceAll('↓', '\u001b[B').replaceAll('^C', '\u0003');

/** A line; what is waited for → what is typed then; and what is on the screen at the end. */
const pickers = `
done malu | ❯ Malu Razo  Low-salt recipe → ↓↓ | ❯ Malu Razo  Ask cardiology → ⏎ | How was it kept? → ⏎ | Kept Thu 12 Mar. Malu Razo: Ask
done RECIPE | ❯ Malu Razo  Low-salt recipe sheet  16 Dec → ⏎ | How was it kept? → ⏎ | Kept Thu 12 Mar. Malu Razo: Low-salt
tried walt call | ❯ Walt Beer  Call about → six | ❯ Walt Beer  Call at six → ⏎ | What came of it? → ⏎ | still open. Walt Beer: Call at six weeks
told | Which open promise? → garden | ❯ Walt Beer  Find out → ⏎ | Told the patient Thu 12 Mar. Walt Beer: Find out about the garden
snooze form --to mon --yes | ❯ Ned Hintz  staff: send the new → ⏎ | Put off to Mon 16 Mar, first due 12 Mar. Ned Hintz
drop diary | ❯ Malu Razo  theirs: bring the food diary → ⏎ | Why is it given up? → not needed⏎ | Dropped. Malu Razo: bring the food diary
answer malu | ❯ Malu Razo  question  Can I fly → ⏎ | The answer? → yes⏎ | Answered. Malu Razo: Can I fly with this?
edit malu recipe | ❯ Malu Razo  promise  Low-salt → ⏎ | Malu Razo: the text Low-salt recipe sheet →  by post⏎ | Edited. Malu Razo: Low-salt recipe sheet by post
edit | Which patient? → ned | ❯ Ned Hintz → ⏎ | ❯ Ned Hintz  promise → walt | No results → ^C | nothing was changed
retire fly | ❯ Malu Razo  question → ⏎ | Retired. Malu Razo: Can I fly
confirm fly | ❯ Malu Razo  question → ⏎ | Confirmed Thu 12 Mar. Malu Razo: Can I fly
pin | ❯ Malu Razo → ⏎ | ❯ Malu Razo  question → ⏎ | Pinned. Malu Razo: Can I fly
move fly --to ned | ❯ Malu Razo  question → ⏎ | Moved. Ned Hintz: Can I fly
move fly | ❯ Malu Razo  question → ⏎ | Which patient? → ned | ❯ Ned Hintz → ⏎ | Moved. Ned Hintz: Can I fly
patient set --pronouns they/them | Which patient? → hin | ❯ Ned Hintz → ⏎ | Ned Hintz (ned). pronouns: they/them
patient died | Which patient? → ned | ❯ Ned Hintz → ⏎ | Ned Hintz: died when? → ^C | nothing was changed
patient archive | Which patient? → wal | ❯ Walt Beer → ⏎ | Walt Beer is archived
patient hold | Which patient? → wal | ❯ Walt Beer → ⏎ | Walt Beer is on hold
patient forget | Which patient? → ned | ❯ Ned Hintz → ⏎ | the name: Ned Hintz → Ned Hintz⏎ | The patient
person set walt --relation niece | ❯ Elsie Beer (granddaughter) → ⏎ | Elsie Beer (niece) of Walt Beer changed
person died | Which patient? → wal | ❯ Walt Beer → ⏎ | ❯ Elsie Beer → ⏎ | died when? → 2 march⏎ | Which of them? → ⏎ | Elsie Beer (granddaughter) of Walt Beer died
done walt mem --screen-reader | 1: Walt Beer  Call about the memorial → 1⏎ | How was it kept? → ⏎ | Kept Thu 12 Mar. Walt Beer: Call about`
  .trim()
  .split('\n')
  .map((row) => row.split(' | '));

it.each(pickers)('rapport %s', async (line, ...steps) => {
  const run = start(line);
  for (const step of steps) {
    const [shown = '', typed] = step.split(' → ');
    await run.waitFor(shown);
    if (typed !== undefined) run.type(keys(typed));
  }
  expect(await run.exit).toBe(steps.at(-1) === 'nothing was changed' ? 130 : 0);
});

it('looks for what is typed in names and texts alone, not in dates', async () => {
  const run = start('done');
  await run.waitFor('Walt Beer  Call about the memorial  14 Mar');
  run.type('mar');
  // María, and nobody whose promise is due in March.
  const shown = await run.screen.until((text) => !text.includes('Walt Beer'), 'the choices for mar');
  expect(shown).toContain('❯ Malu Razo');
  run.interrupt();
  expect(await run.exit).toBe(130);
});
