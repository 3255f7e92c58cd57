/**
 * What of a patient's records a screen, or a page for people, may show: decided here alone. Private notes and promises
 * are left out and counted, and so are the gists of private contacts. Of a discreet patient they do not exist (a private
 * visit has no gist), and nothing is counted. Trap: what a loss holds back is worked out before this, from all records.
 */
import { usage } from '../errors.ts';
import { namesInUse } from './circle.ts';
import { grantedOf, item, withTexts } from './fields.ts';
import type { WholePatient } from './interchange.ts';
import { notesTelling } from './loss-list.ts';
import type { Item, World } from './losses.ts';
import { newestOfThreads } from './note-rules.ts';
import { callingName, makeHandle } from './patient-names.ts';
import { lists } from './people-words.ts';
import {
  type Commitment,
  type Contact,
  isVisit,
  type Note,
  type Patient,
  type Person,
  schemas,
} from './records.ts';
import { fold, foldedWords, pick, present } from './text.ts';

export interface Sight {
  /** Private records were asked for. */
  readonly sensitive: boolean;
  /** As `config private-counts` says: where it is off, every patient is discreet. */
  readonly privateCounts: boolean;
  /** A page that leaves the program, where 'show in brief' says nothing. */
  readonly isPaper?: boolean;
}

/** Somebody may read the screen along with them. */
export const isDiscreet = (
  { quiet }: Pick<Patient, 'quiet'>,
  { privateCounts }: Pick<Sight, 'privateCounts'>,
): boolean => quiet || !privateCounts;

interface Records {
  readonly patient?: Patient;
  readonly people: readonly Person[];
  readonly notes: readonly Note[];
  readonly commitments?: readonly Commitment[];
  readonly contacts?: readonly Contact[];
}

/** What may be counted of that which is not shown: nothing of a discreet patient. */
export interface Hidden {
  readonly notes: number;
  readonly commitments: number;
  readonly gists: number;
}

/** All that a record, or an object of lists of records, has below one name. */
const anywhere = {
  ...schemas.patient,
  ...schemas.person,
  ...schemas.contact,
  ...schemas.commitment,
  ...schemas.note,
  patient: item(schemas.patient),
  people: item(schemas.person),
  notes: item(schemas.note),
  answered: item(schemas.note),
  commitments: item(schemas.commitment),
  contacts: item(schemas.contact),
};
const withoutTexts = <R extends Note | Contact>(record: R): R => withTexts(anywhere, record, () => null);

/** Of a record, in a history. */
interface Change extends Pick<Note, 'sensitive'> {
  readonly table: string;
  /** Of a contact its channel. */
  readonly kind: string | null;
  readonly label: string;
  readonly day: string | null;
}

type MaybePrivate = Pick<Note, 'sensitive'> & Partial<Pick<Note, 'show_in_brief'>>;

/** What of a patient decides how their records are shown. */
export type Screened = Pick<
  Patient,
  'id' | 'name' | 'goes_by' | 'handle' | 'aliases' | 'former_names' | 'quiet'
>;

/** How one patient's records are shown. */
export type Screening = ReturnType<typeof screenOf>;

