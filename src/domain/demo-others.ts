/** Demonstration patients who do not come today, and builders of records relative to today. */
import { addDays, addMonths, type CivilDate, weekdayOf } from '../dates/civil.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function around(today: CivilDate) {
  const day = (days: number): CivilDate => addDays(today, days);
  const worked = (days: number): CivilDate =>
    days >= 0 ? day(days) : day(days - Math.max(0, weekdayOf(day(days)) - 5));
  const yearsAgo = (years: number): CivilDate => addMonths(today, -12 * years);
  const yearly = (days: number): string => `-${day(days).slice(4)}`;
  const note = (kind: string, recorded: number, text: string, more: Fields = {}): Fields => ({
    kind,
    text,
    recorded_on: worked(recorded),
    ...more,
  });
  const promise = (made: number, due: number | null, text: string, more: Fields = {}): Fields => ({
    text,
    owner: 'me',
    kind: 'other',
    made_on: worked(made),
    due: due === null ? null : worked(due),
    ...more,
  });
  const kept = (
    [made, due, closed]: readonly [made: number, due: number, closed: number],
    text: string,
    how: string | null = null,
    more: Fields = {},
  ): Fields =>
    promise(made, due, text, { status: 'kept', closed_on: worked(closed), how, who: 'me', ...more });
  const contact = (days: number, channel = 'visit', more: Fields = {}): Fields => ({
    on: worked(days),
    channel,
    state: 'held',
    ...more,
  });
  const visits = (...days: readonly number[]): readonly Fields[] => days.map((one) => contact(one));
  const planned = (days: number, at: string): Fields => contact(days, 'visit', { at, state: 'planned' });
  const called = (days: number): Fields => contact(days, 'call', { direction: 'out' });
  return { day, worked, yearsAgo, yearly, note, promise, kept, contact, visits, planned, called };
}

