/** `rapport person add <patient> [name…]`: somebody around a patient. */
import type { PartialDate } from '../dates/civil.ts';
import { newPerson, type Person } from '../domain/records.ts';
import { type ExitName, usage } from '../errors.ts';
import { defineCommand } from './command.ts';
import { findPatient } from './finding.ts';
import { checkName, fromStandardInput, pastDate } from './patient-options.ts';
import {
  called,
  type PersonNeeds,
  type PersonValues,
  patientArgument,
  personOptions,
  readPersonValues,
  tellPerson,
} from './person-options.ts';

interface AddRequest {
  readonly patient: string;
  /** Undefined asks; '-' is standard input. */
  readonly name: string | undefined;
  readonly values: PersonValues;
  readonly died: PartialDate | null | undefined;
}

async function runAdd(request: AddRequest, needs: PersonNeeds): Promise<ExitName> {
  if (needs.globals.passphraseStdin) await needs.openStore();
  const patient = await findPatient([request.patient], needs);
  if (request.name === undefined && !needs.questions.possible)
    throw usage('which name?', 'rapport person add PATIENT - reads it from standard input');
  const store = await needs.openStore();
  store.checkWritable();
  const typedName = request.name ?? checkName(await needs.questions.text('Name of the person?'), 'the name');
  const { relation: said } = request.values;
  const asked =
    request.name === undefined && said === undefined
      ? await needs.questions.text('Relation? Enter skips')
      : '';
  const { name, ...values } = await fromStandardInput({ ...request.values, name: typedName }, needs);
  const namesakes: Person[] = [];
  const saved = store.write({ verb: 'person add' }, () => {
    const { id } = store.patients.present(patient);
    namesakes.push(...store.people.of(id).filter((known) => known.name === name));
    return store.people.insert(
      newPerson({
        patient_id: patient.id,
        name,
        ...(asked.trim() !== '' && { relation: checkName(asked, 'the relation') }),
        ...values,
        ...(request.died !== undefined && { status: 'died', died_on: request.died }),
      }),
    );
  });
  for (const namesake of namesakes)
    needs.notices.warn(`${called(namesake, patient)} is there already; rapport undo takes this one back`);
  tellPerson('person add', 'added', patient, saved, needs);
  return 'ok';
}

export const personAdd = defineCommand<AddRequest>({
  path: 'person add',
  summary: 'somebody around a patient',
  group: 'Patients',
  arguments: [
    patientArgument,
    {
      name: 'name',
      help: 'left out it is asked for; - reads it from standard input',
      optional: true,
      variadic: true,
    },
  ],
  options: [...personOptions, { flags: '--died <date>', help: 'they have died: a day, a month or a year' }],
  examples: ['rapport person add malu', 'rapport person add malu Ana --relation daughter --birth-date 1990'],
  access: 'unlocked',
  parse: (raw) => {
    const words = raw.words('name');
    return {
      patient: raw.words('patient')[0] ?? '',
      name: words.length === 0 ? undefined : checkName(words.join(' '), 'the name'),
      values: readPersonValues(raw),
      died: pastDate(raw, 'died'),
    };
  },
  run: runAdd,
});
