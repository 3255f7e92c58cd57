/** `rapport timeline <patient>`: the years with a patient on one axis. */

import { composeTimeline } from '../domain/timeline-events.ts';
import type { ExitName } from '../errors.ts';
import { shellQuoted } from '../errors.ts';
import { renderTimeline, speakTimeline, timelineDocument } from '../terminal/timeline-view.ts';
import type { World } from '../world.ts';
import { defineCommand } from './command.ts';
import { findPatient } from './finding.ts';
import { recordWhile } from './looks.ts';

interface TimelineRequest {
  readonly words: readonly string[];
  readonly sensitive: boolean;
}

type TimelineNeeds = Pick<World, 'openStore' | 'questions' | 'clock' | 'output' | 'notices' | 'globals'>;

async function runTimeline(request: TimelineRequest, needs: TimelineNeeds): Promise<ExitName> {
  const { output, globals, clock } = needs;
  const patient = await findPatient(request.words, needs);
  const store = await needs.openStore();
  const timeline = composeTimeline(
    {
      patient,
      people: store.people.of(patient.id),
      notes: store.notes.of(patient.id, { kinds: ['milestone', 'loss'] }),
      commitments: store.commitments.of(patient.id),
      contacts: store.contacts.of(patient.id),
    },
    { on: clock.today(), sensitive: request.sensitive },
  );
  const handle = shellQuoted(patient.handle);
  let showing: Promise<void> | undefined;
  if (globals.json) output.json(timelineDocument(timeline));
  else
    showing = output.page(
      output.screenReader
        ? speakTimeline(timeline, handle)
        : renderTimeline(timeline, { columns: output.columns, style: output.style, handle }),
    );
  await recordWhile(showing, () => store.log.opened('timeline', patient.id), needs);
  return 'ok';
}

export const timeline = defineCommand<TimelineRequest>({
  path: 'timeline',
  summary: 'the years with a patient on one axis',
  group: 'Records',
  arguments: [{ name: 'patient', help: 'name, handle or ref', optional: true, variadic: true }],
  options: [{ flags: '--sensitive', help: 'show sensitive notes' }],
  examples: ['rapport timeline malu', 'rapport timeline walt --screen-reader'],
  access: 'unlocked',
  parse: (raw) => ({
    words: raw.words('patient'),
    sensitive: raw.flag('sensitive'),
  }),
  run: runTimeline,
});
