/** A process for the tests to kill: it adds notes to a vault one after the other, and says of each when it is saved. */

import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { newNote } from '../../../src/domain/records.ts';
import { day } from '../../support/values.ts';

import { inContext } from '../../vault/contexts.ts';

const [root = '', folder = ''] = process.argv.slice(2);

void inContext(
  { root, folder },
  async (ctx) => {
    const store = await ctx.openStore();
    for (let index = 0; ; index += 1) {
      const text = `written ${index}`;
      store.write({ verb: 'note' }, () =>
        store.notes.insert(
          newNote({ patient_id: 'malu', kind: 'story', text, recorded_on: day('2026-01-02') }),
        ),
      );
      writeSync(1, `${text}\n`);
    }
  },
  { random: randomBytes },
);
