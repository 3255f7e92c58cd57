/** What comes from outside while rapport waits in a terminal: it is stopped and woken, ended, and its window changes. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { binary } from '../support/binary.ts';
import { type PtyRun, runInTerminal } from '../support/pty.ts';
import { addSample } from '../support/sample.ts';
import { makeVault, passphrase, type TestPlace } from '../support/vault.ts';

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
  await place.withStore(addSample);
});

const rapport = `'${process.execPath}' '${binary}'`;
const env = { RAPPORT_TODAY: '2026-03-12', PS1: 'shell> ' };
const start = (argv: readonly string[], more: object = {}): PtyRun =>
  runInTerminal(argv, { root: place.root, env, ...more });
/** A shell with job control, at its prompt. */
async function shell(options: object = {}): Promise<PtyRun> {
  const run = start(['--norc', '--noprofile', '-i'], { program: 'bash', ...options });
  await run.waitFor('shell>');
  return run;
}

const hasBash = (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, 'bash')));

describe.skipIf(!hasBash)('Ctrl-Z', () => {
  it.each([
    ['drawn', ''],
    ['spoken', '--screen-reader'],
  ])('stops at a %s question, which stands again when the shell goes on with it', async (_, flag) => {
    const run = await shell();
    run.type(`${rapport} due ${flag}\r`);
    await run.answer('Passphrase', 'correct ');
    run.type('\u001a');
    await run.waitFor('Stopped');
    run.type('stty -a; echo "lines: $((6 * 7))"\r');
    expect(await run.waitFor('lines: 42')).toMatch(/(?<!-)icanon/);
    run.type('fg\r');
    await run.screen.until((text) => /> fg\n[\s\S]*Passphrase/.test(text), 'the question again');
    run.type('horse battery staple\r');
    expect(await run.waitFor('Low-salt recipe sheet')).not.toContain('horse battery');
    run.type('exit\r');
    expect(await run.exit).toBe(0);
  });

  it('stops at a list to choose from, and the choice goes on', async () => {
    const run = await shell({ env: { ...env, RAPPORT_PASSPHRASE: passphrase } });
    run.type(`${rapport} brief\r`);
    await run.waitFor('Ned Hintz');
    run.type('\u001b[B');
    await run.waitFor('❯ 11:00');
    run.type('\u001a');
    await run.waitFor('Stopped');
    run.type('fg\r');
    await run.screen.until((text) => /> fg[\s\S]*❯ 11:00/.test(text), 'the list again');
    run.type('\r');
    await run.waitFor('NED HINTZ');
  });

  it.skipIf(!existsSync('/usr/bin/less'))(
    'is passed over in the pager, which would leave its page',
    async () => {
      const run = await shell({ rows: 8, env: { ...env, RAPPORT_PASSPHRASE: passphrase, PAGER: 'less' } });
      run.type(`${rapport} due --all\r`);
      await run.waitFor('OVERDUE');
      run.type('\u001aG');
      await run.waitFor('THEIRS');
      run.type('q');
      await run.screen.until((text) => !run.screen.isAlternate && text.endsWith('shell>'), 'the shell');
      expect(run.written()).not.toContain('Stopped');
    },
  );

  it('where no shell would wake it, is passed over', async () => {
    const run = start(['due']);
    await run.answer('Passphrase', 'correct horse \u001abattery staple\r');
    expect(await run.exit).toBe(0);
    await run.waitFor('Low-salt recipe sheet');
  });
});