/** @param people around the patient: their names stay, whoever else bore them */
export function screenOf(patient: Screened, people: readonly Pick<Person, 'name'>[], sight: Sight) {
  const isQuiet = isDiscreet(patient, sight);
  const text = withoutFormerNames(patient, people);
  const hides = ({ sensitive, show_in_brief = false }: MaybePrivate): boolean =>
    sensitive && !sight.sensitive && (sight.isPaper === true || !show_in_brief);
  /** Beside a discreet patient nothing says of what is shown that it is private. */
  const isSilent = isQuiet && !sight.sensitive;
  const isOpenly = isSilent ? { sensitive: false } : {};
  /** What it says, by the names of today. */
  const renamed = <R extends object>(record: R): R =>
    patient.former_names.length === 0
      ? record
      : withTexts(anywhere, record, (said, { isCode }) => {
          const read = text(said);
          // A code with another name in it would be that of somebody else.
          return isCode && read !== said ? null : read;
        });
  const shown = <R extends MaybePrivate>(record: R): R => renamed({ ...record, ...isOpenly });
  /** Nothing but who undertook it and when it is due, whatever fields it has. */
  const masked = (promise: Commitment): Commitment => ({
    ...promise,
    ...grantedOf(schemas.commitment),
    ...pick(promise, 'sensitive', 'undated', 'made_on', 'due', 'status', 'closed_on', 'who'),
    text: isQuiet ? 'a promise' : 'one promise',
    unread: promise.unread === null ? null : '',
  });
  /** Where private notes alone tell of a loss of somebody, nothing else does. */
  const asTold = ({ people: around, notes }: Records): readonly Person[] => {
    const losses = newestOfThreads(notes).filter(({ kind }) => kind === 'loss');
    return around.map((person) => {
      const told =
        person.status === 'living' ? [] : notesTelling(person, losses, { patient, people: around });
      const isSecret = told.length > 0 && told.every(hides);
      const untold = { status: 'living', died_on: null, apart_since: null } as const;
      return renamed(isSecret ? { ...person, ...untold } : person);
    });
  };
  const withoutGist = (contact: Contact): Contact | undefined => {
    if (!hides(contact)) return shown(contact);
    // Who reads along may well know of a visit, and not of a call.
    return isQuiet && !isVisit(contact) ? undefined : { ...withoutTexts(contact), ...isOpenly };
  };
  /** All promises of a discreet patient read alike, so that none shows that it is private. */
  const inDue = (promise: Commitment): Commitment =>
    hides(promise) || isSilent ? masked(promise) : shown(promise);
  const withoutWords = (note: Note): Note | undefined => {
    if (!hides(note)) return shown(note);
    return isQuiet ? undefined : { ...withoutTexts(note), text: '(private)', person: null, date: null };
  };
  return {
    hides,
    /** Nothing is told or counted of what is not shown. */
    isSilent,
    /** Shown, or at least counted: all but private records of a discreet patient. */
    isThere: (record: MaybePrivate): boolean => !hides(record) || !isQuiet,
    /** Whether it may be counted among what is not shown. */
    counts: (record: MaybePrivate): boolean => hides(record) && !isQuiet,
    text,
    renamed,
    /** What is told of a change: of a private record that there was one, of a discreet patient's nothing. */
    change<C extends Change>(change: C): C | undefined {
      if (!hides(change)) return { ...change, label: text(change.label), sensitive: false };
      if (!isSilent) return { ...change, label: '' };
      const { table, kind, day } = change;
      const isOpen = table === 'contact' && (kind === 'visit' || kind === 'home');
      return isOpen ? { ...change, label: day ?? '', sensitive: false } : undefined;
    },
    /** What is told of a record that was changed by its ref: of a private one that there is one. */
    changed<R extends Note | Commitment | Contact>(record: R): R | undefined {
      const told =
        'owner' in record ? inDue(record) : 'channel' in record ? withoutGist(record) : withoutWords(record);
      return told as R | undefined;
    },
    note: (note: Note): Note | undefined => (hides(note) ? undefined : shown(note)),
    contact: withoutGist,
    promiseInDue: inDue,
    milestoneInDue(note: Note): Note | undefined {
      if (!hides(note)) return shown(note);
      const text = `private: rapport notes ${patient.handle} --sensitive`;
      return isQuiet ? undefined : { ...withoutTexts(note), text, person: null };
    },
    records<R extends Records>(records: R): R & { readonly hidden: Hidden } {
      const { notes, commitments = [], contacts = [] } = records;
      const count = (all: readonly MaybePrivate[]): number => (isQuiet ? 0 : all.filter(hides).length);
      return {
        ...records,
        ...(records.patient && { patient: renamed(records.patient) }),
        people: asTold(records),
        notes: notes.filter((note) => !hides(note)).map(shown),
        ...(records.commitments && {
          commitments: commitments.filter((one) => !hides(one)).map(shown),
        }),
        ...(records.contacts && { contacts: contacts.flatMap((one) => withoutGist(one) ?? []) }),
        hidden: {
          notes: count(notes),
          commitments: count(commitments),
          gists: count(contacts.filter(({ gist }) => gist !== null)),
        },
      };
    },
  };
}

/**
 * Records without what a loss holds back, and how much that is; what private notes alone hold back counts as private.
 * @param facts in the order of the result
 */
