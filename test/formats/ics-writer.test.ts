import fc from 'fast-check';
import { convertIcsCalendar } from 'ts-ics';
import { describe, expect, it } from 'vitest';
import { everyWords } from '../../src/dates/civil.ts';
import type { WholePatient } from '../../src/domain/interchange.ts';
import type { Commitment, Patient } from '../../src/domain/records.ts';
import { printableLines } from '../../src/domain/text.ts';
import { writeIcs } from '../../src/formats/ics/ics-writer.ts';
import { wholePatients } from '../support/arbitraries.ts';
import { aPatient, aPromise, stored } from '../support/records.ts';
import { day } from '../support/values.ts';

type IcsOptions = Parameters<typeof writeIcs>[1];
const usual: IcsOptions = {
  events: false,
  full: false,
  today: day('2026-03-12'),
  exportedAt: '2026-03-12T08:30:00.000Z',
};

const written = async (
  patients: readonly Pick<WholePatient, 'patient' | 'commitments'>[],
  options: Partial<IcsOptions> = {},
): Promise<string> =>
  [...(await writeIcs(patients, { ...usual, ...options }))].map((chunk) => `${chunk}\r\n`).join('');
const read = (text: string) => convertIcsCalendar(undefined, text);

const patient: Patient = stored('malu', aPatient('malu', { name: 'María Luisa Razo' }));
const promise = (fields: Parameters<typeof aPromise>[1]): Commitment =>
  stored('k7m2q', aPromise('Low-salt recipe sheet', { kind: 'send', due: '2026-03-16', ...fields }));

describe('promises in a calendar', () => {
  it('are told as closed for ninety days', async () => {
    const closedOn = async (date: string | null): Promise<number> => {
      const closed_on = date === null ? null : day(date);
      return (
        read(await written([{ patient, commitments: [promise({ status: 'dropped', closed_on })] }])).todos
          ?.length ?? 0
      );
    };
    expect(await closedOn('2025-12-12')).toBe(1);
    expect(await closedOn('2025-12-11')).toBe(0);
    expect(await closedOn(null)).toBe(0);
  });

  it.each([
    ['María Luisa Razo', 'MLR'],
    ["Peg O'Connor-Smith", 'POS'],
    ['álvaro', 'Á'],
    ['王秀英', '王'],
    ['金 明', '金'],
    ['7', '?'],
  ])('name %s by %s', async (name, initials) => {
    const [todo] =
      read(await written([{ patient: { ...patient, name }, commitments: [promise({})] }])).todos ?? [];
    expect(todo?.summary).toBe(`${initials}: send (k7m2q)`);
  });

  it('are read by another library as they were written', async () => {
    await fc.assert(
      fc.asyncProperty(wholePatients, fc.boolean(), async (patients, events) => {
        const text = await written(patients, { full: true, events });
        for (const line of text.split('\r\n')) {
          expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
          expect(line).not.toMatch(/[\u0000-\u001f\u007f]/);
        }
        const calendar = read(text);
        const found = (events ? calendar.events : calendar.todos) ?? [];
        const wanted = patients.flatMap(({ commitments }) =>
          commitments.filter(({ status, due }) => status === 'open' && (due !== null || !events)),
        );
        const open = found.filter(({ status }) => status === 'NEEDS-ACTION' || status === 'CONFIRMED');
        expect(open).toHaveLength(wanted.length);
        for (const [place, { text: words, every }] of wanted.entries()) {
          const said = every === null ? words : `${words} (${everyWords(every)})`;
          expect(open[place]?.summary?.endsWith(printableLines(said).join('\n').trimEnd())).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});
