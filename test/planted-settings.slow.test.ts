/** Settings that start programs or keep keys are the person's own: what lies in a vault's folder names none. */
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runBinary } from './support/binary.ts';
import { runInTerminal } from './support/pty.ts';
import { addSample } from './support/sample.ts';
import { makeVault, type PlaceOptions, passphrase, type TestPlace } from './support/vault.ts';

async function vault(options: PlaceOptions = {}): Promise<TestPlace> {
  const place = await makeVault(options);
  await place.withStore(addSample);
  return place;
}

/** A program that leaves a mark and says so on the terminal. */
function program(place: TestPlace, name: string): string {
  const path = join(place.root, name);
  writeFileSync(path, `#!/bin/sh\ntouch '${path}.ran'\necho "this is ${name}" >/dev/tty\n`);
  chmodSync(path, 0o700);
  return path;
}

function plant(place: TestPlace, values: Readonly<Record<string, string>>): void {
  writeFileSync(join(place.folder, 'config.json'), JSON.stringify(values), { mode: 0o600 });
}

it.each([
  ['pager', 'due --all', 'PAGER'],
  ['editor', 'commit malu --editor', 'EDITOR'],
])('a planted %s is never run, whatever else is set', async (key, line, variable) => {
  const place = await vault();
  const evil = program(place, 'evil');
  plant(place, { [key]: evil, 'screen-reader': 'on', idle: '12h' });
  const env = {
    RAPPORT_PASSPHRASE: passphrase,
    RAPPORT_NOW: '2026-03-12T17:00:00Z',
    [variable]: program(place, 'mine'),
  };
  const run = runInTerminal(line.split(' '), { root: place.root, rows: 6, env });
  await run.waitFor('this is mine');
  run.kill();
  expect(existsSync(`${evil}.ran`)).toBe(false);
  expect((await runBinary(['config', key], { root: place.root, env })).stdout).not.toContain('evil');
  expect((await place.run(['doctor'])).stdout).toMatch(
    /config\.json in the vault's folder has no say over .*\n(?:.*\n)*?.*rapport config idle VALUE sets it/,
  );
  // No key is kept either: the person's own file says so.
  expect(existsSync(join(place.root, 'runtime', 'rapport', 'agent.sock'))).toBe(false);
});

it('a vault of before takes over what its data depend on, once, and names the rest', async () => {
  const place = await vault();
  await place.withDatabase((database) => database.exec("DELETE FROM meta WHERE key = 'settings'"));
  const old = { 'time-zone': 'Pacific/Kiritimati', 'date-style': 'maybe', pager: '/evil', 'no-such': 'x' };
  plant(place, old);
  const env = { RAPPORT_NOW: '2026-03-12T12:00:00Z' };
  const run = (...argv: readonly string[]) => place.run(argv, { env });
  const first = await run('due', '--all');
  expect(first).toMatchObject({ code: 0 });
  expect(first.stdout).toContain('Fri 13 Mar 2026, Pacific/Kiritimati');
  expect(first.stderr).toContain(
    "config.json in the vault's folder has no say over date-style, pager, no-such\nhint: rapport config KEY VALUE sets",
  );
  expect(first.stderr).not.toContain('/evil');
  // From then on it says nothing and means nothing.
  plant(place, { ...old, 'time-zone': 'Europe/Madrid' });
  const second = await run('due', '--all');
  expect(second.stdout).toContain('Fri 13 Mar 2026, Pacific/Kiritimati');
  expect(second.stderr).not.toContain('config.json');
  expect((await run('config', 'time-zone', 'Europe/Madrid')).code).toBe(0);
  rmSync(join(place.folder, 'config.json'));
  expect((await run('due', '--all')).stdout).toContain('Thu 12 Mar 2026, Europe/Madrid');
  expect((await run('log')).stdout).toContain('config');
});

it('a day is read as the vault says, and a slip that no setting could mend asks for nothing', async () => {
  const place = await vault({ settings: { 'date-style': 'day-first', 'time-zone': 'Pacific/Kiritimati' } });
  place.at('2026-03-12T12:00:00Z');
  expect((await place.run(['due', '--on', '4/3/2026'])).stdout).toContain('Wed 4 Mar 2026');
  expect((await place.run(['due', '--on', 'today'])).stdout).toContain('Fri 13 Mar 2026');
  expect(await place.run(['due', '--on', '4/3/2026'], { locked: true })).toMatchObject({ code: 4 });
  expect(await place.run(['due', '--on', '32/33/2026'], { locked: true })).toMatchObject({ code: 2 });
  expect(await place.run(['due', '--line', '--on', '4/3/2026'], { locked: true })).toMatchObject({ code: 2 });
  expect(await place.run(['due', '--line', '--on', 'fri'], { locked: true })).toMatchObject({
    code: 0,
    stdout: 'locked\n',
  });
});

it.skipIf(process.platform === 'win32')(
  "the person's own file is not believed where others can write it",
  async () => {
    const place = await vault();
    const folder = join(place.root, 'home', '.config', 'rapport');
    const run = () => runBinary(['due'], { root: place.root, env: { RAPPORT_PASSPHRASE: passphrase } });
    for (const [path, mode, mended] of [
      [place.ownSettings, 0o620, 0o600],
      [place.ownSettings, 0o602, 0o644],
      [folder, 0o777, 0o755],
    ] as const) {
      chmodSync(path, mode);
      expect(await run()).toMatchObject({
        code: 9,
        stdout: '',
        stderr: `rapport: others can write ${path}, and name programs there\nhint: chmod go-w ${path}\n`,
      });
      chmodSync(path, mended);
      expect(await run()).toMatchObject({ code: 0 });
    }
    // People keep such files together, behind links.
    const kept = join(place.root, 'home', 'kept.json');
    renameSync(place.ownSettings, kept);
    symlinkSync(kept, place.ownSettings);
    expect(await run()).toMatchObject({ code: 0 });
    expect((await place.run(['config', 'pager', 'less -S'])).code).toBe(0);
    expect(JSON.parse(readFileSync(kept, 'utf8'))).toEqual({ idle: '0', pager: 'less -S' });
    chmodSync(kept, 0o666);
    expect(await run()).toMatchObject({ code: 9 });
  },
);
