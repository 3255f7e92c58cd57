/** What is asked of a typed line; of a visit, whose, when and how it was; and what may be promised after a loss. */
import type { Ctx, Talk } from '../cli/command.ts';
import { readingOf } from '../cli/kinds.ts';
import { addDays, type CivilDate, fullDate, shortDate, weekdayDate } from '../dates/civil.ts';
import { readDate } from '../dates/grammar.ts';
import { type CaptureOptions, captureLine, doubtOf, type Entry } from '../domain/capture.ts';
import type { Doubt } from '../domain/line-kinds.ts';
import { callingName, displayName, personFirstName, personName } from '../domain/patient-names.ts';
import {
  type Commitment,
  channels,
  channelWords,
  isVisit,
  type Patient,
  type Person,
} from '../domain/records.ts';
import { present, printable } from '../domain/text.ts';
import { withDate } from '../domain/write-up-lines.ts';
import { commitmentOf, lossOffers, offerWords } from '../domain/write-up-plan.ts';
import { faultOf, usage } from '../errors.ts';
import { type Column, listLines } from '../terminal/list-view.ts';
import type { Questions } from '../terminal/questions.ts';
import { offerPatients, plannedVisits } from './lookup.ts';
import { captureOn, promisedTo, type Visit } from './visit-records.ts';

/** The line as it was meant, written so that it is read as that again. */
export const askDoubt = ({ question, choices }: Doubt, { questions }: Ctx): Promise<string> =>
  questions.choose(
    question,
    choices.map(({ name, line }) => ({ name, value: line })),
  );

/**
 * A date as it is typed, or 'none'. @param check what is wrong with an answer
 * @param on the day that dates are shown from
 */
export async function askUnread(
  { unread, about }: Entry,
  check: (answer: string) => string | undefined,
  on: CivilDate,
  { questions }: Ctx,
): Promise<string> {
  const meant = (answer: string): string => answer.trim() || 'none';
  const none = about === undefined ? 'Enter for none' : 'none';
  const answer = await questions.text(`when is '${printable(unread ?? '')}'? a date, or ${none}`, {
    check: (typed) => check(meant(typed)),
    prefill: about === undefined ? '' : shortDate(about, on),
  });
  return meant(answer);
}

/** A line alone; what is to be asked of it is asked where there is a terminal. @throws usage */
export async function captureAsked(text: string, capture: CaptureOptions, ctx: Ctx) {
  const { questions } = ctx;
  const doubt = questions.possible ? doubtOf(text, capture) : undefined;
  const entry = captureLine(doubt === undefined ? text : await askDoubt(doubt, ctx), capture);
  if (entry === undefined || entry.unread === null || !questions.possible) return entry;
  const check = (answer: string) => faultOf(() => withDate(entry, answer, capture));
  return withDate(entry, await askUnread(entry, check, capture.on, ctx), capture);
}

/** Until four in the morning it is still the day before. */
export const dayBegins = '04:00';

export const workingDay = ({ clock }: Talk): CivilDate =>
  clock.time() < dayBegins ? addDays(clock.today(), -1) : clock.today();

/** Without a name: the patient last briefed, then visits not yet written up, the oldest first, then drafts. */
export function offerPatient(day: CivilDate, ctx: Talk) {
  const { questions, store, clock } = ctx;
  if (!questions.possible) throw usage('which patient?', 'rapport commit <name, handle or ref>');
  const likely = (id: string | undefined, words: string, value?: CivilDate) => {
    const patient = id === undefined ? undefined : store.patients.byId(id);
    return patient ? [{ patient, value, line: `${displayName(patient)} (${patient.handle}), ${words}` }] : [];
  };
  const today = clock.today();
  const briefed = store.log.lastBriefed();
  const waiting = lastDays(day).flatMap((on) =>
    plannedVisits(store, on).flatMap(({ visit: { at }, patient }) =>
      likely(patient.id, present(on === today ? 'today' : shortDate(on, today), at).join(' '), on),
    ),
  );
  const own = waiting.filter(({ patient }) => patient.id === briefed);
  const visits = [...own, ...waiting.filter((one) => !own.includes(one))];
  const drafts = store.drafts.all().filter(({ task }) => task === 'commit');
  const others = [
    ...(own.length > 0 ? [] : likely(briefed, 'briefed last')),
    ...drafts.flatMap(({ patient_id, on }) => likely(patient_id, `draft of ${shortDate(on, today)}`)),
  ].filter(({ patient }) => visits.every((one) => one.patient.id !== patient.id));
  const [first, ...rest] = others;
  const isBriefed = first !== undefined && first.patient.id === briefed;
  const all = isBriefed ? [first, ...visits, ...rest] : [...visits, ...others];
  return offerPatients('Which patient?', all, ctx);
}

