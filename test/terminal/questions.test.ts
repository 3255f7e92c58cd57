import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { terminalQuestions } from '../../src/terminal/questions.ts';
import { plainStyle } from '../../src/terminal/styles.ts';
import { Screen } from '../support/screen.ts';

interface Options {
  readonly allowed?: boolean;
  readonly assumeYes?: boolean;
  readonly screenReader?: boolean;
  readonly isDumb?: boolean;
}

function terminal(options: Options = {}) {
  const screen = new Screen();
  let written = '';
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  output.on('data', (bytes: Buffer) => {
    written += bytes.toString();
    screen.write(bytes);
  });
  const questions = terminalQuestions({
    beforeAsking: () => undefined,
    open: () => ({ input, output, close: () => input.destroy() }),
    style: () => plainStyle,
    allowed: options.allowed ?? true,
    assumeYes: options.assumeYes ?? false,
    screenReader: () => options.screenReader ?? false,
    isDumb: options.isDumb ?? false,
  });
  return {
    screen,
    questions,
    type: (keys: string) => input.write(keys),
    hangUp: () => input.destroy(),
    written: () => written,
  };
}

describe('questions on a terminal', () => {
  it('keep lines that were pasted at once for the questions that follow', async () => {
    const { questions, type } = terminal();
    const first = questions.text('one?');
    type('call on Friday\rbring the diary\r\ncafé déjà vu\n');
    expect(await first).toBe('call on Friday');
    expect(await questions.text('two?')).toBe('bring the diary');
    expect(await questions.text('three?')).toBe('café déjà vu');
  });

  const check = (text: string) => (text === 'fri' ? undefined : 'not a day');

  it('ask again where the check refuses, on an empty line, and take the next line as the second try', async () => {
    const { screen, questions, type } = terminal();
    const answer = questions.text('when?', { check, above: 'two lines\nabove it' });
    type('someday\r');
    await screen.until((text) => text.endsWith('two lines\nabove it\n> not a day\n? when?'), 'the refusal');
    type('fri\r');
    expect(await answer).toBe('fri');
    await screen.until((text) => text === '', 'an empty screen');
  });

  it('bring back what was refused, and every earlier line, by Up', async () => {
    const { screen, questions, type } = terminal();
    const first = questions.text('one?');
    type('call on Friday\r');
    await first;
    const answer = questions.text('when?', { check });
    type('someday\r');
    await screen.waitFor('> not a day');
    const up = '\u001b[A';
    type(up);
    await screen.waitFor('when? someday');
    type(up);
    await screen.waitFor('when? call on Friday');
    type('\u0015fri\r');
    expect(await answer).toBe('fri');
    const secret = questions.secret('Passphrase');
    type('open sesame\r');
    await secret;
    const last = questions.text('last?');
    type(up);
    await screen.waitFor('last? fri');
    type('\r');
    expect(await last).toBe('fri');
  });

  it('take no answer to a fresh question from what was pasted', async () => {
    const { screen, questions, type } = terminal();
    const first = questions.text('one?');
    type('\u001b[200~a line\rand\r');
    expect(await first).toBe('a line');
    const answer = questions.text('Enter saves', { fresh: true });
    await screen.waitFor('1 pasted line left out');
    await screen.waitFor('Enter saves');
    type('more\r\r\u001b[201~');
    type('3 dr');
    await screen.waitFor('Enter saves 3 dr');
    type('op\r');
    expect(await answer).toBe('3 drop');
  });

  it('keep what was pasted for the questions behind a choice', async () => {
    const { screen, questions, type } = terminal();
    const first = questions.text('one?');
    type('\u001b[200~a line\ranother\rthe last\u001b[201~');
    expect(await first).toBe('a line');
    const chosen = questions.choose('which?', [
      { name: 'this', value: 1 },
      { name: 'that', value: 2 },
    ]);
    await screen.waitFor('which?');
    type('\r');
    expect(await chosen).toBe(1);
    expect(await questions.text('two?')).toBe('another');
    const last = questions.text('three?');
    await screen.waitFor('three? the last');
    type('\r');
    expect(await last).toBe('the last');
  });

  it('offer a prefilled text that can be emptied', async () => {
    const { screen, questions, type } = terminal();
    const kept = questions.text('date?', { prefill: 'Thu 12 Mar' });
    await screen.waitFor('date? Thu 12 Mar');
    type('\r');
    expect(await kept).toBe('Thu 12 Mar');
    const emptied = questions.text('date?', { prefill: 'Fri' });
    await screen.waitFor('date? Fri');
    type('\u0015\r');
    expect(await emptied).toBe('');
  });

  it('are cancelled by Ctrl-D on a prefilled line too, and no sooner than its turn', async () => {
    const { questions, type } = terminal();
    const first = questions.text('one?');
    type('a line\r\u0004');
    expect(await first).toBe('a line');
    await expect(questions.text('day?', { prefill: 'Fri' })).rejects.toMatchObject({ exit: 'cancelled' });
  });

  it('are cancelled when the terminal goes away', async () => {
    const { screen, questions, hangUp } = terminal();
    const answer = questions.secret('Passphrase');
    await screen.waitFor('Passphrase');
    hangUp();
    await expect(answer).rejects.toMatchObject({ exit: 'cancelled' });
  });

  it('take yes or no, and nothing typed ahead for it', async () => {
    const { screen, questions, type } = terminal();
    const text = questions.text('What?');
    type('words\ry\r');
    await text;
    const answer = questions.confirm('Save?', true);
    await screen.waitFor('Save?');
    type('n\r');
    expect(await answer).toBe(false);
    expect(await terminal({ assumeYes: true }).questions.confirm('Save?', false)).toBe(true);
  });

  it('have the first choice marked, also where another stands for nothing', async () => {
    const { screen, questions, type } = terminal();
    const few = questions.choose<number | undefined>('Which?', [
      { name: 'Malu Razo', value: 1 },
      { name: 'somebody else', value: undefined },
    ]);
    await screen.waitFor('somebody else');
    type('\r');
    expect(await few).toBe(1);
    const names = Array.from({ length: 30 }, (_, place) => ({ name: `Ana Number${place}`, value: place }));
    const many = questions.choose<number | undefined>('Which?', [
      ...names,
      { name: 'somebody else', value: undefined },
    ]);
    await screen.waitFor('Number0');
    type('\r');
    expect(await many).toBe(0);
  });

  it('look for what is typed in the words of a choice alone, whole words first', async () => {
    const { screen, questions, type } = terminal();
    const answer = questions.choose('Who?', [
      { name: 'Ned Hintz, last seen 3 Mar', words: 'ned hintz', value: 1 },
      { name: 'Marta Raz', words: 'marta raz', value: 2 },
      { name: 'Mar Igual', words: 'mar igual', value: 3 },
    ]);
    await screen.waitFor('Who? (type to narrow)');
    type('mar');
    const text = await screen.until((shown) => shown.includes('❯ Mar Igual'), 'the best first');
    expect(text).toContain('Marta Raz');
    expect(text).not.toContain('Ned');
    type('\r');
    expect(await answer).toBe(3);
  });

  it('show stored control characters without their effect', async () => {
    const { screen, questions, type } = terminal();
    const answer = questions.text('About \u001b[2Jx\u0007?');
    await screen.waitFor('About \\u{1b}[2Jx\\u{7}?');
    type('\r');
    await answer;
  });

  it('fail as usage without a terminal or under --no-input', async () => {
    const { questions } = terminal({ allowed: false });
    expect(questions.possible).toBe(false);
    await expect(questions.text('What?')).rejects.toMatchObject({ exit: 'usage' });
    await expect(questions.confirm('Sure?', true)).rejects.toMatchObject({ exit: 'usage' });
  });
});

