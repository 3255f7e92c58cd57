/** `rapport day` on real vaults: nothing that was said is in it, and its day and time are those of the configured zone. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainCalendar } from '../../src/dates/business-days.ts';
import { addDays, type TimeOfDay } from '../../src/dates/civil.ts';
import { composeDay } from '../../src/domain/clinic-day.ts';
import { listDue } from '../../src/domain/due-list.ts';
import { newCommitment, newContact, newNote, newPatient, noteKinds } from '../../src/domain/records.ts';
import { typeDraft } from '../support/drafts.ts';
import { contactStates } from '../support/sample.ts';
import { day, time } from '../support/values.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';

async function vaultIn(zone: string, at: string): Promise<TestPlace> {
  const place = await makeVault({ at, settings: { 'time-zone': zone } });
  await place.withStore((store) =>
    store.write({ verb: 'import' }, () => {
      const patient_id = store.patients.insert(newPatient({ name: 'Malu Razo', handle: 'malu' })).id;
      for (const on of ['2026-03-28', '2026-03-29', '2026-10-25', '2026-11-01'])
        store.contacts.insert(
          newContact({ patient_id, on: day(on), at: time('02:30'), channel: 'visit', state: 'planned' }),
        );
    }),
  );
  return place;
}

describe('the day', () => {
  it('holds nothing that anybody said, promised or wrote, with --json neither', async () => {
    const place = await makeVault();
    const word = 'zebrafinch';
    await place.withStore((store) =>
      store.write({ verb: 'import' }, () => {
        const patient_id = store.patients.insert(newPatient({ name: 'Malu Razo', handle: 'malu' })).id;
        const on = day('2026-03-12');
        for (const kind of noteKinds)
          for (const sensitive of [true, false])
            store.notes.insert(
              newNote({ patient_id, kind, text: `${word} ${kind}`, recorded_on: on, date: on, sensitive }),
            );
        for (const owner of ['me', 'staff', 'patient'] as const)
          for (const days of [-3, 0, 2])
            store.commitments.insert(
              newCommitment({
                patient_id,
                text: word,
                owner,
                kind: 'call',
                made_on: on,
                due: addDays(on, days),
              }),
            );
        store.contacts.insert(
          newContact({ patient_id, on, channel: 'visit', state: 'planned', at: time('10:20'), gist: word }),
        );
      }),
    );
    await place.withStore((store) =>
      typeDraft(store, store.patients.all()[0]?.id ?? '', day('2026-03-12'), {
        place: 'learned',
        text: word,
      }),
    );
    const text = await place.run(['day']);
    expect(text.stdout).toContain('tread gently, 2 overdue, 2 due today');
    expect(text.stdout).toContain('not saved yet');
    const json = await place.run(['day', '--json']);
    expect(JSON.parse(json.stdout).visits[0]).toMatchObject({
      overdue: 2,
      due_today: 2,
      tread_gently: 4,
      draft: true,
    });
    for (const { stdout, stderr } of [text, json]) expect(stdout + stderr).not.toContain(word);
  });

  // A minute before and after 02:30, which one of these nights does not have and another has twice; and around midnight.
  it.each([
    ['Europe/Madrid', '2026-03-28T01:29:00Z', '2026-03-28', 'ahead'],
    ['Europe/Madrid', '2026-03-28T01:31:00Z', '2026-03-28', 'not_written_up'],
    ['Europe/Madrid', '2026-03-29T00:59:00Z', '2026-03-29', 'ahead'],
    ['Europe/Madrid', '2026-03-29T01:01:00Z', '2026-03-29', 'not_written_up'],
    ['Europe/Madrid', '2026-10-25T00:29:00Z', '2026-10-25', 'ahead'],
    ['Europe/Madrid', '2026-10-25T01:31:00Z', '2026-10-25', 'not_written_up'],
    ['America/Los_Angeles', '2026-11-01T06:59:00Z', '2026-10-31', undefined],
    ['America/Los_Angeles', '2026-11-01T07:01:00Z', '2026-11-01', 'ahead'],
    ['America/Los_Angeles', '2026-11-01T10:31:00Z', '2026-11-01', 'not_written_up'],
    ['Asia/Kolkata', '2026-03-28T20:59:00Z', '2026-03-29', 'ahead'],
    ['Asia/Kolkata', '2026-03-28T21:01:00Z', '2026-03-29', 'not_written_up'],
    ['Pacific/Kiritimati', '2026-03-28T12:29:00Z', '2026-03-29', 'ahead'],
    ['Pacific/Kiritimati', '2026-03-28T12:31:00Z', '2026-03-29', 'not_written_up'],
  ])('in %s at %s is %s', async (zone, at, on, state) => {
    const place = await vaultIn(zone, at);
    const shown = (await place.json(['day'])) as { on: string; visits: { state: string }[] };
    expect(shown.on).toBe(on);
    expect(shown.visits.map((visit) => visit.state)).toEqual(state === undefined ? [] : [state]);
  });

  it('asks for a write-up only where the time has come and none was made', () => {
    const today = day('2026-03-12');
    const patient = { ...newPatient({ name: 'P', handle: 'p' }), id: 'p', ref: 'p' };
    const nothingDue = listDue(
      { commitments: [], nextContacts: new Map(), calendar: plainCalendar },
      { on: today, days: 0, all: true },
    );
    const anyTime = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map(([hour, minute]) => time(`${hour}:${String(minute).padStart(2, '0')}`));
    fc.assert(
      fc.property(
        fc.integer({ min: -3, max: 3 }),
        fc.option(anyTime),
        anyTime,
        fc.constantFrom(...contactStates),
        (days, at: TimeOfDay | null, now, state) => {
          const on = addDays(today, days);
          const visit = {
            ...newContact({ patient_id: 'p', on, channel: 'visit', state, at }),
            id: 'c',
            ref: 'c',
          };
          const wanted = days < 0 || (days === 0 && at !== null && at <= now);
          const facts = {
            contacts: [visit],
            patients: new Map([['p', patient]]),
            briefings: new Map(),
            due: nothingDue,
            drafts: new Set<string>(),
          };
          const found = composeDay(facts, { on, today, now })[0]?.state;
          if (state === 'cancelled') expect(found).toBe(undefined);
          else if (state === 'held' || state === 'missed') expect(found).toBe(state);
          else expect(found).toBe(wanted ? 'not_written_up' : 'ahead');
        },
      ),
    );
  });
});
