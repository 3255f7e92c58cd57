/** What typed lines make of a write-up: a fold, so that a replayed draft gives the same result. */
import { type PartialDate, valued } from '../dates/civil.ts';
import { readDate, readPartial } from '../dates/grammar.ts';
import { usage } from '../errors.ts';
import {
  type CapturedLoss,
  type CaptureOptions,
  captureAs,
  captureLine,
  dateOptions,
  doubtOf,
  type Entry,
  nearestKindWord,
} from './capture.ts';
import type { Circle } from './circle.ts';
import { wordKinds } from './line-kinds.ts';
import { personName } from './patient-names.ts';
import { present } from './text.ts';
import { whomLost, whomNoted, withAdded } from './whom.ts';
import {
  checkWriteUp,
  type EntryLine,
  ofUse,
  type SummaryLine,
  type TypedLine,
  type WriteUp,
  type WriteUpContext,
} from './write-up.ts';

const defaultKinds = { promise: 'promise', learn: 'story', next: 'next' } as const;
const optionsAt = (place: keyof typeof defaultKinds, { capture }: WriteUpContext): CaptureOptions => ({
  ...capture,
  defaultKind: defaultKinds[place],
  isPrompt: place !== 'promise',
});

/** What is asked about a line before it is entered. */
export const doubtAt = ({ place, text }: TypedLine, context: WriteUpContext) =>
  place === 'done' || place === 'change' ? undefined : doubtOf(text, optionsAt(place, context));

function doneLine(text: string, { items, capture }: WriteUpContext): SummaryLine {
  const [, ref = '', words = ''] = /^(\S+)\s*(.*)$/su.exec(text) ?? [];
  const item = items.find(({ record }) => record.ref === ref);
  const said = words === '' ? null : words;
  if (item === undefined) return { type: 'gone', ref, words: said };
  if (item.type !== 'sent') return { type: 'done', item, words: said };
  const typed = ofUse(item.record, said);
  const entry = captureAs(`\\${typed}`, { note: 'explain' }, capture);
  return { type: 'entry', entry: { ...entry, sensitive: item.record.sensitive }, typed, ofSent: ref };
}

