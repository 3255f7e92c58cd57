/** The schemas of docs/schemas, held against documents more strictly than a reader should: nothing may be left out of them. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

const folder = new URL('../../docs/schemas/', import.meta.url);

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Where an object's fields are listed, no other is let pass. */
function closed(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return 'required' in schema && 'properties' in schema ? { ...inner, additionalProperties: false } : inner;
}

export const schemaNames: readonly string[] = readdirSync(folder).map((file) => file.replace(/\.json$/, ''));

export const readSchema = (name: string): { readonly [key: string]: Json } =>
  JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));

export const writeSchema = (name: string, schema: object): void =>
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(schema, null, 2)}\n`);

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
for (const name of schemaNames) {
  const schema = closed(readSchema(name));
  if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) ajv.addSchema(schema, name);
}

/** What a document has against a schema of that name; empty where it fits. */
export function faultsOf(name: string, document: unknown): readonly string[] {
  const validate = ajv.getSchema(name);
  if (validate === undefined) return [`there is no schema ${name}`];
  return validate(document)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message, params }) =>
        `${instancePath} ${message} ${JSON.stringify(params)}`.trim(),
      );
}

/** 'patient-add' of 'rapport.patient-add/1'. */
export const schemaNameOf = (document: unknown): string =>
  /"schema": ?"rapport\.([a-z-]+)\/1"/.exec(JSON.stringify(document))?.[1] ?? 'none';
