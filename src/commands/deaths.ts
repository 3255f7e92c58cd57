/** `rapport patient died`: what is promised is dropped, theirs, or stays; what is planned; and who else it touches. */
import { aside, type Ctx, command, type Outcome } from '../cli/command.ts';
import { askRead, flag, plain, readingOf, repeated, wordsOf } from '../cli/kinds.ts';
import { count, weekdayDate } from '../dates/civil.ts';
import { patientDocument, patientFields, personName } from '../domain/patient-names.ts';
import {
  type Commitment,
  type Contact,
  channelNames,
  type Patch,
  type Patient,
  type Person,
} from '../domain/records.ts';
import { mayBeSame, pronounsOf } from '../domain/same-person.ts';
import { present, printable, shellQuoted, sortedBy } from '../domain/text.ts';
import { conflict, notFound, usage } from '../errors.ts';
import type { Choice } from '../terminal/line-prompts.ts';
import { type Column, listLines } from '../terminal/list-view.ts';
import { diedWords } from '../terminal/patient-page.ts';
import { calledPerson, findPerson, nameOf, openPromises, patientWho } from './lookup.ts';
import { changePatient, passToPeople, past, readPast } from './patient-fields.ts';
import { shownWords } from './refs.ts';
import { screenFor } from './sight.ts';
import { offerCondolences, promiseLines } from './visit-questions.ts';

function readRedirection(typed: string) {
  const [ref = '', ...name] = typed.split('=');
  const person = name.join('=').trim();
  if (ref.trim() === '' || person === '')
    throw usage(`--redirect: '${printable(typed.slice(0, 40))}' is not REF=PERSON`);
  return { ref: ref.trim(), person };
}

const droppedByDeath = 'the patient died';
const again = 'promise it again if it is still wanted';

/** What becomes of each promise: as it was said, and of the others as it is asked where it can be. */
async function fatesOf(
  { drop, redirect }: Readonly<{ drop: readonly string[]; redirect: ReturnType<typeof readRedirection>[] }>,
  patient: Patient,
  open: readonly Commitment[],
  ctx: Ctx,
) {
  const { store, clock, questions } = ctx;
  const find = (ref: string): Commitment => {
    const found = open.find((commitment) => commitment.ref === ref.toLowerCase() || commitment.id === ref);
    if (found !== undefined) return found;
    throw notFound(
      `${nameOf(patient)} has no open promise '${printable(ref)}'`,
      `rapport due --all --patient ${shellQuoted(patient.handle)}`,
    );
  };
  const dropped = { status: 'dropped', closed_on: clock.today(), reason: droppedByDeath } as const;
  const fates = new Map<Commitment, Patch<Commitment>>(drop.map((ref) => [find(ref), dropped]));
  for (const { ref, person } of redirect) {
    if (fates.has(find(ref))) throw usage(`'${ref}' can't be both dropped and redirected`);
    fates.set(find(ref), { for_person: findPerson(store, patient, person).id });
  }
  const living = store.people.of(patient.id).filter(({ status }) => status === 'living');
  const choices: readonly Choice<Patch<Commitment>>[] = [
    { name: 'leave it open', value: {} },
    { name: 'drop it', value: dropped },
    ...living.map((person) => ({ name: `for ${calledPerson(person)}`, value: { for_person: person.id } })),
  ];
  for (const promise of questions.possible ? open : []) {
    const words = shownWords(promise, ctx);
    if (words === '' || fates.has(promise) || promise.for_person !== null) continue;
    fates.set(promise, await questions.choose(words, choices));
  }
  return fates;
}

function fateOf({ status, for_person }: Commitment, people: readonly Person[]): string {
  const person = people.find(({ id }) => id === for_person);
  return status === 'dropped' ? 'dropped' : person ? `for ${printable(personName(person))}` : 'stays open';
}

function takeBack(patient: Patient, ctx: Ctx): Outcome {
  if (patient.status !== 'died') throw conflict(`${nameOf(patient)} is not marked as died`);
  const patch: Patch<Patient> = { status: 'active', died_on: null };
  const { json, text } = changePatient(
    'patient died',
    patient,
    () => patch,
    'is no longer marked as died',
    ctx,
  );
  return {
    json: { ...json, items: [] },
    text,
    notices: ctx.store.commitments
      .of(patient.id)
      .filter(({ status, reason }) => status === 'dropped' && reason === droppedByDeath)
      .map(({ ref }) => `hint: promise ${ref} was dropped because of the death, and stays dropped: ${again}`),
  };
}

/** Asks for the day, and with it whether it is the one meant. */
export async function askDeathDay(
  called: string,
  { birth_date, status, died_on }: Patient | Person,
  ctx: Ctx,
): Promise<Patient['died_on']> {
  if (!ctx.questions.possible || status === 'died') return died_on;
  const born = birth_date === null ? '' : `, born ${birth_date.slice(0, 4)}`;
  const question = `${called}${born}: died when? A day, a month or a year; Enter if not known`;
  return askRead(question, (answer) => readPast(answer, readingOf(ctx)), ctx);
}

/** What is planned with them is called off where that is wanted. */
async function askVisits(patient: Patient, isAll: boolean, { store, clock, questions }: Ctx) {
  const today = clock.today();
  const planned = store.contacts.of(patient.id).filter(({ state, on }) => state === 'planned' && on >= today);
  const off: Contact[] = [];
  for (const contact of sortedBy(planned, ({ on, at }) => [on, at ?? '~'])) {
    const when = `${channelNames[contact.channel]} ${weekdayDate(contact.on, today)}`;
    const question = `Cancel the ${when}${contact.at === null ? '' : ` ${contact.at}`}?`;
    if (isAll || (questions.possible && (await questions.confirm(question, true)))) off.push(contact);
  }
  return { off, left: planned.length - off.length };
}

