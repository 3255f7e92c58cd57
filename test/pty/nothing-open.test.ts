/** While a person is waited for, the vault is closed: others write it, and put another one in its place. */
import { existsSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { runBinary } from '../support/binary.ts';
import { type PtyRun, runInTerminal } from '../support/pty.ts';
import { addSample } from '../support/sample.ts';
import { makeVault, passphrase, type TestPlace } from '../support/vault.ts';

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
  await place.withStore(addSample);
});

const env = { RAPPORT_PASSPHRASE: passphrase, RAPPORT_TODAY: '2026-03-12' };
const start = (argv: readonly string[], rows = 12, more: Readonly<Record<string, string>> = {}): PtyRun =>
  runInTerminal(argv, { root: place.root, rows, env: { ...env, ...more } });
const other = async (argv: readonly string[]): Promise<void> => {
  const { code, stderr } = await runBinary(argv, { root: place.root, env });
  expect([code, stderr]).toEqual([0, expect.anything()]);
};

/** Says that it is there, and waits for a key. */
function waiting(name: string): string {
  const path = join(place.work, name);
  writeFileSync(path, '#!/bin/sh\necho it waits >/dev/tty\nread -r _ </dev/tty\n', { mode: 0o700 });
  return path;
}

const openFiles = ({ processId }: PtyRun): readonly string[] =>
  readdirSync(`/proc/${processId}/fd`).flatMap((descriptor) => {
    try {
      return readlinkSync(`/proc/${processId}/fd/${descriptor}`);
    } catch {
      return [];
    }
  });

describe.skipIf(!existsSync('/proc/self/fd'))('nothing of the vault is open', () => {
  it.each([
    ['at a question', ['snooze', 'malu-c1'], 'Until when?'],
    ['at the questions of a write-up', ['commit', 'malu', '--on', 'today'], 'Done or answered?'],
    ['while something is edited', ['note', 'malu', '--editor'], 'it waits'],
    ['in the pager', ['due', '--all'], 'it waits', 6],
    ['while a briefing is glanced at', ['brief', 'malu', '--glance', '60'], 'any key', 24],
  ])('%s', async (_, argv, shown, rows = 12) => {
    const run = start(argv, rows, { EDITOR: waiting('editor'), PAGER: waiting('pager') });
    await run.waitFor(shown);
    await expect
      .poll(() => openFiles(run).filter((file) => file.startsWith(place.folder)), { timeout: 10_000 })
      .toEqual([]);
  });
});

describe('at a question', () => {
  it('another writes, and both are saved', async () => {
    const run = start(['tried', 'malu-c1']);
    await run.waitFor('What came of it?');
    await other(['note', 'malu', 'sings in the choir']);
    run.type('left a message\r');
    expect(await run.exit).toBe(0);
    const saved = await place.withStore((store) => [
      store.commitments.byId('malu-c1')?.attempts.map(({ note }) => note),
      store.notes.of('malu').some(({ text }) => text === 'sings in the choir'),
    ]);
    expect(saved).toEqual([['left a message'], true]);
  });

  it('another changes what opens the vault, and that ends nothing', async () => {
    const run = start(['tried', 'malu-c1']);
    await run.waitFor('What came of it?');
    await other(['key', 'recovery', '--out', 'sheet.txt']);
    run.type('left a message\r');
    expect(await run.exit).toBe(0);
  });

  it('another restores a backup: it is not written, and what was typed is given back', async () => {
    await other(['backup', 'b']);
    const run = start(['tried', 'malu-c1']);
    await run.waitFor('What came of it?');
    await other(['restore', 'b', '--yes']);
    run.type('left a message\r');
    expect(await run.exit).toBe(8);
    await run.waitFor('the vault was replaced meanwhile');
    expect(run.screen.text()).toContain('left a message');
    await other(['doctor']);
    expect(await place.withStore((store) => store.commitments.byId('malu-c1')?.attempts)).toEqual([]);
  });
});
