import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutLoss, cutMilestone, cutPromise, mentionsDate } from '../../src/dates/trailing-date.ts';
import { anyDate, day, failureOf, unlessFailure } from '../support/values.ts';

const today = day('2026-03-12');

describe('promises', () => {
  it.each([
    ['call with the echo result by fri', 'call with the echo result', '2026-03-13'],
    ['bring the food diary by 2 apr', 'bring the food diary', '2026-04-02'],
    ['send the form by mon', 'send the form', '2026-03-16'],
    ['call about results in the morning', 'call about results in the morning', null],
    ['send the 2 forms', 'send the 2 forms', null],
    ['call by her sister by fri', 'call by her sister', '2026-03-13'],
    ['call in 2 weeks', 'call', '2026-03-26'],
    ['call within 3 business days', 'call', '2026-03-17'],
    ['send it before apr 2, 2027', 'send it', '2027-04-02'],
    ['book, by the end of the month', 'book', '2026-03-31'],
    ['CALL BY FRI', 'CALL', '2026-03-13'],
    ['call tomorrow', 'call', '2026-03-13'],
    ['call Friday!', 'call', '2026-03-13'],
    ['call next friday', 'call', '2026-03-20'],
    ['call about her birthday on fri', 'call about her birthday', '2026-03-13'],
    ['ask what happened last friday', 'ask what happened last friday', null],
    ['water the plants every friday', 'water the plants every friday', null],
    ['tell her to keep out of the sun', 'tell her to keep out of the sun', null],
    ['ask how long she sat', 'ask how long she sat', null],
    ['stay in sun', 'stay in sun', null],
    ['check on the 2nd floor', 'check on the 2nd floor', null],
    ["call on April's sister", "call on April's sister", null],
    ['by fri', '', '2026-03-13'],
    ['call until fri', 'call', '2026-03-13'],
    ['keep the form till 2 apr', 'keep the form', '2026-04-02'],
    ['wait until 3 tablets are left', 'wait until 3 tablets are left', null],
    ['stay in bed until may', 'stay in bed until may', null],
  ])('%s', (line, text, date) => {
    expect(cutPromise(line, { today })).toEqual({ text, date });
  });

  it.each([
    ['call by 31 feb', "'31 feb' is not a date"],
    ['call by 2026-13-01', "'2026-13-01' is not a date"],
    ['send it by fri, not until done', "'fri …' is not a date"],
    ['call by fri morning', "'fri …' is not a date"],
    ['check on 2 tablets of lisinopril', "'2 …' is not a date"],
    ['call by next week', "'next week' names no day"],
    ['see her in may', "'may' is a month, not a day"],
    ['call on 2 apr 2020', "'2 apr 2020' has passed: it was 2020-04-02"],
    ['order on 555-123456', "the tail after 'on' is not a date"],
  ])('%s is refused without repeating its words', (line, message) => {
    const failure = failureOf(() => cutPromise(line, { today }));
    expect(failure.message).toBe(message);
    expect([failure.message, ...failure.hints].join()).not.toMatch(/lisinopril|555/);
  });

  it('are never in the past, and never lose a word', () => {
    const words = fc.array(
      fc.oneof(
        fc.constantFrom(
          ...'call send by on in before fri 2 apr the end of month 31 feb weeks today sun next last'.split(
            ' ',
          ),
        ),
        fc.string({ maxLength: 6 }),
      ),
      { maxLength: 9 },
    );
    fc.assert(
      fc.property(words, anyDate(), (line, on) => {
        const text = line.join(' ');
        const cut = unlessFailure(() => cutPromise(text, { today: on }));
        if (cut === undefined) return;
        expect(text.startsWith(cut.text)).toBe(true);
        if (cut.date === null) expect(cut.text).toBe(text);
        else expect(cut.date >= on).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('milestones', () => {
  it.each([
    ["21 mar Ana's wedding", "Ana's wedding", '2026-03-21'],
    ['21 mar wedding of Ana', 'wedding of Ana', '2026-03-21'],
    ['21 mar: wedding', 'wedding', '2026-03-21'],
    ['--06-14 anniversary', 'anniversary', '--06-14'],
    ['2026-05 cruise with June', 'cruise with June', '2026-05'],
    ['2026 retires', 'retires', '2026'],
    ['2 apr 2027, moves house', 'moves house', '2027-04-02'],
    ['in 2 weeks the move', 'the move', '2026-03-26'],
    ["Ana's wedding", "Ana's wedding", null],
    ['21 mar', '', '2026-03-21'],
  ])('%s', (line, text, date) => {
    expect(cutMilestone(line, { today })).toEqual({ text, date });
  });

  it.each([
    '31 feb wedding',
    '1st birthday of Leo',
    '50th anniversary',
    '21 mar 80 guests',
    '2 weeks in Spain',
    '--02-30 x',
  ])('%s is refused', (line) => {
    expect(failureOf(() => cutMilestone(line, { today })).exit).toBe('usage');
  });
});

describe('losses', () => {
  it.each([
    ['wife June, 2 feb', 'wife June', '2026-02-02'],
    ['wife June, 2 apr', 'wife June', '2025-04-02'],
    ['wife June, feb 2, 2026', 'wife June', '2026-02-02'],
    ['wife June, of Bath', 'wife June, of Bath', null],
    ['wife June', 'wife June', null],
    ['mother, in 2019', 'mother', '2019'],
    ['brother, last thu', 'brother', '2026-03-05'],
    ['June, wife, yesterday', 'June, wife', '2026-03-11'],
  ])('%s', (line, text, date) => {
    expect(cutLoss(line, { today })).toEqual({ text, date });
  });

  it.each(['wife June, 31 feb', 'wife June, next fri', 'wife June, 2027', 'wife June, fri or so'])(
    '%s is refused',
    (line) => {
      expect(failureOf(() => cutLoss(line, { today })).exit).toBe('usage');
    },
  );
});

describe('a date with a slip in it', () => {
  it.each([
    ['call by fridy', 'fridy', 'friday'],
    ['call by Fridy', 'fridy', 'friday'],
    ['call by firday', 'firday', 'friday'],
    ['call by fir', 'fir', 'fri'],
    ['call by fir.', 'fir', 'fri'],
    ['call by fir morning', 'fir', 'fri'],
    ['call by fir at noon', 'fir', 'fri'],
    ['call on teusday', 'teusday', 'tuesday'],
    ['call on tuseday with Ana', 'tuseday', 'tuesday'],
    ['call before wensday', 'wensday', 'wednesday'],
    ['call by Wendesday', 'wendesday', 'wednesday'],
    ['call by thrusday', 'thrusday', 'thursday'],
    ['call by thursdy', 'thursdy', 'thursday'],
    ['call by saterday', 'saterday', 'saturday'],
    ['call by sundy', 'sundy', 'sunday'],
    ['call by munday', 'munday', 'monday'],
    ['call by omnday', 'omnday', 'monday'],
    ['call by mnoday', 'mnoday', 'monday'],
    ['call by tomorow', 'tomorow', 'tomorrow'],
    ['call by tommorow', 'tommorow', 'tomorrow'],
    ['call by tomrrow noon', 'tomrrow', 'tomorrow'],
    ['call before todya', 'todya', 'today'],
    ['call by nxt week', 'nxt', 'next'],
    ['call by nect fri', 'nect', 'next'],
    ['call within wek', 'wek', 'week'],
    ['send it by apirl 3', 'apirl', 'april'],
    ['send it by janury', 'janury', 'january'],
    ['send it before febuary', 'febuary', 'february'],
    ['send it by agust 2', 'agust', 'august'],
    ['send it by setpember', 'setpember', 'september'],
    ['hold it until fridya', 'fridya', 'friday'],
    ['hold it till tuesdya', 'tuesdya', 'tuesday'],
    ['ask by her desk by wendsday', 'wendsday', 'wednesday'],
  ])('%s is refused', (line, word, meant) => {
    const { message, exit, hints } = failureOf(() => cutPromise(line, { today }));
    expect([exit, message]).toEqual(['usage', `'${word}' is not a date`]);
    expect(hints).toEqual([`did you mean ${meant}?`, 'begin the text with \\ to keep it as it is']);
  });

  it.each(['send the card before christmas', 'call by Easter', 'call before Xmas'])(
    '%s is told how to be said',
    (line) => {
      expect(failureOf(() => cutPromise(line, { today })).hints).toContain('write its day: 24 dec');
    },
  );

  it.each([
    'go on holiday',
    'call by phone',
    'leave it on the mat',
    'send it by mail',
    'write it by hand',
    'call her by name',
    'give it on demand',
    'put her on monitor',
    'put him on a monitor',
    'it depends on my boss',
    'check on me',
    'check on Maria',
    'check on Max',
    'check on Frida',
    'check on Sunny',
    'check on mom',
    'check on mark',
    'ask by now',
    'come by then',
    'come by train',
    'get it on time',
    'low on salt',
    'save on money',
    'save on the fridge',
    'be on air',
    'see the site on web',
    'go on tour',
    'call on mondays',
    'call by midday',
    'call before noon',
    'call within weeks',
    'call on weekdays',
    'look by fir trees',
    'sit by the sea',
    'stand by me',
    'wait until done',
    'hold till then',
    'put on tums',
    'ask about christmas on the ward',
    'buy it on christmas market',
    'stop by next door',
    'go on next of kin',
    'start on januvia',
    'switch on nexium',
    'stay on warfarin',
  ])('%s stays text', (line) => {
    const cut = unlessFailure(() => cutPromise(line, { today }));
    expect(cut).toEqual({ text: line, date: null });
  });
});

it('notices a date that stayed in the text', () => {
  expect(mentionsDate('call back 2 apr', { today })).toBe(true);
  expect(mentionsDate('call on fri in the morning', { today })).toBe(true);
  expect(mentionsDate('send the 2 forms', { today })).toBe(false);
});
