/** The built program in a pseudo-terminal: what only a real terminal can show. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { binary, runBinary } from '../support/binary.ts';
import { type PtyOptions, type PtyRun, runInTerminal } from '../support/pty.ts';
import { makePlace, makeVault, passphrase, type TestPlace } from '../support/vault.ts';

let place: TestPlace | undefined;

async function vault(): Promise<TestPlace> {
  place = await makeVault();
  return place;
}

const start = (argv: readonly string[], root: string, options: Partial<PtyOptions> = {}): PtyRun =>
  runInTerminal(argv, { root, ...options });

const shell = (line: string): readonly string[] => [
  '-c',
  line.replaceAll('rapport', `'${process.execPath}' '${binary}'`),
];

describe('in a terminal', () => {
  it('the passphrase is asked for, never shown, and its question vanishes', async () => {
    const { root } = await vault();
    const run = start(['due'], root);
    await run.answer('Passphrase', `${passphrase}\r`);
    expect(await run.exit).toBe(0);
    const screen = await run.waitFor('Nothing due');
    expect(screen).not.toContain('Passphrase');
    expect(run.written()).not.toContain(passphrase);
  });

  it('a passphrase has three tries, then a hint at the recovery code', async () => {
    const { root } = await vault();
    const run = start(['due'], root);
    for (const wrong of ['one', 'two', 'three']) {
      const before = run.written().split('Passphrase').length;
      await run.answer('Passphrase', `${wrong}\r`);
      await run.screen.until(
        (text) => run.written().split('Passphrase').length > before || text.includes('rapport:'),
        'the next try',
      );
    }
    expect(await run.exit).toBe(5);
    expect(await run.waitFor('hint: ')).toContain('recovery');
  });

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('%s at a question ends with 130 and a usable terminal', async (_, key) => {
    const { root } = await vault();
    const run = start(shell('rapport due; echo "code $?"; stty -a'), root, { program: 'sh' });
    await run.answer('Passphrase', key);
    expect(await run.exit).toBe(0);
    const screen = await run.waitFor('icanon');
    expect(screen).toContain('code 130');
    expect(screen).toMatch(/(?<!-)icanon/);
    expect(screen).toMatch(/(?<!-)echo /);
  });

  it('questions go to the terminal although the streams are pipes', async () => {
    const { root } = await vault();
    const run = start(shell('echo | rapport due 2>errors | cat'), root, { program: 'sh' });
    await run.answer('Passphrase', `${passphrase}\r`);
    expect(await run.exit).toBe(0);
    await run.waitFor('Nothing due');
  });

  it('a vault is made by answering', async () => {
    place = makePlace();
    const { root, ownSettings } = place;
    // No agent is to outlive the test.
    mkdirSync(dirname(ownSettings), { recursive: true });
    writeFileSync(ownSettings, '{"idle":"0"}', { mode: 0o600 });
    const run = start(['init'], root);
    await run.answer('New passphrase', 'quiet river, green hat\r');
    await run.answer('same again', 'quiet river, green hat\r');
    const shown = await run.waitFor('type its group');
    const codes = /\b(?:[0-9A-Z]{5}-){7}[0-9A-Z]{5}\b/.exec(shown)?.[0].split('-') ?? [];
    const group = Number(/type its group (\d)/.exec(shown)?.[1]);
    run.type(`${codes[group - 1]}\r`);
    expect(await run.exit).toBe(0);
    await run.waitFor('Your vault is in');
    const again = start(['key', 'list'], root);
    await again.waitFor('recovery');
    expect(await again.exit).toBe(0);
  });
});

describe('without a terminal', () => {
  it('nothing is asked: locked, with nothing on standard output', async () => {
    const { root } = await vault();
    const result = await runBinary(['due'], { root });
    expect(result).toMatchObject({ code: 4, stdout: '' });
    expect(result.stderr).toMatch(/^rapport: the vault is locked/);
  });

  it('the passphrase may come through standard input, once', async () => {
    const { root } = await vault();
    expect(await runBinary(['due', '--passphrase-stdin'], { root, stdin: `${passphrase}\n` })).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(await runBinary(['due', '--passphrase-stdin'], { root, stdin: 'wrong\n' })).toMatchObject({
      code: 5,
      stdout: '',
    });
  });
});
