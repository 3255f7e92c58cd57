/** `rapport completion <shell>`, and what the script that it prints asks at each Tab. */
import type { Context, Store } from '../context.ts';
import { displayName } from '../domain/patient-names.ts';
import { fold, present } from '../domain/text.ts';
import { Failure, usage } from '../errors.ts';
import {
  type ArgumentDeclaration,
  aside,
  command,
  type Declaration,
  globalOptions,
  groupSummaries,
  type Named,
  nameable,
  type OptionDeclaration,
  type Raw,
  talk,
} from './command.ts';
import { plain, textOf } from './kinds.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

// The scripts pipe the words of the line to `rapport complete`, whose first line says what follows it.

const scripts = {
  bash: `# rapport: completion for bash
_rapport() {
  local word=\${COMP_WORDS[COMP_CWORD]} kind value help
  COMPREPLY=()
  {
    read -r kind
    case $kind in
      file) compopt -o default 2>/dev/null ;;
      folder) compopt -o dirnames 2>/dev/null ;;
      words)
        while read -r value help; do
          [[ $word == [\\"\\']* ]] || printf -v value %q "$value"
          COMPREPLY+=("$value")
        done
        ;;
    esac
  } < <(printf '%s\\0' "\${COMP_WORDS[@]:1:COMP_CWORD}" | command rapport complete bash 2>/dev/null)
}
complete -F _rapport rapport`,
  zsh: `#compdef rapport
# rapport: completion for zsh
_rapport() {
  local kind value help
  local -a offers
  {
    read -r kind
    case $kind in
      file) _files ;;
      folder) _files -/ ;;
      words)
        while read -r value help; do
          offers+=("\${value//:/\\\\:}\${help:+:$help}")
        done
        _describe -V rapport offers
        ;;
    esac
  } < <(printf '%s\\0' "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" | command rapport complete zsh 2>/dev/null)
}
if [[ $funcstack[1] == _rapport ]]; then
  _rapport "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
  compdef _rapport rapport
fi`,
  fish: `# rapport: completion for fish
function __rapport_complete
    set -l words (commandline -opc)
    set -e words[1]
    set -l word (commandline -ct)
    set -l offers (printf '%s\\0' $words "$word" | command rapport complete fish 2>/dev/null)
    switch "$offers[1]"
        case file
            __fish_complete_path "$word"
        case folder
            __fish_complete_directories "$word"
        case words
            set -e offers[1]
            string replace -- ' ' \\t $offers
    end
end
complete -c rapport -f -a '(__rapport_complete)'`,
};

export const installs: Readonly<Record<Shell, string>> = {
  bash: `echo 'eval "$(rapport completion bash)"' >> ~/.bashrc`,
  zsh: `echo 'eval "$(rapport completion zsh)"' >> ~/.zshrc`,
  fish: 'mkdir -p ~/.config/fish/completions && rapport completion fish > ~/.config/fish/completions/rapport.fish',
};

const readShell = (raw: Raw): Shell => {
  const typed = textOf(raw) ?? '';
  const shell = shells.find((one) => one === typed);
  if (shell !== undefined) return shell;
  throw usage(`'${typed.slice(0, 40)}' is not a shell known here`, `use ${shells.join(', ')}`);
};
const shell = plain('bash, zsh or fish', readShell, { choices: shells });

export const completion = command({
  arguments: { shell },
  vault: 'none',
  examples: ['bash', 'zsh', 'fish > ~/.config/fish/completions/rapport.fish'],
  run({ shell }, { output }) {
    const script = scripts[shell];
    return {
      json: { shell, script },
      // A program reads it: line by line, as it is.
      text: script.split('\n'),
      notices: present(output.isTerminal && aside(`to install it: ${installs[shell]}`)),
    };
  },
});

type Completing = Awaited<ReturnType<Store['completing']>>;

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

