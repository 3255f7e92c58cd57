/** The page of a patient on a screen: within its width, with the text of everything. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { worldOf } from '../../src/domain/losses.ts';
import { composePage } from '../../src/domain/patient-sections.ts';
import { printable, widthOf } from '../../src/domain/text.ts';
import { renderPage } from '../../src/terminal/patient-page.ts';
import { wholePatients } from '../support/arbitraries.ts';
import { screenOf } from '../support/rendering.ts';
import { day } from '../support/values.ts';

const today = day('2026-03-12');
const squeezed = (text: string): string => text.replace(/\s/gu, '');

it('fits every width from 40 to 200, and has all that is not superseded or retired', async () => {
  await fc.assert(
    fc.asyncProperty(wholePatients, fc.integer({ min: 40, max: 200 }), async (patients, columns) => {
      for (const whole of patients) {
        const world = worldOf(whole, today);
        const page = composePage({
          ...{ ...whole, today, world, isPaper: false, handles: new Map(), earlier: new Map() },
          ...{ drafts: [], logged: undefined, lastBackup: undefined, leftOut: 0, heldBack: 0 },
        });
        const lines = await renderPage(page, [], screenOf(columns));
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
        const losses = new Map(world.losses.map((loss) => [loss.note?.id, loss.words]));
        const read = squeezed(lines.join(''));
        const texts = [
          ...whole.notes
            .filter(({ status }) => status === 'current' || status === 'answered')
            .flatMap(({ id, text, answer }) => [losses.get(id) ?? text, answer]),
          ...whole.commitments.flatMap(({ text, attempts }) => [text, ...attempts.map(({ note }) => note)]),
          ...whole.contacts.map(({ gist }) => gist),
        ];
        for (const text of texts) expect(read).toContain(squeezed(printable(text ?? '')));
      }
    }),
    { numRuns: 60 },
  );
});