/** 'husb Tom died overnight' without the words that the day is given for, where it still says the same. */
function withoutTime({ text, unread, loss }: CapturedLoss, circle: Circle | undefined): string {
  if (unread === null || circle === undefined || !text.endsWith(unread)) return text;
  const cut = text.slice(0, -unread.length).replace(/(?<![\s,;:–—(-])[\s,;:–—(-]+$/u, '');
  return cut !== '' && whomLost(cut, circle).loss === loss ? cut : text;
}

/** With another date, or none. @throws usage */
export function withDate(entry: Entry, text: string, capture: WriteUpContext['capture']): Entry {
  const options = dateOptions(capture);
  const isNone = /^(?:none|no|never|-)$/i.test(text);
  if (entry.type === 'commitment')
    return {
      ...entry,
      due: isNone ? null : readDate(text, { ...options, direction: 'forward' }),
      unread: null,
    };
  if (entry.type === 'note' && entry.kind !== 'milestone')
    throw usage(`a date does not go with ${entry.kind}`, 'promises, milestones and losses have one');
  const direction = entry.type === 'loss' ? 'back' : 'milestone';
  const date: PartialDate | null = isNone ? null : readPartial(text, { ...options, direction });
  return entry.type === 'loss'
    ? { ...entry, date, unread: null, text: date === null ? entry.text : withoutTime(entry, capture.circle) }
    : { ...entry, date, unread: null, yearly: date?.startsWith('--') ?? false };
}

const changeHint = "'3 family' changes its kind, '3 due fri' its date, '3 drop' takes it out; ? shows more";

/** The circle with whom other lines add. */
function circleOf(writeUp: WriteUp, { capture: { circle } }: WriteUpContext) {
  const added = writeUp.map((line) => (line.type === 'entry' ? line.entry.whom : undefined));
  return circle && withAdded(circle, added);
}

/** Another text for the same line, read as it was: its own mark or date wins. */
function reworded(line: EntryLine, text: string, writeUp: WriteUp, context: WriteUpContext): EntryLine {
  const { entry } = line;
  const kind = entry.type === 'commitment' ? 'promise' : entry.type === 'loss' ? 'loss' : entry.kind;
  const read = captureLine(text, {
    ...context.capture,
    circle: circleOf(writeUp, context),
    defaultKind: kind,
    isGiven: !entry.guessed,
  });
  if (read === undefined) throw usage('the text is empty', "'3 drop' takes the line out");
  const isSame = read.type === 'commitment' && entry.type === 'commitment' && read.owner === 'me';
  const owner = isSame ? entry.owner : undefined;
  return {
    ...line,
    typed: text,
    entry: {
      ...read,
      ...(owner !== undefined && { owner }),
      sensitive: read.sensitive || entry.sensitive,
    } as Entry,
  };
}

function forWhom(entry: Entry, name: string, writeUp: WriteUp, context: WriteUpContext): Entry {
  if (/^(?:none|no|-)$/i.test(name)) return { ...entry, whom: undefined };
  const circle = circleOf(writeUp, context);
  const whom = circle && whomNoted(name, 'story', circle);
  if (whom !== undefined) return { ...entry, whom };
  const known = circle?.people.map(personName).join(', ');
  throw usage('that names nobody', ...present(known && `known: ${known}`), "'3 for daughter Ana' adds her");
}

const isNo = (text: string): boolean => /^(?:no|off)$/i.test(text);

/** What `3 word rest` makes of line 3. */
const words: Readonly<
  Record<string, (line: EntryLine, rest: string, writeUp: WriteUp, context: WriteUpContext) => EntryLine>
> = {
  text: reworded,
  private: (line, rest) => ({ ...line, entry: { ...line.entry, sensitive: !isNo(rest) } }),
  pin(line, rest) {
    if (line.entry.type === 'commitment') throw usage('a promise is not pinned', 'a note is');
    return { ...line, marks: { ...line.marks, pinned: !isNo(rest) } };
  },
  reach(line, rest) {
    if (line.entry.type !== 'note' || line.entry.kind !== 'milestone')
      throw usage('you reach out on a milestone', changeHint);
    return { ...line, marks: { ...line.marks, reach_out: !isNo(rest) } };
  },
  for: (line, rest, writeUp, context) => ({ ...line, entry: forWhom(line.entry, rest, writeUp, context) }),
  due(line, rest, _, { capture }) {
    if (rest === '') throw usage('a date is missing', changeHint);
    return { ...line, entry: withDate(line.entry, rest, capture) };
  },
};
const sameWords = valued([
  ['by|on|date', 'due'],
  ['about', 'for'],
  ['sensitive', 'private'],
]);

function asKind(line: EntryLine, word: string, rest: string, { capture }: WriteUpContext): EntryLine {
  const kind = wordKinds.get(word);
  if (kind !== undefined && rest !== '') throw usage('that changes nothing', changeHint);
  if (kind === undefined) {
    const near = nearestKindWord(word);
    throw usage(`'${word}' is not a kind`, near === undefined ? changeHint : `did you mean '${near}'?`);
  }
  const { entry } = line;
  // Another owner keeps the due date, even one set at the summary.
  if ('owner' in kind && entry.type === 'commitment')
    return { ...line, entry: { ...entry, owner: kind.owner, guessed: false } };
  const read = captureAs(line.typed, kind, capture);
  return { ...line, entry: { ...read, sensitive: read.sensitive || entry.sensitive } };
}

function changed(text: string, writeUp: WriteUp, context: WriteUpContext): WriteUp {
  // '3 due fri' is line 3, 'due', 'fri'.
  const match = /^(\d+)\s+(\p{L}+):?\s*(.*)$/su.exec(text.trim());
  if (!match) throw usage('that changes nothing', changeHint);
  const index = Number(match[1]) - 1;
  const line = writeUp[index];
  if (line === undefined) throw usage(`there is no line ${match[1]}`);
  const said = (match[2] ?? '').toLowerCase();
  const word = sameWords.get(said) ?? said;
  const rest = (match[3] ?? '').trim();
  const replaced = (by: SummaryLine): WriteUp => writeUp.with(index, by);
  if ((word === 'drop' || word === 'keep') && rest === '')
    return replaced({ ...line, isDropped: word === 'drop' });
  if (line.isDropped) throw usage(`${index + 1} is dropped`, `'${index + 1} keep' brings it back`);
  if (line.type === 'done' && word === 'text') return replaced({ ...line, words: rest === '' ? null : rest });
  if (line.type !== 'entry') throw usage('only what was typed now can be changed', `${index + 1} drop`);
  const change = Object.hasOwn(words, word) ? words[word] : undefined;
  return replaced(
    change === undefined ? asKind(line, word, rest, context) : change(line, rest, writeUp, context),
  );
}

/** @throws usage */
export function withLine(writeUp: WriteUp, { place, text }: TypedLine, context: WriteUpContext): WriteUp {
  if (place === 'done') return [...writeUp, doneLine(text, context)];
  if (place === 'change') return checkWriteUp(changed(text, writeUp, context), context);
  const entry = captureLine(text, { ...optionsAt(place, context), circle: circleOf(writeUp, context) });
  return entry === undefined
    ? writeUp
    : checkWriteUp([...writeUp, { type: 'entry', entry, typed: text }], context);
}
