/** Whom the words of an event mean: exactly one, a doubt, or nobody; never a guess. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NameIndex } from '../../src/domain/event-names.ts';
import { eventTexts, readEventRules } from '../../src/domain/event-rules.ts';
import { newPatient, type Patient } from '../../src/domain/records.ts';

const patient = (name: string, handle: string, more: Partial<Patient> = {}): Patient => ({
  ...newPatient({ name, handle, ...more }),
  id: more.id ?? `id-${handle}`,
  ref: more.ref ?? `r-${handle}`,
});

const patients = [
  patient('María Luisa Razo', 'malu', { goes_by: 'Malu', aliases: ['malu@example.org'], ref: 'k7m2q' }),
  patient('Luisa Razo', 'luisa'),
  patient('Walter Beer', 'walt', {
    goes_by: 'Walt',
    identifiers: [{ system: 'https://x.example', value: 'MRN 7' }],
  }),
  patient('Tom Beer', 'tom'),
  patient('Ann Lee', 'ann'),
  patient('Ann Lee', 'ann-l'),
  patient('Jo Dunn', 'jo', { status: 'died' }),
  patient('Jo Dunn', 'jo-d'),
  patient('王秀英', '王秀英'),
];
const index = new NameIndex(patients);

function heard(rule: string, ...texts: readonly string[]): string {
  const said = readEventRules([rule]).map((one) => eventTexts(one, texts));
  const found = index.match(said);
  if (found.kind === 'known') return found.patient.handle;
  return found.kind === 'none' ? 'nobody' : `? ${found.candidates.map(({ handle }) => handle).join(' ')}`;
}

describe('words of a summary', () => {
  it.each([
    ['María Luisa Razo', 'malu'],
    ['maria luisa razo', 'malu'],
    ['Razo, María Luisa', 'malu'],
    ['Follow-up: Malu Razo', 'malu'],
    ['Visit Malu Razo 10 min', 'malu'],
    ['call with Walter Beer about the form', 'walt'],
    ['Beer, Walter - review', 'walt'],
    ['VISIT WALTER BEER', 'walt'],
    ['check-up (walt)', 'walt'],
    ['check-up [k7m2q]', 'malu'],
    ['MRN 7', 'walt'],
    ['王秀英', '王秀英'],
    ['王秀英: 复诊', '王秀英'],
    // A namesake who died is not meant.
    ['Jo Dunn', 'jo-d'],
    // The name may be part of a longer one.
    ['Walter Beer Santos', '? walt'],
    ['Ana Luisa Razo', '? luisa'],
    ['DR WALTER BEER SANTOS', '? walt'],
    // A part of the name, or a name of several.
    ['María Razo', '? malu'],
    ['Beer Walter', '? walt'],
    ['Walt', '? walt'],
    ['walt', 'walt'],
    ['Lunch (Tom)', 'nobody'],
    ['Razo 10:20', '? malu luisa'],
    ['Mr Beer', '? walt tom'],
    ['Tom', '? tom'],
    ['Tea with Walt', '? walt'],
    ['Ann Lee', '? ann ann-l'],
    ['Walter Beer and Tom Beer', '? walt tom'],
    ['tea with tom', 'nobody'],
    ['Lunch', 'nobody'],
    ['', 'nobody'],
    ['k7m2q', 'malu'],
    ['a walt whitman evening', 'nobody'],
  ])('%j mean %s', (text, expected) => {
    expect(heard('summary', text)).toBe(expected);
  });
});

describe('a rule', () => {
  it.each([
    ['attendee', ['Walter Beer'], 'walt'],
    ['attendee', ['malu@example.org'], 'malu'],
    ['attendee', ['dr@example.org', 'Dr Moe', 'Ann Lee'], '? ann ann-l'],
    ['attendee', ['Walter Beer', 'Tom Beer'], '? walt tom'],
    ['attendee', ['Tom'], '? tom'],
    ['x-patient', ['walt'], 'walt'],
    ['X-Patient', ['Visit of Walter Beer'], '? walt'],
    ['summary=Visit {patient}', ['visit  walt'], 'walt'],
    ['summary=*({patient})*', ['Visit (tom), late'], 'tom'],
    ['summary=Visit: {patient} - *', ['Visit: Razo, María Luisa - room 3'], 'malu'],
    ['summary=Visit {patient}', ['Call Walter Beer'], 'nobody'],
    ['summary=[{patient}]', ['[walt]'], 'walt'],
    ['summary=Visit: {patient}*', ['Visit: walt'], 'walt'],
    ['summary=*:{patient}*', ['Visit: at 9: walt'], 'nobody'],
    ['summary=a*({patient})b', ['A ab(x)b(walt)B'], 'nobody'],
    ['summary=Visit{patient}Visit', ['Visit'], 'nobody'],
    ['summary={patient} *, room *', ['walt , x, room 3'], 'walt'],
    ['summary=No {patient}; summary', ['Walter Beer'], 'walt'],
  ] as const)('%s finds in %j %s', (rule, texts, expected) => {
    expect(heard(rule, ...texts)).toBe(expected);
  });

  it('is refused where it is none', () => {
    for (const bad of [
      '',
      'a b',
      '=x',
      'summary=',
      'summary={patient}{patient}',
      'summary=***{patient}',
      'x;',
    ])
      expect(() => readEventRules([bad]), bad).toThrow(/rule|pattern/);
  });

  it('finds what a regular expression would', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 4 });
    const surroundings = fc.array(letters, { minLength: 1, maxLength: 2 }).map((parts) => parts.join('*'));
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'A'), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(surroundings, surroundings, texts, (before, after, text) => {
        fc.pre(!after.startsWith('*'));
        const whole = `^${before}(.+?)${after}$`.replaceAll('*', '.*?');
        const expected = new RegExp(whole, 'isu').exec(text)?.[1];
        const found = readEventRules([`summary=${before}{patient}${after}`]).flatMap((rule) =>
          eventTexts(rule, [text]),
        );
        expect(found.map(({ text: name }) => name)).toEqual(expected === undefined ? [] : [expected]);
      }),
    );
  });

  it('takes no longer for any text', () => {
    const [rule] = readEventRules(['summary=*a{patient}b*c']);
    const texts = ['a'.repeat(300), `${'ab'.repeat(149)}x`, 'ab'.repeat(150), 'a'.repeat(100_000)];
    const { user } = process.cpuUsage();
    for (let times = 0; times < 100; times += 1) if (rule !== undefined) eventTexts(rule, texts);
    expect(process.cpuUsage().user - user).toBeLessThan(500_000);
  });
});

describe('any words', () => {
  it('never lead to one of two patients who are called alike, nor to one whose words are not all there', () => {
    const word = fc.constantFrom(
      'Ann',
      'Lee',
      'Tom',
      'Beer',
      'Walter',
      'María',
      'Luisa',
      'Razo',
      'Visit',
      'with',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), fc.constantFrom(' ', ', ', ' - ', ': '), (words, gap) => {
        const found = heard('summary', words.join(gap));
        if (found.startsWith('?') || found === 'nobody') return;
        const known = patients.find(({ handle }) => handle === found);
        expect(found).not.toMatch(/^ann/);
        for (const part of known?.name.split(' ') ?? []) expect(words).toContain(part);
      }),
    );
  });
});