export function demoOthers(today: CivilDate): readonly Fields[] {
  const { day, worked, yearsAgo, note, promise, kept, contact, visits, planned, called } = around(today);
  return [
    {
      id: 'demo-wang',
      name: '王秀英',
      handle: 'wang',
      goes_by: '王老师',
      say: 'Wang laoshi: teacher Wang',
      pronouns: 'she/her',
      language: 'Mandarin, daughter interprets',
      birth_date: '1951',
      first_met: yearsAgo(6),
      people: [{ id: 'demo-wang-mei', name: 'Mei', relation: 'daughter' }],
      notes: [
        note('question', -40, '可以继续打太极吗？'),
        note('matters', -40, '看到孙女上大学'),
        note('milestone', -40, "Granddaughter's university entrance exam", { date: day(48) }),
        note('interest', -200, 'Teaches tai chi in the park at six every morning'),
        note('story', -600, 'Primary school teacher in Chengdu; came here for the granddaughter'),
        note('explain', -40, 'Short sentences, then let Mei repeat them; she nods out of politeness'),
        note('preference', -200, 'Ask her, not Mei, first'),
      ],
      commitments: [
        promise(-40, 12, 'Large-print exercise sheet in Chinese', { kind: 'send' }),
        kept([-200, -190, -192], 'Find an interpreter for when Mei works', null),
      ],
      contacts: visits(-40, -200, -600),
    },
    {
      id: 'demo-xiuying',
      name: 'Wang Xiuying',
      handle: 'xiuying',
      birth_date: '1951',
      language: 'Chinese',
      unconfirmed: ['language', 'birth_date'],
      notes: [note('story', -9, 'Called about flu jabs for the park group', { source: 'imported' })],
      contacts: [contact(-9, 'call', { direction: 'in' })],
    },
    {
      id: 'demo-george',
      name: 'George Whitfield',
      handle: 'george',
      goes_by: 'George',
      pronouns: 'he/him',
      first_met: yearsAgo(21),
      status: 'died',
      died_on: day(-18),
      hold: true,
      people: [{ id: 'demo-george-ruth', name: 'Ruth', relation: 'daughter' }],
      notes: [
        note('story', -2000, 'Bus driver on line 12; knew every passenger by their stop'),
        note('interest', -500, 'Pigeons, and the names he gave them'),
      ],
      commitments: [
        promise(-60, -20, 'Give back the photographs he lent', { for_person: 'demo-george-ruth' }),
        promise(-60, -3, 'Find a home for the pigeons'),
        kept([-180, -170, -171], 'Large print for the bus club letter', null, { kind: 'send' }),
      ],
      contacts: visits(-60, -180, -500, -2000),
    },
    {
      id: 'demo-peg',
      name: "Margaret O'Connor",
      handle: 'peg',
      goes_by: 'Peg',
      pronouns: 'she/her',
      birth_date: '1939-08-14',
      first_met: yearsAgo(23),
      people: [
        { id: 'demo-peg-frank', name: 'Frank', relation: 'husband', status: 'died', died_on: yearsAgo(6) },
      ],
      notes: [
        note('loss', -2180, 'husband Frank', { person: 'demo-peg-frank', date: yearsAgo(6) }),
        note('story', -4200, 'Ran the ferry kiosk; met Frank selling him a wet ticket', { pinned: true }),
        note('interest', -75, 'Swims in the sea until October'),
        note('interest', -1500, 'Bakes soda bread for the whole street'),
        note('milestone', -75, 'Great-grandchild expected', { date: day(40).slice(0, 7) }),
        note('milestone', -1500, 'Birthday', { date: '--08-14', yearly: true, confirmed_on: day(-75) }),
        note('matters', -75, 'Not ending up in a chair by a window'),
        note('preference', -1500, 'Say it straight, then put the kettle on', { confirmed_on: day(-75) }),
        note('concern', -75, 'The stairs at night'),
        note('next', -75, 'Whether the handrail came'),
      ],
      commitments: [
        promise(-75, -45, 'Ask the council about a second handrail', {
          kind: 'ask',
          snoozes: [{ on: worked(-46), from: worked(-60), to: worked(-45), reason: 'the office was closed' }],
          attempts: [{ on: worked(-44), note: 'line busy' }],
        }),
        kept([-75, -61, -60], 'Swimming group for winter', 'sent the address of the winter swimmers', {
          kind: 'send',
        }),
        kept([-260, -250, -251], 'Check the bus times to the pool', null, { kind: 'check' }),
      ],
      contacts: [
        ...visits(-75, -640, -1500, -2180, -4200),
        contact(-260, 'home'),
        called(-60),
        planned(-1, '15:30'),
      ],
    },
    {
      id: 'demo-dov',
      name: 'Dov Lerner',
      handle: 'dov',
      goes_by: 'Dov',
      pronouns: 'he/him',
      birth_date: '1972',
      first_met: yearsAgo(3),
      cadence_days: 60,
      notes: [
        note('story', -240, 'Lorry driver; speaks on the telephone more easily than in a room'),
        note('concern', -83, 'Falling asleep at the wheel'),
        note('interest', -240, 'Repairs old radios'),
      ],
      commitments: [
        promise(-83, 1, 'Call before his night run', { kind: 'call' }),
        kept([-240, -230, -229], 'Call on a day off', null, { kind: 'call' }),
        promise(-240, -200, 'Find the article on driving at night', {
          status: 'dropped',
          closed_on: day(-210),
          reason: 'he found it himself',
        }),
      ],
      contacts: [...visits(-240), called(-83), contact(-20, 'visit', { state: 'missed' })],
    },
    {
      id: 'demo-ola',
      name: 'Ola Brandt',
      handle: 'ola',
      status: 'archived',
      first_met: yearsAgo(8),
      notes: [note('story', -800, 'Moved north to be near the grandchildren')],
      contacts: visits(-800),
    },
  ];
}
