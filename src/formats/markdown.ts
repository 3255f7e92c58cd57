/** Writes all that is kept on a patient as a Markdown page (CommonMark) in plain words, for the patient to read. */
import { type CivilDate, count, everyWords, fullDate, plainDate } from '../dates/civil.ts';
import type { WholePatient } from '../domain/interchange.ts';
import { personName } from '../domain/patient-names.ts';
import {
  type AskableField,
  type Commitment,
  type Contact,
  channelNames,
  defaultTone,
  type Note,
  type NoteKind,
  noteKinds,
  type Owner,
  type Patient,
  type Person,
} from '../domain/records.ts';
import { compareText, present, printableLines } from '../domain/text.ts';

// Special to CommonMark, HTML, and GitHub's tables and formulas.
const marks = /[\\`*_[\]<>&~|$#]/g;
// Special at the start of a line.
const leading = /^(?:[+=-]|(\d+)(?=[.)]))/;

const escapeLine = (line: string): string =>
  line
    .trim()
    .replace(marks, '\\$&')
    .replace(leading, (mark, digits: string | undefined) =>
      digits === undefined ? `\\${mark}` : `${digits}\\`,
    );

const linesOf = (text: string): readonly string[] =>
  printableLines(text)
    .map(escapeLine)
    .filter((line) => line !== '');

const markdownText = (text: string, indent = ''): string => linesOf(text).join(`\\\n${indent}`);

const markdownLine = (text: string): string => linesOf(text).join(' ');

type Words = string | null | undefined | false;

function item(text: string, details: readonly Words[], below: readonly Words[] = []): string {
  const known = present(...details);
  const line = `- ${markdownText(text, '  ')}${known.length === 0 ? '' : ` (${known.join('; ')})`}`;
  return [line, ...present(...below).map((words) => `  - ${words}`)].join('\n');
}

const section = (title: string, items: readonly string[]): readonly string[] =>
  items.length === 0 ? [] : [`${title}\n\n${items.join('\n')}`];

export interface PatientPage extends WholePatient {
  readonly earlier: ReadonlyMap<string, readonly { readonly text: string; readonly until: CivilDate }[]>;
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

const headings: Readonly<Record<NoteKind, string>> = {
  story: 'Story',
  interest: 'Interests',
  family: 'Family',
  concern: 'Concerns',
  question: 'Questions',
  matters: 'What matters',
  preference: 'Preferences',
  explain: 'What helps to explain',
  decision: 'Decisions',
  milestone: 'Days to remember',
  loss: 'Losses',
  avoid: 'To take care about',
  next: 'To ask next time',
  learned: 'What they taught',
};

const by: Readonly<Record<Owner, string>> = {
  me: 'by the clinician',
  patient: 'by the patient',
  staff: 'by staff',
};

const fieldNames: Readonly<Record<AskableField, string>> = {
  goes_by: 'the name to use',
  say: 'how to say it',
  pronouns: 'pronouns',
  language: 'language',
  birth_date: 'date of birth',
};

const dated = (words: string, date: CivilDate | Patient['birth_date']): string | null =>
  date === null ? null : `${words} ${plainDate(date)}`;
const inside = (text: string): string => markdownText(text, '    ');
const quoted = (words: string, text: string | null): string =>
  text === null ? words : `${words}: ${inside(text)}`;

const died = (date: Patient['died_on']): string => dated('died', date) ?? 'died';

function aboutPatient(patient: Patient): readonly string[] {
  const { goes_by, say, identifiers, cadence_days, unconfirmed, declined } = patient;
  const line = (name: string, value: string | null): string | null =>
    value === null || value === '' ? null : `- ${name}: ${inside(value)}`;
  const fields = (list: readonly AskableField[]): string => list.map((field) => fieldNames[field]).join(', ');
  return present(
    line('Goes by', goes_by),
    line('How to say it', say),
    line('Pronouns', patient.pronouns),
    line('Language', patient.language),
    line('Born', patient.birth_date && plainDate(patient.birth_date)),
    ...patient.aliases.map((alias) => line('Also known as', alias)),
    line('First met', patient.first_met && plainDate(patient.first_met)),
    ...identifiers.map(({ system, value }) => line('Number', `${value} (${system})`)),
    line('From a file, not yet confirmed', fields(unconfirmed)),
    line('Rather not said', fields(declined)),
    line('To be in touch', cadence_days === null ? null : `every ${cadence_days} days`),
    patient.new && '- New here',
    patient.status === 'archived' && '- No longer seen here',
    patient.status === 'died' &&
      `- ${patient.died_on === null ? 'Died' : `Died: ${plainDate(patient.died_on)}`}`,
    patient.hold && '- On hold: nothing of this may be erased',
    line('Short name in the program', patient.handle),
  );
}

const aboutPerson = (person: Person): string => {
  const { name, relation, birth_date, status, died_on, apart_since } = person;
  return item(personName(person), [
    name !== null && relation !== null && inside(relation),
    dated('born', birth_date),
    status === 'apart' && (apart_since === null ? 'apart' : `apart since ${plainDate(apart_since)}`),
    status === 'died' && died(died_on),
  ]);
};

type Naming = (id: string | null) => string | undefined;

function aboutNote(note: Note, page: PatientPage, isMixed: boolean, nameById: Naming): string {
  const person = nameById(note.person);
  const { status, answer, tone } = note;
  const answered = dated('answered', note.answered_on);
  const isAnswered = status === 'answered' || answered !== null || answer !== null;
  const details = [
    dated('noted', note.recorded_on) ?? 'noted, no date',
    note.said_on !== note.recorded_on && dated('said', note.said_on),
    dated('confirmed', note.confirmed_on),
    person !== undefined && `about ${person}`,
    note.date !== null && `for ${plainDate(note.date)}${note.yearly ? ', every year' : ''}`,
    note.date === null && note.yearly && 'every year',
    tone !== defaultTone(note.kind) && `marked as ${tone}`,
    note.pinned && 'pinned',
    note.reach_out && 'to be in touch about',
    note.sensitive && (note.show_in_brief ? 'private, yet shown before a visit' : 'private'),
    !note.sensitive && note.show_in_brief && 'shown before a visit',
    note.unread !== null && `no date read: ${inside(note.unread)}`,
    note.replaces !== null && 'in place of an earlier note',
    status === 'superseded' && 'replaced by a newer note',
    status === 'retired' && 'no longer used',
    isMixed && note.source === 'imported' && 'from a file',
  ];
  const earlier = page.earlier.get(note.id) ?? [];
  return item(note.text, details, [
    isAnswered && quoted(answered ?? 'answered', answer),
    ...earlier.map(({ text, until }) => `until ${plainDate(until)} it read: ${inside(text)}`),
  ]);
}

function aboutCommitment(commitment: Commitment, nameById: Naming): string {
  const { kind, status, how, reason, who, closed_on } = commitment;
  const person = nameById(commitment.for_person);
  const details = [
    `${dated('promised', commitment.made_on) ?? 'promised'} ${by[commitment.owner]}`,
    kind !== 'other' && `kind: ${kind}`,
    person !== undefined && `for ${person}`,
    dated('due', commitment.due) ?? (commitment.undated ? 'needs no date' : 'no date'),
    commitment.unread !== null && `no date read: ${inside(commitment.unread)}`,
    commitment.every !== null && everyWords(commitment.every),
    commitment.sensitive && 'private',
    dated('told', commitment.told_on),
  ];
  const isClosed = status !== 'open' || [how, reason, who, closed_on].some((value) => value !== null);
  const closing = status === 'dropped' ? 'dropped' : status === 'kept' ? 'kept' : 'was closed';
  const closed = `${dated(closing, closed_on) ?? closing}${who === null ? '' : ` ${by[who]}`}`;
  return item(commitment.text, details, [
    ...commitment.snoozes.map(({ on, from, to, reason: why }) =>
      quoted(
        `put off on ${plainDate(on)}${from === null ? '' : ` from ${plainDate(from)}`} to ${plainDate(to)}`,
        why,
      ),
    ),
    ...commitment.attempts.map(({ on, note }) => quoted(`tried on ${plainDate(on)}`, note)),
    isClosed && quoted(closed, how ?? reason),
    how !== null && reason !== null && `reason: ${inside(reason)}`,
  ]);
}

function aboutContact(contact: Contact, isMixed: boolean): string {
  const { on, at, time_zone, channel, direction, state, gist, uid, sequence } = contact;
  const when = [plainDate(on), at, time_zone].filter((part) => part !== null).join(' ');
  return item(
    `${when}: ${channelNames[channel]}`,
    [
      direction !== null && (direction === 'in' ? 'from the patient' : 'to the patient'),
      state !== 'held' && state,
      contact.sensitive && 'private',
      isMixed && contact.source === 'imported' && 'from a file',
      uid !== null && `known there as ${inside(uid)}`,
      sequence !== null && `version ${sequence}`,
    ],
    [gist !== null && inside(gist)],
  );
}

const byDay = (left: Contact, right: Contact): number =>
  compareText(`${left.on} ${left.at ?? ''}`, `${right.on} ${right.at ?? ''}`);

const lookedAt = ({ count, first, last }: NonNullable<PatientPage['logged']>): string =>
  count === 1
    ? `once, on ${plainDate(first)}`
    : `${count} times from ${plainDate(first)} to ${plainDate(last)}`;

function alsoKept({ logged, lastBackup }: PatientPage): readonly string[] {
  return present(
    logged !== undefined && `- When these records were looked at or changed: ${lookedAt(logged)}`,
    '- Which notes were shown before which visit, and how records read before they were changed',
    lastBackup !== undefined && `- Encrypted backups of all this, the last of ${plainDate(lastBackup)}`,
  );
}

const isImported = ({ source }: Note | Contact): boolean => source === 'imported';
/** If all records are imported, the section says so once. */
const originOf = (
  records: readonly (Note | Contact)[],
): { readonly isMixed: boolean; readonly line: string } => {
  const isAll = records.length > 0 && records.every(isImported);
  return { isMixed: !isAll, line: isAll ? '\n\nAll of it came from a file.' : '' };
};

function pageOf(page: PatientPage, today: CivilDate): string {
  const { patient, people, notes, commitments, contacts, drafts, leftOut, heldBack } = page;
  const name = markdownLine(patient.name);
  const named = new Map(people.map((person) => [person.id, markdownLine(personName(person))]));
  const nameById: Naming = (id) => (id === null ? undefined : (named.get(id) ?? 'someone'));
  const promised = (title: string, status: Commitment['status']): readonly string[] =>
    section(
      `## ${title}`,
      commitments.filter((one) => one.status === status).map((one) => aboutCommitment(one, nameById)),
    );
  const [noted, met] = [originOf(notes), originOf(contacts)];
  const kinds = noteKinds.flatMap((kind) =>
    section(
      `### ${headings[kind]}`,
      notes
        .filter((note) => note.kind === kind)
        .map((note) => aboutNote(note, page, noted.isMixed, nameById)),
    ),
  );
  const missing = present(
    leftOut !== null && leftOut > 0 && count(leftOut, 'private record'),
    heldBack > 0 && `${count(heldBack, 'text')} from before a loss`,
  );
  return [
    `# ${name}`,
    `${missing.length === 0 && leftOut !== null ? 'All that' : 'What'} is kept on ${name} in rapport, a clinician's own memory aid, on ${fullDate(today)}. It is not the medical record.`,
    ...present(missing.length > 0 && `Not on this page, and kept as well: ${missing.join(' and ')}.`),
    ...section('## Who', aboutPatient(patient)),
    ...section('## People', people.map(aboutPerson)),
    ...(kinds.length === 0 ? [] : [`## What was said and noted${noted.line}`, ...kinds]),
    ...promised('Promised, open', 'open'),
    ...promised('Promised and kept', 'kept'),
    ...promised('Promised and dropped', 'dropped'),
    ...section(
      `## Visits, calls and messages${met.line}`,
      contacts.toSorted(byDay).map((contact) => aboutContact(contact, met.isMixed)),
    ),
    ...drafts.flatMap(({ on, lines }) =>
      section(
        `## Typed on ${plainDate(on)}, not saved yet`,
        lines.map((line) => item(line, [])),
      ),
    ),
    ...section('## Kept besides', alsoKept(page)),
  ].join('\n\n');
}

/** Yields a page for each patient, with a rule between them, without the last line end. */
export function* writeMarkdown(pages: Iterable<PatientPage>, today: CivilDate): Iterable<string> {
  let isFirst = true;
  for (const page of pages) {
    yield isFirst ? pageOf(page, today) : `\n---\n\n${pageOf(page, today)}`;
    isFirst = false;
  }
}
