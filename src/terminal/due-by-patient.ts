/** What is due, patient by patient: what one call can settle stands together. */
import type { DueItem } from '../domain/due-list.ts';
import { marksApart } from '../domain/patient-names.ts';
import { groupBy, present, wrapToWidth } from '../domain/text.ts';
import { type DueView, dueColumns, nameIn, patientIdOf, planned } from './due-view.ts';
import { listRows, type Screen } from './list-view.ts';

/** By id, in the order of each patient's first item. */
export const itemsByPatient = (items: readonly DueItem[]) => groupBy(items, (item) => [patientIdOf(item)]);

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
