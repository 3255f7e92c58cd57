import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, type CivilDate, dayOf, monthOf, yearOf } from '../../src/dates/civil.ts';
import { shortMonthName } from '../../src/dates/wording.ts';
import { type CaptureOptions, captureLine, captureText } from '../../src/domain/capture.ts';
import { hintsFor, toneHints } from '../../src/domain/capture-hints.ts';
import { noteKinds, textLimit } from '../../src/domain/records.ts';
import { anyDate, day, failureOf, unlessFailure } from '../support/values.ts';

const on = day('2026-03-12');
const capture = (line: string, options: Partial<CaptureOptions> = {}) =>
  captureLine(line, { on, defaultKind: 'story', ...options });
const note = (kind: string, text: string, date: string | null = null, yearly = false) => ({
  type: 'note',
  kind,
  text,
  date,
  yearly,
});
const promise = (owner: string, kind: string, text: string, due: string | null) => ({
  type: 'commitment',
  owner,
  kind,
  text,
  due,
});

describe('every row of the table', () => {
  it.each([
    ['! call with the echo result by fri', promise('me', 'call', 'call with the echo result', '2026-03-13')],
    ['promise: call tomorrow', promise('me', 'call', 'call', '2026-03-13')],
    ['me: mail the leaflet', promise('me', 'send', 'mail the leaflet', null)],
    [
      'patient: bring the food diary by 2 apr',
      promise('patient', 'other', 'bring the food diary', '2026-04-02'),
    ],
    ['staff: send the form by mon', promise('staff', 'send', 'send the form', '2026-03-16')],
    ['? is it safe to drive at night', note('question', 'is it safe to drive at night')],
    ['* staying in the house', note('matters', 'staying in the house')],
    ['~ sketches help', note('explain', 'sketches help')],
    ["@21 mar Ana's wedding", note('milestone', "Ana's wedding", '2026-03-21')],
    ['@--06-14 wedding day', note('milestone', 'wedding day', '--06-14', true)],
    ['@2026-05 cruise', note('milestone', 'cruise', '2026-05')],
    ['@2026 retires', note('milestone', 'retires', '2026')],
    [
      'x wife June, 2 feb',
      { type: 'loss', text: 'wife June', date: '2026-02-02', relation: 'wife', name: 'June' },
    ],
    ['> how was the wedding', note('next', 'how was the wedding')],
    ...noteKinds
      .filter((kind) => kind !== 'loss')
      .map((kind): [string, object] => [`${kind}: as told`, note(kind, 'as told')]),
    ['Family: two sons', note('family', 'two sons')],
    ['avoid:talk of money', note('avoid', 'talk of money')],
    ['sings in the choir', note('story', 'sings in the choir')],
    ['   sings in the choir\t', note('story', 'sings in the choir')],
  ])('%s', (line, expected) => {
    expect(capture(line)).toEqual(expected);
  });
});

describe('what is text all the same', () => {
  it.each([
    'xylophone lessons',
    'X ray was frightening',
    'x-ray was frightening',
    'Mum: proud of her',
    'work: night shifts',
    'sees http://example.org on fridays',
    'at 10: tea',
    'said he would walk by fri',
  ])('%s', (line) => {
    expect(capture(line)).toEqual(note('story', line));
  });

  it('keeps a line behind a backslash as it is', () => {
    expect(capture('\\! not a promise')).toEqual(note('story', '! not a promise'));
    expect(capture('\\family: not a kind')).toEqual(note('story', 'family: not a kind'));
    expect(capture('! \\check on 2 tablets by fri')).toEqual(
      promise('me', 'check', 'check on 2 tablets by fri', null),
    );
    expect(capture('\\call by fri', { defaultKind: 'promise' })).toEqual(
      promise('me', 'call', 'call by fri', null),
    );
  });

  it('is of the kind that the prompt asks for', () => {
    expect(capture('call by fri', { defaultKind: 'promise' })).toEqual(
      promise('me', 'call', 'call', '2026-03-13'),
    );
    expect(capture('how the play went', { defaultKind: 'next' })).toEqual(note('next', 'how the play went'));
    expect(capture('? can I fly', { defaultKind: 'next' })).toEqual(note('question', 'can I fly'));
    expect(capture('21 mar recital', { defaultKind: 'milestone' })).toEqual(
      note('milestone', 'recital', '2026-03-21'),
    );
  });

  it('keeps control characters within the text', () => {
    expect(capture('? \u001b[31mred\u0007 \u202Etxt')).toEqual(
      note('question', '\u001b[31mred\u0007 \u202Etxt'),
    );
  });
});

