/**
 * The table of patients: a block begins with `## handle: title`; then records and what is expected, one line each.
 *
 *   name: Ana Ruiz | goes_by Ana | quiet         the patient; `on:` is the day of the briefing
 *   person: Tom, son, born 2017-03-05; June, wife, died 2026-02-02
 *   interest: Sails with Tom #Tom @2026-03-20 ^2026-01-10 +2026-02-01 !     date, recorded, confirmed, private
 *   me: Call the lab >2026-03-16 ^2026-03-01 = kept 2026-03-09 it is fine   also staff:, patient:
 *   visit: planned 2026-03-12 10:00 the knee                                also call:, message: in …
 *   + must be there    +! the same, and it would harm    - harms anywhere, JSON too    -? merely worse
 *   is: a whole line    like: a pattern    order: one < another    brief: --all begins another run
 */
import { readFileSync } from 'node:fs';

type Fields = Readonly<Record<string, unknown>>;

export interface Expectation {
  /** `harm` would hurt, mislead or leak; `lack` is merely worse. */
  readonly harm: boolean;
  readonly sort: 'has' | 'not' | 'order';
  readonly what: string;
}

export interface TablePatient {
  readonly handle: string;
  readonly title: string;
  readonly on: string;
  readonly document: Fields;
  /** Days on which the briefing was read before, and commands that were run. */
  readonly shown: readonly string[];
  readonly commands: readonly string[];
  readonly runs: readonly {
    readonly options: readonly string[];
    readonly expected: readonly Expectation[];
  }[];
}

const kinds =
  /^(story|interest|family|concern|question|matters|preference|explain|decision|milestone|loss|avoid|next|learned)$/;
