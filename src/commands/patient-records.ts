/** `rapport patient archive`, `hold`, `merge` and `forget`: what becomes of a patient's records. */

import type { Context, Store } from '../context.ts';
import { fullDate } from '../dates/wording.ts';
import { bornApart, differenceText, type MergePlan, planMerge } from '../domain/merge-plan.ts';
import { displayName } from '../domain/patient-names.ts';
import type { Patient } from '../domain/records.ts';
import { fold, printable } from '../domain/text.ts';
import { cancelled, conflict, type ExitName, shellQuoted, usage } from '../errors.ts';
import { describeHoldings } from '../terminal/patient-page.ts';
import { defineCommand } from './command.ts';
import { wholePatient } from './import-store.ts';
import { findPatient } from './lookup.ts';

interface ArchiveRequest {
  readonly words: readonly string[];
  readonly back: boolean;
}

async function runArchive({ words, back }: ArchiveRequest, ctx: Context): Promise<ExitName> {
  const { output, notices, globals } = ctx;
  const patient = await findPatient(words, ctx);
  const name = printable(displayName(patient));
  if (patient.status === 'died') throw conflict(`${name} has died, and is listed apart already`);
  const status = back ? 'active' : 'archived';
  if (patient.status === status) throw conflict(`${name} is ${status} already`);
  const store = await ctx.openStore();
  const { value, operation } = store.write({ verb: 'patient archive' }, () =>
    store.patients.change(patient, () => ({ status })),
  );
  const open = back ? 0 : store.commitments.of(patient.id).filter((one) => one.status === 'open').length;
  if (globals.json)
    output.json({ schema: 'rapport.patient-archive/1', operation: operation ?? null, patient: value });
  else output.print(`${value.ref} ${name} is ${status}`);
  if (open > 0) notices.say(`${open} open ${open === 1 ? 'promise stays' : 'promises stay'} in rapport due`);
  return 'ok';
}

export const patientArchive = defineCommand<ArchiveRequest>({
  path: 'patient archive',
  summary: 'out of the usual lists, and back',
  group: 'Patients',
  arguments: [{ name: 'patient', help: 'name, handle or ref', variadic: true }],
  options: [{ flags: '--back', help: 'active again' }],
  examples: ['rapport patient archive ned', 'rapport patient archive ned --back'],
  parse: (raw) => ({ words: raw.words('patient'), back: raw.flag('back') }),
  run: runArchive,
});

interface HoldRequest {
  readonly words: readonly string[];
  readonly hold: boolean;
}

async function runHold({ words, hold }: HoldRequest, ctx: Context): Promise<ExitName> {
  const { output, globals } = ctx;
  const patient = await findPatient(words, ctx);
  const store = await ctx.openStore();
  const { value, operation } = store.write({ verb: 'patient hold' }, () =>
    store.patients.change(patient, () => ({ hold })),
  );
  if (globals.json)
    output.json({ schema: 'rapport.patient-hold/1', operation: operation ?? null, patient: value });
  else {
    const already = patient.hold === hold ? ' already' : '';
    const meaning = hold ? ': nothing of theirs can be forgotten or erased' : '';
    output.print(
      `${value.ref} ${printable(displayName(value))} is ${hold ? 'on hold' : 'not on hold'}${already}${meaning}`,
    );
  }
  return 'ok';
}

export const patientHold = defineCommand<HoldRequest>({
  path: 'patient hold',
  summary: 'keep everything of a patient: no forgetting, no erasing',
  group: 'Patients',
  arguments: [{ name: 'patient', help: 'name, handle or ref', variadic: true }],
  options: [{ flags: '--off', help: 'no longer' }],
  examples: ['rapport patient hold malu', 'rapport patient hold malu --off'],
  parse: (raw) => ({ words: raw.words('patient'), hold: !raw.flag('off') }),
  run: runHold,
});

interface MergeRequest {
  readonly from: string;
  readonly into: string;
}

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

