import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { vaultFolder } from '../../src/host/folders.ts';
import { outputOf } from '../../src/terminal/subprocess.ts';
import { createKeySources } from '../../src/vault/key-sources.ts';
import { failureOf, temporaryFolder } from './making.ts';

const secret = 'four words of a test';

function sources(env: Record<string, string | undefined>, more: { stdin?: Readable; flag?: boolean } = {}) {
  const whole = { PATH: process.env['PATH'], ...env };
  const made = createKeySources({
    env: whole,
    stdin: () => more.stdin ?? Readable.from([]),
    uid: process.getuid?.(),
    workingFolder: '/',
    passphraseStdin: more.flag ?? false,
    outputOf: (line) => outputOf(line, whole, false, 300),
  });
  return { ...made, env: whole };
}

const given = async (env: Record<string, string>) => (await sources(env).passphrase())?.text;
const file = (text: string | Buffer, mode = 0o600) => {
  const path = join(temporaryFolder(), 'passphrase');
  writeFileSync(path, text, { mode });
  chmodSync(path, mode);
  return path;
};

describe('sources of the passphrase', () => {
  it('are none where none is named', async () => {
    expect(await given({})).toBeUndefined();
    expect(await given({ RAPPORT_PASSPHRASE: '', RAPPORT_PASSPHRASE_FILE: '' })).toBeUndefined();
  });

  it('give the first line, whatever follows it', async () => {
    for (const text of [secret, `${secret}\n`, `${secret}\r\n`, `${secret}\nuser: me\n`])
      expect(await given({ RAPPORT_PASSPHRASE_FILE: file(text) })).toBe(secret);
    expect(await given({ RAPPORT_PASSPHRASE: secret })).toBe(secret);
    expect(await given({ RAPPORT_PASSPHRASE_COMMAND: `printf '%s\\n' '${secret}'` })).toBe(secret);
    expect(await given({ RAPPORT_PASSPHRASE_FD: String(openSync(file(secret), 'r')) })).toBe(secret);
  });

  it('are gone from the environment after the first look, and not in that of a command', async () => {
    const env = { RAPPORT_PASSPHRASE: secret, RAPPORT_RECOVERY_FILE: '/nowhere', HOME: '/' };
    const looked = sources(env);
    await looked.passphrase();
    expect(Object.keys(looked.env).sort()).toEqual(['HOME', 'PATH']);
    expect(await given({ RAPPORT_PASSPHRASE_COMMAND: 'env' })).not.toContain('RAPPORT');
    const all = join(temporaryFolder(), 'env');
    await given({
      RAPPORT_PASSPHRASE_COMMAND: `sh -c "env > ${all}; echo x"`,
      RAPPORT_NEW_PASSPHRASE_FILE: '/x',
    });
    expect(readFileSync(all, 'utf8')).not.toContain('RAPPORT');
  });

  it('leave the rest of standard input to the command', async () => {
    for (const chunks of [
      [`${secret}\n! call\n`],
      [`${secret}`, '\n! ca', 'll\n'],
      [...`${secret}\n! call\n`],
    ]) {
      const stdin = Readable.from(
        chunks.map((chunk) => Buffer.from(chunk)),
        { objectMode: false },
      );
      const source = sources(
        { RAPPORT_PASSPHRASE: 'not this', RAPPORT_PASSPHRASE_FD: '99' },
        { stdin, flag: true },
      );
      expect(await source.passphrase()).toEqual({ text: secret, from: '--passphrase-stdin' });
      const rest: Buffer[] = [];
      for await (const chunk of stdin) rest.push(chunk);
      expect(Buffer.concat(rest).toString()).toBe('! call\n');
    }
    const whole = Readable.from([Buffer.from(secret)], { objectMode: false });
    expect((await sources({}, { stdin: whole, flag: true }).passphrase())?.text).toBe(secret);
    const after: unknown[] = [];
    for await (const chunk of whole) after.push(chunk);
    expect(after).toEqual([]);
  });

  it('fail on standard input that is empty, endless or a terminal', async () => {
    const read = (stdin: Readable) => failureOf(() => sources({}, { stdin, flag: true }).passphrase());
    expect(await read(Readable.from([]))).toBe('locked: --passphrase-stdin: it gave no passphrase');
    expect(await read(Readable.from([Buffer.alloc(1_000_000, 'x')]))).toMatch(/^locked: .*longer than 4096/);
    expect(await read(Object.assign(Readable.from([]), { isTTY: true }))).toMatch(/^usage: /);
    expect(await read(Readable.from([Buffer.from([0xff, 0xfe])]))).toMatch(/^locked: .*UTF-8/);
  });

  it('are refused two at once', async () => {
    const both = { RAPPORT_PASSPHRASE: secret, RAPPORT_PASSPHRASE_FILE: file(secret) };
    expect(await failureOf(() => given(both))).toMatch(/^usage: several sources/);
  });

  it('refuse a file that others can read, through a link as well', async () => {
    for (const mode of [0o644, 0o640, 0o604, 0o666, 0o610]) {
      const path = file(secret, mode);
      expect(await failureOf(() => given({ RAPPORT_PASSPHRASE_FILE: path }))).toMatch(
        /^usage: others can get at/,
      );
      const link = join(temporaryFolder(), 'link');
      symlinkSync(path, link);
      expect(await failureOf(() => given({ RAPPORT_PASSPHRASE_FILE: link }))).toMatch(
        /^usage: others can get at/,
      );
    }
  });

  it('never fall through when they fail', async () => {
    const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
      [{ RAPPORT_PASSPHRASE_FILE: '/nowhere/at/all' }, /^locked: RAPPORT_PASSPHRASE_FILE: it cannot be read/],
      [{ RAPPORT_PASSPHRASE_FILE: temporaryFolder() }, /^usage: .*names a folder/],
      [{ RAPPORT_PASSPHRASE_FILE: file('') }, /^locked: .*no passphrase/],
      [{ RAPPORT_PASSPHRASE_FILE: file('\nsecond') }, /^locked: .*no passphrase/],
      [{ RAPPORT_PASSPHRASE_FILE: file(Buffer.alloc(1_000_000, 'x')) }, /^locked: .*longer than/],
      [{ RAPPORT_PASSPHRASE_FD: '1' }, /^usage: /],
      [{ RAPPORT_PASSPHRASE_FD: 'three' }, /^usage: /],
      [{ RAPPORT_PASSPHRASE_FD: '987654' }, /^locked: .*cannot be read/],
      [{ RAPPORT_PASSPHRASE_COMMAND: 'false' }, /^locked: .*the command failed \(exit 1\)/],
      [{ RAPPORT_PASSPHRASE_COMMAND: 'true' }, /^locked: .*no passphrase/],
      [{ RAPPORT_PASSPHRASE_COMMAND: 'no-such-program-here' }, /^locked: .*cannot be started/],
      [{ RAPPORT_PASSPHRASE_COMMAND: 'sleep 60' }, /^locked: .*no answer in 0.3 seconds/],
      [{ RAPPORT_PASSPHRASE_COMMAND: "sh -c 'sleep 2 & wait'" }, /^locked: .*no answer/],
      [{ RAPPORT_PASSPHRASE_COMMAND: 'yes' }, /^locked: .*too much/],
      [{ RAPPORT_PASSPHRASE_COMMAND: '   ' }, /^usage: /],
    ];
    for (const [env, message] of cases) expect(await failureOf(() => given(env))).toMatch(message);
  });

  it('leave nothing running that a command started, once it is given up', async () => {
    const ids = join(temporaryFolder(), 'ids');
    const script = file(`echo $$ >> ${ids}\n(sleep 600 & echo $! >> ${ids}; wait) &\nsleep 600\n`);
    const command = `sh -c 'sh ${script} & echo $$ >> ${ids}; wait'`;
    expect(await failureOf(() => given({ RAPPORT_PASSPHRASE_COMMAND: command }))).toMatch(
      /^locked: .*no answer/,
    );
    const started = readFileSync(ids, 'utf8').trim().split('\n');
    expect(started).toHaveLength(3);
    // One that was killed may still wait, as a zombie, for somebody to take note.
    const running = () =>
      started.filter((id) => /^[^Z]/.test(String(spawnSync('ps', ['-o', 'stat=', '-p', id]).stdout).trim()));
    await expect.poll(running).toEqual([]);
  });

  it('run no shell', async () => {
    const made = join(temporaryFolder(), 'made');
    expect(await given({ RAPPORT_PASSPHRASE_COMMAND: `echo $HOME ; touch ${made} | cat` })).toContain(
      '$HOME ; touch',
    );
    expect(existsSync(made)).toBe(false);
  });

  it('take a pipe for a file, as a shell makes it', async () => {
    const path = join(temporaryFolder(), 'pipe');
    execFileSync('mkfifo', ['-m', '600', path]);
    const writer = spawn('sh', ['-c', `printf '%s\\n' '${secret}' > '${path}'`]);
    expect(await given({ RAPPORT_PASSPHRASE_FILE: path })).toBe(secret);
    writer.kill();
  });
});

