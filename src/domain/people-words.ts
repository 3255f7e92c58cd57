/**
 * The English words for people, deaths, partings, pregnancies and cautions: another language is another file of these
 * lists. All words are folded: lower case, no accents.
 */
import { lazy, months } from '../dates/civil.ts';

const listed = (words: string): readonly string[] => words.trim().split(/\s+/);

export type WordSet = Pick<ReadonlySet<string>, 'has'>;
/** Made when first asked: a run asks few of them. */
function setOf(words: string): WordSet {
  const set = lazy(() => new Set(listed(words)));
  return { has: (word) => set().has(word) };
}

const ownSenses = listed('twin triplet niece nephew guardian uncle cousin');
// A line: a sense, then the words for it. Two words agree where they share a sense.
const senseLines = `wife: wife missus spouse partner
  husband: husband hubby husb spouse partner
  fiance: fiance fiancee partner
  girlfriend: girlfriend partner
  boyfriend: boyfriend partner
  mother: mother mom mum mam mama mommy mummy parent
  father: father dad daddy papa parent
  son: son child kid
  daughter: daughter child kid
  baby: baby newborn infant child
  brother: brother bro sibling
  sister: sister sis sibling
  grandmother: grandmother grandma granny gran nana nan nanna grandparent
  grandfather: grandfather grandpa grandad granddad grampa gramps grandparent
  grandson: grandson grandchild grandkid
  granddaughter: granddaughter grandchild grandkid
  godmother: godmother godparent
  godfather: godfather godparent
  godson: godson godchild
  goddaughter: goddaughter godchild
  carer: carer caregiver
  roommate: roommate flatmate housemate lodger
  dog: dog puppy pet
  cat: cat kitten pet
  horse: horse pony pet
  bird: bird budgie parrot canary pet
  rabbit: rabbit hamster tortoise pet
  aunt: aunt auntie aunty
  friend: friend mate pal buddy
  neighbour: neighbour neighbor
  colleague: colleague coworker workmate`;

export const relationSenses = lazy((): ReadonlyMap<string, readonly string[]> => {
  const senses = new Map(ownSenses.map((word) => [word, [word]]));
  for (const line of senseLines.split('\n')) {
    const [sense = '', words = ''] = line.trim().split(': ');
    for (const word of listed(words)) senses.set(word, [...(senses.get(word) ?? []), sense]);
  }
  return senses;
});

/** Plurals that are not the word and an 's'. */
export const plurals: ReadonlyMap<string, string> = new Map(
  listed(
    'children/child wives/wife babies/baby puppies/puppy grandchildren/grandchild godchildren/godchild folks/parent',
  ).map((pair) => pair.split('/') as [string, string]),
);