const movedHoldings = (plan: MergePlan) => ({
  notes: plan.notes.length,
  commitments: plan.commitments.length,
  contacts: plan.contacts.length,
  people: plan.people.length + plan.same.length,
});

async function confirmMerge(plan: MergePlan, drafts: number, ctx: Context): Promise<void> {
  const { questions, globals } = ctx;
  const isDoubtful = bornApart(plan.from, plan.into);
  if (globals.yes) return;
  if (!questions.possible) {
    if (isDoubtful)
      throw conflict('their birth years differ', 'add --yes if this is one person all the same');
    return;
  }
  questions.tell(
    [
      `${called(plan.from)} becomes part of ${called(plan.into)}: ${describeHoldings(movedHoldings(plan), drafts)}`,
      ...plan.differences.map((difference) => `they differ: ${printable(differenceText(difference))}`),
    ].join('\n'),
  );
  const question = isDoubtful ? 'Their birth years differ. Are they one person?' : 'Are they one person?';
  if (!(await questions.confirm(question, false))) throw cancelled();
}

async function runMerge(request: MergeRequest, ctx: Context): Promise<ExitName> {
  const { output, globals, notices } = ctx;
  const from = await findPatient([request.from], ctx);
  const into = await findPatient([request.into], ctx);
  if (from.id === into.id)
    throw usage('a patient cannot be merged with themselves', 'rapport patient list shows the handles');
  const store = await ctx.openStore();
  const planned = (): MergePlan =>
    planMerge(wholePatient(store, from), wholePatient(store, into), ctx.clock.today());
  const shown = planned();
  const drafts = store.drafts.of(from.id).length;
  await confirmMerge(shown, drafts, ctx);
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
      moved: { ...movedHoldings(plan), drafts },
      differences: plan.differences,
    });
  else
    output.print(
      [
        `${patient.ref} ${called(patient)} now holds all of ${called(from)}: ${describeHoldings(movedHoldings(plan), drafts)}`,
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
  parse: (raw) => ({ from: raw.text('from') ?? '', into: raw.text('into') ?? '' }),
  run: runMerge,
});

interface ForgetRequest {
  readonly words: readonly string[];
}

const holdingsOf = (store: Store, { id }: Patient) => ({
  notes: store.notes.of(id).length,
  commitments: store.commitments.of(id).length,
  contacts: store.contacts.of(id).length,
  people: store.people.of(id).length,
  drafts: store.drafts.of(id).length,
});

const mostNamed = 5;

/** What forgetting can't reach: backups by their time, to the minute. */
function backupLine(held: readonly string[], { clock }: Context): string {
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

async function confirmName(
  patient: Patient,
  lines: readonly string[],
  { questions, globals }: Context,
): Promise<void> {
  if (globals.yes) return;
  if (!questions.possible)
    throw usage('forgetting a patient cannot be undone', 'add --yes to do so all the same');
  questions.tell(lines.join('\n'));
  const answer = await questions.text(`To forget them, type the name: ${printable(patient.name)}`);
  if (!sameName(answer, patient.name)) throw cancelled('that is not the name, nothing was changed');
}

async function runForget({ words }: ForgetRequest, ctx: Context): Promise<ExitName> {
  const { output, notices, globals } = ctx;
  const patient = await findPatient(words, ctx);
  if (patient.hold)
    throw conflict(
      'this patient is on hold, so nothing of theirs may be erased',
      `rapport patient hold ${shellQuoted(patient.handle)} --off`,
    );
  const store = await ctx.openStore();
  const holdings = holdingsOf(store, patient);
  const held = store.backups.holding(patient.id);
  const backups = backupLine(held, ctx);
  await confirmName(
    patient,
    [
      `${patient.ref} goes for good, with history and index: ${describeHoldings(holdings, holdings.drafts)}.`,
      'This cannot be undone.',
      backups,
    ],
    ctx,
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
  parse: (raw) => ({ words: raw.words('patient') }),
  run: runForget,
});
