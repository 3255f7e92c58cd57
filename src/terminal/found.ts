/** What a search found: a line each, cut so that the word that was looked for stays in sight. */
import type { CivilDate } from '../dates/civil.ts';
import { shortDate } from '../dates/wording.ts';
import { displayName } from '../domain/naming.ts';
import type { Patient } from '../domain/records.ts';
import { foldedWords, printable, widthOf } from '../domain/text.ts';
import type { SearchHit } from '../store/store.ts';
import { alignColumns } from './columns.ts';
import type { TextStyle } from './tones.ts';

export interface FoundView {
  readonly hits: readonly SearchHit[];
  readonly words: readonly string[];
  readonly patients: ReadonlyMap<string, Patient>;
  readonly today: CivilDate;
  readonly columns: number;
  readonly style: TextStyle;
}

/** How much of a text is sure to be seen, and how many words lead up to the one that was found. */
const inSight = 36;
const leadingWords = 3;

/** The text from shortly before the first word that was found, where that would else be cut off. */
export function fromFirstFound(text: string, words: readonly string[]): string {
  const sought = words.flatMap((word) => foldedWords(word));
  const parts = printable(text).split(' ');
  const place = parts.findIndex((part) =>
    foldedWords(part).some((own) => sought.some((word) => own.startsWith(word))),
  );
  const before = parts.slice(0, Math.max(0, place)).join(' ');
  return widthOf(before) <= inSight ? parts.join(' ') : `…${parts.slice(place - leadingWords).join(' ')}`;
}

export function renderFound(view: FoundView): string {
  const { hits, words, patients, today, columns, style } = view;
  const rows = hits.map((hit) => {
    const patient = patients.get(hit.patient_id);
    const isUsual = hit.status === 'current' || hit.status === 'open';
    const outcome = hit.outcome === null ? '' : ` → ${hit.outcome}`;
    return [
      { text: hit.ref, tone: style.ref },
      patient === undefined ? '' : displayName(patient),
      hit.recorded_on === null ? '' : shortDate(hit.recorded_on, today),
      hit.record === 'commitment' ? 'promise' : hit.kind,
      `${isUsual ? '' : `${hit.status}: `}${fromFirstFound(hit.text + outcome, words)}`,
    ];
  });
  return alignColumns(rows, {
    columns: [
      { fit: 'keep' },
      { fit: 'cut', most: 24 },
      { fit: 'keep' },
      { fit: 'keep' },
      { fit: 'cut', least: 20 },
    ],
    width: columns,
  }).join('\n');
}