/** Lists of words, each made when it is first asked. */
export const lists = {
  /** Relations that one has many of: alone, the word names nobody. */
  manySenses: setOf('aunt uncle cousin friend neighbour colleague'),
  /** Without a name nobody adds them to those on file. */
  petSenses: setOf('dog cat horse bird rabbit'),
  /** Of these the plural means each of them. */
  pairSenses: setOf('mother father grandmother grandfather'),
  partnerSenses: setOf('wife husband fiance girlfriend boyfriend ex'),
  /** Of these, a name is the better witness: 'neighbour Rose' may well be the friend Rose. */
  looseSenses: setOf('friend neighbour colleague carer roommate guardian'),
  /** Whose birth or pregnancy was lost, where one of these was stillborn. */
  childSenses: setOf('son daughter baby twin triplet grandson granddaughter brother sister'),
  newbornSenses: setOf('baby twin triplet'),
  /** Before a relation, as a word of its own, joined by a hyphen, or as a part of the word: another relation. */
  prefixes: setOf('step half foster great ex'),
  /** Before a word for a partner: one of earlier days. */
  formerWords: setOf('former previous first'),
  /** Before another relation, an adjective: 'twin sister', 'pet rabbit'. */
  leadingWords: setOf('twin baby kid pet'),
  adjectives: setOf(
    `late former old older oldest elder eldest young younger youngest first second third new little big best close only
   own dear beloved middle other poor adopted adoptive estranged twin two three four`,
  ),
  /** Behind a relation, these make it another word. */
  unrelated: setOf('tongue figure figures ward board country ship hood scan scans support care minder'),
  possessives: setOf('his her their my our your the'),
  articles: setOf('his her their my our your the a an this that'),
  /** Before a relation that is nobody in particular. */
  indefinite: setOf('a an no any every without never another like each'),
  titles: setOf('mr mrs ms miss mx dr prof sir dame sr sra senor senora mme m herr frau fr rev st'),
  particles: setOf('de la del da dos di van von der den al bin y mc mac'),
  /** 'Please ring Tom'. */
  wordsBeforeVerbs: setOf('please pls plz to then also and must should need needs i will try'),
  /** Behind these a month's name is somebody's, with no capital either. */
  contactVerbs: setOf('call phone ring text email mail message msg ask tell'),
  /** 'Ring up Tom'. */
  particlesOfVerbs: setOf('up back out over'),
  prepositionsBeforeTopics: setOf('about re with regarding concerning'),
  /** After these words, and beside a number, the name of a month is a time. */
  timeWordsBefore: setOf('in since until by from last next early mid late'),
  monthWordsBefore: setOf('this every each during til till through'),
  /** Names that are words or months too. */
  nameWords: setOf(
    `will hope faith grace joy rose mark bill frank dawn may june april august january february march july september
   october november december jan feb mar apr jun jul aug sep oct nov dec pat sue rob art guy grant drew chase miles max
   ray ruby pearl lily ivy heather holly daisy violet iris olive penny sandy rusty rocky randy crystal amber autumn summer
   winter spring sky star storm river brook clay cliff dale glen heath forest lane reed sage basil ginger candy honey chip
   chuck nick dick dean earl duke king prince princess queen christian destiny charity patience prudence mercy melody
   harmony carol angel eve gene don bud buddy sonny junior chance lance pierce wade skip gale noel easter christmas monday
   tuesday wednesday thursday friday saturday sunday sat sun sol an le do so ho van my me no he in rich sunny happy lucky
   precious blessing gift comfort justice major rain snow tiger bear shadow patch spot pepper cookie brandy cherry fern
   hazel myrtle poppy clover rod wood woody bush hill field church stone young long short brown white black green gray
   grey merry gay love dove robin wren moon page cook baker butler treasure trinity temple roger stew hardy`,
  ),
  /** Behind such a name that begins a sentence: it is the name. */
  doings: setOf(
    `loves likes hates enjoys sings plays plays works lives drives cooks bakes gardens visits comes brings helps looks minds
   takes goes wants says thinks does knits sews teaches keeps makes calls rings phones manages runs paints reads writes
   walks swims dances cares knows needs feels worries died loved liked sang played worked lived drove cooked baked visited
   came brought helped took went wanted said thought taught made called rang has had will would can could`,
  ),
  /** Capitalised words behind a relation that are no name. */
  notNames: setOf(
    `i ok german french spanish italian polish irish scottish welsh english british american indian chinese japanese
   korean russian ukrainian romanian greek turkish portuguese mexican african caribbean jamaican pakistani somali
   catholic muslim jewish hindu sikh buddhist protestant xmas`,
  ),
  /** Before a relation with nothing else, what lost it: 'lost her husband', 'death of mum'. */
  plainDying: setOf(
    `died dies dead death deceased passed away on of lost loss losing gone has have had been is was rip late rest in peace
   sadly his her their my our the`,
  ),
  /** Of the plain words, those that say it: without one of them, or of `howDying`, other words are no death. */
  sayingDeath: setOf('died dies dead death deceased passed lost loss losing rip'),
  /** How somebody died: each says it alone, and is printed as it was typed. */
  howDying: setOf(
    `stillborn stillbirth suicide overdose overdosed od accident hospice killed drowned drowning murdered murder hanged
   hanging shot stabbed sids cot life euthanasia maid suddenly unexpectedly peacefully`,
  ),
  /** Of these, what people live through: with a verb of it, or as one ('was stabbed'), they say no death. */
  survivable: setOf('overdose overdosed od accident hospice shot stabbed'),
  surviving: setOf('is was had has have took taken overdosed shot stabbed'),
  /** Right behind somebody they say it, whatever stands behind one of `deathTails`: 'died at home with us all around'. */
  deathVerbs: setOf('died deceased passed'),
  deathTails: setOf(
    `away on at in of from by after before during with while when where as aged last this yesterday today overnight suddenly
   unexpectedly peacefully quietly alone young very just sadly`,
  ),
  /** Of somebody's age, or for how long: they say nothing else. */
  agedWords: setOf('of aged age old years year yrs yr'),
  auxiliaries: setOf('has have had is was sadly then just also'),
  /** Of a death that somebody has: "Tom's death". */
  ownedDeath: setOf('death passing suicide'),
  widowed: setOf('widow widower widowed'),
  stillWords: setOf('stillborn stillbirth'),
  /** Beside a word of dying, and no death alone. */
  besideDying: setOf(
    `a an and at in on by from after before during with while to for of the his her their own self himself herself
   themselves life took taken ended car road traffic bike motorbike train work crash fall fell fire heart attack stroke cancer
   covid flu sepsis pneumonia dementia illness disease long short brief sudden unexpected peaceful tragic hospital home
   sleep bed care nursing ward icu age aged old years year months month weeks week days day hours hour this last year
   yesterday today night overnight morning evening drug drugs alcohol lung breast bowel brain pancreatic liver kidney failure
   surgery operation birth childbirth war sea abroad very quite peace family us me him them all then just also`,
  ),
  /** In the words behind a comma or bracket: another loss than a death. */
  otherLosses: setOf(
    `job work lost licence license sight leg house home flat farm business moved moving left divorced divorcing separated
   redundant fired sacked prison jail arrested deported diagnosed missing estranged engaged married`,
  ),
  parting: setOf(
    `left leaving leaves moved moving walked walking ran split splitting separated separating separation divorced divorcing
   divorce parted parting broke broken breakup ended ending over dumped kicked threw`,
  ),
  besideParting: setOf(
    `out off up away from with w has have had is was are been being and it in on of the a an her his him us me them they she he
   their my our children kids child family marriage relationship finally recently now for good us again final finalised finalized through came`,
  ),
  /** Without a partner's word, only these: of the patient's own marriage. */
  ownParting: setOf('separated separation divorced divorce divorcing split breakup'),
  /** What an `avoid` begins with before whom it is about. */
  avoiding: setOf(
    `avoid avoiding do don t dont not never no to be is ask asked asking mention mentioned mentioning bring up talk talking
   talked speak of about discuss discussing raise say refer please any all must should t with name names topic subject
   questions question talk and or contact`,
  ),
  /** Words without a meaning of their own: two texts that share only these share nothing. */
  smallWords: setOf(
    `ask asks asked asking talk talks talked talking mention mentions mentioned tell tells told want wants wanted please
   about how went visit visits visited time times next last today tomorrow yesterday week weeks month months year years
   day days again still also just only even ever never not now then than that this these those there their theirs them
   they the and but for nor yet with without within from into onto over under after before during until while when where
   what which who whom whose why was were are is been being have has had having does did done doing can could may might
   must shall should will would let lets get gets got getting give gives gave given going goes gone come comes came coming
   make makes made say says said saying see sees saw seen seeing know knows knew known think thinks thought feel feels felt
   like likes liked need needs needed try tries tried look looks looked find finds found bring brings brought raise raises
   discuss avoid avoids avoided any all some each every both either neither none nothing nobody one ones two first second
   more most much many few less least very too off out her hers him his she you your yours our ours its mine self
   contact things thing anything something everything own new old good bad well better best back way really quite don
   doesn didn isn wasn won wouldn couldn shouldn because since though although here yes near doing`,
  ),
};

