/** Fault 12: several at once. Every write is there, whoever has to wait is told, and of two makings one wins. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { readKeyCopies, unlockWithSecret } from '../../src/vault/key-copies.ts';
import { openKeyed } from '../../src/vault/open.ts';
import { binaryEnvironment } from '../support/binary.ts';
import { makePlace } from '../support/vault.ts';
import {
  bytesOf,
  copyOf,
  expectRefusal,
  makeTemplate,
  type Place,
  pictureOf,
  rapport,
  recoverySecret,
} from './support/clinic.ts';
import { tally } from './support/counting.ts';

const counts = tally(
  (of) =>
    `several at once: ${of('adds')} parallel adds, ${of('kept')} kept; ${of('mixed')} other commands among them; ` +
    `${of('busy')} told to try again; of ${of('makings')} makings at once ${of('made')} vaults`,
);

let template: Place;
beforeAll(async () => {
  template = await makeTemplate(2);
});

async function connect({ folder }: Place) {
  const copies = readKeyCopies(folder, process.getuid?.());
  const opened = copies && (await unlockWithSecret(copies, { type: 'recovery', bytes: recoverySecret }));
  if (opened === undefined) throw new Error('it does not open');
  return openKeyed(join(folder, 'vault.db'), opened.keys.page, 100);
}

describe('writers', () => {
  it('fifty at once all have their note kept, with readers and others among them', async () => {
    const place = copyOf(template);
    const before = await pictureOf(place);
    const texts = Array.from({ length: 50 }, (_, index) => `parallel note ${index}`);
    const adds = texts.map((text) => rapport(place, ['note', 'malu', text]));
    const others = [
      ['notes', 'malu'],
      ['due'],
      ['search', 'story'],
      ['brief', 'walt', '--force'],
      // What it reads is of one moment, whoever writes meanwhile.
      ...Array.from({ length: 4 }, () => ['doctor']),
    ];
    const mixed = others.map((argv) => rapport(place, argv));
    const added = await Promise.all(adds);
    expect(added.filter(({ code }) => code !== 0)).toEqual([]);
    for (const result of await Promise.all(mixed)) expect(result.code, result.stderr).toBe(0);
    counts.add('adds', added.length);
    counts.add('mixed', others.length);
    const after = await pictureOf(place);
    expect(after.records['note']).toEqual([...(before.records['note'] ?? []), ...texts].sort());
    counts.add('kept', texts.length);
    const refs = added.map(({ stdout }) => /^ (\w{5}) /m.exec(stdout)?.[1]);
    expect(new Set(refs).size).toBe(50);
    expect(Number(after.rows['operation']) - Number(before.rows['operation'])).toBe(50);
    expect(readdirSync(place.folder)).not.toContain('vault.db-journal');
  });

  it('two that write without pause both get on, and lose nothing', async () => {
    const place = copyOf(template);
    const children = [1, 2].map(() => {
      const child = spawn(process.execPath, [inject('writer'), place.root, place.folder], {
        env: { ...binaryEnvironment(place.root), NODE_PATH: join(import.meta.dirname, '../../node_modules') },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = 0;
      const enough = new Promise<void>((resolve) => {
        child.stdout.on('data', (chunk: Buffer) => {
          said += chunk.toString().split('\n').length - 1;
          if (said >= 25) resolve();
        });
      });
      return { child, enough, ended: once(child, 'close'), said: () => said };
    });
    await Promise.all(children.map(({ enough }) => enough));
    for (const { child, ended } of children) {
      child.kill('SIGKILL');
      await ended;
    }
    const kept = (await pictureOf(place)).records['note']?.filter((text) => text.startsWith('written')) ?? [];
    const said = children.reduce((sum, one) => sum + one.said(), 0);
    expect(kept.length).toBeGreaterThanOrEqual(said);
    expect(kept.length).toBeLessThanOrEqual(said + 2);
    counts.add('adds', said);
    counts.add('kept', said);
  });
});

describe('a lock that is held past all patience', () => {
  it.each(['IMMEDIATE', 'EXCLUSIVE'])(
    '(%s) is told; what only reads is shown where it can be',
    async (kind) => {
      const place = copyOf(template);
      // Looked at before and after: closing a file of this process gives up its locks on it.
      const before = bytesOf(place.folder);
      const holder = await connect(place);
      holder.exec(`BEGIN ${kind}`);
      const [written, read] = await Promise.all([
        rapport(place, ['note', 'malu', 'one more']),
        rapport(place, ['notes', 'malu']),
      ]);
      expectRefusal(written, { code: 8, says: /another rapport holds the vault/ });
      counts.add('busy');
      if (kind === 'IMMEDIATE') {
        expect(read).toMatchObject({ code: 0, stdout: expect.stringContaining('malu tells story 1') });
        expect(read.stderr).toMatch(/could not be written to the log/);
      } else {
        expectRefusal(read, { code: 8, says: /another rapport holds the vault/ });
        counts.add('busy');
      }
      holder.exec('ROLLBACK');
      holder.close();
      expect(bytesOf(place.folder)).toEqual(before);
      expect((await rapport(place, ['note', 'malu', 'one more'])).code).toBe(0);
    },
  );

  it('is waited for while there is patience', async () => {
    const place = copyOf(template);
    const holder = await connect(place);
    holder.exec('BEGIN EXCLUSIVE');
    const waiting = rapport(place, ['note', 'malu', 'after the wait']);
    const other = await rapport(place, ['status']);
    expect(other.code).toBe(0);
    holder.exec('ROLLBACK');
    holder.close();
    expect(await waiting).toMatchObject({ code: 0 });
    expect((await pictureOf(place)).records['note']).toContain('after the wait');
  });
});

describe('two changes of the keys at once', () => {
  it('are one, and the other is told', async () => {
    const place = copyOf(template);
    const secrets = ['the first new passphrase', 'the second new passphrase'];
    const results = await Promise.all(
      secrets.map((secret, index) => {
        const file = join(place.root, 'work', `next-${index}`);
        writeFileSync(file, `${secret}\n`, { mode: 0o600 });
        return rapport(place, ['key', 'passphrase', '--quiet'], {
          env: { RAPPORT_NEW_PASSPHRASE_FILE: file },
        });
      }),
    );
    const won = results.findIndex(({ code }) => code === 0);
    const lost = results.filter(({ code }) => code !== 0);
    expect(won).toBeGreaterThanOrEqual(0);
    for (const result of lost) expectRefusal(result, { code: Number(result.code) === 5 ? 5 : 9 });
    const secret = lost.length === 0 ? undefined : secrets[won];
    const works = await Promise.all(
      secrets.map((one) => rapport(place, ['due'], { env: { RAPPORT_PASSPHRASE: one } })),
    );
    expect(works.filter(({ code }) => code === 0)).toHaveLength(1);
    if (secret !== undefined) expect(works[won]?.code).toBe(0);
    counts.add('mixed', 2);
  });
});

describe('makings at once', () => {
  it('of two and of five, one makes the vault, and the sheets of the others are gone', async () => {
    for (const many of [2, 5]) {
      const place = makePlace();
      const sheets = Array.from({ length: many }, (_, index) => `sheet-${index}.txt`);
      const results = await Promise.all(
        sheets.map((sheet) => rapport(place, ['init', '--recovery-out', sheet, '--no-input', '--quiet'])),
      );
      counts.add('makings', many);
      expect(results.filter(({ code }) => code === 0)).toHaveLength(1);
      for (const result of results.filter(({ code }) => code !== 0))
        expectRefusal(result, { code: 9, says: /a vault is already there/ });
      expect(readdirSync(place.work)).toHaveLength(1);
      expect(readdirSync(place.folder).sort()).toEqual(['vault.db', 'vault.keys', 'vault.keys.copy']);
      expect(Object.values((await pictureOf(place)).records).flat()).toEqual([]);
      counts.add('made');
    }
  });
});
