import fc from 'fast-check';
import { convertIcsCalendar } from 'ts-ics';
import { describe, expect, it } from 'vitest';
import type { WholePatient } from '../../src/domain/interchange.ts';
import { newCommitment, newPatient } from '../../src/domain/records.ts';
import { printableLines } from '../../src/domain/text.ts';
import { writeIcs } from '../../src/formats/ics/ics-writer.ts';
import { wholePatients } from '../support/arbitraries.ts';
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

const patient = {
  ...newPatient({ id: 'malu', name: 'María Luisa Razo', handle: 'malu', goes_by: 'Malu' }),
  id: 'malu',
  ref: 'm1234',
};
const promise = (fields: Partial<WholePatient['commitments'][number]>) => ({
  ...newCommitment({
    patient_id: 'malu',
    text: 'Low-salt recipe sheet',
    owner: 'me',
    kind: 'send',
    made_on: day('2026-03-01'),
    due: day('2026-03-16'),
  }),
  id: '01M8A0A8YENSQKCQ16KMP3Y5KT',
  ref: 'k7m2q',
  ...fields,
});
const one = (fields: Partial<WholePatient['commitments'][number]>) => [
  { patient, commitments: [promise(fields)] },
];

describe('promises in a calendar', () => {
  it('are to-dos of initials, kind and ref, and private', async () => {
    const [todo] = read(await written(one({}))).todos ?? [];
    expect(todo).toMatchObject({
      uid: '01M8A0A8YENSQKCQ16KMP3Y5KT@rapport.invalid',
      summary: 'MLR: send (k7m2q)',
      class: 'PRIVATE',
      status: 'NEEDS-ACTION',
      due: { type: 'DATE', date: new Date('2026-03-16') },
    });
  });

  it('are events of one day where asked, without those that have no date', async () => {
    const commitments = [promise({}), promise({ due: null })];
    const { events = [], todos = [] } = read(
      await written([{ patient, commitments }], { events: true, full: true }),
    );
    expect(todos).toEqual([]);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      summary: 'Malu Razo: Low-salt recipe sheet',
      start: { type: 'DATE', date: new Date('2026-03-16') },
      end: { type: 'DATE', date: new Date('2026-03-17') },
      timeTransparent: 'TRANSPARENT',
      status: 'CONFIRMED',
    });
  });

  it('keep their UID, and count up what changed', async () => {
    const [before] = read(await written(one({}))).todos ?? [];
    const snoozes = [{ on: day('2026-03-10'), from: day('2026-03-16'), to: day('2026-03-20'), reason: null }];
    const [put] = read(await written(one({ snoozes, due: day('2026-03-20') }))).todos ?? [];
    const kept = { snoozes, status: 'kept', closed_on: day('2026-03-11') } as const;
    const [closed] = read(await written(one(kept))).todos ?? [];
    expect(new Set([before?.uid, put?.uid, closed?.uid]).size).toBe(1);
    expect([before?.sequence ?? 0, put?.sequence, closed?.sequence]).toEqual([0, 1, 2]);
    expect(closed?.status).toBe('COMPLETED');
    expect(read(await written(one(kept), { events: true })).events?.[0]?.status).toBe('CANCELLED');
  });

  it('are told as closed for ninety days', async () => {
    const closedOn = async (date: string | null): Promise<number> => {
      const closed_on = date === null ? null : day(date);
      return read(await written(one({ status: 'dropped', closed_on }))).todos?.length ?? 0;
    };
    expect(await closedOn('2025-12-12')).toBe(1);
    expect(await closedOn('2025-12-11')).toBe(0);
    expect(await closedOn(null)).toBe(0);
  });

  it('say nothing of who it is by an id from elsewhere', async () => {
    const text = await written(one({ id: 'malu-razo-c1' }));
    expect(text).toContain('UID:k7m2q@rapport.invalid');
    expect(text).not.toMatch(/malu|razo|recipe/i);
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
        for (const [place, { text: words }] of wanted.entries())
          expect(open[place]?.summary?.endsWith(printableLines(words).join('\n').trimEnd())).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
