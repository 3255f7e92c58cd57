/** The whole of one patient as sections: who, people, promises, questions and decisions, notes by kind, and what happened. */
import { type CivilDate, count, fullDate, type PartialDate, plainDate, spanOf } from '../dates/civil.ts';
import type { WholePatient } from './interchange.ts';
import { byNewest, toLookAgain, yearlyDay } from './note-rules.ts';
import {
  ageAt,
  contactItem,
  noteItem,
  type PageContext,
  type PageItem,
  pageItem,
  patientStanding,
  personItem,
  promiseItem,
} from './page-items.ts';
import { type AskableState, stateOf } from './patient-changes.ts';
import { type AskableField, isVisit, type Note, type NoteKind } from './records.ts';
import { pick, present, sortedBy } from './text.ts';

type Fact = readonly [name: string, value: string];

interface PageSection {
  readonly title: string;
  readonly items: readonly PageItem[];
}

export type PatientPage = ReturnType<typeof composePage>;

/** What may be shown of a patient: without what is private or held back. */
export interface PageFacts extends WholePatient, Omit<PageContext, 'people' | 'isMixed'> {
  readonly drafts: readonly { readonly on: CivilDate; readonly lines: readonly string[] }[];
  readonly logged:
    | { readonly count: number; readonly first: CivilDate; readonly last: CivilDate }
    | undefined;
  readonly lastBackup: CivilDate | undefined;
  /** Private records; null where nothing is to tell whether there are any. */
  readonly leftOut: number | null;
  /** Texts from before a loss. */
  readonly heldBack: number;
}

const headings: Readonly<Record<Exclude<NoteKind, 'question' | 'decision' | 'loss'>, string>> = {
  matters: 'What matters',
  avoid: 'To take care about',
  story: 'Story',
  interest: 'Interests',
  family: 'Family',
  concern: 'Concerns',
  preference: 'Preferences',
  explain: 'What helps to explain',
  milestone: 'Days to remember',
  next: 'To ask next time',
  learned: 'What they taught',
};

const stateNotes: Readonly<Record<AskableState, string>> = {
  known: '',
  unconfirmed: ' (imported, not confirmed)',
  declined: 'would rather not say',
  'not asked': 'not asked',
};

function factsAbout({ patient, contacts, today, isPaper }: PageFacts): readonly Fact[] {
  const { goes_by, say, pronouns, birth_date, first_met, cadence_days } = patient;
  const fact = (name: string, value: string | null | false): Fact | false =>
    value ? [isPaper ? name.charAt(0).toUpperCase() + name.slice(1) : name, value] : false;
  const asked = (name: string, field: AskableField, text: string | null, isUsual = false): Fact | false => {
    const state = stateOf(patient, field);
    return state === 'not asked' && (isPaper || !isUsual)
      ? false
      : fact(name, `${text ?? ''}${stateNotes[state]}`);
  };
  const age = birth_date === null || patient.status === 'died' ? '' : ageAt(birth_date, today);
  const born = birth_date && plainDate(birth_date) + (age === '' ? '' : `, ${age} years`);
  const visits = contacts.filter(isVisit);
  const [last] = sortedBy(visits, ({ on }) => [on])
    .filter(({ state, on }) => state === 'held' && on <= today)
    .slice(-1);
  const [next] = sortedBy(contacts, ({ on, at }) => [on, at ?? '~']).filter(
    ({ state, on }) => state === 'planned' && on >= today && patient.status !== 'died',
  );
  return present<Fact>(
    fact(isPaper ? 'short name in the program' : 'handle', patient.handle),
    asked('goes by', 'goes_by', goes_by, true),
    asked('how to say it', 'say', say),
    asked('pronouns', 'pronouns', pronouns, true),
    asked('language', 'language', patient.language),
    asked('born', 'birth_date', born),
    fact('also known as', patient.aliases.join(', ')),
    ...(isPaper
      ? patient.identifiers.map(({ system, value }) => fact('number', `${value} (${system})`))
      : []),
    fact('first met', first_met && plainDate(first_met)),
    fact(
      'visits',
      present(
        last === undefined ? 'no visit recorded' : `last seen ${plainDate(last.on)}`,
        next && present(`next ${next.channel} ${plainDate(next.on)}`, next.at).join(' '),
      ).join(', '),
    ),
    fact('keep in touch', cadence_days !== null && `every ${cadence_days} days`),
    fact('new', patient.new && (isPaper || last === undefined) && 'yes'),
    fact('hold', patient.hold && 'yes: nothing may be forgotten'),
    fact('status', patient.status !== 'active' && patientStanding(patient)),
  );
}

/** What a day is sorted by: the last one that it can be. */
const lastOf = (date: PartialDate): string => spanOf(date)?.last ?? date;

/** Whether a milestone has passed, and will not return. */
const isOver = (note: Note, today: CivilDate): boolean =>
  note.date !== null && !note.yearly && yearlyDay(note) === undefined && lastOf(note.date) <= today;

