/** Mistyped dates: 'fridy', 'teusday', 'nxt week'. Used for a promise's tail, which would lose its date silently. */
import { distance } from 'fastest-levenshtein';
import { dateWordsOf, lazy, monthWords, plainWords, weekdayWords } from './vocabulary.ts';

/** Edit distance, in which one pair of swapped letters is one edit. */
export const edits = (left: string, right: string): number =>
  Math.min(
    distance(left, right),
    ...Array.from({ length: Math.max(0, left.length - 1) }, (_, at) => {
      const [one = '', other = ''] = left.slice(at, at + 2);
      return 1 + distance(left.slice(0, at) + other + one + left.slice(at + 2), right);
    }),
  );

const meant = lazy((): readonly string[] => [
  ...weekdayWords().keys(),
  ...monthWords().keys(),
  ...['today', 'tomorrow', 'yesterday', 'next', 'week'],
]);
const exact = lazy(() => new Set([...meant(), 'month', 'year', 'weeks', 'weekend']));

const feasts: ReadonlySet<string> = new Set(['christmas', 'xmas', 'easter', 'thanksgiving']);

/** Words and names in their own right that are within a slip. */
const ordinary = lazy(
  () =>
    new Set(
      `air ape app apps apt august auk aught adjust angus augusta auguste augustin augusto agusta
   oat ocd ocp oft opt our out
   dec deb deck deco dee def del den dew dex dey doc decider deceiver
   fab fed fee feb fen fer few fey fez fib fob
   frida frieda friar fridge frilly frisky frizzy friary freddy fro fry frame frig frit fray
   jab jag jam jar jaw jay jean jeans jen jin joan jon juan jane jaguar judy jug juke junk juno jury jut
   mac mad mae mag mal mam man map mara marc mare mark marm mars marsh mart mary mas mash mass mat match max mags maya many maze
   mayday midday moan mob mod modal moe mom mona money monk monkey mono monty moo moody moon moor mop morn morning moss mow
   mandy moldy mondale moray
   neat nest net newt nod noe nor not now nos news
   sab sac sad sal sale sally salt sam sap saw sax say scat sea seat sec sect sed see seed seek seen seep sel self sen send
   sent set sets sew sex sit skip slat slept sip sin skat son sop spat spot spun stat step stem stun sub sud sue suk sum
   sunk sung sunlight sup sus sandal sandy sunda sundae sundar sundew sundial sunder sundry sunhat sunny sunray suntan sturdy subway swat swept shun
   tea tee the thee tho thou thud thug thus thy tia tie tier toe tour tours toes tree true tub tube tubes tug tums tun tuna tune tunes tut tux ties tins
   today toady toddy total
   wad web webs weed weeds wee weep weak wen wes wet weld well went wend`
        .trim()
        .split(/\s+/),
    ),
);

/** Two slips from six letters on, but never in the first letter. */
function isNear(word: string, target: string): boolean {
  const [first = '', second = ''] = target;
  if (!word.startsWith(first) && !(target.length > 4 && word.startsWith(second + first))) return false;
  const most = word.length > 4 && target.length > 5 ? 2 : 1;
  return Math.abs(word.length - target.length) <= most && edits(word, target) <= most;
}

const isPlural = (word: string): boolean => word.endsWith('s') && exact().has(word.slice(0, -1));

/** 'fir morning', 'fir at noon'; else a short word may begin a phrase: 'fir trees'. */
const followsDay = /^(?:(?:at|the|in|morning|afternoon|evening|night|noon|latest)(?: |$))*$/;

interface NearMiss {
  readonly word: string;
  readonly meant: string | undefined;
}

export const meantHint = ({ meant }: NearMiss): string =>
  meant === undefined ? 'write its day: 24 dec' : `did you mean ${meant}?`;

/** Days only: shorter words are too often words of their own. */
export function nearClosingDay(line: string): string | undefined {
  const last = /(?:^|\s)(\p{L}+)[.!;,?]*$/u.exec(line)?.[1] ?? '';
  const day = nearMiss(last)?.meant;
  return day !== undefined && /(?<!yester)day$|^tomorrow$/.test(day) ? day : undefined;
}

export function nearMiss(tail: string): NearMiss | undefined {
  const [word = '', ...others] = plainWords(tail).split(' ');
  if (others.length > 2) return undefined;
  if (feasts.has(word)) return others.length === 0 ? { word, meant: undefined } : undefined;
  if (!/^\p{L}{3,12}$/u.test(word) || exact().has(word) || ordinary().has(word) || isPlural(word))
    return undefined;
  const rest = others.join(' ');
  const isWhole = followsDay.test(rest) || !dateWordsOf(rest).includes('…');
  // A capitalised word may be a name near a month.
  const isName = /^\P{L}*\p{Lu}/u.test(tail);
  const near = meant()
    .filter((target) => target.length > (isName ? 5 : isWhole ? 0 : 4) && isNear(word, target))
    .map((target) => ({ target, away: edits(word, target) }))
    .sort((left, right) => left.away - right.away || right.target.length - left.target.length)[0];
  return near && { word, meant: near.target };
}
