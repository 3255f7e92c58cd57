/** The built program asks in a terminal: init, unlock, a patient that several could be; and each question can be left. */
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { newPatient } from '../../src/domain/records.ts';
import { runBinary } from '../support/binary.ts';
import { type PtyRun, runInTerminal } from '../support/pty.ts';
import { aPerson } from '../support/records.ts';
import { addSample } from '../support/sample.ts';
import { makePlace, makeVault, passphrase, type TestPlace } from '../support/vault.ts';

let place: TestPlace;

const start = (argv: readonly string[], env: Readonly<Record<string, string>> = {}): PtyRun =>
  runInTerminal(argv, { root: place.root, env: { RAPPORT_TODAY: '2026-03-12', ...env } });
const opened = { RAPPORT_PASSPHRASE: passphrase };

/** A clinic in which 'mar' may be many. */
async function clinic(others: number): Promise<void> {
  place = await makeVault();
  await place.withStore((store) => {
    addSample(store);
    store.write({ verb: 'import' }, () => {
      for (let number = 1; number <= others; number += 1)
        store.patients.insert(newPatient({ name: `Marta Number${number}`, handle: `marta${number}` }));
    });
  });
}

describe('unlock', () => {
  it('asks once, and what follows asks nothing until lock', async () => {
    await clinic(0);
    const run = start(['unlock', '--for', '5m']);
    try {
      await run.answer('Passphrase', `${passphrase}\r`);
      expect(await run.exit).toBe(0);
      await run.waitFor('Unlocked until');
      expect(await runBinary(['due'], { root: place.root })).toMatchObject({ code: 0 });
    } finally {
      expect(await runBinary(['lock'], { root: place.root })).toMatchObject({ code: 0 });
    }
    expect(await runBinary(['due'], { root: place.root })).toMatchObject({ code: 4, stdout: '' });
  });
});

describe('a name that several have', () => {
  it('is a choice by arrows of few', async () => {
    await clinic(2);
    const run = start(['brief', 'mar'], opened);
    await run.waitFor('❯ Malu Razo');
    run.type('\u001b[B');
    await run.waitFor('❯ Marta Number1');
    run.type('\r');
    expect(await run.exit).toBe(0);
    expect(await run.waitFor('MARTA NUMBER1')).not.toContain("Which 'mar'?");
  });

  it('is a choice by typing of many', async () => {
    await clinic(30);
    const run = start(['brief', 'mar'], opened);
    await run.waitFor('Marta Number1');
    run.type('number17');
    await run.screen.until(
      (text) => text.includes('(marta17)') && !text.includes('(marta1)'),
      'the seventeenth alone',
    );
    run.type('\r');
    expect(await run.exit).toBe(0);
    await run.waitFor('MARTA NUMBER17');
  });

  it('is told without a terminal', async () => {
    await clinic(2);
    const { code, stderr, stdout } = await runBinary(['notes', 'mar'], { root: place.root, env: opened });
    expect({ code, stdout }).toEqual({ code: 6, stdout: '' });
    expect(stderr).toContain('  Marta Number1  (marta1)');
  });
});

describe('TERM=dumb', () => {
  const dumb = { ...opened, TERM: 'dumb' };

  it('asks in plain lines: a name, several texts, yes or no, a choice, a day that stands there', async () => {
    await clinic(2);
    const add = start(['patient', 'add'], dumb);
    await add.answer('Name of the patient?', 'Leila Haddad\r');
    await add.answer('Goes by?', '\r');
    await add.answer('How is the name said', 'LAY-lq\u007fa\r');
    await add.answer('Pronouns?', '-\r');
    await add.answer('Language?', 'Arabic\r');
    await add.answer('Born when?', '3/4/1961\r');
    await add.waitFor("'3/4/1961' may be 3 apr 1961 or 4 mar 1961");
    add.type('1961\r');
    await add.answer('A new patient', 'y\r');
    await add.answer('Welcome call by Tue 17 Mar? yes or no, Enter for yes:', '\r');
    expect(await add.exit).toBe(0);

    const brief = start(['brief', 'mar'], dumb);
    await brief.waitFor('2: Marta Number1');
    await brief.answer("Which 'mar'? Number:", '2\r');
    expect(await brief.exit).toBe(0);

    const commit = start(['commit', 'leila'], dumb);
    await commit.answer('Visit on [Thu 12 Mar 2026] (Enter keeps it', '11 mar\r');
    await commit.answer('Done or answered?', '\r');
    await commit.answer('What did you promise', 'call with the result by fri\r');
    await commit.screen.until((text) => text.split('What did you promise').length > 2, 'the next promise');
    commit.interrupt();
    expect(await commit.exit).toBe(130);
    await commit.waitFor('draft');

    for (const run of [add, brief, commit]) expect(run.written()).not.toContain('\u001b');
    expect(await place.withStore((store) => store.patients.byHandle('leila'))).toMatchObject({
      say: 'LAY-la',
      declined: ['pronouns'],
      language: 'Arabic',
      birth_date: '1961',
      new: true,
    });
  });

  it('never shows a passphrase, which is edited unseen', async () => {
    place = makePlace();
    const run = start(['init'], { TERM: 'dumb' });
    await run.answer('New passphrase', 'wrong\u0015quiet river, green hatt\u007f\r');
    await run.answer('same again', 'quiet river, green hat\r');
    await run.answer('type its group', '\u0003');
    expect(await run.exit).toBe(130);
    expect(run.written()).not.toMatch(/\u001b|river/);
    expect(existsSync(place.folder) ? readdirSync(place.folder) : []).toEqual([]);
  });
});

