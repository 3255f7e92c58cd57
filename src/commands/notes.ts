/** `rapport notes`, `timeline` and `search`: all that is known of a patient, the years on one axis, and words in notes. */
import { command, type Kind, next, opened } from '../cli/command.ts';
import { askedText, day, flag, oneOf, page, text, textOf } from '../cli/kinds.ts';
import { worldOf } from '../domain/losses.ts';
import { newestOfThreads, unconfirmedNotes } from '../domain/note-rules.ts';
import { patientDocument } from '../domain/patient-names.ts';
import { type NoteStatus, noteKinds, noteStatuses } from '../domain/records.ts';
import { foldedWords, present, shellQuoted, wrapToWidth } from '../domain/text.ts';
import { composeTimeline } from '../domain/timeline-events.ts';
import { usage } from '../errors.ts';
import type { SearchResult } from '../store/look-ups.ts';
import { listLines } from '../terminal/list-view.ts';
import { noteColumns, resultColumns } from '../terminal/record-lists.ts';
import { renderTimeline, speakTimeline, timelineDocument } from '../terminal/timeline-view.ts';
import { nameOf, onePatient, patient, patientsOf, turningFacts } from './lookup.ts';
import { earlierTexts } from './refs.ts';
import { screenFor, screens } from './sight.ts';

const statusChoices = [...noteStatuses, 'all'] as const;
const usualStatuses: readonly NoteStatus[] = ['current', 'answered'];

export const notes = command({
  arguments: { patient },
  options: {
    kind: oneOf(noteKinds, '<kind>', 'of one kind'),
    since: day('back', 'recorded on that day or later'),
    status: oneOf(statusChoices, '<status>', 'current and answered unless given'),
    sensitive: flag('show private notes'),
    unconfirmed: flag('what nothing has confirmed for two years'),
    earlier: flag('with the earlier texts of edited notes'),
  },
  examples: ['malu', 'malu --kind question --status all', 'walt --since 2025-01-01 --sensitive'],
  run({ patient, kind, since, status, sensitive, unconfirmed, earlier: withEarlier }, ctx) {
    const { store, output } = ctx;
    const found = store.notes.of(patient.id, { kinds: kind && [kind], since });
    const today = ctx.clock.today();
    // Which are unconfirmed shows only among all of them: any may have taken another's place.
    const old = unconfirmed && unconfirmedNotes(store.notes.of(patient.id), today);
    const all = old ? found.filter(({ id }) => old.some((note) => note.id === id)) : found;
    const statuses = status === 'all' ? noteStatuses : status === undefined ? usualStatuses : [status];
    const asked = all.filter((note) => statuses.includes(note.status));
    const screen = screenFor(patient, ctx, sensitive);
    const shown = screen.records({ people: store.people.of(patient.id), notes: asked });
    const { notes, hidden } = shown;
    const world = worldOf(turningFacts(store, patient), today, sensitive);
    const earlier = withEarlier ? earlierTexts(notes, screen, ctx) : new Map();
    const people = new Map(shown.people.map((person) => [person.id, person]));
    const handle = shellQuoted(patient.handle);
    return {
      json: () => ({
        patient: patientDocument(patient),
        notes: notes.map(({ patient_id: _, ...note }) => ({
          ...note,
          ...(withEarlier && { earlier: earlier.get(note.id) }),
        })),
        private: hidden.notes,
      }),
      text: async () => {
        const name = nameOf(patient);
        const others = status === undefined ? all.filter((note) => !asked.includes(note)) : [];
        const other = others.filter(screen.isThere).length;
        const below = present(
          hidden.notes > 0 && `+ ${hidden.notes} private: rapport notes ${handle} --sensitive`,
          other > 0 && `+ ${other} superseded or retired: rapport notes ${handle} --status all`,
        );
        return [
          output.style.title(notes.length === 0 ? `No notes of ${name} to show` : name),
          ...(await listLines(
            notes,
            noteColumns({ people, earlier, today, markOf: world.markOfHeld }),
            output,
          )),
          ...below.map(output.style.quiet),
        ].join('\n');
      },
      paged: true,
      looked: { patientId: patient.id },
      notices: present(notes.length + hidden.notes === 0 && next(`rapport note ${handle}`)),
    };
  },
});