export function withoutHeldBack(
  facts: Pick<WholePatient, 'notes' | 'commitments' | 'contacts'>,
  world: World,
) {
  const counts = { heldBack: 0, private: 0 };
  const isHeld = (held: ReturnType<World['holds']>): boolean => {
    if (held !== undefined) counts[held.isPrivate ? 'private' : 'heldBack'] += 1;
    return held !== undefined;
  };
  /** The text where it may be told. */
  const free = (text: string | null, rest: Omit<Item, 'text'>): string | null =>
    text !== null && isHeld(world.holds({ ...rest, text })) ? null : text;
  const notes = facts.notes
    .filter((note) => !isHeld(world.holdsNote(note, true)))
    .map((note): Note => {
      const { answer, person, answered_on: day } = note;
      return { ...note, answer: free(answer, { kind: 'answer', person, day }) };
    });
  const contacts = facts.contacts.map((contact): Contact => {
    const { gist, on: day } = contact;
    return { ...contact, gist: free(gist, { kind: 'gist', day }) };
  });
  const commitments = facts.commitments.map((commitment): Commitment => {
    const { how, for_person: person, closed_on: day } = commitment;
    return { ...commitment, how: free(how, { kind: 'how', person, day }) };
  });
  return { notes, contacts, commitments, ...counts };
}

type Named = Pick<Patient, 'name' | 'goes_by' | 'aliases' | 'former_names'>;

/** Of one letter, or with a digit in it, it is part of an old handle: 'rob-b', 'rob-2'. */
const isWhole = (word: string): boolean => word.length > 1 && !/\p{N}/u.test(word);

/** The words that are never printed, folded. */
export function formerWords(
  patient: Named,
  people: readonly Pick<Person, 'name'>[] = [],
): ReadonlySet<string> {
  const known = present(...namesInUse(patient), ...people.map(({ name }) => name));
  const borne = new Set(known.flatMap(foldedWords));
  return new Set(
    patient.former_names.flatMap(foldedWords).filter((word) => isWhole(word) && !borne.has(word)),
  );
}

/** A name that is a word too ('Will') counts with its capital alone, and not where a sentence begins. */
function isMeant(part: string, at: number, parts: readonly string[]): boolean {
  const before = parts[at - 1];
  if (!lists.nameWords.has(fold(part)) || /^['’]s$/.test(parts.slice(at + 1, at + 3).join(''))) return true;
  return /^\p{Lu}/u.test(part) && before !== undefined && !/[.!?:;]\s*$/.test(before);
}

/** @returns how a text reads with the name to use in place of former ones */
function withoutFormerNames(
  patient: Named,
  people: readonly Pick<Person, 'name'>[],
): (text: string) => string {
  const former = formerWords(patient, people);
  if (former.size === 0) return (text) => text;
  const used = callingName(patient);
  return (text) => {
    const parts: string[] = [];
    const all = text.match(/[\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+/gu) ?? [];
    for (const [at, part] of all.entries()) {
      if (!former.has(fold(part)) || !isMeant(part, at, all)) parts.push(part);
      // 'Robert James' is one name.
      else if (parts.at(-2) === used && parts.at(-1)?.trim() === '') parts.pop();
      else parts.push(used);
    }
    return parts.join('');
  };
}

/**
 * What becomes of names, and of the handle, with those that a patient no longer has.
 * @param patient with the names of today. @throws usage where one of them is still theirs
 */
export function withFormerNames(
  patient: Patient,
  added: readonly string[],
  isTaken: (handle: string) => boolean,
): Pick<Patient, 'former_names' | 'aliases' | 'handle'> {
  const { name, goes_by, aliases, handle } = patient;
  const today = foldedWords(`${name} ${goes_by ?? ''}`);
  if (added.some((one) => foldedWords(one).every((word) => today.includes(word))))
    throw usage(
      'that former name is still one of the names in use',
      'change that with --name or --goes-by in the same command',
    );
  const former = formerWords({ ...patient, aliases: [], former_names: added });
  const isFormer = (one: string): boolean => foldedWords(one).some((word) => former.has(word));
  // What an alias or the old handle found, it finds still.
  const gone = [...added, ...aliases.filter(isFormer), ...(isFormer(handle) ? [handle] : [])];
  return {
    former_names: [...new Set([...patient.former_names, ...gone])],
    aliases: aliases.filter((alias) => !isFormer(alias)),
    handle: isFormer(handle) ? makeHandle({ name, goes_by }, isTaken) : handle,
  };
}
