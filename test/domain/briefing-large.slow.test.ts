/** The briefing's promises for patients of 0 to 5,000 notes, on any day: caps, nothing lost in silence, every line explained. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CivilDate } from '../../src/dates/civil.ts';
import type { BriefingFacts, SectionId } from '../../src/domain/briefing/briefing.ts';
import { type Briefing, composeBriefing } from '../../src/domain/briefing/composition.ts';
import { countWords, widthOf } from '../../src/domain/text.ts';
import { renderBriefing } from '../../src/terminal/briefing-view.ts';
import { plainStyle } from '../../src/terminal/styles.ts';
import { briefingLines } from '../support/rendering.ts';
import { anyDate } from '../support/values.ts';
import { facts, factsWith, options } from './generated-facts.ts';

const sizes = [
  ['few', factsWith(fc.integer({ min: 0, max: 60 })), 300],
  ['hundreds of', factsWith(fc.integer({ min: 60, max: 900 })), 20],
  ['thousands of', factsWith(fc.integer({ min: 3000, max: 5000 })), 6],
] as const;
const days = fc.oneof(
  anyDate('2019-01-01', '2032-12-31'),
  fc
    .constantFrom('2020-02-29', '2024-02-29', '2028-02-29', '2025-02-28', '2026-03-01', '2025-12-31')
    .map((day) => day as CivilDate),
);

const textOf = (briefing: Briefing): string => briefingLines(briefing).join('\n');
const section = (briefing: Briefing, id: SectionId) => briefing.sections.find((one) => one.id === id);

/** Shown, or counted as more. */
const accounted = (briefing: Briefing, id: SectionId): number => {
  const found = section(briefing, id);
  return found === undefined ? 0 : found.items.length + found.more;
};

/** What is private is counted in the footer alone, whatever section it would stand in. */
const openly = (given: BriefingFacts): BriefingFacts => {
  const shown = <R extends object>(records: readonly R[]): readonly R[] =>
    records.map((record) => ({ ...record, sensitive: false }));
  const { patient, notes, commitments, contacts, answered } = given;
  return {
    ...given,
    patient: { ...patient, quiet: false },
    notes: shown(notes),
    commitments: shown(commitments),
    contacts: shown(contacts),
    answered: shown(answered),
  };
};

describe.each(sizes)('a briefing of %s notes', (_, given, numRuns) => {
  it('keeps the caps on any day, and prints no date or age that is none', () => {
    fc.assert(
      fc.property(given, days, (patient, on) => {
        const lines = briefingLines(composeBriefing(patient, { ...options, on }));
        expect(lines.length).toBeLessThanOrEqual(22);
        expect(lines.reduce((sum, line) => sum + countWords(line), 0)).toBeLessThanOrEqual(130);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(76);
        expect(lines.join('\n')).not.toMatch(/\b(?:undefined|NaN|Invalid)\b|\(-\d|in -\d|-\d+ days/);
      }),
      { numRuns },
    );
  });

  it('accounts for every promise, open question and caution, as --all lists them', () => {
    fc.assert(
      fc.property(given.map(openly), days, (patient, on) => {
        const briefing = composeBriefing(patient, { ...options, on });
        const whole = composeBriefing(patient, { ...options, on, all: true });
        if (briefing.heldBack > 0) return;
        for (const id of ['promised', 'open', 'gentle'] as const)
          expect(accounted(briefing, id)).toBe(accounted(whole, id));
        expect(whole.sections.every((one) => one.more === 0)).toBe(true);
        const lines = briefingLines(briefing);
        for (const one of briefing.sections) {
          const heading = lines.find((line) => line.startsWith(one.title)) ?? '';
          if (one.more > 0) expect(heading).toContain(`+${one.more} more`);
        }
      }),
      { numRuns },
    );
  });

  it('shows the newest of a thread, and in LIFE none that scores less than one left out', () => {
    fc.assert(
      fc.property(given.map(openly), (patient) => {
        const briefing = composeBriefing(patient, options);
        const replaced = new Set(patient.notes.flatMap((note) => note.replaces ?? []));
        for (const one of briefing.sections)
          for (const { id } of one.items) if (id !== null) expect(replaced.has(id)).toBe(false);
        if (briefing.heldBack > 0) return;
        const shown = section(briefing, 'life')?.items.map((item) => item.id) ?? [];
        const ranked = section(composeBriefing(patient, { ...options, all: true }), 'life')?.items ?? [];
        expect(shown).toEqual(ranked.slice(0, shown.length).map((item) => item.id));
        const scores = ranked.map((item) => item.score ?? 0);
        expect(scores).toEqual(scores.toSorted((left, right) => right - left));
      }),
      { numRuns },
    );
  });

  it('explains every line that --why stands beside', () => {
    fc.assert(
      fc.property(given, (patient) => {
        const briefing = composeBriefing(patient, options);
        // A reason that does not fit beside its line stands below it.
        const text = renderBriefing(briefing, true, { style: plainStyle, columns: 80 });
        const lines = text.replace(/\n {5}\[/g, '  [').split('\n');
        const items = briefing.sections.flatMap((one) => one.items);
        for (const item of items) expect(item.why).not.toBe('');
        const explained = lines.filter((line) => / {2}\[[^\]]+\]$/.test(line));
        expect(explained.length).toBeGreaterThanOrEqual(items.length);
        // What is left without a reason: headings, counts, a caution's second line.
        const bare = lines.slice(3).filter((line) => /^ [·! ] /.test(line) && !explained.includes(line));
        for (const line of bare) expect(line).toMatch(/^ {3}\S/);
        for (const { score } of section(briefing, 'life')?.items ?? [])
          expect(score).toEqual(expect.any(Number));
        // The reasons are all that --why adds.
        expect(lines.map((line) => line.replace(/ {2}\[[^\]]+\]$/, '')).join('\n')).toBe(
          renderBriefing(briefing, false, { style: plainStyle, columns: 80 }),
        );
      }),
      { numRuns },
    );
  });

  it('is the same bytes for the same records in any order', () => {
    fc.assert(
      fc.property(given, (patient) => {
        const turned: BriefingFacts = {
          ...patient,
          notes: patient.notes.toReversed(),
          commitments: patient.commitments.toReversed(),
          contacts: patient.contacts.toReversed(),
          people: patient.people.toReversed(),
        };
        const text = textOf(composeBriefing(patient, options));
        expect(textOf(composeBriefing(patient, options))).toBe(text);
        expect(textOf(composeBriefing(turned, options))).toBe(text);
      }),
      { numRuns },
    );
  });
});

describe('a briefing of a patient who died', () => {
  it('says so first, and then only what is promised', () => {
    fc.assert(
      fc.property(facts.map(openly), (given) => {
        const died: BriefingFacts = {
          ...given,
          patient: { ...given.patient, status: 'died', died_on: '2026-02-02' as CivilDate },
        };
        const briefing = composeBriefing(died, options);
        expect(briefing.sections.map(({ id }) => id)).toEqual(['gentle', 'promised']);
        expect(section(briefing, 'gentle')?.items.map(({ text }) => text)).toEqual([
          'Died 2 Feb, 38 days ago',
        ]);
        expect(accounted(briefing, 'promised')).toBe(
          died.commitments.filter(({ status }) => status === 'open').length,
        );
      }),
    );
  });
});
