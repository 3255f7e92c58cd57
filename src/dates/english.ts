/** The words of time in English, alone and in a line: another language is another such file, and its forms. */
import { lazy, months, numbered, valued, weekdays } from './civil.ts';

/** Words, too: a date only beside a number, a preposition or 'next'. Names of people are such words as well. */
export const doubtful = new Set('may march mar sat sun jan april june august'.split(' '));

export const numbers = new Map([
  ...numbered(
    `one=a=an two=couple three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen`,
  ),
  ['twenty', 20] as const,
]);
export const ordinals = numbered(
  `first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
   sixteenth seventeenth eighteenth nineteenth twentieth`,
);

/** Days from today. */
export const dayWords = valued([
  ['today|2day', 0],
  [
    'tomorrow|tmrw|tmrrw|tmrow|tmoro|tmro|2mrw|tomorro|tmr|tmw|tomo|tomoz|tomorow|tommorow|tommorrow|2morrow|2moro',
    1,
  ],
  ['yesterday', -1],
]);

export type Unit = 'minute' | 'hour' | 'day' | 'week' | 'fortnight' | 'month' | 'year' | 'business day';
/** By the singular. */
export const units = valued<Unit>([
  ['minute|min', 'minute'],
  ['hour|hr|h', 'hour'],
  ['day|d|/7', 'day'],
  ['week|wk|w|/52', 'week'],
  ['fortnight', 'fortnight'],
  ['month|mth|mnth|mo|m|/12', 'month'],
  ['year|yr|y', 'year'],
  ['business day|working day|work day|bus day|weekday', 'business day'],
]);
export const repeatWords = valued<readonly [number, Unit]>([
  ['daily', [1, 'day']],
  ['weekly', [1, 'week']],
  ['fortnightly', [2, 'week']],
  ['monthly', [1, 'month']],
  ['quarterly', [3, 'month']],
  ['yearly|annually', [1, 'year']],
]);

/** Days of every year, 'MM-DD'. */
export const feasts = valued([
  ['christmas day|xmas day|christmas|xmas', '12-25'],
  ['christmas eve|xmas eve', '12-24'],
  ['boxing day', '12-26'],
  ["new year's eve|new years eve|nye", '12-31'],
  ["new year's day|new years day|new year's|new years|new year", '01-01'],
  ["valentine's day|valentines day", '02-14'],
  ["st patrick's day|st patricks day", '03-17'],
  ['may day', '05-01'],
  ['juneteenth', '06-19'],
  ['bonfire night', '11-05'],
  ['halloween', '10-31'],
]);
/** Days from Easter Sunday. */
export const easterDays = valued([
  ['easter sunday|easter day|easter', 0],
  ['easter monday', 1],
  ['easter saturday', -1],
  ['good friday', -2],
  ['maundy thursday', -3],
  ['palm sunday', -7],
  ['ash wednesday', -46],
  ['shrove tuesday|pancake day', -47],
  ['mothering sunday', -21],
  ['whit monday', 50],
]);

const anyOf = (words: ReadonlyMap<string, unknown>): string =>
  [...words.keys()].sort((one, other) => other.length - one.length).join('|');

/** Letters of any script in a class, near enough beside English words: \p{L} takes a millisecond to compile. */
export const letters = 'a-z\\u00c0-\\u1fff\\u3040-\\ud7ff\\uf900-\\ufdff';

