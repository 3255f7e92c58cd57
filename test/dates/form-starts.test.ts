/** What is not among the starts of a form is never tried: a start too few is a date that goes unread. */
import { expect, it } from 'vitest';
import { indexOfStarts, startsOf } from '../../src/dates/form-starts.ts';

const named = (name: string) => ({ '<day>': ['mon', '0'], unit: ['day', 'wee'] })[name] ?? [name.slice(0, 3)];

it.each([
  ['within', 'with'],
  ['x-?rays?|q[1-4]', 'x q0'],
  ['(?:the )?day after <day>', 'day afte the day '],
  ['(?<=\\b(?:in|by) +){number}(?: ?- ?{number})?', 'num'],
  ['<day>,? {unit}', 'mon 0'],
  ['{~unit|this} week', 'day wee thi'],
  ['\\d{1,2}(?:st|nd)?', '0'],
  ['a?b', ''],
  ['(?:aa?)?aab', 'a aab'],
  ['--{d}', '--'],
])('%s begins with %s', (form, starts) => {
  expect(startsOf(form, named).join(' ')).toBe(starts);
});

it.each([
  ['whatever', 'any'],
  ['the 3rd', 'any the'],
  ['the  day', 'any day'],
  ['3 days', 'any 0'],
  ['daylight', 'any day'],
])("finds at '%s' what begins there: %s", (text, found) => {
  const forms = { any: [''], the: ['the 0'], day: ['the day', 'dayl'], 0: ['0', 'mon'] };
  const at = indexOfStarts(['any', 'the', 'day', '0'] as const, (name) => forms[name]);
  expect(at(`by ${text}`, 3).join(' ')).toBe(found);
});
