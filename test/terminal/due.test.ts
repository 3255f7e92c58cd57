import { describe, expect, it } from 'vitest';
import { plainCalendar } from '../../src/dates/business-days.ts';
import { listDue } from '../../src/domain/due-list.ts';
import {
  type Commitment,
  newCommitment,
  newPatient,
  newPerson,
  type Patient,
} from '../../src/domain/records.ts';
import { widthOf } from '../../src/domain/text.ts';
import { renderDue } from '../../src/terminal/due-view.ts';
import { screenOf, taggedStyle } from '../support/rendering.ts';
import { day, partial } from '../support/values.ts';

const on = day('2026-03-12');
const promise = (patient_id: string, text: string, fields: Partial<Commitment> = {}): Commitment => ({
  ...newCommitment({ patient_id, text, owner: 'me', kind: 'other', made_on: on, due: on }),
  ref: 'abcde',
  id: `${patient_id} ${text}`,
  ...fields,
});
const patient = (fields: Partial<Patient> & Pick<Patient, 'id' | 'name'>): Patient => ({
  ...newPatient({ handle: fields.id, ...fields }),
  id: fields.id,
  ref: 'fghjk',
});
const elsie = { ...newPerson({ patient_id: 'walt', name: 'Elsie Beer' }), id: 'elsie', ref: 'p' };

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
      people: new Map([[elsie.id, elsie]]),
      zone: 'Europe/Madrid',
      namesOnly: false,
    },
    screen,
  );

describe('the list of what is due', () => {
  it('marks the dead, names whom a promise went on to, and says what was tried', async () => {
    const walt = patient({
      id: 'walt',
      name: 'Walter Beer',
      goes_by: 'Walt',
      status: 'died',
      died_on: partial('2026-02-02'),
    });
    const shown = await show(
      [walt],
      [
        promise('walt', 'Return the photographs', {
          for_person: 'elsie',
          attempts: [{ on: day('2026-03-09'), note: null }],
          snoozes: [{ on: day('2026-03-01'), from: day('2026-03-02'), to: on, reason: null }],
        }),
      ],
    );
    expect(shown).toContain(' abcde  Walt Beer, died 2 Feb  Return the photographs (for Elsie)');
    expect(shown.replace(/\s+/g, ' ')).toContain('(first due 2 Mar; tried 9 Mar)');
  });

  it('tells apart patients of one name by their handles', async () => {
    const two = [patient({ id: 'ana', name: 'Ana Ruiz' }), patient({ id: 'ana2', name: 'Ana Ruiz' })];
    const shown = await show(two, [promise('ana', 'x'), promise('ana2', 'y')]);
    expect(shown).toContain('Ana Ruiz (ana) ');
    expect(shown).toContain('Ana Ruiz (ana2) ');
  });

  it('stays within its columns and in line, whatever the script and length', async () => {
    const patients = [
      patient({ id: 'wang', name: '王小明' }),
      patient({ id: 'anita', name: 'अनीता शर्मा' }),
      patient({ id: 'long', name: 'Maximiliana-Konstantina Featherstonehaugh-Cholmondeley' }),
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
    const shown = await show(
      [patient({ id: 'x', name: 'Eve\n\u001b[2J' })],
      [promise('x', 'one\ntwo\u0007\u202e')],
    );
    expect(shown.split('\n').length).toBe(4);
    expect(shown).toContain('Eve \\u{1b}[2J');
    expect(shown).toContain('one two\\u{7}\\u{202e}');
  });

  it('has tones for what is late and what is for today', async () => {
    const malu = patient({ id: 'malu', name: 'Malu Razo' });
    const late = await show(
      [malu],
      [promise('malu', 'x', { due: day('2026-03-11') })],
      screenOf(80, taggedStyle),
    );
    expect(late).toContain('<heading>OVERDUE</heading>');
    expect(late).toContain('<ref>abcde</ref>');
    expect(late).toContain('<overdue>11 Mar  1 day late</overdue>');
  });
});