describe('the other sources', () => {
  it('give a new passphrase and a whole recovery sheet', () => {
    expect(sources({ RAPPORT_NEW_PASSPHRASE_FILE: file(`${secret}\n`) }).newPassphrase()?.text).toBe(secret);
    expect(sources({ RAPPORT_RECOVERY_FILE: file('# sheet\nAAAAA\n') }).recoveryCode()?.text).toBe(
      '# sheet\nAAAAA\n',
    );
    expect(sources({}).newPassphrase()).toBeUndefined();
    expect(sources({}).recoveryCode()).toBeUndefined();
  });
});

describe('the vault folder', () => {
  const place = { platform: 'linux', home: '/home/me', workingFolder: '/work', uid: undefined };
  it.each([
    ['/given', { RAPPORT_VAULT: '/other' }, '/given'],
    ['given', {}, '/work/given'],
    [undefined, { RAPPORT_VAULT: 'other' }, '/work/other'],
    [undefined, { RAPPORT_VAULT: '' }, '/home/me/.local/share/rapport'],
    [undefined, { XDG_DATA_HOME: '/data' }, '/data/rapport'],
    [undefined, { XDG_DATA_HOME: 'relative' }, '/home/me/.local/share/rapport'],
  ])('of --vault %s and %o is %s', (vault, env, folder) => {
    expect(vaultFolder({ ...place, env }, { vault })).toBe(folder);
  });
  it('follows macOS', () => {
    const mac = { ...place, platform: 'darwin', env: {} };
    expect(vaultFolder(mac, { vault: undefined })).toBe('/home/me/Library/Application Support/rapport');
  });
  it('is not the empty name', async () => {
    expect(await failureOf(() => vaultFolder({ ...place, env: {} }, { vault: ' ' }))).toMatch(/^usage: /);
  });
});
