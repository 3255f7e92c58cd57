/** What the terminal's room draws, for tests of what is in it. */
import type { Briefing } from '../../src/domain/briefing/composition.ts';
import { renderBriefing } from '../../src/terminal/briefing-view.ts';
import type { Screen } from '../../src/terminal/list-view.ts';
import { plainStyle, type TextStyle } from '../../src/terminal/styles.ts';

export const briefingLines = (briefing: Briefing): readonly string[] =>
  renderBriefing(briefing, false, { style: plainStyle, columns: 10_000 }).split('\n');

/** Tones as tags: '<due>today</due>'. */
export const taggedStyle = Object.fromEntries(
  Object.keys(plainStyle).map((tone) => [tone, (text: string) => `<${tone}>${text}</${tone}>`]),
) as Readonly<Record<keyof TextStyle, (text: string) => string>>;

export const screenOf = (columns: number, style: TextStyle = plainStyle): Screen => ({
  columns,
  style,
  screenReader: false,
});
