/**
 * Fault 15: a marker is told to rapport in every way and shown by every command; then it lies nowhere outside of the
 * encrypted vault, and after the patients are forgotten not in there either.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type BinaryResult, binary, binaryEnvironment, runBinary } from '../support/binary.ts';
import { temporaryFolder } from '../support/folders.ts';
import { type PtyOptions, type PtyRun, runInTerminal } from '../support/pty.ts';
import { makeVault, passphrase, type TestPlace } from '../support/vault.ts';
import { tally } from './support/counting.ts';
import { listens, processAt, processesOf, processIds, Traces, tracingIsAbsent } from './support/traces.ts';

const counts = tally(
  (of) =>
    `leaks: a marker told in ${of('told')} ways and shown by ${of('shown')} commands, ${of('traced')} of them traced; in none of ` +
    `${of('files')} files, ${of('descriptors')} open files, ${of('writes')} writes, words and surroundings of ${of('processes')} processes; ` +
    `in none of ${of('pages')} pages once forgotten (in ${of('before')} before)`,
);
const noProc = process.platform === 'linux' ? undefined : 'there is no /proc here';
const noTracing = noProc ?? tracingIsAbsent();

/** Letters alone, so that it is one word to the index and to every eye. */
const marker = `qz${[...randomBytes(10)].map((byte) => String.fromCharCode(97 + (byte % 26))).join('')}`;
const secret = 'not the passphrase of this vault';

let place: TestPlace;
let scripts: string;
let started: number;
const traces = new Traces(marker);

const runOptions = (env: Readonly<Record<string, string>> = {}) => ({ root: place.root, env });

/** Runs a command that the agent has the key for. */
async function rapport(argv: readonly string[], stdin = ''): Promise<BinaryResult> {
  const run = runBinary(argv, { ...runOptions(), stdin });
  const result = await traces.watch(run, place.root, () => processesOf(place.root));
  if (result.code !== 0) throw new Error(`${argv.join(' ')} ended with ${result.code}: ${result.stderr}`);
  return result;
}

/** The same, told something with the marker in it. */
async function tell(argv: readonly string[], stdin: string): Promise<BinaryResult> {
  expect(stdin).toContain(marker);
  counts.add('told');
  return rapport(argv, stdin);
}

/** The same, and its output holds the marker. */
async function show(argv: readonly string[], times = 1, stdin = ''): Promise<string> {
  const { stdout } = await rapport(argv, stdin);
  expect(stdout.toLowerCase().split(marker).length - 1, argv.join(' ')).toBeGreaterThanOrEqual(times);
  counts.add('shown');
  return stdout;
}

function inTerminal(argv: readonly string[], more: Partial<PtyOptions> = {}): PtyRun {
  return runInTerminal(argv, { ...runOptions(), ...more });
}

