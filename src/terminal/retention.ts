/** Patients whose records are old, as a table and as spoken lines. No note's text. */
import { type CivilDate, readCivilDate } from '../dates/civil.ts';
import { distance, fullDate, partialDate, shortDate } from '../dates/wording.ts';
import type { KeptLong, Retention } from '../domain/contact-plan.ts';
import { displayName } from '../domain/patient-names.ts';
import { printable, wrapToWidth } from '../domain/text.ts';
import { shellQuoted } from '../errors.ts';
import { type Column, listLines, type Screen } from './list-view.ts';
import { patientDocument } from './record-lists.ts';

export const retentionTitle = ({ until }: Retention): string => `No contact since ${fullDate(until)}`;

const how =
  'Read over, then rapport patient archive NAME or rapport patient forget NAME. Nothing goes by itself.';

const name = ({ patient }: KeptLong): string =>
  `${printable(displayName(patient))}${patient.status === 'active' ? '' : `, ${patient.status}`}`;

function last({ since }: KeptLong, on: CivilDate): string {
  const day = readCivilDate(since);
  return day === undefined
    ? `first met ${partialDate(since, on)}`
    : `last contact ${shortDate(day, on)}, ${distance(day, on)}`;
}

const reading = ({ patient }: KeptLong): string => `rapport notes ${shellQuoted(patient.handle)}`;

const heldLines = ({ onHold }: Retention): readonly string[] => (onHold === 0 ? [] : [`+ ${onHold} on hold`]);

const keptColumns = (on: CivilDate): readonly Column<KeptLong>[] => [
  { fit: 'cut', cell: name },
  { fit: 'wrap', cell: (one) => last(one, on) },
  { fit: 'wrap', cell: reading, tone: 'quiet' },
];

export async function retentionLines(
  retention: Retention,
  shown: readonly KeptLong[],
  on: CivilDate,
  screen: Screen,
): Promise<readonly string[]> {
  if (retention.patients.length + retention.onHold === 0) return [' None'];
  const advice = shown.length > 0 ? wrapToWidth(how, screen.columns) : [];
  return [
    ...(await listLines(shown, keptColumns(on), screen, { indent: 1 })),
    ...[...heldLines(retention), ...advice].map(screen.style.quiet),
  ];
}

export const spokenRetention = (
  retention: Retention,
  shown: readonly KeptLong[],
  on: CivilDate,
): readonly string[] => [
  `${retentionTitle(retention)}: ${retention.patients.length}`,
  ...shown.map((one) => `${name(one)}, ${last(one, on)}: ${reading(one)}`),
  ...heldLines(retention),
  ...(shown.length > 0 ? [how] : []),
];

export const retentionDocument = ({ until, patients, onHold }: Retention) => ({
  until,
  patients: patients.map(({ patient, since }) => ({
    patient: patientDocument(patient),
    status: patient.status,
    since,
  })),
  on_hold: onHold,
});
