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

  it('changes the visit and its lines at the summary, whose numbers never move', async () => {
    const run = start(['commit', 'jackie', '--hard']);
    await run.answer('Visit on', '\r');
    await run.answer('Done or answered?', 'none\r');
    await run.answer('What did you promise', '?\r');
    await run.answer('private: ', 'call in 2 days\r');
    await run.answer('Sat 14 Mar', '-\r');
    await run.answer('What did you learn?', 'will ring if worse\r');
    await run.answer('2  story', '@21 mar wedding of Ana\r');
    await run.answer('Sat 21 Mar', 'avoid the cruise\r');
    await run.answer('avoid?', '\r');
    await run.answer('Ask next time?', '\r');
    await run.answer('A hard visit. You could promise', '1\r');
    await run.waitFor('says how');
    for (const [typed, isDropped] of [
      ['2 drop', true],
      ['2 keep', false],
    ] as const) {
      run.type(`${typed}\r`);
      await run.screen.until((text) => text.includes(' 2  dropped') === isDropped, typed);
    }
    const steps: readonly (readonly [string, string])[] = [
      ['2 drop', ' 2  dropped'],
      ['2 text', '2 is dropped'],
      ['4 story', '4  story '],
      ['3 pin', '(pinned)'],
      ['3 reach', '(pinned, you reach out)'],
      ['3 for daughter Bea', 'Bea, daughter'],
      ['4 private', 'private story'],
      ['day yesterday', 'Wed 11 Mar 2026, visit'],
      ['channel call', 'Wed 11 Mar 2026, call'],
      ['1 due 31 feb', 'is not a date'],
    ];
    for (const [typed, shown] of steps) {
      await run.waitFor('says how');
      run.type(`${typed}\r`);
      await run.waitFor(shown);
    }
    run.type('1 text\r');
    await run.answer('1 call in 2 days', '\u0015call the ward in 2 days\r');
    await run.answer('1  promise        call the ward', '\r');
    await run.answer('Might somebody', 'n\r');
    expect(await run.exit).toBe(0);
    const { notes, commitments } = await saved();
    // Two days from the day that the visit was moved to.
    expect(commitments).toContainEqual(['call the ward', '2026-03-13', 'open']);
    expect(notes).toHaveLength(2);
    const contacts = await place.withStore((store) => store.contacts.of('jackie'));
    expect(contacts).toMatchObject([{ on: '2026-03-11', channel: 'call', state: 'held' }]);
  });

  it('records an empty visit in three Enters, and of a promise alone no contact', async () => {
    await addPatient(place, 'Mara Mar', 'mara');
    const run = start(['commit', 'mara']);
    await run.answer('Visit on', '\r');
    await run.answer('What did you promise', '\r');
    await run.answer('Enter saves the visit alone', '\r');
    expect(await run.exit).toBe(0);
    const promise = start(['commit', 'jackie', '--promise']);
    await promise.answer('What did you promise', 'call by fri\r');
    expect(await promise.exit).toBe(0);
    const held = (id: string) => place.withStore((store) => store.contacts.of(id).length);
    expect([await held('mara'), await held('jackie')]).toEqual([1, 0]);
  });

  it('goes on with a draft of another day and channel, which an option overrules', async () => {
    const first = start(['commit', 'jackie', '--channel', 'call', '--on', 'yesterday']);
    await first.answer('Done or answered?', '1\r');
    await first.answer('What did you promise', 'call tomorrow\r');
    await first.waitFor('2  promise');
    first.kill();
    await first.exit;
    const again = start(['commit', 'jackie', '--on', 'today']);
    await again.answer('go on with it', '\r');
    await again.waitFor('day Thu 12 Mar 2026, as --on says; the draft was of Wed 11 Mar 2026');
    await again.waitFor('Fri 13 Mar');
    await again.answer('What did you promise', 'send it\r');
    await again.answer('3  promise  send it', '\r');
    await again.answer('What did you learn?', '\r');
    await again.answer('Ask next time?', '\r');
    await again.answer('Thu 12 Mar 2026, call', '\u0003');
    expect(await again.exit).toBe(130);
  });

  it('asks of what was sent, and of a decision when to look at it again', async () => {
    await addPatient(place, 'Mara Mar', 'mara', {
      contacts: [{ on: day('2026-03-01') }],
      notes: [{ kind: 'decision', text: 'night shifts or days' }],
      commitments: [{ text: 'diet sheet', kind: 'send', status: 'kept', closed_on: day('2026-03-09') }],
    });
    const run = start(['commit', 'mara']);
    await run.answer('Visit on', '\r');
    await run.answer('diet sheet            sent 9 Mar: of use?', '1 the pictures; 2 days\r');
    await run.answer('Look at it again on?', '12 jun\r');
    await run.waitFor('3  promise  Look at it again: night shifts or');
    await run.answer('What did you promise', '\r');
    await run.answer('What did you learn?', '\r');
    await run.answer('Ask next time?', '\r');
    await run.answer('explain   diet sheet: the pictures', '\r');
    expect(await run.exit).toBe(0);
    const made = await place.withStore((store) => store.commitments.of('mara').map(({ due }) => due));
    expect(made).toContain('2026-06-12');
  });

  it('keeps every mark of one answer when the question about the first is left', async () => {
    await addPatient(place, 'Mara Mar', 'mara', {
      contacts: [{ on: day('2026-03-01') }],
      notes: [{ kind: 'decision', text: 'night shifts or days' }],
      commitments: [{ text: 'diet sheet', due: day('2026-03-09') }],
    });
    const run = start(['commit', 'mara']);
    await run.answer('Visit on', '\r');
    await run.answer('Done or answered?', '2 days; 1 by post\r');
    await run.answer('Look at it again on?', '\u0003');
    expect(await run.exit).toBe(130);
    const draft = await place.withStore((store) => draftTexts(store, 'mara'));
    expect(draft).toEqual([expect.stringMatching(/ days$/), expect.stringMatching(/ by post$/)]);
  });

  it.each(['xterm-256color', 'dumb'])('gives back what was refused last: TERM=%s', async (TERM) => {
    const run = start(['commit', 'jackie'], { TERM });
    await run.answer('Visit on', '\r');
    await run.answer('Done or answered?', '1\r');
    await run.answer('What did you promise', 'call by 31 feb\r');
    await run.answer("'31 feb' is not a date", '\u0003');
    expect(await run.exit).toBe(130);
    expect((await saved()).draft).toEqual([expect.any(String), 'call by 31 feb']);
    const again = start(['commit', 'jackie'], { TERM });
    await again.answer('go on with it', TERM === 'dumb' ? '1\r' : '\r');
    await again.answer('could not be read', TERM === 'dumb' ? ' \r' : '\u0015\r');
    await again.answer('What did you promise', '\r');
    await again.answer('What did you learn?', '\r');
    await again.answer('Ask next time?', '\r');
    await again.answer('Enter saves', 'plays chess\r');
    await again.answer('that changes nothing', '\u0003');
    expect(await again.exit).toBe(130);
    await again.waitFor('You typed:\n  plays chess');
  });

  it('offers yesterday until four in the morning', async () => {
    const env = { RAPPORT_NOW: '2026-03-12T02:59:00Z' };
    const run = start(['commit', 'jackie'], env);
    await run.waitFor('Visit on Wed 11 Mar 2026');
  });

  it.each([
    ['Ctrl-C', (run: PtyRun) => run.interrupt(), 130, ['half a li']],
    ['kill -9', (run: PtyRun) => run.kill(), 137, []],
  ])('%s leaves every entered line in the draft', async (_, end, code, unfinished) => {
    const run = start(['commit', 'jackie']);
    await run.answer('Visit on', '\r');
    await run.answer('Done or answered?', '\r');
    await run.answer('What did you promise', 'call by fri\r');
    await run.waitFor('Fri 13 Mar, 1 business day');
    run.type('half a li');
    await run.waitFor('by when? half a li');
    end(run);
    expect(await run.exit).toBe(code);
    expect((await saved()).draft).toEqual(['call by fri', ...unfinished]);
  });

  it('keeps a line of which something was to be asked, and asks it when the draft is gone on with', async () => {
    const run = start(['commit', 'jackie']);
    await run.answer('Visit on', '\r');
    await run.answer('Done or answered?', '\r');
    await run.answer('What did you promise', '?Can I fly\r');
    await run.answer('a question, or text?', '\u0003');
    expect(await run.exit).toBe(130);
    expect((await saved()).draft).toEqual(['?Can I fly']);
    const again = start(['commit', 'jackie']);
    await again.answer('go on with it', '\r');
    await again.answer('a question, or text?', '\r');
    await again.waitFor('TYPED SO FAR');
  });

  it('refuses a line that could be nothing, whatever is answered of it, and in a draft asks for it again', async () => {
    const run = start(['commit', 'jackie']);
    await run.answer('Visit on', '\r');
    await run.answer('Done or answered?', '\r');
    await run.answer('What did you promise', 'famly:\r');
    await run.answer('the text is empty', 'promis: call by 31 feb\r');
    await run.waitFor("'31 feb' is not a date");
    run.type('famly:');
    await run.answer('by when? famly:', '\u0003');
    expect(await run.exit).toBe(130);
    expect((await saved()).draft).toEqual(['famly:']);
    const again = start(['commit', 'jackie']);
    await again.answer('go on with it', '\r');
    await again.answer('leaves it out) famly:', ' two sons\r');
    await again.answer('did you mean family:?', '\r');
    await again.waitFor('1  family  two sons');
    await again.answer('Done or answered?', '\u0003');
    expect(await again.exit).toBe(130);
    expect((await saved()).draft).toEqual(['family: two sons']);
  });

  it('takes a line that says what it is at any prompt, and asks again', async () => {
    const run = start(['commit', 'jackie']);
    await run.answer('Visit on', '\r');
    await run.answer('Done or answered?', '! call school re: bullying fri\r');
    await run.answer('1  promise  call school', '1\r');
    await run.waitFor('2  kept');
    await run.answer('What did you promise', 'ask the ward after half term\r');
    await run.answer("when is 'after half term'?", 'concern: sleeps badly\r');
    await run.answer('4  concern', '\r');
    await run.answer('What did you learn?', '\r');
    await run.answer('Ask next time?', '\r');
    await run.answer('Enter saves', '* staying at home\r');
    await run.answer('5  matters', '\r');
    expect(await run.exit).toBe(0);
    const { notes, commitments } = await saved();
    expect(notes.map(([kind, text]) => [kind, text])).toEqual([
      ['matters', 'staying at home'],
      ['concern', 'sleeps badly'],
    ]);
    expect(commitments.toSorted()).toEqual([
      ['Low-salt recipe sheet', '2025-12-16', 'kept'],
      ['ask the ward after half term', null, 'open'],
      ['call school re: bullying', '2026-03-13', 'open'],
    ]);
  });

  it('gives back what was typed of a note whose question is left', async () => {
    const run = start(['note', 'jackie']);
    await run.answer('What is there to remember', '?Can I fly\r');
    await run.answer('a question, or text?', '\u0003');
    expect(await run.exit).toBe(130);
    await run.waitFor('You typed:\n  ?Can I fly');
    const half = start(['note', 'jackie']);
    await half.answer('What is there to remember', 'plays the ha');
    await half.answer('plays the ha', '\u0003');
    expect(await half.exit).toBe(130);
    await half.waitFor('You typed:\n  plays the ha');
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
