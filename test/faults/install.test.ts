/**
 * The package as somebody takes it home: packed, installed for all by npm under a prefix with blanks and accents in its
 * path, and run from elsewhere. The driver, which npm would compile for minutes, is the one that was compiled here.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { binaryEnvironment } from '../support/binary.ts';
import { temporaryFolder } from '../support/folders.ts';
import { passphrase } from '../support/vault.ts';
import { tally } from './support/counting.ts';

const source = fileURLToPath(new URL('../..', import.meta.url));
const counts = tally((of) => `install: ${of('runs')} runs of the installed package`);

const root = temporaryFolder();
const prefix = join(root, 'Präfix mit  Blanks', '李');
const work = join(root, 'wörk folder');
const home = join(root, 'home');
let missing: string | undefined;

function rapport(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  counts.add('runs');
  const { stdout, stderr, status } = spawnSync(join(prefix, 'bin', 'rapport'), words, {
    cwd: work,
    env: { ...binaryEnvironment(root), RAPPORT_VAULT: join(work, 'my vault ü'), ...env },
    encoding: 'utf8',
    input: '',
  });
  return { stdout, stderr, code: status };
}

beforeAll(() => {
  for (const folder of [
    prefix,
    work,
    home,
    join(root, 'runtime'),
    join(root, 'state'),
    join(root, 'temporary'),
  ])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', root, source], { stdio: 'ignore' });
  const [archive = ''] = readdirSync(root).filter((name) => name.endsWith('.tgz'));
  const install = ['install', '--global', '--prefix', prefix, '--ignore-scripts', '--no-audit', '--no-fund'];
  const done = spawnSync('npm', [...install, '--prefer-offline', join(root, archive)], { encoding: 'utf8' });
  if (done.status !== 0) {
    if (!/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENOTCACHED/.test(done.stderr))
      throw new Error(done.stderr);
    missing = 'no registry to take the dependencies from';
    return;
  }
  const driver = join('node_modules', 'better-sqlite3', 'build');
  cpSync(join(source, driver), join(prefix, 'lib', 'node_modules', 'rapport', driver), { recursive: true });
}, 240_000);

describe('an installed rapport', () => {
  it('works from any folder, with its agent, completions and manual page', ({ skip }) => {
    if (missing !== undefined) skip(missing);
    const manual = readFileSync(join(prefix, 'share', 'man', 'man1', 'rapport.1'), 'utf8');
    expect(manual).toContain('rapport brief');
    expect(rapport(['--version']).stdout).toMatch(/^rapport \d.*\nNode .*SQLite 3\..*sqlcipher 4/);
    expect(rapport(['completion', 'bash']).stdout).toContain('complete -F _rapport rapport');
    expect(rapport(['demo', '--json'])).toMatchObject({ code: 0, stderr: '' });
    const env = { RAPPORT_PASSPHRASE: passphrase };
    expect(rapport(['init', '--no-input', '--recovery-out', 'mein code.txt'], env).code).toBe(0);
    expect(rapport(['unlock'], env).code).toBe(0);
    try {
      // From the agent: no passphrase is given any more.
      expect(rapport(['patient', 'add', 'Ana Berg', '--yes']).code).toBe(0);
      expect(rapport(['due'])).toMatchObject({ code: 0 });
      expect(rapport(['backup', 'ein backup.rapport', '--no-input'])).toMatchObject({ code: 0 });
    } finally {
      expect(rapport(['lock']).code).toBe(0);
    }
    expect(rapport(['due', '--no-input']).code).toBe(4);
  });
});
