/** A second process for the store's tests: adds notes to a vault, one write each, and exits. */

import { newNote } from '../../src/domain/records.ts';
import { day } from '../support/values.ts';
import { openBench } from './vault.ts';

const [path = '', patientId = '', count = '0', name = ''] = process.argv.slice(2);
const bench = openBench(path);
for (let index = 0; index < Number(count); index += 1)
  bench.store.write({ verb: 'note' }, () =>
    bench.store.notes.insert(
      newNote({
        patient_id: patientId,
        kind: 'story',
        text: `${name} ${index}`,
        recorded_on: day('2026-01-01'),
      }),
    ),
  );
bench.end();
