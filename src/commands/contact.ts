/** `rapport contact`: a visit, call, message or letter; and the contact that `done` on a milestone records. */

import type { Ctx, Outcome } from '../cli/command.ts';
import type { Context, Store } from '../context.ts';
import type { CivilDate, TimeOfDay } from '../dates/civil.ts';
import { fullDate, weekdayDate } from '../dates/wording.ts';
import { type ContactWish, reported, sameContact } from '../domain/contact-plan.ts';
import { answerOf, timeToReachOut } from '../domain/milestones.ts';
import { displayName } from '../domain/patient-names.ts';
import { type Channel, type Contact, channels, type Note, newContact } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { conflict, type ExitName, Failure, usage } from '../errors.ts';
import { defineCommand, type RawInput } from './command.ts';
import { findPatient } from './lookup.ts';
import { type AskedDay, askedDay, optionalText, timeOption } from './options.ts';

interface ContactRequest {
  readonly words: readonly string[];
  readonly channel: Channel;
  readonly direction: 'in' | 'out' | null;
  readonly state: Contact['state'];
  readonly on: AskedDay | undefined;
  readonly at: TimeOfDay | undefined;
  readonly gist: string | undefined;
}

async function runContact(request: ContactRequest, ctx: Context): Promise<ExitName> {
  const { clock, output, globals } = ctx;
  const store = await ctx.openStore();
  const patient = await findPatient(request.words, ctx);
  const wish: ContactWish = { ...request, on: request.on?.(store.calendar.read()) ?? clock.today() };
  store.checkWritable();
  const question = request.state === 'held' ? 'What was it about? Enter skips' : undefined;
  const gist = await optionalText(request.gist, 'the gist', question, ctx);
  const more = { direction: request.direction, gist, zone: clock.zone };
  const { value: contact, operation } = store.write({ verb: 'contact' }, () => {
    store.patients.present(patient);
    const known = sameContact(store.contacts.of(patient.id), wish);
    const patch = reported(wish, more, known);
    if (known !== undefined) return store.contacts.update(known.id, patch);
    const { on, channel, state } = wish;
    return store.contacts.insert(newContact({ patient_id: patient.id, on, channel, ...patch, state }));
  });
  if (globals.json) output.json({ schema: 'rapport.contact/1', operation: operation ?? null, contact });
  else {
    const when = `${fullDate(contact.on)}${contact.at === null ? '' : ` ${contact.at}`}`;
    output.print(
      `${contact.ref} ${contact.channel} ${contact.state}, ${when}. ${printable(displayName(patient))}`,
    );
  }
  return 'ok';
}

const states = ['planned', 'missed', 'cancelled'] as const;

function oneFlag<T extends string>(raw: RawInput, names: readonly T[]): T | undefined {
  const [first, second] = names.filter((name) => raw.flag(name));
  if (second !== undefined) throw usage(`--${first} and --${second} don't go together`);
  return first;
}

/** The day, with a way out for what is ahead and was not said to be planned. @throws usage */
function dayOf(raw: RawInput, state: Contact['state']): AskedDay | undefined {
  try {
    return askedDay(raw, 'on', directions[state]);
  } catch (error) {
    if (state !== 'held' || !(error instanceof Failure)) throw error;
    throw usage(error.message, ...error.hints, 'what is still ahead is --planned');
  }
}

const directions = { held: 'back', missed: 'back', planned: 'forward', cancelled: 'nearest' } as const;

export const contact = defineCommand<ContactRequest>({
  path: 'contact',
  summary: 'a visit, call, message or letter: held, planned, missed or cancelled',
  group: 'Every day',
  arguments: [{ name: 'patient', help: 'name, handle or ref', optional: true, variadic: true }],
  options: [
    { flags: '--channel <channel>', help: 'how; a visit unless given', choices: channels },
    { flags: '--in', help: 'they came to you or called' },
    { flags: '--out', help: 'you went to them or called' },
    { flags: '--on <date>', help: 'the day; today unless given' },
    { flags: '--at <time>', help: 'the time, HH:MM' },
    { flags: '--planned', help: 'it is still ahead' },
    { flags: '--missed', help: 'it did not take place' },
    { flags: '--cancelled', help: 'it was called off' },
    { flags: '--gist <text>', help: 'what it was about; - reads standard input' },
  ],
  examples: [
    'rapport contact malu --channel call --out',
    'rapport contact ned --planned --on fri --at 11:00',
    'rapport contact walt --missed',
  ],
  parse: (raw) => {
    const state = oneFlag(raw, states) ?? 'held';
    return {
      words: raw.words('patient'),
      channel: raw.oneOf('channel', channels) ?? 'visit',
      direction: oneFlag(raw, ['in', 'out'] as const) ?? null,
      state,
      on: dayOf(raw, state),
      at: timeOption(raw, 'at'),
      gist: raw.option('gist'),
    };
  },
  run: runContact,
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
  const lines = contacts.map((contact) => {
    const patient = store.patients.byId(contact.patient_id);
    const name = patient === undefined ? '' : printable(displayName(patient));
    return `${contact.ref} reached out ${weekdayDate(on, today)}. ${name}`;
  });
  return { json: { operation, items: [], contacts }, text: lines.join('\n') };
}