const refOffer = ({ ref, kind, on, handle }: ReturnType<Completing['notes']>[number]): Offer => ({
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

function namedOffers(named: Named, typed: string, completing: Completing): readonly Offer[] {
  if (named === 'patient') return patientsOf(typed, completing);
  const beginning = typed.toLowerCase();
  const found = [
    ...(named === 'note' ? [] : completing.promises(beginning, most + 1)),
    ...(named === 'promise' ? [] : completing.notes(beginning, most + 1)),
  ];
  return found.length > most ? [] : found.map(refOffer);
}

/** Only with a key that is at hand: neither a person nor a source of passphrases is asked at a Tab. */
async function fromVault({ named, typed, isElsewhere }: Typing, ctx: Context): Promise<readonly Offer[]> {
  const { vault, openStore } = ctx;
  if (named === undefined || isElsewhere || !vault.exists()) return [];
  try {
    if (!vault.isDemo && !(await vault.isHeld())) return [];
    const store = await openStore({ ask: false, hurries: true });
    return namedOffers(named, typed, await store.completing());
  } catch (error) {
    if (error instanceof Failure && /^(?:busy|locked)$/.test(error.exit)) return [];
    throw error;
  }
}

/** Asked by the scripts: the words of the line on standard input, each with a NUL after it, the one being typed last. */
export const completeAmong = (load: () => Promise<readonly Declaration[]>) =>
  talk({
    arguments: { shell },
    vault: 'none',
    examples: ['bash', 'zsh'],
    async run({ shell }, ctx) {
      // Through a pipe: a line being typed may hold a patient's words, and others can read arguments.
      const text = await ctx.stdin.readText(longestLine);
      const words = text.replace(/\0$/, '').split('\0');
      const typing = readTyping(shell === 'bash' ? joined(words) : words, await load());
      const isPath = typing.named === 'file' || typing.named === 'folder';
      const offers = isPath ? [] : [...typing.offers, ...(await fromVault(typing, ctx))];
      const lead = shell === 'bash' ? '' : typing.lead;
      const lines = offers.map(({ value, help }) => `${lead}${value} ${help.replace(/\s/gu, ' ')}`);
      return { text: [isPath ? typing.named : 'words', ...lines].join('\n') };
    },
  });

interface Offer {
  readonly value: string;
  readonly help: string;
}

type Typing = ReturnType<typeof readTyping>;

const longName = ({ flags }: OptionDeclaration): string => /--[a-z-]+/.exec(flags)?.[0] ?? flags;
const placeholder = ({ flags }: OptionDeclaration): string => /[<[]([^<>[\]]+)[>\]]/.exec(flags)?.[1] ?? '';
const isCalled = (option: OptionDeclaration, word: string): boolean =>
  option.flags.split(/[ ,]+/).includes(word.split('=')[0] ?? word);

const optionsOf = (command: Declaration | undefined): readonly OptionDeclaration[] => [
  ...(command?.options ?? []),
  ...globalOptions,
  { flags: '--help', help: 'show help' },
];

/** The words before the one that is typed: whose they are, and what the next one is for. */
function readLine(words: readonly string[], declarations: readonly Declaration[]) {
  const path: string[] = [];
  const used: string[] = [];
  let command: Declaration | undefined;
  let waiting: OptionDeclaration | undefined;
  let given = 0;
  let isPlain = false;
  for (const word of words) {
    const isOption = !isPlain && word.startsWith('-') && word !== '-';
    // An option whose value may be left out takes no option for it.
    const isValue = waiting !== undefined && !(isOption && waiting.flags.includes('['));
    waiting = undefined;
    if (isValue) continue;
    if (word === '--' && !isPlain) isPlain = true;
    else if (isOption) {
      const option = optionsOf(command).find((one) => isCalled(one, word));
      if (option !== undefined) used.push(longName(option));
      if (option !== undefined && placeholder(option) !== '' && !word.includes('=')) waiting = option;
    } else if (command !== undefined) given += 1;
    else {
      path.push(word);
      command = declarations.find((one) => one.path === path.join(' '));
    }
  }
  return { path, command, given, used, waiting, isPlain };
}

function followers(path: readonly string[], declarations: readonly Declaration[]): readonly Offer[] {
  const before = path.map((word) => `${word} `).join('');
  const offers = declarations
    .filter((one) => one.summary !== '' && one.path.startsWith(before))
    .map(({ path: whole, summary }): Offer => {
      const [value = '', second] = whole.slice(before.length).split(' ');
      return { value, help: second === undefined ? summary : (groupSummaries[value] ?? '') };
    });
  return [...new Map(offers.map((offer) => [offer.value, offer])).values()];
}

/** The argument that the next word is, where it says what to offer: a name of several words is begun only once. */
function argumentAt({ command, given }: ReturnType<typeof readLine>): ArgumentDeclaration | undefined {
  const all = command?.arguments ?? [];
  const next = all[given];
  if (next !== undefined) return next;
  const last = all.at(-1);
  return last?.variadic && last.takes !== undefined ? last : undefined;
}

/** @param words after the program's name, up to the one being typed, which is the last and may be empty */
export function readTyping(words: readonly string[], declarations: readonly Declaration[]) {
  const before = words.slice(0, -1);
  const line = readLine(before, declarations);
  const last = (words.at(-1) ?? '').replace(/^['"]/, '');
  const options = optionsOf(line.command);
  const isOption = last.startsWith('-') && !line.isPlain && line.waiting === undefined;
  const joined = isOption && last.includes('=') ? options.find((one) => isCalled(one, last)) : undefined;
  const option = line.waiting ?? joined;
  const lead = joined === undefined ? '' : last.slice(0, last.indexOf('=') + 1);
  const typed = last.slice(lead.length);
  const typing = (offers: readonly Offer[], named?: Named) => ({
    offers: offers.filter(({ value }) => value.startsWith(typed)),
    ...(named && { named }),
    typed,
    lead,
    isElsewhere: before.some((word) => /^--vault(?:=|$)/.test(word)),
  });
  if (option === undefined && isOption)
    return typing(
      options
        .filter((one) => one.repeat === true || !line.used.includes(longName(one)))
        .map((one) => ({ value: longName(one), help: one.help })),
    );
  if (option === undefined && line.command === undefined) return typing(followers(line.path, declarations));
  const argument = argumentAt(line);
  const { takes, choices = [] } = option ?? argument ?? {};
  const name = option === undefined ? (argument?.name ?? '') : placeholder(option);
  const offers = choices.map((value) => ({ value, help: '' }));
  return typing(offers, takes ?? nameable.find((one) => one === name));
}