describe('verbs', () => {
  it.each([
    ['Phone her son', 'call'],
    ['ring the ward', 'call'],
    ['e-mail', 'other'],
    ['Refer to the choir', 'refer'],
    ['welcome call', 'welcome'],
    ['Low-salt recipe sheet', 'other'],
    ['constructor', 'other'],
  ])('%s is a %s', (text, kind) => {
    expect(capture(`! ${text}`)).toMatchObject({ kind });
  });

  it('grow in the settings, which win', () => {
    const verbs = { text: 'call', ring: 'other' } as const;
    expect(capture('! text her son', { verbs })).toMatchObject({ kind: 'call' });
    expect(capture('! ring the ward', { verbs })).toMatchObject({ kind: 'other' });
  });
});

describe('losses', () => {
  it.each([
    ['wife June', 'wife', 'June'],
    ['his wife June', 'wife', 'June'],
    ['late husband Tom Ray', 'husband', 'Tom Ray'],
    ['June, wife', 'wife', 'June'],
    ['June (wife)', 'wife', 'June'],
    ['June', null, 'June'],
    ['mother', 'mother', null],
    ['June, his wife', 'wife', 'June'],
    ['mother-in-law Rosa de la Cruz', 'mother-in-law', 'Rosa de la Cruz'],
    ['stepson Bo died', 'stepson', 'Bo'],
    ['mother passed away', 'mother', null],
    ['ex wife Ann', 'ex wife', 'Ann'],
    ['wife lost her job', null, null],
    ['wife June passed her exam', null, null],
    ['wife after the divorce', null, null],
    ["June's choir closed", null, null],
    ["husband Jim's brother", null, null],
    ['Tom left for Canada', null, null],
    ['best friend Sam', 'best friend', 'Sam'],
    ['dog Chispa', 'dog', 'Chispa'],
    ['Hund Rex', null, 'Hund Rex'],
    ['wife suddenly', 'wife', null],
    ['the job at the mill', null, null],
    ["June's mother", null, null],
    ['姉 由美', null, '姉 由美'],
  ])('%s', (text, relation, name) => {
    expect(capture(`x ${text}`)).toEqual({ type: 'loss', text, date: null, relation, name });
  });

  it('refuses a month that may be a name', () => {
    expect(failureOf(() => capture('x wife, June')).message).toBe("'june' may be a month or a name");
    expect(capture('x wife, in june')).toMatchObject({ text: 'wife', date: '2025-06' });
  });
});

describe('refusals', () => {
  it.each([
    ['!', 'the text is empty'],
    ['! by fri', 'the text is empty'],
    ['?   ', 'the text is empty'],
    ['x', 'the text is empty'],
    ['@21 mar', 'the text is empty'],
    ['\\', 'the text is empty'],
    ['family:', 'the text is empty'],
    ['famly: two sons', "the word before ':' is nearly the kind 'family'"],
    ['stroy: a baker', "the word before ':' is nearly the kind 'story'"],
    ['pateint: brings it', "the word before ':' is nearly the kind 'patient'"],
    ['! call by 31 feb', "'31 feb' is not a date"],
    ['@31 feb wedding', "'31 feb' is not a date"],
    ['x wife June, 31 feb', "'31 feb' is not a date"],
    [`? ${'a'.repeat(textLimit + 1)}`, `the text has ${textLimit + 1} characters; the limit is ${textLimit}`],
  ])('%.40s', (line, message) => {
    const failure = failureOf(() => capture(line));
    expect(failure.message).toBe(message);
    expect(failure.exit).toBe('usage');
  });

  it('says of an empty loss what marked it', () => {
    expect(failureOf(() => capture('x')).hints).toEqual(["x marks a loss: 'x wife June, 2 feb'"]);
    expect(failureOf(() => capture('x ')).hints).toEqual(["x marks a loss: 'x wife June, 2 feb'"]);
    expect(failureOf(() => capture('!')).hints).toEqual(['write what it is about, and then its date']);
  });

  it('a megabyte is refused at once, and the longest text is not', () => {
    expect(failureOf(() => capture('x '.repeat(500_000))).message).toMatch(/characters; the limit is/);
    expect(capture(`? ${'a'.repeat(textLimit)}`)).toMatchObject({ kind: 'question' });
  });
});

describe('many lines', () => {
  const text = '\ufeff! call with the echo result by fri\r\n\n? can I fly\n@21 mar wedding of Ana\n';

  it('keep their numbers', () => {
    expect(
      captureText(text, { on, defaultKind: 'story' }).map(({ number, entry }) => [number, entry.text]),
    ).toEqual([
      [1, 'call with the echo result'],
      [3, 'can I fly'],
      [4, 'wedding of Ana'],
    ]);
  });

  it('leave out the comments of an editor, and only of an editor', () => {
    expect(captureText('# a comment\nso', { on, defaultKind: 'story', comments: true })).toHaveLength(1);
    expect(captureText('# a heading\nso', { on, defaultKind: 'story' })).toHaveLength(2);
  });

  it('name every line at fault, without its text', () => {
    const failure = failureOf(() =>
      captureText('so\n! see Rosa by 31 feb\n\n! \n', { on, defaultKind: 'story' }),
    );
    expect(failure.message).toBe('2 lines cannot be read');
    expect(failure.details).toEqual(["  line 2: '31 feb' is not a date", '  line 4: the text is empty']);
    expect(
      failureOf(() => captureText('so\n! see Rosa by 31 feb', { on, defaultKind: 'story' })).message,
    ).toBe("line 2: '31 feb' is not a date");
  });
});