const owners = /^(me|staff|patient)$/;
const channels = /^(visit|call|message|letter|home|other)$/;
const tag =
  /\s(?:([@^+#>])(\S+)|(!)|(yearly|pinned|show|retired|superseded)|(first|told|tried|every|id|replaces):(\S+))$/u;

/** The text before the marks at the end of a line, and the marks. */
function readMarks(line: string): { text: string; marks: readonly (readonly [string, string])[] } {
  const marks: [string, string][] = [];
  let text = line;
  for (let found = tag.exec(text); found; found = tag.exec(text)) {
    marks.unshift([found[1] ?? found[3] ?? found[4] ?? found[5] ?? '', found[2] ?? found[6] ?? '']);
    text = text.slice(0, found.index);
  }
  return { text, marks };
}

/** One patient's block of lines. */
function readPatient(block: string): TablePatient {
  const [head = '', ...lines] = block.split('\n');
  const [, handle = '', title = ''] = /^(\S+): (.*)$/.exec(head) ?? [];
  const people: Fields[] = [];
  const notes: Fields[] = [];
  const commitments: Fields[] = [];
  const contacts: Fields[] = [];
  const runs = [{ options: [] as string[], expected: [] as Expectation[] }];
  const shown: string[] = [];
  const commands: string[] = [];
  let patient: Fields = {};
  let on = '2026-03-12';
  const personOf = (name: string) => `${handle}-${name}`;
  const id = (list: readonly unknown[], letter: string) => `${handle}-${letter}${list.length}`;
  const expect = (one: Expectation) => runs.at(-1)?.expected.push(one);

  const readNote = (kind: string, rest: string) => {
    const [said = '', answered] = rest.split(' = ');
    const { text, marks } = readMarks(said);
    const note: Record<string, unknown> = { id: id(notes, 'n'), kind, text };
    for (const [mark, value] of marks) {
      if (mark === '@') note['date'] = value;
      if (mark === '^') note['recorded_on'] = value;
      if (mark === '+') note['confirmed_on'] = value;
      if (mark === '#') note['person'] = personOf(value);
      if (mark === '!') note['sensitive'] = true;
      if (mark === 'show') note['show_in_brief'] = true;
      if (mark === 'yearly' || mark === 'pinned') note[mark] = true;
      if (mark === 'retired' || mark === 'superseded') note['status'] = mark;
      if (mark === 'id') note['id'] = personOf(value);
      if (mark === 'replaces') note['replaces'] = personOf(value);
    }
    if (answered !== undefined) {
      const [, day, answer] = /^(\S+) ?(.*)$/.exec(answered) ?? [];
      Object.assign(note, { status: 'answered', answered_on: day, answer: answer || null });
    }
    notes.push(note);
  };
  const readPromise = (owner: string, rest: string) => {
    const [said = '', closed] = rest.split(' = ');
    const { text, marks } = readMarks(said);
    const kind = /^(call|send|ask|welcome)\b/i.exec(text)?.[1]?.toLowerCase() ?? 'other';
    const tried = marks.flatMap(([mark, value]) => (mark === 'tried' ? [{ on: value, note: null }] : []));
    const promise: Record<string, unknown> = { id: id(commitments, 'c'), text, owner, kind, attempts: tried };
    for (const [mark, value] of marks) {
      if (mark === '>') promise['due'] = value;
      if (mark === '^') promise['made_on'] = value;
      if (mark === '#') promise['for_person'] = personOf(value);
      if (mark === '!') promise['sensitive'] = true;
      if (mark === 'told') promise['told_on'] = value;
      if (mark === 'every') promise['every'] = value.replace('_', ' ');
      if (mark === 'first')
        promise['snoozes'] = [{ on: value, from: value, to: promise['due'], reason: null }];
    }
    if (closed !== undefined) {
      const [, status, day, words] = /^(kept|dropped) (\S+) ?(.*)$/.exec(closed) ?? [];
      const why = words || null;
      Object.assign(promise, {
        status,
        closed_on: day,
        ...(status === 'kept' ? { how: why } : { reason: why }),
      });
    }
    commitments.push(promise);
  };
  const readContact = (channel: string, rest: string) => {
    const { text, marks } = readMarks(rest);
    const found =
      /^(?:(planned|missed|cancelled|in|out) )?(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d))?(?: (.*))?$/.exec(text) ??
      [];
    const [, how, day, at = null, gist = null] = found;
    contacts.push({
      id: id(contacts, 'v'),
      on: day,
      at,
      channel,
      direction: how === 'in' || how === 'out' ? how : null,
      state: how === undefined || how === 'in' || how === 'out' ? 'held' : how,
      gist,
      sensitive: marks.some(([mark]) => mark === '!'),
    });
  };
  const readPeople = (rest: string) => {
    for (const one of rest.split('; ')) {
      const [name = '', relation = null, ...more] = one.split(', ');
      const isTwin = people.some((other) => other['name'] === name);
      const person: Record<string, unknown> = { id: personOf(isTwin ? `${name}2` : name), name, relation };
      for (const [key, value = ''] of more.map((word) => word.split(' '))) {
        if (key === 'born') person['birth_date'] = value;
        if (key === 'died') Object.assign(person, { status: 'died', died_on: value || null });
        if (key === 'apart') Object.assign(person, { status: 'apart', apart_since: value });
        if (key === 'patient') person['patient'] = value;
      }
      people.push(person);
    }
  };
  const readName = (rest: string) => {
    const [name, ...more] = rest.split(' | ');
    const fields = more.map((field): readonly [string, unknown] => {
      const [, key = '', value = ''] = /^(\S+) ?(.*)$/.exec(field) ?? [];
      if (key === 'new' || key === 'quiet') return [key, true];
      if (key === 'former') return ['former_names', value.split(' ')];
      return [key, key === 'unconfirmed' || key === 'declined' ? value.split(' ') : value];
    });
    patient = { id: handle, handle, name, ...Object.fromEntries(fields) };
  };

  for (const line of lines.filter((one) => one.trim() !== '')) {
    const [, sign] = /^(\+!|\+|-\?|-) /.exec(line) ?? [];
    if (sign !== undefined) {
      const harm = sign === '+!' || sign === '-';
      expect({ harm, sort: sign.startsWith('+') ? 'has' : 'not', what: line.slice(sign.length + 1) });
      continue;
    }
    const [, key = '', rest = ''] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (kinds.test(key)) readNote(key, rest);
    else if (owners.test(key)) readPromise(key, rest);
    else if (channels.test(key)) readContact(key, rest);
    else if (key === 'name') readName(rest);
    else if (key === 'person') readPeople(rest);
    else if (key === 'on') on = rest;
    else if (key === 'do') commands.push(rest);
    else if (key === 'shown') shown.push(rest);
    else if (key === 'brief') runs.push({ options: rest.split(' '), expected: [] });
    else if (key === 'order') expect({ harm: false, sort: 'order', what: rest });
    else throw new Error(`${handle}: cannot read '${line}'`);
  }
  const document = { ...patient, people, notes, commitments, contacts };
  return { handle, title, on, document, shown, commands, runs };
}

/** All patients of a file. */
export const readPatients = (path: string): readonly TablePatient[] =>
  readFileSync(path, 'utf8').split(/^## /mu).slice(1).map(readPatient);
