/** What losses and cautions mean for what was written before them, by tables of cases; and what holds of any. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CivilDate } from '../../src/dates/civil.ts';
import { lossAnswers, readLoss } from '../../src/domain/loss-reading.ts';
import { worldOf } from '../../src/domain/losses.ts';
import { personName } from '../../src/domain/patient-names.ts';
import type { Note, Person } from '../../src/domain/records.ts';
import { sortedBy } from '../../src/domain/text.ts';
import { circleOf, itemsOf, tableOf } from '../support/circles.ts';
import { anyDate } from '../support/values.ts';

const tableIn = (name: string) => tableOf(readFileSync(new URL(name, import.meta.url), 'utf8'));

function readingOf(text: string, people: string): string {
  const { kind, people: whom, unknown, how, isBirth, asks } = readLoss(text, circleOf(people));
  const names = [
    ...whom.map(personName),
    ...(unknown ? [`+${[unknown.relation, unknown.name].filter(Boolean).join(' ')}`] : []),
  ];
  return [
    kind,
    kind === 'death' || kind === 'parting' ? names.join(', ') : '',
    how === '' ? '' : `(${how})`,
    kind === 'death' && isBirth ? 'birth' : '',
    asks === undefined ? '' : `asks ${asks}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

describe('a loss says', () => {
  it.each(tableIn('losses.tsv'))('%s | %s | %s', (people, text, reading) => {
    expect(readingOf(text, people)).toBe(reading);
  });
});

it('what is answered of a loss is read as the answer', () => {
  const circle = circleOf('Tim son; Ana daughter');
  const answered = (text: string, people = circle) => {
    const { died = '', apart = '', asks } = lossAnswers(text, people) ?? {};
    return [asks, died, readLoss(died, people).kind, apart, readLoss(apart, people).kind];
  };
  expect(answered('son Tim lost his job')).toEqual([
    'Tim',
    'died: son Tim (lost his job)',
    'death',
    'apart: son Tim (lost his job)',
    'parting',
  ]);
  expect(answered('Sam')).toEqual(['Sam', 'died: Sam', 'death', 'apart: Sam', 'parting']);
  expect(readLoss('died: Sam', circle)).toMatchObject({
    unknown: { name: 'Sam', relation: null },
    who: 'Sam',
  });
  expect(readLoss('died: son Tim', circle).people).toEqual([circle.people[0]]);
  expect(lossAnswers('wife June', circle)).toBeUndefined();
  expect(lossAnswers('lost his job', circle)).toBeUndefined();
});

const on = '2026-03-12' as CivilDate;

describe('of what was written before a loss or a caution', () => {
  it.each(tableIn('world.tsv'))('%s | %s | %s | %s', (people, what, item, expected) => {
    const circle = circleOf(people);
    const [note] = itemsOf(item, circle, 'n');
    if (note === undefined) throw new Error('no note');
    const isOne = what === item;
    const notes = [...itemsOf(what, circle, 'w'), ...(isOne ? [] : [note])];
    const world = worldOf({ ...circle, notes }, on);
    const held = world.holdsNote((isOne ? notes[0] : undefined) ?? note);
    const which = world.which(note);
    expect(
      held === undefined
        ? which === undefined
          ? '-'
          : `?${which}`
        : [held.because, held.person && personName(held.person), held.isPrivate && '!']
            .filter(Boolean)
            .join(' '),
    ).toBe(expected);
  });
});

const worldFrom = (people: string, what: string, day = on, sensitive = false) => {
  const circle = circleOf(people);
  return worldOf({ ...circle, notes: itemsOf(what, circle, 'w') }, day, sensitive);
};
const widower = 'June wife † 2026-02-02; Tom son';
const june = 'loss wife June @2026-02-02 ^2026-02-06';
const miscarriage = 'loss miscarriage @2026-02-20 ^2026-02-21';

describe('marks', () => {
  it.each([
    [widower, june, "Call about June's pills ^2026-01-20", '(June died 2 Feb)'],
    [widower, june, 'Call about the memorial of June ^2026-02-08', undefined],
    [widower, june, 'Send the form ^2026-01-20 #June', '(June died 2 Feb)'],
    [widower, june, 'Send the form ^2026-01-20', undefined],
    [widower, june, 'ring june re: respite ^2026-01-20', '(June died 2 Feb)'],
    [widower, `${june} !`, "Call about June's pills ^2026-01-20", undefined],
    ['-', miscarriage, 'Refer to the midwife ^2026-01-20', '(loss 20 Feb)'],
    ['-', miscarriage, 'Send the recipe ^2026-01-20', undefined],
    ['-', 'loss wife @2026-02-02 ^2026-02-06', 'Ask the wife about pills ^2026-01-20', '(wife died 2 Feb)'],
  ])('a promise from before a death or a lost pregnancy: %s | %s | %s', (people, what, promise, mark) => {
    const circle = circleOf(people);
    const [one] = itemsOf(`story ${promise}`, circle, 'c');
    const { text = '', person: for_person = null, recorded_on: made_on = null } = one ?? {};
    expect(worldFrom(people, what).markOfPromise({ id: 'c0', text, for_person, made_on })).toBe(mark);
  });

  it('a promise of the same day, typed above the death and below it', () => {
    const world = worldFrom('Tom husband † 2026-03-11', 'loss husb Tom @2026-03-11 ^2026-03-12');
    const promise = { text: 'ask Tom about the ramp', for_person: 'p0', made_on: on };
    expect(world.markOfPromise({ ...promise, id: 'v9' })).toBe('(Tom died 11 Mar)');
    expect(world.markOfPromise({ ...promise, id: 'w1' })).toBeUndefined();
  });

  it.each([
    [widower, june, 'How the boat is ^2026-01-20', '(before June died)', 'check first: June died 2 Feb'],
    [widower, june, 'How the boat is ^2026-02-20', undefined, undefined],
    [widower, june, 'How the boat is ^2026-01-20 +2026-02-20', undefined, undefined],
    [widower, `${june} !`, 'How the boat is ^2026-01-20', undefined, undefined],
    [
      widower,
      'loss wife June @2020-02-02 ^2020-02-06',
      'How the boat is ^2019-01-20',
      '(before June died)',
      undefined,
    ],
    ['-', miscarriage, 'How the boat is ^2026-01-20', '(before the loss 20 Feb)', 'check first: loss 20 Feb'],
    [
      '-',
      'loss lost his job @2026-02-20 ^2026-02-21',
      'How the boat is ^2026-01-20',
      undefined,
      'check first: loss 20 Feb',
    ],
    [
      'Ana wife',
      'loss wife moved out @2026-03-02 ^2026-03-04',
      'How the boat is ^2026-01-20',
      '(before the loss 2 Mar)',
      'check first: loss 2 Mar',
    ],
    [widower, june, 'Cruise with June ^2026-01-20', '(before June died)', 'hidden'],
    ['-', miscarriage, 'The due date ^2026-01-20', '(before the loss 20 Feb)', 'hidden'],
  ])('what to ask or reach out for from before one: %s | %s | %s', (people, what, text, next, outreach) => {
    const [note] = itemsOf(`next ${text}`, circleOf(people), 'n');
    if (note === undefined) throw new Error('no note');
    const world = worldFrom(people, what);
    expect([world.markOfNext(note), world.markOfOutreach(note)]).toEqual([next, outreach]);
  });

  it('the first three yearly days without somebody', () => {
    const yearly = { yearly: true, person: 'p0' };
    const days = ['2026-03-28', '2027-03-28', '2028-03-28', '2029-03-28'] as CivilDate[];
    const world = worldFrom(widower, june);
    expect(days.map((day) => world.without(yearly, day))).toEqual([
      'first without June',
      'second without June',
      'third without June',
      undefined,
    ]);
    expect(worldFrom(widower, `${june} !`).without(yearly, days[0])).toBeUndefined();
  });
});

describe('the lines of losses', () => {
  it.each([
    [widower, june, 'Wife June died 2 Feb'],
    [widower, 'loss wife June ^2026-02-06', 'Wife June died 2 Feb'],
    [widower, 'loss his heart broke ^2026-02-06 #June', 'Wife June died 2 Feb'],
    [widower, '-', 'Wife June died 2 Feb'],
    ['June wife †', '-', ''],
    ['-', 'loss wife @2026-02 ^2026-03-01', 'Wife died in February'],
    ['-', 'loss wife June, after a fall @2026-02-02 ^2026-03-01', 'Wife June died 2 Feb, after a fall'],
    ['-', 'loss wife June (62) @2026-02-02 ^2026-03-01', 'Wife June died 2 Feb (62)'],
    ['-', 'loss son Tim overdose @2026-02-02 ^2026-03-01', 'Son Tim overdose, 2 Feb'],
    [
      '-',
      'loss stillborn daughter Grace at 38 weeks @2025-02-20',
      'Stillborn daughter Grace at 38 weeks, 20 Feb 2025',
    ],
    ['-', 'loss lost his job ^2026-02-06', 'Lost his job'],
    ['-', 'loss Wife moved out @2026-03-02 ^2026-03-02', 'Wife moved out, 2 Mar'],
    ['Ana wife / 2026-03-02', '-', 'Wife Ana apart since 2 Mar'],
    [widower, 'loss wife @2026-02-02 ^2026-02-06', 'Wife June died 2 Feb'],
    ['June wife †', `${june}; loss June died ^2026-02-20`, 'Wife June died 2 Feb'],
  ])('%s | %s', (people, what, line) => {
    expect(
      worldFrom(people, what)
        .losses.map((loss) => loss.line)
        .join('; '),
    ).toBe(line);
  });

  it.each([
    ['2025-03-14', 'wife June', '2026-03-12', 'Sat 14 Mar: a year since June died'],
    ['2023-03-14', 'wife June', '2026-03-12', 'Sat 14 Mar: 3 years since June died'],
    ['2021-03-22', 'wife June', '2026-03-12', 'Sun 22 Mar: 5 years since June died'],
    ['2020-03-22', 'wife June', '2026-03-12', undefined],
    ['2025-03-23', 'wife June', '2026-03-12', undefined],
    ['2025-03-09', 'wife June', '2026-03-12', 'Mon 9 Mar: a year since June died'],
    ['2025-03-08', 'wife June', '2026-03-12', undefined],
    ['2025-03', 'wife June', '2026-03-12', 'a year this month since June died'],
    ['2025-04', 'wife June', '2026-03-12', undefined],
    ['2025', 'wife June', '2026-03-12', undefined],
    ['2024-02-29', 'wife June', '2026-02-28', 'Sat 28 Feb: 2 years since June died'],
    [
      '2025-03-14',
      'stillborn daughter Grace at 38 weeks',
      '2026-03-12',
      'Sat 14 Mar: a year since daughter Grace, stillborn at 38 weeks',
    ],
    [
      '2025-03-14',
      'husband Tom died in hospice',
      '2026-03-12',
      'Sat 14 Mar: a year since husband Tom died in hospice',
    ],
  ])('at an anniversary: %s %s on %s', (date, text, day, line) => {
    const { dayLines } = worldFrom(
      '-',
      `loss ${text} @${date} ^${date.length === 10 ? date : '2025-04-10'}`,
      day as CivilDate,
    );
    expect(dayLines.map((one) => one.text)[0]).toBe(line);
  });

  it('at a due date that is held back', () => {
    const due = 'milestone Baby due @2026-03-17 ^2026-01-20';
    expect(worldFrom('-', `${miscarriage}; ${due}`).dayLines).toMatchObject([
      { text: 'would have been due Tue 17 Mar', isPrivate: false },
    ]);
    expect(worldFrom('-', due).dayLines).toEqual([]);
    expect(worldFrom('-', `${miscarriage} !; ${due}`).dayLines).toMatchObject([{ isPrivate: true }]);
  });
});

it('tells no death that only private notes tell, unless they are told', () => {
  const world = worldFrom(widower, `${june} !`);
  const [dead] = circleOf(widower).people;
  if (dead === undefined) throw new Error('nobody');
  expect([world.isDead(dead), world.losses[0]?.isPrivate]).toEqual([false, true]);
  expect(worldFrom(widower, `${june} !; ${june}`).isDead(dead)).toBe(true);
  expect(worldFrom(widower, `${june} !`, on, true).isDead(dead)).toBe(true);
});

describe('whatever was written', () => {
  const names = ['June', 'Tom', 'Ana', 'Rose', 'Will', 'May', 'Ben'];
  const relations = ['wife', 'son', 'daughter', 'sister', 'friend', 'mother-in-law', 'dog'];
  const anyPeople = fc.uniqueArray(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...relations)), {
    minLength: 1,
    maxLength: 5,
    selector: ([name]) => name,
  });
  const templates = fc.constantFrom(
    'So NAME sings',
    'Sails with NAME',
    "NAME's shop",
    'How RELATION NAME is',
    'The picnic with RELATION NAME and the rest',
    'NAME, the garden, and NAME again',
    'Is it safe, asks NAME?',
  );
  const kinds = fc.constantFrom(
    'story',
    'question',
    'decision',
    'interest',
    'next',
    'concern',
    'matters',
    'explain',
    'gist',
  );
  const before = anyDate('2019-01-01', '2026-02-05');

  it('nothing about somebody who died passes that was recorded before their death was', () => {
    fc.assert(
      fc.property(anyPeople, templates, kinds, before, (people, template, kind, day) => {
        const [[name, relation] = ['', '']] = people;
        const circle = people
          .map(([one, other], place) => `${one} ${other}${place === 0 ? ' †' : ''}`)
          .join('; ');
        const text = template.replaceAll('NAME', name).replaceAll('RELATION', relation);
        fc.pre(!/^(?:June|Rose|Will|May)\b(?!')/.test(text));
        const world = worldFrom(circle, `loss ${relation} ${name} @2026-02-02 ^2026-02-06`);
        const [note] = itemsOf(`${kind} ${text} ^${day}`, circleOf(circle), 'n');
        expect(note && world.holdsNote(note)).toMatchObject({ because: 'death', person: { name } });
      }),
    );
  });

  it('the order of notes and people changes nothing', () => {
    const texts = fc.constantFrom(
      'loss wife June @2026-02-02 ^2026-02-06',
      'loss June died ^2026-02-08 !',
      'loss miscarriage @2026-02-20 ^2026-02-21',
      'loss wife moved out @2025-02-20 ^2026-02-21',
      'avoid son Tom, no contact ^2026-01-10',
      'next How Tom is ^2025-12-01',
      'interest Sails with June ^2025-12-01',
      'milestone Baby due @2026-03-17 ^2026-01-20',
      'story so June and Tom ^2025-12-01',
    );
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 9 }), fc.infiniteStream(fc.nat()), (list, dice) => {
        const circle = circleOf('June wife; Tom son; Ana wife †');
        const notes = itemsOf(list.join('; ') || '-', circle, 'w');
        const shuffled = <T>(all: readonly T[]): readonly T[] =>
          sortedBy(all, () => [dice.next().value ?? 0]);
        const seen = (people: readonly Person[], those: readonly Note[]) => {
          const { losses, dayLines, ...world } = worldOf({ ...circle, people, notes: those }, on);
          const marks = notes.map((note) => [
            world.holdsNote(note),
            world.markOfNext(note),
            world.markOfOutreach(note),
          ]);
          return JSON.stringify([losses, dayLines, marks]);
        };
        expect(seen(shuffled(circle.people), shuffled(notes))).toBe(seen(circle.people, notes));
      }),
    );
  });
});