describe('any line', () => {
  const defaultKinds = fc.constantFrom(...noteKinds, 'promise' as const);
  const lines = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .tuple(
        fc.constantFrom('!', '! ', '?', '@', 'x ', '> ', '\\', 'me:', 'staff: ', 'loss: ', 'family:', ''),
        fc.array(
          fc.constantFrom(
            ...'by on in fri 2 apr 31 feb 2026 , wife June 3/4 \\ : end of month \u0007'.split(' '),
          ),
        ),
      )
      .map(([mark, words]) => mark + words.join(' ')),
  );

  it('is an entry with text, nothing, or a Failure; a promise is never in the past and a loss never ahead', () => {
    fc.assert(
      fc.property(lines, defaultKinds, anyDate(), (line, defaultKind, visit) => {
        const entry = unlessFailure(() => captureLine(line, { on: visit, defaultKind }));
        if (entry === undefined || entry.type === 'empty') return;
        expect(entry.text).not.toBe('');
        expect(line).toContain(entry.text);
        if (entry.type === 'commitment' && entry.due !== null) expect(entry.due >= visit).toBe(true);
        if (entry.type === 'loss' && entry.date !== null)
          expect(entry.date <= visit.slice(0, entry.date.length)).toBe(true);
        if (entry.type === 'note' && entry.kind !== 'milestone') expect(entry.date).toBeNull();
      }),
      { numRuns: 3000 },
    );
  });

  it('gives back each date within reach, in the form that a line has for it', () => {
    const named = (date: CivilDate): string =>
      `${dayOf(date)} ${shortMonthName(monthOf(date)).toLowerCase()}`;
    fc.assert(
      fc.property(anyDate('1905-01-01', '2190-01-01'), fc.integer({ min: 0, max: 360 }), (visit, days) => {
        const due = addDays(visit, days);
        expect(captureLine(`! call her by ${named(due)}`, { on: visit, defaultKind: 'story' })).toMatchObject(
          {
            text: 'call her',
            due,
          },
        );
        const died = addDays(visit, -days);
        expect(captureLine(`x wife June, ${named(died)}`, { on: visit, defaultKind: 'story' })).toMatchObject(
          {
            text: 'wife June',
            date: died,
          },
        );
        const milestone = addDays(visit, days * 3);
        const whole = `${named(milestone)} ${yearOf(milestone)}`;
        expect(captureLine(`@${whole} the play`, { on: visit, defaultKind: 'story' })).toMatchObject({
          text: 'the play',
          date: milestone,
        });
      }),
      { numRuns: 500 },
    );
  });
});

describe('soft hints', () => {
  it.each([
    ['a difficult patient', ['"difficult": quote what they said?']],
    ['Non-compliant with tablets', ['"non compliant": quote what they said?']],
    ['BP was 150/90', ['a clinical value? put it in the chart']],
    ['takes 5 mg at night', ['a clinical value? put it in the chart']],
    ['HbA1c 7', ['a clinical value? put it in the chart']],
    ['SSN 123-45-6789', ['an identifier? put it in the chart']],
    ['MRN 00123', ['an identifier? put it in the chart']],
    ['runs 5 km in 30 minutes, has 2 dogs', []],
    ['works 24/7', []],
    ['finds stairs hard', []],
  ])('%s', (text, hints) => {
    expect(toneHints(text)).toEqual(hints);
  });

  it('notice a date that stayed in the text', () => {
    const hints = (line: string): readonly string[] => {
      const entry = capture(line);
      return entry.type === 'empty' ? [] : hintsFor(entry, { on, defaultKind: 'story' });
    };
    expect(hints('! call back 2 apr')).toEqual(["a date at the end is read: 'by 2 apr'"]);
    expect(hints('@ the play')).toHaveLength(1);
    expect(hints('! call back by 2 apr')).toEqual([]);
    expect(hints('! ask the pharmacist tomorow')).toEqual(['no date was read: did you mean tomorrow?']);
    expect(hints('! ask the pharmacist fridya.')).toEqual(['no date was read: did you mean friday?']);
    expect(hints('! ask how she slept yesterdy')).toEqual([]);
    expect(hints('! ask about her money')).toEqual([]);
  });
});
