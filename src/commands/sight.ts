/** What the screen may show here, by the one rule of `domain/privacy.ts`; and the offers of a discreet patient and of pins. */
import type { Ctx } from '../cli/command.ts';
import { wantsPin } from '../domain/note-rules.ts';
import { isDiscreet, type Screened, type Screening, type Sight, screenOf } from '../domain/privacy.ts';
import type { Commitment, Note, Patient } from '../domain/records.ts';
import { cutToWidth, printable } from '../domain/text.ts';
import { nameOf } from './lookup.ts';

export type Seeing = Pick<Ctx, 'store' | 'settings'>;

/** @param sensitive whether private records were asked for */
const sightOf = ({ settings }: Pick<Ctx, 'settings'>, sensitive = false): Sight => ({
  sensitive,
  privateCounts: settings.read().privateCounts,
});

/** Made once for each patient that a list has. */
export function screens(ctx: Seeing, sensitive = false, more: Partial<Sight> = {}) {
  const sight = { ...sightOf(ctx, sensitive), ...more };
  const made = new Map<string, Screening>();
  return (patient: Screened): Screening => {
    // Whose names nothing replaces needs nobody around them.
    const people = patient.former_names.length === 0 ? [] : ctx.store.people.of(patient.id);
    const screening = made.get(patient.id) ?? screenOf(patient, people, sight);
    made.set(patient.id, screening);
    return screening;
  };
}

/** How this one patient's records are shown. */
export const screenFor = (patient: Patient, ctx: Seeing, sensitive = false): Screening =>
  screens(ctx, sensitive)(patient);

/** The text, what stands for it where it is private, or nothing where it does not exist on a screen. */
export function wordsOn(
  record: Pick<Note, 'text' | 'sensitive'>,
  screen: Screening,
  instead: string,
): string | undefined {
  if (!screen.hides(record)) return screen.text(record.text);
  return screen.counts(record) ? instead : undefined;
}

type Owned = Pick<Note, 'patient_id' | 'sensitive'>;

/** Asks at the first private record of a patient whether anything is to tell of such. @param saved what was just saved */
export async function offerDiscretion(ctx: Ctx, ...saved: readonly Owned[]): Promise<void> {
  const { store, questions, globals } = ctx;
  if (!questions.possible || globals.yes) return;
  const ids = new Set(saved.flatMap(({ sensitive, patient_id }) => (sensitive ? [patient_id] : [])));
  for (const id of ids) {
    const patient = store.patients.byId(id);
    if (patient === undefined || isDiscreet(patient, sightOf(ctx))) continue;
    const records = [...store.notes.of(id), ...store.commitments.of(id), ...store.contacts.of(id)];
    const isOurs = (one: Owned): boolean => one.sensitive && one.patient_id === id;
    const before = records.filter(isOurs).length - saved.filter(isOurs).length;
    if (before > 0) continue;
    const question = `Might somebody with ${nameOf(patient)} see this screen? Then nothing shows that there are private records`;
    if (await questions.confirm(question, false))
      store.write({ verb: 'patient set' }, () => store.patients.change(patient, () => ({ quiet: true })));
  }
}

/** @param saved what was just saved */
export async function offerPins(
  { store, questions, globals }: Ctx,
  saved: readonly (Note | Commitment)[],
): Promise<void> {
  if (!questions.possible || globals.yes) return;
  for (const note of saved) {
    if (!('pinned' in note) || !wantsPin(note)) continue;
    const text = cutToWidth(printable(note.text), 50);
    if (await questions.confirm(`Show it in every briefing: ${text}`, true))
      store.write({ verb: 'pin' }, () => store.notes.change(note, () => ({ pinned: true })));
  }
}
