/** The fictional patients of `rapport demo`, as an interchange document with dates relative to today. */
import { addMonths, type CivilDate, yearOf } from '../dates/civil.ts';
import { around, demoOthers, type Fields } from './demo-others.ts';

export function demoDocument(today: CivilDate): string {
  const { day, yearsAgo, yearly, note, promise, kept, visits, planned, called } = around(today);
  const comingToday: readonly Fields[] = [
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
        note('family', -400, 'Lives alone; neighbour Joan has the key', {
          id: 'demo-amara-joan',
          status: 'superseded',
        }),
        note('family', -190, 'Lives alone; Joan moved away, Chidi has the key', {
          replaces: 'demo-amara-joan',
        }),
        note('explain', -98, 'Numbers and graphs are welcome. Do not round them for her'),
        note('preference', -400, 'Messages, not calls: she naps after lunch'),
        note('next', -98, 'Did the dress get finished'),
      ],
      commitments: [
        promise(-98, -12, 'Find out about compression stockings for the flight', { kind: 'ask' }),
        promise(-98, 0, 'Letter for the airline', { kind: 'send' }),
        promise(-98, -5, 'food diary for two weeks', { owner: 'patient' }),
        kept(
          [-98, -91, -92],
          'Call with the echo result',
          'called with the echo result, she had it explained twice',
          {
            kind: 'call',
          },
        ),
        kept([-190, -176, -178], 'Send the list of walking groups', null, { kind: 'send' }),
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
        { id: 'demo-henrik-inga', name: 'Inga', relation: 'wife', status: 'died', died_on: day(-39) },
        { id: 'demo-henrik-nils', name: 'Nils', relation: 'grandson', birth_date: String(yearOf(today) - 9) },
        { id: 'demo-henrik-karin', name: 'Karin', relation: 'daughter' },
      ],
      notes: [
        note('loss', -35, 'wife Inga', { person: 'demo-henrik-inga', date: day(-39) }),
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
        promise(-35, 3, 'Call at six weeks', { kind: 'call' }),
        promise(-35, 2, 'send the form for the home help', { owner: 'staff', kind: 'send' }),
        kept([-36, -23, -34], 'Condolence note', 'condolence note sent by post', { kind: 'send' }),
        kept([-150, -140, -133], 'Ask about a ramp for the workshop', null, { kind: 'ask' }),
        kept([-360, -350, -352], 'Call Inga about the pillbox', null, { kind: 'call' }),
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
        note('story', -2, 'Night baker, new in town; sister Lena may come along'),
      ],
      commitments: [
        kept([-3, -2, -2], 'Welcome call', 'welcome call made, he will bring his old papers', {
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
        note('family', -21, 'Changed school, cries at the gate on Mondays', { person: 'demo-leila-sami' }),
        note('milestone', -21, 'Nursery begins', {
          person: 'demo-leila-nour',
          date: day(6),
          reach_out: true,
        }),
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
        promise(-21, 2, 'Ask for the first slot of the day', { id: 'demo-leila-slot', kind: 'ask' }),
        kept([-110, -100, -100], 'Options in writing', null, { kind: 'send' }),
        kept([-300, -290, -281], 'Call about the night light', null, { kind: 'call' }),
      ],
      contacts: [...visits(-21, -110, -300), planned(0, '14:40')],
    },
  ];
  const calendar = {
    closed_days: [{ on: day(1), name: 'Team day' }],
    away: [{ from: day(24), to: day(35), reason: 'leave' }],
  };
  const patients = [...comingToday, ...demoOthers(today)];
  return JSON.stringify({ format: 'rapport', version: 1, patients, calendar });
}

export const demoDraft = (today: CivilDate) =>
  ({
    patientId: 'demo-peg',
    on: around(today).worked(-1),
    lines: [
      { place: 'promise', text: 'send the winter hours of the pool by fri' },
      { place: 'learn', text: 'The handrail came; she put it up with a neighbour' },
    ],
  }) as const;

export const demoKept = (today: CivilDate) =>
  ({
    id: 'demo-leila-slot',
    patch: { status: 'kept', closed_on: today, how: 'the first slot is hers from now on', who: 'me' },
  }) as const;
