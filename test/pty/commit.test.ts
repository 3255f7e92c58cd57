/** Writing up a visit as a person does it, on the built program in a pseudo-terminal. */

import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { draftTexts } from '../support/drafts.ts';
import { type PtyRun, runInTerminal } from '../support/pty.ts';
import { aContact } from '../support/records.ts';
import { addPatient } from '../support/sample.ts';
import { day } from '../support/values.ts';
import { makeVault, passphrase, type TestPlace } from '../support/vault.ts';

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
  await addPatient(place, 'Jackie Mraz', 'jackie', {
    commitments: [{ text: 'Low-salt recipe sheet', due: day('2025-12-16') }],
  });
});

function start(argv: readonly string[], more: Readonly<Record<string, string>> = {}): PtyRun {
  const env = { RAPPORT_PASSPHRASE: passphrase, RAPPORT_NOW: '2026-03-12T17:00:00Z', ...more };
  return runInTerminal(argv, { root: place.root, env, rows: 40 });
}

const saved = () =>
  place.withStore((store) => ({
    notes: store.notes.of('jackie').map(({ kind, text, date }) => [kind, text, date]),
    commitments: store.commitments.of('jackie').map(({ text, due, status }) => [text, due, status]),
    draft: draftTexts(store, 'jackie'),
  }));

describe('commit in a terminal', () => {
  it('goes from the visit day to the summary, and saves what it shows', async () => {
    const run = start(['commit', 'jackie']);
    await run.answer('Visit on', '\r');
    await run.answer('Done or answered?', '1\r');
    await run.answer('What did you promise', 'call with the echo result by 31 feb\r');
    await run.answer("'31 feb' is not a date", 'call with the echo result by fri\r');
    await run.answer('Fri 13 Mar, 1 business day', '\r');
    await run.answer('What did you learn?', '@21 mar wedding of Ana\r');
    await run.answer('Sat 21 Mar', '\r');
    await run.answer('Ask next time?', '\r');
    await run.answer('Enter saves', '3 family\r');
    await run.answer('3  family', '3 milestone\r');
    await run.answer('3  milestone  wedding of Ana             Sat 21 Mar', '\r');
    expect(await run.exit).toBe(0);
    const screen = await run.waitFor('Jackie Mraz, Thu 12 Mar 2026: visit recorded');
    // The summary is gone: what was saved stands there once.
    expect(screen.match(/wedding of Ana/g)).toHaveLength(2);
    expect(await saved()).toEqual({
      notes: [['milestone', 'wedding of Ana', '2026-03-21']],
      commitments: [
        ['Low-salt recipe sheet', '2025-12-16', 'kept'],
        ['call with the echo result', '2026-03-13', 'open'],
      ],
      draft: undefined,
    });
  });

  it('refuses what is no date, and gives it back by Up', async () => {
    const run = start(['commit', 'jackie']);
    await run.answer('Visit on', '\u0015call her about the echo\r');
    await run.waitFor('is not a date');
    run.type('\r');
    await run.answer('Done or answered?', '\r');
    await run.waitFor('What did you promise');
    run.type('\u001b[A');
    await run.answer('by when? call her about the echo', ' by fri\r');
    await run.waitFor('Fri 13 Mar, 1 business day');
  });

  it('offers the latest planned visit that waits, and without a name whose it is, the oldest first', async () => {
    await addPatient(place, 'Mara Mar', 'mara', {
      contacts: [{ on: day('2026-03-09'), state: 'planned' }, { on: day('2026-03-03') }],
    });
    await place.withStore((store) =>
      store.write({ verb: 'contact' }, () =>
        store.contacts.insert(
          aContact('2026-03-10', { patient_id: 'jackie', state: 'planned', at: '09:30' }),
        ),
      ),
    );
    const run = start(['commit']);
    await run.waitFor('Which patient? (type to narrow)');
    const screen = await run.waitFor('10 Mar 09:30');
    expect(screen).toContain('❯ Mara Mar (mara), 9 Mar\n  Jackie Mraz (jackie), 10 Mar 09:30');
    run.type('mraz');
    await run.screen.until((text) => !text.includes('Mara'), 'one alone');
    run.type('\r');
    await run.answer('Visit on Tue 10 Mar 2026', '\u0003');
    expect(await run.exit).toBe(130);
    const named = start(['commit', 'mara']);
    await named.answer('Visit on Mon 9 Mar 2026', '\u0003');
  });

  it('lets what is pasted run on into the next prompts, and answer no summary', async () => {
    const run = start(['commit', 'jackie']);
    await run.answer('Visit on', '\r');
    await run.answer('Done or answered?', '\r');
    await run.answer('What did you promise', 'call by fri\r\rsings\r\r\r\r\r\r');
    await run.waitFor('Enter saves');
    run.type('2 drop');
    await run.waitFor('? says how 2 drop');
    run.interrupt();
    expect(await run.exit).toBe(130);
    expect((await saved()).draft).toEqual(['call by fri', 'sings']);
  });

  it('offers yesterday until four in the morning', async () => {
    const env = { RAPPORT_NOW: '2026-03-12T02:59:00Z' };
    const run = start(['commit', 'jackie'], env);
    await run.waitFor('Visit on Wed 11 Mar 2026');
  });

  it.each([
    ['Ctrl-C', (run: PtyRun) => run.interrupt(), 130],
    ['kill -9', (run: PtyRun) => run.kill(), 137],
  ])('%s leaves every entered line in the draft', async (_, end, code) => {
    const run = start(['commit', 'jackie']);
    await run.answer('Visit on', '\r');
    await run.answer('Done or answered?', '\r');
    await run.answer('What did you promise', 'call by fri\r');
    await run.waitFor('Fri 13 Mar, 1 business day');
    run.type('half a li');
    await run.waitFor('half a li');
    end(run);
    expect(await run.exit).toBe(code);
    expect((await saved()).draft).toEqual(['call by fri']);
  });
});

