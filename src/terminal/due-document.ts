/** What is due in its other forms: patient by patient, and as the document `rapport.due/1`. */
import { type DueItem, isPromise } from '../domain/due-list.ts';
import { firstDue } from '../domain/note-rules.ts';
import { marksApart, patientDocument } from '../domain/patient-names.ts';
import { groupBy, pick, present, wrapToWidth } from '../domain/text.ts';
import {
  type DueView,
  dueColumns,
  nameIn,
  outreachText,
  patientIdOf,
  planned,
  quietText,
  recordOf,
  toldAttempt,
  unwrittenText,
} from './due-view.ts';
import { listRows, type Screen } from './list-view.ts';

/** By id, in the order of each patient's first item. */
const itemsByPatient = (items: readonly DueItem[]) => groupBy(items, (item) => [patientIdOf(item)]);

function whenOfPatient({ group }: DueItem, said: string): string {
  if (group === 'today') return 'today';
  if (group === 'undated') return 'no date';
  return group === 'unread' ? `no date read ${said}`.trim() : said;
}

export async function patientLines(view: DueView, screen: Screen): Promise<readonly string[]> {
  const { list, patients } = view;
  const groups = itemsByPatient(list.items);
  const owners = { me: '', staff: 'staff: ', patient: 'theirs: ' };
  const all = [...groups.values()].flat();
  const columns = dueColumns(view, { owners, when: whenOfPatient });
  const rows = (await listRows(all, columns, screen, { indent: 1 })).values();
  const marks = marksApart(patients.values());
  const sections = [...groups].flatMap(([id, items]) => {
    const patient = patients.get(id);
    const next = items.flatMap((item) => ('nextContact' in item ? (item.nextContact ?? []) : []))[0];
    const name = patient === undefined ? '' : nameIn(patient, marks.get(id), list.on);
    const title = present(name, next && planned(next, list.on)).join(', ');
    return [
      ...wrapToWidth(title, screen.columns).map(screen.style.heading),
      ...items.flatMap(() => rows.next().value ?? []),
    ];
  });
  const { moreQuiet, moreUnwritten } = list;
  const more = present(
    moreUnwritten > 0 && `${moreUnwritten} more not written up`,
    moreQuiet > 0 && `${moreQuiet} more quiet`,
  );
  return [
    ...sections,
    ...(more.length === 0 ? [] : [`+ ${more.join(', ')}: rapport due --by patient --all`]),
  ];
}

const fields =
  'text owner kind for_person group due first_due made_on days_late snoozes attempts told_on last_attempt every unread';
/** All fields of an item, in their order; a group fills in what it has, and adds its own. */
const blank = {
  ...Object.fromEntries(fields.split(' ').map((field) => [field, null])),
  ...{ owner: 'me', snoozes: 0, attempts: 0 },
};

function particulars(item: DueItem, view: DueView) {
  const { list, people, namesOnly } = view;
  if (item.group === 'quiet')
    return {
      text: quietText(item, list.on),
      kind: 'quiet',
      since: item.since,
      next_on: item.nextContact?.on ?? null,
    };
  if (item.group === 'outreach') {
    const { kind, recorded_on, date } = item.note;
    const day = item.day ?? null;
    return { text: outreachText(item), kind, due: day, first_due: day, made_on: recorded_on, date };
  }
  if (!isPromise(item)) {
    const { channel: kind, on: date, at } = item.contact;
    return { text: unwrittenText(item), kind, date, at };
  }
  const { commitment, daysLate } = item;
  const last = toldAttempt(item, view);
  const person = commitment.for_person === null ? undefined : people.get(commitment.for_person);
  return {
    ...pick(commitment, 'text', 'owner', 'kind', 'due', 'made_on', 'every', 'told_on'),
    unread: commitment.unread || null,
    for_person: person === undefined ? null : pick(person, 'id', 'name'),
    first_due: firstDue(commitment),
    days_late: daysLate,
    snoozes: commitment.snoozes.length,
    attempts: commitment.attempts.length,
    last_attempt: last === undefined ? null : { ...last, ...(namesOnly && { note: null }) },
  };
}

export function dueDocument(view: DueView) {
  const { list, zone, namesOnly, patients } = view;
  const groups = view.byPatient ? itemsByPatient(list.items) : undefined;
  const items = [...(groups?.values() ?? [list.items])].flat().map((item) => {
    const patient = patients.get(patientIdOf(item));
    return {
      ...pick(recordOf(item), 'id', 'ref'),
      patient: patient && patientDocument(patient),
      ...blank,
      group: item.group,
      ...particulars(item, view),
      ...(namesOnly && { text: null, unread: null }),
    };
  });
  return {
    on: list.on,
    time_zone: zone,
    items,
    ...(groups && {
      patients: [...groups].flatMap(([id, own]) => {
        const patient = patients.get(id);
        const ids = own.map((item) => recordOf(item).id);
        return patient === undefined ? [] : [{ ...patientDocument(patient), items: ids }];
      }),
    }),
    counts: list.counts,
    ...(list.moreQuiet > 0 && { more_quiet: list.moreQuiet }),
    ...(list.moreUnwritten > 0 && { more_unwritten: list.moreUnwritten }),
  };
}
