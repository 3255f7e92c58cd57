/** Notes as a list: one row a note, and what else is known of it in a quiet line below. */
import type { CivilDate } from '../dates/civil.ts';
import { partialDate, shortDate } from '../dates/wording.ts';
import type { Note, Patient, Person } from '../domain/records.ts';
import { alignColumns, type Row } from './columns.ts';
import type { TextStyle } from './tones.ts';

export interface NotesView {
  readonly notes: readonly Note[];
  readonly people: ReadonlyMap<string, Person>;
  /** Earlier texts by the note's id, newest first, with the day on which each was replaced. */
  readonly earlier: ReadonlyMap<string, readonly { readonly text: string; readonly until: CivilDate }[]>;
  readonly today: CivilDate;
  readonly columns: number;
  readonly style: TextStyle;
}

/** What JSON says of a patient beside a record of theirs. */
export const patientDocument = ({ id, ref, name, goes_by, handle }: Patient) => ({
  id,
  ref,
  name,
  goes_by,
  handle,
});

const dateOf = (date: CivilDate | null, today: CivilDate): string =>
  date === null ? '' : shortDate(date, today);

function detailsOf(note: Note, { people, today }: NotesView): string {
  const person = note.person === null ? undefined : people.get(note.person);
  const isAsUsual = note.status === 'current';
  const answered = note.answered_on === null ? 'answered' : `answered ${shortDate(note.answered_on, today)}`;
  return [
    note.date === null ? '' : partialDate(note.date, today) + (note.yearly ? ', every year' : ''),
    person === undefined ? '' : person.name + (person.relation === null ? '' : `, ${person.relation}`),
    note.said_on === null || note.said_on === note.recorded_on
      ? ''
      : `said ${shortDate(note.said_on, today)}`,
    note.confirmed_on === null ? '' : `confirmed ${shortDate(note.confirmed_on, today)}`,
    note.pinned ? 'pinned' : '',
    note.reach_out ? 'reach out' : '',
    note.sensitive ? (note.show_in_brief ? 'private, shown in brief' : 'private') : '',
    isAsUsual ? '' : note.status === 'answered' ? answered : note.status,
    note.answer === null ? '' : `"${note.answer}"`,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

function rowsOf(note: Note, view: NotesView): readonly Row[] {
  const { style, today } = view;
  const quiet = (text: string): Row => ['', '', '', { text, tone: style.quiet }];
  const details = detailsOf(note, view);
  const earlier = view.earlier.get(note.id) ?? [];
  return [
    [{ text: note.ref, tone: style.ref }, dateOf(note.recorded_on, today), note.kind, note.text],
    ...(details === '' ? [] : [quiet(details)]),
    ...earlier.map(({ text, until }) => quiet(`until ${shortDate(until, today)}: ${text}`)),
  ];
}

export const renderNotes = (view: NotesView): string =>
  alignColumns(
    view.notes.flatMap((note) => rowsOf(note, view)),
    {
      columns: [{ fit: 'keep' }, { fit: 'keep' }, { fit: 'keep' }, { fit: 'wrap' }],
      width: view.columns,
    },
  ).join('\n');