/** Visits and other contacts, promises that were closed, milestones and losses; the newest first. */
function happened(facts: PageFacts, context: PageContext): readonly PageItem[] {
  const { notes, contacts, commitments, world, today, isPaper } = facts;
  const lossWords = (note: Note): string => {
    const told = world.losses.filter((loss) => !isPaper && loss.note?.id === note.id);
    return told.length === 0 ? `loss: ${note.text}` : told.map(({ words }) => words).join('; ');
  };
  const all = [
    ...contacts.map((one) => [one.on, one.at ?? '', one.id, contactItem(one, context)] as const),
    ...commitments
      .filter(({ status }) => status !== 'open')
      .map((one) => [one.closed_on ?? '', '', one.id, promiseItem(one, context)] as const),
    ...notes
      .filter((note) => note.kind === 'loss' || (note.kind === 'milestone' && isOver(note, today)))
      .map((note) => {
        const words = note.kind === 'loss' ? lossWords(note) : `milestone: ${note.text}`;
        const day = note.date ?? note.said_on ?? note.recorded_on;
        return [day === null ? '' : lastOf(day), '', note.id, noteItem(note, context, { words })] as const;
      }),
    // A death that only the record of a person tells.
    ...world.losses.flatMap(({ note, person, date, words, isPrivate }) => {
      if (note !== undefined || person === undefined || date === null || isPrivate) return [];
      const item = pageItem(words, { ref: person.ref, when: plainDate(date) });
      return [[lastOf(date), '', person.id, item] as const];
    }),
  ];
  return sortedBy(all, ([day, time, id]) => [day, time, id])
    .toReversed()
    .map(([, , , item]) => item);
}

function alsoKept({ logged, lastBackup }: PageFacts): readonly string[] {
  const times =
    logged === undefined
      ? undefined
      : logged.count === 1
        ? `once, on ${plainDate(logged.first)}`
        : `${logged.count} times from ${plainDate(logged.first)} to ${plainDate(logged.last)}`;
  return present(
    times && `When these records were looked at or changed: ${times}`,
    'Which notes were shown before which visit, and how records read before they were changed',
    lastBackup && `Encrypted backups of all this, the last of ${plainDate(lastBackup)}`,
  );
}

const isAllImported = ({ notes, contacts }: PageFacts): boolean =>
  notes.length > 0 && [...notes, ...contacts].every(({ source }) => source === 'imported');

/** What a paper is, and what is not on it. */
function leadOf(facts: PageFacts): readonly string[] {
  const { patient, leftOut, heldBack, today } = facts;
  const missing = present(
    leftOut !== null && leftOut > 0 && count(leftOut, 'private record'),
    heldBack > 0 && `${count(heldBack, 'text')} from before a loss`,
  );
  return present(
    `${missing.length === 0 && leftOut !== null ? 'All that' : 'What'} is kept on ${patient.name} in rapport, a clinician's own memory aid, on ${fullDate(today)}. It is not the medical record.`,
    missing.length > 0 && `Not on this page, and kept as well: ${missing.join(' and ')}.`,
    isAllImported(facts) && 'All notes and visits on it came from a file.',
  );
}

/** The day of the open promise to look at a decision again. */
function againOn({ text }: Note, { commitments }: PageFacts): CivilDate | null {
  const said = commitments.find((one) => {
    const decision = one.status === 'open' ? toLookAgain(one.text) : undefined;
    return decision !== undefined && text.startsWith(decision);
  });
  return said?.due ?? null;
}

const isAnswered = ({ status }: Note): boolean => status === 'answered';

export function composePage(facts: PageFacts) {
  const { patient, people, commitments, isPaper, today } = facts;
  const isMixed = isPaper && !isAllImported(facts);
  const context = { ...facts, isMixed, people: new Map(people.map((person) => [person.id, person])) };
  const notes = facts.notes.filter(({ status }) => isPaper || status === 'current' || status === 'answered');
  const newest = notes.toSorted(byNewest);
  const open = sortedBy(
    commitments.filter(({ status }) => status === 'open'),
    ({ owner, due, id }) => [owner === 'patient' ? 1 : 0, due ?? '~', id],
  );
  const asked = newest.filter(({ kind }) => kind === 'question' || kind === 'decision');
  const askedItem = (note: Note): PageItem =>
    noteItem(note, context, { again: againOn(note, facts), words: `${note.kind}: ${note.text}` });
  const kinds = Object.entries(headings).map(([kind, title]) => ({
    title,
    items: newest
      .filter((note) => note.kind === kind && !(kind === 'milestone' && isOver(note, today)))
      .map((note) => noteItem(note, context)),
  }));
  const sections: readonly PageSection[] = [
    { title: 'People', items: people.map((person) => personItem(person, context)) },
    { title: 'Open promises', items: open.map((promise) => promiseItem(promise, context)) },
    { title: 'Questions and decisions', items: asked.filter((note) => !isAnswered(note)).map(askedItem) },
    { title: 'Answered and decided', items: asked.filter(isAnswered).map(askedItem) },
    ...kinds,
    { title: 'What happened, newest first', items: happened({ ...facts, notes }, context) },
    ...(isPaper
      ? [
          ...facts.drafts.map(({ on, lines }) => ({
            title: `Typed on ${plainDate(on)}, not saved yet`,
            items: lines.map((text) => pageItem(text)),
          })),
          { title: 'Kept besides', items: alsoKept(facts).map((text) => pageItem(text)) },
        ]
      : []),
  ];
  return {
    ...pick(patient, 'name', 'ref'),
    lead: isPaper ? leadOf(facts) : [],
    facts: factsAbout(facts),
    sections: sections.filter(({ items }) => items.length > 0),
    /** Superseded and retired notes, which a screen counts. */
    gone: facts.notes.length - notes.length,
  };
}
