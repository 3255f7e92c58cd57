/** `rapport` alone: what to do first, or the day at a glance. It never asks for anything. */

import type { Context, Store } from '../context.ts';
import { fullDate } from '../dates/wording.ts';
import { howManyDue } from '../domain/due-list.ts';
import { displayName } from '../domain/patient-names.ts';
import { isVisit } from '../domain/records.ts';
import { printable, wrapToWidth } from '../domain/text.ts';
import { type ExitName, shellQuoted } from '../errors.ts';
import { alignColumns } from '../terminal/columns.ts';
import { dueLine } from '../terminal/due-document.ts';
import { recordList } from './access-log.ts';
import { defineCommand } from './command.ts';
import { draftLines } from './drafts.ts';
import { gatherDue } from './due-records.ts';
import { suggestNextFrom } from './lookup.ts';
import { openQuietly } from './preparation.ts';

function welcome({ keeper, output, globals }: Context): void {
  if (globals.json) output.json({ schema: 'rapport.glance/1', vault: null });
  else
    output.print(
      [
        'What your patients told you, and what you promised them, in an encrypted vault.',
        'A memory aid, not the medical record.',
        '',
        `There is no vault in ${printable(keeper.folder)} yet.`,
        '  rapport demo      try it first, with fictional patients',
        '  rapport init      make your own vault',
        '  rapport --help    all commands',
      ].join('\n'),
    );
}

function showDay(store: Store, ctx: Context): void {
  const { clock, output, globals } = ctx;
  const today = clock.today();
  const list = gatherDue(store, { on: today, quietDays: ctx.settings.read().dueQuietDays });
  const visits = store.contacts.on(today).flatMap((visit) => {
    const patient = store.patients.byId(visit.patient_id);
    return visit.state === 'planned' && isVisit(visit) && patient !== undefined ? [{ visit, patient }] : [];
  });
  const drafts = store.drafts.all();
  if (globals.json)
    output.json({
      schema: 'rapport.glance/1',
      vault: ctx.keeper.folder,
      locked: false,
      on: today,
      time_zone: clock.zone,
      due: list.counts,
      visits: visits.map(({ visit, patient }) => ({
        at: visit.at,
        patient: { id: patient.id, ref: patient.ref, name: patient.name, handle: patient.handle },
      })),
      drafts: drafts.length,
    });
  else
    output.print(
      [
        `${output.style.title(fullDate(today))}, ${clock.zone}, unlocked`,
        '',
        ...(howManyDue(list) === 0
          ? ['Nothing due']
          : wrapToWidth(`Due: ${dueLine(list)}. rapport due`, output.columns)),
        visits.length === 0 ? 'No visits planned today' : output.style.heading('VISITS TODAY'),
        ...alignColumns(
          visits.map(({ visit, patient }) => [
            visit.at ?? '     ',
            displayName(patient),
            { text: `rapport brief ${shellQuoted(patient.handle)}`, tone: output.style.quiet },
          ]),
          { columns: [{ fit: 'keep' }, { fit: 'cut' }, { fit: 'wrap' }], width: output.columns, indent: 1 },
        ),
        ...draftLines(store, today),
      ].join('\n'),
    );
  if (howManyDue(list) + visits.length === 0)
    suggestNextFrom(store, 'rapport due --days 14, or rapport commit NAME', ctx);
  recordList('glance', visits.length, store, ctx);
}

async function runGlance(ctx: Context): Promise<ExitName> {
  if (!ctx.keeper.exists()) {
    welcome(ctx);
    return 'ok';
  }
  const store = await openQuietly(ctx);
  if (store !== undefined) showDay(store, ctx);
  else if (ctx.globals.json)
    ctx.output.json({ schema: 'rapport.glance/1', vault: ctx.keeper.folder, locked: true });
  else ctx.output.print('Locked. rapport due asks for the passphrase and shows what is due.');
  return 'ok';
}

export const glance = defineCommand<undefined>({
  path: 'rapport',
  summary: 'what to do first, or the day at a glance',
  group: 'Every day',
  examples: ['rapport'],
  parse: () => undefined,
  run: (_, ctx) => runGlance(ctx),
});
