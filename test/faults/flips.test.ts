/** Fault 6: every byte of a small vault flipped in turn. Nothing wrong is ever shown, and doctor never calls it well. */
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkKeyFiles, examinePages, seeKeyFiles } from '../../src/vault/doctor-files.ts';
import { readKeyCopies, type Unlocked, unlockWithSecret } from '../../src/vault/key-copies.ts';
import { openKeyed } from '../../src/vault/open.ts';
import { isWhole, macKeyOf, pageSize, saltBytes } from '../../src/vault/pages.ts';
import { copyOf, makeTemplate, type Place, rapport, recoverySecret, runHere } from './support/clinic.ts';
import { inTurns, samples, tally } from './support/counting.ts';
import { draw } from './support/sampling.ts';

const counts = tally(
  (of) =>
    `flips: ${of('bytes')} bytes of vault.db in turn, all known to doctor, ${of('read')} read by SQLite and refused, ` +
    `${of('keys')} of the key files; ${of('commands')} through the commands, ${of('refused')} refused, ${of('same')} read right`,
);
const uid = process.getuid?.();
const recovery = { type: 'recovery', bytes: recoverySecret } as const;

let template: Place;
let unlocked: Unlocked;
beforeAll(async () => {
  template = await makeTemplate(2);
  const copies = readKeyCopies(template.folder, uid);
  const opened = copies && (await unlockWithSecret(copies, recovery));
  if (opened === undefined) throw new Error('it does not open');
  unlocked = opened;
});

const randomBit = (): number => 1 << Math.floor(draw() * 8);
const database = ({ folder }: Place): string => join(folder, 'vault.db');

describe('a byte of the database', () => {
  it('is missed by the page that it is of, wherever it is', async () => {
    const bytes = readFileSync(database(template));
    const salt = Buffer.from(bytes.subarray(0, saltBytes));
    const macKey = macKeyOf(unlocked.keys.page, salt);
    for (let at = 0; at < bytes.length; at += 1) {
      const number = Math.floor(at / pageSize) + 1;
      const page = bytes.subarray((number - 1) * pageSize, number * pageSize);
      const right = bytes[at] ?? 0;
      bytes[at] = right ^ randomBit();
      // The salt is no part of its page, but of the key that vouches for all pages.
      const vouching = at < saltBytes ? macKeyOf(unlocked.keys.page, bytes.subarray(0, saltBytes)) : macKey;
      if (isWhole(page, number, vouching)) throw new Error(`byte ${at} is not missed`);
      bytes[at] = right;
    }
    counts.add('bytes', bytes.length);
    expect(isWhole(bytes.subarray(0, pageSize), 1, macKey)).toBe(true);
  });

  it('is missed by doctor where no command ever looks', async () => {
    const place = copyOf(template);
    const bytes = readFileSync(database(place));
    for (let number = 1; number <= bytes.length / pageSize; number += 1) {
      const flipped = Buffer.from(bytes);
      const at = (number - 1) * pageSize + Math.floor(draw() * pageSize);
      flipped[at] = (flipped[at] ?? 0) ^ randomBit();
      writeFileSync(database(place), flipped);
      const descriptor = openSync(database(place), 'r');
      const report = await examinePages(descriptor, unlocked.keys.page, () => undefined);
      closeSync(descriptor);
      expect(report.badCount, `byte ${at}`).toBe(at < saltBytes ? report.pages : 1);
      if (at >= saltBytes) expect(report.bad).toEqual([number]);
    }
  });

  it('is refused by SQLite wherever it reads', () => {
    const place = copyOf(template);
    const path = database(place);
    const bytes = readFileSync(path);
    const opened = openKeyed(path, unlocked.keys.page);
    const owners = opened
      .prepare<[], { pageno: number; name: string }>('SELECT pageno, name FROM dbstat')
      .all();
    const walk = opened.prepare<[string], number>('SELECT count(*) FROM dbstat WHERE name = ?').pluck();
    const descriptor = openSync(path, 'r+');
    const put = (at: number, value: number): void => {
      writeSync(descriptor, Buffer.of(value), 0, 1, at);
    };
    const reads = (name: string): boolean => {
      opened.exec('PRAGMA shrink_memory');
      try {
        walk.get(name);
        return true;
      } catch (error) {
        if (!/malformed|not a database|disk I\/O/.test(String(error))) throw error;
        return false;
      }
    };
    const stride = Math.round(1 / samples(1000) / 0.001);
    for (const { pageno, name } of owners)
      for (let offset = 0; offset < pageSize; offset += stride) {
        const at = (pageno - 1) * pageSize + offset;
        // A connection reads the salt once, when it opens.
        if (at < saltBytes) continue;
        const right = bytes[at] ?? 0;
        put(at, right ^ randomBit());
        const isRead = reads(name);
        put(at, right);
        if (isRead) throw new Error(`byte ${at}, of ${name}, was taken as it was`);
        if (offset % 512 === 0 && !reads(name))
          throw new Error(`byte ${at} was put right and is still refused`);
        counts.add('read');
      }
    closeSync(descriptor);
    opened.close();
  });
});

