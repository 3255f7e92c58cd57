import { describe, expect, it } from 'vitest';
import type { Note } from '../../src/domain/records.ts';
import { type OpenItem, readDone } from '../../src/domain/write-up.ts';
import { aNote, stored } from '../support/records.ts';
import { failureOf } from '../support/values.ts';

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
