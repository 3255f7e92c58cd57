/**
 * Replays a transcript and writes down what happened in the same form, so that the two can be compared. A session is
 * made of steps; each is a line that begins with `$`, with what was given to it and what came of it below.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { exitCodes } from '../../src/errors.ts';
import { splitCommand } from '../../src/terminal/children.ts';
import { createMasking, refsLikelyIn } from './masking.ts';
import { addSample } from './sample.ts';
import { faultsOf, schemaNameOf } from './schemas.ts';
import { makePlace, makeVault, type RunOptions, type RunResult, type TestPlace } from './vault.ts';

/** One command with what is given to it. */
interface Step {
  /** Comments, blank lines and `@` lines before the command, as they stand. */
  readonly before: readonly string[];
  readonly command: string;
  readonly stdin: string[];
  readonly answers: string[];
}

interface Script {
  readonly steps: readonly Step[];
  readonly after: readonly string[];
}

const answerOf = (line: string): string => /→ ?(.*)$/.exec(line)?.[1] ?? '';

function readScript(text: string): Script {
  const steps: Step[] = [];
  let before: string[] = [];
  const lines = text.replace(/\n$/, '').split('\n');
  for (const [place, line] of lines.entries()) {
    const rest = line.slice(2);
    const step = steps.at(-1);
    if (line.startsWith('$ ')) {
      steps.push({ before, command: rest, stdin: [], answers: [] });
      before = [];
    } else if (/^(?:#|@ |$)/.test(line)) before.push(line);
    else if (step === undefined) throw new Error(`line ${place + 1} comes before any command`);
    else if (line.startsWith('? ')) step.answers.push(answerOf(line));
    else if (/^<(?: |$)/.test(line)) step.stdin.push(rest);
    // What came of the step is found out anew.
    else if (!/^[|!=✗:+-](?: |$)/u.test(line))
      throw new Error(`line ${place + 1} begins with none of $ ? < | ! + - = ✗ : # @`);
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

const nameOf = (code: number): string =>
  Object.entries(exitCodes).find(([, value]) => value === code)?.[0] ?? 'unknown';

/** Every file below the place, so that one that is made or removed shows. */
const filesOf = (place: TestPlace): readonly string[] =>
  readdirSync(place.root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(place.root, join(entry.parentPath, entry.name)))
    // What the vault last said of itself: at the first opening it is made.
    .filter((path) => !path.startsWith('state/'))
    .sort();

function changedFiles(before: readonly string[], after: readonly string[]): readonly string[] {
  return [
    ...before.filter((path) => !after.includes(path)).map((path) => `- ${path}`),
    ...after.filter((path) => !before.includes(path)).map((path) => `+ ${path}`),
  ];
}

/** Every ref that the vault gave out; none where there is no vault. */
const drawnRefs = async (place: TestPlace): Promise<readonly string[]> =>
  existsSync(join(place.folder, 'vault.db'))
    ? place.withDatabase((database) => database.prepare<[], string>('SELECT ref FROM ref').pluck().all())
    : [];

/** What `@` lines have set. */
interface Setting {
  readonly place: TestPlace;
  readonly options: RunOptions;
}

async function setUp(line: string, now: Setting): Promise<Setting> {
  const [word = '', ...words] = line.slice(2).split(' ');
  const rest = words.join(' ');
  const { place, options } = now;
  switch (word) {
    case 'at':
      place.at(rest);
      return now;
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
    case 'no':
      place.remove();
      return { place: makePlace(), options };
    case 'copy': {
      const [from = '', to = ''] = words;
      const target = join(place.work, to);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, readFileSync(new URL(`../scripts/${from}`, import.meta.url)));
      return now;
    }
    default:
      throw new Error(`unknown: @ ${line}`);
  }
}

/** @throws where what was printed does not fit its schema */
function checkJson(command: string, { stdout, stderr, code }: RunResult): void {
  const document: unknown = JSON.parse(stdout === '' && code !== 0 ? stderr : stdout);
  const faults = faultsOf(stdout === '' && code !== 0 ? 'error' : schemaNameOf(document), document);
  if (faults.length > 0) throw new Error(`${command}: ${faults.join('\n')}`);
}

/** @returns the transcript as it went */
export async function replay(text: string): Promise<string> {
  const { steps, after } = readScript(text);
  let setting: Setting = { place: await makeVault(), options: {} };
  const written: string[] = [];
  const { hide, reveal } = createMasking();
  const refs = new Set<string>();
  const masked = (given: string): string => hide(given.replaceAll(setting.place.root, '<root>'), refs);
  try {
    for (const step of steps) {
      for (const line of step.before) if (line.startsWith('@ ')) setting = await setUp(line, setting);
      const command = reveal(step.command);
      const stdin = step.stdin.map(reveal);
      const [program, ...argv] = splitCommand(command);
      if (program !== 'rapport') throw new Error(`not a command of rapport: ${step.command}`);
      const files = filesOf(setting.place);
      const result = await setting.place.run(argv, {
        ...setting.options,
        ...(step.answers.length > 0 && { answers: step.answers.map(reveal) }),
        ...(stdin.length > 0 && { stdin: `${stdin.join('\n')}\n` }),
      });
      if (argv.includes('--json')) checkJson(step.command, result);
      // What a locked vault says holds no refs, and nobody could look them up.
      const said = [command, ...stdin, ...result.asked, result.stdout, result.stderr].join('\n');
      if (!setting.options.locked && refsLikelyIn(said).some((word) => !refs.has(word)))
        for (const ref of await drawnRefs(setting.place)) refs.add(ref);
      written.push(...step.before, masked(`$ ${command}`));
      written.push(...stdin.map((line) => masked(`< ${line}`.trimEnd())));
      written.push(...result.asked.map(masked));
      written.push(...marked('|', masked(result.stdout)));
      written.push(...marked('!', masked(result.stderr)));
      written.push(...changedFiles(files, filesOf(setting.place)).map(masked));
      if (result.code !== 0) written.push(`= ${result.code} ${nameOf(result.code)}`);
    }
  } finally {
    setting.place.remove();
  }
  return `${[...written, ...after].join('\n')}\n`;
}
