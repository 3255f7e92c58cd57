/** Reads vCards as patients: name, NICKNAME, BDAY and LANG; everything else is skipped. */
import { Buffer } from 'node:buffer';
import { type CivilDate, readPartialDate } from '../dates/civil.ts';
import { quoted, textFault } from '../domain/fields.ts';
import { ImportIssues } from '../domain/import-issues.ts';
import {
  barePatient,
  type Given,
  type GivenDocument,
  type GivenPatient,
  type PatientFields,
} from '../domain/interchange.ts';
import { nameLimit, unconfirmedAmong } from '../domain/records.ts';
import { usage } from '../errors.ts';
import { decode, sniffEncoding } from './bytes.ts';
import {
  longestLine,
  type Property,
  partsOf,
  readProperty,
  unescapeText,
  unfolded,
} from './content-lines.ts';
import { isAhead, languageName, NameDigits, patientDocument } from './patient-values.ts';

interface VcardOptions {
  readonly cleanNames: boolean;
  readonly skipBad: boolean;
  readonly today: CivilDate;
}

const mostCards = 200_000;
const wanted = new Set(['VERSION', 'KIND', 'FN', 'N', 'NICKNAME', 'BDAY', 'LANG', 'X-ABSHOWAS']);

interface Card {
  readonly line: number;
  readonly properties: Property[];
}

const preference = ({ parameters }: Property): number => {
  const given = Number(parameters.get('PREF') ?? Number.NaN);
  if (!Number.isNaN(given)) return given;
  return /\bpref\b/i.test(parameters.get('TYPE') ?? '') ? 1 : 101;
};

const best = (properties: readonly Property[], name: string): Property | undefined =>
  properties
    .filter((property) => property.name === name && property.value !== '')
    .toSorted((left, right) => preference(left) - preference(right))[0];

/** FN without the prefix and suffix of N; without FN, the parts of N. */
function nameOf(properties: readonly Property[]): string {
  const [family = '', given = '', additional = '', prefix = '', suffix = ''] = partsOf(
    best(properties, 'N')?.value ?? '',
    ';',
  );
  const shown = unescapeText(best(properties, 'FN')?.value ?? '');
  const parts = [given, additional, family].filter((part) => part !== '').join(' ');
  if (shown === '') return parts;
  const start = prefix !== '' && shown.startsWith(`${prefix} `) ? prefix.length : 0;
  const end = suffix !== '' && shown.endsWith(` ${suffix}`) ? -suffix.length : undefined;
  if (start === 0 && end === undefined) return shown;
  const bare = shown.slice(start, end).replace(/^[\s,]+|(?<![\s,])[\s,]+$/gu, '');
  return bare === '' ? shown : bare;
}

// '19800322', '1980-03-22', '1980-03' or '1980', with or without a time.
const dated = /^(\d{4})(?:-?(\d{2})(?:-?(\d{2}))?)?(?:[T ].*)?$/;

class Cards {
  readonly #options: VcardOptions;
  readonly #faults: ImportIssues;
  readonly #names: NameDigits;
  readonly patients: GivenPatient[] = [];
  #yearless = 0;

  constructor(options: VcardOptions, faults: ImportIssues) {
    this.#options = options;
    this.#faults = faults;
    this.#names = new NameDigits(options.cleanNames);
  }

