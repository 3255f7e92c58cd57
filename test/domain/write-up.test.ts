import { describe, expect, it } from 'vitest';
import { captureLine } from '../../src/domain/capture.ts';
import { saysKind } from '../../src/domain/line-marks.ts';
import type { Note } from '../../src/domain/records.ts';
import { type OpenItem, readDone } from '../../src/domain/write-up.ts';
import { withDate } from '../../src/domain/write-up-lines.ts';
import { circleOf } from '../support/circles.ts';
import { aNote, stored } from '../support/records.ts';
import { day, failureOf } from '../support/values.ts';

const items = ['aaaaa', 'bbbbb', 'ccccc', 'ddddd'].map(
  (ref): OpenItem => ({ type: 'note', record: stored<Note>(ref, aNote(ref, { kind: 'question' })) }),
);

const read = (text: string) => readDone(text, [], items).map((line) => line.text);

describe('what was done, in one answer', () => {
  it.each([
    ['1 3', ['aaaaa', 'ccccc']],
    ['1, 3', ['aaaaa', 'ccccc']],
    ['1; 3', ['aaaaa', 'ccccc']],
    ['2 she may', ['bbbbb she may']],
    ['1 3; 2 she may', ['aaaaa', 'ccccc', 'bbbbb she may']],
    ['2 she may; 4 well, she is home', ['bbbbb she may', 'ddddd well, she is home']],
    ['2 one in the morning; 300 ml at night', ['bbbbb one in the morning; 300 ml at night']],
    ['2 she may; not alone', ['bbbbb she may; not alone']],
  ])('%s', (text, lines) => {
    expect(read(text)).toEqual(lines);
  });

  it.each([
    ['1; 1 again', '1 is marked already'],
    ['5', 'there is no 5 in the list'],
    ['1 2 with words', 'words go with one number'],
    ['the sheet', 'a number from the list is needed'],
  ])('%s is refused', (text, message) => {
    expect(failureOf(() => read(text)).message).toBe(message);
  });
});

it.each([
  ['x wife June', true],
  ['x 2 miscarriages', true],
  ['! call fri', true],
  ['family: 2 sons', true],
  ['private; he drinks', true],
  ['> how was the wedding', true],
  ['x 2', false],
  ['! 3', false],
  ['family: 2', false],
  ['~ 3 weeks', false],
  ['> 3 days', false],
  ['～ 3 weeks', false],
  ['12 jun', false],
])('an answer says of what kind a line it is: %s, %s', (answer, says) => {
  expect(saysKind(answer)).toBe(says);
});

it.each([
  ['husb Tom died overnight', '11 mar', 'husb Tom died'],
  ['husb Tom died overnight', 'none', 'husb Tom died overnight'],
  ['husb Tom died, overnight at home', '11 mar', 'husb Tom died, overnight at home'],
  ['x Tim overnight', '11 mar', 'Tim overnight'],
])('the words of a loss that a day is given for, where they end it: %s, %s', (line, answer, text) => {
  const capture = {
    on: day('2026-03-12'),
    defaultKind: 'story',
    circle: circleOf('Tom husband; Tim son'),
  } as const;
  const entry = captureLine(line, capture);
  if (entry === undefined) throw new Error('no entry');
  expect(entry.unread).toBe('overnight');
  expect(withDate(entry, answer, capture)).toMatchObject({ text });
});
