/** Faults 1, 2 and 16, of backups: killed, out of room; and brought back elsewhere by the recovery code. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeRecoveryCode } from '../../src/vault/typed-secrets.ts';
import { vaultExists } from '../../src/vault/vault-folder.ts';
import { typeDraft } from '../support/drafts.ts';
import { copyFolder, temporaryFolder } from '../support/folders.ts';
import { day } from '../support/values.ts';
import { makePlace } from '../support/vault.ts';
import { inContext } from '../vault/contexts.ts';
import {
  bytesOf,
  copyOf,
  expectRefusal,
  makeTemplate,
  type Picture,
  type Place,
  pictureOf,
  rapport,
  recoverySecret,
  runHere,
} from './support/clinic.ts';
import { inTurns, samples, tally } from './support/counting.ts';
import { faulted, injectionIsAbsent, traced } from './support/injection.ts';
import { killEverywhere } from './support/killing.ts';

const counts = tally(
  (of) =>
    `backups: ${of('kills')} kills of backup and restore, ${of('whole')} vaults whole; ${of('full')} full disks; ` +
    `${of('elsewhere')} restores elsewhere, ${of('byCode')} of them by the code alone`,
);
const absent = injectionIsAbsent();
const why = absent === undefined ? '' : ` (${absent})`;
const file = 'vault.backup';
/** In the working folder: what another machine wrote. */
const carried = 'carried';
const newest = ['restore', '--newest', carried];

/** A vault that has gone on since its backup. */
let template: Place;
/** One that was looked at and typed into since a backup that the other machine goes on from. */
let behind: Place;
let backedUp: Picture;
let goneOn: Picture;
let ahead: Picture;
beforeAll(async () => {
  template = await makeTemplate(4);
  const made = await rapport(template, ['backup', file]);
  if (made.code !== 0) throw new Error(made.stderr);
  backedUp = await pictureOf(template);
  await rapport(template, ['note', 'malu', 'written after the backup']);
  goneOn = await pictureOf(template);
  behind = await makeTemplate(4);
  const root = temporaryFolder();
  copyFolder(behind.root, root);
  const other = { root, folder: join(root, 'vault') };
  await rapport(other, ['note', 'malu', 'written on the other machine']);
  mkdirSync(join(behind.root, 'work', carried));
  await rapport(other, ['backup', join(behind.root, 'work', carried)]);
  ahead = await pictureOf(other);
  await rapport(behind, ['notes', 'malu']);
  await inContext(behind, async (ctx) =>
    typeDraft(await ctx.openStore(), 'malu', day('2026-03-12'), { place: 'line', text: 'typed here' }),
  );
});

const at = ({ root }: Place): string => join(root, 'work', file);
const beside = ({ root }: Place): readonly string[] =>
  readdirSync(root).filter((name) => name.startsWith('vault.'));

/** A machine that has nothing but the backup, and perhaps the sheet with the code. */
function elsewhere(from = template): Place & { readonly sheet: string } {
  const place = makePlace();
  writeFileSync(at(place), readFileSync(at(from)), { mode: 0o600 });
  const sheet = join(place.work, 'sheet');
  writeFileSync(sheet, `# my sheet\n${writeRecoveryCode(recoverySecret)}\n`, { mode: 0o600 });
  return { root: place.root, folder: place.folder, sheet };
}

