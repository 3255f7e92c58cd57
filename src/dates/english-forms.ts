/** The forms in which time is said in English, each with its group and what it means. */
// A blank is any number of blanks, {class} or {one|other} is kept for the meaning and {~class} is not, and <form> is any
// form of that group. Of several forms the one that takes the most text wins, of equal ones the later.
const said = <Group extends string, Name extends string>(
  group: Group,
  meaning: Name,
  ...all: readonly string[]
) => all.map((form) => [group, form, meaning] as const);

const reviews = 'in|within|rv|review|see|f/u|fu|bloods';
/** Read or asked about by the order of dates: '2/7' is two days, or 2 July. */
const shorthand = `(?<=\\b(?:${reviews}) +){number}(?: ?- ?{number})?{/7|/12}`;
const counted = 'thing|time|appt|appointment|dose|visit|opinion|floor|class|half|week|birthday|one';
const hours = "am|pm|[ap]\\.m\\.|o'clock|hrs?|of";
/** The end of a line or clause, and what goes on with no noun. */
const end = '(?= *(?:$|[,;.)]))';
const behind =
  '(?= *(?:$|[,;.)]|(?:at|re|about|with|w/|to|for|by|am|pm|and|or|of this month|latest|if|from|each|every|monthly|this|next|except|onwards)\\b))';