function pageOf(person: Person, { store }: Ctx) {
  const holder = store.patients.byId(person.patient_id);
  return holder === undefined ? [] : [{ person, holder }];
}

/** Who is the same around other patients: those that are linked, and those of whom it is asked. */
async function askPages(patient: Patient, ctx: Ctx) {
  const { store, questions } = ctx;
  const linked = store.people.whoAre(patient.id).flatMap((person) => pageOf(person, ctx));
  const likely = store.people
    .whoAre(null)
    .flatMap((person) => pageOf(person, ctx))
    .filter(({ person, holder }) => mayBeSame(patient, person, holder));
  const { object } = pronounsOf(patient);
  const chosen: (typeof likely)[number][] = [];
  const hints: string[] = [];
  for (const page of likely) {
    const { person, holder } = page;
    const who = present(person.name, person.relation).map(printable).join(', ');
    const question = `${who} of ${nameOf(holder)}: mark ${object} died on ${pronounsOf(holder).possessive} page too?`;
    if (questions.possible && (await questions.confirm(question, false))) chosen.push(page);
    else if (!questions.possible)
      hints.push(
        `hint: ${who} of ${nameOf(holder)} may be the same: rapport person died ${shellQuoted(holder.handle)} ${person.ref}`,
      );
  }
  return { linked: linked.filter(({ person }) => person.status !== 'died'), chosen, hints };
}

export const patientDied = command({
  arguments: { patient: patientWho(({ status }, has) => (status === 'died') === has('mistaken')) },
  options: {
    on: past('a day, a month or a year'),
    drop: repeated('<ref>', 'a promise to drop', { takes: 'promise' }),
    redirect: plain(
      'a promise that is kept for a person around them',
      (raw) => wordsOf(raw).map(readRedirection),
      { value: '<ref=person>', repeat: true },
    ),
    cancel: flag('cancel what is planned with them'),
    mistaken: flag('they did not die'),
  },
  apart: { mistaken: ['on', 'drop', 'redirect', 'cancel'] },
  examples: ['walt --on "2 feb"', 'walt --redirect k7m2q=Tom --cancel'],
  async run({ patient, on, drop, redirect, cancel, mistaken }, ctx): Promise<Outcome> {
    if (mistaken) return takeBack(patient, ctx);
    const { store, output } = ctx;
    store.checkWritable();
    const died_on = on === undefined ? await askDeathDay(nameOf(patient), patient, ctx) : on;
    const open = openPromises(store, patient);
    const people = store.people.of(patient.id);
    const fates = await fatesOf({ drop, redirect }, patient, open, ctx);
    const visits = await askVisits(patient, cancel, ctx);
    const pages = await askPages(patient, ctx);
    const patch = { status: 'died', died_on } as const;
    const offers: Awaited<ReturnType<typeof offerCondolences>>[] = [];
    for (const { person, holder } of [...pages.linked, ...pages.chosen])
      offers.push(await offerCondolences({ ...person, ...patch }, holder, ctx));
    const { value, operation = null } = store.write({ verb: 'patient died' }, () => {
      const dead = store.patients.change(patient, () => patch);
      return {
        dead,
        items: open.map((one) => store.commitments.change(one, () => fates.get(one) ?? {})),
        contacts: visits.off.map((one) => store.contacts.change(one, () => ({ state: 'cancelled' }))),
        people: [
          ...pages.chosen.map(({ person }) =>
            store.people.change(person, () => ({ ...patch, patient: patient.id })),
          ),
          ...passToPeople(store, patient, dead),
        ],
        promises: offers.flatMap(({ made }) => made.map((one) => store.commitments.insert(one))),
      };
    });
    const { dead, items, contacts, promises } = value;
    const touched = value.people.flatMap((person) => pageOf(person, ctx));
    const screen = screenFor(patient, ctx);
    // What is private is shown by its date alone.
    const shown = screen.records({ people: [], notes: [], commitments: items }).commitments;
    const left = shown.find(({ status, for_person }) => status === 'open' && for_person === null);
    const columns: readonly Column<Commitment>[] = [
      { cell: ({ ref }) => ref },
      { fit: 'cut', cell: ({ text }) => text },
      { cell: (commitment) => fateOf(commitment, people) },
    ];
    const again = `rapport patient died ${shellQuoted(patient.handle)}`;
    const today = ctx.clock.today();
    return {
      json: {
        operation,
        patient: patientFields(dead),
        items: present(...items.map(screen.changed)),
        contacts,
        people: touched.map(({ person: { patient_id: _, ...person }, holder }) => ({
          person,
          patient: patientDocument(holder),
        })),
        promises,
      },
      text: [
        `${dead.ref} ${nameOf(dead)} died${diedWords(dead.died_on)}`,
        ...(await listLines(shown, columns, output, { indent: 1 })),
        ...contacts.map(
          ({ ref, channel, on: day }) =>
            ` ${ref}  ${channelNames[channel]} ${weekdayDate(day, today)} cancelled`,
        ),
        ...touched.map(
          ({ person, holder }) => ` ${person.ref}  ${calledPerson(person)} of ${nameOf(holder)} died too`,
        ),
        ...(await promiseLines(promises, ctx)),
      ].join('\n'),
      notices: [
        ...present(
          left &&
            aside(
              `hint: ${again} --drop ${left.ref} closes a promise, --redirect ${left.ref}=NAME gives it to a person`,
            ),
          visits.left > 0 &&
            aside(
              `hint: ${count(visits.left, 'planned visit')} ${visits.left === 1 ? 'stays' : 'stay'}: ${again} --cancel calls off what is planned`,
            ),
        ),
        ...pages.hints,
        ...offers.flatMap(({ hints }) => hints),
      ],
    };
  },
});