describe.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
])('%s', (_, key) => {
  it.each([0, 1, 2])('at question %i of init makes no vault', async (at) => {
    place = makePlace();
    const run = start(['init']);
    const questions = ['New passphrase', 'same again', 'type its group'];
    for (const question of questions.slice(0, at)) await run.answer(question, 'quiet river, green hat\r');
    await run.answer(questions[at] ?? '', key);
    expect(await run.exit).toBe(130);
    await run.waitFor('cancelled, nothing was changed');
    expect(existsSync(place.folder) ? readdirSync(place.folder) : []).toEqual([]);
  });

  it.each([
    ['unlock', ['unlock', '--for', '5m'], 'Passphrase', {}],
    ['brief, at the passphrase', ['brief', 'malu'], 'Passphrase', {}],
    ['brief, at the choice of a patient', ['brief', 'mar'], "Which 'mar'?", opened],
    ["brief, at today's visits", ['brief'], "Today's visits", opened],
    ['commit, at the day', ['commit', 'malu'], 'Visit on', opened],
    ['patient add', ['patient', 'add'], 'Name of the patient?', opened],
    ['patient forget', ['patient', 'forget', 'malu'], 'name', opened],
  ])('leaves %s with nothing done', async (_name, argv, question, env) => {
    await clinic(2);
    const before = await place.withStore((store) => store.history.newest()?.id);
    const run = start(argv, env);
    await run.answer(question, key);
    expect(await run.exit).toBe(130);
    await run.waitFor('nothing was changed');
    expect(await place.withStore((store) => store.history.newest()?.id)).toBe(before);
  });
});

describe('a death', () => {
  it('is gone through: the day, promises, what is planned, the same person elsewhere, condolences', async () => {
    await clinic(0);
    await place.withStore((store) =>
      store.write({ verb: 'import' }, () =>
        store.people.insert(aPerson('Walt Beer', { patient_id: 'ned', relation: 'neighbour' })),
      ),
    );
    const run = start(['patient', 'died', 'walt'], opened);
    await run.answer('Walt Beer: died when?', '2 mar\r');
    for (const promise of [
      'Call about the memorial',
      'Call at six weeks',
      'Find out about the garden group',
    ]) {
      await run.waitFor(promise);
      run.type('\u001b[B');
      await run.waitFor('❯ drop it');
      run.type('\r');
    }
    await run.answer('Cancel the visit Wed 18 Mar 14:40?', '\r');
    await run.answer('Walt Beer, neighbour of Ned Hintz: mark him died on their page too?', 'y\r');
    await run.answer('Which of them?', '1\r');
    expect(await run.exit).toBe(0);
    const said = await run.waitFor('Send Ned a condolence note for Walt  Mon 16 Mar');
    expect(said).toContain('Walt Beer died on Mon 2 Mar 2026');
    expect(said).toMatch(/visit Wed 18 Mar cancelled[\s\S]*Walt Beer \(neighbour\) of Ned Hintz died too/);
  });
});

describe('the first private record of a patient', () => {
  it('offers that nothing tells of such', async () => {
    await clinic(0);
    const run = start(['note', 'walt', 'drinks again', '--sensitive'], opened);
    await run.answer('Might somebody with Walt Beer see this screen?', 'y\r');
    expect(await run.exit).toBe(0);
    const { stdout } = await place.run(['patient', 'set', 'walt', '--discreet']);
    expect(stdout).toContain('discreet: on');
  });
});