/** What a class stands for in a form, where it is not the words of a map above. */
export const classes = lazy(
  (): Readonly<Record<string, string>> => ({
    number: '\\d{1,3}',
    word: anyOf(numbers),
    count: `\\d{1,3}|${anyOf(numbers)}`,
    d: '\\d{1,2}',
    nth: '\\d{1,2}(?:st|nd|rd|th)',
    ordinal: anyOf(ordinals),
    which: `\\d{1,2}(?:st|nd|rd|th)|${anyOf(ordinals)}|last`,
    weekday: anyOf(weekdays),
    named: anyOf(months),
    yyyy: '\\d{4}',
    anyYear: "\\d{4}|'?\\d\\d",
    // What a number stands behind, or before, that is no date.
    measures:
      'hb|inr|k|na|va|bp|bm|bmi|hr|temp|sats|crp|wcc|egfr|ldl|tsh|psa|a1c|hba1c|pain|score|scored|phq|gad|mmse',
    measured:
      'mg|mcg|g|kg|ml|l|cm|mm|mmol|units?|tabs?|tablets?|doses?|times|x|%|steps|miles|km|stone|lbs?|pints?',
    dayword: anyOf(dayWords),
    feast: anyOf(new Map<string, unknown>([...feasts, ...easterDays])),
    unit: "(?:day|week|wk|month|year|yr)'s|minutes?|mins?|hours?|hrs?|days?|weeks?|wks?|fortnights?|months?|mths?|mnths?|mo|mos|years?|yrs?",
    short: '[hdwy]',
    worked: '(?:business|working|work|bus\\.?) ?days?|weekdays',
    repeat: anyOf(repeatWords),
    week: 'week|wk',
    ends: 'weekend|week-end|wkend|wknd|w/end|wk end',
    part: 'morning|morn|am|a\\.m\\.|afternoon|aft|pm|p\\.m\\.|evening|eve|night|lunch',
    clock:
      "(?:1[0-2]|0[1-9]|[1-9])(?:[:.][0-5]\\d)? ?(?:am|pm|a\\.m\\.|p\\.m\\.|o'clock)|(?:[01]\\d|2[0-3]|\\d):[0-5]\\d|noon|midday|midnight|lunchtime|teatime",
    close:
      'cob|eod|eop|cop|close of (?:business|play)|(?:the )?end of (?:the )?(?:day|play|clinic|surgery|session|shift|business)',
  }),
);

