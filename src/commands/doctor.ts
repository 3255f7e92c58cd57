/** `rapport doctor`: whether the vault is well, a line for each thing looked at, with what to do where it is not. */
import type { ExitName } from '../errors.ts';
import type { TextStyle } from '../terminal/styles.ts';
import type { Check, World } from '../world.ts';
import { defineCommand } from './command.ts';

interface DoctorRequest {
  readonly acceptRollback: boolean;
}

type DoctorNeeds = Pick<World, 'caretaker' | 'keeper' | 'output' | 'globals' | 'startProgress'>;

const words: Readonly<Record<Check['state'], string>> = {
  ok: 'ok',
  warning: 'warning',
  damaged: 'DAMAGED',
  rolled_back: 'OLDER',
  unchecked: 'not tried',
};
const wordWidth = 10;

const toneOf = (state: Check['state'], style: TextStyle): ((text: string) => string) => {
  if (state === 'ok') return style.good;
  if (state === 'unchecked') return style.quiet;
  return state === 'warning' ? style.caution : style.error;
};

const linesOf = ({ state, finding, advice }: Check, style: TextStyle): readonly string[] => [
  `${toneOf(state, style)(words[state].padEnd(wordWidth))}${finding}`,
  ...advice.map((line) => `${''.padEnd(wordWidth)}${style.hint('hint:')} ${line}`),
];

const has = (checks: readonly Check[], state: Check['state']): boolean =>
  checks.some((check) => check.state === state);

const outcomes = {
  damaged: { state: 'damaged', exit: 'damaged', text: 'The vault is damaged.' },
  rolledBack: {
    state: 'rolled_back',
    exit: 'conflict',
    text: 'The vault may be an older copy: it is read, not written.',
  },
  warnings: { state: 'warnings', exit: 'ok', text: 'No damage; see the warnings.' },
  unchecked: { state: 'unchecked', exit: 'ok', text: 'No damage in what could be looked at.' },
  well: { state: 'ok', exit: 'ok', text: 'The vault is well.' },
} as const;

function outcomeOf(checks: readonly Check[]): (typeof outcomes)[keyof typeof outcomes] {
  if (has(checks, 'damaged')) return outcomes.damaged;
  if (has(checks, 'rolled_back')) return outcomes.rolledBack;
  if (has(checks, 'unchecked')) return outcomes.unchecked;
  return has(checks, 'warning') ? outcomes.warnings : outcomes.well;
}

async function runDoctor(request: DoctorRequest, needs: DoctorNeeds): Promise<ExitName> {
  const { caretaker, keeper, output, globals } = needs;
  const progress = needs.startProgress('examining');
  const { checks, refusal } = await caretaker
    .examine({ ...request, advance: (done, whole) => progress.advance(done, whole) })
    .finally(() => progress.end());
  const { state, exit, text } = outcomeOf(checks);
  if (globals.json) output.json({ schema: 'rapport.doctor/1', folder: keeper.folder, state, checks });
  else output.print([...checks.flatMap((check) => linesOf(check, output.style)), text].join('\n'));
  if (exit === 'ok' && refusal !== undefined) throw refusal;
  return exit;
}

export const doctor = defineCommand<DoctorRequest>({
  path: 'doctor',
  summary: 'look whether the vault is whole and private',
  group: 'The vault',
  options: [
    {
      flags: '--accept-rollback',
      help: 'take an older copy of the vault that was put back as it is',
    },
  ],
  examples: ['rapport doctor', 'rapport doctor --json', 'rapport doctor --accept-rollback'],
  access: 'none',
  parse: (raw) => ({ acceptRollback: raw.flag('accept-rollback') }),
  run: runDoctor,
});
