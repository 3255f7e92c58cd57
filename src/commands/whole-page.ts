/** What the page of one patient may show, gathered for the screen and for paper. */
import type { Ctx } from '../cli/command.ts';
import { withoutHeldBack } from '../domain/held-back.ts';
import { mayBePrivate } from '../domain/line-marks.ts';
import { worldOf } from '../domain/losses.ts';
import { composePage, type PageFacts } from '../domain/patient-sections.ts';
import type { Hidden, Screening } from '../domain/privacy.ts';
import type { Patient } from '../domain/records.ts';
import { wholePatient } from './import-store.ts';
import { earlierTexts } from './refs.ts';

type Manner = Readonly<Record<'sensitive' | 'isPaper', boolean>>;

function loggedOf(patient: Patient, { store, clock }: Ctx): PageFacts['logged'] {
  const rows = store.log.rows({ patientId: patient.id, limit: Number.MAX_SAFE_INTEGER });
  const [last] = rows;
  const first = rows.at(-1);
  return last && first
    ? { count: rows.length, first: clock.local(first.at).date, last: clock.local(last.at).date }
    : undefined;
}

/** What a screen leaves to paper. */
const onScreen = { earlier: new Map(), drafts: [], logged: undefined, lastBackup: undefined };

function onPaper(
  patient: Patient,
  notes: PageFacts['notes'],
  drafts: PageFacts['drafts'],
  screen: Screening,
  ctx: Ctx,
) {
  const { store, clock } = ctx;
  const backup = store.backups.last();
  return {
    earlier: earlierTexts(notes, screen, ctx),
    drafts: drafts.map(({ on, lines }) => ({ on, lines: lines.map(screen.text) })),
    logged: loggedOf(patient, ctx),
    lastBackup: backup === undefined ? undefined : clock.local(backup).date,
  };
}

/** @returns what was typed and may be shown, and how many lines may not */
function typedFor(patient: Patient, sensitive: boolean, { store }: Ctx) {
  const all = store.drafts
    .of(patient.id)
    .map(({ on, lines }) => ({ on, lines: lines.map(({ text }) => text) }));
  const drafts = all.map(({ on, lines }) => ({
    on,
    lines: lines.filter((line) => sensitive || !mayBePrivate(line)),
  }));
  const count = (some: typeof all): number => some.flatMap(({ lines }) => lines).length;
  return { drafts, unseen: count(all) - count(drafts) };
}

export function wholePage(patient: Patient, screen: Screening, { sensitive, isPaper }: Manner, ctx: Ctx) {
  const { store, clock } = ctx;
  const today = clock.today();
  const whole = wholePatient(store, patient);
  const { hidden: unseen, ...known } = screen.records(whole);
  const world = worldOf({ ...whole, notes: whole.notes.map(screen.renamed) }, today, sensitive);
  const { heldBack, private: held, ...free } = withoutHeldBack(known, world);
  const typed = isPaper ? typedFor(patient, sensitive, ctx) : { drafts: [], unseen: 0 };
  const hidden: Hidden = { ...unseen, notes: unseen.notes + (screen.isSilent ? 0 : held + typed.unseen) };
  const same = known.people.flatMap((person) => store.patients.byId(person.patient ?? '') ?? []);
  const facts: PageFacts = {
    ...known,
    ...free,
    ...{ today, world, isPaper, heldBack },
    handles: new Map(same.map(({ id, handle }) => [id, handle])),
    leftOut: screen.isSilent ? null : hidden.notes + hidden.commitments + hidden.gists,
    ...(isPaper ? onPaper(patient, free.notes, typed.drafts, screen, ctx) : onScreen),
  };
  return { page: composePage(facts), facts, whole, hidden };
}
