/** `rapport completion <shell>`, and what the script that it prints asks at each Tab. */
import { displayName } from '../domain/patient-names.ts';
import { fold } from '../domain/text.ts';
import { type ExitName, Failure, usage } from '../errors.ts';
import type { Completing, RefOffer, Store } from '../store/store.ts';
import type { World } from '../world.ts';
import {
  type ArgumentDeclaration,
  type Declaration,
  defineCommand,
  type Named,
  type RawInput,
} from './command.ts';
import { type Offer, readTyping, type Typing } from './completing.ts';
import { installs, type Shell, scripts, shells } from './completion-scripts.ts';
import { openQuietly } from './opening.ts';

const shellArgument: ArgumentDeclaration = { name: 'shell', help: 'bash, zsh or fish', choices: shells };

/** @throws usage */
function readShell(raw: RawInput): Shell {
  const word = raw.text('shell') ?? '';
  const shell = shells.find((one) => one === word);
  if (shell === undefined)
    throw usage(`'${word.slice(0, 40)}' is not a shell known here`, `use ${shells.join(', ')}`);
  return shell;
}

export const completion = defineCommand<Shell>({
  path: 'completion',
  summary: 'the script that completes commands, options, handles and refs in your shell',
  group: 'More',
  arguments: [shellArgument],
  examples: [
    'rapport completion bash',
    'rapport completion zsh',
    'rapport completion fish > ~/.config/fish/completions/rapport.fish',
  ],
  access: 'none',
  parse: readShell,
  run: async (shell, { output, notices, globals }: Pick<World, 'output' | 'notices' | 'globals'>) => {
    const script = scripts[shell];
    if (globals.json) output.json({ schema: 'rapport.completion/1', shell, script });
    else output.print(script);
    // Whoever reads it on the screen wants to know what to do with it.
    if (output.isTerminal && !globals.json) notices.say(`to install it: ${installs[shell]}`);
    return 'ok';
  },
});

type CompleteNeeds = Pick<World, 'stdin' | 'output' | 'keeper' | 'openStore'>;

const longestLine = 1_000_000;
/** More than these are no help, and a part of them would be taken for all. */
const most = 1000;

/** bash takes `--kind=family` and `10:20` for three words each. */
function joined(words: readonly string[]): readonly string[] {
  const done: string[] = [];
  for (const [place, word] of words.entries()) {
    const isPart = [word, words[place - 1] ?? ''].some((part) => /^[=:]+$/.test(part));
    const last = isPart ? done.pop() : undefined;
    done.push((last ?? '') + word);
  }
  return done;
}

const refOffer = ({ ref, kind, on, handle }: RefOffer): Offer => ({
  value: ref,
  help: [kind, handle, on].filter((part) => part !== null).join(', '),
});

function patientsOf(typed: string, completing: Completing): readonly Offer[] {
  const found = completing.patients(fold(typed), most + 1);
  const active = found.filter(({ status }) => status === 'active');
  // Too many are counted before the others are left out: the limit cut both.
  if (found.length > most) return [];
  return (active.length > 0 ? active : found).map((patient) => ({
    value: patient.handle,
    help: displayName(patient),
  }));
}

function namedOffers(named: Named, typed: string, { completing }: Store): readonly Offer[] {
  if (named === 'patient') return patientsOf(typed, completing);
  const beginning = typed.toLowerCase();
  const found = [
    ...(named === 'note' ? [] : completing.promises(beginning, most + 1)),
    ...(named === 'promise' ? [] : completing.notes(beginning, most + 1)),
  ];
  return found.length > most ? [] : found.map(refOffer);
}

/** Only with a key that is at hand: neither a person nor a source of passphrases is asked at a Tab. */
async function fromVault(
  { named, typed, isElsewhere }: Typing,
  needs: CompleteNeeds,
): Promise<readonly Offer[]> {
  const { keeper } = needs;
  if (named === undefined || isElsewhere || !keeper.exists()) return [];
  try {
    if (!keeper.isDemo && (await keeper.status(true)).agent === undefined) return [];
    const store = await openQuietly(needs, { hurries: true });
    return store === undefined ? [] : namedOffers(named, typed, store);
  } catch (error) {
    if (error instanceof Failure && error.exit === 'busy') return [];
    throw error;
  }
}

async function runComplete(
  shell: Shell,
  declarations: readonly Declaration[],
  needs: CompleteNeeds,
): Promise<ExitName> {
  // Through a pipe: a line being typed may hold a patient's words, and others can read arguments.
  const text = await needs.stdin.readText(longestLine);
  const words = text.replace(/\0$/, '').split('\0');
  const typing = readTyping(shell === 'bash' ? joined(words) : words, declarations);
  const isPath = typing.named === 'file' || typing.named === 'folder';
  const offers = isPath ? [] : [...typing.offers, ...(await fromVault(typing, needs))];
  const lead = shell === 'bash' ? '' : typing.lead;
  const lines = offers.map(({ value, help }) => `${lead}${value} ${help.replace(/\s/gu, ' ')}`);
  needs.output.print([isPath ? typing.named : 'words', ...lines].join('\n'));
  return 'ok';
}

/** Asked by the scripts: the words of the line on standard input, each with a NUL after it, the one being typed last. */
export const completeAmong = (load: () => Promise<readonly Declaration[]>) =>
  defineCommand<Shell>({
    path: 'complete',
    hidden: true,
    summary: 'what can stand where a command line is being typed',
    group: 'More',
    arguments: [shellArgument],
    examples: ['rapport complete bash', 'rapport complete zsh'],
    access: 'none',
    parse: readShell,
    run: async (shell, needs: CompleteNeeds) => runComplete(shell, await load(), needs),
  });
