/** The fictional patients of `rapport demo`: a line a record, with days counted from today. */
import { addDays, addMonths, type CivilDate, weekdayOf, yearOf } from '../dates/civil.ts';

/**
 * `word numbers: text | field=value | field:=JSON`. Numbers are days from today; those behind us that fall on a weekend
 * stand on the Friday before. In a value `@` leads a date: @3 the day, @-3w so moved from a weekend, @3m its month, @3*
 * that day of every year, @-3y so many years ago, @-3M months ago, @-3Y the year alone. Ids are within the patient.
 */
const lines = `
patient amara: Amara Okafor | goes_by=Mrs Okafor | say=oh-KAH-for | pronouns=she/her | birth_date=1958 | first_met=@-9y
person chidi: Chidi | relation=son
milestone -98: Son Chidi's wedding in Lagos | date=@16 | person=chidi
question -98: Will I manage eleven hours in a plane?
matters -98: Dancing at the wedding, not sitting by the wall
concern -190: Becoming a burden to Chidi
story -700: Taught chemistry for 34 years; half the town was in her class | confirmed_on=@-98
interest -98: Grows scotch bonnets on the balcony, brings some in August
interest -400: Reads detective novels, guesses the end by page 50
family -400: Lives alone; neighbour Joan has the key | id=joan | status=superseded
family -190: Lives alone; Joan moved away, Chidi has the key | replaces=joan
explain -98: Numbers and graphs are welcome. Do not round them for her
preference -400: Messages, not calls: she naps after lunch
next -98: Did the dress get finished
promise -98 -12: Find out about compression stockings for the flight | kind=ask
promise -98 0: Letter for the airline | kind=send
promise -98 -5: food diary for two weeks | owner=patient
kept -98 -91 -92: Call with the echo result | how=explained twice | kind=call
kept -190 -176 -178: Send the list of walking groups | kind=send
held -98 -190 -400 -700: visit
held -92: call | direction=out
held -4: message | direction=in | gist=short of breath on the stairs since Sunday
planned 0: visit | at=09:10 | gist=before the flight

patient henrik: Henrik Lindqvist | goes_by=Henrik | pronouns=he/him | birth_date=1947-05 | first_met=@-14y
person inga: Inga | relation=wife | status=died | died_on=@-39
person nils: Nils | relation=grandson | birth_date=@-9Y
person karin: Karin | relation=daughter
loss -35: wife Inga | person=inga | date=@-39
avoid -35: Do not ask about the house: Karin and he disagree
question -35: Could we have found it sooner?
matters -150: Staying where the workshop is
milestone -900: Wedding anniversary | person=inga | date=@19* | yearly:=true | confirmed_on=@-360
interest -150: Building a toy train with grandson Nils | person=nils
interest -360: Dances the hambo with Inga on Saturdays | person=inga
family -360: Inga's sister Britt comes on Sundays
milestone -150: Trip to Gotland with Inga | person=inga | date=@120m
story -900: Cabinet maker; made the clinic door in 1989
explain -150: Draw it. He thinks in drawings
next -35: Whether he sleeps in the bedroom again
promise -35 3: Call at six weeks | kind=call
promise -35 2: send the form for the home help | owner=staff | kind=send
kept -36 -23 -34: Condolence note | how=by post | kind=send
kept -360 -158 -152: Ask about a ramp for the workshop | kind=ask
kept -360 -350 -352: Call Inga about the pillbox | kind=call
held -150 -360 -900: visit
held -35: call | direction=out
planned 0: visit | at=10:20

patient tomas: Tomás Ferreira | language=Portuguese | unconfirmed:=["language"] | new:=true
story -2: "The last one never asked what I do all day"
story -2: Night baker, new in town; sister Lena may come along
kept -3 -2 -2: Welcome call | how=he will bring his old papers | kind=welcome
held -2: call | direction=out
planned 0: visit | at=11:00

patient leila: Leila Haddad | goes_by=Leila | pronouns=she/her | birth_date=1986-11-02 | first_met=@-4y
person sami: Sami | relation=son | birth_date=@-89M
person nour: Nour | relation=daughter | birth_date=@-3Y
decision -21: Choosing: night shifts or asking for days; leans days (sleep, Sami)
question -21: Is it the job or is it me?
matters -21: Reading to the children without falling asleep first
family -21: Changed school, cries at the gate on Mondays | person=sami
milestone -21: Nursery begins | person=nour | date=@6 | reach_out:=true
interest -110: Sings in a women’s choir, alto
avoid -110: Her brother works at the front desk: nothing about home there | sensitive:=true
concern -110: Marriage is strained since the move | sensitive:=true
preference -110: Wants options written down, decides at home
next -21: How the talk with her manager went
promise -21 0: Check which sleep clinic takes night workers | kind=check
promise -21: Lend the book about shift work
promise -21 2: Ask for the first slot of the day | id=slot | kind=ask
kept -110 -100 -100: Options in writing | kind=send
kept -300 -290 -281: Call about the night light | kind=call
held -21 -110 -300: visit
planned 0: visit | at=14:40

patient wang: 王秀英 | goes_by=王老师 | say=Wang laoshi: teacher Wang | pronouns=she/her | language=Mandarin, daughter interprets | birth_date=1951 | first_met=@-6y
person mei: Mei | relation=daughter
question -40: 可以继续打太极吗？
matters -40: 看到孙女上大学
milestone -40: Granddaughter's university entrance exam | date=@48
interest -200: Teaches tai chi in the park at six every morning
story -600: Primary school teacher in Chengdu; came here for the granddaughter
explain -40: Short sentences, then let Mei repeat them; she nods out of politeness
preference -200: Ask her, not Mei, first
promise -40 12: Large-print exercise sheet in Chinese | kind=send
kept -200 -190 -192: Find an interpreter for when Mei works
held -40 -200 -600: visit

patient xiuying: Wang Xiuying | birth_date=1951 | language=Chinese | unconfirmed:=["language", "birth_date"]
story -9: Called about flu jabs for the park group | source=imported
held -9: call | direction=in

patient george: George Whitfield | goes_by=George | pronouns=he/him | first_met=@-21y | status=died | died_on=@-18 | hold:=true
person ruth: Ruth | relation=daughter
story -2000: Bus driver on line 12; knew every passenger by their stop
interest -500: Pigeons, and the names he gave them
promise -60 -20: Give back the photographs he lent | for_person=ruth
promise -60 -3: Find a home for the pigeons
kept -180 -170 -171: Large print for the bus club letter | kind=send
held -60 -180 -500 -2000: visit

patient peg: Margaret O'Connor | goes_by=Peg | pronouns=she/her | birth_date=1939-08-14 | first_met=@-23y
person frank: Frank | relation=husband | status=died | died_on=@-6y
loss -2180: husband Frank | person=frank | date=@-6y
story -4200: Ran the ferry kiosk; met Frank selling him a wet ticket | pinned:=true
interest -75: Swims in the sea until October
interest -1500: Bakes soda bread for the whole street
milestone -75: Great-grandchild expected | date=@40m
milestone -1500: Birthday | date=--08-14 | yearly:=true | confirmed_on=@-75
matters -75: Not ending up in a chair by a window
preference -1500: Say it straight, then put the kettle on | confirmed_on=@-75
concern -75: The stairs at night
next -75: Whether the handrail came
promise -75 -45: Ask the council about a second handrail | kind=ask | snoozes:=[{"on":"@-46w","from":"@-60w","to":"@-45w","reason":"the office was closed"}] | attempts:=[{"on":"@-44w","note":"line busy"}]
kept -75 -61 -60: Swimming group for winter | how=sent the address of the winter swimmers | kind=send
kept -260 -250 -251: Check the bus times to the pool | kind=check
held -75 -640 -1500 -2180 -4200: visit
held -260: home
held -60: call | direction=out
planned -1: visit | at=15:30

patient dov: Dov Lerner | goes_by=Dov | pronouns=he/him | birth_date=1972 | first_met=@-3y | cadence_days:=60
story -240: Lorry driver; speaks on the telephone more easily than in a room
concern -83: Falling asleep at the wheel
interest -240: Repairs old radios
promise -83 1: Call before his night run | kind=call
kept -240 -230 -229: Call on a day off | kind=call
promise -240 -200: Find the article on driving at night | status=dropped | closed_on=@-210 | reason=he found it himself
held -240: visit
held -83: call | direction=out
missed -20: visit

patient eileen: Eileen Brennan | goes_by=Eileen | pronouns=she/her | birth_date=1951 | first_met=@-12y
person tom: Tom | relation=husband | patient=demo-tom
person grace: Grace | relation=daughter | status=died | died_on=@-2y
loss -728: daughter Grace, in a car accident | person=grace | date=@-2y
story -900: Ran the post office until it closed
interest -60: Mends china for the charity shop
matters -60: Keeping the dog, whatever comes
concern -300: My hands go numb when I sew
concern -60: The numb hands again; dropped a cup
next -60: Whether the splint helps at night
promise -60 9: Ask the hand clinic for an earlier date | kind=ask
held -60 -300 -900: visit
planned 3: visit | at=11:40

patient tom: Tom Brennan | goes_by=Tom | pronouns=he/him | birth_date=1949 | first_met=@-12y
person eileen: Eileen | relation=wife | patient=demo-eileen
story -500: Drove the milk round; up at four still
question -45: Will I have to give up the van?
promise -45 20: Call about his driving licence | kind=call | every=6 months
held -45 -500: visit

patient ines: Inês Duarte | goes_by=Inês | say=ee-NESH | pronouns=she/her | birth_date=1990 | first_met=@-3y | quiet:=true
interest -30: Sews costumes for the carnival
question -30: When can I go back to dancing?
learned -30: Ask about the carnival first; the rest comes by itself
avoid -30: What she told you while he waited outside | sensitive:=true
promise -30 6: Ring her at work, never at home | kind=call | sensitive:=true
promise -30 10: Find a dance class that begins slowly
held -30 -200: visit
planned 1: visit | at=15:10

patient ola: Ola Brandt | status=archived | first_met=@-8y
story -800: Moved north to be near the grandchildren
held -800: visit
`;

