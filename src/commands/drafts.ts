/** Drafts of write-ups that were not saved yet, mentioned wherever the day is shown. */
import type { CivilDate } from '../dates/civil.ts';
import { shortDate } from '../dates/wording.ts';
import { displayName } from '../domain/naming.ts';
import { printable } from '../domain/text.ts';
import type { Store } from '../world.ts';
import { typed } from './finding.ts';

/** One line a draft: 'Not saved yet: Malu Razo, 12 Mar. rapport commit malu'. */
export const draftLines = (store: Store, today: CivilDate): readonly string[] =>
  store.drafts.all().flatMap(({ patient_id, on }) => {
    const patient = store.patients.byId(patient_id);
    return patient === undefined
      ? []
      : [
          `Not saved yet: ${printable(displayName(patient))}, ${shortDate(on, today)}. rapport commit ${typed(patient.handle)}`,
        ];
  });
