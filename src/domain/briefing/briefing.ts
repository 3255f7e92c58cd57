/**
 * A briefing's input and output as values, and what its sections share. An entry is one line: its `lead` may be cut
 * at a word, the rest may not.
 */
import type { CivilDate, TimeOfDay } from '../../dates/civil.ts';
import type { Sight } from '../privacy.ts';
import type { Commitment, Contact, Note, Patient, Person } from '../records.ts';

export type SectionId =
  | 'gentle'
  | 'since'
  | 'promised'
  | 'open'
  | 'matters'
  | 'life'
  | 'said'
  | 'explain'
  | 'ask'
  | 'could_ask';

export interface Entry {
  readonly id: string | null;
  readonly ref: string | null;
  readonly kind: string;
  readonly state: string;
  /** Stands before the text: 'staff: ', 'kept 12 Dec: '. */
  readonly label: string;
  readonly lead: string;
  readonly quoted: boolean;
  readonly isPinned: boolean;
  /** In the order of their weight: the last ones go where there is no room. */
  readonly tails: readonly string[];
  readonly aligned: string;
  readonly bullet: '·' | '!';
  readonly due: CivilDate | null;
  readonly daysLate: number | null;
  readonly date: string | null;
  readonly why: string;
  readonly score: number | null;
}

export interface Section {
  readonly id: SectionId;
  readonly title: string;
  readonly entries: readonly Entry[];
  /** What the heading counts. */
  readonly more: number;
  readonly private: number;
}

export interface Item extends Entry {
  /** Without the bullet; TREAD GENTLY may contain one line end. */
  readonly text: string;
}

export interface BriefingSection extends Omit<Section, 'entries'> {
  readonly items: readonly Item[];
}

/** Of so many open concerns a briefing tells which come back; the oldest is compared as well. */
export const comparedConcerns = 40;

export const caps = { lines: 22, words: 130, columns: 76 } as const;

export const entry = (fields: Pick<Entry, 'kind' | 'state' | 'lead' | 'why'> & Partial<Entry>): Entry => ({
  id: null,
  ref: null,
  label: '',
  quoted: false,
  isPinned: false,
  tails: [],
  aligned: '',
  bullet: '·',
  due: null,
  daysLate: null,
  date: null,
  score: null,
  ...fields,
});

export interface BriefingFacts {
  readonly patient: Patient;
  readonly people: readonly Person[];
  /** All private notes, losses and cautions, and at least the first notes of each section. */
  readonly notes: readonly Note[];
  /** Notes answered since the last visit. */
  readonly answered: readonly Note[];
  /** Counts of current notes that were not read: of kinds that a heading counts, and of others. */
  readonly unread?: { readonly open: number; readonly silent: number };
  /** All that are open, and those closed since the last visit. */
  readonly commitments: readonly Commitment[];
  readonly contacts: readonly Contact[];
  /** Note id to the number of days it was shown before a held visit. */
  readonly shown: ReadonlyMap<string, number>;
  readonly hasNamesake: boolean;
}

export interface BriefingOptions extends Sight {
  readonly on: CivilDate;
  readonly at?: TimeOfDay | undefined;
  /** Also shows held-back notes, and lifts the caps. */
  readonly all: boolean;
  readonly ownLanguage: string;
}
