/** What each format of an export is made of: the records it takes from the store, and the chunks it writes them in. */
import type { Patient } from '../domain/records.ts';
import { writeCsv } from '../formats/csv-writer.ts';
import { writeFhir } from '../formats/fhir/fhir-writer.ts';
import { isWanted, writeIcs } from '../formats/ics/ics-writer.ts';
import { type PatientPage, writeMarkdown } from '../formats/markdown.ts';
import { writeRapport } from '../formats/rapport-writer.ts';
import type { Store, World } from '../world.ts';
import { wholePatient } from './importing.ts';

export const exportFormats = ['rapport', 'markdown', 'csv', 'ics', 'fhir'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportChoices {
  readonly format: ExportFormat;
  readonly sensitive: boolean;
  /** Of ics: all-day events in place of to-dos, and texts in full. */
  readonly events: boolean;
  readonly full: boolean;
}

export interface Exporting extends ExportChoices {
  readonly patients: readonly Patient[];
  /** All patients, and so what belongs to none of them as well. */
  readonly isWhole: boolean;
  readonly toFile: boolean;
}

/** Counts what a format passes over, while its chunks are written. */
export interface LeftOut {
  /** Sensitive notes, of a format that takes other notes. */
  sensitive: number;
  /** Notes, of a format that takes none. */
  notes: number;
  /** Open promises without a date, of a calendar's events. */
  undated: number;
}

/** Counts what is in a calendar, which has not every patient. */
export interface Written {
  patients: number;
  promises: number;
}

type ExportNeeds = Pick<World, 'clock' | 'startProgress'>;

/** Something of each patient, gathered one at a time. */
function* each<T>(
  { patients, toFile }: Exporting,
  { startProgress }: Pick<World, 'startProgress'>,
  gather: (patient: Patient) => T,
): Iterable<T> {
  // Who reads a pipe may write to the same terminal, where a bar would stand in its lines.
  const progress = toFile ? startProgress('exporting') : undefined;
  try {
    for (const [done, patient] of patients.entries()) {
      progress?.advance(done, patients.length);
      yield gather(patient);
    }
  } finally {
    progress?.end();
  }
}

function loggedOf(store: Store, patient: Patient, { clock }: ExportNeeds): PatientPage['logged'] {
  const rows = store.log.rows({ patientId: patient.id, limit: Number.MAX_SAFE_INTEGER });
  const [last] = rows;
  const first = rows.at(-1);
  return last && first
    ? { count: rows.length, first: clock.local(first.at).date, last: clock.local(last.at).date }
    : undefined;
}

/** @returns the chunks of the export in order, each without its last line end, and that line end */
export async function exportChunks(
  exporting: Exporting,
  store: Store,
  leftOut: LeftOut,
  written: Written,
  needs: ExportNeeds,
): Promise<{ readonly chunks: Iterable<string>; readonly lineEnd: string }> {
  const { format, isWhole } = exporting;
  const { clock } = needs;
  const exportedAt = clock.instant();
  const whole = (patient: Patient) => wholePatient(store, patient);
  const shown = (patient: Patient) => {
    const all = whole(patient);
    const notes = all.notes.filter((note) => exporting.sensitive || !note.sensitive);
    leftOut.sensitive += all.notes.length - notes.length;
    return { ...all, notes, leftOut: all.notes.length - notes.length };
  };
  if (format === 'rapport') {
    const calendar = isWhole ? store.calendar.read() : undefined;
    return {
      chunks: writeRapport({ exportedAt, patients: each(exporting, needs, whole), calendar }),
      lineEnd: '\n',
    };
  }
  if (format === 'markdown') {
    const backup = store.backups.last();
    const page = (patient: Patient): PatientPage => {
      const known = shown(patient);
      return {
        ...known,
        earlier: new Map(
          known.notes.map(({ id }) => [
            id,
            store.notes.earlier(id).map(({ at, text }) => ({ text, until: clock.local(at).date })),
          ]),
        ),
        drafts: store.drafts
          .of(patient.id)
          .map(({ on, lines }) => ({ on, lines: lines.map(({ text }) => text) })),
        logged: loggedOf(store, patient, needs),
        lastBackup: backup === undefined ? undefined : clock.local(backup).date,
      };
    };
    return { chunks: writeMarkdown(each(exporting, needs, page), clock.today()), lineEnd: '\n' };
  }
  if (format === 'csv')
    return { chunks: writeCsv(each(exporting, needs, shown), exporting.toFile), lineEnd: '\r\n' };
  if (format === 'fhir') {
    const withoutNotes = (patient: Patient) => {
      const all = whole(patient);
      leftOut.notes += all.notes.length;
      return all;
    };
    const fhir = { patients: each(exporting, needs, withoutNotes), exportedAt, zone: clock.zone };
    return { chunks: writeFhir(fhir), lineEnd: '\n' };
  }
  const options = { ...exporting, today: clock.today(), exportedAt };
  const promised = (patient: Patient) => {
    const commitments = store.commitments.of(patient.id);
    const isUndated = ({ due, status }: (typeof commitments)[number]) => due === null && status === 'open';
    if (exporting.events) leftOut.undated += commitments.filter(isUndated).length;
    const promises = commitments.filter((commitment) => isWanted(commitment, options)).length;
    written.promises += promises;
    written.patients += promises > 0 ? 1 : 0;
    return { patient, commitments };
  };
  return { chunks: await writeIcs(each(exporting, needs, promised), options), lineEnd: '\r\n' };
}