/** What is around the words of time in a line. */
export const around = {
  /** What goes before a day in a line, and what it then is. */
  leads: {
    due: 'by|on|at|for|due|in|within|around|approx|approximately|roughly|nearly|almost|on or before|by or on|from about|over|come|coming',
    latest: 'no later than|not later than|latest by|latest|at (?:the )?latest(?: by| on)?|at most(?: by)?',
    before: 'before|b4|ahead of|prior to|in advance of',
    asked:
      "first on|(?:not|never|don't|dont) (?:before|on|by|until|till|til)|no (?:sooner|earlier) than|(?:not )?(?:sooner|earlier) than|(?:at (?:the )?)?earliest|not|until after|till after|after|from|since|except|until|till|til|starting|commencing|beginning|as of|between|instead of|other than|apart from|(?:closed|shut|off|away|out|leave|unavailable|out of office|off sick|on holiday)(?: on| from| until| till)?|(?:info|information|leaflet|talk|advice|sheet|handout|booklet) on",
    topic: 'about|re|re:|regarding|concerning|of|how|what happened|how was|how did',
  },
  certain: /^(?:by|due by|on or before)$/,
  /** Before a weekday or month that is a word, too. */
  sure: /^(?:on|by|before|b4|until|till|til|from|since|after|during|in|for|due|early|mid|late|not)$/,
  /** Behind these even a name on file is a day. */
  surest: /^(?:on|by|in|mid|early|late|next|last)$/,
  /** A day and month, and no more. */
  yearless:
    /^(?!\d+ ?y)(?:(?:the )?\d{1,2}(?:st|nd|rd|th)?[ /.-]?(?:of )?[a-z]+\.?|[a-z]+\.? ?(?:the )?\d{1,2}(?:st|nd|rd|th)?|\d{1,2}[/.-]\d{1,2}\.?)$/,
  /** Before a name: 'Dr May'. */
  titles: /\b(?:mr|mrs|ms|miss|dr|prof|sister|nurse|aunt|uncle)\.? +$/,
  /** A day behind which it was: 'how friday went'. */
  afterTopic: /^(?:'s)? +(?:was|were|went|happened)\b/,
  /** Before a length of time that is of something else: 'a 2 week diary'. */
  boundLength:
    /(?:\d|\b(?:the|a|an|another|her|his|their|first|every|than|only|is|are|aged|for|nearly|almost|over|under|about)) +$/,
  /** What is behind a date that goes with no noun. */
  freeEnd:
    /^[ ]*(?:$|[,;.!?()]|(?:re|about|with|w\/|to|for|at|by|if|and|or|but|so|then|after|before|when|from|on|in|please|pls|latest|max|tops|via|regarding|because|unless|until|am|pm)(?!\w))/u,
  /** Behind 'asap' in a line: it is told of what is before it. */
  goesWith: /^ *(?:[,;.(]|(?:re|about|with|w\/|to|for|regarding)(?!\w))/u,
  /** Before a day, it is another, or none: 'any Monday', 'the following Friday'. */
  anotherDay:
    /(?<![\w'-])(?:no|any|some|same|that|previous|half|following|an?|each|every|first|mid|post|pre|per|w\/c|next|this|last|most|other)[ -]+$/u,
  /** Between two times of which only one can be it: '14th or mon', 'weekly and fri'. */
  joined:
    /(?:^|(?:^| )\d{1,2}(?:st|nd|rd|th)?) *(?:, *)?(?:or|to|and|thru|through|plus|minus|bar|[&/]|-(?! )) *(?:(?:on|by|the) +)*$/,
  /** Words between 'before' and the day of what is before: 'before the wedding on 21 mar'. Of 'after' it names no day. */
  besideEvent:
    /\b(before|b4|after|following|since|until|till|til) (?!(?:work|school|clinic|lunch|tea|dinner|breakfast|noon|all) )(?:(?:(?:the|her|his|their|a|an|my|our|your) )?(?:[a-z\u00c0-\ud7ff'-]+ ){1,3}on (?:the )?|(?:the|her|his|their|my|our) (?:[a-z\u00c0-\ud7ff'-]+ ){1,2}|(?<!before |b4 )(?:[a-z\u00c0-\ud7ff'-]+ ){1,3})$/u,
  /** Behind a day; what is kept names a day that only begins. */
  rankTail:
    /^[ ,(]*(?:at +(?:the +)?latest|latest|at +most|at +the +outside|(at +(?:the +)?earliest|earliest|onwards?|or +(?:later|after)))(?!\w)\)?/u,
  politeTail: /^[ ,]*(?:please|pls|plz|thanks|ta)(?=[ .!]*$)/,
  /** Before a day in its clause: it is the topic, or the past. */
  past: /\b(?:was|were|went|happened|took|had)\b/,
  /**
   * So they are, mostly, and so is what is not to be done; right before the day, what was done then, unless it is to be;
   * 'wish luck for the exam on tues'. A day behind them is asked about.
   */
  perhapsNot: [
    /\b(?:did|fell|came|saw|felt|missed|slept|called|rang|phoned|texted|emailed|wrote|spoke|talked|visited|met|walked|drank|ate|wasn't|didn't|weren't)\b/,
    /\b(?:told|said|asked)\b(?!.{0,40} (?:i'd|i'll|i|we'd|we'll|we|to) )/,
    /^[^a-z]*(?:(?:pls|please|he|she|they|pt|patient) )*(?:(?:do|does|need|will|would|ca|wo|should)(?:n'?t| not)|cannot|no|not|never|avoid)(?! forget| later) /u,
    /^(?!.*\b(?:be|gets?|getting|have|having|needs?|wants?)\b).*\b(?:taken|done|sent|dated|received|posted|given|started|stopped|seen|admitted|discharged|made|signed|missed|missing) $/,
    /\b(?:he|she|they|it|who)(?: (?:had|has|have|just|already))? (?:\w*[^\We]ed|agreed) $/,
    /\b(?:thank|sorry|apologi[sz]e|congratulate|wish)\b.{0,60} for /,
  ],
  /** With 'for' and a day: 'thank her for Sunday'. */
  aboutFor: /\b(?:thank|thanks|sorry|apologise|apologize|congratulate|ask|wish|luck)\b/,
  /** Ends a clause. */
  clauseEnds:
    /[,;.!?()](?= |$)| - | (?:then|and (?:then )?(?:call|phone|ring|send|mail|ask|refer|check|write|email|bring|book|tell|see|review)) /g,
  /** Begins words about an event: before a promise they say when, and name no day. */
  events: /\b(?:before|b4|after|until|till|til|since) (?=[a-z\u00c0-\ud7ff])/gu,
  /** Of these, verbs: 'she may', 'march on'; but not behind what stands before a noun. */
  verbs: new Set(['may', 'march']),
  beforeNoun: /\b(?:the|a|this|her|his|their|my|our|last|first) +$/,
};
/** Milestones that return. */
export const yearlyWords = /\b(?:birthday|bday|b'day|b-day|anniversary|anniv|sober|name day|name-day)\b/;
