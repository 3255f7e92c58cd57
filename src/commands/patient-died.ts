/**
 * `rapport patient died`: marks a death and goes through what is still promised: dropped, or redirected to a person
 * who is left. What is neither stays in `due` and brief. It can be run again for the rest.
 */

import type { Context, Store } from '../context.ts';
import type { PartialDate } from '../dates/civil.ts';
import { displayName } from '../domain/patient-names.ts';
import type { Commitment, Patch, Patient, Person } from '../domain/records.ts';
import { cutToWidth, printable } from '../domain/text.ts';
import { conflict, type ExitName, notFound, shellQuoted, usage } from '../errors.ts';
import { alignColumns } from '../terminal/columns.ts';
import { diedWords } from '../terminal/patient-page.ts';
import type { Choice } from '../terminal/questions.ts';
import { defineCommand, type RawInput } from './command.ts';
import { findPatient, findPerson } from './lookup.ts';
import { pastDate } from './patient-fields.ts';

interface DiedRequest {
  readonly words: readonly string[];
  readonly on: PartialDate | null | undefined;
  readonly dropped: readonly string[];
  readonly redirected: readonly { readonly ref: string; readonly person: string }[];
  readonly mistaken: boolean;
}

type Fate = 'leave' | 'drop' | Person;

const droppedByDeath = 'the patient died';

const line = ({ ref, text }: Commitment): string => `${ref}  ${cutToWidth(printable(text), 56)}`;

/** Promises of mine and staff's are answered for; the patient's own end with them. */
const openOnes = (store: Store, patientId: string): readonly Commitment[] =>
  store.commitments.of(patientId).filter(({ status }) => status === 'open');

function namedFates(
  request: DiedRequest,
  patient: Patient,
  open: readonly Commitment[],
  store: Store,
): Map<string, Fate> {
  const find = (ref: string): string => {
    const found = open.find((commitment) => commitment.ref === ref.toLowerCase() || commitment.id === ref);
    if (found === undefined)
      throw notFound(
        `${printable(displayName(patient))} has no open promise '${printable(ref)}'`,
        `rapport due --all --patient ${shellQuoted(patient.handle)}`,
      );
    return found.id;
  };
  const fates = new Map<string, Fate>();
  for (const ref of request.dropped) fates.set(find(ref), 'drop');
  for (const { ref, person } of request.redirected) {
    if (fates.has(find(ref))) throw usage(`'${ref}' can't be both dropped and redirected`);
    fates.set(find(ref), findPerson(store, patient, person));
  }
  return fates;
}

async function askFates(
  open: readonly Commitment[],
  named: ReadonlyMap<string, Fate>,
  people: readonly Person[],
  { questions }: Context,
): Promise<ReadonlyMap<string, Fate>> {
  const fates = new Map(named);
  if (!questions.possible) return fates;
  const living = people.filter(({ status }) => status === 'living');
  const choices: readonly Choice<Fate>[] = [
    { name: 'leave it open', value: 'leave' },
    { name: 'drop it', value: 'drop' },
    ...living.map((person) => ({
      name: `for ${printable(person.name)}${person.relation === null ? '' : ` (${printable(person.relation)})`}`,
      value: person,
    })),
  ];
  // What was given to somebody else before is settled.
  for (const commitment of open)
    if (!fates.has(commitment.id) && commitment.for_person === null)
      fates.set(commitment.id, await questions.choose(line(commitment), choices));
  return fates;
}

function patchFor(fate: Fate | undefined, on: Commitment['closed_on']): Patch<Commitment> {
  if (fate === undefined || fate === 'leave') return {};
  return fate === 'drop'
    ? { status: 'dropped', closed_on: on, reason: droppedByDeath }
    : { for_person: fate.id };
}

function outcome({ status, for_person }: Commitment, people: readonly Person[]): string {
  if (status === 'dropped') return 'dropped';
  const person = people.find(({ id }) => id === for_person);
  return person === undefined ? 'stays open' : `for ${printable(person.name)}`;
}

