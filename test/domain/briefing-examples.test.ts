import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CivilDate } from '../../src/dates/civil.ts';
import type { BriefingFacts } from '../../src/domain/briefing/briefing.ts';
import { composeBriefing } from '../../src/domain/briefing/composition.ts';
import { newCommitment, newContact, newNote, newPatient, newPerson } from '../../src/domain/records.ts';
import { briefingLines } from '../support/rendering.ts';

const examples = new URL('../../../shared/design/examples/', import.meta.url);

// biome-ignore lint/suspicious/noExplicitAny: a JSON document as it lies on the disk
type Raw = any;

function factsOf(document: Raw): BriefingFacts {
  const [raw] = document.patients;
  const own = { patient_id: raw.id, ref: 'aaaaa' };
  const { people = [], notes = [], commitments = [], contacts = [], ...fields } = raw;
  return {
    patient: { ref: 'aaaaa', id: raw.id, ...newPatient(fields) },
    people: people.map((one: Raw) => ({ ...newPerson({ ...own, ...one }) })),
    notes: notes.map((one: Raw) => ({ ...newNote({ ...own, ...one }) })),
    commitments: commitments.map((one: Raw) => ({ ...newCommitment({ ...own, ...one }) })),
    contacts: contacts.map((one: Raw) => ({ ...newContact({ ...own, ...one }) })),
    shown: new Map(),
    hasNamesake: false,
  };
}

describe.skipIf(!existsSync(examples))(
  'the worked examples (skipped where the design folder is absent)',
  () => {
    it.each(['malu', 'ned', 'walt'])('%s', (name) => {
      const document = JSON.parse(readFileSync(new URL(`${name}.json`, examples), 'utf8'));
      const expected = readFileSync(new URL(`${name}.txt`, examples), 'utf8').trimEnd();
      const on = '2026-03-12' as CivilDate;
      const briefing = composeBriefing(factsOf(document), {
        on,
        all: false,
        sensitive: false,
        ownLanguage: 'English',
      });
      expect(briefingLines(briefing).join('\n')).toBe(expected);
      if (name === 'malu') expect(briefing).toMatchObject({ lines: 21, words: 121, hidden: 4, heldBack: 0 });
    });
  },
);
