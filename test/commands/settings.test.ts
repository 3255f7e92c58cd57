/** Each declared setting takes effect, and what is none or bad is refused with the file as it was. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Commitment } from '../../src/domain/records.ts';
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

/** A promise as it is typed now. */
async function promised(text: string): Promise<Commitment | undefined> {
  const before = await place.withStore((store) => store.commitments.of('malu').map(({ id }) => id));
  await place.run(['note', 'malu', '-'], { stdin: `! ${text}\n` });
  return place.withStore((store) => store.commitments.of('malu').find(({ id }) => !before.includes(id)));
}

/** A program that says so when it runs, on the terminal. */
function program(name: string): string {
  const path = join(place.root, name);
  writeFileSync(path, `#!/bin/sh\necho "this is ${name}" >/dev/tty\n`);
  chmodSync(path, 0o700);
  return path;
}

async function inTerminal(line: string, env: Readonly<Record<string, string>>): Promise<string> {
  const run = runInTerminal(line.split(' '), {
    root: place.root,
    rows: 6,
    env: { NO_COLOR: '1', RAPPORT_PASSPHRASE: passphrase, RAPPORT_NOW: '2026-03-12T17:00:00Z', ...env },
  });
  const shown = await run.waitFor('this is');
  run.kill();
  return shown;
}

/** What is the case with the setting's value, and what was before. */
interface Proof {
  readonly value: string;
  readonly look: () => Promise<unknown>;
  readonly before: unknown;
  readonly after: unknown;
}

const containing = (text: string): unknown => expect.stringContaining(text);
const without = (text: string): unknown => expect.not.stringContaining(text);

const proofs: Readonly<Record<string, Proof>> = {
  'time-zone': {
    value: 'Pacific/Kiritimati',
    look: () => {
      place.at('2026-03-12T12:00:00Z');
      return said('due');
    },
    before: containing('Thu 12 Mar 2026, Europe/Madrid'),
    after: containing('Fri 13 Mar 2026, Pacific/Kiritimati'),
  },
  'date-style': {
    value: 'month-first',
    look: () => said('due --on 4/3/2026'),
    before: containing("'4/3/2026' may be 4 mar 2026 or 3 apr 2026"),
    after: containing('Fri 3 Apr 2026'),
  },
  'week-start': {
    value: 'sun',
    look: () => {
      // A Sunday.
      place.at('2026-03-15T12:00:00Z');
      return promised('call by next fri');
    },
    before: expect.objectContaining({ due: '2026-03-20' }),
    after: expect.objectContaining({ due: '2026-03-27' }),
  },
  weekend: {
    value: 'fri sat',
    look: () => promised('call in 3 business days'),
    // The Friday is closed in any case.
    before: expect.objectContaining({ due: '2026-03-18' }),
    after: expect.objectContaining({ due: '2026-03-17' }),
  },
  language: {
    value: 'Spanish',
    look: async () => {
      await place.run(['patient', 'set', 'malu', '--language', 'Spanish']);
      return said('brief malu --force');
    },
    before: containing('Spanish'),
    after: without('Spanish'),
  },
  verbs: {
    value: 'text=call',
    look: () => promised('text her the address'),
    before: expect.objectContaining({ kind: 'other' }),
    after: expect.objectContaining({ kind: 'call' }),
  },
  idle: {
    value: '8h',
    // Nobody serves keys in a test: asked for, that is said.
    look: () => said('unlock', { env: { RAPPORT_PASSPHRASE: undefined } }),
    before: containing('keys are never kept: idle is 0'),
    after: without('idle is 0'),
  },
  'backup.remind': {
    value: '14d',
    look: () => said('due'),
    before: without('backup'),
    after: containing('No backup was made yet'),
  },
  'due.quiet': {
    value: '30d',
    look: () => said('due'),
    before: without('No contact recorded'),
    after: containing('No contact recorded since 20 Jan'),
  },
  'brief.glance': {
    value: '1',
    look: () => said('brief malu', { terminal: 80 }),
    before: without('\u001b[?1049h'),
    after: containing('\u001b[?1049h'),
  },
  'retention.review': {
    value: '6w',
    look: async () => JSON.parse(await said('review --json')).retention,
    before: null,
    after: { until: '2026-01-29', on_hold: 0, patients: [] },
  },
  'ics.match': {
    value: 'X-PATIENT',
    look: async () => {
      const event =
        'BEGIN:VEVENT\nUID:a1\nDTSTART:20260312T100000\nSUMMARY:Follow-up\nX-PATIENT:malu\nEND:VEVENT';
      const stdin = `BEGIN:VCALENDAR\n${event}\nEND:VCALENDAR\n`;
      return said('import - --format ics --dry-run --json', { stdin });
    },
    before: containing('"contacts": 0'),
    after: containing('"contacts": 1'),
  },
  editor: {
    value: 'own-editor',
    look: () => inTerminal('commit malu --editor', { EDITOR: program('other-editor') }),
    before: containing('this is other-editor'),
    after: containing('this is own-editor'),
  },
  pager: {
    value: 'own-pager',
    look: () => inTerminal('due --all', { PAGER: program('other-pager') }),
    before: containing('this is other-pager'),
    after: containing('this is own-pager'),
  },
  'screen-reader': {
    value: 'on',
    look: () => said('review'),
    before: containing('+ kept   ~ kept late   ! open'),
    after: containing('Questions waiting for an answer: 1'),
  },
};

describe('each setting', () => {
  it.each(settingDeclarations.map(({ key, example }) => [key, example] as const))(
    '%s takes effect',
    async (key, example) => {
      const proof = proofs[key];
      if (proof === undefined) throw new Error(`nothing shows that ${key} takes effect`);
      expect(await place.run(['config', key, example])).toMatchObject({ code: 0, stderr: '' });
      await place.run(['config', key, '--unset']);
      if (key === 'idle') await place.run(['config', key, '0']);
      if (key === 'time-zone') await place.run(['config', key, 'Europe/Madrid']);
      expect(await proof.look()).toEqual(proof.before);
      const value = /^own-/.test(proof.value) ? program(proof.value) : proof.value;
      expect(await place.run(['config', key, value])).toMatchObject({ code: 0, stdout: `${value}\n` });
      expect(await said(`config ${key}`)).toBe(`${value}\n`);
      expect(await proof.look()).toEqual(proof.after);
    },
  );

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
    expect(await said('config idle --unset')).toBe('3h\n');
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
