/** `rapport brief <patient>`: before the visit, in the doorway. */
import { type Ctx, command, type Kind, opened, type Shut } from '../cli/command.ts';
import { dayOrToday, flag, time, wordsOf } from '../cli/kinds.ts';
import { type Briefing, composeBriefing } from '../domain/briefing/composition.ts';
import { displayName } from '../domain/patient-names.ts';
import type { Patient } from '../domain/records.ts';
import { readSeconds } from '../domain/settings.ts';
import { usage } from '../errors.ts';
import { briefingDocument, renderBriefing } from '../terminal/briefing-view.ts';
import { offerPatients, patient, plannedVisits } from './lookup.ts';

/** @throws usage for a pipe or a file, unless it is forced, JSON, or about fictional patients */
export function refuseLeak(isForced: boolean, { output, globals, vault }: Shut): void {
  if (!output.isTerminal && !globals.json && !isForced && !vault.isDemo)
    throw usage('a briefing in a pipe or a file is a leak', 'add --force, or --json for a script');
}

async function offerPatient(ctx: Ctx): Promise<Patient> {
  const visits = plannedVisits(ctx.store, ctx.clock.today());
  const firsts = visits.filter(
    ({ patient }, place) => visits.findIndex((one) => one.patient.id === patient.id) === place,
  );
  const likely = firsts.map(({ visit, patient }) => ({
    patient,
    line: `${visit.at ?? '     '}  ${displayName(patient)}`,
    value: visit.on,
  }));
  return (await offerPatients(likely.length > 0 ? "Today's visits" : 'Which patient?', likely, ctx)).patient;
}

const visited: Kind<Patient> = {
  ...patient,
  asked: ['which patient?', 'rapport brief <name, handle or ref>'],
  read: (raw, shut, has) =>
    wordsOf(raw).length > 0 ? patient.read(raw, shut, has) : (ctx) => offerPatient(opened(ctx)),
};

/** Seconds; undefined is as the settings say. */
const glance: Kind<number | 'off' | undefined> = {
  help: 'on a screen of its own, gone at a key or after so long; 0 not so',
  value: '<seconds>',
  read(raw, { output, globals }) {
    const seconds = typeof raw === 'string' ? (readSeconds(raw) ?? 'off') : undefined;
    if (typeof seconds === 'number' && !(output.isTerminal && !globals.json && output.hasScreen))
      throw usage('--glance is for a terminal with a screen to go back to');
    return () => seconds;
  },
};

/** The notes about the person's life: of these, ranking counts how often they were shown. */
const lifeOf = ({ sections }: Briefing): readonly string[] =>
  sections
    .filter(({ id }) => id === 'life' || id === 'said')
    .flatMap((section) => section.items.flatMap((item) => item.id ?? []));

export const brief = command({
  arguments: { patient: visited },
  options: {
    on: dayOrToday('nearest', 'as of that day'),
    at: time('time of the visit, HH:MM'),
    why: flag('the reason beside each line'),
    all: flag('everything, what is held back too'),
    sensitive: flag('show private notes'),
    glance,
    force: flag('even into a pipe or a file'),
  },
  refuse: (has, ctx) => refuseLeak(has('force'), ctx),
  examples: ['malu', 'mar raz --why', 'walt --glance 20', 'walt --json'],
  run(given, ctx) {
    const { patient, on, why, all, glance: seconds } = given;
    const { store, output, settings } = ctx;
    const briefing = composeBriefing(store.briefingRecords(patient.id, on, all), {
      ...given,
      ownLanguage: settings.read().language,
      privateCounts: settings.read().privateCounts,
    });
    const isSeen = output.isTerminal && !ctx.globals.json && on === ctx.clock.today();
    const glance = seconds ?? settings.own().glanceSeconds ?? 'off';
    return {
      json: () => briefingDocument(briefing),
      text: () => renderBriefing(briefing, why, output),
      ...(glance !== 'off' && output.hasScreen && { glance }),
      looked: { patientId: patient.id, shown: isSeen ? { noteIds: lifeOf(briefing), on } : undefined },
    };
  },
});
