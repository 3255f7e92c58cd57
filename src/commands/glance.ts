/** `rapport` alone: what to do first, or the day at a glance. It never asks for anything. */

import { type Ctx, command, type Outcome, opened } from '../cli/command.ts';
import { fullDate } from '../dates/wording.ts';
import { howManyDue } from '../domain/due-list.ts';
import { displayName } from '../domain/patient-names.ts';
import { type Contact, isVisit, type Patient } from '../domain/records.ts';
import { printable, wrapToWidth } from '../domain/text.ts';
import { Failure, shellQuoted } from '../errors.ts';
import { dueLine } from '../terminal/due-document.ts';
import { type Column, listLines } from '../terminal/list-view.ts';
import { draftLines } from './drafts.ts';
import { gatherDue } from './due.ts';
import { nextFrom } from './lookup.ts';

const welcome = (folder: string): Outcome => ({
  json: { vault: null },
  text: [
    'What your patients told you, and what you promised them, in an encrypted vault.',
    'A memory aid, not the medical record.',
    '',
    `There is no vault in ${printable(folder)} yet.`,
    '  rapport demo      try it first, with fictional patients',
    '  rapport init      make your own vault',
    '  rapport --help    all commands',
  ].join('\n'),
});

const visitColumns: readonly Column<{ readonly visit: Contact; readonly patient: Patient }>[] = [
  { cell: ({ visit }) => visit.at ?? '     ' },
  { fit: 'cut', cell: ({ patient }) => displayName(patient) },
  { fit: 'wrap', cell: ({ patient }) => `rapport brief ${shellQuoted(patient.handle)}`, tone: 'quiet' },
];

function day({ store, clock, settings, vault, output }: Ctx): Outcome {
  const today = clock.today();
  const list = gatherDue(store, { on: today, quietDays: settings.read().dueQuietDays });
  const visits = store.contacts.on(today).flatMap((visit) => {
    const patient = store.patients.byId(visit.patient_id);
    return visit.state === 'planned' && isVisit(visit) && patient !== undefined ? [{ visit, patient }] : [];
  });
  const isFree = howManyDue(list) + visits.length === 0;
  return {
    json: () => ({
      vault: vault.folder,
      locked: false,
      on: today,
      time_zone: clock.zone,
      due: list.counts,
      visits: visits.map(({ visit, patient: { id, ref, name, handle } }) => ({
        at: visit.at,
        patient: { id, ref, name, handle },
      })),
      drafts: store.drafts.all().length,
    }),
    text: async () => {
      const { style, columns: width } = output;
      return [
        `${style.title(fullDate(today))}, ${clock.zone}, unlocked`,
        '',
        ...(howManyDue(list) === 0
          ? ['Nothing due']
          : wrapToWidth(`Due: ${dueLine(list)}. rapport due`, width)),
        visits.length === 0 ? 'No visits planned today' : style.heading('VISITS TODAY'),
        ...(await listLines(visits, visitColumns, output, { indent: 1 })),
        ...draftLines(store, today),
      ].join('\n');
    },
    notices: isFree ? [nextFrom(store, 'rapport due --days 14, or rapport commit NAME')] : [],
    looked: { count: visits.length },
  };
}

export const glance = command({
  path: 'glance',
  vault: 'at hand',
  examples: ['rapport'],
  run(_, ctx): Outcome {
    const { vault, store } = ctx;
    if (!(store instanceof Failure)) return day(opened(ctx));
    if (!vault.exists()) return welcome(vault.folder);
    if (store.exit !== 'locked') throw store;
    return {
      json: { vault: vault.folder, locked: true },
      text: 'Locked. rapport due asks for the passphrase and shows what is due.',
    };
  },
});
