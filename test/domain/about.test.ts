/** Whom a text is about, by a table of texts; and for whom a promise is. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { forWhom, whomAbout } from '../../src/domain/about.ts';
import type { Circle } from '../../src/domain/circle.ts';
import { personName } from '../../src/domain/patient-names.ts';
import { circleOf, tableOf } from '../support/circles.ts';

const table = readFileSync(new URL('about.tsv', import.meta.url), 'utf8');

const said = ({ people, which, unknown }: ReturnType<typeof whomAbout>): string =>
  [
    ...people.map(personName),
    ...(which === undefined ? [] : [`?${which}`]),
    ...unknown.map(({ relation, name }) => `+${[relation, name].filter(Boolean).join(' ')}`),
  ].join(', ') || '-';

describe('a text is about', () => {
  it.each(tableOf(table))('%s | %s | %s', (people, text, about) => {
    expect(said(whomAbout(text, null, circleOf(people)))).toBe(about);
  });

  it('whom it is linked to, whomever it names', () => {
    const circle = circleOf('Rose wife †; Rose daughter');
    const [, daughter] = circle.people;
    expect(whomAbout('Rose and the wife', daughter?.id ?? '', circle).people).toEqual([daughter]);
  });
});

describe('a promise is', () => {
  const circle: Circle = circleOf('Ana daughter; Tom son; Ida mother †');
  it.each([
    ['call Ana about the form', 'Ana'],
    ['please will call Ana about the form', 'Ana'],
    ['call the daughter', 'Ana'],
    ['send the form to Ana', 'Ana'],
    ['send a card for his son', 'Tom'],
    ['call about Ana', '-'],
    ['call re Ana', '-'],
    ['call for Ana today', '-'],
    ['send the form', '-'],
    ['ring up Tom', 'Tom'],
    ['call about the card for Tom', '-'],
    ['send the letter about the scan to Tom', 'Tom'],
    ['send a note for Ida', '-'],
    ['ring son Leo', '+son Leo'],
    ["call Ana's husband", '-'],
  ])('for the one it names in its place: %s', (text, whom) => {
    expect(said(forWhom(text, circle))).toBe(whom);
  });
});
