/** Generated lives around one death: what is written before it about the dead, and what is private, carries a word of its own. */
import fc from 'fast-check';
import { addDays, type CivilDate } from '../../src/dates/civil.ts';
import type { BriefingFacts } from '../../src/domain/briefing/briefing.ts';
import type { Note, NoteKind } from '../../src/domain/records.ts';
import { aNote, stored } from '../support/records.ts';
import { facts, on } from './generated-facts.ts';

/** In every text about the dead from before the death that is not confirmed since, but for open promises. */
export const beforeDeath = 'zqbefore';
/** In every text of a private record. */
export const secret = 'zqsecret';

const ways = [
  'Ballroom with June',
  "June's roses",
  'His wife bakes',
  'with his wife again',
  'Asked June, twice',
];
const losses = ['Wife June died', 'wife June', 'June, suicide', 'Wife, suddenly', 'my wife passed away'];
const others = ['Son Tom moved out', 'Tom lost his job', 'Flat flooded', 'Miscarriage'];
const avoids = ['son Tom, no contact', 'talk of roses', "Don't mention money", 'Only with the door closed'];

interface Twist {
  readonly way: string;
  readonly isAbout: boolean;
  readonly isLinked: boolean;
  readonly isPrivate: boolean;
  readonly daysBefore: number;
}

const twist: fc.Arbitrary<Twist> = fc.record({
  way: fc.constantFrom(...ways),
  isAbout: fc.boolean(),
  isLinked: fc.boolean(),
  isPrivate: fc.boolean(),
  daysBefore: fc.integer({ min: 1, max: 400 }),
});

const tuned: fc.Arbitrary<readonly Twist[]> = fc.array(twist, { minLength: 5, maxLength: 20 });

export interface Life {
  readonly facts: BriefingFacts;
  readonly isDeathPrivate: boolean;
}

/** A patient whose wife June died, told in public or by a private note alone. */
export const lives: fc.Arbitrary<Life> = fc
  .record({
    given: facts,
    twists: tuned,
    daysAgo: fc.integer({ min: 0, max: 380 }),
    loss: fc.constantFrom(...losses),
    more: fc.subarray([...others, ...avoids]),
    isDeathPrivate: fc.boolean(),
    isMarked: fc.boolean(),
    isQuiet: fc.boolean(),
  })
  .map(({ given, twists, daysAgo, loss, more, isDeathPrivate, isMarked, isQuiet }): Life => {
    const died = addDays(on, -daysAgo);
    const twistOf = (index: number): Twist | undefined => twists[index % twists.length];
    const told = <T extends string | null>(text: T, { way, isAbout, isPrivate }: Twist, may = true) =>
      text === null
        ? text
        : [isAbout && may ? `${way} ${beforeDeath}` : 'Sails', isPrivate ? secret : '', text]
            .join(' ')
            .trim();
    const dayOf = ({ daysBefore }: Twist): CivilDate => addDays(died, -daysBefore);
    const bare = { patient_id: 'p', status: 'current', replaces: null, confirmed_on: null } as const;
    const noteOf = (note: Note, index: number): Note => {
      const one = twistOf(index);
      if (one === undefined) return note;
      const { isAbout, isLinked, isPrivate } = one;
      const kind: NoteKind = note.kind === 'loss' ? 'story' : note.kind;
      return {
        ...note,
        ...bare,
        kind,
        status: note.status,
        text: told(note.text, one),
        answer: told(note.answer, one),
        person: isAbout && isLinked ? 'p0' : isAbout ? null : 'p1',
        yearly: note.yearly && !isAbout,
        sensitive: isPrivate,
        recorded_on: dayOf(one),
        said_on: null,
        answered_on: note.status === 'answered' ? dayOf(one) : null,
      };
    };
    const lossNote = (text: string, index: number, day: CivilDate, isPrivate: boolean): Note => ({
      ...stored(`x${index}`, aNote(text)),
      kind: avoids.includes(text) ? 'avoid' : 'loss',
      patient_id: 'p',
      sensitive: isPrivate,
      recorded_on: day,
    });
    const [first, second, third] = given.people;
    const nobody = { apart_since: null, birth_date: null, patient: null } as const;
    const living = { ...nobody, status: 'living', died_on: null } as const;
    const marked = { ...nobody, status: 'died', died_on: died } as const;
    const people = [
      first && { ...first, ...(isMarked ? marked : living), name: 'June', relation: 'wife' },
      second && { ...second, ...living, name: 'Tom', relation: 'son' },
      third && { ...third, ...living, name: 'Ida', relation: 'daughter' },
    ].filter((person) => person !== undefined);
    return {
      isDeathPrivate,
      facts: {
        ...given,
        patient: {
          ...given.patient,
          quiet: isQuiet,
          name: 'Walter Beer',
          goes_by: null,
          aliases: [],
          former_names: [],
        },
        people,
        notes: [
          ...given.notes.map(noteOf),
          lossNote(loss, 0, died, isDeathPrivate),
          ...more.map((text, index) => lossNote(text, index + 1, addDays(died, -3), index % 2 === 1)),
        ],
        answered: given.answered.map(noteOf),
        commitments: given.commitments.map((promise, index) => {
          const one = twistOf(index);
          if (one === undefined) return promise;
          const isOpen = promise.status === 'open';
          return {
            ...promise,
            text: told(promise.text, one, !isOpen),
            how: told(promise.how, one),
            reason: told(promise.reason, one),
            sensitive: one.isPrivate,
            made_on: dayOf(one),
            closed_on: isOpen ? null : dayOf(one),
          };
        }),
        contacts: given.contacts.map((contact, index) => {
          const one = twistOf(index);
          if (one === undefined) return contact;
          const day = contact.state === 'planned' ? on : dayOf(one);
          return { ...contact, on: day, gist: told(contact.gist, one), sensitive: one.isPrivate };
        }),
      },
    };
  });
