/** `rapport patient list`, `show` and `alias`. */

import type { Context, Store } from '../context.ts';
import { displayName, nearNames } from '../domain/patient-names.ts';
import { type Patch, type Patient, patientStatuses } from '../domain/records.ts';
import { foldedWords, printable } from '../domain/text.ts';
import { type ExitName, shellQuoted, usage } from '../errors.ts';
import { type PatientFacts, renderPatient, renderPatients } from '../terminal/patient-page.ts';
import { patientDocument } from '../terminal/record-lists.ts';
import { recordList, recordWhile } from './access-log.ts';
import { defineCommand } from './command.ts';
import { draftLines } from './drafts.ts';
import { findPatient, firstPatient, suggestNextFrom } from './lookup.ts';
import { readPage } from './options.ts';
import { checkName, fromStandardInput } from './patient-fields.ts';
import { savePatient } from './patient-set.ts';

const statusChoices = [...patientStatuses, 'all'] as const;

interface ListRequest {
  readonly words: readonly string[];
  readonly status: (typeof statusChoices)[number] | undefined;
  readonly page: number | undefined;
}

const pageLength = 50;
const mostPatients = 1e9;

interface Page {
  readonly patients: readonly Patient[];
  readonly isMore: boolean;
}

/** With words all that they may mean, whatever became of them; without, the active ones. */
function listed({ words, status, page }: ListRequest, store: Store): Page {
  const folded = words.flatMap((word) => foldedWords(word));
  const offset = page === undefined ? 0 : (page - 1) * pageLength;
  const limit = page === undefined ? mostPatients : pageLength;
  const wanted = status === 'all' ? undefined : status;
  const found =
    folded.length === 0
      ? store.patients.some(status === undefined ? 'active' : wanted, limit + 1, offset)
      : store.patients
          .withWords(folded)
          .filter((patient) => wanted === undefined || patient.status === wanted)
          .slice(offset, offset + limit + 1);
  return { patients: found.slice(0, limit), isMore: found.length > limit };
}

async function runList(request: ListRequest, ctx: Context): Promise<ExitName> {
  const { output, notices, globals, clock } = ctx;
  const store = await ctx.openStore();
  const { patients, isMore } = listed(request, store);
  const ids = patients.map(({ id }) => id);
  const seen = store.contacts.lastSeen(ids);
  const today = clock.today();
  if (globals.json) {
    const next = store.contacts.nextPlanned(ids, today);
    output.json({
      schema: 'rapport.patient-list/1',
      on: today,
      page: request.page ?? null,
      more: isMore,
      items: patients.map((patient) => ({
        ...patientDocument(patient),
        birth_date: patient.birth_date,
        status: patient.status,
        died_on: patient.died_on,
        last_seen: seen.get(patient.id) ?? null,
        next_planned: next.get(patient.id)?.on ?? null,
      })),
    });
  } else if (patients.length > 0) {
    const { columns, style } = output;
    const rows = patients.map((patient) => ({ patient, lastSeen: seen.get(patient.id) }));
    const more = isMore ? [style.quiet(`more: add --page ${(request.page ?? 1) + 1}, --all, or a name`)] : [];
    await output.page([await renderPatients(rows, { today, columns, style }), ...more].join('\n'));
  } else if (request.page !== undefined && request.page > 1) notices.say('no more patients');
  else {
    notices.say('no patients to list');
    const near = nearNames(request.words.join(' '), store.patients.all());
    if (near.length > 0)
      notices.say(
        `hint: did you mean ${near.map((one) => printable(`${displayName(one)} (${one.handle})`)).join(', ')}?`,
      );
    else suggestNextFrom(store, request.words.length > 0 ? 'rapport patient list' : firstPatient, ctx);
  }
  recordList('patient list', patients.length, store, ctx);
  return 'ok';
}