describe('a polite kill', () => {
  const inShell = (line: string, options: object = {}): PtyRun =>
    start(
      ['-c', `sh -c 'echo $$ >pid; exec ${rapport.replaceAll("'", '"')} ${line}'; echo "code $?"; stty -a`],
      {
        program: 'sh',
        ...options,
      },
    );
  const end = (signal: NodeJS.Signals): boolean =>
    process.kill(Number(readFileSync(join(place.work, 'pid'), 'utf8')), signal);

  it.each(['due', 'backup b', 'restore b --yes'])(
    'at a question of %s ends at once, with a usable terminal',
    async (line) => {
      if (line.startsWith('restore')) expect((await place.run(['backup', 'b'])).code).toBe(0);
      const run = inShell(line);
      await run.waitFor('Passphrase');
      end('SIGTERM');
      const screen = await run.waitFor('icanon');
      expect(screen).toContain('code 143');
      expect(screen).toMatch(/(?<!-)icanon/);
      expect(screen).toMatch(/(?<!-)echo /);
    },
  );

  it.skipIf(!existsSync('/usr/bin/less'))('takes the pager along, and gives the screen back', async () => {
    const run = inShell('due --all', {
      rows: 8,
      env: { ...env, RAPPORT_PASSPHRASE: passphrase, PAGER: 'less' },
    });
    await run.waitFor('OVERDUE');
    end('SIGTERM');
    const screen = await run.waitFor('icanon');
    expect(screen).toMatch(/(?<!-)icanon/);
    expect(run.screen.isAlternate).toBe(false);
    expect(screen).not.toContain('OVERDUE');
  });
});

describe('a window that changes its size', () => {
  it('leaves a question and its answer whole', async () => {
    const run = start(['commit', 'malu'], { env: { ...env, RAPPORT_PASSPHRASE: passphrase }, columns: 100 });
    await run.answer('Visit on', '\r');
    await run.answer('Done or answered?', '\r');
    await run.answer('What did you promise', 'call with the echo result');
    await run.waitFor('echo result');
    run.resize(40, 30);
    run.type(' by fri\r');
    // The terminal breaks the line where it likes.
    await run.screen.until(
      (text) => text.replaceAll('\n', '').includes('Fri 13 Mar, a closed day'),
      'the date',
    );
    run.resize(120, 30);
    run.type('\r');
    await run.answer('What did you learn?', '\r');
    await run.answer('Ask next time?', '\r');
    await run.answer('Enter saves', '\r');
    expect(await run.exit).toBe(0);
    const promised = await place.withStore((store) => store.commitments.of('malu').map(({ text }) => text));
    expect(promised).toContain('call with the echo result');
  });

  it('is laid out for as it is when the list is shown', async () => {
    const run = start(['due'], { columns: 40 });
    await run.waitFor('Passphrase');
    run.resize(100, 24);
    run.type(`${passphrase}\r`);
    expect(await run.exit).toBe(0);
    await run.waitFor('Low-salt recipe sheet');
  });
});

const name = 'María Luisa Razo';
/** Stands for an editor or a pager: says that it is there, waits for Enter, and writes a note where it has a file. */
function waitingProgram(): string {
  const path = join(place.root, 'waiting');
  writeFileSync(
    path,
    '#!/bin/sh\necho I wait\nread answer </dev/tty\n[ -z "$1" ] || echo she draws >"$1"\n',
    { mode: 0o700 },
  );
  return path;
}

describe.runIf(process.platform === 'linux')('a command that waits', () => {
  it.each([
    ['at a question', ['brief', name], 'Passphrase', `${passphrase}\r`, false],
    ['at a glance', ['brief', name, '--glance', '60'], 'Low-salt', 'x', true],
    ['for the pager', ['timeline', name], 'I wait', '\r', true],
    ['for the editor', ['note', name, '--editor'], 'I wait', '\r', true],
  ] as const)('%s shows no name to ps, and opens no debugger', async (_, argv, shown, keys, isOpen) => {
    const program = waitingProgram();
    const more = { ...env, PAGER: program, EDITOR: program, NODE_OPTIONS: '--inspect-port=0' };
    const run = start(argv, { rows: 8, env: isOpen ? { ...more, RAPPORT_PASSPHRASE: passphrase } : more });
    await run.waitFor(shown);
    expect(readFileSync(`/proc/${run.processId}/cmdline`, 'utf8').replaceAll('\0', '')).toBe('rapport');
    process.kill(run.processId, 'SIGUSR1');
    run.type(keys);
    await run.exit;
    expect(run.written()).not.toContain('Debugger listening');
  });
});
