/** `rapport confirm` and `rapport pin`: a note still holds; a note is always shown. */
import { weekdayDate } from '../dates/wording.ts';
import type { ExitName } from '../errors.ts';
import { defineCommand } from './command.ts';
import { type AskedDay, askedDay } from './day-options.ts';
import { findRecords } from './finding.ts';
import { changeNotes, type NoteNeeds, noteIds, refuseGone } from './note-changes.ts';

interface ConfirmRequest {
  readonly ids: readonly string[];
  readonly on: AskedDay | undefined;
}

async function runConfirm(request: ConfirmRequest, needs: NoteNeeds): Promise<ExitName> {
  const store = await needs.openStore();
  const notes = await findRecords(request.ids, 'note', needs);
  for (const note of notes) refuseGone(note);
  const today = needs.clock.today();
  const on = request.on?.(store.calendar.read()) ?? today;
  changeNotes(
    {
      verb: 'confirm',
      notes,
      patch: () => ({ confirmed_on: on }),
      outcome: () => `confirmed ${weekdayDate(on, today)}`,
    },
    store,
    needs,
  );
  return 'ok';
}

export const confirm = defineCommand<ConfirmRequest>({
  path: 'confirm',
  summary: 'a note still holds: they said so again',
  group: 'Records',
  arguments: [noteIds],
  options: [{ flags: '--on <date>', help: 'the day that they said so; today unless given' }],
  examples: ['rapport confirm k7m2q', 'rapport confirm k7m2q h3p8t --on yesterday'],
  access: 'unlocked',
  parse: (raw) => ({ ids: raw.words('id'), on: askedDay(raw, 'on', 'back') }),
  run: runConfirm,
});

interface PinRequest {
  readonly ids: readonly string[];
  readonly off: boolean;
}

async function runPin(request: PinRequest, needs: NoteNeeds): Promise<ExitName> {
  const store = await needs.openStore();
  const notes = await findRecords(request.ids, 'note', needs);
  for (const note of notes) refuseGone(note);
  changeNotes(
    {
      verb: 'pin',
      notes,
      patch: () => ({ pinned: !request.off }),
      outcome: () => (request.off ? 'no longer pinned' : 'pinned'),
    },
    store,
    needs,
  );
  return 'ok';
}

export const pin = defineCommand<PinRequest>({
  path: 'pin',
  summary: 'always show a note in the briefing',
  group: 'Records',
  arguments: [noteIds],
  options: [{ flags: '--off', help: 'no longer' }],
  examples: ['rapport pin k7m2q', 'rapport pin k7m2q --off'],
  access: 'unlocked',
  parse: (raw) => ({ ids: raw.words('id'), off: raw.flag('off') }),
  run: runPin,
});
