/** `rapport notes` and `rapport timeline`: all that is known of a patient, and the years on one axis. */

import { type Ctx, command, next } from '../cli/command.ts';
import { day, flag, oneOf } from '../cli/kinds.ts';
import { unconfirmedNotes } from '../domain/note-threads.ts';
import { displayName } from '../domain/patient-names.ts';
import { type Note, type NoteStatus, noteKinds, noteStatuses } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { composeTimeline } from '../domain/timeline-events.ts';
import { shellQuoted } from '../errors.ts';
import { patientDocument, renderNotes } from '../terminal/record-lists.ts';
import { renderTimeline, speakTimeline, timelineDocument } from '../terminal/timeline-view.ts';
import { patient } from './lookup.ts';

const statusChoices = [...noteStatuses, 'all'] as const;
/** What is of use again: what was replaced or retired is shown when asked for. */
const usualStatuses: readonly NoteStatus[] = ['current', 'answered'];

const withoutPatient = ({ patient_id: _, ...note }: Note) => note;

function hiddenLines(counts: { readonly hidden: number; readonly other: number }, handle: string): string[] {
  const lines: string[] = [];
  if (counts.hidden > 0) lines.push(`+ ${counts.hidden} private: rapport notes ${handle} --sensitive`);
  if (counts.other > 0)
    lines.push(`+ ${counts.other} superseded or retired: rapport notes ${handle} --status all`);
  return lines;
}

const earlierTexts = (notes: readonly Note[], { store, clock }: Ctx) =>
  new Map(
    notes.map(({ id }) => [
      id,
      store.notes.earlier(id).map(({ at, text }) => ({ text, until: clock.local(at).date })),
    ]),
  );

export const notes = command({
  path: 'notes',
  summary: 'what is kept on a patient, newest first',
  arguments: { patient },
  options: {
    kind: oneOf(noteKinds, '<kind>', 'of one kind'),
    since: day('back', 'recorded on that day or later'),
    status: oneOf(statusChoices, '<status>', 'current and answered unless given'),
    sensitive: flag('show sensitive notes'),
    unconfirmed: flag('what nothing has confirmed for two years'),
    earlier: flag('with the earlier texts of edited notes'),
  },
  examples: [
    'rapport notes malu',
    'rapport notes malu --kind question --status all',
    'rapport notes walt --since 2025-01-01 --sensitive',
  ],
  run({ patient, kind, since, status, sensitive, unconfirmed, earlier: withEarlier }, ctx) {
    const { store, output } = ctx;
    const filter = { ...(kind !== undefined && { kinds: [kind] }), ...(since !== undefined && { since }) };
    const found = store.notes.of(patient.id, filter);
    const today = ctx.clock.today();
    // Which are unconfirmed shows only among all of them: any may have taken another's place.
    const old = unconfirmed && unconfirmedNotes(store.notes.of(patient.id), today);
    const all = old ? found.filter(({ id }) => old.some((note) => note.id === id)) : found;
    const statuses = status === 'all' ? noteStatuses : status === undefined ? usualStatuses : [status];
    const asked = all.filter((note) => statuses.includes(note.status));
    const notes = asked.filter((note) => sensitive || !note.sensitive);
    const hidden = asked.length - notes.length;
    const earlier = withEarlier ? earlierTexts(notes, ctx) : new Map();
    const people = new Map(store.people.of(patient.id).map((person) => [person.id, person]));
    const handle = shellQuoted(patient.handle);
    return {
      json: () => ({
        patient: patientDocument(patient),
        notes: notes.map((note) => ({
          ...withoutPatient(note),
          ...(withEarlier && { earlier: earlier.get(note.id) }),
        })),
        private: hidden,
      }),
      text: async () => {
        const { style } = output;
        const name = printable(displayName(patient));
        const other = status === undefined ? all.length - asked.length : 0;
        return [
          style.title(notes.length === 0 ? `No notes of ${name} to show` : name),
          ...(notes.length === 0 ? [] : [await renderNotes({ notes, people, earlier, today }, output)]),
          ...hiddenLines({ hidden, other }, handle).map((line) => style.quiet(line)),
        ].join('\n');
      },
      paged: true,
      looked: { patientId: patient.id },
      notices: asked.length === 0 ? [next(`rapport note ${handle}`)] : [],
    };
  },
});

export const timeline = command({
  path: 'timeline',
  summary: 'the years with a patient on one axis',
  arguments: { patient },
  options: { sensitive: flag('show sensitive notes') },
  examples: ['rapport timeline malu', 'rapport timeline walt --screen-reader'],
  run({ patient, sensitive }, { store, clock, output }) {
    const timeline = composeTimeline(
      {
        patient,
        people: store.people.of(patient.id),
        notes: store.notes.of(patient.id, { kinds: ['milestone', 'loss'] }),
        commitments: store.commitments.of(patient.id),
        contacts: store.contacts.of(patient.id),
      },
      { on: clock.today(), sensitive },
    );
    const handle = shellQuoted(patient.handle);
    return {
      json: () => timelineDocument(timeline),
      text: () =>
        output.screenReader ? speakTimeline(timeline, handle) : renderTimeline(timeline, handle, output),
      paged: true,
      looked: { patientId: patient.id },
    };
  },
});
