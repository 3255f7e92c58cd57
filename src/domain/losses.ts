/**
 * What the losses and cautions of a patient mean on a day: what they hold back of what was written before them, and the
 * marks and lines that they give. Trap: what only private notes tell holds back all the same, and gives no mark or line.
 */
import {
  addMonths,
  type CivilDate,
  type PartialDate,
  readCivilDate,
  weekdayDate,
  yearOf,
} from '../dates/civil.ts';
import { type Caution, cautionOf, sharesMeaning, whomAbout } from './about.ts';
import { type Circle, isPartner, mayMention, sensesOf, tokensOf } from './circle.ts';
import { anniversaryOf, type DayLine, isNear, type Loss, lossesOf, when } from './loss-list.ts';
import { mentionsIn } from './mentions.ts';
import { newestOfThreads, nextOccurrence } from './note-rules.ts';
import { personFirstName } from './patient-names.ts';
import { pregnancy } from './people-words.ts';
import type { Commitment, Note, NoteKind, Person } from './records.ts';
import { fold, pick, sortedBy } from './text.ts';

/** What may be held back: a note, or a text beside one. */
export interface Item {
  readonly id?: string | null;
  readonly kind: NoteKind | 'answer' | 'gist' | 'how' | 'promise';
  readonly text: string;
  readonly person?: string | null;
  /** When it was recorded; null where nobody knows. */
  readonly day: CivilDate | null;
  readonly confirmed?: CivilDate | null;
  readonly yearly?: boolean;
  /** In a list of what was, which no caution holds back. */
  readonly isHistory?: boolean;
  readonly date?: PartialDate | null;
  /** Of what a planned visit is for: nobody knows when that was written. */
  readonly plannedFor?: CivilDate;
}

export interface Held {
  readonly because: Loss['kind'] | 'avoid';
  readonly person: Person | undefined;
  readonly isPrivate: boolean;
}

export type World = ReturnType<typeof worldOf>;

const monthsOfPregnancy = 10;
const recentMonths = 13;
const ordinals = ['first', 'second', 'third'];
const kindsAvoided: ReadonlySet<Item['kind']> = new Set(['story', 'interest', 'family', 'milestone', 'next']);

const itemOf = ({ recorded_on: day, confirmed_on: confirmed, ...note }: Note): Item => ({
  ...pick(note, 'id', 'kind', 'text', 'person', 'yearly', 'date'),
  day,
  confirmed,
});

const isYearlyDay = ({ kind, yearly }: Item): boolean => kind === 'milestone' && yearly === true;

const isBefore = ({ day, confirmed = null }: Pick<Item, 'day' | 'confirmed'>, from: CivilDate): boolean =>
  (day === null || day < from) && (confirmed === null || confirmed < from);

/** A promise of the day on which the death was told, and typed before it: ids are in the order of typing. */
const isTypedAbove = (
  { id, made_on, text }: Pick<Commitment, 'id' | 'made_on' | 'text'>,
  { note, from }: Loss,
): boolean =>
  !/\bcondolences?\b/i.test(text) &&
  note?.source === 'typed' &&
  note.replaces === null &&
  note.recorded_on === from &&
  made_on === from &&
  id < note.id;

const heldBy = (because: Held['because'], { person, isPrivate }: Omit<Held, 'because'>): Held => {
  return { because, person: because === 'pregnancy' ? undefined : person, isPrivate };
};

/** From a death to a yearly day: the first after it is 1. */
const yearsWithout = (day: CivilDate, died: CivilDate): number =>
  yearOf(day) - yearOf(died) + (day.slice(5) > died.slice(5) ? 1 : 0);

const dueWords = /\b(?:due|edd|expected|arriv\w+)\b/;

