/** `rapport contact`: a visit, call, message or letter; and the contact that `done` on a milestone records. */

import { type Ctx, command, type Kind, type Outcome } from '../cli/command.ts';
import { askedText, channel, dated, day, flag, orElse, text, time } from '../cli/kinds.ts';
import type { Store } from '../context.ts';
import type { CivilDate } from '../dates/civil.ts';
import { readDate } from '../dates/grammar.ts';
import { fullDate, weekdayDate } from '../dates/wording.ts';
import { hintsOn } from '../domain/capture-hints.ts';
import { reported, sameContact } from '../domain/contact-plan.ts';
import { answerOf, timeToReachOut } from '../domain/milestones.ts';
import { type Contact, channels, type Note, newContact } from '../domain/records.ts';
import { conflict, Failure, usage } from '../errors.ts';
import { nameOf, patient } from './lookup.ts';

const said = ['planned', 'missed', 'cancelled'] as const;

const stateOf = (is: (state: Contact['state']) => boolean): Contact['state'] => said.find(is) ?? 'held';

const help = 'the day; today unless given';
const days: Readonly<Record<Contact['state'], Kind<CivilDate | undefined>>> = {
  held: dated(help, (typed, reading) => {
    try {
      return readDate(typed, { ...reading, direction: 'back' });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      throw usage(error.message, ...error.hints, 'what is still ahead is --planned');
    }
  }),
  missed: day('back', help),
  planned: day('forward', help),
  cancelled: day('nearest', help),
};

export const contact = command({
  path: 'contact',
  arguments: { patient },
  options: {
    channel: channel(channels, 'how; a visit unless given'),
    in: flag('they came to you or called'),
    out: flag('you went to them or called'),
    on: orElse(
      { ...days.held, read: (raw, shut, has) => days[stateOf(has)].read(raw, shut, has) },
      ({ clock }) => clock.today(),
    ),
    at: time('the time, HH:MM'),
    planned: flag('it is still ahead'),
    missed: flag('it did not take place'),
    cancelled: flag('it was called off'),
    gist: text('the gist', 'what it was about; - reads standard input'),
  },
  apart: { in: ['out'], planned: ['missed', 'cancelled'], missed: ['cancelled'] },
  examples: [
    'rapport contact malu --channel call --out',
    'rapport contact ned --planned --on fri --at 11:00',
    'rapport contact walt --missed',
  ],
  async run(given, ctx) {
    const { store, clock } = ctx;
    const { patient, channel = 'visit', on, at } = given;
    const state = stateOf((one) => one !== 'held' && given[one]);
    store.checkWritable();
    const gist =
      state === 'held'
        ? await askedText(given.gist, 'What was it about? Enter skips', ctx)
        : (given.gist ?? null);
    const wish = { channel, state, on, at };
    const direction = given.in ? 'in' : given.out ? 'out' : null;
    const { value: contact, operation = null } = store.write({ verb: 'contact' }, () => {
      store.patients.present(patient);
      const known = sameContact(store.contacts.of(patient.id), wish);
      const patch = reported(wish, { direction, gist, zone: clock.zone }, known);
      if (known !== undefined) return store.contacts.update(known.id, patch);
      return store.contacts.insert(newContact({ patient_id: patient.id, on, channel, ...patch, state }));
    });
    const when = `${fullDate(contact.on)}${contact.at === null ? '' : ` ${contact.at}`}`;
    return {
      json: { operation, contact },
      text: `${contact.ref} ${contact.channel} ${contact.state}, ${when}. ${nameOf(patient)}`,
      notices: hintsOn(gist),
    };
  },
});

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
    return `${ref} reached out ${weekdayDate(on, today)}. ${patient ? nameOf(patient) : ''}`;
  });
  return { json: { operation, items: [], contacts }, text: lines.join('\n'), notices: hintsOn(gist) };
}
