/** `rapport patient alias`: other names to find a patient by. */
import type { Patch, Patient } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { type ExitName, usage } from '../errors.ts';
import { defineCommand } from './command.ts';
import { findPatient } from './finding.ts';
import { checkName, fromStandardInput } from './patient-options.ts';
import { type SetNeeds, savePatient } from './patient-set.ts';

interface AliasRequest {
  readonly patient: string;
  /** Undefined asks; '-' is standard input. */
  readonly alias: string | undefined;
  readonly remove: boolean;
}

async function aliasOf(request: AliasRequest, patient: Patient, needs: SetNeeds): Promise<string> {
  if (request.alias !== undefined) return (await fromStandardInput({ alias: request.alias }, needs)).alias;
  const { questions } = needs;
  if (!questions.possible)
    throw usage('which name?', 'rapport patient alias PATIENT - reads it from standard input');
  if (!request.remove) return checkName(await questions.text('Also called?'), 'the alias');
  if (patient.aliases.length === 0) throw usage('there is no other name to remove');
  return questions.choose(
    'Which name?',
    patient.aliases.map((name) => ({ name: printable(name), value: name })),
  );
}

async function runAlias(request: AliasRequest, needs: SetNeeds): Promise<ExitName> {
  if (needs.globals.passphraseStdin) await needs.openStore();
  const patient = await findPatient([request.patient], needs);
  (await needs.openStore()).checkWritable();
  const alias = await aliasOf(request, patient, needs);
  const patchOf = ({ aliases }: Patient): Patch<Patient> => {
    const isKnown = aliases.includes(alias);
    if (request.remove && !isKnown)
      throw usage(
        `'${printable(alias)}' is no other name of theirs`,
        ...(aliases.length > 0 ? [`other names: ${aliases.map(printable).join(', ')}`] : []),
      );
    if (request.remove) return { aliases: aliases.filter((known) => known !== alias) };
    return isKnown ? {} : { aliases: [...aliases, alias] };
  };
  savePatient('patient alias', patient, patchOf, await needs.openStore(), needs);
  return 'ok';
}

export const patientAlias = defineCommand<AliasRequest>({
  path: 'patient alias',
  summary: 'another name to find a patient by',
  group: 'Patients',
  arguments: [
    { name: 'patient', help: 'name, handle or ref; quote several words' },
    {
      name: 'name',
      help: 'left out it is asked for; - reads it from standard input',
      optional: true,
      variadic: true,
    },
  ],
  options: [{ flags: '--remove', help: 'they are no longer called so' }],
  examples: [
    'rapport patient alias malu',
    'rapport patient alias malu Mari',
    'rapport patient alias malu Mari --remove',
  ],
  access: 'unlocked',
  parse: (raw) => {
    const words = raw.words('name');
    return {
      patient: raw.words('patient')[0] ?? '',
      alias: words.length === 0 ? undefined : checkName(words.join(' '), 'the alias'),
      remove: raw.flag('remove'),
    };
  },
  run: runAlias,
});