function worked(today: CivilDate, days: number): CivilDate {
  const day = addDays(today, days);
  return days >= 0 ? day : addDays(day, -Math.max(0, weekdayOf(day) - 5));
}

function dateOf(today: CivilDate, count: number, unit: string): string {
  const day = addDays(today, count);
  if (unit === 'w') return worked(today, count);
  if (unit === 'm') return day.slice(0, 7);
  if (unit === '*') return `-${day.slice(4)}`;
  if (unit === 'y') return addMonths(today, 12 * count);
  if (unit === 'M') return addMonths(today, count);
  return unit === 'Y' ? String(yearOf(today) + count) : day;
}

type Fields = Readonly<Record<string, unknown>>;

/** Fields that hold an id. */
const ids = ['id', 'person', 'for_person', 'replaces'];

function fieldsOf(options: readonly string[], patient: string, today: CivilDate): Fields {
  return Object.fromEntries(
    options.map((option) => {
      const [, field = '', isJson, raw = ''] = /^(\w+)(:?)=(.*)$/.exec(option) ?? [];
      const value = raw.replace(/@(-?\d+)([wmyMY*]?)/g, (_, count, unit) =>
        dateOf(today, Number(count), unit),
      );
      if (isJson) return [field, JSON.parse(value)];
      return [field, ids.includes(field) ? `${patient}-${value}` : value];
    }),
  );
}

