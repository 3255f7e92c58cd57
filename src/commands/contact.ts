/** `rapport contact <patient>`: a visit, call, message or letter that was, is planned, was missed or cancelled. */
import type { TimeOfDay } from '../dates/civil.ts';
import { fullDate } from '../dates/wording.ts';
import { type ContactWish, reported, sameContact } from '../domain/contact-plan.ts';
import { displayName } from '../domain/patient-names.ts';
import { type Channel, type Contact, channels, newContact } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { type ExitName, Failure, usage } from '../errors.ts';
import type { World } from '../world.ts';
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

type ContactNeeds = Pick<
  World,
  'openStore' | 'questions' | 'clock' | 'output' | 'notices' | 'globals' | 'stdin'
>;

async function runContact(request: ContactRequest, needs: ContactNeeds): Promise<ExitName> {
  const { clock, output, globals } = needs;
  const store = await needs.openStore();
  const patient = await findPatient(request.words, needs);
  const wish: ContactWish = { ...request, on: request.on?.(store.calendar.read()) ?? clock.today() };
  store.checkWritable();
  const question = request.state === 'held' ? 'What was it about? Enter skips' : undefined;
  const gist = await optionalText(request.gist, 'the gist', question, needs);
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

/** Of flags that exclude each other, the one that is given. @throws usage for two */
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

/** Which way a day without a year or a bare weekday lies: what was held is past, what is planned is ahead. */
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
  access: 'unlocked',
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
