/** `rapport patient archive`, `hold`, `merge` and `forget`: what becomes of a patient's records. */
import { type Ctx, command } from '../cli/command.ts';
import { agree, flag } from '../cli/kinds.ts';
import type { Store } from '../context.ts';
import { count, fullDate } from '../dates/civil.ts';
import { bornApart, differenceText, type MergePlan, planMerge } from '../domain/merge-plan.ts';
import { patientFields } from '../domain/patient-names.ts';
import type { Patient } from '../domain/records.ts';
import { fold, pick, present, printable, shellQuoted } from '../domain/text.ts';
import { cancelled, conflict, usage } from '../errors.ts';
import { describeHoldings } from '../terminal/patient-page.ts';
import { called, nameOf, openPromises, patientWho, quotedPatient } from './lookup.ts';
import { changePatient } from './patient-fields.ts';
import { wholePatient } from './patients.ts';

export const patientArchive = command({
  arguments: { patient: patientWho(({ status }, has) => status === (has('back') ? 'archived' : 'active')) },
  options: { back: flag('active again') },
  examples: ['ned', 'ned --back'],
  run({ patient, back }, { store }) {
    const name = nameOf(patient);
    if (patient.status === 'died') throw conflict(`${name} has died, and is listed apart already`);
    const status = back ? 'active' : 'archived';
    if (patient.status === status) throw conflict(`${name} is ${status} already`);
    const made = changePatient('patient archive', patient, () => ({ status }), `is ${status}`, { store });
    const open = back ? 0 : openPromises(store, patient).length;
    const promises = count(open, 'promise is still open, and stays', 'promises are still open, and stay');
    return { ...made, notices: present(open > 0 && `${name}: ${promises} in rapport due`) };
  },
});

export const patientHold = command({
  arguments: { patient: patientWho(({ hold }, has) => hold === has('off')) },
  options: { off: flag('no longer') },
  examples: ['malu', 'malu --off'],
  run({ patient, off }, ctx) {
    const hold = !off;
    const state = `is ${hold ? 'on hold' : 'not on hold'}${patient.hold === hold ? ' already' : ''}`;
    const meaning = hold ? ': nothing of theirs can be forgotten or erased' : '';
    return changePatient('patient hold', patient, () => ({ hold }), state + meaning, ctx);
  },
});

export function applyMerge(plan: MergePlan, store: Store): Patient {
  const { people, notes, commitments, contacts, patients } = store;
  const patient_id = plan.into.id;
  for (const id of plan.people) people.update(id, { patient_id });
  for (const { into, patch } of plan.same) people.update(into, patch);
  for (const { id, person } of plan.notes) notes.update(id, { patient_id, person });
  for (const { id, for_person } of plan.commitments) commitments.update(id, { patient_id, for_person });
  for (const id of plan.contacts) contacts.update(id, { patient_id });
  for (const { from } of plan.same) people.remove(from);
  // Who was the same as the one, around others, is the same as the other.
  for (const id of [plan.from.id, patient_id])
    for (const person of people.whoAre(id))
      people.update(person.id, { patient: person.patient_id === patient_id ? null : patient_id });
  if (plan.note !== undefined) notes.insert(plan.note);
  patients.join(plan.from.id, patient_id);
  return patients.update(patient_id, plan.patch);
}

const movedHoldings = (plan: MergePlan, drafts: number) => ({
  notes: plan.notes.length,
  commitments: plan.commitments.length,
  contacts: plan.contacts.length,
  people: plan.people.length + plan.same.length,
  drafts,
});

async function confirmMerge(plan: MergePlan, drafts: number, ctx: Ctx): Promise<void> {
  const isDoubtful = bornApart(plan.from, plan.into);
  if (!ctx.questions.possible && !isDoubtful) return;
  const moved = describeHoldings(movedHoldings(plan, drafts));
  await agree(
    isDoubtful ? 'The two have different birth years. Are they one person?' : 'Are they one person?',
    conflict('the two patients have different birth years', 'add --yes if they are one person all the same'),
    ctx,
    [
      `${called(plan.from)} becomes part of ${called(plan.into)}: ${moved}`,
      ...plan.differences.map((difference) => `they differ: ${printable(differenceText(difference))}`),
    ].join('\n'),
  );
}

