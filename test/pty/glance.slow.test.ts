/** A briefing that is only glanced at, in a real terminal: it is there, it goes, and the log has it. */
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

const env = { RAPPORT_PASSPHRASE: passphrase, RAPPORT_TODAY: '2026-03-12' };
const start = (argv: readonly string[], program?: string): PtyRun =>
  runInTerminal(argv, { root: place.root, env, ...(program && { program }) });
const shell = (line: string): PtyRun =>
  start(['-c', line.replaceAll('rapport', `'${process.execPath}' '${binary}'`)], 'sh');
const looks = () =>
  place.withStore((store) => store.log.rows({ patientId: 'malu', limit: 9 }).map(({ verb }) => verb));

describe('brief --glance', () => {
  it('goes at any key, leaves nothing on the screen and the terminal as it was', async () => {
    const run = shell('rapport brief malu --glance 60; echo "code $?"; stty -a');
    await run.waitFor('any key ends this, or 60 seconds');
    expect(run.screen.isAlternate).toBe(true);
    expect(run.screen.text()).toContain('Low-salt recipe sheet');
    await expect.poll(looks).toContain('brief');
    run.type('x');
    expect(await run.exit).toBe(0);
    const screen = await run.waitFor('icanon');
    expect(run.screen.isAlternate).toBe(false);
    expect(screen).toContain('code 0');
    expect(screen).not.toMatch(/Low-salt|MARÍA/);
    expect(screen).toMatch(/(?<!-)icanon/);
    expect(screen).toMatch(/(?<!-)echo /);
  });

  it('goes by itself, without a key', async () => {
    const run = start(['brief', 'malu', '--glance', '1']);
    await run.waitFor('Low-salt recipe sheet');
    expect(await run.exit).toBe(0);
    await run.screen.until(() => !run.screen.isAlternate, 'the screen as it was');
    expect(run.screen.text()).not.toContain('Low-salt');
  });

  it.each([
    ['Ctrl-C', (run: PtyRun) => run.interrupt()],
    ['a polite kill', (run: PtyRun) => process.kill(run.processId, 'SIGTERM')],
  ])('goes at %s', async (_, act) => {
    const run = start(['brief', 'malu', '--glance', '60']);
    await run.waitFor('any key ends this');
    act(run);
    expect(await run.exit).toBe(0);
    await run.screen.until(() => run.written().endsWith('\u001b[?1049l'), 'the screen as it was');
  });

  it('reads keys from the terminal where standard input is a pipe', async () => {
    const run = shell('echo | rapport brief malu --glance 60; echo "code $?"');
    await run.waitFor('any key ends this');
    run.type('q');
    expect(await run.exit).toBe(0);
    expect(await run.waitFor('code 0')).not.toContain('Low-salt');
  });

  it('is usual where the setting says so, and left out with 0', async () => {
    const set = await place.run(['config', 'brief.glance', '60']);
    expect(set.code).toBe(0);
    const run = start(['brief', 'malu']);
    await run.waitFor('any key ends this, or 60 seconds');
    run.type(' ');
    expect(await run.exit).toBe(0);
    const plain = start(['brief', 'malu', '--glance', '0']);
    expect(await plain.exit).toBe(0);
    expect(await plain.waitFor('Low-salt')).toBeDefined();
    expect(plain.screen.isAlternate).toBe(false);
    // A pipe and a terminal without a second screen go on as they did.
    const dumb = shell('TERM=dumb rapport brief malu');
    expect(await dumb.exit).toBe(0);
    expect(dumb.written()).not.toContain('\u001b[?1049h');
    expect((await place.run(['brief', 'malu', '--json'])).code).toBe(0);
  });

  it('is shown although the look cannot be logged, and the warning waits for its end', async () => {
    await place.withDatabase(async (database) => {
      // Another rapport in the midst of a write.
      database.exec('BEGIN IMMEDIATE');
      const run = start(['brief', 'malu', '--glance', '60']);
      await run.waitFor('any key ends this');
      run.type('x');
      expect(await run.exit).toBe(0);
      expect(await run.waitFor('could not be written to the log')).not.toContain('Low-salt');
      expect(run.written().indexOf('could not')).toBeGreaterThan(run.written().indexOf('\u001b[?1049l'));
    });
    expect(await looks()).not.toContain('brief');
  });
});

describe('--glance', () => {
  it.each([
    [['--glance', '20'], 'for a terminal'],
    [['--glance', 'long', '--force'], "'long' is not a number of seconds"],
    [['--glance', '4000', '--force'], 'is not a number of seconds'],
    [['--glance', '20', '--json'], 'for a terminal'],
  ])('%j into a pipe is a usage error', async (options, message) => {
    const { code, stdout, stderr } = await place.run(['brief', 'malu', '--force', ...options]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('takes no such setting', async () => {
    expect((await place.run(['config', 'brief.glance', 'ever'])).code).toBe(2);
  });
});
