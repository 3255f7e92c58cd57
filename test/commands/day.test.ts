/** `rapport day` on real vaults: nothing that was said is in it, and its day and time are those of the configured zone. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, type TimeOfDay } from '../../src/dates/civil.ts';
import { plainCalendar } from '../../src/dates/work-calendar.ts';
import { composeDay } from '../../src/domain/clinic-day.ts';
import { listDue } from '../../src/domain/due-list.ts';
import { type Contact, noteKinds, type Patient } from '../../src/domain/records.ts';
import { typeDraft } from '../support/drafts.ts';
import { aContact, aNote, aPatient, aPromise, stored } from '../support/records.ts';
import { contactStates } from '../support/sample.ts';
import { anyTime, day } from '../support/values.ts';
import { makeVault } from '../support/vault.ts';

describe('the day', () => {
  it('holds nothing that anybody said, promised or wrote, with --json neither', async () => {
    const place = await makeVault();
    const word = 'zebrafinch';
    await place.withStore((store) =>
      store.write({ verb: 'import' }, () => {
        const patient_id = store.patients.insert(aPatient('malu', { name: 'Malu Razo' })).id;
        const on = day('2026-03-12');
        for (const kind of noteKinds)
          for (const sensitive of [true, false])
            store.notes.insert(aNote(`${word} ${kind}`, { patient_id, kind, date: on, sensitive }));
        for (const owner of ['me', 'staff', 'patient'] as const)
          for (const days of [-3, 0, 2])
            store.commitments.insert(aPromise(word, { patient_id, owner, due: addDays(on, days) }));
        store.contacts.insert(aContact(on, { patient_id, state: 'planned', at: '10:20', gist: word }));
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

  it('asks for a write-up only where the time has come and none was made', () => {
    const today = day('2026-03-12');
    const patient: Patient = stored('p', aPatient('p'));
    const nothingDue = listDue(
      { commitments: [], nextContacts: new Map(), calendar: plainCalendar },
      { on: today, days: 0, all: true },
    );
    fc.assert(
      fc.property(
        fc.integer({ min: -3, max: 3 }),
        fc.option(anyTime),
        anyTime,
        fc.constantFrom(...contactStates),
        (days, at: TimeOfDay | null, now, state) => {
          const on = addDays(today, days);
          const visit: Contact = stored('c', aContact(on, { patient_id: 'p', state, at }));
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
