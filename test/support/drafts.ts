/** What is typed and not saved yet, put into a store and looked at there. */
import type { CivilDate } from '../../src/dates/civil.ts';
import type { DraftLine, OwnDraft } from '../../src/store/drafts.ts';
import type { Store } from '../../src/store/store.ts';

/** A write-up that was typed so far. */
export function typeDraft(
  store: Store,
  patientId: string,
  on: CivilDate,
  ...lines: readonly DraftLine[]
): OwnDraft {
  const draft = store.drafts.begin({
    patient_id: patientId,
    task: 'commit',
    record: null,
    on,
    options: null,
  });
  for (const line of lines) draft.append(line);
  return draft;
}

/** The lines of all of a patient's drafts, or undefined where there is none. */
export function draftTexts(store: Store, patientId: string): readonly string[] | undefined {
  const drafts = store.drafts.of(patientId);
  return drafts.length === 0 ? undefined : drafts.flatMap(({ lines }) => lines.map(({ text }) => text));
}
