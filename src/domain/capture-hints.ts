/** Soft hints on typed text: labels, chart data, unread dates. They never block, and quote nothing but the label. */
import { mentionsDate } from '../dates/trailing-date.ts';
import { nearDayHint } from '../dates/words.ts';
import type { CaptureOptions, Entry } from './capture.ts';
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
    clinicalValue.test(text) && 'a clinical value? put it in the chart',
    identifier.test(text) && 'an identifier? put it in the chart',
  );
}

/** The same as notices, each once. */
export const hintsOn = (...texts: readonly (string | null | undefined)[]): readonly string[] =>
  [...new Set(texts.flatMap((one) => (one == null ? [] : toneHints(one))))].map((hint) => `hint: ${hint}`);

export function hintsFor(
  entry: Entry,
  { on, dateStyle, weekStart, calendar }: CaptureOptions,
): readonly string[] {
  const hints = [...toneHints(entry.text)];
  const isUndated =
    entry.type === 'commitment' ? entry.due === null : entry.type === 'loss' && entry.date === null;
  if (isUndated && mentionsDate(entry.text, { today: on, dateStyle, weekStart, calendar }))
    hints.push(
      entry.type === 'loss'
        ? "a date after a comma is read: ', 2 feb'"
        : "a date at the end is read: 'by 2 apr'",
    );
  else if (isUndated && entry.type === 'commitment') {
    const near = nearDayHint(entry.text.trim().split(/\s+/u).at(-1) ?? '');
    if (near !== undefined) hints.push(`no date was read: ${near}`);
  }
  if (entry.type === 'note' && entry.kind === 'milestone' && entry.date === null)
    hints.push("a milestone's date comes first: '@21 mar', '@2026-05', '@--06-14'");
  return hints;
}
