/** Patients of a file who may be some of the vault's: asked about in a terminal, else left out and listed. */
import {
  type Decision,
  type Doubt,
  type ImportPlan,
  type PlanOptions,
  planImport,
} from '../domain/import-plan.ts';
import type { GivenDocument } from '../domain/interchange.ts';
import type { Patient } from '../domain/records.ts';
import type { Choice, Store, World } from '../world.ts';
import { heldBy } from './importing.ts';

type DoubtNeeds = Pick<World, 'questions' | 'globals'>;

const born = (date: string | null): string => (date === null ? 'birth date not known' : `born ${date}`);

const candidateName = ({ handle, name, birth_date }: Patient): string =>
  `${handle}: ${name}, ${born(birth_date)}`;

async function decide(doubt: Doubt, { questions }: DoubtNeeds): Promise<Decision | 'leave all'> {
  const choices: Choice<Decision | 'leave all'>[] = [
    ...doubt.candidates.map((patient) => ({ name: candidateName(patient), value: { id: patient.id } })),
    ...(doubt.mayBeNew ? [{ name: 'Somebody new', value: 'new' as const }] : []),
    { name: 'Leave this one out', value: 'leave' },
    { name: 'Leave out all that are in doubt', value: 'leave all' },
  ];
  const called = doubt.called === '' ? 'No name' : doubt.called;
  const who = doubt.mayBeNew ? `${called}, ${born(doubt.birth_date)}` : called;
  return questions.choose(`${who} (${doubt.why}): who is it?`, choices);
}

/** Plans an import, with doubts settled as far as there is somebody to ask. */
export async function planWithDoubts(
  document: GivenDocument,
  store: Store,
  options: PlanOptions & { readonly dryRun: boolean },
  needs: DoubtNeeds,
): Promise<ImportPlan> {
  const decisions = new Map<string, Decision>();
  const planned = (): ImportPlan =>
    store.reading(() => planImport(document, heldBy(store), { ...options, decisions }));
  let plan = planned();
  if (options.dryRun || needs.globals.yes || plan.doubts.length === 0 || !needs.questions.possible)
    return plan;
  let isEnough = false;
  while (plan.doubts.length > 0) {
    for (const doubt of plan.doubts) {
      const answer: Decision | 'leave all' = isEnough ? 'leave' : await decide(doubt, needs);
      isEnough ||= answer === 'leave all';
      decisions.set(doubt.path, answer === 'leave all' ? 'leave' : answer);
    }
    plan = planned();
  }
  return plan;
}
