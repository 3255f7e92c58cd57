/** Fault 1: kill -9 at every call that changes a file, and at random moments. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { newPatient } from '../../src/domain/records.ts';
import type { Store } from '../../src/store/store.ts';
import { createVault } from '../../src/vault/create.ts';
import { readKeyCopies, unlockWithSecret } from '../../src/vault/key-copies.ts';
import { passphraseBytes, readRecoveryCode } from '../../src/vault/typed-secrets.ts';
import { vaultExists } from '../../src/vault/vault-folder.ts';
import { binary, binaryEnvironment } from '../support/binary.ts';
import { makePlace } from '../support/vault.ts';
import { inContext } from '../vault/contexts.ts';
import {
  copyOf,
  makeTemplate,
  type Picture,
  type Place,
  passphrase,
  pictureOf,
  rapport,
  recoverySecret,
} from './support/clinic.ts';
import { inTurns, samples, tally } from './support/counting.ts';
import { faulted, injectionIsAbsent, traced } from './support/injection.ts';
import { killEverywhere } from './support/killing.ts';
import { draw } from './support/sampling.ts';

const counts = tally((of) => `kill -9: ${of('kills')} kills, ${of('whole')} vaults whole`);
const uid = process.getuid?.();
const absent = injectionIsAbsent();

let template: Place;
beforeAll(async () => {
  template = await makeTemplate();
});

const own = ['vault.db', 'vault.keys', 'vault.keys.copy'];
const remains =
  /^vault\.(db-journal(\.aside)?|db\.making-[0-9a-f]{32}(-journal)?|keys(\.copy)?\.[0-9a-f]{12}\.tmp)$/;

/** What a killed rapport may leave, and nobody else can read. */
function expectPrivate({ folder }: Place): void {
  for (const name of readdirSync(folder)) {
    if (!own.includes(name)) expect(name).toMatch(remains);
    expect(lstatSync(join(folder, name)).mode & 0o777, name).toBe(0o600);
  }
}

/** Whole, private, and a write goes through as if nothing had been. */
async function expectWhole(place: Place, secret = passphrase): Promise<Picture> {
  expectPrivate(place);
  const then = (store: Store): void => {
    store.write({ verb: 'patient add' }, () =>
      store.patients.insert(newPatient({ name: 'After All', handle: 'after-all' })),
    );
  };
  const picture = await pictureOf(place, { secret, then });
  expectPrivate(place);
  expect(readdirSync(place.folder)).not.toContain('vault.db-journal');
  return picture;
}

async function opens({ folder }: Place, text: string): Promise<boolean> {
  const copies = readKeyCopies(folder, uid);
  const secret = { type: 'passphrase', bytes: passphraseBytes(text) } as const;
  return copies !== undefined && (await unlockWithSecret(copies, secret)) !== undefined;
}

/** Whole, and as before the command or as after it; after it where it had said so. */
async function expectOneOf(
  place: Place,
  { before, after }: { readonly before: Picture; readonly after: Picture },
  isSaid: boolean,
): Promise<void> {
  const picture = await expectWhole(place);
  if (isSaid) expect(picture).toEqual(after);
  else expect([before, after]).toContainEqual(picture);
}

const document = {
  format: 'rapport',
  version: 1,
  patients: Array.from({ length: 20 }, (_, index) => ({
    name: `Patient ${index}`,
    notes: [
      { kind: 'story', text: `came by boat ${index}` },
      { kind: 'question', text: `and now what ${index}` },
    ],
    commitments: [{ text: `call ${index}`, owner: 'me', kind: 'call', due: '2026-04-01' }],
  })),
};

/** Whether it said that it was done: a list is no such thing, nor the plan of an import. */
const isDone = ([command]: readonly string[], stdout: string): boolean =>
  command === 'import' ? /^Added /m.test(stdout) : command !== 'due' && stdout !== '';

const commands: readonly (readonly [string, readonly string[], string, number])[] = [
  ['note', ['note', 'malu', 'one more thing'], '', Number.POSITIVE_INFINITY],
  ['commit', ['commit', 'malu', '--stdin'], '! call by fri\n? can I fly\n@21 mar wedding\n', 30],
  ['retire --erase', ['retire', 'story-of-malu', '--erase', '--yes'], '', 30],
  ['patient forget', ['patient', 'forget', 'malu', '--yes'], '', 20],
  ['import', ['import', '-', '--format', 'rapport', '--yes'], JSON.stringify(document), 40],
  ['due, which only logs', ['due'], '', 20],
];

