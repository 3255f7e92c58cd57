/**
 * Replays a transcript and writes down what happened in the same form, so that the two can be compared. A session is
 * made of steps; each is a line that begins with `$`, with what was given to it and what came of it below.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { exitCodes, Failure } from '../../src/errors.ts';
import { splitCommand } from '../../src/terminal/subprocess.ts';
import { type BinaryResult, runBinary } from './binary.ts';
import { createMasking, refsLikelyIn, refsListedIn } from './masking.ts';
import { addSample } from './sample.ts';
import { faultsOf, schemaNameOf } from './schemas.ts';
import { makePlace, makeVault, passphrase, type RunOptions, type TestPlace } from './vault.ts';

interface Result extends BinaryResult {
  readonly asked: readonly string[];
}

/** One command with what is given to it. */
interface Step {
  /** Comments, blank lines and `@` lines before the command, as they stand. */
  readonly before: readonly string[];
  readonly command: string;
  readonly stdin: string[];
  readonly answers: { readonly typed: string; readonly meanwhile: readonly string[] }[];
}

interface Script {
  readonly steps: readonly Step[];
  readonly after: readonly string[];
}

const answerOf = (line: string): string => /→ ?(.*)$/.exec(line)?.[1] ?? '';

function readScript(text: string): Script {
  const steps: Step[] = [];
  let before: string[] = [];
  let meanwhile: string[] = [];
  const lines = text.replace(/\n$/, '').split('\n');
  for (const [place, line] of lines.entries()) {
    const rest = line.slice(2);
    const step = steps.at(-1);
    if (line.startsWith('$ ')) {
      steps.push({ before, command: rest, stdin: [], answers: [] });
      before = [];
    } else if (/^(?:#|@ |$)/.test(line)) before.push(line);
    else if (step === undefined) throw new Error(`line ${place + 1} comes before any command`);
    else if (line.startsWith('~ ')) meanwhile.push(rest);
    else if (line.startsWith('? ')) {
      step.answers.push({ typed: answerOf(line), meanwhile });
      meanwhile = [];
    } else if (/^<(?: |$)/.test(line)) step.stdin.push(rest);
    // What came of the step is found out anew.
    else if (!/^[|!=✗:+-](?: |$)/u.test(line))
      throw new Error(`line ${place + 1} begins with none of $ ? ~ < | ! + - = ✗ : # @`);
  }
  return { steps, after: before };
}

const marked = (mark: string, text: string): readonly string[] =>
  text === ''
    ? []
    : text
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => `${mark} ${line}`.trimEnd());

const nameOf = (code: number | string): string =>
  Object.entries(exitCodes).find(([, value]) => value === code)?.[0] ?? 'unknown';

/** Every file below the place, so that one that is made or removed shows. */
const filesOf = (place: TestPlace): readonly string[] =>
  readdirSync(place.root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(place.root, join(entry.parentPath, entry.name)))
    // What the vault last said of itself, made at the first opening, and where an agent listens.
    .filter((path) => !/^(?:state|runtime)\//.test(path))
    .sort();

function changedFiles(before: readonly string[], after: readonly string[]): readonly string[] {
  return [
    ...before.filter((path) => !after.includes(path)).map((path) => `- ${path}`),
    ...after.filter((path) => !before.includes(path)).map((path) => `+ ${path}`),
  ];
}

/** Every ref that the vault gave out. Without one a demonstration may show its own; one with another passphrase shows none. */
async function drawnRefs(place: TestPlace, said: string): Promise<readonly string[]> {
  if (!existsSync(join(place.folder, 'vault.db'))) return refsListedIn(said);
  try {
    return await place.withDatabase((database) =>
      database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'ref'").get() === undefined
        ? []
        : database.prepare<[], string>('SELECT ref FROM ref').pluck().all(),
    );
  } catch (error) {
    if (error instanceof Failure && error.exit === 'wrong-key') return [];
    throw error;
  }
}

/** What `@` lines have set. */
interface Setting {
  readonly place: TestPlace;
  readonly options: RunOptions;
}

/** What another terminal does, by the built program, while a question waits. @returns its lines of the transcript */
async function runMeanwhile(commands: readonly string[], reveal: (text: string) => string, setting: Setting) {
  for (const command of commands) {
    const [, ...argv] = splitCommand(reveal(command));
    const { code, stderr } = await runStep(argv, setting);
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr}`);
  }
  return commands.map((command) => `~ ${command}`);
}

/** Questions and a width take a terminal, which a test is in-process; all else is the built program. */
async function runStep(argv: readonly string[], { place, options }: Setting): Promise<Result> {
  if (options.answers !== undefined || options.terminal !== undefined) {
    // Only the dates of the domain are fixed, in either way.
    place.at(new Date().toISOString());
    return place.run(argv, options);
  }
  const { locked, env, stdin = '' } = options;
  const passphraseGiven = locked ? {} : { RAPPORT_PASSPHRASE: passphrase };
  const result = await runBinary(argv, {
    root: place.root,
    env: { TZ: 'UTC', NO_COLOR: '1', ...passphraseGiven, ...env },
    stdin,
  });
  return { ...result, asked: [] };
}

/** That the clock is fixed is true of every step. */
const unsaid = ({ stdout, stderr, ...rest }: Result): Result => ({
  ...rest,
  stdout: stdout.replace(/,\n {2}"clock": "fixed"(?=\n\}\n$)/, ''),
  stderr: stderr.replace(/^rapport: the clock is fixed .*\n/m, ''),
});

/** No agent outlives its place. */
async function end(place: TestPlace): Promise<void> {
  if (existsSync(join(place.root, 'runtime', 'rapport'))) await runBinary(['lock'], { root: place.root });
  place.remove();
}

async function setUp(line: string, now: Setting): Promise<Setting> {
  const [word = '', ...words] = line.slice(2).split(' ');
  const rest = words.join(' ');
  const { place, options } = now;
  switch (word) {
    case 'at':
      return { place, options: { ...options, env: { ...options.env, RAPPORT_NOW: rest } } };
    case 'terminal': {
      const { terminal: _, ...others } = options;
      return { place, options: rest === 'none' ? others : { ...options, terminal: Number(rest) } };
    }
    case 'locked':
      return { place, options: { ...options, locked: rest !== 'no' } };
    case 'env': {
      const [, name = '', value] = /^(\w+)(?:=(.*))?$/.exec(rest) ?? [];
      return { place, options: { ...options, env: { ...options.env, [name]: value } } };
    }
    case 'sample':
      await place.withStore(addSample);
      return now;
    case 'vault':
      await end(place);
      return { place: await makeVault({ at: new Date().toISOString() }), options };
    case 'no':
      await end(place);
      return { place: makePlace({ at: new Date().toISOString() }), options };
    case 'copy': {
      const [from = '', to = ''] = words;
      const target = join(place.work, to);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, readFileSync(new URL(`../scripts/${from}`, import.meta.url)), { mode: 0o600 });
      return now;
    }
    default:
      throw new Error(`unknown: @ ${line}`);
  }
}

/** @throws where what was printed does not fit its schema */
function checkJson(command: string, { stdout, stderr, code }: Result): void {
  const isError = stdout === '' && code !== 0;
  // What was said before stands above an error, which is one line.
  const document: unknown = JSON.parse(isError ? (stderr.trimEnd().split('\n').at(-1) ?? '') : stdout);
  const faults = faultsOf(isError ? 'error' : schemaNameOf(document), document);
  if (faults.length > 0) throw new Error(`${command}: ${faults.join('\n')}`);
}

/** @returns the transcript as it went */
async function replay(text: string): Promise<string> {
  const { steps, after } = readScript(text);
  let setting: Setting = {
    place: await makeVault({ at: new Date().toISOString() }),
    options: { env: { RAPPORT_NOW: '2026-03-12T08:30:00Z' } },
  };
  const written: string[] = [];
  const { hide, reveal } = createMasking();
  const refs = new Set<string>();
  const masked = (given: string): string => hide(given.replaceAll(setting.place.root, '<root>'), refs);
  try {
    for (const step of steps) {
      for (const line of step.before) if (line.startsWith('@ ')) setting = await setUp(line, setting);
      const [program, ...argv] = splitCommand(reveal(step.command));
      if (program !== 'rapport') throw new Error(`not a command of rapport: ${step.command}`);
      const files = filesOf(setting.place);
      const options: RunOptions = {
        ...setting.options,
        ...(step.answers.length > 0 && {
          answers: step.answers.map(({ typed, meanwhile }) => [
            '',
            reveal(typed),
            () => runMeanwhile(meanwhile, reveal, setting),
          ]),
        }),
        ...(step.stdin.length > 0 && { stdin: reveal(`${step.stdin.join('\n')}\n`) }),
      };
      const result = unsaid(await runStep(argv, { ...setting, options }));
      if (argv.includes('--json')) checkJson(step.command, result);
      // What a locked vault says holds no refs, and nobody could look them up.
      const said = [...result.asked, result.stdout, result.stderr].join('\n');
      if (!setting.options.locked && refsLikelyIn(said).some((word) => !refs.has(word)))
        for (const ref of await drawnRefs(setting.place, said)) refs.add(ref);
      written.push(...step.before, `$ ${step.command}`);
      written.push(...step.stdin.map((line) => `< ${line}`.trimEnd()));
      written.push(...result.asked.map(masked));
      written.push(...marked('|', masked(result.stdout)));
      written.push(...marked('!', masked(result.stderr)));
      written.push(...changedFiles(files, filesOf(setting.place)).map(masked));
      if (result.code !== 0) written.push(`= ${result.code} ${nameOf(result.code)}`);
    }
  } finally {
    await end(setting.place);
  }
  return `${[...written, ...after].join('\n')}\n`;
}

/** Holds a transcript of test/scripts against what happens, line by line; UPDATE_TRANSCRIPTS=1 writes it anew instead. */
export function testTranscript(name: string): void {
  it(name, async () => {
    const file = new URL(`../scripts/${name}`, import.meta.url);
    const expected = readFileSync(file, 'utf8');
    const actual = await replay(expected);
    if (process.env['UPDATE_TRANSCRIPTS'] === '1') writeFileSync(file, actual);
    else expect(actual).toBe(expected);
  }, 300_000);
}
