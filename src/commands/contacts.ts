/** Getting in touch: `rapport contact`, and reaching out for a milestone, which `done` records as a contact. */
import { type Ctx, command, type Kind, type Outcome } from '../cli/command.ts';
import { askedText, channel, dated, flag, orElse, text, time } from '../cli/kinds.ts';
import type { Store } from '../context.ts';
import { type CivilDate, fullDate, weekdayDate } from '../dates/civil.ts';
import { readDate } from '../dates/grammar.ts';
import { reported, sameContact } from '../domain/contact-plan.ts';
import { answerOf, timeToReachOut } from '../domain/due-list.ts';
import { type Contact, channelNames, channels, type Note, newContact } from '../domain/records.ts';
import { hintsOn } from '../domain/wording-hints.ts';
import { conflict, Failure, usage } from '../errors.ts';
import { nameOf, patient } from './lookup.ts';
import { calledRecord, change } from './refs.ts';
import { offerDiscretion, screens } from './sight.ts';

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
function refuseUnasked(note: Note, on: CivilDate, ctx: Ctx): void {
  const { store, clock } = ctx;
  const today = clock.today();
  const time = timeToReachOut(note, { on: today, days: 0, calendar: store.calendar.read() });
  if (time === undefined || on < time.from)
    throw usage(
      `nothing is asked of ${calledRecord(note, ctx)} on ${on}: its time is the week before it`,
      'rapport contact --out records that you got in touch',
    );
  const answer = answerOf(store.contacts.of(note.patient_id), time.from, today);
  if (answer !== undefined)
    throw conflict(
      `you got in touch about ${calledRecord(note, ctx)} already, on ${answer.on}`,
      'rapport undo takes the newest change back',
    );
}

/** Records one contact with each of the patients, which answers other milestones of theirs that are near as well. */
export function recordReachingOut(
  milestones: readonly Note[],
  on: CivilDate,
  gist: string | null,
  ctx: Ctx,
): Outcome {
  const { store, clock } = ctx;
  const patientIds = [...new Set(milestones.map(({ patient_id }) => patient_id))];
  const reached = { on, channel: 'other', direction: 'out', state: 'held', gist } as const;
  const work = () => {
    for (const note of milestones) refuseUnasked(store.notes.asSeen(note), on, ctx);
    return patientIds.map((patient_id) => store.contacts.insert(newContact({ patient_id, ...reached })));
  };
  const made = change('done', work, `Reached out ${weekdayDate(on, clock.today())}`, ctx, gist);
  return { ...made, json: { operation: made.json.operation, items: [], contacts: made.items } };
}

const said = ['planned', 'missed', 'cancelled'] as const;

const stateOf = (is: (state: Contact['state']) => boolean): Contact['state'] => said.find(is) ?? 'held';

const directions = { held: 'back', missed: 'back', planned: 'forward', cancelled: 'nearest' } as const;

const dayOf = (state: Contact['state']): Kind<CivilDate | undefined> =>
  dated('the day; today unless given', (typed, reading) => {
    try {
      return readDate(typed, { ...reading, direction: directions[state] });
    } catch (error) {
      if (!(error instanceof Failure) || state !== 'held') throw error;
      throw usage(error.message, ...error.hints, 'what is still ahead is --planned');
    }
  });

export const contact = command({
  arguments: { patient },
  options: {
    channel: channel(channels, 'how; a visit unless given'),
    in: flag('they came to you or called'),
    out: flag('you went to them or called'),
    on: orElse(
      { ...dayOf('held'), read: (raw, shut, has) => dayOf(stateOf(has)).read(raw, shut, has) },
      ({ clock }) => clock.today(),
    ),
    at: time('the time, HH:MM'),
    planned: flag('it is still ahead'),
    missed: flag('it did not take place'),
    cancelled: flag('it was called off'),
    gist: text('the gist', 'what it was about; - reads standard input'),
    sensitive: flag('what it was about is shown only where it is asked for'),
  },
  apart: { in: ['out'], planned: ['missed', 'cancelled'], missed: ['cancelled'] },
  examples: ['malu --channel call --out', 'ned --planned --on fri --at 11:00', 'walt --missed'],
  async run(given, ctx) {
    const { store, clock } = ctx;
    const { patient, channel = 'visit', on, at } = given;
    const state = stateOf((one) => one !== 'held' && given[one]);
    store.checkWritable();
    const { gist: said = null } = given;
    const gist = state === 'held' ? await askedText(given.gist, 'What was it about? Enter skips', ctx) : said;
    const wish = { channel, state, on, at };
    const direction = given.in ? 'in' : given.out ? 'out' : null;
    const { value: contact, operation = null } = store.write({ verb: 'contact' }, () => {
      store.patients.present(patient);
      const known = sameContact(store.contacts.of(patient.id), wish);
      const patch = {
        ...reported(wish, { direction, gist, zone: clock.zone }, known),
        ...(given.sensitive && { sensitive: true }),
      };
      if (known !== undefined) return store.contacts.update(known.id, patch);
      return store.contacts.insert(newContact({ patient_id: patient.id, on, channel, ...patch, state }));
    });
    await offerDiscretion(ctx, contact);
    const when = `${fullDate(contact.on)}${contact.at === null ? '' : ` ${contact.at}`}`;
    return {
      json: { operation, contact },
      text: `${nameOf(patient)}: ${channelNames[contact.channel]} ${contact.state}, ${when} (${contact.ref})`,
      notices: hintsOn(gist),
    };
  },
});
