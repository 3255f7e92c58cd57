/**
 * The fictional patients of `rapport demo`, as an interchange document whose dates lie around today. Nobody here
 * exists. Each shows something: an overdue promise, a bereavement, a first visit, another script, a death, a child.
 */
import { addDays, addMonths, type CivilDate, yearOf } from '../dates/civil.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Helpers for one day: everything is so many days from it. */
function around(today: CivilDate) {
  const day = (days: number): CivilDate => addDays(today, days);
  const yearsAgo = (years: number): CivilDate => addMonths(today, -12 * years);
  const yearly = (days: number): string => `-${day(days).slice(4)}`;
  const note = (kind: string, recorded: number, text: string, more: Fields = {}): Fields => ({
    kind,
    text,
    recorded_on: day(recorded),
    ...more,
  });
  const promise = (made: number, due: number | null, text: string, more: Fields = {}): Fields => ({
    text,
    owner: 'me',
    kind: 'other',
    made_on: day(made),
    due: due === null ? null : day(due),
    ...more,
  });
  const kept = (
    made: number,
    due: number,
    closed: number,
    text: string,
    how: string | null,
    more: Fields = {},
  ): Fields => promise(made, due, text, { status: 'kept', closed_on: day(closed), how, who: 'me', ...more });
  const visits = (...days: readonly number[]): readonly Fields[] =>
    days.map((days) => ({ on: day(days), channel: 'visit', state: 'held' }));
  const planned = (days: number, at: string): Fields => ({
    on: day(days),
    at,
    channel: 'visit',
    state: 'planned',
  });
  const called = (days: number): Fields => ({
    on: day(days),
    channel: 'call',
    direction: 'out',
    state: 'held',
  });
  return { day, yearsAgo, yearly, note, promise, kept, visits, planned, called };
}

