/** What is due, for programs: the document `rapport.due/1`, and the counts for a shell's prompt. */
import { firstDue } from '../domain/commitment-changes.ts';
import type { DueItem, DueList } from '../domain/due-list.ts';
import { type DueNames, type NamedPatient, outreachText, quietText, recordOf } from './due-view.ts';

/** Counts without names, for a shell's prompt: '1 overdue, 2 today'. */
export function dueLine({ counts }: DueList): string {
  const parts = [
    ...(counts.overdue > 0 ? [`${counts.overdue} overdue`] : []),
    ...(counts.today > 0 ? [`${counts.today} today`] : []),
    ...(counts.closed_day > 0 ? [`${counts.closed_day} before a closed day`] : []),
    ...(counts.outreach > 0 ? [`${counts.outreach} to reach out for`] : []),
    ...(counts.quiet > 0 ? [`${counts.quiet} quiet`] : []),
  ];
  return parts.length === 0 ? 'nothing due' : parts.join(', ');
}

interface DueDocumentOptions extends DueNames {
  readonly zone: string;
  readonly namesOnly: boolean;
}

const patientFields = ({ id, ref, name, goes_by, handle }: NamedPatient) => ({
  id,
  ref,
  name,
  goes_by,
  handle,
});

/** Fields that differ by group; each group has all common fields, some have more. */
function particulars(item: DueItem, list: DueList, { patients, people }: DueNames) {
  const none = { for_person: null, days_late: null, snoozes: 0, attempts: 0 } as const;
  if (item.group === 'quiet')
    return {
      ...none,
      text: quietText(item, list.on),
      owner: 'me',
      kind: 'quiet',
      due: null,
      first_due: null,
      made_on: null,
      since: item.since,
      next_on: item.nextContact?.on ?? null,
    } as const;
  if (item.group === 'outreach')
    return {
      ...none,
      text: outreachText(item, patients.get(item.note.patient_id)),
      owner: 'me',
      kind: item.note.kind,
      due: item.day ?? null,
      first_due: item.day ?? null,
      made_on: item.note.recorded_on,
      date: item.note.date,
    } as const;
  const { commitment, daysLate } = item;
  const person = commitment.for_person === null ? undefined : people.get(commitment.for_person);
  return {
    text: commitment.text,
    owner: commitment.owner,
    kind: commitment.kind,
    for_person: person === undefined ? null : { id: person.id, name: person.name },
    due: commitment.due,
    first_due: firstDue(commitment),
    made_on: commitment.made_on,
    days_late: daysLate,
    snoozes: commitment.snoozes.length,
    attempts: commitment.attempts.length,
  };
}

export function dueDocument(list: DueList, options: DueDocumentOptions) {
  const items = list.items.map((item) => {
    const { id, ref, patientId } = recordOf(item);
    const patient = options.patients.get(patientId);
    const { text, owner, kind, for_person, due, first_due, made_on, ...rest } = particulars(
      item,
      list,
      options,
    );
    return {
      id,
      ref,
      patient: patient && patientFields(patient),
      text: options.namesOnly ? null : text,
      owner,
      kind,
      for_person,
      group: item.group,
      due,
      first_due,
      made_on,
      ...rest,
    };
  });
  const more = list.moreQuiet > 0 ? { more_quiet: list.moreQuiet } : {};
  return {
    schema: 'rapport.due/1',
    on: list.on,
    time_zone: options.zone,
    items,
    counts: list.counts,
    ...more,
  };
}
