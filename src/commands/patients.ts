/** `rapport patient list` and `show`. */

import { aside, type Ctx, command, type Notice } from '../cli/command.ts';
import { flag, oneOf, page, words } from '../cli/kinds.ts';
import type { Store } from '../context.ts';
import { displayName, nearNames } from '../domain/patient-names.ts';
import { type Patient, patientStatuses } from '../domain/records.ts';
import { foldedWords, printable } from '../domain/text.ts';
import { shellQuoted } from '../errors.ts';
import { type PatientFacts, renderPatient, renderPatients } from '../terminal/patient-page.ts';
import { patientDocument } from '../terminal/record-lists.ts';
import { draftLines } from './drafts.ts';
import { firstPatient, nextFrom, patient } from './lookup.ts';

const statusChoices = [...patientStatuses, 'all'] as const;
const pageLength = 50;
const mostPatients = 1e9;

/** With words all that they may mean, whatever became of them; without, the active ones. @param page none is all */
function listed(
  words: readonly string[],
  status: (typeof statusChoices)[number] | undefined,
  page: number | undefined,
  { patients }: Store,
) {
  const folded = words.flatMap((word) => foldedWords(word));
  const offset = page === undefined ? 0 : (page - 1) * pageLength;
  const limit = page === undefined ? mostPatients : pageLength;
  const wanted = status === 'all' ? undefined : status;
  const found =
    folded.length === 0
      ? patients.some(status === undefined ? 'active' : wanted, limit + 1, offset)
      : patients
          .withWords(folded)
          .filter((patient) => wanted === undefined || patient.status === wanted)
          .slice(offset, offset + limit + 1);
  return { patients: found.slice(0, limit), isMore: found.length > limit };
}

function whyNone(words: readonly string[], page: number | undefined, store: Store): readonly Notice[] {
  if (page !== undefined && page > 1) return [aside('no more patients')];
  const near = nearNames(words.join(' '), store.patients.all());
  const names = near.map((one) => printable(`${displayName(one)} (${one.handle})`)).join(', ');
  return [
    aside('no patients to list'),
    near.length > 0
      ? aside(`hint: did you mean ${names}?`)
      : nextFrom(store, words.length > 0 ? 'rapport patient list' : firstPatient),
  ];
}

export const patientList = command({
  path: 'patient list',
  summary: 'the patients, or those of a name',
  arguments: { words: words('words of the name, or their beginnings') },
  options: {
    status: oneOf(statusChoices, '<status>', 'active ones unless given or named'),
    page: page(pageLength),
    all: flag('all in one list'),
  },
  apart: { all: ['page'] },
  examples: ['rapport patient list', 'rapport patient list mar', 'rapport patient list --status died'],
  run({ words, status, page: asked, all }, { store, clock, output }) {
    const page = all ? undefined : asked;
    const { patients, isMore } = listed(words, status, page, store);
    const ids = patients.map(({ id }) => id);
    const seen = store.contacts.lastSeen(ids);
    const today = clock.today();
    return {
      json: () => {
        const next = store.contacts.nextPlanned(ids, today);
        return {
          on: today,
          page: page ?? null,
          more: isMore,
          items: patients.map((patient) => ({
            ...patientDocument(patient),
            birth_date: patient.birth_date,
            status: patient.status,
            died_on: patient.died_on,
            last_seen: seen.get(patient.id) ?? null,
            next_planned: next.get(patient.id)?.on ?? null,
          })),
        };
      },
      text: async () => {
        if (patients.length === 0) return undefined;
        const { style } = output;
        const rows = patients.map((patient) => ({ patient, lastSeen: seen.get(patient.id) }));
        const more = `more: add --page ${(page ?? 1) + 1}, --all, or a name`;
        const list = await renderPatients(rows, today, output);
        return [list, ...(isMore ? [style.quiet(more)] : [])].join('\n');
      },
      paged: true,
      looked: { count: patients.length },
      notices: patients.length === 0 ? whyNone(words, page, store) : [],
    };
  },
});

function factsOf(patient: Patient, { store, clock }: Ctx): PatientFacts {
  const { id } = patient;
  const today = clock.today();
  return {
    patient,
    people: store.people.of(id),
    counts: {
      notes: store.notes.of(id, { status: ['current', 'answered'] }).length,
      open: store.commitments.of(id).filter(({ status }) => status === 'open').length,
      contacts: store.contacts.of(id).length,
    },
    lastSeen: store.contacts.lastSeen([id]).get(id),
    next: store.contacts.nextPlanned([id], today).get(id),
    notSaved: draftLines(store, today, store.drafts.of(id)),
  };
}

export const patientShow = command({
  path: 'patient show',
  summary: "one patient's page: names, people, what there is",
  arguments: { patient },
  examples: ['rapport patient show malu', 'rapport patient show mar raz --json'],
  run({ patient }, ctx) {
    const facts = factsOf(patient, ctx);
    const { people, counts, lastSeen = null, next } = facts;
    return {
      json: () => ({
        patient,
        people: people.map(({ patient_id: _, ...person }) => person),
        counts: { notes: counts.notes, open_commitments: counts.open, contacts: counts.contacts },
        last_seen: lastSeen,
        next_planned: next === undefined ? null : { on: next.on, at: next.at, channel: next.channel },
        draft: facts.notSaved.length > 0,
      }),
      text: async () =>
        (await renderPatient(facts, shellQuoted(patient.handle), ctx.clock.today(), ctx.output)).join('\n'),
      paged: true,
      looked: { patientId: patient.id },
    };
  },
});