/** @returns the document as JSON text, for the day that is given */
export function demoDocument(today: CivilDate): string {
  const { day, yearsAgo, yearly, note, promise, kept, visits, planned, called } = around(today);
  const patients: readonly Fields[] = [
    {
      id: 'demo-amara',
      name: 'Amara Okafor',
      handle: 'amara',
      goes_by: 'Mrs Okafor',
      say: 'oh-KAH-for',
      pronouns: 'she/her',
      birth_date: '1958',
      first_met: yearsAgo(9),
      people: [{ id: 'demo-amara-chidi', name: 'Chidi', relation: 'son' }],
      notes: [
        note('milestone', -98, "Son Chidi's wedding in Lagos", { date: day(16), person: 'demo-amara-chidi' }),
        note('question', -98, 'Will I manage eleven hours in a plane?'),
        note('matters', -98, 'Dancing at the wedding, not sitting by the wall'),
        note('concern', -190, 'Becoming a burden to Chidi'),
        note('story', -700, 'Taught chemistry for 34 years; half the town was in her class', {
          confirmed_on: day(-98),
        }),
        note('interest', -98, 'Grows scotch bonnets on the balcony, brings some in August'),
        note('interest', -400, 'Reads detective novels, guesses the end by page 50'),
        note('family', -190, 'Lives alone; neighbour Joan has the key'),
        note('explain', -98, 'Numbers and graphs are welcome. Do not round them for her'),
        note('preference', -400, 'Messages, not calls: she naps after lunch'),
        note('next', -98, 'Did the dress get finished'),
      ],
      commitments: [
        promise(-98, -12, 'Find out about compression stockings for the flight', { kind: 'ask' }),
        promise(-98, 0, 'Letter for the airline', { kind: 'send' }),
        promise(-98, -5, 'food diary for two weeks', { owner: 'patient' }),
        kept(
          -98,
          -91,
          -92,
          'Call with the echo result',
          'called with the echo result, she had it explained twice',
          {
            kind: 'call',
          },
        ),
      ],
      contacts: [...visits(-98, -190, -400, -700), called(-92), planned(0, '09:10')],
    },
    {
      id: 'demo-henrik',
      name: 'Henrik Lindqvist',
      handle: 'henrik',
      goes_by: 'Henrik',
      pronouns: 'he/him',
      birth_date: '1947-05',
      first_met: yearsAgo(14),
      people: [
        { id: 'demo-henrik-inga', name: 'Inga', relation: 'wife', status: 'died', died_on: day(-37) },
        { id: 'demo-henrik-nils', name: 'Nils', relation: 'grandson', birth_date: String(yearOf(today) - 9) },
        { id: 'demo-henrik-karin', name: 'Karin', relation: 'daughter' },
      ],
      notes: [
        note('loss', -35, 'wife Inga', { person: 'demo-henrik-inga', date: day(-37) }),
        note('avoid', -35, 'Do not ask about the house yet; Karin and he disagree over selling it'),
        note('question', -35, 'Could we have found it sooner?'),
        note('matters', -150, 'Staying where the workshop is'),
        note('milestone', -900, 'Wedding anniversary', {
          person: 'demo-henrik-inga',
          date: yearly(19),
          yearly: true,
          confirmed_on: day(-360),
        }),
        note('interest', -150, 'Building a toy train with grandson Nils', { person: 'demo-henrik-nils' }),
        note('interest', -360, 'Dances the hambo with Inga on Saturdays', { person: 'demo-henrik-inga' }),
        note('family', -360, "Inga's sister Britt comes on Sundays"),
        note('milestone', -150, 'Trip to Gotland with Inga', {
          person: 'demo-henrik-inga',
          date: day(120).slice(0, 7),
        }),
        note('story', -900, 'Cabinet maker; made the clinic door in 1989'),
        note('explain', -150, 'Draw it. He thinks in drawings'),
        note('next', -35, 'Whether he sleeps in the bedroom again'),
      ],
      commitments: [
        promise(-35, 4, 'Call at six weeks', { kind: 'call' }),
        kept(-36, -30, -34, 'Condolence note', 'condolence note sent by post', { kind: 'send' }),
        promise(-35, 3, 'send the form for the home help', { owner: 'staff', kind: 'send' }),
      ],
      contacts: [...visits(-150, -360, -900), called(-35), planned(0, '10:20')],
    },
    {
      id: 'demo-tomas',
      name: 'Tomás Ferreira',
      handle: 'tomas',
      language: 'Portuguese',
      unconfirmed: ['language'],
      new: true,
      notes: [
        note('story', -2, '"The last one never asked what I do all day"'),
        note('story', -2, 'Night baker, came in March; sister Lena may come along'),
      ],
      commitments: [
        kept(-3, -2, -2, 'Welcome call', 'welcome call made, he will bring his old papers', {
          kind: 'welcome',
        }),
      ],
      contacts: [called(-2), planned(0, '11:00')],
    },
    {
      id: 'demo-leila',
      name: 'Leila Haddad',
      handle: 'leila',
      goes_by: 'Leila',
      pronouns: 'she/her',
      birth_date: '1986-11-02',
      first_met: yearsAgo(4),
      people: [
        { id: 'demo-leila-sami', name: 'Sami', relation: 'son', birth_date: addMonths(today, -12 * 7 - 5) },
        { id: 'demo-leila-nour', name: 'Nour', relation: 'daughter', birth_date: String(yearOf(today) - 3) },
      ],
      notes: [
        note('decision', -21, 'Choosing: night shifts or asking for days; leans days (sleep, Sami)'),
        note('question', -21, 'Is it the job or is it me?'),
        note('matters', -21, 'Reading to the children without falling asleep first'),
        note('family', -21, 'Started school, cries at the gate on Mondays', { person: 'demo-leila-sami' }),
        note('milestone', -21, 'Nursery begins', { person: 'demo-leila-nour', date: day(9) }),
        note('interest', -110, 'Sings in a women’s choir, alto'),
        note('avoid', -110, 'Her brother works at the front desk: nothing about home there', {
          sensitive: true,
        }),
        note('concern', -110, 'Marriage is strained since the move', { sensitive: true }),
        note('preference', -110, 'Wants options written down, decides at home'),
        note('next', -21, 'How the talk with her manager went'),
      ],
      commitments: [
        promise(-21, 0, 'Check which sleep clinic takes night workers', { kind: 'check' }),
        promise(-21, null, 'Lend the book about shift work'),
      ],
      contacts: [...visits(-21, -110, -300), planned(0, '14:40')],
    },
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
      commitments: [promise(-40, 12, 'Large-print exercise sheet in Chinese', { kind: 'send' })],
      contacts: visits(-40, -200, -600),
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
      people: [{ id: 'demo-george-ruth', name: 'Ruth', relation: 'daughter' }],
      notes: [
        note('story', -2000, 'Bus driver on line 12; knew every passenger by their stop'),
        note('interest', -500, 'Pigeons, and the names he gave them'),
      ],
      commitments: [
        promise(-60, -20, 'Give back the photographs he lent', { for_person: 'demo-george-ruth' }),
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
          snoozes: [{ on: day(-46), from: day(-60), to: day(-45), reason: 'the office was closed' }],
          attempts: [{ on: day(-44), note: 'line busy' }],
        }),
        kept(-75, -61, -60, 'Swimming group for winter', 'sent the address of the winter swimmers', {
          kind: 'send',
        }),
      ],
      contacts: [...visits(-75, -260, -640, -1500, -2180, -4200), called(-60)],
    },
  ];
  return JSON.stringify({ format: 'rapport', version: 1, patients });
}
