/** What somebody may be promised after a death: offered, never made by itself. */
import type { Ctx } from '../cli/command.ts';
import { weekdayDate } from '../dates/civil.ts';
import { captureLine } from '../domain/capture.ts';
import { callingName, personFirstName, personName } from '../domain/patient-names.ts';
import type { Commitment, New, Patient, Person } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { commitmentOf, lossOffers, offerWords } from '../domain/write-up-plan.ts';
import type { Column } from '../terminal/list-view.ts';
import type { Questions } from '../terminal/questions.ts';
import { captureOn, promisedTo } from './visit-records.ts';

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
export const promiseColumns = ({ clock }: Pick<Ctx, 'clock'>): readonly Column<Commitment>[] => [
  { cell: ({ ref }) => ref, tone: 'ref' },
  { fit: 'wrap', cell: ({ text }) => text },
  { cell: ({ due }) => (due === null ? 'no date' : weekdayDate(due, clock.today())) },
];

export const nothingOffered = { made: [], hints: [] } as const;

/** What is promised to a patient around whom somebody died; from a pipe it is only said what could be. */
export async function offerCondolences(
  person: Person,
  patient: Patient,
  ctx: Ctx,
): Promise<{ readonly made: readonly New<Commitment>[]; readonly hints: readonly string[] }> {
  if (patient.status !== 'active') return nothingOffered;
  const { clock, questions } = ctx;
  const on = clock.today();
  const names = {
    to: printable(callingName(patient)),
    of: person.name === null ? undefined : printable(personFirstName(person)),
  };
  const offers = lossOffers(
    { date: person.died_on, loss: 'death' },
    on,
    names,
    promisedTo(patient, ctx.store),
  );
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
    return entry.type === 'commitment' ? [commitmentOf(entry, facts).record] : [];
  });
  return { made, hints: [] };
}