const script = (name: string, text: string): string => {
  const path = join(scripts, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
};

/** A program that looks around as a curious neighbour could, then does its work. */
const curious = (name: string, work: string): { readonly command: string; readonly seen: string } => {
  const seen = join(scripts, `${name}.seen`);
  const look = `{ tr '\\0' '\\n' </proc/$$/environ; cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ; } >${seen} 2>/dev/null`;
  return { command: script(name, `${look}\n${work}`), seen };
};

/** What a child saw: neither the marker nor a secret that was in rapport's own surroundings. */
function expectUnseen(seen: string): void {
  const text = readFileSync(seen);
  expect(text.length).toBeGreaterThan(1000);
  expect(traces.holds(text)).toBe(false);
  const own = text.toString('latin1').split('\n');
  expect(own.filter((line) => /^RAPPORT_(?:\w*PASSPHRASE|RECOVERY)/.test(line))).toEqual([]);
}

const refOf = async (kind: string, text: string): Promise<string> => {
  const { stdout } = await rapport(['notes', 'marta', '--json', '--sensitive']);
  const notes: { ref: string; kind: string; text: string }[] = JSON.parse(stdout).notes;
  const found = notes.find((note) => note.kind === kind && note.text.includes(text));
  if (found === undefined) throw new Error(`no ${kind} there`);
  return found.ref;
};

beforeAll(async () => {
  if (noProc !== undefined) return;
  started = Date.now();
  scripts = temporaryFolder();
  place = await makeVault({ settings: { idle: '3h' } });
  mkdirSync(join(place.root, 'home', 'data'), { recursive: true });
  // Where core dumps are usual, they are not the agent's.
  const unlock = spawn('sh', ['-c', `ulimit -c unlimited; exec '${process.execPath}' '${binary}' unlock`], {
    env: binaryEnvironment(place.root, { RAPPORT_PASSPHRASE: passphrase }),
    stdio: 'ignore',
    detached: true,
  });
  expect(await once(unlock, 'close')).toEqual([0, null]);
});

afterAll(async () => {
  if (noProc !== undefined) return;
  await runBinary(['lock'], runOptions());
  place.remove();
});

describe.skipIf(noProc !== undefined)(
  `looking for traces${noProc === undefined ? '' : `: ${noProc}`}`,
  () => {
    it('finds what lies about', async () => {
      const planted = new Traces(marker);
      const folder = temporaryFolder();
      const forms: Readonly<Record<string, string | Buffer>> = {
        plain: `before ${marker} after`,
        capitals: marker.toUpperCase(),
        wide: Buffer.from(`x${marker}`, 'utf16le'),
        hex: Buffer.from(`xy${marker}`).toString('hex'),
        coded0: Buffer.from(`abc${marker}x`).toString('base64'),
        coded1: Buffer.from(`abcd${marker}xyz`).toString('base64'),
        coded2: Buffer.from(`abcde${marker}xy`).toString('base64'),
      };
      for (const [name, bytes] of Object.entries(forms)) writeFileSync(join(folder, name), bytes);
      writeFileSync(join(folder, `named-${marker}`), '');
      writeFileSync(join(folder, 'innocent'), marker.slice(1));
      planted.lookAtFolder(folder);
      const paths = planted.found.map((where) => where.split('/').at(-1)).sort();
      expect(paths).toEqual([...Object.keys(forms), `named-${marker}`].sort());

      const child = spawn(
        'sh',
        ['-c', 'exec 7>"$0"; echo "$MARK" >&7; rm "$0"; echo; read x', join(folder, 'gone'), marker],
        {
          env: { MARK: marker },
          stdio: ['pipe', 'pipe', 'ignore'],
        },
      );
      await once(child.stdout, 'data');
      const id = Number(child.pid);
      planted.lookAtProcesses([id]);
      planted.lookAtDescriptors([id], folder);
      child.stdin.end();
      expect(planted.found.filter((where) => where.startsWith(`/proc/${id}/`))).toEqual([
        `/proc/${id}/cmdline`,
        `/proc/${id}/environ`,
        `/proc/${id}/fd/7, ${join(folder, 'gone')} (deleted)`,
      ]);
    });

    it.skipIf(noTracing !== undefined)(
      `finds what is written for a moment${noTracing === undefined ? '' : `: ${noTracing}`}`,
      async () => {
        const planted = new Traces(marker);
        const trace = join(scripts, 'control');
        const code = `const fs=require('fs');fs.writeFileSync('${scripts}/m',process.env.MARK);fs.rmSync('${scripts}/m');console.log(process.env.MARK)`;
        await traced([process.execPath, '-e', code], trace, { MARK: marker });
        planted.lookAtTrace(trace);
        expect(planted.found).toEqual([`a write to ${scripts}/m`]);
      },
    );
  },
);

/** Runs a program with its writes noted down. */
async function traced(
  command: readonly string[],
  trace: string,
  env: Readonly<Record<string, string>> = {},
  stdin = '',
): Promise<void> {
  const calls = 'trace=write,pwrite64,writev,pwritev';
  const child = spawn('strace', ['-f', '-y', '-qq', '-s', '1000000', '-e', calls, '-o', trace, ...command], {
    cwd: join(place.root, 'work'),
    env: binaryEnvironment(place.root, env),
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  });
  child.stdin.end(stdin);
  expect(await once(child, 'close')).toEqual([0, null]);
}

describe.skipIf(noProc !== undefined)(`a marker${noProc === undefined ? '' : `: ${noProc}`}`, () => {
  it('is told in every way', async () => {
    await tell(['patient', 'add', '-'], `Marta ${marker}name`);
    await tell(['patient', 'set', 'marta', '--say', '-'], `say ${marker}say`);
    await tell(['person', 'add', 'marta', '-', '--relation', 'sister'], `Ana ${marker}person`);
    await tell(
      ['note', 'marta', '--stdin'],
      ['story', '? question', '* matters', '~ explain', '> next', 'avoid: avoid', 'concern: concern']
        .map((line) => `${line} ${marker}note`)
        .join('\n'),
    );
    await tell(['note', 'marta', '--stdin', '--sensitive'], `sensitive ${marker}sensitive`);
    await tell(
      ['commit', 'marta', '--stdin'],
      `! call about ${marker}promise by tomorrow\nx mother June ${marker}loss, 2 feb`,
    );
    await tell(['commit', 'marta', '--promise', '-'], `send ${marker}sheet by tomorrow`);
    await tell(['contact', 'marta', '--channel', 'call', '--gist', '-'], `about ${marker}gist`);
    await tell(['answer', await refOf('question', marker), '--text', '-'], `yes ${marker}answer`);
    await tell(['edit', await refOf('story', marker), '--text', '-'], `edited ${marker}edited`);
  });

  it('is told in a document large enough that sorting it would spill', async () => {
    // SQLite sorts up to 16 MB, its cache here, without a temporary file.
    const notes = Array.from({ length: 20_000 }, (_, index) => ({
      kind: 'story',
      text: `${marker}bulk ${index} ${'of many words '.repeat(80)}`,
      recorded_on: `20${10 + (index % 16)}-01-0${1 + (index % 9)}`,
    }));
    const commitments = Array.from({ length: 3000 }, (_, index) => ({
      text: `${marker}due ${index} ${'to be done '.repeat(8)}`,
      due: `20${10 + (index % 16)}-02-0${1 + (index % 9)}`,
    }));
    const patients = [{ name: `Bulk ${marker}bulk`, handle: 'bulk', notes, commitments }];
    await tell(['import', '-', '--yes'], JSON.stringify({ format: 'rapport', version: 1, patients }));
  });

  it('is left in a draft by a killed run, and taken up by the next', async () => {
    const { processId, ...run } = inTerminal(['commit', 'marta']);
    await run.answer('Visit on', '\r');
    await run.answer('Done or answered', '\r');
    await run.answer('What did you promise', `write ${marker}draft in 2 weeks\r`);
    await run.waitFor(`promise  write ${marker}draft`);
    counts.add('told');
    process.kill(processId, 'SIGKILL');
    await run.exit;
    const again = inTerminal(['commit', 'marta']);
    await again.answer('is not saved yet', '\r');
    await again.waitFor(`${marker}draft`);
    again.interrupt();
    expect(await again.exit).toBe(130);
  });

  it('is edited, by a program that sees neither it nor a secret around itself', async () => {
    const editor = curious(
      'editor',
      `stat -c %a "$1" "$(dirname "$1")" >"$1.modes"; cat "$1.modes" >"${scripts}/modes"; rm "$1.modes"
      grep -q ${marker} "$1" && sed -i 's/edited/in the editor/' "$1"`.replaceAll(
        marker,
        '"$(cat "$MARKER_FILE")"',
      ),
    );
    writeFileSync(join(scripts, 'marker'), marker);
    const env = {
      EDITOR: editor.command,
      MARKER_FILE: join(scripts, 'marker'),
      RAPPORT_PASSPHRASE: passphrase,
      RAPPORT_RECOVERY_FILE: secret,
    };
    const run = inTerminal(['edit', await refOf('story', 'edited'), '--editor'], { env });
    expect(await run.exit).toBe(0);
    expectUnseen(editor.seen);
    expect(readFileSync(join(scripts, 'modes'), 'utf8')).toBe('600\n700\n');
    counts.add('told');
    await refOf('story', `in the editor ${marker}`);
  });

  it('is paged, by a program that sees neither it nor a secret around itself', async () => {
    const pager = curious('pager', 'cat >/dev/null');
    const env = { PAGER: pager.command, RAPPORT_PASSPHRASE: passphrase, RAPPORT_RECOVERY_FILE: secret };
    for (const argv of [
      ['notes', 'bulk'],
      ['due', '--all'],
      ['notes', 'marta', '--sensitive'],
    ]) {
      const run = inTerminal(argv, { env, rows: 8 });
      expect(await run.exit).toBe(0);
      expectUnseen(pager.seen);
      rmSync(pager.seen);
      counts.add('shown');
    }
  });

  it.skipIf(!existsSync('/usr/bin/less'))('is read in less, which remembers nothing', async () => {
    const run = inTerminal(['notes', 'bulk'], {
      env: { PAGER: 'less', LESSHISTFILE: join(place.root, 'home', 'lesshst') },
    });
    await run.waitFor(`${marker}bulk`);
    run.type(`/${marker}\r`);
    run.type('q');
    expect(await run.exit).toBe(0);
    expect(existsSync(join(place.root, 'home', 'lesshst'))).toBe(false);
    counts.add('shown');
  });

  it('is glanced at', async () => {
    const run = inTerminal(['brief', 'marta', '--glance', '60']);
    await run.waitFor(marker);
    run.type('q');
    expect(await run.exit).toBe(0);
    await run.screen.until(() => !run.screen.isAlternate, 'the screen as it was');
    expect(run.screen.text()).not.toContain(marker);
    counts.add('shown');
  });

  it('is shown, listed, searched, sorted, exported and backed up', async () => {
    await show(['brief', 'marta', '--force']);
    await show(['brief', 'marta', '--json', '--all', '--sensitive', '--why'], 5);
    await show(['notes', 'marta', '--sensitive', '--status', 'all', '--earlier'], 8);
    await show(['notes', 'bulk'], 20_000);
    await show(['patient', 'show', 'marta']);
    await show(['patient', 'list']);
    await show(['person', 'list', 'marta']);
    await show(['due', '--all'], 3000);
    await show(['due', '--json', '--days', '30']);
    await show(['timeline', 'marta', '--sensitive']);
    await show(['timeline', 'marta', '--screen-reader']);
    await show(['review', '--all', '--since', '2009-01-01']);
    await show(['search', '-'], 3, `${marker}note`);
    await show(['search', '-', '--patient', 'marta', '--sensitive'], 5, marker);
    await show(['search', '-'], 20, `${marker}bulk`);
    await show(['undo', '--list']);
    await show(['log']);
    await show(['export'], 23_000);
    await show(['export', '--patient', 'marta'], 8);
    for (const argv of [['markdown', '--sensitive'], ['csv', '--sensitive'], ['ics', '--full'], ['fhir']])
      await show(['export', '--plain', '--patient', 'marta', '--format', ...argv]);
    // In a calendar that others may see there is nothing of it.
    expect((await rapport(['export', '--format', 'ics', '--plain'])).stdout.toLowerCase()).not.toContain(
      marker,
    );
    await show(['demo'], 0);
    await rapport(['backup', 'all.backup']);
    expect(statSync(join(place.root, 'work', 'all.backup')).size).toBeGreaterThan(1_000_000);
    await rapport(['doctor']);
    for (const argv of [['day'], [], ['status'], ['due', '--line'], ['due', '--daily']]) await rapport(argv);
    // A fault in what was told is said without it.
    for (const stdin of [`@31 feb ${marker}bad`, `concrn: ${marker}bad`]) {
      const failed = await runBinary(['note', 'marta', '--stdin', '--debug'], { ...runOptions(), stdin });
      expect(failed.code).toBe(2);
    }
  });

  it.skipIf(noTracing !== undefined)(
    `is in no single write of them${noTracing === undefined ? '' : `: ${noTracing}`}`,
    async () => {
      const program = [process.execPath, binary];
      const runs: readonly (readonly [argv: readonly string[], stdin?: string])[] = [
        [['notes', 'bulk']],
        [['due', '--all']],
        [['review', '--all', '--since', '2009-01-01']],
        [['search', '-'], `${marker}bulk`],
        [['export']],
        [['backup', 'traced.backup']],
        [['note', 'marta', '--stdin'], `traced ${marker}traced`],
        [['undo']],
        [['undo', '--redo']],
        [['patient', 'merge', 'marta', 'bulk', '--yes']],
        [['undo']],
      ];
      for (const [argv, stdin] of runs) {
        const trace = join(scripts, 'trace');
        await traced([...program, ...argv, '--quiet'], trace, {}, stdin);
        traces.lookAtTrace(trace);
        rmSync(trace);
        counts.add('traced');
      }
      expect(traces.counts.writes).toBeGreaterThan(100);
      expect(traces.found).toEqual([]);
    },
  );

  it('is then in no file, open file, word or surrounding of any process', () => {
    for (const folder of ['home', 'temporary', 'runtime', 'state', 'work', 'vault'])
      traces.lookAtFolder(join(place.root, folder));
    // Whatever else was written where everybody writes.
    const isNew = (path: string): boolean => statSync(path).isFile() && statSync(path).mtimeMs >= started;
    for (const folder of [tmpdir(), '/tmp', '/var/tmp', '/dev/shm'])
      traces.lookAtFolder(folder, (path) => existsSync(path) && isNew(path));
    traces.lookAtProcesses(processIds());
    const agent = processAt(join(place.root, 'runtime', 'rapport', 'agent.sock'));
    traces.lookAtDescriptors([agent, ...processesOf(place.root)], place.root);
    for (const [what, count] of Object.entries(traces.counts)) counts.add(what, count);
    expect(traces.counts.files).toBeGreaterThan(5);
    expect(traces.counts.descriptors).toBeGreaterThan(100);
    expect(traces.counts.processes).toBeGreaterThan(100);
    expect(traces.found).toEqual([]);
  });

  it('is in no decrypted page once they are forgotten', async () => {
    const size = 4096;
    const pagesWith = () =>
      place.withDatabase((database) => {
        const bytes = database.serialize();
        const pages = Array.from({ length: bytes.length / size }, (_, page) =>
          bytes.subarray(page * size, (page + 1) * size),
        );
        return { all: pages.length, found: pages.filter((page) => traces.holds(page)).length };
      });
    const before = await pagesWith();
    expect(before.found).toBeGreaterThan(1000);
    counts.add('before', before.found);
    for (const handle of ['marta', 'bulk']) {
      const { stdout, stderr } = await rapport(['patient', 'forget', handle, '--yes']);
      expect(traces.holds(Buffer.from(stdout + stderr))).toBe(false);
    }
    const after = await pagesWith();
    counts.add('pages', after.all);
    expect(after.all).toBeGreaterThan(1000);
    expect(after.found).toBe(0);
    const { stdout } = await rapport(['log', '--limit', '1000', '--json']);
    expect(traces.holds(Buffer.from(stdout))).toBe(false);
    expect((await rapport(['doctor'])).code).toBe(0);
    const again = JSON.stringify({
      format: 'rapport',
      version: 1,
      patients: [{ name: `marta ${marker}NAME` }],
    });
    expect((await rapport(['import', '-', '--dry-run'], again)).stdout).toContain(
      'was forgotten here before',
    );
  });
});

describe.skipIf(noProc !== undefined)(`the agent${noProc === undefined ? '' : `: ${noProc}`}`, () => {
  const agent = (): number => processAt(join(place.root, 'runtime', 'rapport', 'agent.sock'));

  it('dumps no core, where its parent would', () => {
    expect(readFileSync(`/proc/${agent()}/limits`, 'utf8')).toMatch(/^Max core file size\s+0\s+0\s/m);
  });

  it('has nothing of the person around it', () => {
    const environment = readFileSync(`/proc/${agent()}/environ`, 'latin1');
    expect(environment).not.toMatch(/RAPPORT|HOME|TMPDIR/);
    expect(environment).not.toContain(place.root);
  });

  it('opens no debugger at SIGUSR1, where node does', async () => {
    const ready = 'console.log(1); setInterval(() => {}, 1000)';
    const plain = spawn(process.execPath, ['--inspect-port=0', '-e', ready], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void plain.kill('SIGKILL'));
    await once(plain.stdout, 'data');
    plain.kill('SIGUSR1');
    await once(plain.stderr, 'data');
    expect(listens(Number(plain.pid))).toBe(true);
    const id = agent();
    process.kill(id, 'SIGUSR1');
    // It answers after the signal, so it was delivered.
    expect((await rapport(['status'])).stdout).toContain('unlocked');
    expect(listens(id)).toBe(false);
  });
});