function recordsOf(line: string, patient: string, today: CivilDate): readonly [list: string, ...Fields[]] {
  const [told = '', ...more] = line.split(' | ');
  const [head = ''] = told.split(': ', 1);
  const text = told.slice(head.length + 2);
  const [word = '', ...numbers] = head.split(' ');
  const fields = fieldsOf(more, patient, today);
  if (word === 'person') return ['people', { id: `${patient}-${numbers[0]}`, name: text, ...fields }];
  const days = numbers.map((number) => worked(today, Number(number)));
  const [made, due = null, closed_on] = days;
  if (word === 'promise' || word === 'kept') {
    const promise = { text, owner: 'me', kind: 'other', made_on: made, due };
    const kept = word === 'kept' ? { status: 'kept', closed_on, who: 'me' } : {};
    return ['commitments', { ...promise, ...kept, ...fields }];
  }
  if (word === 'held' || word === 'planned' || word === 'missed')
    return ['contacts', ...days.map((on) => ({ on, channel: text, state: word, ...fields }))];
  return ['notes', { kind: word, text, recorded_on: made, ...fields }];
}

function patientOf(block: string, today: CivilDate): Fields {
  const [first = '', ...others] = block.split('\n');
  const [, handle = '', name = '', rest = ''] = /^patient (\w+): (.*?)( \| .*)$/.exec(first) ?? [];
  const id = `demo-${handle}`;
  const lists = new Map<string, readonly Fields[]>();
  for (const line of others) {
    const [list, ...records] = recordsOf(line, id, today);
    lists.set(list, [...(lists.get(list) ?? []), ...records]);
  }
  const fields = fieldsOf(rest.split(' | ').slice(1), id, today);
  return { id, name, handle, ...fields, ...Object.fromEntries(lists) };
}

/** An interchange document with dates relative to today. */
export function demoDocument(today: CivilDate): string {
  const patients = lines
    .trim()
    .split('\n\n')
    .map((block) => patientOf(block, today));
  const calendar = {
    closed_days: [{ on: addDays(today, 1), name: 'Team day' }],
    away: [{ from: addDays(today, 24), to: addDays(today, 35), reason: 'leave' }],
  };
  return JSON.stringify({ format: 'rapport', version: 1, patients, calendar });
}

export const demoDraft = (today: CivilDate) =>
  ({
    patientId: 'demo-peg',
    on: worked(today, -1),
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
