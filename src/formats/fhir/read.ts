/**
 * FHIR R4 as JSON → values: a resource, an array, a Bundle, or one resource a line (NDJSON), which is read line by line
 * and never held. Only Patient, RelatedPerson, Appointment and, where asked for, Task and CommunicationRequest are read,
 * and of them only what shapes.ts names; all else is counted by its type and passed over.
 */
import { ImportIssues } from '../../domain/import-issues.ts';
import type { GivenDocument } from '../../domain/interchange.ts';
import { usage } from '../../errors.ts';
import { JsonReader } from '../json-reader.ts';
import { type FhirOptions, FhirReading } from './reading.ts';

/** Questionnaires and their like nest deeper than documents of ours. */
const deepest = 200;

const isBlank = (line: string): boolean => line.trim() === '';
const isWholeObject = (line: string): boolean => /^\s*\{/.test(line) && /\}\s*$/.test(line);

/**
 * Reads a file line by line. @throws usage (not JSON, no resource, a fault without `skipBad`)
 */
export async function readFhir(lines: AsyncIterator<string>, options: FhirOptions): Promise<GivenDocument> {
  const faults = new ImportIssues(options.skipBad);
  const reading = new FhirReading(options, faults);
  const readText = (text: string, path: string, firstLine: number): void => {
    const reader = new JsonReader(text, { firstLine, deepest });
    reading.value(reader, path);
    reader.end();
  };
  let number = 0;
  const next = async (): Promise<string | undefined> => {
    const { value, done } = await lines.next();
    number += 1;
    return done ? undefined : value;
  };
  const nextFull = async (): Promise<string | undefined> => {
    let line = await next();
    while (line !== undefined && isBlank(line)) line = await next();
    return line;
  };
  const first = await nextFull();
  if (first === undefined) throw usage('the file is empty');
  const firstNumber = number;
  const second = isWholeObject(first) ? await nextFull() : undefined;
  if (second !== undefined && /^\s*\{/.test(second)) {
    readText(first, `line ${firstNumber}`, firstNumber);
    for (let line: string | undefined = second; line !== undefined; line = await nextFull())
      readText(line, `line ${number}`, number);
  } else {
    const parts = [first];
    if (second !== undefined) parts.push(...Array(number - firstNumber - 1).fill(''), second);
    for (let line = await next(); line !== undefined; line = await next()) parts.push(line);
    readText(parts.join('\n'), '', firstNumber);
  }
  return reading.finish();
}
