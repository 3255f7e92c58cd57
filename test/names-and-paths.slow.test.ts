/** What looks like something else: cells, paths, names, and a folder that somebody else made first. */

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { shellQuoted } from '../src/errors.ts';
import { runBinary } from './support/binary.ts';
import { temporaryFolder } from './support/folders.ts';
import { makeVault, passphrase, type TestPlace } from './support/vault.ts';

async function vault(): Promise<TestPlace> {
  const place = await makeVault();
  return place;
}

const env = { RAPPORT_PASSPHRASE: passphrase };

it('no cell of an export begins a formula, whatever a program takes for the end of one', async () => {
  const place = await vault();
  const texts = [
    '=cmd()',
    'a;=cmd()',
    'a; "=cmd()"',
    'first\n=cmd()',
    'first\n  +cmd()',
    "a;'=cmd()",
    'tab\t@cmd',
    'plain; and -fine-',
  ];
  const notes = texts.map((text) => ({ kind: 'story', text }));
  const document = { format: 'rapport', version: 1, patients: [{ name: 'Ned Hintz', notes }] };
  const given = await place.run(['import', '-', '--yes'], { stdin: JSON.stringify(document) });
  expect([given.code, given.stderr]).toEqual([0, '']);
  const { stdout, code } = await runBinary(['export', '--format', 'csv', '--plain'], {
    root: place.root,
    env,
  });
  expect(code).toBe(0);
  for (const delimiter of [',', ';', '\t'])
    for (const quote of ['"', false] as const) {
      const rows: readonly (readonly string[])[] = parse(stdout, {
        delimiter,
        quote,
        relax_column_count: true,
        relax_quotes: true,
      });
      const cells = rows.flat().map((cell) => cell.replace(/^[\s"]+/, ''));
      // At a comma that a quoted cell holds nothing can be done: there quotes are what the format rests on.
      if (delimiter !== ',' || quote !== false)
        expect(cells.filter((cell) => /^[=+\-@]/.test(cell))).toEqual([]);
    }
});

describe('a path with line ends and escapes in it', () => {
  const odd = "a\nrm -rf ~\u001b[31m 'b' \\ \u202e";

  it('is quoted for a shell on one line, and means the same there', () => {
    const quoted = shellQuoted(odd);
    expect(quoted).not.toMatch(/[\n\u001b\u202e]/);
    expect(execFileSync('bash', ['-c', `printf %s ${quoted}`], { encoding: 'utf8' })).toBe(odd);
  });

  it('is one line of a recovery sheet, of a script and of what is said', async () => {
    const place = await vault();
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

describe('a name', () => {
  const unseen = ['\u200b\u200d', '\u00a0\u2003', '\u0301\u0308', '\u3164\u115f', '\u2800', '\u202e'];

  it.each(unseen.map((name) => [JSON.stringify(name), name] as const))(
    '%s, of which nothing can be seen, is refused',
    async (_, name) => {
      const place = await vault();
      const run = (argv: readonly string[], stdin = '') => runBinary(argv, { root: place.root, env, stdin });
      expect((await run(['patient', 'add', name])).code).toBe(2);
      expect((await run(['patient', 'add', '-'], `${name}\n`)).code).toBe(2);
      const document = { format: 'rapport', version: 1, patients: [{ name }] };
      const imported = await run(['import', '-', '--yes'], JSON.stringify(document));
      expect([imported.code, imported.stderr]).toEqual([2, expect.stringContaining('patients[0].name')]);
      const person = { ...document, patients: [{ name: 'Ned', people: [{ name }] }] };
      expect(await run(['import', '-', '--yes'], JSON.stringify(person))).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('patients[0].people[0].name'),
      });
      expect(await place.json(['patient', 'list'])).toMatchObject({ items: [] });
    },
  );

  it('in other scripts, or a number, is a name', async () => {
    const place = await vault();
    for (const name of ['五郎', 'Людмила', 'عائشة', '42'])
      expect(await place.run(['patient', 'add', name, '--yes'])).toMatchObject({ code: 0 });
  });

  it.each([
    ['with Cyrillic letters', 'M\u0430lu R\u0430z\u043e'],
    ['with what is drawn as nothing', 'M\u200balu\u2060 Ra\u00adzo'],
    ['turned around', '\u202eMalu Razo'],
  ])('%s that looks like another is told of, and has a handle of its own', async (_, name) => {
    const place = await vault();
    await place.run(['patient', 'add', 'Malu Razo']);
    const { code, stderr } = await runBinary(['patient', 'add', name], { root: place.root, env });
    expect([code, stderr]).toEqual([9, expect.stringContaining('malu')]);
    expect((await place.run(['patient', 'add', name, '--yes'])).code).toBe(0);
    const { items } = (await place.json(['patient', 'list'])) as { items: { handle: string }[] };
    const handles = items.map(({ handle }) => handle);
    expect(new Set(handles).size).toBe(2);
    const { stdout } = await place.run(['patient', 'list']);
    for (const handle of handles) expect(stdout).toContain(handle);
  });

  const cyrillic = 'M\u0430lu R\u0430z\u043e';
  const documentOf = (...names: readonly string[]): string =>
    JSON.stringify({ format: 'rapport', version: 1, patients: names.map((name) => ({ name })) });

  it('that only looks like one of the vault, or of the same file, is told of by an import', async () => {
    const place = await vault();
    const run = (argv: readonly string[], stdin: string) => runBinary(argv, { root: place.root, env, stdin });
    const says = `${cyrillic}: the name looks like that of malu, and is spelled with other letters`;
    const together = await run(['import', '-', '--dry-run'], documentOf('Malu Razo', cyrillic));
    expect(together.stdout + together.stderr).toContain(says);
    await place.run(['patient', 'add', 'Malu Razo']);
    for (const how of ['--dry-run', '--yes']) {
      const { stdout, stderr } = await run(['import', '-', how], documentOf(cyrillic, 'Ned Hintz'));
      expect(stdout + stderr).toContain(says);
      expect(stdout + stderr).not.toContain('Ned Hintz: the name');
    }
  });

  it.each([
    ['its handle', undefined, /Malu Razo \(malu\)[\s\S]*M\u0430lu R\u0430z\u043e \(malu-r\)/],
    [
      'its ref, where handles look alike too',
      'm\u0430lu',
      /Razo \((?!malu)(\w+)\)[\s\S]* R\u0430z\u043e \((?!\1\)|m)\w+\)/,
    ],
  ])('that looks like another in due or day stands beside %s', async (_, handle, shown) => {
    const place = await vault();
    const on = '2026-03-12';
    const patients = [{ name: 'Malu Razo' }, { name: cyrillic, handle }, { name: 'Ned Hintz' }].map(
      (one) => ({
        ...one,
        commitments: [{ text: 'call', due: on }],
        contacts: [{ on, at: '10:00', state: 'planned' }],
      }),
    );
    const given = JSON.stringify({ format: 'rapport', version: 1, patients });
    expect(await place.run(['import', '-', '--yes'], { stdin: given })).toMatchObject({ code: 0 });
    for (const command of ['due', 'day']) {
      const { stdout } = await runBinary([command], { root: place.root, env: { ...env, RAPPORT_TODAY: on } });
      expect(stdout).toMatch(shown);
      expect(stdout).not.toContain('Ned Hintz (');
    }
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
    const place = await vault();
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
