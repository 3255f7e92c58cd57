/** Soft hints on typed text: labels, chart data, a milestone without its date. They never block, and quote only labels. */
import { count } from '../dates/civil.ts';
import { type CaptureOptions, type Entry, isLossTold } from './capture.ts';
import { wantsPin } from './note-rules.ts';
import type { Note, NoteKind } from './records.ts';
import { foldedWords, present } from './text.ts';

const labels = `difficult, non compliant, noncompliant, non adherent, nonadherent, drug seeking, drug seeker,
   attention seeking, frequent flyer, manipulative, demanding, hysterical, hypochondriac, poor historian, addict,
   junkie, obese, claims to, failed to`.split(/,\s+/);

const clinicalValue =
  /\b\d{2,3}\s?\/\s?\d{2,3}\b(?!\/)|\b\d+(?:[.,]\d+)?\s?(?:mcg|µg|μg|mg|ml|mmol|mmhg|meq|iu|units?|bpm|kg|lbs?)\b|\b\d+(?:[.,]\d+)?\s?%|\b(?:hba1c|a1c|egfr|inr|ldl|tsh|psa)\s*(?:(?:of|is|was|:|=)\s*)?\d/iu;

// Government numbers in their usual groups, named identifiers, and long runs of digits.
const identifier =
  /\b\d{3}-\d{2}-\d{4}\b|\b\d{3}[ -]\d{3}[ -]\d{4}\b|\b(?:mrn|ssn|nhs|dni|passport)\b\s*(?:(?:no\.?|number|#|:)\s*)?\w*\d|\d{7,}/iu;

export function toneHints(text: string): readonly string[] {
  const words = ` ${foldedWords(text).join(' ')} `;
  const label = labels.find((candidate) => words.includes(` ${candidate} `));
  return present(
    label !== undefined && `"${label}": quote what they said?`,
    // 2/52 is two weeks.
    clinicalValue.test(text.replace(/\b\d{1,2}\/(?:52|12|7)\b/g, '')) &&
      'a clinical value? put it in the chart',
    identifier.test(text) && 'an identifier? put it in the chart',
  );
}

/** The same as notices, each once. */
export const hintsOn = (...texts: readonly (string | null | undefined)[]): readonly string[] =>
  [...new Set(texts.flatMap((one) => (one == null ? [] : toneHints(one))))].map((hint) => `hint: ${hint}`);

const ofLife: readonly string[] = ['story', 'family', 'concern'] satisfies NoteKind[];

export function hintsFor(entry: Entry, capture: Omit<CaptureOptions, 'defaultKind'>): readonly string[] {
  const isUndated = entry.type === 'note' && entry.kind === 'milestone' && entry.date === null;
  const isOfLoss = entry.type === 'note' && ofLife.includes(entry.kind) && isLossTold(entry.text, capture);
  return [
    ...toneHints(entry.text),
    ...present(
      isOfLoss && "a loss? as 'loss: …', or by rapport edit REF --kind loss, a briefing is gentle about it",
      isUndated &&
        entry.unread === null &&
        "a milestone's date comes first: '@21 mar', '@2026-05', '@--06-14'",
    ),
  ];
}

/** Of preferences that an import brings: how somebody is reached, or who may hear. */
export function pinHint(notes: readonly Pick<Note, 'kind' | 'pinned' | 'text'>[]): readonly string[] {
  const what = count(notes.filter(wantsPin).length, 'preference says', 'preferences say');
  return notes.some(wantsPin)
    ? [`${what} how somebody is reached, or who may hear: rapport pin REF shows it in every briefing`]
    : [];
}