describe.skipIf(absent !== undefined)(`killed at a step${absent === undefined ? '' : ` (${absent})`}`, () => {
  it.each(commands)(
    'of %s, the vault is as before it or as after it',
    async (_, words, stdin, mostWrites) => {
      const erased = await inContext(template, async (ctx) => {
        const [note] = (await ctx.openStore()).notes.of('malu');
        return note?.ref;
      });
      const argv = words.map((word) => (word === 'story-of-malu' ? (erased.value ?? '') : word));
      const injection = () => ({ argv, stdin });
      const before = await pictureOf(template);
      const done = copyOf(template);
      expect(await rapport(done, argv, { stdin })).toMatchObject({ code: 0 });
      const after = await pictureOf(done);
      expect(after).not.toEqual(before);
      await killEverywhere({
        template,
        injection,
        mostWrites,
        tally: counts,
        look: (place, { stdout }) => expectOneOf(place, { before, after }, isDone(argv, stdout)),
      });
    },
  );

  it('of undoing a killed write, which is undone by the next one', async () => {
    const before = await pictureOf(template);
    const argv = ['note', 'malu', 'one more thing'];
    const half = copyOf(template);
    const { steps } = await traced(copyOf(template), { argv });
    const at = steps.lastIndexOf('write /vault/vault.db') + 1;
    expect((await faulted(half, { argv }, { at, does: 'torn' })).code).toBe('SIGKILL');
    expect(readdirSync(half.folder)).toContain('vault.db-journal');
    await killEverywhere({
      template: half,
      injection: () => ({ argv: ['notes', 'malu'] }),
      tally: counts,
      look: async (place) => {
        expect((await expectWhole(place)).records).toEqual(before.records);
      },
    });
  });

  it('of a change of passphrase, one of the two opens it, and the recovery code does', async () => {
    const next = 'another passphrase of words';
    const before = await pictureOf(template);
    await killEverywhere({
      template,
      injection: (place) => {
        const file = join(place.root, 'work', 'next');
        writeFileSync(file, `${next}\n`, { mode: 0o600 });
        return {
          argv: ['key', 'passphrase'],
          script: inject('cheap'),
          env: { RAPPORT_NEW_PASSPHRASE_FILE: file },
        };
      },
      tally: counts,
      mostWrites: 10,
      look: async (place, { stdout }) => {
        const [old, changed] = [await opens(place, passphrase), await opens(place, next)];
        expect([old, changed].filter((one) => one)).toHaveLength(1);
        if (stdout !== '') expect(changed).toBe(true);
        const secret = { type: 'recovery', bytes: recoverySecret } as const;
        const copies = readKeyCopies(place.folder, uid);
        expect(copies && (await unlockWithSecret(copies, secret))).toBeDefined();
        expect((await expectWhole(place, changed ? next : passphrase)).records).toEqual(before.records);
      },
    });
  });

  it('of init, there is a whole vault or none, and none does not stand in the way', async () => {
    const empty = makePlace();
    const sheet = 'sheet.txt';
    const steps = await killEverywhere({
      template: empty,
      injection: () => ({
        argv: ['init', '--recovery-out', sheet, '--no-input'],
        script: inject('cheap'),
      }),
      tally: counts,
      mostWrites: 25,
      look: async (place, { stdout }) => {
        if (vaultExists(place.folder)) {
          const picture = await expectWhole(place);
          expect(Object.values(picture.records).flat()).toEqual([]);
          const bytes = readRecoveryCode(readFileSync(join(place.root, 'work', sheet), 'utf8'));
          const copies = readKeyCopies(place.folder, uid);
          expect(copies && (await unlockWithSecret(copies, { type: 'recovery', bytes }))).toBeDefined();
        } else {
          expect(stdout).toBe('');
          await createVault({
            folder: place.folder,
            uid,
            passphrase,
            recoverySecret,
            madeOn: '2026-01-01',
            cost: 2,
          });
          expect(readdirSync(place.folder).sort()).toEqual(['vault.db', 'vault.keys', 'vault.keys.copy']);
          await expectWhole(place);
        }
      },
    });
    // Of the sheet and of both key files.
    expect(steps.filter((step) => step.startsWith('link '))).toHaveLength(3);
  });
});

describe('killed at a random moment', () => {
  it('a writer loses nothing that it said was saved', async () => {
    const moments = Array.from({ length: samples(120) }, () => 1 + Math.floor(draw() * 60));
    await inTurns(moments, 2, async (patience) => {
      const place = copyOf(template);
      const child = spawn(process.execPath, [inject('writer'), place.root, place.folder], {
        env: { ...binaryEnvironment(place.root), NODE_PATH: join(import.meta.dirname, '../../node_modules') },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const said: string[] = [];
      const lines = createInterface({ input: child.stdout });
      lines.on('line', (line) => {
        if (said.length === 0) setTimeout(() => child.kill('SIGKILL'), patience);
        said.push(line);
      });
      const [, [, signal]] = await Promise.all([once(lines, 'close'), once(child, 'exit')]);
      expect(signal).toBe('SIGKILL');
      counts.add('kills');
      const kept =
        (await pictureOf(place)).records['note']?.filter((text) => text.startsWith('written')) ?? [];
      expect(kept).toEqual(expect.arrayContaining(said));
      expect(kept.length - said.length, `${kept.length} kept of ${said.length}`).toBeLessThanOrEqual(1);
      counts.add('whole');
      place.remove();
    });
  });

  it('an import is there whole, or not at all', async () => {
    const argv = ['import', '-', '--format', 'rapport', '--yes'];
    const stdin = JSON.stringify(document);
    const before = await pictureOf(template);
    const done = copyOf(template);
    const begun = performance.now();
    expect(await rapport(done, argv, { stdin })).toMatchObject({ code: 0 });
    const usual = performance.now() - begun;
    const after = await pictureOf(done);
    const moments = Array.from({ length: samples(60) }, () => draw() * usual);
    await inTurns(moments, 2, async (patience) => {
      const place = copyOf(template);
      const child = spawn(process.execPath, [binary, ...argv], {
        cwd: join(place.root, 'work'),
        env: binaryEnvironment(place.root, { RAPPORT_PASSPHRASE: passphrase }),
        stdio: ['pipe', 'pipe', 'inherit'],
        detached: true,
      });
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      child.stdin.on('error', () => undefined).end(stdin);
      const timer = setTimeout(() => child.kill('SIGKILL'), patience);
      const [, signal] = await once(child, 'close');
      clearTimeout(timer);
      if (signal === 'SIGKILL') counts.add('kills');
      await expectOneOf(place, { before, after }, isDone(argv, said));
      if (signal === 'SIGKILL') counts.add('whole');
      place.remove();
    });
  });
});
