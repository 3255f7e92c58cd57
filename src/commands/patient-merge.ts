/** `rapport patient merge FROM INTO`: two entries of one patient become one. Nothing is lost, and an undo parts them again. */
import { bornApart, differenceText, type MergePlan, planMerge } from '../domain/merge-plan.ts';
import { displayName } from '../domain/patient-names.ts';
import type { Patient } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { cancelled, conflict, type ExitName, usage } from '../errors.ts';
import { describeHoldings } from '../terminal/patient-page.ts';
import type { Store, World } from '../world.ts';
import { defineCommand } from './command.ts';
import { findPatient } from './finding.ts';
import { wholePatient } from './importing.ts';

interface MergeRequest {
  readonly from: string;
  readonly into: string;
}

type MergeNeeds = Pick<World, 'openStore' | 'questions' | 'clock' | 'output' | 'notices' | 'globals'>;

/** Applies a plan in one operation. */
export function applyMerge(plan: MergePlan, store: Store): Patient {
  const { people, notes, commitments, contacts, patients } = store;
  const patient_id = plan.into.id;
  for (const id of plan.people) people.update(id, { patient_id });
  for (const { into, patch } of plan.same) people.update(into, patch);
  for (const { id, person } of plan.notes) notes.update(id, { patient_id, person });
  for (const { id, for_person } of plan.commitments) commitments.update(id, { patient_id, for_person });
  for (const id of plan.contacts) contacts.update(id, { patient_id });
  for (const { from } of plan.same) people.remove(from);
  if (plan.note !== undefined) notes.insert(plan.note);
  patients.join(plan.from.id, patient_id);
  return patients.update(patient_id, plan.patch);
}

const called = (patient: Patient): string =>
  `${printable(displayName(patient))} (${printable(patient.handle)})`;

const holdingsOf = (plan: MergePlan) => ({
  notes: plan.notes.length,
  commitments: plan.commitments.length,
  contacts: plan.contacts.length,
  people: plan.people.length + plan.same.length,
});

async function confirmMerge(plan: MergePlan, drafts: number, needs: MergeNeeds): Promise<void> {
  const { questions, globals } = needs;
  const isDoubtful = bornApart(plan.from, plan.into);
  if (globals.yes) return;
  if (!questions.possible) {
    if (isDoubtful)
      throw conflict('their birth years differ', 'add --yes if this is one person all the same');
    return;
  }
  questions.tell(
    [
      `${called(plan.from)} becomes part of ${called(plan.into)}: ${describeHoldings(holdingsOf(plan), drafts)}`,
      ...plan.differences.map((difference) => `they differ: ${printable(differenceText(difference))}`),
    ].join('\n'),
  );
  const question = isDoubtful ? 'Their birth years differ. Are they one person?' : 'Are they one person?';
  if (!(await questions.confirm(question, false))) throw cancelled();
}

async function runMerge(request: MergeRequest, needs: MergeNeeds): Promise<ExitName> {
  const { output, globals, notices } = needs;
  const from = await findPatient([request.from], needs);
  const into = await findPatient([request.into], needs);
  if (from.id === into.id)
    throw usage('a patient cannot be merged with themselves', 'rapport patient list shows the handles');
  const store = await needs.openStore();
  const planned = (): MergePlan =>
    planMerge(wholePatient(store, from), wholePatient(store, into), needs.clock.today());
  const shown = planned();
  const drafts = store.drafts.of(from.id).length;
  await confirmMerge(shown, drafts, needs);
  const { value, operation } = store.write({ verb: 'patient merge' }, () => {
    for (const one of [from, into]) store.patients.asSeen(one);
    // What was added to either meanwhile goes along.
    const plan = planned();
    return { plan, patient: applyMerge(plan, store) };
  });
  const { plan, patient } = value;
  if (globals.json)
    output.json({
      schema: 'rapport.patient-merge/1',
      operation: operation ?? null,
      patient,
      merged: { id: from.id, ref: from.ref },
      moved: { ...holdingsOf(plan), drafts },
      differences: plan.differences,
    });
  else
    output.print(
      [
        `${patient.ref} ${called(patient)} now holds all of ${called(from)}: ${describeHoldings(holdingsOf(plan), drafts)}`,
        ...plan.differences.map(
          (difference) => `  they differ, and a note asks: ${printable(differenceText(difference))}`,
        ),
      ].join('\n'),
    );
  notices.say('rapport undo parts them again');
  return 'ok';
}

export const patientMerge = defineCommand<MergeRequest>({
  path: 'patient merge',
  summary: 'two entries of one patient become one',
  group: 'Patients',
  arguments: [
    { name: 'from', help: 'the entry that goes; its name stays as an alias', takes: 'patient' },
    { name: 'into', help: 'the entry that is kept', takes: 'patient' },
  ],
  examples: ['rapport patient merge maria malu', 'rapport patient merge "Maria Razo" malu --yes'],
  access: 'unlocked',
  parse: (raw) => ({ from: raw.text('from') ?? '', into: raw.text('into') ?? '' }),
  run: runMerge,
});