/** @param sensitive whether what private notes tell is told */
export function worldOf(
  facts: Circle & { readonly notes: readonly Note[] },
  on: CivilDate,
  sensitive = false,
) {
  const { patient } = facts;
  // Sorted, so that the order of input changes nothing.
  const notes = sortedBy(facts.notes, ({ id }) => [id]);
  const isPrivate = (note: Note): boolean => note.sensitive && !note.show_in_brief && !sensitive;
  const people = sortedBy(facts.people, ({ id }) => [id]);
  const losses = lossesOf({ patient, people, notes }, on, isPrivate);
  const gone = losses.filter(
    ({ kind, person }) => (kind === 'death' || kind === 'parting') && person !== undefined,
  );
  const births = losses.filter(({ kind, isBirth }) => kind === 'pregnancy' || isBirth);
  const turning = losses.filter(({ kind }) => kind !== 'other');
  const lossIds = new Set(turning.flatMap(({ note }) => note?.id ?? []));

  /** Those on file, as these losses left them, and who is named by a loss alone. */
  const circleAfter = (told: readonly Loss[]): Circle => {
    const isTold = new Map(told.map(({ person }) => [person?.id, person]));
    const known = people.map((person): Person => {
      const isOne = isTold.delete(person.id);
      if (isOne) return person.status === 'living' ? { ...person, status: 'died' } : person;
      const isHidden = gone.some((loss) => loss.person?.id === person.id);
      return isHidden ? { ...person, status: 'living', died_on: null, apart_since: null } : person;
    });
    return { patient, people: [...known, ...[...isTold.values()].flatMap((person) => person ?? [])] };
  };
  const afterLosses = circleAfter(gone);
  const circleTold = circleAfter(gone.filter((loss) => !loss.isPrivate));
  const cautions = newestOfThreads(notes)
    .filter(({ kind }) => kind === 'avoid')
    .map((note): Caution => ({ ...cautionOf(note, afterLosses), isPrivate: isPrivate(note) }));
  const strangers = cautions.flatMap(({ note, person }) => (person?.id === note.id ? [person] : []));
  const circle: Circle = { patient, people: [...afterLosses.people, ...strangers] };
  const mayBeOfThem = mayMention([...gone, ...cautions].flatMap(({ person }) => person ?? []));
  const isQuiet = turning.length === 0 && cautions.length === 0;

  /** Whom a text speaks of: whom it is about, and of a linked one whoever else is named in it. */
  const idsOf = ({ text, person = null }: Pick<Item, 'text' | 'person'>): ReadonlySet<string> => {
    const about = whomAbout(text, person, circle).people;
    const isLinked = about.some(({ id }) => id === person);
    const named = isLinked ? mentionsIn(text, circle) : [];
    const others = named.filter(
      ({ name, which, people: those }) =>
        name !== null && which === undefined && those.every(({ id }) => id !== person),
    );
    return new Set([...about, ...others.flatMap(({ people: those }) => those)].map(({ id }) => id));
  };

  /** 'Pregnant, tells her mother on Sunday' is of the patient. */
  const isNamedBehind = (text: string, person: Person, at: number): boolean =>
    mentionsIn(text, circle).some(
      ({ people: those, from }) =>
        those.includes(person) && at >= 0 && (tokensOf(text)[from]?.from ?? 0) > at,
    );

  const speaksOf = (item: Item, { person, day, from }: Loss): boolean => {
    const linked = circle.people.find(({ id }) => id === item.person);
    // A partner's part in it is in the same pregnancy; a daughter's may be one of her own.
    const { day: recorded, plannedFor = null } = item;
    const isOfIt =
      day === undefined ||
      ((recorded ?? day) >= addMonths(day, -monthsOfPregnancy) &&
        (recorded ?? plannedFor ?? day) <= addMonths(day, monthsOfPregnancy));
    if (!isOfIt || !isBefore(item, from)) return false;
    const text = fold(item.text);
    const at = text.search(pregnancy);
    const isAlive = linked?.status === 'living' && linked.id !== person?.id;
    if (isAlive && !isPartner(sensesOf(linked.relation)) && !isNamedBehind(item.text, linked, at))
      return false;
    return at >= 0 || (item.kind === 'next' && /\bscans?\b/.test(text));
  };

  /** The yearly day of somebody who died, up to the third without them. */
  const staysWithout = (item: Item, loss: Loss): boolean => {
    if (loss.kind !== 'death' || loss.isPrivate || !isYearlyDay(item)) return false;
    if (item.person !== loss.person?.id || loss.day === undefined) return false;
    const next = nextOccurrence({ date: item.date ?? null, yearly: true }, on);
    return next === undefined || yearsWithout(next.first, loss.day) <= ordinals.length;
  };

  const reasonsFor = (item: Item): readonly Held[] => {
    if (isQuiet || (item.id != null && lossIds.has(item.id))) return [];
    // Their days would tell of a private death by going on as before, whenever they were typed.
    const isDayOf = ({ kind, isPrivate, person }: Loss): boolean =>
      kind === 'death' && isPrivate && isYearlyDay(item) && item.person === person?.id;
    const after = gone.filter((loss) => isBefore(item, loss.from) || isDayOf(loss));
    const heeded = cautions.filter(
      ({ note }) => note.id !== item.id && isBefore(item, note.recorded_on ?? on),
    );
    const isAvoidable = kindsAvoided.has(item.kind) && !item.isHistory;
    const isNobody = after.length + heeded.length === 0 || !mayBeOfThem(item.text, item.person ?? null);
    const ids = isNobody ? undefined : idsOf(item);
    const isOf = (person: Person | undefined): boolean =>
      person !== undefined && ids?.has(person.id) === true;
    return [
      ...after
        .filter((loss) => isOf(loss.person) && !staysWithout(item, loss))
        .map((loss) => heldBy(loss.kind, loss)),
      ...births.filter((loss) => speaksOf(item, loss)).map((loss) => heldBy('pregnancy', loss)),
      ...heeded
        .filter(
          ({ person, words }) =>
            (isAvoidable && isOf(person)) ||
            (item.kind === 'next' && sharesMeaning(words, item.text, circle)),
        )
        .map((caution) => heldBy('avoid', caution)),
    ];
  };

  /** Whether something is held back, and why: by what may be told, where there is such a reason. */
  const holds = (item: Item): Held | undefined => {
    const reasons = reasonsFor(item);
    return reasons.find((one) => !one.isPrivate) ?? reasons[0];
  };

  const called = ({ person }: Loss): string => (person ? personFirstName(person) : '');
  const shortly = (loss: Loss): string =>
    `${loss.kind === 'death' ? `${called(loss)} died` : 'loss'}${when(loss.date, on)}`;
  const isRecent = ({ day }: Pick<Loss, 'day'>): boolean =>
    day !== undefined && day <= on && addMonths(day, recentMonths) >= on;
  const newestAfter = (note: Note, among: readonly Loss[]): Loss | undefined =>
    among.find((loss) => !loss.isPrivate && isBefore(itemOf(note), loss.from));

  const beforeLoss = (loss: Loss | undefined): string | undefined =>
    loss && `(before ${loss.kind === 'death' ? `${called(loss)} died` : `the loss${when(loss.date, on)}`})`;

  const dueDates = (): readonly DayLine[] =>
    newestOfThreads(notes).flatMap((note): readonly DayLine[] => {
      const day = readCivilDate(note.date);
      if (day === undefined || note.yearly || !isNear(day, on) || !dueWords.test(fold(note.text))) return [];
      const loss = births.find((one) => speaksOf(itemOf(note), one));
      const text = `would have been due ${weekdayDate(day, on)}`;
      return loss === undefined
        ? []
        : [{ text, day, loss, note, isPrivate: loss.isPrivate || isPrivate(note) }];
    });

  return {
    /** Newest first, by the day they happened. */
    losses,
    /** Of the last 13 months. */
    isRecent,
    /** Anniversaries of deaths, which stand in the place of the death's own line, and due dates of lost pregnancies. */
    dayLines: [
      ...losses.flatMap((loss) => anniversaryOf(loss, on) ?? []),
      ...(births.length > 0 ? dueDates() : []),
    ],
    holds,
    holdsNote: (note: Note, isHistory = false): Held | undefined => holds({ ...itemOf(note), isHistory }),
    /** The name or relation that fits a dead and a living person: "(which Rose?)". */
    which: ({ text, person }: Pick<Note, 'text' | 'person'>): string | undefined =>
      gone.length === 0 ? undefined : whomAbout(text, person, circleTold).which,
    /** Whether somebody's death may be told. */
    isDead: ({ id, status }: Person): boolean => {
      const loss = gone.find(({ kind, person }) => kind === 'death' && person?.id === id);
      return loss === undefined ? status === 'died' : !loss.isPrivate;
    },
    /** 'first without June', for a yearly day that is linked to somebody who died. */
    without(
      { yearly, person }: Pick<Note, 'yearly' | 'person'>,
      day: CivilDate | undefined,
    ): string | undefined {
      const loss = gone.find((one) => one.kind === 'death' && one.person?.id === person);
      if (!yearly || day === undefined || loss?.date == null || loss.day === undefined || loss.isPrivate)
        return undefined;
      const ordinal = ordinals[yearsWithout(day, loss.day) - 1];
      return ordinal && `${ordinal} without ${called(loss)}`;
    },
    /** '(June died 2 Feb)', '(loss 20 Feb)': of a promise from before the loss. */
    markOfPromise(promise: Pick<Commitment, 'id' | 'text' | 'for_person' | 'made_on'>) {
      const { text, for_person: person, made_on: day } = promise;
      const item = { kind: 'promise' as const, text, person, day };
      const ids = gone.length === 0 ? undefined : idsOf(item);
      const loss = turning
        .filter((one) => !one.isPrivate)
        .find(
          (one) =>
            (one.kind === 'death' &&
              ids?.has(one.person?.id ?? '') &&
              (isBefore(item, one.from) || isTypedAbove(promise, one))) ||
            (births.includes(one) && speaksOf(item, one)),
        );
      return loss && `(${shortly(loss)})`;
    },
    /** '(before June died)': of a `next` that is not held back. */
    markOfNext: (note: Note): string | undefined => beforeLoss(newestAfter(note, turning)),
    /** '(before June died)': of a note that a loss which may be told holds back. */
    markOfHeld(note: Note): string | undefined {
      const held = holds(itemOf(note));
      const isIt = ({ kind, person, isPrivate }: Loss): boolean =>
        !isPrivate && kind === held?.because && (kind === 'pregnancy' || person?.id === held.person?.id);
      return held?.isPrivate ? undefined : beforeLoss(turning.find(isIt));
    },
    /** 'check first: June died 2 Feb'; 'hidden' where nobody should reach out for it. */
    markOfOutreach(note: Note): string | undefined {
      if (holds(itemOf(note)) !== undefined) return 'hidden';
      const loss = newestAfter(note, losses.filter(isRecent));
      // 'first without June' says it.
      const isTold = note.yearly && note.person !== null && note.person === loss?.person?.id;
      return loss && !isTold ? `check first: ${shortly(loss)}` : undefined;
    },
  };
}
