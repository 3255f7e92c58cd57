/** Those around a patient in one line, and tables of cases. */
import type { Circle } from '../../src/domain/circle.ts';
import { personName } from '../../src/domain/patient-names.ts';
import type { Note, Person } from '../../src/domain/records.ts';
import { aNote, aPatient, aPerson, stored } from './records.ts';

const person = (written: string, place: number): Person => {
  const [, name = '', relation, sign = '', day] =
    /^(.*?)(?: ([^ ]*(?:(?<=foster|adopted) \w+)?))?(?: ([†/]) ?([\d-]*))?$/.exec(written.trim()) ?? [];
  const status = sign === '†' ? 'died' : sign === '/' ? 'apart' : 'living';
  const days = {
    died_on: status === 'died' && day ? day : null,
    apart_since: status === 'apart' && day ? day : null,
  };
  return stored(
    `p${place}`,
    aPerson(name, { name: name === '-' ? null : name, relation: relation ?? null, status, ...days }),
  );
};

/** 'June wife † 2026-02-02; Ana daughter; - son': † died, / apart, - without a name. The patient is Walter Beer, Walt. */
export const circleOf = (people: string): Circle & { readonly patient: { readonly id: string } } => ({
  patient: stored('walt', aPatient('walt', { name: 'Walter Beer', goes_by: 'Walt', aliases: ['Wally'] })),
  people: people === '-' || people === '' ? [] : people.split(';').map(person),
});

/** 'loss wife June @2026-02-02 ^2026-02-06 #June !; avoid …': @date, ^recorded, #linked, +confirmed, ! private. */
export const itemsOf = (written: string, { people }: Circle, letter: string): readonly Note[] =>
  (written === '-' ? [] : written.split('; ')).map((one, place) => {
    const [, kind = '', text = '', signs = ''] = /^(\w+) (.*?)((?: [@^#+][^ ]+| !)*)$/.exec(one) ?? [];
    const sign = (mark: string): string | null => new RegExp(`\\${mark}([^ ]+)`).exec(signs)?.[1] ?? null;
    const linked = sign('#');
    const fields = {
      kind: kind as Note['kind'],
      date: sign('@'),
      recorded_on: sign('^'),
      confirmed_on: sign('+'),
      person: people.find((person) => linked !== null && personName(person) === linked)?.id ?? null,
      sensitive: signs.includes(' !'),
    };
    return stored(`${letter}${place}`, aNote(text, fields));
  });

/** The rows of a table of cells between tabs; those that begin with # are remarks. */
export const tableOf = (table: string): (readonly [string, string, string, string])[] =>
  table
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [first = '', second = '', third = '', fourth = ''] = line.split('\t');
      return [first, second, third, fourth] as const;
    });
