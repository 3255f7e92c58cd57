/** `rapport notes` and `rapport timeline`: all that is known of a patient, and the years on one axis. */

import type { Context, Store } from '../context.ts';
import type { CivilDate } from '../dates/civil.ts';
import { unconfirmedNotes } from '../domain/note-threads.ts';
import { displayName } from '../domain/patient-names.ts';
import { type Note, type NoteKind, type NoteStatus, noteKinds, noteStatuses } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { composeTimeline } from '../domain/timeline-events.ts';
import { type ExitName, shellQuoted } from '../errors.ts';
import { patientDocument, renderNotes } from '../terminal/record-lists.ts';
import { renderTimeline, speakTimeline, timelineDocument } from '../terminal/timeline-view.ts';
import { recordWhile } from './access-log.ts';
import { defineCommand } from './command.ts';
import { findPatient, suggestNext } from './lookup.ts';
import { dayOption } from './options.ts';

const statusChoices = [...noteStatuses, 'all'] as const;
/** What is of use again: what was replaced or retired is shown when asked for. */
const usualStatuses: readonly NoteStatus[] = ['current', 'answered'];

interface NotesRequest {
  readonly words: readonly string[];
  readonly kind: NoteKind | undefined;
  readonly since: CivilDate | undefined;
  readonly status: (typeof statusChoices)[number] | undefined;
  readonly sensitive: boolean;
  readonly earlier: boolean;
  readonly unconfirmed: boolean;
}

const withoutPatient = ({ patient_id: _, ...note }: Note) => note;

function hiddenLines(counts: { readonly hidden: number; readonly other: number }, handle: string): string[] {
  const lines: string[] = [];
  if (counts.hidden > 0) lines.push(`+ ${counts.hidden} private: rapport notes ${handle} --sensitive`);
  if (counts.other > 0)
    lines.push(`+ ${counts.other} superseded or retired: rapport notes ${handle} --status all`);
  return lines;
}

function earlierTexts(store: Store, notes: readonly Note[], ctx: Context) {
  return new Map(
    notes.map((note) => [
      note.id,
      store.notes.earlier(note.id).map(({ at, text }) => ({ text, until: ctx.clock.local(at).date })),
    ]),
  );
}

async function runNotes(request: NotesRequest, ctx: Context): Promise<ExitName> {
  const { output, globals } = ctx;
  const patient = await findPatient(request.words, ctx);
  const store = await ctx.openStore();
  const filter = {
    ...(request.kind !== undefined && { kinds: [request.kind] }),
    ...(request.since !== undefined && { since: request.since }),
  };
  const found = store.notes.of(patient.id, filter);
  // Which are unconfirmed shows only among all of them: any may have taken another's place.
  const old = request.unconfirmed && unconfirmedNotes(store.notes.of(patient.id), ctx.clock.today());
  const all = old ? found.filter(({ id }) => old.some((note) => note.id === id)) : found;
  const { status } = request;
  const statuses = status === 'all' ? noteStatuses : status === undefined ? usualStatuses : [status];
  const asked = all.filter((note) => statuses.includes(note.status));
  const notes = asked.filter((note) => request.sensitive || !note.sensitive);
  const hidden = asked.length - notes.length;
  const earlier = request.earlier ? earlierTexts(store, notes, ctx) : new Map();
  let showing: Promise<void> | undefined;
  if (globals.json)
    output.json({
      schema: 'rapport.notes/1',
      patient: patientDocument(patient),
      notes: notes.map((note) => ({
        ...withoutPatient(note),
        ...(request.earlier && { earlier: earlier.get(note.id) }),
      })),
      private: hidden,
    });
  else {
    const { columns, style } = output;
    const people = new Map(store.people.of(patient.id).map((person) => [person.id, person]));
    const today = ctx.clock.today();
    const name = printable(displayName(patient));
    const title = style.title(notes.length === 0 ? `No notes of ${name} to show` : name);
    const lines = hiddenLines(
      { hidden, other: status === undefined ? all.length - asked.length : 0 },
      shellQuoted(patient.handle),
    );
    showing = output.page(
      [
        title,
        ...(notes.length === 0 ? [] : [renderNotes({ notes, people, earlier, today, columns, style })]),
        ...lines.map((line) => style.quiet(line)),
      ].join('\n'),
    );
  }
  if (asked.length === 0) suggestNext(`rapport note ${shellQuoted(patient.handle)}`, ctx);
  await recordWhile(showing, () => store.log.opened('notes', patient.id), ctx);
  return 'ok';
}

export const notes = defineCommand<NotesRequest>({
  path: 'notes',
  summary: 'what is kept on a patient, newest first',
  group: 'Records',
  arguments: [{ name: 'patient', help: 'name, handle or ref', optional: true, variadic: true }],
  options: [
    { flags: '--kind <kind>', help: 'of one kind', choices: noteKinds },
    { flags: '--since <date>', help: 'recorded on that day or later' },
    { flags: '--status <status>', help: 'current and answered unless given', choices: statusChoices },
    { flags: '--sensitive', help: 'show sensitive notes' },
    { flags: '--unconfirmed', help: 'what nothing has confirmed for two years' },
    { flags: '--earlier', help: 'with the earlier texts of edited notes' },
  ],
  examples: [
    'rapport notes malu',
    'rapport notes malu --kind question --status all',
    'rapport notes walt --since 2025-01-01 --sensitive',
  ],
  parse: (raw) => ({
    words: raw.words('patient'),
    kind: raw.oneOf('kind', noteKinds),
    since: dayOption(raw, 'since', 'back'),
    status: raw.oneOf('status', statusChoices),
    sensitive: raw.flag('sensitive'),
    earlier: raw.flag('earlier'),
    unconfirmed: raw.flag('unconfirmed'),
  }),
  run: runNotes,
});

interface TimelineRequest {
  readonly words: readonly string[];
  readonly sensitive: boolean;
}

async function runTimeline(request: TimelineRequest, ctx: Context): Promise<ExitName> {
  const { output, globals, clock } = ctx;
  const patient = await findPatient(request.words, ctx);
  const store = await ctx.openStore();
  const timeline = composeTimeline(
    {
      patient,
      people: store.people.of(patient.id),
      notes: store.notes.of(patient.id, { kinds: ['milestone', 'loss'] }),
      commitments: store.commitments.of(patient.id),
      contacts: store.contacts.of(patient.id),
    },
    { on: clock.today(), sensitive: request.sensitive },
  );
  const handle = shellQuoted(patient.handle);
  let showing: Promise<void> | undefined;
  if (globals.json) output.json(timelineDocument(timeline));
  else
    showing = output.page(
      output.screenReader
        ? speakTimeline(timeline, handle)
        : renderTimeline(timeline, { columns: output.columns, style: output.style, handle }),
    );
  await recordWhile(showing, () => store.log.opened('timeline', patient.id), ctx);
  return 'ok';
}

export const timeline = defineCommand<TimelineRequest>({
  path: 'timeline',
  summary: 'the years with a patient on one axis',
  group: 'Records',
  arguments: [{ name: 'patient', help: 'name, handle or ref', optional: true, variadic: true }],
  options: [{ flags: '--sensitive', help: 'show sensitive notes' }],
  examples: ['rapport timeline malu', 'rapport timeline walt --screen-reader'],
  parse: (raw) => ({
    words: raw.words('patient'),
    sensitive: raw.flag('sensitive'),
  }),
  run: runTimeline,
});
