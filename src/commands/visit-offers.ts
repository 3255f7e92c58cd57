/** Whose visit, and of which day, `commit` offers to write up. */
import type { Talk } from '../cli/command.ts';
import { addDays, type CivilDate, shortDate } from '../dates/civil.ts';
import { displayName } from '../domain/patient-names.ts';
import { isVisit, type Patient } from '../domain/records.ts';
import { present } from '../domain/text.ts';
import { usage } from '../errors.ts';
import { offerPatients, plannedVisits } from './lookup.ts';

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
