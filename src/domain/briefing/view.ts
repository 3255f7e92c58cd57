/**
 * A briefing as values: what the text and the JSON are both written from. An entry is one line; its `lead` may be cut
 * at a word, its `tail` (a date, an age) and what stands `aligned` at the right edge may not.
 */
import type { CivilDate } from '../../dates/civil.ts';
import type { Patient } from '../records.ts';

export type SectionId =
  | 'gentle'
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
  readonly lead: string;
  readonly quoted: boolean;
  readonly tail: string;
  readonly aligned: string;
  readonly bullet: '·' | '!' | ' ';
  readonly due: CivilDate | null;
  readonly daysLate: number | null;
  readonly date: string | null;
  readonly why: string;
  readonly score: number | null;
}

/** A section before the caps: entries in order of worth, those past the section's own limit already left out. */
export interface Section {
  readonly id: SectionId;
  readonly title: string;
  readonly entries: readonly Entry[];
  readonly more: number;
  readonly private: number;
}

export interface Item extends Entry {
  /** The line as printed, without its bullet; TREAD GENTLY may hold one line end. */
  readonly text: string;
}

export interface BriefingSection extends Omit<Section, 'entries'> {
  readonly items: readonly Item[];
}

export interface Briefing {
  readonly on: CivilDate;
  readonly patient: Patient;
  readonly lastSeen: CivilDate | undefined;
  readonly visitAt: string | undefined;
  readonly isFirstVisit: boolean;
  readonly header: readonly [string, string];
  readonly sections: readonly BriefingSection[];
  readonly footer: string;
  readonly hidden: number;
  readonly heldBack: number;
  readonly lines: number;
  readonly words: number;
}

export const caps = { lines: 22, words: 130, columns: 76 } as const;

export const entry = (fields: Pick<Entry, 'kind' | 'state' | 'lead' | 'why'> & Partial<Entry>): Entry => ({
  id: null,
  ref: null,
  quoted: false,
  tail: '',
  aligned: '',
  bullet: '·',
  due: null,
  daysLate: null,
  date: null,
  score: null,
  ...fields,
});