describe('questions for a screen reader', () => {
  it('stand in lines of their own, refusals below them', async () => {
    const { screen, questions, type, written } = terminal({ screenReader: true });
    const check = (text: string) => (text === 'fri' ? undefined : 'not a day');
    const answer = questions.text('When?', { check });
    await screen.waitFor('When?');
    type('someday\rfri\r');
    expect(await answer).toBe('fri');
    const again = questions.text('Visit on', { prefill: 'Thu 12 Mar' });
    await screen.waitFor('Visit on Thu 12 Mar');
    type('\r');
    expect(await again).toBe('Thu 12 Mar');
    expect(screen.text()).toBe('When? someday\nnot a day\nWhen? fri\nVisit on Thu 12 Mar');
    // Nothing goes back up to what was read out.
    expect(written()).not.toMatch(/\u001b\[\d*[AFHK]|\u001b\[2J/);
  });

  it('never show a secret', async () => {
    const { screen, questions, type, written } = terminal({ screenReader: true });
    const answer = questions.secret('Passphrase');
    await screen.waitFor('Passphrase');
    type('open sesame\r');
    expect(await answer).toBe('open sesame');
    expect(written()).not.toMatch(/sesame|\*/);
  });

  it('number few choices, and ask for words of many', async () => {
    const { screen, questions, type } = terminal({ screenReader: true });
    const few = questions.choose('Which?', [
      { name: 'Malu Razo', value: 1 },
      { name: 'Marta Raz', value: 2 },
    ]);
    await screen.waitFor('2: Marta Raz\nWhich? Number:');
    type('\r3\r2\r');
    expect(await few).toBe(2);
    const names = Array.from({ length: 30 }, (_, place) => ({ name: `Ana Number${place}`, value: place }));
    const many = questions.choose('Who?', [...names, { name: 'José Ibáñez', value: 99 }]);
    await screen.waitFor('Who? 31 choices. Words of the name:');
    type('number2\r');
    await screen.waitFor('11 choices');
    type('zz\riban\r');
    expect(await many).toBe(99);
    await screen.waitFor('none of them fits');
  });

  it('list the first of many on a terminal that only prints lines', async () => {
    const { screen, questions, type } = terminal({ isDumb: true });
    const names = Array.from({ length: 30 }, (_, place) => ({ name: `Ana Number${place}`, value: place }));
    const chosen = questions.choose('Who?', names);
    await screen.waitFor('9: Ana Number8\nWho? 30 choices. Words of the name:');
    type('9\r');
    expect(await chosen).toBe(8);
  });

  it('take yes, no or Enter', async () => {
    const { screen, questions, type } = terminal({ screenReader: true });
    const answer = questions.confirm('Save?', true);
    await screen.waitFor('Save? yes or no, Enter for yes:');
    type('maybe\rno\r');
    expect(await answer).toBe(false);
  });

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('%s cancels', async (_, key) => {
    const { screen, questions, type, hangUp } = terminal({ screenReader: true });
    const answer = questions.text('What?');
    await screen.waitFor('What?');
    type(key);
    await expect(answer).rejects.toMatchObject({ exit: 'cancelled' });
    const next = questions.confirm('Sure?', false);
    await screen.waitFor('Sure?');
    hangUp();
    await expect(next).rejects.toMatchObject({ exit: 'cancelled' });
  });
});