  add({ line, properties }: Card): void {
    const path = `line ${line}`;
    const version = best(properties, 'VERSION')?.value;
    if (version !== undefined && !/^(?:2\.1|3\.0|4\.0)$/.test(version)) {
      this.#faults.add(path, 'a vCard of a version that is not read; 2.1, 3.0 and 4.0 are');
      return;
    }
    const kind = best(properties, 'KIND')?.value.toLowerCase() ?? 'individual';
    if (kind !== 'individual' || /company/i.test(best(properties, 'X-ABSHOWAS')?.value ?? '')) {
      this.#faults.leaveOut(path, 'no card of a person');
      return;
    }
    const before = this.#faults.count;
    const name = this.#text(nameOf(properties), path);
    const nickname = partsOf(best(properties, 'NICKNAME')?.value ?? '', ',').find((part) => part !== '');
    const birthday = best(properties, 'BDAY');
    const language = best(properties, 'LANG')?.value;
    const goesBy = nickname === undefined ? undefined : this.#text(nickname, path);
    const born = birthday === undefined ? undefined : this.#birthDate(birthday);
    if (name === '' && this.#faults.count === before) this.#faults.leaveOut(path, 'a card without a name');
    if (name === '' || this.#faults.count > before) return;
    const spoken = language === undefined ? undefined : languageName(language);
    const fields: Given<PatientFields> = {
      name,
      ...(goesBy ? { goes_by: goesBy } : {}),
      ...(born === undefined ? {} : { birth_date: born }),
      ...(spoken === undefined ? {} : { language: spoken }),
    };
    const unconfirmed = unconfirmedAmong(fields);
    this.patients.push(barePatient(path, { ...fields, unconfirmed }));
    if (this.patients.length > mostCards)
      throw usage(`more than ${mostCards.toLocaleString('en')} cards`, 'split the file');
  }

  get remarks(): readonly string[] {
    return [
      ...this.#names.remarks,
      ...(this.#yearless > 0 ? [`birthdays without a year, which can't be kept: ${this.#yearless}`] : []),
    ];
  }

  #text(text: string, path: string): string {
    const fault = textFault(text, nameLimit);
    if (fault !== undefined) this.#faults.add(path, fault);
    return fault === undefined ? this.#names.clean(text) : '';
  }

  #birthDate({ value, line, parameters }: Property): Given<PatientFields>['birth_date'] | undefined {
    if (/^text$/i.test(parameters.get('VALUE') ?? '')) return undefined;
    const [, year = '', month, day] = dated.exec(value) ?? [];
    // Apple writes a placeholder year and names it in X-APPLE-OMIT-YEAR.
    if (/^---?\d/.test(value) || (year !== '' && parameters.get('X-APPLE-OMIT-YEAR') === year)) {
      this.#yearless += 1;
      return undefined;
    }
    const date = readPartialDate([year, month, day].filter((part) => part !== undefined).join('-'));
    const isFuture = date !== undefined && isAhead(date, this.#options.today);
    if (date !== undefined && !isFuture) return date;
    this.#faults.add(`line ${line}: BDAY`, `${quoted(value)}${isFuture ? 'still ahead' : 'not a date'}`);
    return undefined;
  }
}

/** `isBytes`: each character stands for a byte, since in 2.1 each property may name its own character set. */
function textOf(bytes: Uint8Array): { readonly text: string; readonly isBytes: boolean } {
  const shown = sniffEncoding(bytes.subarray(0, 4096)) ?? 'utf-8';
  const text = decode(bytes, shown);
  if (text !== undefined) return { text, isBytes: false };
  if (shown !== 'utf-8') throw usage(`the file is not ${shown.toUpperCase()} text`);
  return { text: Buffer.from(bytes).toString('latin1'), isBytes: true };
}

export function readVcards(bytes: Uint8Array, options: VcardOptions): GivenDocument {
  const { text, isBytes } = textOf(bytes);
  const faults = new ImportIssues(options.skipBad);
  const cards = new Cards(options, faults);
  let card: Card | undefined;
  // A card may contain another one, of an AGENT.
  let inner = 0;
  for (const line of unfolded(text)) {
    const property = readProperty(line, isBytes);
    const mark = /^VCARD$/i.test(property?.value ?? '') ? property?.name : undefined;
    if (mark === 'BEGIN' && card !== undefined) inner += 1;
    else if (mark === 'BEGIN') card = { line: line.number, properties: [] };
    else if (card === undefined)
      faults.add(`line ${line.number}`, 'outside of a card: BEGIN:VCARD is missing');
    else if (mark === 'END' && inner > 0) inner -= 1;
    else if (mark === 'END') {
      cards.add(card);
      card = undefined;
    } else if (property === undefined) faults.add(`line ${line.number}`, 'not a property of a vCard');
    else if (inner > 0 || !wanted.has(property.name)) continue;
    else if (line.text.length > longestLine)
      faults.add(
        `line ${line.number}`,
        `${property.name} has more than ${longestLine.toLocaleString('en')} characters`,
      );
    else card.properties.push(property);
  }
  if (card !== undefined) faults.add(`line ${card.line}`, 'a card without its end: END:VCARD is missing');
  const { patients, remarks } = cards;
  return patientDocument(faults, { patients, remarks, matching: 'name-and-birth' });
}
