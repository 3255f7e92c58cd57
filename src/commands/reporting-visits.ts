/** What a saved visit prints: its contact, and each line with the ref that it is called by from now on. */
import type { WorkCalendar } from '../dates/business-days.ts';
import { fullDate, shortDate } from '../dates/wording.ts';
import type { CaptureOptions, Entry } from '../domain/capture.ts';
import { hintsFor } from '../domain/capture-hints.ts';
import { lossOffers } from '../domain/losses.ts';
import { displayName } from '../domain/patient-names.ts';
import { channelNames } from '../domain/records.ts';
import { renderSaved } from '../terminal/write-up-view.ts';
import type { World } from '../world.ts';
import { type SavedVisit, savedLines, type Visit } from './saving-visits.ts';

/** 'Malu Razo, Thu 12 Mar 2026, visit'. */
export function visitTitle({ patient, on, channel }: Visit): string {
  const what = channel === 'none' ? 'no contact' : channelNames[channel ?? 'visit'];
  return `${displayName(patient)}, ${fullDate(on)}, ${what}`;
}

function contactLine({ contact, joined }: SavedVisit, { patient, on }: Visit): string {
  const whose = `${displayName(patient)}, ${fullDate(on)}`;
  if (contact === undefined) return `${whose}: no contact recorded`;
  return `${whose}: ${channelNames[contact.channel]} ${joined ? 'recorded before' : 'recorded'}`;
}

function visitDocument(saved: SavedVisit, { patient, on }: Visit) {
  const { id, ref, name, handle, goes_by } = patient;
  const { contact, joined, commitments, notes, kept, answered, operation } = saved;
  const named = (record: { readonly id: string; readonly ref: string }) => ({
    id: record.id,
    ref: record.ref,
  });
  return {
    schema: 'rapport.commit/1',
    on,
    patient: { id, ref, name, handle, goes_by },
    contact: contact
      ? { ...named(contact), channel: contact.channel, state: contact.state, at: contact.at, joined }
      : null,
    commitments: commitments.map((record) => ({
      ...named(record),
      text: record.text,
      owner: record.owner,
      kind: record.kind,
      made_on: record.made_on,
      due: record.due,
    })),
    notes: notes.map((record) => ({
      ...named(record),
      kind: record.kind,
      text: record.text,
      date: record.date,
      yearly: record.yearly,
      person: record.person,
    })),
    kept: kept.map(named),
    answered: answered.map(named),
    operation: operation ?? null,
  };
}

export function reportVisit(
  saved: SavedVisit,
  visit: Visit,
  calendar: WorkCalendar,
  { output, globals }: Pick<World, 'output' | 'globals'>,
): void {
  if (globals.json) {
    output.json(visitDocument(saved, visit));
    return;
  }
  const look = { on: visit.on, calendar, width: output.columns, style: output.style };
  output.print([contactLine(saved, visit), ...renderSaved(savedLines(saved), look)].join('\n'));
}

/** Soft hints on entries that nobody is asked about, and what a loss would otherwise offer. */
export function wordingHints(
  entries: readonly Entry[],
  options: CaptureOptions,
  { notices }: Pick<World, 'notices'>,
): void {
  for (const hint of new Set(entries.flatMap((entry) => hintsFor(entry, options))))
    notices.say(`hint: ${hint}`);
  for (const entry of entries) {
    if (entry.type !== 'loss') continue;
    const offers = lossOffers(entry.date, options.on).map(({ line, due }) =>
      line.replace(due, shortDate(due, options.on).toLowerCase()),
    );
    if (offers.length > 0) notices.say(`hint: after a loss you could add: ${offers.join(', or ')}`);
  }
}