export const forms = [
  // How long.
  ['length', '{number}(?: ?(?:-|to|or) ?{number})? ?{unit|short}', 'length'],
  ['length', '{word}(?: (?:to|or) {word})? {unit}', 'length'],
  ['length', '{count}(?: ?(?:-|to|or) ?{count})? {worked}', 'length'],
  [
    'length',
    `(?<=\\b(?:${reviews}|follow up|recall|repeat|every|q) +){number}(?: ?- ?{number})? ?{m}`,
    'length',
  ],
  ['length', '(?:a )?{couple}(?: of)? {unit|worked}', 'length'],
  ['length', '{number}(?:(?:/52)? ?- ?{number})?{/52}', 'length'],
  ['length', shorthand, 'shorthand'],

  // Days of the calendar.
  ['date', '(?:the )?{d}(?:st|nd|rd|th)?(?: |-)?(?:of )?{named}\\b\\.?', 'day and month'],
  ['date', '(?:the )?{d}(?:st|nd|rd|th)?(?: |/|-)?(?:of )?{named}\\.?,?(?: |/|-)?{anyYear}', 'day and month'],
  ['date', '{named}\\.? ?(?:the )?{d}(?:st|nd|rd|th)?(?! ?(?:{~measured|named|unit})\\b)', 'day and month'],
  ['date', '{named}\\.? (?:the )?{d}(?:st|nd|rd|th)?,? {yyyy}', 'day and month'],
  ['date', '{named} (?:the )?{ordinal}|(?:the )?{ordinal} (?:of )?{named}', 'day and month'],
  ['date', '{yyyy}[-/.]{d}[-/.]{d}(?:t\\d\\d:?\\d\\d(?::?\\d\\d)?z?)?', 'iso'],
  ['date', '(?<=\\b(?:on|by|before) +){yyyy}(\\d\\d)(\\d\\d)', 'iso'],
  ['date', '{d}/{d}(?:/{anyYear})?|{d}-{d}-{anyYear}', 'slashed'],
  ['date', '(?<=\\b(?:on|by|before) +){d}-{d}', 'slashed'],
  ['date', '{d}\\.{d}\\.(?:{anyYear})?', 'dotted'],
  ['date', '(?<=\\b(?:on|by|before|am|from) +(?:the )?){d}\\.{d}', 'dotted'],
  ['day', '<date>', 'itself'],
  ['day', '{weekday}\\.?,? (?:the )?<date>', 'weekday and date'],
  ['day', '<date>,? \\(?{weekday}\\)?', 'weekday and date'],
  ['day', `{weekday}\\.?,? (?:the )?{nth}(?! +(?:${counted})\\b)`, 'weekday and ordinal'],
  ['day', `{weekday}\\.?,? {d}${behind}`, 'weekday and ordinal'],
  ['day', `{weekday}\\.?,? {d}(?= +[a-z])(?! ?(?:{~measured|named|unit}|${hours})\\b)`, 'weekday and number'],
  ['asked', `{~nth}${end}|(?<=^ *(?:the )?){~nth}`, 'vague'],
  ['asked', `the (?:(?:twenty|thirty)(?: |-))?{~ordinal}${end}`, 'vague'],
  ['asked', `(?<=\\b(?:on|by|before|until|after) ){~ordinal}${end}`, 'vague'],
  ['day', `the {nth}${behind}`, 'ordinal'],
  ['day', `(?<=\\b(?:on|by|before|until|till|after|since|from) +(?:the )?){nth}${behind}`, 'ordinal'],
  ['day', '(?:the )?{nth} of {this|next|nxt|last} month', 'ordinal of month'],
  ['day', '(?:the )?{nth} of (?:the )?month', 'ordinal'],
  ['every', '(?:the )?{nth},? (?:of )?(?:(?:each|every) month|monthly)', 'monthly on'],
  ['every', '(?:every|each) {nth}(?: of (?:the )?month|(?= *(?:$|[,;.)])))', 'monthly on'],
  ['day', '(?:the )?{which} {weekday} (?:in|of) {named}(?: {yyyy})?', 'nth weekday'],
  ['day', '(?:the )?{which} {weekday} (?:in|of) (?:the )?{this month|next month|month}', 'nth weekday'],
  ['day', '(?:the )?{feast}(?: {yyyy})?', 'feast'],

  // Days from today, and from other days.
  ['day', '{weekday}', 'weekday'],
  ['day', '{this|this coming|coming|next|nxt|last} {weekday}', 'which weekday'],
  ['day', '{weekday} (?:(?:of |in )?{this|next|nxt|last} {week}|{next})', 'weekday of week'],
  ['day', '{this|next|nxt|last} {week},? (?:on )?{weekday}', 'weekday of week'],
  ['day', '{weekday|dayword} {week|fortnight}|{week} {today|tomorrow}', 'week from day'],
  ['day', '{week|fortnight} (?:on|from) <day>', 'week from day'],
  ['day', 'a {week|fortnight} <day>', 'week from day'],
  ...said(
    'day',
    'in length',
    '(?:in|within|inside|over) (?:the next |next |the coming |about |around |another |a further )?<length>',
    "(?:in )?<length>(?:(?:'s?|s')? time| from now| from today| hence| today)",
  ),
  ['day', '(?:within|over) the {unit}|(?:(?:in|within)(?: the)? next|over the next) {unit}', 'in unit'],
  ['day', '(?:the )?next {worked}', 'in unit'],
  ['day', '<length>', 'bare length'],
  ['day', '(?<=\\b(?:rv|review|f/u|fu|follow up|recall|repeat|bloods) +)<length>', 'in length'],
  ['day', '{dayword}', 'day word'],
  ['day', '<length> {ago}(?: today| now)?', 'in length'],
  ['day', '<length> (?:{before|prior to|ahead of}|on|from|after|following) <day>', 'beside day'],
  ['day', '<length> {dayword}', 'length from word'],
  ['day', '(?:the )?day (?:{before|prior to}|after) <day>', 'beside day'],
  ['day', '(?:the )?(?:very )?last (?:{worked} |day )(?:of|in) (?:the )?{month|week|year}', 'end'],

  // Stretches of days.
  ['stretch', '{this|next|nxt|last} {ends|week|wk|month|year}', 'which stretch'],
  ['stretch', '(?:the |this coming )?{ends}', 'which stretch'],
  ['stretch', '(?:over|all) (?:(?:the|this|{next}) )?{ends}', 'over weekend'],
  ...said(
    'stretch',
    'end',
    '(?:the )?end of (?:the )?(?:{this|next|nxt} )?{week|wk|month|year|weekend}',
    "(?:{this|next|nxt} )?{eow|eom|eoy|month-end|month end|year end|week's end|month's end}",
  ),
  [
    'stretch',
    '(?:the )?(?:end of|end|late|later|late in|later in)(?: |-){named}(?: {yyyy})?',
    'end of month',
  ],
  ['stretch', 'late {this|next|nxt} {week|wk|month|year}', 'end'],
  ['stretch', '(?:the )?(?:{~week} (?:of|commencing|beginning|starting|from)|w/c|wc|w/b) <day>', 'week of'],
  ['stretch', '{named}\\.?(?:,? {yyyy})?', 'month'],
  ['stretch', '{this|next|nxt|last} {named}', 'which month'],
  ['stretch', '{yyyy}[-/]{d}(?![-/]?\\d)', 'year and month'],
  ['stretch', '(?:mid|middle of|the middle of)(?: |-){named}(?: {yyyy})?', 'mid month'],
  ['stretch', '(?:later|some ?time|any ?time|during|the rest of) <stretch>', 'itself'],
  ['stretch', 'in {yyyy}', 'year'],
  ['stretch', '{yyyy}(?!-\\d)', 'bare year'],
  ['asked', `(?<=\\b(?:by|before|until|after|since|from|early|late|mid|end of) +)20\\d\\d`, 'year ahead'],

  // Every year, for what returns.
  ['yearly', '--{d}-{d}', 'yearly'],
  ['yearly', '(?:every year|every|yearly),?(?: on)? <date>', 'every date'],
  ['yearly', '<date>,? (?:every year|yearly)', 'every date'],

  // Times of a day, and what is to be done at once.
  ...said(
    'hour',
    'hour',
    'tonight|2nite|2night|tonite|this (?:morning|am|afternoon|aft|pm|evening|eve)|(?:later )?today (?:am|pm)|later today',
    '(?:by |at |before |around |from |after |until |till )?{clock}',
    '(?:in )?half an hour',
    '(?:at|around) (?:\\d{1,2}[.:]|[01]\\d|2[0-3])[0-5]\\d(?: ?h(?:rs?)?)?',
    '(?<=@ *)\\d{1,2}[.:][0-5]\\d',
    '(?:by |at |before )?{close}|(?:by|before|at) close',
    '(?:by|at|before|over|after) (?:lunch|tea|noon)',
  ),
  ['part', '(?:first thing |1st thing |last thing )?(?:in the )?{~part}|(?:first|1st|last) thing', 'part'],
  ['part', '(?:first thing )?in (?:the )?(?:am|morning)', 'in the morning'],
  [
    'soon',
    'asap|a\\.s\\.a\\.p\\.?|as soon as (?:possible|poss)|urgent(?:ly)?|stat|immediately|straight ?away|right away|at once',
    'soon',
  ],

  // Words of time that name no day: asked about.
  ...said(
    'asked',
    'event',
    '<length> (?:before|after|post|pre|prior to|ahead of|following|since|into|either side of)',
    '(?:the )?(?:day|week|wk|weekend|month|morning|night|evening|fortnight) (?:before|after)(?! *\\d)',
  ),
  ...said(
    'asked',
    'asked',
    '(?:every|each) (?:{~worked}|weekday|birthday|anniversary|{~named|feast}|{~which} (?:{~weekday}(?: (?:of|in) the month)?|{~unit})|{~weekday}s?(?: ?(?:,|and|&|/|or) ?{~weekday}s?)+)|weekdays?|(?:the )?{~which} {~weekday} (?:of|in) (?:each|every|a) month',
    '(?:the )?(?:week|wk|w/c|month) (?:of|commencing|beginning|starting) (?:the )?{nth}',
    '{~weekday|week|weekend|month} after next|week after',
    '{d}(?:st|nd|rd|th)? ?(?:-|to|or|/|&|and) ?{d}(?:st|nd|rd|th)? (?:of )?{named}',
    '(?:the )?(?:last|middle|rest|most|back end) of <stretch>',
    '(?:in |within |about )?<length> or (?:so|more|two|three|less)',
    '(?:the )?end of (?:each|every) {~unit}|(?:every|each) (?:week|month|year)(?: |-)?end',
    '(?!an? )<length> {~weekday}',
    '(?:the )?(?:week|fortnight|month|weekend) (?:before|after) <day>',
    '(?:the )?{~nth} ?(?:or|/|&|-|to|and) ?(?:the )?{~nth}',
    '(?<=\\b(?:on|by|near|around|at|before) +(?:\\S+ +){0,2})(?:birthday|bday|anniversary|anniv|due date)',
    `(?:the )?{~weekday} (?:before|after|following)${end}|(?:every|each) (?:spring|summer|autumn|winter|quarter)`,
    '(?:the )?(?:early|mid|beginning of|start of|first half of|second half of|middle of|rest of|most of|back end of)(?: |-)(?:in )?(?:the )?(?:{~this|next|nxt} )?(?:{~week|wk|month|year|feast|new year|term|season|ramadan|lent}|(?<!mid.|middle of +){~named})',
    '(?:the )?{which} (?:week|wk|half) (?:of|in) (?:the )?{~named|month|next month|this month}',
    '(?:a |the next |the past )?(?:few|several|some|many|coming|following)(?: more)? {~unit|worked}',
    '(?:bank|school|public|summer|christmas|xmas|easter|the) (?:holidays?|hols|break)|half(?: |-)term|mid(?: |-)?week',
    "evry|evey|evrey|memorial day|labou?r day|presidents'? day|independence day|veterans'? day|columbus day|m\\.?l\\.?k\\.? day|australia day|anzac day|canada day|burns night|black friday|cyber monday|remembrance (?:day|sunday)|(?:polling|election|tax|results|sports|pay) ?day|ramadan|eid|diwali|lent|passover|hanukkah|chanukah|thanksgiving|mother's day|mothers day|father's day|fathers day|advent|pentecost|yom kippur|rosh hashanah|chinese new year|in the new year",
    '(?:in|by|before|after|this|next|last|over|until|since|during)(?: the)? (?:early |late |mid-?)?(?:summer|spring|autumn|winter|quarter|term|semester|holidays|season)',
    '(?:w/e|week ending)(?: (?:the )?{~nth})?',
    '(?:w/e|week ending) <date>',
  ),
  ...said(
    'asked',
    'vague',
    "{~weekday|dayword|feast}'s|{~weekday}(?<=day)s",
    '{feast} (?:card|cards|present|presents|gift|gifts|party|dinner|lunch|tree|eggs?|meal|week|weekend|time|period|shopping|do)',
    'someday|some day|at some (?:point|stage|time)|in a (?:while|bit)|in due course|regularly|spring|summer|autumn|winter|soon|shortly|sometime|some time|one day|(?:the )?other day|(?:a )?(?:week|fortnight|month|year)s?|weeks?|wks?|q[1-4]|overnight|later|eventually|now(?= *(?:$|[,;.)]))',
    '(?:at|by|around|before|after|until|till|til) \\d{1,2}(?= *(?:$|[,;.)]))|\\d{1,2} ?ish',
    'at <length>',
    '{~weekday} (?:school|lunch|roast|service|mass|club|group|papers?|market|choir|prayers)',
    `(?<=\\b(?:on|by) +(?:\\S+ +){1,2})day${end}|day \\d{1,2}(?! *{~named})|x ?\\d{1,2}/(?:7|12|52)`,
    '(?<!\\b(?:by|on|before|due) +)(?:7/7|12/12)',
    'next (?:visit|time|appointment|appt|clinic|review|session|consult|meeting|contact|check-?up|f/u|follow-?up|scan)',
    '(?:for|over|past|last|first|next)(?: the)?(?: last| past| next)? <length>',
    '(?:once|twice|three times|several times|\\d ?x|\\d+ times) ?(?:(?:a|per|/|each|every) ?(?:day|week|wk|month|year)|daily|weekly|monthly)|bi-?(?:weekly|monthly)|\\d ?x ?/? ?(?:week|wk)|every (?:night|morning|evening|afternoon|weekend|now and then|so often)',
  ),
  ['asked', 'last night', 'last night'],
  ['asked', '<day>(?:,? or|,? else| ?/| ?&| ?-| to| and) ?(?:on |by |the )?<day>', 'two days'],
  ['asked', '<day>[/&-]<day>', 'two days'],
  ['asked', shorthand, 'shorthand or date'],

  // What returns.
  ['every', '(?:every|each|q) ?<length>', 'every length'],
  ['every', '(?:every|each|once every) (?:{other|second|2nd} )?{unit|weekday}s?', 'every some'],
  ['every', '{alternate} {unit|weekday}s?', 'every some'],
  ['every', '{repeat}(?:,? (?:on )?(?:an? )?{weekday}s?)?', 'repeat word'],
  ['every', '{count}(?:-| ){weekly|monthly}', 'count repeat'],

  // No date, whatever it looks like.
  ...said(
    'no',
    'no',
    '{~measures}(?: (?:is|was|of|at))?[ :=]*[<>~]?(?!\\d+/52\\b)\\d+(?:[./]\\d+)*\\.?',
    '\\d+(?:[./-]\\d+)? ?{~measured}',
    "\\d+ ?(?:years?|yrs?|months?|mo|weeks?|wks?|y|yr|m|wk|w|days?)(?: |-)?(?:olds?|of age)(?:'s)?|\\d+ ?(?:yo|y/o)",
    '{~named} (?:street|road|rd|avenue|ave|lane|crescent|terrace)',
    '24/7|x-?rays?|\\d+ weeks (?:pregnant|gestation)',
    'the sun|in (?:the )?sun|of sun|sun ?(?:cream|screen|burn|hat|light|rise|set|exposure|block)|day ?(?:centre|center|care|time|surgery|case|unit|hospital|off|out|to day)|named after|look(?:s|ed|ing)? after|(?:newly|just|be|they|get|got|are|were) wed',
    'second(?:s|ly| (?:opinion|half|dose|hand|line))?',
  ),
] as const;
