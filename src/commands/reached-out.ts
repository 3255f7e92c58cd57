/** `rapport done` on a milestone that asked to reach out: what was done about it is a contact that went out. */
import type { CivilDate } from '../dates/civil.ts';
import { weekdayDate } from '../dates/wording.ts';
import { answerOf, timeToReachOut } from '../domain/milestones.ts';
import { displayName } from '../domain/patient-names.ts';
import { type Note, newContact } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { conflict, usage } from '../errors.ts';
import type { Store, World } from '../world.ts';

/** The milestones that the refs name, where they name such; undefined where they name anything else. @throws usage for some of both */
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
      `nothing is asked of ${note.ref} on ${on}: its time is the week before it`,
      'rapport contact --out records that you got in touch',
    );
  const answer = answerOf(store.contacts.of(note.patient_id), time.from, today);
  if (answer !== undefined)
    throw conflict(
      `you got in touch about ${note.ref} already, on ${answer.on}`,
      'rapport undo takes the newest change back',
    );
}

/** Records one contact that went out to each of the patients: other milestones of theirs that are near are answered by it as well. */
export function recordReachingOut(
  milestones: readonly Note[],
  { on, gist }: { readonly on: CivilDate; readonly gist: string | null },
  store: Store,
  { output, globals, clock }: Pick<World, 'output' | 'globals' | 'clock'>,
): void {
  const today = clock.today();
  const patientIds = [...new Set(milestones.map(({ patient_id }) => patient_id))];
  const { value: contacts, operation } = store.write({ verb: 'done' }, () => {
    for (const note of milestones) refuseUnasked(store.notes.asSeen(note), on, today, store);
    return patientIds.map((patient_id) =>
      store.contacts.insert(
        newContact({ patient_id, on, channel: 'other', direction: 'out', state: 'held', gist }),
      ),
    );
  });
  if (globals.json) {
    output.json({ schema: 'rapport.done/1', operation: operation ?? null, items: [], contacts });
    return;
  }
  const lines = contacts.map((contact) => {
    const patient = store.patients.byId(contact.patient_id);
    const name = patient === undefined ? '' : printable(displayName(patient));
    return `${contact.ref} reached out ${weekdayDate(on, today)}. ${name}`;
  });
  output.print(lines.join('\n'));
}
