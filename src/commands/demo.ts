/** `rapport demo`: a throwaway vault of fictional patients, and the main job shown on it. */
import { type Outcome, talk } from '../cli/command.ts';
import { runCommand } from '../cli/runner.ts';
import type { Context } from '../context.ts';
import { demoDocument, demoDraft, demoKept } from '../domain/demo-patients.ts';
import { planImport } from '../domain/import-plan.ts';
import { shellQuoted } from '../domain/text.ts';
import { readRapport } from '../formats/rapport.ts';
import { brief } from './brief.ts';
import { due } from './due.ts';
import { applyImport, heldBy } from './import.ts';
import { newestChange } from './lookup.ts';

async function fill({ openStore, clock }: Pick<Context, 'openStore' | 'clock'>): Promise<void> {
  const store = await openStore();
  const today = clock.today();
  const document = readRapport(demoDocument(today), { skipBad: false });
  const held = heldBy(store, await store.erasing());
  applyImport(planImport(document, held, { today, skipBad: false }), store, newestChange(store));
  const { id, patch } = demoKept(today);
  store.write({ verb: 'done' }, () => store.commitments.update(id, patch));
  const { patientId, on, lines } = demoDraft(today);
  store.drafts
    .begin({ patient_id: patientId, task: 'commit', record: null, on, options: null })
    .replace(lines);
}

type Try = readonly [command: string, remark: string];

const tries: readonly Try[] = [
  ['day', "today's visits, and what not to miss"],
  ['brief eileen', 'two years on; Tom is a patient too'],
  ['brief ines --force', 'a discreet patient; then --sensitive'],
  ['due --days 14 --all', 'and calendar list for the closed days'],
  ['timeline henrik', 'the years on one axis'],
  ['review', 'promises kept, late and open by month'],
  ['patient died george', 'his death left a promise open'],
  ['patient merge xiuying wang', 'entered twice, one person'],
  ['search choir', 'words in notes and promises'],
  ['undo --list', 'then undo, and undo --redo'],
];
// Without remarks: pasted into zsh, these would be words of the command.
const ofADay = ['brief tomas', 'commit peg', 'due'];

function linesOf(listed: readonly Try[], quiet: (text: string) => string): readonly string[] {
  const widest = Math.max(...listed.map(([command]) => command.length));
  return listed.map(([command, remark]) => `  rapport ${command.padEnd(widest)}  ${quiet(remark)}`);
}

export const demo = talk({
  vault: 'none',
  examples: ['', '--color never'],
  async run(_, ctx): Promise<Outcome> {
    const { output, notices } = ctx;
    await ctx.throwaway();
    await fill(ctx);
    const { folder } = ctx.vault;
    if (!ctx.globals.json) {
      const quiet = Object.assign(Object.create(ctx) as Context, {
        notices: { ...notices, say: () => undefined },
      });
      output.print(output.style.hint('$ rapport due'));
      await runCommand({ ...due, path: 'due' }, {}, quiet);
      output.print(output.style.hint('\n$ rapport brief henrik'));
      await runCommand({ ...brief, path: 'brief' }, { patient: ['henrik'] }, quiet);
    }
    return {
      json: { vault: folder, demonstration: true },
      text: [
        '',
        'These patients are fictional, and so is their vault. Also worth a look there:',
        '',
        ...linesOf(tries, output.style.quiet),
        '',
        `Remove it with: rm -r ${shellQuoted(folder)}`,
        'Your own vault begins with: unset RAPPORT_VAULT; rapport init',
        '',
        'To go on in it, copy the three commands of a day: before a visit (his first),',
        'after it (goes on with a draft), and every morning.',
        '(`rapport` stands for `node bin/rapport.js` until it is installed.)',
        '',
        `  export RAPPORT_VAULT=${shellQuoted(folder)}`,
        ...ofADay.map((command) => `  rapport ${command}`),
      ].join('\n'),
    };
  },
});