export const joinedPrefix = /^(step|half|foster|great|ex)(.+)$/;

/** With a blank behind it 'great' praises, but before these. */
export const greatWords = /^(?:grand.+|aunt|auntie|aunty|uncle|niece|nephew)$/;

/** What becomes of a pet. */
export const putDown = /\bput (?:down|to sleep)\b/;

/** Of anybody, whatever else is said: 'son Peter, no contact since the funeral'. */
export const noContact =
  /\b(?:no (?:more |longer any )?contact|not in contact|(?:lost|cut|broke)(?: off)?(?: all)? contact|out of contact|estranged|estrangement|not (?:speaking|talking|on speaking terms))\b/;

export const pregnancyLost =
  /\b(?:miscarr\w*|stillb\w+|still birth|ectopic|molar pregnancy|blighted ovum|chemical pregnancy|terminat\w+|abort\w+|tfmr|neonatal death|(?:ivf|transfer|implantation|cycle) (?:failed|negative|unsuccessful)|(?:failed|negative|unsuccessful) (?:ivf|transfer|cycle)|(?:lost|loss of|losing)(?: (?:the|her|his|their|a|our|my))?(?: unborn)? (?:baby|babies|bab(?:y|ies)|twins?|triplets|pregnancy|bump|fetus|foetus)|(?:baby|babies|twins?|triplets?|pregnancy) (?:(?:was|were|is) )?lost(?= (?:at|in|on|last|early)\b|\W*$)|(?:pregnancy|baby|late|early) loss|no heartbeat|^(?:unborn )?(?:baby|babies|twins?|triplets)(?: (?:boy|girl)s?)?,? (?:at )?\d{1,2}(?:[+]\d)? ?(?:weeks?|wks?|\/40)|^(?:the |her |his |their |our |my )?(?:baby|babies|twins|triplets|pregnancy|bump)(?: (?:at|gone) .*|,.*|\(.*)?$|(?:adoption|adopting|surrogacy) (?:is |was |has )?(?:fell|fallen|falling|failed|broke|broken|collapsed|refused|rejected|cancelled|stopped|off|ended|disrupted)|(?:failed|lost|cancelled) (?:the |an )?(?:adoption|surrogacy)|(?:lost|ended) (?:the|her|a) pregnancy)\b/;

/** Speaks of a pregnancy. */
export const pregnancy = new RegExp(
  `(?:^|[^a-z0-9])(?:${String.raw`
    pregnan[a-z]*
    expecting(?! (?:a |the |another )?(?:calls?|letters?|results?|visitors?|delivery|guests?|company|news)\b)
    (?:baby|babies|twins?|triplets)(?: (?:is|are|was|will be|to be))?(?: (?:now|soon|be))? (?:due|expected|on the way|on its way|coming|arriv[a-z]+)
    due date|edd|due (?:in|on|around|about|early|mid|late|end of)? ?(?:\d{1,2} )?(?:${[...months.keys()].join('|')})|^due
    (?:she|i|we)(?: is| am| are|.s|.m|.re)? due(?! (?:back|for|to)\b)|(?:first|second|third|1st|2nd|3rd) tri
    trimesters?|(?:baby )?bump
    (?<!(?:for|in|every|within|after|next|over|last|another|of) )(?:at )?\d{1,2}(?:[+]\d)?[ -]?(?:weeks?|wks?)(?! (?:ago|old|off|away|later|time|holiday|in|of)\b)
    weeks? \d{1,2}|\d{1,2}(?:[+]\d)?/40|ultrasounds?|(?:anomaly|dating|growth|12|20)[ -]?(?:week )?scans?
    amnio[a-z]*|nipt|gender reveal|it.?s a (?:boy|girl)|midwi(?:fe|ves|fery)|doulas?|ante ?natal[a-z]*
    prenatal[a-z]*|obstetric[a-z]*|gestation[a-z]*|maternity|paternity leave|mat leave
    (?:home )?birth ?(?:plans?|partner|pool|cent(?:re|er)|class(?:es)?)|(?:home|water) birth
    (?:hypno)?birthing|(?:in(?:to)? labou?r|labou?r ward)|c.section|c(?:a)?esarean|morning sickness|ivf
    embryos?|(?:adopting(?! a (?:dog|cat|puppy|kitten))|adoption|surroga[a-z]*)
    (?:feels?|feeling|felt|first) kicks
    baby.?s? (?:names?|shower|room|clothes|kick[a-z]*|mov[a-z]+|nursery|cot|crib|pram|scan|heartbeat|girl|boy)
    names? for (?:the|their|her|a) (?:baby|babies|twins|boy|girl)
    (?:the|babys|baby.s) (?:nursery|cot|crib|moses basket|pram|buggy|pushchair)
    nursery (?:is )?(?:painted|ready|done|finished|furniture)|moses basket
    (?<!like )(?:a|the|this|my|her|his|their|our|first|second|third|new|another|unborn) baby(?! (?:of the family|brother|sister|boomer|step|cousin|brain)|.s)
    (?:big|older) (?:brother|sister) (?:soon|to be)|(?:mum|mom|mother|father|dad|parents?).to.be
    (?:grandchild|grandson|granddaughter|niece|nephew|little one) (?:is |was )?due
    (?:the|first|two) heartbeats?|heartbeat (?:day|seen|heard)`
    .trim()
    .split(/\n */)
    .join('|')})(?![a-z0-9])`,
);
