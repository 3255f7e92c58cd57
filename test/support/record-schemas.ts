/** docs/schemas/records.json and docs/records.md, as far as they follow from the records' own schemas. */
import { isDeepStrictEqual } from 'node:util';
import { toJsonSchema } from '@valibot/to-json-schema';
import { anyDate, day, id, pastDate, time, wholeSchema } from '../../src/domain/fields.ts';
import {
  askableFields,
  channels,
  commitmentKinds,
  noteKinds,
  noteStatuses,
  owners,
  patientStatuses,
  type RecordName,
  recordNames,
  schemas,
  tones,
} from '../../src/domain/records.ts';
import { commitmentStatuses, contactStates } from './sample.ts';
import { readSchema } from './schemas.ts';

type Schema = ReturnType<typeof toJsonSchema>;

const vocabularies: Readonly<Record<string, readonly string[]>> = {
  note_kind: noteKinds,
  note_status: noteStatuses,
  tone: tones,
  owner: owners,
  commitment_kind: commitmentKinds,
  commitment_status: commitmentStatuses,
  channel: channels,
  contact_state: contactStates,
  patient_status: patientStatuses,
  askable_field: askableFields,
};

/** What the file describes by hand, and the page in these words. */
const named = {
  date: { schema: day.schema(), words: 'a date' },
  partial_date: { schema: anyDate.schema(), words: 'a day, a month, a year, or a day of every year' },
  past_date: { schema: pastDate.schema(), words: 'a day, a month or a year' },
  time: { schema: time.schema(), words: 'a time of day' },
  id: { schema: id.schema(), words: 'an id' },
};

function jsonOf(schema: Parameters<typeof toJsonSchema>[0]): Schema {
  const {
    $schema: _,
    $defs: __,
    ...json
  } = toJsonSchema(schema, {
    errorMode: 'ignore',
    typeMode: 'output',
    definitions: Object.fromEntries(Object.entries(named).map(([name, one]) => [name, one.schema])),
    overrideSchema: ({ valibotSchema, jsonSchema }) => {
      const list = 'options' in valibotSchema ? valibotSchema.options : undefined;
      const name = Object.keys(vocabularies).find((one) => isDeepStrictEqual(vocabularies[one], list));
      if (name !== undefined) return { $ref: `#/$defs/${name}` };
      // A reader takes what a later version adds, and only imports bound the length of a list.
      const { additionalProperties: ___, default: ____, maxItems: _____, ...open } = jsonSchema;
      return open;
    },
  });
  return Object.keys(json).length === 0 ? { type: 'string' } : json;
}

/** As the file has it, where a date that is past is a partial one, and an id a text. */
const written = (schema: object): unknown =>
  JSON.parse(
    JSON.stringify(schema)
      .replaceAll('"#/$defs/past_date"', '"#/$defs/partial_date"')
      .replaceAll('"$ref":"#/$defs/id"', '"type":"string"'),
  );

/** What records have in a document beyond their own fields. */
const beside: Readonly<Record<RecordName, readonly string[]>> = {
  patient: ['ref'],
  person: ['ref'],
  note: ['ref'],
  commitment: ['ref', 'patient_id'],
  contact: ['ref', 'patient_id'],
};

/** Of these only the interchange document tells. */
const untold: readonly string[] = ['quiet', 'former_names'];

const fieldsOf = (record: RecordName): Readonly<Record<string, Schema>> =>
  Object.fromEntries(
    Object.entries(schemas[record]).map(([field, one]) => [field, jsonOf(wholeSchema(one))]),
  );

/** The file with its records and words as the program has them; what the fields' schemas cannot say is kept. */
export function recordsSchema() {
  const file = readSchema('records');
  const $defs = file['$defs'] as unknown as Readonly<Record<string, Schema>>;
  const records = recordNames.map((record) => {
    const known = $defs[record];
    const { id: own, ...fields } = fieldsOf(record);
    const made: Readonly<Record<string, object | undefined>> = {
      id: own,
      ref: { $ref: '#/$defs/ref' },
      ...(record === 'patient' ? {} : { patient_id: { type: 'string' } }),
      ...fields,
      ...((record === 'note' || record === 'commitment') && { guessed: { type: 'boolean' } as Schema }),
      ...(record === 'note' && { earlier: known?.properties?.['earlier'] as Schema }),
    };
    const properties = Object.fromEntries(
      Object.entries(made).map(([field, one]) => {
        const said = known?.properties?.[field];
        const description = typeof said === 'object' ? said.description : undefined;
        return [field, { ...one, ...(description && { description }) }];
      }),
    );
    const required = [
      'id',
      ...beside[record],
      ...Object.keys(fields).filter((field) => !untold.includes(field)),
    ];
    const description = known?.description;
    return [
      record,
      written({ ...(description && { description }), type: 'object', required, properties }),
    ] as const;
  });
  const words = Object.entries(vocabularies).map(([name, list]) => [name, { enum: list }] as const);
  return { ...file, $defs: { ...$defs, ...Object.fromEntries(words), ...Object.fromEntries(records) } };
}

/** A value in words: 'text, 200 characters at most'. */
function meaning(schema: Schema): string {
  const { $ref, anyOf, type, items, maxLength, minimum, maximum } = schema;
  const name = $ref?.replace('#/$defs/', '');
  if (name !== undefined)
    return name in named
      ? named[name as keyof typeof named].words
      : (vocabularies[name] ?? []).map((word) => `\`${word}\``).join(', ');
  if (anyOf !== undefined)
    return anyOf
      .filter((one) => typeof one === 'object' && one.type !== 'null')
      .map((one) => meaning(one as Schema))
      .join(' or ');
  if (Array.isArray(schema.enum)) return schema.enum.map((word) => `\`${String(word)}\``).join(', ');
  if (type === 'array') return `a list: ${meaning(items as Schema)}`;
  if (type === 'object')
    return Object.keys(schema.properties ?? {})
      .map((key) => `\`${key}\``)
      .join(', ');
  if (type === 'boolean') return '`true` or `false`';
  if (type === 'integer') return `a whole number from ${minimum} to ${maximum}`;
  return maxLength === undefined ? 'text' : `text, ${maxLength.toLocaleString('en')} characters at most`;
}

/** A table of each record's fields. */
export const recordTables = (): string =>
  recordNames
    .map((record) => {
      const json = fieldsOf(record);
      const rows = Object.entries(schemas[record]).map(([field, { granted }]) => {
        const unsaid = granted === undefined ? '' : `\`${JSON.stringify(granted)}\``;
        return `| \`${field}\` | ${meaning(json[field] ?? {})} | ${unsaid} |`;
      });
      return `## ${record}\n\n| field | what it is | where nothing is said |\n| --- | --- | --- |\n${rows.join('\n')}`;
    })
    .join('\n\n');