/** Visits that were planned for the week up to a day may wait to be written up; the oldest day first. */
const lastDays = (day: CivilDate): readonly CivilDate[] =>
  Array.from({ length: 8 }, (_, back) => addDays(day, back - 7));

/** The latest planned visit that was not written up, and is later than the last that was; else the day itself. */
export function dayOffered(patient: Patient, day: CivilDate, { store }: Talk): CivilDate {
  const visits = store.contacts.of(patient.id).filter((contact) => isVisit(contact) && contact.on <= day);
  // The newest first.
  const lastHeld = visits.find(({ state }) => state === 'held')?.on ?? '';
  const waiting = visits.find(({ on, state }) => state === 'planned' && on > lastHeld);
  return waiting !== undefined && lastDays(day).includes(waiting.on) ? waiting.on : day;
}

export const readBack = (typed: string, ctx: Talk): CivilDate =>
  readDate(typed, { ...readingOf(ctx), direction: 'back' });

/** @throws usage */
export function readChannel(typed: string): Visit['channel'] {
  const word = typed.toLowerCase();
  const known = [...channels, 'none' as const].find((channel) => channel === word) ?? channelWords.get(word);
  if (known === undefined) throw usage('that is no channel', `one of ${[...channels, 'none'].join(', ')}`);
  return known;
}

export async function askVisitDay(day: CivilDate, ctx: Talk): Promise<CivilDate> {
  const prefill = fullDate(day);
  const read = (answer: string): CivilDate => {
    // Typed behind the day that stands there, instead of over it.
    const typed = answer.startsWith(prefill) ? answer.slice(prefill.length).trim() : answer.trim();
    return typed === '' ? day : readBack(typed, ctx);
  };
  return read(
    await ctx.questions.text('Visit on', { prefill, check: (answer) => faultOf(() => read(answer)) }),
  );
}

/** What a draft holds beside its day and lines. */
export const draftOptions = ({ channel, isHard }: Pick<Visit, 'channel' | 'isHard'>): string =>
  JSON.stringify({ channel, isHard });

type Offers = ReturnType<typeof lossOffers>;

const numbersIn = (answer: string): readonly number[] => (answer.match(/\d+/g) ?? []).map(Number);

/** @param who 'June died' */
export async function chooseOffers(who: string, offers: Offers, questions: Questions): Promise<Offers> {
  if (offers.length === 0) return [];
  const listed = offers.map(({ label }, index) => ` ${index + 1}  ${label}`);
  questions.tell([`${who}. You could promise:`, ...listed].join('\n'));
  const answer = await questions.text('Which of them? (numbers; Enter for none)', {
    check: (typed) =>
      /^[\d\s,]*$/.test(typed) && numbersIn(typed).every((number) => offers[number - 1] !== undefined)
        ? undefined
        : `numbers from 1 to ${offers.length}, or nothing`,
  });
  return [...new Set(numbersIn(answer))].flatMap((number) => offers[number - 1] ?? []);
}

/** ' k7m2q  Send a condolence note  Thu 26 Mar'. */
export function promiseLines(promises: readonly Commitment[], { clock, output }: Ctx) {
  const columns: readonly Column<Commitment>[] = [
    { cell: ({ ref }) => ref, tone: 'ref' },
    { fit: 'wrap', cell: ({ text }) => text },
    { cell: ({ due }) => (due === null ? 'no date' : weekdayDate(due, clock.today())) },
  ];
  return listLines(promises, columns, output, { indent: 1 });
}

export const nothingOffered = { made: [], hints: [] } as const;

/** What is promised to a patient around whom somebody died; from a pipe it is only said what could be. */
export async function offerCondolences(person: Person, patient: Patient, ctx: Ctx) {
  if (patient.status !== 'active') return nothingOffered;
  const { clock, questions } = ctx;
  const on = clock.today();
  const names = {
    to: printable(callingName(patient)),
    of: person.name === null ? undefined : printable(personFirstName(person)),
  };
  const loss = { date: person.died_on, loss: 'death' } as const;
  const offers = lossOffers(loss, on, names, promisedTo(patient, ctx.store));
  if (!questions.possible)
    return {
      made: [],
      hints: offerWords(offers, on, ` for ${printable(patient.handle)}`).map((words) => `hint: ${words}`),
    };
  const chosen = await chooseOffers(`${printable(personName(person))} died`, offers, questions);
  const capture = { ...captureOn(on, ctx), defaultKind: 'promise' } as const;
  const made = chosen.flatMap(({ line }) => {
    const entry = captureLine(line, capture);
    const facts = { patientId: patient.id, on, today: on, people: [] };
    return entry?.type === 'commitment' ? [commitmentOf(entry, facts).record] : [];
  });
  return { made, hints: [] };
}
