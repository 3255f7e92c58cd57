/** YOU PROMISED, and SINCE WE LAST MET: what came from them, what was answered, and what became of promises. */
import { type CivilDate, lateWords, lazy, shortDate, weekdayDate } from '../../dates/civil.ts';
import { compareIds, daysOver, promiseMarks } from '../note-rules.ts';
import { personFirstName } from '../patient-names.ts';
import { type Commitment, type Contact, channelNames, isVisit, type Note } from '../records.ts';
import { compareText, cutToWidth, pick, present, printable, sortedBy, widthOf } from '../text.ts';
import { caps, type Entry, entry, type Section } from './briefing.ts';
import { type BriefingContext, isSince, recentDate, section } from './context.ts';

const itemLimit = 4;
const never = '9999-12-31';

type Standing = 'overdue' | 'today' | 'ahead' | 'undated';
const standings: readonly Standing[] = ['overdue', 'today', 'ahead', 'undated'];

/** A date-only promise is due, not overdue, on its day. */
function standingOf(due: CivilDate | null, on: CivilDate): Standing {
  if (due === null) return 'undated';
  return due < on ? 'overdue' : due === on ? 'today' : 'ahead';
}

const prefixes = { me: '', staff: 'staff: ', patient: 'theirs: ' } as const;

function rightEdge(commitment: Commitment, standing: Standing, on: CivilDate): string {
  const { due, owner } = commitment;
  if (due === null) return '';
  if (standing === 'today') return 'due today';
  if (standing === 'ahead') return `due ${weekdayDate(due, on)}`;
  const since = `due ${shortDate(due, on)}`;
  return owner === 'patient' ? since : `${since}, ${lateWords(due, on)}`;
}

function promiseEntry(commitment: Commitment, context: BriefingContext): Entry {
  const { on, personById, world } = context;
  const standing = standingOf(commitment.due, on);
  const person = personById.get(commitment.for_person);
  const late = daysOver(commitment, on);
  const mark = world.markOfPromise(commitment);
  // '(Ken died 10 Feb)' says for whom it was.
  const isMarked = mark !== undefined && person !== undefined && world.isDead(person);
  return entry({
    ...pick(commitment, 'id', 'ref', 'kind', 'due'),
    state: standing,
    label: prefixes[commitment.owner],
    lead: commitment.text,
    tails: present(
      mark,
      person && !isMarked && `(for ${personFirstName(person)})`,
      ...promiseMarks(commitment, on),
    ).map((one) => ` ${one}`),
    aligned: rightEdge(commitment, standing, on),
    bullet: late !== null ? '!' : '·',
    daysLate: late,
    date: commitment.made_on,
    why: `promised by ${commitment.owner}, ${commitment.due !== null && late !== null ? lateWords(commitment.due, on) : standing}`,
  });
}

/** By day, mine before staff's; the patient's own after all of these. */
const inOrder = (commitments: readonly Commitment[], on: CivilDate): readonly Commitment[] =>
  sortedBy(commitments, ({ owner, due, made_on, id }) => [
    owner === 'patient' ? 1 : 0,
    standings.indexOf(standingOf(due, on)),
    owner === 'staff' ? 1 : 0,
    due ?? never,
    made_on ?? never,
    id,
  ]);

/** One of the first four places is reserved for a promise due today. */
function choose(ordered: readonly Commitment[], on: CivilDate): readonly Commitment[] {
  const first = ordered.findIndex(({ due }) => due === on);
  const moved = ordered[first];
  if (moved === undefined || first < itemLimit) return ordered;
  return ordered.toSpliced(first, 1).toSpliced(itemLimit - 1, 0, moved);
}

export function promisedSection(context: BriefingContext): Section {
  const { commitments, on, options } = context;
  const open = inOrder(
    commitments.filter(({ status }) => status === 'open'),
    on,
  );
  const ordered = options.all ? open : choose(open, on);
  const entryOf = (one: Commitment): Entry => promiseEntry(one, context);
  return section(
    { id: 'promised', title: 'YOU PROMISED', ordered, entryOf, limit: itemLimit, unread: 0 },
    context,
  );
}

/** From them, answers, promises, ours: in this order. */
type News = readonly [group: 0 | 1 | 2 | 3, entry: Entry];

const sinceLimit = 3;
const shortestBracket = 12;
const lineWidth = caps.columns - 3;

/** How it was kept, or why it was dropped, in the columns that the line before it leaves. */
function inBrackets(text: string | null, before: string): string | undefined {
  const said = printable(text ?? '')
    .replace(/\s+/gu, ' ')
    .trim();
  const room = lineWidth - widthOf(printable(before)) - 3;
  return said === '' || room < Math.min(shortestBracket, widthOf(said))
    ? undefined
    : ` (${cutToWidth(said, room)})`;
}

