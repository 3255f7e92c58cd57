/** Getting in touch for a milestone, which `done` records as a contact: which are asked for, and what is written. */
import type { Ctx, Outcome } from '../cli/command.ts';
import type { Store } from '../context.ts';
import { type CivilDate, weekdayDate } from '../dates/civil.ts';
import { answerOf, timeToReachOut } from '../domain/due-list.ts';
import { type Note, newContact } from '../domain/records.ts';
import { hintsOn } from '../domain/wording-hints.ts';
import { conflict, usage } from '../errors.ts';
import { nameOf } from './lookup.ts';
import { calledRecord } from './refs.ts';
import { screens } from './sight.ts';

/** Those that due lists: of nobody who died since, and not those that were answered. */
export async function milestonesNow(ctx: Ctx): Promise<readonly Note[]> {
  const { gatherDue } = await import('./due.ts');
  const { store, clock } = ctx;
  const today = clock.today();
  const { items } = gatherDue(store, { on: today, today, quietDays: undefined, screen: screens(ctx) });
  return items.flatMap((item) => (item.group === 'outreach' && store.notes.byId(item.note.id)) || []);
}

/** The milestones to reach out for, where the refs name such and nothing else. @throws usage for some of both */
export function findMilestones(ids: readonly string[], store: Store): readonly Note[] | undefined {
  const notes = [...new Set(ids)].map((id) => {
    const [only, ...others] = store.find(id);
    const note = only?.table === 'note' && others.length === 0 ? store.notes.byId(only.id) : undefined;
    return note?.kind === 'milestone' && note.reach_out && note.status === 'current' ? note : undefined;
  });
  const milestones = notes.filter((note) => note !== undefined);
  if (milestones.length === 0) return undefined;
  if (milestones.length < notes.length)
    throw usage('these are promises and milestones to reach out for', 'give them one after the other');
  return milestones;
}

/** @throws usage where the milestone is not near on that day, conflict where it was answered */
function refuseUnasked(note: Note, on: CivilDate, today: CivilDate, store: Store): void {
  const calendar = store.calendar.read();
  const time = timeToReachOut(note, { on: today, days: 0, calendar });
  if (time === undefined || on < time.from)
    throw usage(
      `nothing is asked of ${calledRecord(note, { store })} on ${on}: its time is the week before it`,
      'rapport contact --out records that you got in touch',
    );
  const answer = answerOf(store.contacts.of(note.patient_id), time.from, today);
  if (answer !== undefined)
    throw conflict(
      `you got in touch about ${calledRecord(note, { store })} already, on ${answer.on}`,
      'rapport undo takes the newest change back',
    );
}

/** Records one contact with each of the patients, which answers other milestones of theirs that are near as well. */
export function recordReachingOut(
  milestones: readonly Note[],
  { on, gist }: { readonly on: CivilDate; readonly gist: string | null },
  { store, clock }: Ctx,
): Outcome {
  const today = clock.today();
  const patientIds = [...new Set(milestones.map(({ patient_id }) => patient_id))];
  const { value: contacts, operation = null } = store.write({ verb: 'done' }, () => {
    for (const note of milestones) refuseUnasked(store.notes.asSeen(note), on, today, store);
    return patientIds.map((patient_id) =>
      store.contacts.insert(
        newContact({ patient_id, on, channel: 'other', direction: 'out', state: 'held', gist }),
      ),
    );
  });
  const lines = contacts.map(({ ref, patient_id }) => {
    const patient = store.patients.byId(patient_id);
    return `Reached out ${weekdayDate(on, today)}. ${patient ? nameOf(patient) : ''} (${ref})`;
  });
  return { json: { operation, items: [], contacts }, text: lines.join('\n'), notices: hintsOn(gist) };
}