export const timeline = command({
  arguments: { patient },
  options: { list: flag('the list alone, without the axis'), sensitive: flag('show private notes') },
  examples: ['malu', 'malu --list', 'walt --screen-reader'],
  run({ patient, list, sensitive }, ctx) {
    const { store, clock, output } = ctx;
    const today = clock.today();
    const screen = screenFor(patient, ctx, sensitive);
    const notes = store.notes.of(patient.id, { kinds: ['milestone', 'loss', 'avoid'] }).map(screen.renamed);
    const all = {
      patient,
      people: store.people.of(patient.id),
      notes,
      commitments: store.commitments.of(patient.id),
      contacts: store.contacts.of(patient.id),
    };
    const drawn = newestOfThreads(notes).filter(({ kind }) => kind !== 'avoid');
    const { hidden } = screen.records({ ...all, notes: drawn });
    const world = worldOf(all, today, sensitive);
    const composed = composeTimeline(screen.records(all), world, today);
    const timeline = {
      ...composed,
      private: hidden.notes + hidden.commitments + hidden.gists + (screen.isSilent ? 0 : composed.private),
    };
    const handle = shellQuoted(patient.handle);
    return {
      json: () => timelineDocument(timeline),
      text: () =>
        output.screenReader
          ? speakTimeline(timeline, handle)
          : renderTimeline(timeline, handle, output, list),
      paged: true,
      looked: { patientId: patient.id },
    };
  },
});

const pageLength = 20;
const mostTerms = 30;

const notSearched = 'private notes are not searched: add --sensitive';

function remarks(page: number, { total, hits, isMore }: SearchResult): readonly string[] {
  const first = (page - 1) * pageLength + 1;
  const last = first + hits.length - 1;
  const all = isMore ? `more than ${total}` : total;
  const next = last < total || isMore ? `: add --page ${page + 1}` : '';
  return present(
    hits.length === 0 && total === 0 && 'Nothing found',
    hits.length === 0 &&
      total > 0 &&
      `There are only ${total}: the last page is --page ${Math.ceil(total / pageLength)}`,
    hits.length > 0 && total > hits.length && `${first} to ${last} of ${all}${next}`,
  );
}

function termsOf(text: string | null): readonly string[] {
  const terms = text?.split(/\s+/u) ?? [];
  if (terms.every((term) => foldedWords(term).length === 0))
    throw usage('there is no word to search for', 'rapport search choir', 'rapport search - reads them');
  if (terms.length > mostTerms)
    throw usage(`${terms.length} words to search for; the limit is ${mostTerms}`, 'rapport search choir');
  return terms;
}

/** Others can read the command line, so that they can be asked for, or come by standard input. */
const terms: Kind<readonly string[]> = {
  help: 'words or their beginnings, all of which must be there; - reads standard input; asked for if left out',
  optional: true,
  variadic: true,
  read(raw, shut, has) {
    const typed = textOf(raw);
    if (typed !== undefined && typed !== '-') {
      const known = termsOf(typed);
      return () => known;
    }
    const given = text('what to search for', '').read(typed, shut, has);
    return async (ctx) => termsOf(await askedText(await given(ctx), 'Search for?', opened(ctx)));
  },
};

export const search = command({
  arguments: { words: terms },
  options: {
    patient: onePatient('of one patient'),
    kind: oneOf(noteKinds, '<kind>', 'notes of one kind'),
    since: day('back', 'recorded on that day or later'),
    sensitive: flag('find private notes, too'),
    page: page(pageLength),
  },
  examples: ['', 'choir', 'fly knee --patient malu', 'dog --kind family --page 2'],
  async run(given, ctx) {
    const { words, patient, kind, sensitive, page } = given;
    const { store, clock, output } = ctx;
    const result = await store.search({
      ...given,
      limit: pageLength,
      offset: (page - 1) * pageLength,
      patientId: patient?.id,
      kinds: kind && [kind],
    });
    const { total, isMore } = result;
    const patients = patientsOf(result.hits, store);
    const screen = screens(ctx, sensitive);
    const hits = result.hits.map((hit) => {
      const whose = patients.get(hit.patient_id);
      const text = whose === undefined ? (said: string) => said : screen(whose).text;
      return { ...hit, text: text(hit.text), outcome: hit.outcome === null ? null : text(hit.outcome) };
    });
    return {
      json: () => ({
        hits: hits.map(({ patient_id, ...hit }) => {
          const whose = patients.get(patient_id);
          return { ...hit, patient: whose ? patientDocument(whose) : null };
        }),
        total,
        private: 0,
        more: isMore,
        page,
      }),
      text: async () => {
        const columns = resultColumns(words, patients, clock.today());
        const list = await listLines(hits, columns, output);
        const below = [
          ...remarks(page, result),
          ...(sensitive ? [] : wrapToWidth(notSearched, output.columns)),
        ];
        return [...list, ...below.map(output.style.quiet)].join('\n');
      },
      paged: true,
      looked: patient === undefined ? { count: hits.length } : { patientId: patient.id },
      notices: present(total === 0 && next('fewer words, or only their beginnings')),
    };
  },
});