function contactNews(contact: Contact, context: BriefingContext): News | undefined {
  const { on } = context;
  const { channel, direction, state, gist } = contact;
  const name = channelNames[channel];
  const day = recentDate(contact.on, on);
  const isMissed = state === 'missed' || state === 'cancelled';
  if (state === 'planned') return undefined;
  const isLastVisit = !isMissed && isVisit(contact);
  if (isLastVisit && gist === null) return undefined;
  const whose = direction === 'in' ? 'their ' : direction === 'out' ? 'your ' : '';
  const label = isLastVisit ? 'last visit' : isMissed ? `${state} ${name} ${day}` : `${whose}${name} ${day}`;
  const told = entry({
    ...pick(contact, 'id', 'ref'),
    kind: channel,
    state,
    label: gist === null ? '' : `${label}: `,
    lead: gist ?? label,
    date: contact.on,
    why: isLastVisit ? 'what the last visit was about' : 'since the last visit',
  });
  return [isMissed || direction === 'in' ? 0 : 3, told];
}

const joined = (text: string, answer: string): string =>
  `${text}${/[?!.…:]\s*$/u.test(text) ? '' : ':'} ${answer}`;

function answerNews(note: Note, { on }: BriefingContext): News {
  const { kind, status, text, answer } = note;
  const day = note.answered_on ?? on;
  const isDecision = kind === 'decision';
  const told = entry({
    ...pick(note, 'id', 'ref', 'kind'),
    state: status,
    label: `${isDecision ? 'decided' : 'answered'} ${recentDate(day, on)}: `,
    lead: answer === null ? text : isDecision ? answer : joined(text, answer),
    date: day,
    why: `${isDecision ? 'decided' : 'answered'} since the last visit`,
  });
  return [1, told];
}

// Of the verbs that begin promises, those whose past is no '-ed'.
const irregular = lazy(
  () =>
    new Map(
      `bring/brought come/came cut/cut drop/dropped eat/ate fill/filled find/found get/got give/gave
   go/went keep/kept make/made meet/met pay/paid read/read refer/referred ring/rang see/saw send/sent
   speak/spoke stop/stopped take/took tell/told think/thought try/tried write/wrote`
        .split(/\s+/)
        .map((pair) => pair.split('/') as [string, string]),
    ),
);
const regular = /^(?:ask|book|call|check|email|look|mail|phone|review|start|talk|walk|watch|weigh)$/;

/** 'they brought the diary'; undefined where the promise begins with no verb that is known. */
function whatTheyDid(text: string): string | undefined {
  const [, verb = '', rest = ''] = /^(\p{L}+)(.*)$/su.exec(text.trim()) ?? [];
  const word = verb.toLowerCase();
  const past = irregular().get(word) ?? (regular.test(word) ? `${word.replace(/e$/, '')}ed` : undefined);
  return past === undefined ? undefined : `they ${past}${rest}`;
}

function promiseNews(commitment: Commitment, { on, world }: BriefingContext): News {
  const { status, owner, who, text, how, reason } = commitment;
  const day = commitment.closed_on ?? on;
  const by = who ?? owner;
  const isKept = status === 'kept';
  const did = isKept && by === 'patient' ? whatTheyDid(text) : undefined;
  const whose = !isKept || by === 'me' ? '' : by === 'staff' ? ' by staff' : ' by them';
  const mark = world.markOfPromise(commitment);
  const label = did === undefined ? `${status}${whose} ${recentDate(day, on)}: ` : '';
  const lead = did ?? text;
  const told = entry({
    ...pick(commitment, 'id', 'ref', 'kind', 'due'),
    state: status,
    label,
    lead,
    tails: present(mark && ` ${mark}`, inBrackets(isKept ? how : reason, `${label}${lead}${mark ?? ''}`)),
    date: commitment.closed_on,
    why: `${status} since the last visit`,
  });
  return [2, told];
}

/** First what came from them, then answers and decisions, then promises; the newest of each first. */
export function sinceSection(context: BriefingContext): Section {
  const { contacts, commitments, answered, lastVisit } = context;
  const inTime = contacts.filter(({ on }) => isSince(on, context)).toSorted(compareIds);
  const visits = inTime.filter((contact) => contact.state === 'held' && isVisit(contact));
  const lastTold = visits.filter(({ gist }) => gist !== null).at(-1);
  const others = inTime.filter((contact) => contact === lastTold || !visits.includes(contact));
  const told = [
    ...answered.map((note) => answerNews(note, context)),
    ...commitments.filter(({ status }) => status !== 'open').map((one) => promiseNews(one, context)),
  ];
  const news = present(...others.map((contact) => contactNews(contact, context)));
  const says = ([, one]: News): boolean => one.label !== '' || one.state !== 'held';
  const days = new Set([...told, ...news.filter(says)].map(([, { date }]) => date));
  // A contact of which nothing was noted is left out where its day has another line.
  const all = [...told, ...news.filter((one) => says(one) || !days.has(one[1].date))].sort(
    ([group, one], [otherGroup, other]) =>
      group - otherGroup ||
      compareText(other.date ?? '', one.date ?? '') ||
      compareText(one.id ?? '', other.id ?? ''),
  );
  const title = lastVisit === undefined ? 'BEFORE THIS VISIT' : 'SINCE WE LAST MET';
  const entryOf = ([, one]: News): Entry => one;
  return section({ id: 'since', title, ordered: all, entryOf, limit: sinceLimit, unread: 0 }, context);
}
