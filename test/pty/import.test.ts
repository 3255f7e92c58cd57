/** Import and export as a person does them: the plan, the question, a bar while it runs, and nothing of them left behind. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { binary } from '../support/binary.ts';
import { type PtyRun, runInTerminal } from '../support/pty.ts';
import { makeVault, passphrase, type TestPlace } from '../support/vault.ts';

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
  const patients = Array.from({ length: 100 }, (_, index) => ({
    name: `Patient ${index}`,
    notes: Array.from({ length: 10 }, (_, number) => ({ text: `Note ${number}` })),
  }));
  writeFileSync(join(place.work, 'in.json'), JSON.stringify({ format: 'rapport', version: 1, patients }));
});

const start = (argv: readonly string[], program?: string): PtyRun =>
  runInTerminal(argv, {
    root: place.root,
    env: { RAPPORT_PASSPHRASE: passphrase },
    ...(program && { program }),
  });
const inShell = (script: string, argv: readonly string[]): PtyRun =>
  start(['-c', script, 'sh', process.execPath, binary, ...argv], 'sh');

describe('import in a terminal', () => {
  it('shows the plan, asks, and draws a bar that is gone at the end', async () => {
    const run = start(['import', 'in.json']);
    await run.waitFor('New: Patient 0 (patient)');
    await run.answer('Import this?', 'y\r');
    const screen = await run.waitFor('Added 100 patients and 1,000 notes');
    expect(await run.exit).toBe(0);
    expect(run.written()).toMatch(/importing █+░+ \d+ %/);
    expect(screen).not.toContain('importing');
  });

  it('shows the plan before the bar where nothing is asked', async () => {
    const run = start(['import', 'in.json', '--yes']);
    await run.waitFor('Added 100 patients and 1,000 notes');
    expect(await run.exit).toBe(0);
    expect(run.written()).toMatch(/New: Patient 0 .*importing █/s);
  });

  it('brings in nothing after a no', async () => {
    const run = start(['import', 'in.json']);
    await run.answer('Import this?', 'n\r');
    expect(await run.exit).toBe(130);
    expect((await place.run(['patient', 'list'])).stderr).toContain('no patients to list');
  });
});

describe('export in a terminal', () => {
  it('draws a bar only where the export goes elsewhere', async () => {
    await place.run(['import', 'in.json', '--yes']);
    const shown = start(['export', '--plain', '--format', 'csv', '--no-input']);
    expect(await shown.exit).toBe(0);
    expect(shown.written()).toContain('Note 9');
    expect(shown.written()).not.toContain('exporting');
    // What a pipe leads to may be this terminal too.
    const piped = inShell('"$@" | head -n 1', ['export', '--no-input']);
    expect(await piped.exit).toBe(0);
    expect(piped.written()).toContain('{\r\n');
    expect(piped.written()).not.toContain('exporting');
    const filed = start(['export', '--plain', '--out', 'all.csv', '--no-input']);
    expect(await filed.exit).toBe(0);
    expect(filed.written()).toMatch(/exporting █+░+ \d+ %/);
  });
});
