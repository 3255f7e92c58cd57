/** `rapport patient hold`: while it is on, nothing of a patient's may be forgotten or erased. An import never lowers it. */
import { displayName } from '../domain/patient-names.ts';
import { printable } from '../domain/text.ts';
import type { ExitName } from '../errors.ts';
import type { World } from '../world.ts';
import { defineCommand } from './command.ts';
import { findPatient } from './finding.ts';

interface HoldRequest {
  readonly words: readonly string[];
  readonly hold: boolean;
}

type HoldNeeds = Pick<World, 'openStore' | 'questions' | 'clock' | 'output' | 'globals'>;

async function runHold({ words, hold }: HoldRequest, needs: HoldNeeds): Promise<ExitName> {
  const { output, globals } = needs;
  const patient = await findPatient(words, needs);
  const store = await needs.openStore();
  const { value, operation } = store.write({ verb: 'patient hold' }, () =>
    store.patients.change(patient, () => ({ hold })),
  );
  if (globals.json)
    output.json({ schema: 'rapport.patient-hold/1', operation: operation ?? null, patient: value });
  else {
    const already = patient.hold === hold ? ' already' : '';
    const meaning = hold ? ': nothing of theirs can be forgotten or erased' : '';
    output.print(
      `${value.ref} ${printable(displayName(value))} is ${hold ? 'on hold' : 'not on hold'}${already}${meaning}`,
    );
  }
  return 'ok';
}

export const patientHold = defineCommand<HoldRequest>({
  path: 'patient hold',
  summary: 'keep everything of a patient: no forgetting, no erasing',
  group: 'Patients',
  arguments: [{ name: 'patient', help: 'name, handle or ref', variadic: true }],
  options: [{ flags: '--off', help: 'no longer' }],
  examples: ['rapport patient hold malu', 'rapport patient hold malu --off'],
  access: 'unlocked',
  parse: (raw) => ({ words: raw.words('patient'), hold: !raw.flag('off') }),
  run: runHold,
});
