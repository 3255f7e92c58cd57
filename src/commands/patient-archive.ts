/** `rapport patient archive`: out of the usual lists, and back. Nothing is lost. */
import { displayName } from '../domain/patient-names.ts';
import { printable } from '../domain/text.ts';
import { conflict, type ExitName } from '../errors.ts';
import type { World } from '../world.ts';
import { defineCommand } from './command.ts';
import { findPatient } from './finding.ts';

interface ArchiveRequest {
  readonly words: readonly string[];
  readonly back: boolean;
}

type ArchiveNeeds = Pick<World, 'openStore' | 'questions' | 'clock' | 'output' | 'notices' | 'globals'>;

async function runArchive({ words, back }: ArchiveRequest, needs: ArchiveNeeds): Promise<ExitName> {
  const { output, notices, globals } = needs;
  const patient = await findPatient(words, needs);
  const name = printable(displayName(patient));
  if (patient.status === 'died') throw conflict(`${name} has died, and is listed apart already`);
  const status = back ? 'active' : 'archived';
  if (patient.status === status) throw conflict(`${name} is ${status} already`);
  const store = await needs.openStore();
  const { value, operation } = store.write({ verb: 'patient archive' }, () =>
    store.patients.change(patient, () => ({ status })),
  );
  const open = back ? 0 : store.commitments.of(patient.id).filter((one) => one.status === 'open').length;
  if (globals.json)
    output.json({ schema: 'rapport.patient-archive/1', operation: operation ?? null, patient: value });
  else output.print(`${value.ref} ${name} is ${status}`);
  if (open > 0) notices.say(`${open} open ${open === 1 ? 'promise stays' : 'promises stay'} in rapport due`);
  return 'ok';
}

export const patientArchive = defineCommand<ArchiveRequest>({
  path: 'patient archive',
  summary: 'out of the usual lists, and back',
  group: 'Patients',
  arguments: [{ name: 'patient', help: 'name, handle or ref', variadic: true }],
  options: [{ flags: '--back', help: 'active again' }],
  examples: ['rapport patient archive ned', 'rapport patient archive ned --back'],
  access: 'unlocked',
  parse: (raw) => ({ words: raw.words('patient'), back: raw.flag('back') }),
  run: runArchive,
});
