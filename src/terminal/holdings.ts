/** How much there is of a patient, in words: '3 notes, 2 promises, 1 contact'. Never what it says. */

export interface Holdings {
  readonly notes: number;
  readonly commitments: number;
  readonly contacts: number;
  readonly people: number;
}

const nouns = {
  notes: ['note', 'notes'],
  commitments: ['promise', 'promises'],
  contacts: ['contact', 'contacts'],
  people: ['person', 'people'],
} as const;

export function describeHoldings(holdings: Holdings, drafts: number): string {
  const parts = (Object.keys(nouns) as (keyof Holdings)[]).flatMap((key) => {
    const count = holdings[key];
    return count === 0 ? [] : [`${count} ${nouns[key][count === 1 ? 0 : 1]}`];
  });
  const all =
    drafts === 0 ? parts : [...parts, `${drafts} ${drafts === 1 ? 'draft' : 'drafts'} not saved yet`];
  return all.length === 0 ? 'nothing but the name' : all.join(', ');
}
