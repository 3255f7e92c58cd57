import { describe, expect, it } from 'vitest';
import { plainCalendar } from '../../src/dates/business-days.ts';
import { listDue } from '../../src/domain/due-list.ts';
import type { Commitment, Patient } from '../../src/domain/records.ts';
import { widthOf } from '../../src/domain/text.ts';
import { renderDue } from '../../src/terminal/due-view.ts';
import { aPatient, aPromise, stored } from '../support/records.ts';
import { screenOf, taggedStyle } from '../support/rendering.ts';
import { day } from '../support/values.ts';

const on = day('2026-03-12');
const promise = (patient_id: string, text: string, fields: Parameters<typeof aPromise>[1] = {}): Commitment =>
  stored(
    `${patient_id} ${text}`,
    aPromise(text, { patient_id, kind: 'other', due: '2026-03-12', ...fields }),
  );
const patient = (id: string, name: string): Patient => stored(id, aPatient(id, { name }));

const show = (
  patients: readonly Patient[],
  commitments: readonly Commitment[],
  screen = screenOf(80),
): Promise<string> =>
  renderDue(
    {
      list: listDue(
        { commitments, nextContacts: new Map(), calendar: plainCalendar },
        { on, days: 0, all: true },
      ),
      patients: new Map(patients.map((one) => [one.id, one])),
      people: new Map(),
      zone: 'Europe/Madrid',
      namesOnly: false,
    },
    screen,
  );

describe('the list of what is due', () => {
  it('stays within its columns and in line, whatever the script and length', async () => {
    const patients = [
      patient('wang', '王小明'),
      patient('anita', 'अनीता शर्मा'),
      patient('long', 'Maximiliana-Konstantina Featherstonehaugh-Cholmondeley'),
    ];
    const commitments = patients.map(({ id }) =>
      promise(id, `${'long promise with many words '.repeat(9)}end`, { due: day('2025-12-16') }),
    );
    for (const columns of [60, 80, 120]) {
      const lines = (await show(patients, commitments, screenOf(columns))).split('\n');
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
      const late = lines.filter((line) => line.includes('days late'));
      expect(new Set(late.map((line) => widthOf(line.slice(0, line.indexOf('16 Dec'))))).size).toBe(1);
    }
  });

  it('cannot be broken by what a promise or a name holds', async () => {
    const shown = await show([patient('x', 'Eve\n\u001b[2J')], [promise('x', 'one\ntwo\u0007\u202e')]);
    expect(shown.split('\n').length).toBe(4);
    expect(shown).toContain('Eve \\u{1b}[2J');
    expect(shown).toContain('one two\\u{7}\\u{202e}');
  });

  it('has tones for what is late and what is for today', async () => {
    const malu = patient('malu', 'Malu Razo');
    const late = await show(
      [malu],
      [promise('malu', 'x', { due: day('2026-03-11') })],
      screenOf(80, taggedStyle),
    );
    expect(late).toContain('<heading>OVERDUE</heading>');
    expect(late).toContain('<ref>malu x</ref>');
    expect(late).toContain('<overdue>11 Mar  1 day late</overdue>');
  });
});