export const patientMerge = command({
  arguments: {
    from: {
      ...quotedPatient,
      help: 'the entry that goes; its name stays as an alias',
      takes: 'patient',
      optional: false,
    },
    into: { ...quotedPatient, help: 'the entry that is kept', takes: 'patient', optional: false },
  },
  examples: ['maria malu', '"Maria Razo" malu --yes'],
  async run({ from, into }, ctx) {
    const { store } = ctx;
    if (from.id === into.id)
      throw usage('a patient cannot be merged with themselves', 'rapport patient list shows the handles');
    const planned = (): MergePlan =>
      planMerge(wholePatient(store, from), wholePatient(store, into), ctx.clock.today());
    const drafts = store.drafts.of(from.id).length;
    await confirmMerge(planned(), drafts, ctx);
    const { value, operation = null } = store.write({ verb: 'patient merge' }, () => {
      for (const one of [from, into]) store.patients.asSeen(one);
      const plan = planned();
      return { plan, patient: applyMerge(plan, store) };
    });
    const { plan, patient } = value;
    const moved = movedHoldings(plan, drafts);
    return {
      json: {
        operation,
        patient: patientFields(patient),
        merged: pick(from, 'id', 'ref'),
        moved,
        differences: plan.differences,
      },
      text: [
        `${patient.ref} ${called(patient)} now holds all of ${called(from)}: ${describeHoldings(moved)}`,
        ...plan.differences.map(
          (difference) => `  they differ, and a note asks: ${printable(differenceText(difference))}`,
        ),
      ].join('\n'),
      notices: ['rapport undo makes them two patients again'],
    };
  },
});

const holdingsOf = (store: Store, { id }: Patient) => ({
  notes: store.notes.of(id).length,
  commitments: store.commitments.of(id).length,
  contacts: store.contacts.of(id).length,
  people: store.people.of(id).length,
  drafts: store.drafts.of(id).length,
});

const mostNamed = 5;

/** What forgetting can't reach: backups by their time, to the minute. */
function backupLine(held: readonly string[], { clock }: Ctx): string {
  const moments = held.map((at) => clock.local(at));
  const known = [...new Set(moments.map(({ date, time }) => `${fullDate(date)} ${time}`))];
  if (known.length === 0)
    return 'No backup is known that holds them, but copies and exports made before still do.';
  const more = known.length > mostNamed ? ` and ${known.length - mostNamed} earlier` : '';
  const named = known.slice(0, mostNamed).join(', ');
  return `Backups and exports made before still hold them. Backups that are known: ${named}${more}.`;
}

const plainName = (text: string): string => fold(text).split(/\s+/u).join(' ').trim();

async function confirmName(
  { name }: Patient,
  consequences: string,
  { questions, globals }: Ctx,
): Promise<void> {
  if (globals.yes) return;
  if (!questions.possible)
    throw usage('forgetting a patient cannot be undone', 'add --yes to do so all the same');
  questions.tell(consequences);
  const answer = await questions.text(`To forget them, type the name: ${printable(name)}`);
  if (plainName(answer) !== plainName(name)) throw cancelled('that is not the name, nothing was changed');
}

export const patientForget = command({
  arguments: { patient: patientWho(({ hold }) => !hold) },
  examples: ['ned', 'k7m2q --yes'],
  async run({ patient }, ctx) {
    const { store } = ctx;
    if (patient.hold)
      throw conflict(
        'this patient is on hold, so nothing of theirs may be erased',
        `rapport patient hold ${shellQuoted(patient.handle)} --off`,
      );
    const holdings = holdingsOf(store, patient);
    const held = store.backups.holding(patient.id);
    const backups = backupLine(held, ctx);
    const { id, ref } = patient;
    const gone = `${nameOf(patient)} (${ref}) goes for good, with history and index: ${describeHoldings(holdings)}.`;
    await confirmName(patient, `${gone}\nThis cannot be undone.\n${backups}`, ctx);
    const erasing = await store.erasing();
    const { operation = null } = store.write({ verb: 'patient forget', undoable: false }, () => {
      store.patients.asSeen(patient);
      if (JSON.stringify(holdingsOf(store, patient)) !== JSON.stringify(holdings))
        throw conflict(
          'what is kept of them changed meanwhile, nothing was erased',
          'run this again to see it',
        );
      erasing.patient(id);
    });
    return {
      json: {
        operation,
        patient: { id, ref },
        erased: holdings,
        last_backup: held[0] ?? null,
        backups: held,
      },
      // Not by name: what stays on the screen, or in a file, would be what is left of them.
      text: `The patient ${ref} is forgotten`,
      notices: [backups],
    };
  },
});