/** An editor that appends a line to the file that it is given. */
function editorAppending(line: string): string {
  const path = join(place.root, 'editor.sh');
  writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' '${line}' >> "$1"\n`);
  chmodSync(path, 0o700);
  return path;
}

describe('commit --editor', () => {
  it('reads what the editor leaves, without its comments', async () => {
    const run = start(['commit', 'jackie', '--editor'], { EDITOR: editorAppending('? can I fly') });
    expect(await run.exit).toBe(0);
    expect(await run.waitFor('visit recorded')).toContain('question  can I fly');
    expect((await saved()).notes).toEqual([['question', 'can I fly', null]]);
  });

  it('keeps what cannot be read, and the next commit asks for it again', async () => {
    const run = start(['commit', 'jackie', '--editor'], { EDITOR: editorAppending('! call by 31 feb') });
    await run.answer('Edit again?', 'n\r');
    expect(await run.exit).toBe(2);
    expect(await saved()).toMatchObject({ notes: [], draft: ['! call by 31 feb'] });
    const again = start(['commit', 'jackie']);
    await again.answer('go on with it', '\r');
    await again.answer('could not be read', '\u0015! call by fri\r');
    await again.answer('Fri 13 Mar', '\u0003');
    expect(await again.exit).toBe(130);
    expect((await saved()).draft).toEqual(['! call by fri']);
  });

  it('records nothing from an empty file unless told to', async () => {
    const run = start(['commit', 'jackie', '--editor'], { EDITOR: 'true' });
    await run.answer('Record the contact alone?', '\r');
    expect(await run.exit).toBe(130);
    expect(await place.withStore((store) => store.contacts.of('jackie'))).toEqual([]);
  });
});

describe('note --editor', () => {
  it('keeps what the editor leaves, and opens none for nobody', async () => {
    const editor = editorAppending('? can I fly');
    const run = start(['note', 'jackie', '--editor'], { EDITOR: editor });
    expect(await run.exit).toBe(0);
    expect((await saved()).notes).toEqual([['question', 'can I fly', null]]);
    const lost = start(['note', 'nobody', '--editor'], { EDITOR: 'false' });
    expect(await lost.exit).toBe(3);
  });
});
