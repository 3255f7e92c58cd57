/** What the page of one patient may show, gathered for the screen and for paper. */
import type { Ctx } from '../cli/command.ts';
import { edits } from '../dates/civil.ts';
import { withoutHeldBack } from '../domain/held-back.ts';
import { privateWords } from '../domain/line-kinds.ts';
import { worldOf } from '../domain/losses.ts';
import { composePage, type PageFacts } from '../domain/patient-sections.ts';
import type { Hidden, Screening } from '../domain/privacy.ts';
import type { Patient } from '../domain/records.ts';
import { fold } from '../domain/text.ts';
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

/** Before it is saved, too. */
const isPrivate = ({ text }: { readonly text: string }): boolean => {
  const [one = '', two = ''] = fold(text).match(/[a-z]+/g) ?? [];
  // As a kind, behind one ('? private: …'), or with a slip: rather one line too few than one too many.
  return [one, two].some((word) => privateWords.some((known) => edits(word, known) <= 2));
};

/** What a screen leaves to paper. */
const onScreen = { earlier: new Map(), drafts: [], logged: undefined, lastBackup: undefined };

function onPaper(
  patient: Patient,
  notes: PageFacts['notes'],
  sensitive: boolean,
  screen: Screening,
  ctx: Ctx,
) {
  const { store, clock } = ctx;
  const backup = store.backups.last();
  return {
    earlier: earlierTexts(notes, screen, ctx),
    drafts: store.drafts.of(patient.id).map(({ on, lines }) => {
      const shown = lines.filter((line) => sensitive || !isPrivate(line));
      return { on, lines: shown.map(({ text }) => screen.text(text)) };
    }),
    logged: loggedOf(patient, ctx),
    lastBackup: backup === undefined ? undefined : clock.local(backup).date,
  };
}

export function wholePage(patient: Patient, screen: Screening, { sensitive, isPaper }: Manner, ctx: Ctx) {
  const { store, clock } = ctx;
  const today = clock.today();
  const whole = wholePatient(store, patient);
  const { hidden: unseen, ...known } = screen.records(whole);
  const world = worldOf({ ...whole, notes: whole.notes.map(screen.renamed) }, today, sensitive);
  const { heldBack, private: held, ...free } = withoutHeldBack(known, world);
  const typed =
    isPaper && !sensitive ? store.drafts.of(patient.id).flatMap(({ lines }) => lines.filter(isPrivate)) : [];
  const hidden: Hidden = {
    ...unseen,
    notes: unseen.notes + (screen.isSilent ? 0 : held + typed.length),
  };
  const same = known.people.flatMap((person) => store.patients.byId(person.patient ?? '') ?? []);
  const facts: PageFacts = {
    ...known,
    ...free,
    ...{ today, world, isPaper, heldBack },
    handles: new Map(same.map(({ id, handle }) => [id, handle])),
    leftOut: screen.isSilent ? null : hidden.notes + hidden.commitments + hidden.gists,
    ...(isPaper ? onPaper(patient, free.notes, sensitive, screen, ctx) : onScreen),
  };
  return { page: composePage(facts), facts, whole, hidden };
}
