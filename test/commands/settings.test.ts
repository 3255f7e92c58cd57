/** What no transcript can show of settings: programs they start, a file that somebody wrote, and the age of a backup. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { settingDeclarations } from '../../src/domain/settings.ts';
import { runInTerminal } from '../support/pty.ts';
import { addSample } from '../support/sample.ts';
import { makeVault, passphrase, type RunOptions, type TestPlace } from '../support/vault.ts';

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
  await place.withStore(addSample);
});

const said = async (line: string, options?: RunOptions): Promise<string> => {
  const { stdout, stderr } = await place.run(line.split(' '), options);
  return stdout + stderr;
};

/** A program that says so when it runs, on the terminal. */
function program(name: string): string {
  const path = join(place.root, name);
  writeFileSync(path, `#!/bin/sh\necho "this is ${name}" >/dev/tty\n`, { mode: 0o700 });
  return path;
}

describe('each setting', () => {
  it.each(settingDeclarations.map(({ key, example }) => [key, example] as const))(
    '%s takes its example, and gives it back',
    async (key, example) => {
      expect(await place.run(['config', key, example])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(` ${example}`),
      });
      expect(await said(`config ${key}`)).toBe(`${example}\n`);
    },
  );

  it.each([
    ['editor', 'commit malu --editor', 'EDITOR'],
    ['pager', 'due --all', 'PAGER'],
  ])('%s goes before the environment', async (key, line, variable) => {
    const env = {
      RAPPORT_PASSPHRASE: passphrase,
      RAPPORT_NOW: '2026-03-12T17:00:00Z',
      [variable]: program('other'),
    };
    const starts = (name: string) =>
      runInTerminal(line.split(' '), { root: place.root, rows: 6, env }).waitFor(`this is ${name}`);
    await starts('other');
    await place.run(['config', key, program('own')]);
    await starts('own');
  });

  it('brief.glance shows a briefing for a while, on a screen of its own', async () => {
    const ownScreen = '\u001b[?1049h';
    expect(await said('brief malu', { terminal: 80 })).not.toContain(ownScreen);
    await place.run(['config', 'brief.glance', '1']);
    expect(await said('brief malu', { terminal: 80 })).toContain(ownScreen);
  });

  it.each(settingDeclarations.filter(({ key }) => key !== 'language').map(({ key }) => key))(
    '%s refuses what it cannot be',
    async (key) => {
      const before = await said('config --json');
      const isProgram = key === 'editor' || key === 'pager';
      for (const value of isProgram
        ? ['a\u0007b']
        : ['a\u0007b', '-1', `${'9'.repeat(30)}d`, 'no such thing']) {
        const { code, stdout, stderr } = await place.run(['config', key, '--', value]);
        expect([code, stdout, key, value]).toEqual([2, '', key, value]);
        expect(stderr).toMatch(/^rapport: [^\n]+\nhint: /);
      }
      expect(await said('config --json')).toBe(before);
    },
  );
});

describe('the reminder of a backup', () => {
  it('is silent unless the settings ask for it, and then says how old the last one is', async () => {
    const remind = async (...argv: readonly string[]): Promise<string> =>
      (await place.run(['due', ...argv])).stderr;
    expect(await remind()).toBe('');
    await place.run(['config', 'backup.remind', '2w']);
    expect(await remind()).toContain('No backup was made yet');
    expect(await remind('--quiet')).toBe('');
    expect(await remind('--line')).toBe('');
    await place.withStore((store) => store.backups.remember('2026-03-12T08:30:00.000Z', 'backup'));
    expect(await remind()).toBe('');
    place.at('2026-03-26T08:30:00Z');
    expect(await remind()).toBe('');
    place.at('2026-03-27T08:30:00Z');
    const old = 'The last backup is 15 days old, of 12 Mar. rapport backup\n';
    expect(await remind()).toBe(old);
    expect(await remind('--daily')).toBe(old);
    expect(await remind('--daily')).toBe('');
    // A clock that is fixed for a demonstration does not make the backup any younger.
    const { stderr } = await place.run(['due'], { env: { RAPPORT_TODAY: '2026-03-12' } });
    expect(stderr).toContain(old);
  });
});

describe("the person's own config.json", () => {
  it.each([
    ['{"tiem-zone":"UTC"}', "unknown setting 'tiem-zone'\nhint: did you mean time-zone?"],
    ['{"idle":"long"}', "'long' is not a length of time"],
    ['{"weekend":"fri sat"}', "'weekend' is kept in the vault, not in config.json"],
    ['{"time-zone":"UTC"}', "'time-zone' is kept in the vault, not in config.json"],
    ['{', 'config.json is not JSON'],
  ])('%s is refused by every command, and config mends it', async (text, message) => {
    writeFileSync(place.ownSettings, text);
    const { code, stderr, stdout } = await place.run(['due']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    // What looks after the vault runs all the same.
    expect((await place.run(['doctor'])).stdout).toContain('ok');
  });

  it('is mended by config, which lists what it holds', async () => {
    writeFileSync(place.ownSettings, '{"idle":"long","pager":"less"}');
    expect(await said('config')).toMatch(/^idle +long/m);
    expect(await said('config idle --unset')).toBe('idle: long -> 3h (default)\n');
    expect((await place.run(['due'])).code).toBe(0);
  });

  it('keeps the weekend in the vault: it is listed only where that is open', async () => {
    await place.run(['config', 'weekend', 'sat', '--quiet']);
    expect(await said('calendar list')).toContain('WEEKEND\n Saturday\n');
    expect(await said('config')).toMatch(/^weekend +sat +sat sun/m);
    expect(await said('config', { locked: true })).toMatch(/^weekend +\(locked\)/m);
    expect(await place.run(['config', 'weekend'], { locked: true })).toMatchObject({ code: 4 });
    await place.run(['undo']);
    expect(await said('config weekend')).toBe('sat sun\n');
  });
});
