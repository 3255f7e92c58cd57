/** What `commit` asks before and after its flow: which patient, which day, what of a draft, and whether to take it back. */
import { addDays, type CivilDate } from '../dates/civil.ts';
import { readDateLoosely } from '../dates/grammar.ts';
import { fullDate } from '../dates/wording.ts';
import { displayName } from '../domain/patient-names.ts';
import type { Patient } from '../domain/records.ts';
import type { TypedLine } from '../domain/write-up.ts';
import { Failure, usage } from '../errors.ts';
import type { OwnDraft } from '../store/drafts.ts';
import type { Store, World } from '../world.ts';
import { findPatient } from './finding.ts';

/** Until four in the morning it is still the day before. */
export const dayBegins = '04:00';

export const workingDay = ({ clock }: Pick<World, 'clock'>): CivilDate =>
  clock.time() < dayBegins ? addDays(clock.today(), -1) : clock.today();

/** Without a name: the patient last briefed, drafts, and that day's visits not yet written up. */
export async function offerPatient(
  day: CivilDate,
  needs: Pick<World, 'openStore' | 'questions' | 'clock'>,
): Promise<Patient> {
  const { questions } = needs;
  if (!questions.possible) throw usage('which patient?', 'rapport commit <name, handle or ref>');
  const store = await needs.openStore();
  const visits = store.contacts.on(day).filter((contact) => contact.state === 'planned');
  const ids = [
    store.log.lastBriefed(),
    ...store.drafts.all().flatMap(({ task, patient_id }) => (task === 'commit' ? [patient_id] : [])),
    ...visits.map((visit) => visit.patient_id),
  ];
  const patients = [...new Set(ids)].flatMap((id) =>
    id === undefined ? [] : (store.patients.byId(id) ?? []),
  );
  const choices = patients.map((value) => {
    const at = visits.find((visit) => visit.patient_id === value.id)?.at;
    return { name: `${displayName(value)} (${value.handle})${at ? `, ${at}` : ''}`, value };
  });
  const chosen =
    choices.length === 0
      ? undefined
      : await questions.choose<Patient | undefined>('Which patient?', [
          ...choices,
          { name: 'somebody else', value: undefined },
        ]);
  return chosen ?? findPatient([], needs);
}

export async function askVisitDay(
  store: Store,
  day: CivilDate,
  needs: Pick<World, 'questions' | 'clock' | 'settings'>,
): Promise<CivilDate> {
  const { questions, clock, settings } = needs;
  const prefill = fullDate(day);
  for (;;) {
    const answer = await questions.text('Visit on', { prefill });
    // Typed behind the day that stands there, instead of over it.
    const behind = answer.startsWith(prefill) ? answer.slice(prefill.length).trim() : '';
    const options = {
      today: clock.today(),
      direction: 'back',
      dateStyle: settings.read().dateStyle,
      weekStart: settings.read().weekStart,
      calendar: store.calendar.read(),
    } as const;
    try {
      const { date, guessed } = await readDateLoosely(behind === '' ? answer : behind, options);
      if (!guessed || (await questions.confirm(`Is that ${fullDate(date)}?`, true))) return date;
    } catch (failure) {
      if (!(failure instanceof Failure) || failure.exit !== 'usage') throw failure;
      questions.tell([failure.message, ...failure.hints.map((hint) => `hint: ${hint}`)].join('\n'));
    }
  }
}

/** Enter ends; `u` takes the saved visit back, and its lines into the draft again. */
export async function offerUndo(
  store: Store,
  draft: OwnDraft,
  lines: readonly TypedLine[],
  operation: string | undefined,
  needs: Pick<World, 'questions' | 'notices'>,
) {
  if (operation === undefined) return;
  let answer = '';
  try {
    answer = await needs.questions.text('Saved. Enter ends, u takes it back', {
      check: (typed) => (/^(?:u|undo)?$/i.test(typed.trim()) ? undefined : 'u, or Enter'),
    });
  } catch (failure) {
    // It is saved: leaving here changes nothing more.
    if (!(failure instanceof Failure) || failure.exit !== 'cancelled') throw failure;
  }
  if (answer.trim() === '') return;
  store.write({ verb: 'undo' }, () => store.history.undo(operation));
  if (lines.length > 0) draft.replace(lines);
  const kept = lines.length > 0 ? '; your lines are kept as a draft, not saved yet' : '';
  needs.notices.say(`taken back${kept}`);
}
