/** What looks like something else: a path, and a folder that somebody else made first. */

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shellQuoted } from '../src/domain/text.ts';
import { runBinary } from './support/binary.ts';
import { temporaryFolder } from './support/folders.ts';
import { makeVault, passphrase } from './support/vault.ts';

const env = { RAPPORT_PASSPHRASE: passphrase };

describe('a path with line ends and escapes in it', () => {
  const odd = "a\nrm -rf ~\u001b[31m 'b' \\ \u202e";

  it('is quoted for a shell on one line, and means the same there', () => {
    const quoted = shellQuoted(odd);
    expect(quoted).not.toMatch(/[\n\u001b\u202e]/);
    expect(execFileSync('bash', ['-c', `printf %s ${quoted}`], { encoding: 'utf8' })).toBe(odd);
  });

  it('is one line of a recovery sheet, of a script and of what is said', async () => {
    const place = await makeVault();
    const folder = join(place.root, odd);
    renameSync(place.folder, folder);
    const run = (argv: readonly string[], more = {}) =>
      runBinary(argv, { root: place.root, env: { ...env, ...more, RAPPORT_VAULT: folder } });
    const sheet = join(place.work, 'sheet');
    expect(await run(['key', 'recovery', '--out', sheet])).toMatchObject({ code: 0 });
    for (const line of readFileSync(sheet, 'utf8').split('\n'))
      expect(line).toMatch(/^(?:#|$| {4}[0-9A-Z-]+$)/);
    const script = join(place.work, 'script');
    expect(await run(['key', 'export-raw', '--out', script, '--yes'])).toMatchObject({ code: 0 });
    for (const line of readFileSync(script, 'utf8').trim().split('\n'))
      expect(line).toMatch(/^(?:--|PRAGMA key = )/);
    const { stdout } = await run(['status']);
    expect(stdout).not.toMatch(/^rm -rf/m);
    chmodSync(folder, 0o755);
    const loose = await run(['due']);
    const mending = /^hint: (chmod .*)$/m.exec(loose.stderr)?.[1] ?? '';
    execFileSync('bash', ['-c', mending]);
    expect(await run(['due'])).toMatchObject({ code: 0 });
  });
});

describe.skipIf(process.platform === 'win32')('a folder that stands where the agent would be', () => {
  it.each([
    [
      'loose',
      (path: string) => {
        mkdirSync(path);
        chmodSync(path, 0o777);
      },
      /others can get into .* \(mode 0777\)/,
    ],
    ['a file', (path: string) => writeFileSync(path, ''), /is not a folder/],
  ])('%s is named by unlock and status', async (_, put, says) => {
    const place = await makeVault();
    const temporary = temporaryFolder();
    put(join(temporary, `rapport-${process.getuid?.()}`));
    const more = { ...env, XDG_RUNTIME_DIR: undefined, TMPDIR: temporary };
    writeFileSync(place.ownSettings, '{"idle":"3h"}');
    const unlocked = await runBinary(['unlock'], { root: place.root, env: more });
    expect(unlocked).toMatchObject({ code: 1, stdout: '' });
    expect(unlocked.stderr).toMatch(/^rapport: no agent can be trusted there: /);
    expect(unlocked.stderr).toMatch(says);
    const { stdout } = await runBinary(['status'], { root: place.root, env: more });
    expect(stdout).toMatch(says);
    expect(
      JSON.parse((await runBinary(['status', '--json'], { root: place.root, env: more })).stdout),
    ).toMatchObject({
      no_agent: expect.stringMatching(says),
    });
  });
});
