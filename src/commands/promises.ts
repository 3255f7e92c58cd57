/** What done, tried, told, snooze and drop share: finding open commitments, changing them in one operation, saying so. */
import { type CommitmentPatch, refuseClosed } from '../domain/commitment-changes.ts';
import { displayName } from '../domain/patient-names.ts';
import type { Commitment } from '../domain/records.ts';
import { cutToWidth, printable } from '../domain/text.ts';
import type { Store, World } from '../world.ts';
import type { ArgumentDeclaration } from './command.ts';
import { type FindingNeeds, findRecords } from './finding.ts';

export type PromiseNeeds = Pick<
  World,
  'openStore' | 'questions' | 'clock' | 'output' | 'notices' | 'globals' | 'stdin'
>;

export const commitmentIds: ArgumentDeclaration = {
  name: 'id',
  help: 'ref of the promise, as rapport due shows it',
  optional: true,
  variadic: true,
  takes: 'promise',
};

/** The open commitments behind the refs. @throws not-found, ambiguous, conflict where one is closed */
export async function findOpen(
  ids: readonly string[],
  needs: FindingNeeds,
  instead?: Parameters<typeof findRecords>[3],
): Promise<readonly Commitment[]> {
  const commitments = await findRecords(ids, 'commitment', needs, instead);
  (await needs.openStore()).checkWritable();
  for (const commitment of commitments) {
    const refusal = refuseClosed(commitment);
    if (refusal !== undefined) throw refusal;
  }
  return commitments;
}

export interface PromiseChange {
  /** The command's name, which is the operation's. */
  readonly verb: string;
  readonly commitments: readonly Commitment[];
  readonly patch: (commitment: Commitment) => CommitmentPatch;
  /** What became of it: 'kept Thu 12 Mar'. */
  readonly outcome: (changed: Commitment) => string;
}

const summary = (commitment: Commitment, outcome: string, store: Store): string => {
  const patient = store.patients.byId(commitment.patient_id);
  const name = patient === undefined ? '' : `${printable(displayName(patient))}: `;
  return `${commitment.ref} ${outcome}. ${name}${cutToWidth(printable(commitment.text), 60)}`;
};

/** Changes all of them or none, and says what they are now. */
export function changePromises(
  change: PromiseChange,
  store: Store,
  needs: PromiseNeeds,
): readonly Commitment[] {
  const { value: changed, operation } = store.write({ verb: change.verb }, () =>
    change.commitments.map((commitment) => store.commitments.change(commitment, change.patch)),
  );
  const { output, globals } = needs;
  if (globals.json)
    output.json({ schema: `rapport.${change.verb}/1`, operation: operation ?? null, items: changed });
  else output.print(changed.map((one) => summary(one, change.outcome(one), store)).join('\n'));
  return changed;
}
