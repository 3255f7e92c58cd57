/**
 * `rapport patient forget`: a patient and all that was ever kept about them, taken out for good. On a terminal the name
 * has to be typed; elsewhere `--yes` stands for it. What is printed and logged has no name.
 */

import { fullDate } from '../dates/wording.ts';
import type { Patient } from '../domain/records.ts';
import { fold, printable } from '../domain/text.ts';
import { cancelled, conflict, type ExitName, shellQuoted, usage } from '../errors.ts';
import { describeHoldings } from '../terminal/patient-page.ts';
import type { Store, World } from '../world.ts';
import { defineCommand } from './command.ts';
import { findPatient } from './finding.ts';

interface ForgetRequest {
  readonly words: readonly string[];
}

type ForgetNeeds = Pick<World, 'openStore' | 'questions' | 'clock' | 'output' | 'notices' | 'globals'>;

const holdingsOf = (store: Store, { id }: Patient) => ({
  notes: store.notes.of(id).length,
  commitments: store.commitments.of(id).length,
  contacts: store.contacts.of(id).length,
  people: store.people.of(id).length,
  drafts: store.drafts.of(id).length,
});

const mostNamed = 5;

/** What forgetting can't reach: backups by their time, to the minute. */
function backupLine(held: readonly string[], { clock }: ForgetNeeds): string {
  const times = held.map((at) => {
    const { date, time } = clock.local(at);
    return `${fullDate(date)} ${time}`;
  });
  const known = [...new Set(times)];
  if (known.length === 0)
    return 'No backup that holds them is known; copies and exports made before still do.';
  const more = known.length > mostNamed ? ` and ${known.length - mostNamed} earlier` : '';
  const named = known.slice(0, mostNamed).join(', ');
  return `Backups made before still hold them, those known of ${named}${more}; so do exports.`;
}

const sameName = (left: string, right: string): boolean =>
  fold(left).split(/\s+/u).join(' ').trim() === fold(right).split(/\s+/u).join(' ').trim();

/** @throws usage without a terminal, cancelled where the name is another */
async function confirmName(
  patient: Patient,
  lines: readonly string[],
  { questions, globals }: ForgetNeeds,
): Promise<void> {
  if (globals.yes) return;
  if (!questions.possible)
    throw usage('forgetting a patient cannot be undone', 'add --yes to do so all the same');
  questions.tell(lines.join('\n'));
  const answer = await questions.text(`To forget them, type the name: ${printable(patient.name)}`);
  if (!sameName(answer, patient.name)) throw cancelled('that is not the name, nothing was changed');
}

async function runForget({ words }: ForgetRequest, needs: ForgetNeeds): Promise<ExitName> {
  const { output, notices, globals } = needs;
  const patient = await findPatient(words, needs);
  if (patient.hold)
    throw conflict(
      'this patient is on hold, so nothing of theirs may be erased',
      `rapport patient hold ${shellQuoted(patient.handle)} --off`,
    );
  const store = await needs.openStore();
  const holdings = holdingsOf(store, patient);
  const held = store.backups.holding(patient.id);
  const backups = backupLine(held, needs);
  await confirmName(
    patient,
    [
      `${patient.ref} goes for good, with history and index: ${describeHoldings(holdings, holdings.drafts)}.`,
      'This cannot be undone.',
      backups,
    ],
    needs,
  );
  const { operation } = store.write({ verb: 'patient forget', undoable: false }, () => {
    const { id } = store.patients.asSeen(patient);
    if (JSON.stringify(holdingsOf(store, patient)) !== JSON.stringify(holdings))
      throw conflict(
        'what is kept of them changed meanwhile, nothing was erased',
        'run this again to see it',
      );
    store.patients.forget(id);
  });
  if (globals.json)
    output.json({
      schema: 'rapport.patient-forget/1',
      operation: operation ?? null,
      patient: { id: patient.id, ref: patient.ref },
      erased: holdings,
      last_backup: held[0] ?? null,
      backups: held,
    });
  else output.print(`${patient.ref} is forgotten`);
  notices.say(backups);
  return 'ok';
}

export const patientForget = defineCommand<ForgetRequest>({
  path: 'patient forget',
  summary: 'take a patient and all their records out for good',
  group: 'Patients',
  arguments: [{ name: 'patient', help: 'name, handle or ref', variadic: true }],
  examples: ['rapport patient forget ned', 'rapport patient forget k7m2q --yes'],
  access: 'unlocked',
  parse: (raw) => ({ words: raw.words('patient') }),
  run: runForget,
});