async function takeBack(patient: Patient, ctx: Context): Promise<ExitName> {
  if (patient.status !== 'died') throw conflict(`${printable(displayName(patient))} is not marked as died`);
  const store = await ctx.openStore();
  const { value, operation } = store.write({ verb: 'patient died' }, () =>
    store.patients.change(patient, () => ({ status: 'active', died_on: null })),
  );
  if (ctx.globals.json)
    ctx.output.json({
      schema: 'rapport.patient-died/1',
      operation: operation ?? null,
      patient: value,
      items: [],
    });
  else ctx.output.print(`${value.ref} ${printable(displayName(value))} is no longer marked as died`);
  for (const { ref, status, reason } of store.commitments.of(patient.id))
    if (status === 'dropped' && reason === droppedByDeath)
      ctx.notices.say(
        `hint: ${ref} was dropped with the death and stays so: promise it again if it is still wanted`,
      );
  return 'ok';
}

async function runDied(request: DiedRequest, ctx: Context): Promise<ExitName> {
  const { output, notices, globals, clock } = ctx;
  const patient = await findPatient(request.words, ctx);
  if (request.mistaken) return takeBack(patient, ctx);
  const store = await ctx.openStore();
  const open = openOnes(store, patient.id);
  const people = store.people.of(patient.id);
  const fates = await askFates(open, namedFates(request, patient, open, store), people, ctx);
  const died_on = request.on === undefined ? patient.died_on : request.on;
  const today = clock.today();
  const { value, operation } = store.write({ verb: 'patient died' }, () => {
    const dead = store.patients.change(patient, () => ({ status: 'died', died_on }));
    const items = open.map((one) =>
      store.commitments.change(one, ({ id }) => patchFor(fates.get(id), today)),
    );
    return { dead, items };
  });
  if (globals.json) {
    output.json({
      schema: 'rapport.patient-died/1',
      operation: operation ?? null,
      patient: value.dead,
      items: value.items,
    });
    return 'ok';
  }
  output.print(
    [
      `${value.dead.ref} ${printable(displayName(value.dead))} died${diedWords(value.dead.died_on)}`,
      ...alignColumns(
        value.items.map((commitment) => [commitment.ref, commitment.text, outcome(commitment, people)]),
        { columns: [{ fit: 'keep' }, { fit: 'cut' }, { fit: 'keep' }], width: output.columns, indent: 1 },
      ),
    ].join('\n'),
  );
  const left = value.items.filter(({ status, for_person }) => status === 'open' && for_person === null);
  if (left.length > 0)
    notices.say(
      `hint: rapport patient died ${shellQuoted(patient.handle)} --drop ${left[0]?.ref} closes a promise, --redirect ${left[0]?.ref}=NAME gives it to a person`,
    );
  return 'ok';
}

function parse(raw: RawInput): DiedRequest {
  const redirected = raw.options('redirect').map((value) => {
    const [ref = '', ...name] = value.split('=');
    const person = name.join('=').trim();
    if (ref.trim() === '' || person === '')
      throw usage(`--redirect: '${printable(value.slice(0, 40))}' is not REF=PERSON`);
    return { ref: ref.trim(), person };
  });
  const on = pastDate(raw, 'on');
  const request = {
    words: raw.words('patient'),
    on,
    dropped: raw.options('drop'),
    redirected,
    mistaken: raw.flag('mistaken'),
  };
  if (request.mistaken && (on !== undefined || request.dropped.length + redirected.length > 0))
    throw usage('--mistaken stands alone');
  return request;
}

export const patientDied = defineCommand<DiedRequest>({
  path: 'patient died',
  summary: 'mark a death, and go through what is still promised',
  group: 'Patients',
  arguments: [{ name: 'patient', help: 'name, handle or ref', variadic: true }],
  options: [
    { flags: '--on <date>', help: 'a day, a month or a year' },
    { flags: '--drop <ref>', help: 'a promise that ends here', repeat: true, takes: 'promise' },
    {
      flags: '--redirect <ref=person>',
      help: 'a promise that is kept for a person around them',
      repeat: true,
    },
    { flags: '--mistaken', help: 'they did not die' },
  ],
  examples: ['rapport patient died walt --on "2 feb"', 'rapport patient died walt --redirect k7m2q=Tom'],
  parse,
  run: runDied,
});