export const patientList = defineCommand<ListRequest>({
  path: 'patient list',
  summary: 'the patients, or those of a name',
  group: 'Patients',
  arguments: [
    { name: 'words', help: 'words of the name, or their beginnings', optional: true, variadic: true },
  ],
  options: [
    { flags: '--status <status>', help: 'active ones unless given or named', choices: statusChoices },
    { flags: '--page <number>', help: `the next ${pageLength}, and so on` },
    { flags: '--all', help: 'all in one list' },
  ],
  examples: ['rapport patient list', 'rapport patient list mar', 'rapport patient list --status died'],
  parse: (raw) => ({
    words: raw.words('words'),
    status: raw.oneOf('status', statusChoices),
    page: readPage(raw),
  }),
  run: runList,
});

interface ShowRequest {
  readonly words: readonly string[];
}

function factsOf(patient: Patient, store: Store, ctx: Context): PatientFacts {
  const { id } = patient;
  return {
    patient,
    people: store.people.of(id),
    counts: {
      notes: store.notes.of(id, { status: ['current', 'answered'] }).length,
      open: store.commitments.of(id).filter(({ status }) => status === 'open').length,
      contacts: store.contacts.of(id).length,
    },
    lastSeen: store.contacts.lastSeen([id]).get(id),
    next: store.contacts.nextPlanned([id], ctx.clock.today()).get(id),
    notSaved: draftLines(store, ctx.clock.today(), store.drafts.of(id)),
  };
}

async function runShow({ words }: ShowRequest, ctx: Context): Promise<ExitName> {
  const { output, globals } = ctx;
  const patient = await findPatient(words, ctx);
  const store = await ctx.openStore();
  const facts = factsOf(patient, store, ctx);
  let showing: Promise<void> | undefined;
  if (globals.json)
    output.json({
      schema: 'rapport.patient-show/1',
      patient,
      people: facts.people.map(({ patient_id: _, ...person }) => person),
      counts: {
        notes: facts.counts.notes,
        open_commitments: facts.counts.open,
        contacts: facts.counts.contacts,
      },
      last_seen: facts.lastSeen ?? null,
      next_planned:
        facts.next === undefined
          ? null
          : { on: facts.next.on, at: facts.next.at, channel: facts.next.channel },
      draft: facts.notSaved.length > 0,
    });
  else {
    const { columns, style } = output;
    const look = { today: ctx.clock.today(), columns, style };
    showing = output.page(renderPatient(facts, shellQuoted(patient.handle), look).join('\n'));
  }
  await recordWhile(showing, () => store.log.opened('patient show', patient.id), ctx);
  return 'ok';
}

export const patientShow = defineCommand<ShowRequest>({
  path: 'patient show',
  summary: "one patient's page: names, people, what there is",
  group: 'Patients',
  arguments: [{ name: 'patient', help: 'name, handle or ref', optional: true, variadic: true }],
  examples: ['rapport patient show malu', 'rapport patient show mar raz --json'],
  parse: (raw) => ({ words: raw.words('patient') }),
  run: runShow,
});

interface AliasRequest {
  readonly patient: string;
  readonly alias: string | undefined;
  readonly remove: boolean;
}

async function aliasOf(request: AliasRequest, patient: Patient, ctx: Context): Promise<string> {
  if (request.alias !== undefined) return (await fromStandardInput({ alias: request.alias }, ctx)).alias;
  const { questions } = ctx;
  if (!questions.possible)
    throw usage('which name?', 'rapport patient alias PATIENT - reads it from standard input');
  if (!request.remove) return checkName(await questions.text('Also called?'), 'the alias');
  if (patient.aliases.length === 0) throw usage('there is no other name to remove');
  return questions.choose(
    'Which name?',
    patient.aliases.map((name) => ({ name: printable(name), value: name })),
  );
}

async function runAlias(request: AliasRequest, ctx: Context): Promise<ExitName> {
  if (ctx.globals.passphraseStdin) await ctx.openStore();
  const patient = await findPatient([request.patient], ctx);
  (await ctx.openStore()).checkWritable();
  const alias = await aliasOf(request, patient, ctx);
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
  savePatient('patient alias', patient, patchOf, await ctx.openStore(), ctx);
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