describe('a byte of a key file', () => {
  it.each(['vault.keys', 'vault.keys.copy'])(
    'in %s alone is mended from the other, and told',
    async (name) => {
      const place = copyOf(template);
      const path = join(place.folder, name);
      const whole = readFileSync(path);
      for (let at = 0; at < whole.length; at += 1) {
        const flipped = Buffer.from(whole);
        flipped[at] = (flipped[at] ?? 0) ^ randomBit();
        writeFileSync(path, flipped);
        const { state } = checkKeyFiles(seeKeyFiles(place.folder), unlocked.keys);
        if (state !== 'damaged') throw new Error(`doctor calls byte ${at} of ${name} ${state}`);
        let outcome: string;
        try {
          const copies = readKeyCopies(place.folder, uid);
          const opened = copies && (await unlockWithSecret(copies, recovery));
          outcome = opened?.keys.page.equals(unlocked.keys.page) ? 'opened' : 'refused';
        } catch (error) {
          // A version above our own is not ours to mend.
          outcome = String((error as { exit?: unknown }).exit);
        }
        if (!['opened', 'conflict'].includes(outcome)) throw new Error(`byte ${at} of ${name}: ${outcome}`);
        counts.add('keys');
      }
    },
  );
});

describe('a byte of any file of the vault', () => {
  it('never makes a command show anything wrong', async () => {
    const stripped = (text: string): string => text.replace(/"exported_at":\s*"[^"]+"/, '');
    const argv = ['export', '--format', 'rapport'];
    const whole = stripped((await runHere(copyOf(template), argv)).stdout);
    expect(whole).toContain('malu tells story 1');
    const size = readFileSync(database(template)).length;
    const keySize = readFileSync(join(template.folder, 'vault.keys')).length;
    const places = Array.from({ length: samples(200) }, (_, index) =>
      index % 10 === 0
        ? { name: 'vault.keys', at: Math.floor(draw() * keySize) }
        : { name: 'vault.db', at: Math.floor(draw() * size) },
    );
    await inTurns(places, 2, async ({ name, at }) => {
      const place = copyOf(template);
      const path = join(place.folder, name);
      const bytes = readFileSync(path);
      bytes[at] = (bytes[at] ?? 0) ^ randomBit();
      writeFileSync(path, bytes);
      const doctor = await rapport(place, ['doctor']);
      expect(doctor.stdout, `byte ${at} of ${name}`).not.toContain('The vault is well');
      expect(doctor.code, `byte ${at} of ${name}: ${doctor.stderr}`).toBe(7);
      const { code, stdout, stderr } = await rapport(place, argv);
      // Doctor has the keys mended where it opens the vault.
      if (code === 0) expect(stripped(stdout)).toBe(whole);
      else {
        expect(code, `byte ${at} of ${name}: ${stderr}`).toBe(7);
        // It is written as it is read: what was there before the damage, and no more.
        expect(whole.startsWith(stripped(stdout).trimEnd())).toBe(true);
        if (name === 'vault.db') expect(readFileSync(path).equals(bytes)).toBe(true);
      }
      counts.add('commands');
      counts.add(code === 0 ? 'same' : 'refused');
      place.remove();
    });
  });
});
