/** `rapport` alone: what to do first, or the day at a glance. */
import { type Ctx, command, type Outcome, opened } from '../cli/command.ts';
import { fullDate } from '../dates/civil.ts';
import { displayName } from '../domain/patient-names.ts';
import type { Contact, Patient } from '../domain/records.ts';
import { pick, present, printable, shellQuoted, wrapToWidth } from '../domain/text.ts';
import { Failure } from '../errors.ts';
import { dueLine, nothingDue } from '../terminal/due-view.ts';
import { type Column, listLines } from '../terminal/list-view.ts';
import { draftLines } from './drafts.ts';
import { gatherDue } from './due.ts';
import { nextFrom, plannedVisits } from './lookup.ts';
import { screens } from './sight.ts';

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

function dayAtAGlance(ctx: Ctx): Outcome {
  const { store, clock, settings, vault, output } = ctx;
  const today = clock.today();
  const { dueQuietDays: quietDays } = settings.read();
  const list = gatherDue(store, { on: today, today, quietDays, screen: screens(ctx) });
  const visits = plannedVisits(store, today);
  const counts = dueLine(list);
  const isNothingDue = counts === nothingDue;
  return {
    json: () => ({
      vault: vault.folder,
      locked: false,
      on: today,
      time_zone: clock.zone,
      due: list.counts,
      visits: visits.map(({ visit, patient }) => ({
        at: visit.at,
        patient: pick(patient, 'id', 'ref', 'name', 'handle'),
      })),
      drafts: store.drafts.all().length,
    }),
    text: async () => {
      const { style, columns } = output;
      const due = wrapToWidth(`Due: ${counts}. rapport due`, columns);
      return [
        `${style.title(fullDate(today))}, ${clock.zone}, unlocked`,
        '',
        ...(isNothingDue ? ['Nothing due'] : due),
        visits.length === 0 ? 'No visits planned today' : style.heading('VISITS TODAY'),
        ...(await listLines(visits, visitColumns, output, { indent: 1 })),
        ...draftLines(store, today),
      ].join('\n');
    },
    notices: present(
      isNothingDue && visits.length === 0 && nextFrom(store, 'rapport due --days 14, or rapport commit NAME'),
    ),
    looked: { count: visits.length },
  };
}

export const glance = command({
  vault: 'at hand',
  examples: [''],
  run(_, ctx): Outcome {
    const { vault, store } = ctx;
    if (!(store instanceof Failure)) return dayAtAGlance(opened(ctx));
    if (!vault.exists()) return welcome(vault.folder);
    if (store.exit !== 'locked') throw store;
    return {
      json: { vault: vault.folder, locked: true },
      text: 'Locked. rapport due asks for the passphrase and shows what is due.',
    };
  },
});