describe.skipIf(absent !== undefined)(`killed at any step${why}`, () => {
  it('backup leaves the vault whole, and a whole file or none of that name', async () => {
    await killEverywhere({
      template,
      injection: () => ({ argv: ['backup', 'another.backup'] }),
      mostWrites: 12,
      tally: counts,
      look: async (place, { stdout }) => {
        expect((await pictureOf(place)).records).toEqual(goneOn.records);
        const made = join(place.root, 'work', 'another.backup');
        if (stdout !== '') expect(existsSync(made)).toBe(true);
        if (!existsSync(made)) return;
        const fresh = elsewhere();
        renameSync(made, at(fresh));
        expect((await runHere(fresh, ['restore', file])).code).toBe(0);
        expect((await pictureOf(fresh)).records).toEqual(goneOn.records);
        rmSync(fresh.root, { recursive: true });
      },
    });
  });

  it('restore leaves the one vault or the other, whole, and the old one aside', async () => {
    await killEverywhere({
      template,
      injection: () => ({ argv: ['restore', file, '--yes'] }),
      mostWrites: 20,
      tally: counts,
      look: async (place, { stdout }) => {
        const { records } = await pictureOf(place);
        if (stdout !== '') expect(records).toEqual(backedUp.records);
        else expect([backedUp.records, goneOn.records]).toContainEqual(records);
        const [aside] = beside(place).filter((name) => name.includes('before-restore'));
        if (records['note']?.includes('written after the backup')) expect(aside).toBeUndefined();
        else {
          const old = { root: place.root, folder: join(place.root, aside ?? '') };
          const env = { RAPPORT_VAULT: old.folder, XDG_STATE_HOME: join(place.root, 'other-state') };
          expect((await runHere(old, ['notes', 'malu'], env)).stdout).toContain('written after the backup');
        }
        expect((await runHere(place, ['note', 'malu', 'goes on'])).code).toBe(0);
        // What the killed one left is swept by the next that goes through.
        expect((await runHere(place, ['restore', file, '--yes'])).code).toBe(0);
        expect(beside(place).filter((name) => /restoring|restored/.test(name))).toEqual([]);
        expect((await pictureOf(place)).records).toEqual(backedUp.records);
      },
    });
  });

  it('restore --newest leaves the one vault or the other, whole, and with what was typed here', async () => {
    await killEverywhere({
      template: behind,
      injection: () => ({ argv: newest }),
      mostWrites: 12,
      tally: counts,
      look: async (place, { stdout }) => {
        const { records } = await pictureOf(place);
        if (stdout !== '') expect(records['note']).toContain('written on the other machine');
        expect(records['draft_line']).toEqual(['typed here']);
        // Nothing of it speaks of an older copy, and what the killed one left is swept.
        expect(await runHere(place, newest)).toMatchObject({ code: 0, stderr: '' });
        const after = await pictureOf(place);
        expect(after.records['note']).toEqual(ahead.records['note']);
        expect(after.records['draft_line']).toEqual(['typed here']);
        const left = beside(place);
        expect(left.filter((name) => /restoring|restored/.test(name))).toEqual([]);
        expect(left.filter((name) => name.includes('before-restore')).length).toBeLessThanOrEqual(1);
      },
    });
  });

  it('restore on a clean machine leaves a whole vault or none', async () => {
    const clean = elsewhere();
    await killEverywhere({
      template: clean,
      injection: () => ({ argv: ['restore', file] }),
      mostWrites: 8,
      tally: counts,
      look: async (place) => {
        const again = await runHere(place, ['notes', 'malu']);
        if (!vaultExists(place.folder)) {
          expect(again.code).toBe(3);
          expect((await runHere(place, ['restore', file])).code).toBe(0);
        }
        expect((await pictureOf(place)).records).toEqual(backedUp.records);
      },
    });
  });
});

describe.skipIf(absent !== undefined)(`a full disk${why}`, () => {
  const commands: readonly (readonly [string, readonly string[]])[] = [
    ['backup', ['backup', 'another.backup']],
    ['restore', ['restore', file, '--yes']],
    ['restore --newest', newest],
  ];
  it.each(commands)('at any step of %s leaves everything as it was', async (_, argv) => {
    const of = argv === newest ? behind : template;
    const { records } = await pictureOf(copyOf(of));
    const { steps } = await traced(copyOf(of), { argv });
    const places = steps.flatMap((step, index) =>
      /^(write|make|mkdir|rename) \/(work|vault\.)/.test(step) ? [index + 1] : [],
    );
    const wanted = samples(Math.min(12, places.length));
    const moments = Array.from(
      { length: wanted },
      (_, index) => places[Math.floor((index * places.length) / wanted)] ?? 1,
    );
    await inTurns(moments, 2, async (moment) => {
      const place = copyOf(of);
      const work = bytesOf(join(place.root, 'work'));
      const result = await faulted(place, { argv }, { at: moment, does: 'ENOSPC' });
      const told = result.stderr.slice(result.stderr.lastIndexOf('rapport: '));
      expectRefusal({ ...result, stderr: told }, { code: 1, withoutHint: true });
      expect(told, steps[moment - 1]).toMatch(/full/);
      expect(bytesOf(join(place.root, 'work'))).toEqual(work);
      expect(beside(place)).toEqual([]);
      expect((await pictureOf(place)).records).toEqual(records);
      counts.add('full');
      place.remove();
    });
  });
});

describe('a backup', () => {
  it('comes back by the code after the passphrase was changed and everything else was lost', async () => {
    const first = copyOf(template);
    const next = join(first.root, 'work', 'next');
    writeFileSync(next, 'another passphrase of words\n', { mode: 0o600 });
    const change = { env: { RAPPORT_NEW_PASSPHRASE_FILE: next } };
    expect((await rapport(first, ['key', 'passphrase'], change)).code).toBe(0);
    const secret = 'another passphrase of words';
    const env = { RAPPORT_PASSPHRASE: secret };
    expect((await rapport(first, ['backup', file, '--yes'], { env })).code).toBe(0);
    const place = elsewhere(first);
    mkdirSync(place.folder, { mode: 0o700 });
    expect(
      (
        await rapport(place, ['restore', file], {
          env: { RAPPORT_PASSPHRASE: undefined, RAPPORT_RECOVERY_FILE: place.sheet },
        })
      ).code,
    ).toBe(0);
    counts.add('elsewhere');
    counts.add('byCode');
    expect((await pictureOf(place, { secret })).records).toEqual(goneOn.records);
    expectRefusal(await rapport(place, ['due']), { code: 5 });
  });
});
