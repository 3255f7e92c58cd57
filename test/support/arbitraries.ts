/** Records and whole patients as fast-check makes them up from the records' own schemas: a new field is among theirs. */
import fc from 'fast-check';
import type { GenericSchema } from 'valibot';
import type { CivilDate, PartialDate } from '../../src/dates/civil.ts';
import {
  anyDate,
  day,
  type Entries,
  pastDate,
  time,
  wholeSchema,
  withTexts,
} from '../../src/domain/fields.ts';
import type { WholePatient } from '../../src/domain/interchange.ts';
import { type RecordName, type RecordOf, recordNames, schemas } from '../../src/domain/records.ts';
import { hasVisibleLetter } from '../../src/domain/text.ts';
import { anyTime, anyDate as daysFrom, partial } from './values.ts';

interface Chances {
  readonly text: fc.Arbitrary<string>;
  readonly day: fc.Arbitrary<CivilDate>;
}

/** A schema as valibot keeps it, as far as those of fields go. */
interface Inside extends GenericSchema {
  readonly wrapped?: Inside;
  readonly item?: Inside;
  readonly options?: readonly string[];
  readonly entries?: Readonly<Record<string, Inside>>;
  readonly pipe?: readonly (Inside & { readonly requirement?: unknown })[];
}

function valueFrom(schema: Inside, chances: Chances): fc.Arbitrary<unknown> {
  const dated = fc
    .tuple(chances.day, fc.constantFrom(10, 7, 4))
    .map(([date, length]): PartialDate => partial(date.slice(0, length)));
  const everyYear = chances.day.map((date) => partial(`--${date.slice(5)}`));
  if (schema === day.schema()) return chances.day;
  if (schema === pastDate.schema()) return dated;
  if (schema === anyDate.schema()) return fc.oneof(dated, everyYear);
  if (schema === time.schema()) return anyTime;
  const { type, wrapped, item, options = [], pipe = [] } = schema;
  if (type === 'optional' && wrapped) return valueFrom(wrapped, chances);
  if (type === 'nullable' && wrapped) return fc.option(valueFrom(wrapped, chances), { nil: null });
  if (type === 'boolean') return fc.boolean();
  if (type === 'picklist') return fc.constantFrom(...options);
  if (type === 'string') return chances.text;
  if (type === 'array' && item)
    return fc.uniqueArray(valueFrom(item, chances), { maxLength: 3, selector: (one) => JSON.stringify(one) });
  const [min, max] = pipe.map(({ requirement }) => requirement).filter((one) => typeof one === 'number');
  if (type === 'number') return fc.integer({ min: min ?? 0, max: max ?? 0 });
  const entries = pipe.find((one) => one.entries !== undefined)?.entries;
  // What is left are ids and the like, which go from record to record.
  return entries === undefined
    ? fc.constant(null)
    : fc.record(
        Object.fromEntries(Object.entries(entries).map(([name, one]) => [name, valueFrom(one, chances)])),
      );
}

type Loose<R> = Omit<R, 'id' | 'ref' | 'patient_id' | 'handle'>;

/** The fields of each record, without ids and what leads to another one. */
export function fieldsFrom(chances: Chances): {
  readonly [R in RecordName]: fc.Arbitrary<Loose<RecordOf<R>>>;
} {
  const zones = fc.constantFrom(null, 'Europe/Madrid', 'Asia/Kolkata', 'UTC');
  const every = fc.constantFrom(null, '1 month', '2 weeks', '3 years');
  const own = { name: chances.text.filter(hasVisibleLetter), time_zone: zones, every };
  const made = recordNames.map((record) => {
    const { id: _, handle: __, ...fields }: Entries = schemas[record];
    const values = Object.entries(fields).map(([name, field]) => [
      name,
      name in own ? own[name as keyof typeof own] : valueFrom(wholeSchema(field), chances),
    ]);
    // Who lives has no day of death, nor one since which they are apart.
    const whole = fc.record(Object.fromEntries(values)).map((one: Readonly<Record<string, unknown>>) => ({
      ...withTexts(schemas[record], one, (text, { limit }) => text.slice(0, limit)),
      ...('died_on' in one && one['status'] !== 'died' && { died_on: null }),
      ...('apart_since' in one && one['status'] === 'living' && { apart_since: null }),
    }));
    return [record, whole];
  });
  return Object.fromEntries(made);
}

const characters = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc.constantFrom(
    '"quoted"',
    'back\\slash',
    'two\nlines',
    '\u001b[31mred\u001b[0m',
    '\u202eturned',
    'tab\there',
    "O'Neil",
    '金 明',
  ),
);
export const anyFields = fieldsFrom({
  text: characters.filter((text) => text.trim() !== '' && !/\p{Surrogate}/u.test(text)),
  day: daysFrom('1901-07-21', '2199-12-28'),
});

/** Patients whose records lead to their people, and to notes that stand earlier in the list. */
export const wholePatients: fc.Arbitrary<readonly WholePatient[]> = fc
  .array(
    fc.tuple(
      anyFields.patient,
      fc.array(anyFields.person, { maxLength: 3 }),
      fc.array(anyFields.note, { maxLength: 5 }),
      fc.array(anyFields.commitment, { maxLength: 3 }),
      fc.array(anyFields.contact, { maxLength: 3 }),
      fc.infiniteStream(fc.nat()),
    ),
    { maxLength: 4 },
  )
  .map((patients) =>
    patients.map(([fields, people, notes, commitments, contacts, choices], number): WholePatient => {
      const id = `p${number}`;
      const pick = (): number => choices.next().value ?? 0;
      const owned = <R extends object>(letter: string, records: readonly R[]) =>
        records.map((record, index) => ({
          ...record,
          id: `${id}-${letter}${index}`,
          ref: `${letter}${number}${index}`,
          patient_id: id,
        }));
      const someone = (): string | null =>
        people.length === 0 || pick() % 2 === 0 ? null : `${id}-w${pick() % people.length}`;
      return {
        patient: { ...fields, id, ref: `r${number}`, handle: `handle-${number}` },
        people: owned('w', people),
        notes: owned('n', notes).map((record, index) => ({
          ...record,
          person: someone(),
          replaces: index === 0 || pick() % 2 === 0 ? null : `${id}-n${pick() % index}`,
        })),
        commitments: owned('c', commitments).map((record) => ({ ...record, for_person: someone() })),
        contacts: owned('v', contacts),
      };
    }),
  );
