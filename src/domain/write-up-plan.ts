/** From a write-up to records: a plan that is applied in one transaction. */
import type { CivilDate } from '../dates/civil.ts';
import type { Entry } from './capture.ts';
import { keep } from './commitment-changes.ts';
import type { ContactPlan } from './contact-plan.ts';
import { type PersonPlan, personOfLoss } from './milestones.ts';
import {
  type Commitment,
  type New,
  type Note,
  newCommitment,
  newNote,
  type Patch,
  type Person,
} from './records.ts';
import type { WriteUp } from './write-up.ts';

export interface PlannedNote {
  readonly record: New<Note>;
  /** Set where a loss says who died. */
  readonly person: PersonPlan | undefined;
}

interface WriteUpPlan {
  readonly contact: ContactPlan;
  readonly commitments: readonly New<Commitment>[];
  readonly notes: readonly PlannedNote[];
  readonly kept: readonly { readonly id: string; readonly patch: Patch<Commitment> }[];
  readonly answered: readonly { readonly id: string; readonly patch: Patch<Note> }[];
}

interface PlanFacts {
  readonly patientId: string;
  readonly on: CivilDate;
  readonly today: CivilDate;
  readonly people: readonly Person[];
}

/** Recorded today, said on the day of the visit. */
export function noteOf(entry: Exclude<Entry, { type: 'commitment' }>, facts: PlanFacts): PlannedNote {
  const record = newNote({
    patient_id: facts.patientId,
    kind: entry.type === 'loss' ? 'loss' : entry.kind,
    text: entry.text,
    recorded_on: facts.today,
    said_on: facts.on === facts.today ? null : facts.on,
    date: entry.date,
  });
  return {
    record,
    person: entry.type === 'loss' ? personOfLoss(entry, facts.patientId, facts.people) : undefined,
  };
}

export const commitmentOf = (
  entry: Extract<Entry, { type: 'commitment' }>,
  facts: PlanFacts,
): New<Commitment> =>
  newCommitment({
    patient_id: facts.patientId,
    text: entry.text,
    owner: entry.owner,
    kind: entry.kind,
    made_on: facts.on,
    due: entry.due,
  });

export function planWriteUp(writeUp: WriteUp, contact: ContactPlan, facts: PlanFacts): WriteUpPlan {
  const entries = writeUp.flatMap((line) => (line.type === 'entry' ? [line.entry] : []));
  const done = writeUp.flatMap((line) => (line.type === 'done' ? [line] : []));
  return {
    contact,
    commitments: entries.flatMap((entry) =>
      entry.type === 'commitment' ? [commitmentOf(entry, facts)] : [],
    ),
    notes: entries.flatMap((entry) => (entry.type === 'commitment' ? [] : [noteOf(entry, facts)])),
    kept: done.flatMap(({ item, words }) =>
      item.type === 'commitment'
        ? [{ id: item.record.id, patch: keep(item.record, { on: facts.on, how: words, who: undefined }) }]
        : [],
    ),
    answered: done.flatMap(({ item, words }) =>
      item.type === 'note'
        ? [{ id: item.record.id, patch: { status: 'answered', answered_on: facts.on, answer: words } }]
        : [],
    ),
  };
}
