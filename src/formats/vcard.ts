/** Reads vCards as patients: names, birthday, death, pronouns and language; everything else is skipped. */
import { Buffer } from 'node:buffer';
import { type CivilDate, readPartialDate } from '../dates/civil.ts';
import { quoted, textFault } from '../domain/fields.ts';
import { ImportIssues } from '../domain/import-issues.ts';
import { barePatient, type Given, type GivenDocument, type GivenPatient } from '../domain/interchange.ts';
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
import {
  cleanText,
  isAhead,
  isNoDate,
  knownParts,
  languageName,
  nameByParts,
  nameDigits,
  noNameFault,
  patientDocument,
} from './patient-values.ts';

interface VcardOptions {
  readonly cleanNames: boolean;
  readonly skipBad: boolean;
  readonly today: CivilDate;
}

const mostCards = 200_000;
const deaths = ['DEATHDATE', 'X-DEATHDATE'];
const wanted = new Set([
  ...'VERSION KIND FN N NICKNAME BDAY LANG PRONOUNS X-PRONOUNS X-ABSHOWAS X-ABDATE X-ABLABEL'.split(' '),
  ...deaths,
]);

const preference = ({ parameters }: Property): number => {
  const given = Number(parameters.get('PREF') ?? Number.NaN);
  if (!Number.isNaN(given)) return given;
  return /\bpref\b/i.test(parameters.get('TYPE') ?? '') ? 1 : 101;
};

const best = (properties: readonly Property[], name: string): Property | undefined =>
  properties
    .filter((property) => property.name === name && property.value !== '')
    .toSorted((left, right) => preference(left) - preference(right))[0];

/** FN without the prefix and suffix of N; without FN, or where that is no name, the parts of N. */
function nameOf(properties: readonly Property[]): string {
  const [family = '', given = '', additional = '', prefix = '', suffix = ''] = partsOf(
    best(properties, 'N')?.value ?? '',
    ';',
  ).map(cleanText);
  const shown = cleanText(unescapeText(best(properties, 'FN')?.value ?? ''));
  const parts = nameByParts([given, additional].filter((part) => part !== '').join(' '), family);
  if (parts !== '' && (noNameFault(shown) !== undefined || shown.replaceAll(' ', '') === given + family))
    return parts;
  if (shown === '') return parts;
  const start = prefix !== '' && shown.startsWith(`${prefix} `) ? prefix.length : 0;
  const end = suffix !== '' && shown.endsWith(` ${suffix}`) ? -suffix.length : undefined;
  if (start === 0 && end === undefined) return shown;
  const bare = shown.slice(start, end).replace(/^[\s,]+|(?<![\s,])[\s,]+$/gu, '');
  return bare === '' ? shown : bare;
}

// '19800322', '1980-03-22', '1980-03' or '1980', with or without a time.
const dated = /^(\d{4})(?:-?(\d{2})(?:-?(\d{2}))?)?(?:[T ].*)?$/;

/** Undefined where no date is said; one that is bad is left out of its card, and told. */
function dateIn({ name, value, line, parameters }: Property, today: CivilDate, issues: ImportIssues) {
  if (/^text$/i.test(parameters.get('VALUE') ?? '') || isNoDate(value)) return undefined;
  const [, year = '', month, day] = dated.exec(knownParts(value)) ?? [];
  // Apple writes a placeholder year and names it in X-APPLE-OMIT-YEAR.
  if (/^---?\d/.test(value) || (year !== '' && parameters.get('X-APPLE-OMIT-YEAR') === year))
    return 'yearless';
  const date = readPartialDate([year, month, day].filter((part) => part !== undefined).join('-'));
  const isFuture = date !== undefined && isAhead(date, today);
  if (date !== undefined && !isFuture) return date;
  issues.leaveOut(`line ${line}: ${name}`, `${quoted(value)}${isFuture ? 'still ahead' : 'not a date'}`);
  return undefined;
}

/** Apple's dates say what they are in a property of the same group: '_$!<Death>!$_'. */
function deathOf(properties: readonly Property[]): Property | undefined {
  const labels = properties.filter(
    ({ name, value }) =>
      name === 'X-ABLABEL' && /^(?:_\$!<)?(?:death|died|deceased|date of death)\b/i.test(value),
  );
  return (
    deaths.flatMap((name) => best(properties, name) ?? [])[0] ??
    properties.find(
      ({ name, group }) =>
        name === 'X-ABDATE' && labels.some((label) => label.group === group && group !== ''),
    )
  );
}

/** `isBytes`: each character stands for a byte, since in 2.1 each property may name its own character set. */
function textOf(bytes: Uint8Array): { readonly text: string; readonly isBytes: boolean } {
  const shown = sniffEncoding(bytes.subarray(0, 4096)) ?? 'utf-8';
  const text = decode(bytes, shown);
  if (text !== undefined) return { text, isBytes: false };
  if (shown !== 'utf-8') throw usage(`the file is not ${shown.toUpperCase()} text`);
  return { text: Buffer.from(bytes).toString('latin1'), isBytes: true };
}

function* cardsOf(bytes: Uint8Array, issues: ImportIssues) {
  const { text, isBytes } = textOf(bytes);
  let card: { readonly line: number; readonly properties: Property[] } | undefined;
  // A card may contain another one, of an AGENT.
  let inner = 0;
  for (const line of unfolded(text)) {
    const property = readProperty(line, isBytes);
    const path = `line ${line.number}`;
    const mark = /^VCARD$/i.test(property?.value ?? '') ? property?.name : undefined;
    if (mark === 'BEGIN' && card !== undefined) inner += 1;
    else if (mark === 'BEGIN') card = { line: line.number, properties: [] };
    else if (card === undefined) issues.add(path, 'outside of a card: BEGIN:VCARD is missing');
    else if (mark === 'END' && inner > 0) inner -= 1;
    else if (mark === 'END') {
      yield card;
      card = undefined;
    } else if (property === undefined) issues.add(path, 'not a property of a vCard');
    else if (inner > 0 || !wanted.has(property.name)) continue;
    else if (line.text.length > longestLine)
      issues.add(path, `${property.name} has more than ${longestLine.toLocaleString('en')} characters`);
    else card.properties.push(property);
  }
  if (card !== undefined) issues.add(`line ${card.line}`, 'a card without its end: END:VCARD is missing');
}

export function readVcards(bytes: Uint8Array, options: VcardOptions): GivenDocument {
  const issues = new ImportIssues(options.skipBad);
  const names = nameDigits(options.cleanNames);
  const patients: GivenPatient[] = [];
  let yearless = 0;
  const named = (text: string, path: string): string => {
    const fault = textFault(text, nameLimit);
    if (fault !== undefined) issues.add(path, fault);
    return fault === undefined && noNameFault(text) === undefined ? names.clean(text) : '';
  };
  const addPerson = (path: string, properties: readonly Property[]): void => {
    const before = issues.count;
    const name = named(nameOf(properties), path);
    const nickname = partsOf(best(properties, 'NICKNAME')?.value ?? '', ',')
      .map(cleanText)
      .find((part) => part !== '');
    const goesBy = nickname && named(nickname, path);
    if (issues.count === before && name === '') issues.leaveOut(path, 'a card without a name');
    if (issues.count > before || name === '') return;
    const birthday = best(properties, 'BDAY');
    const born = birthday && dateIn(birthday, options.today, issues);
    if (born === 'yearless') yearless += 1;
    const death = deathOf(properties);
    const died = death && dateIn(death, options.today, issues);
    const isDead = death !== undefined && death.value !== '' && !isNoDate(death.value);
    const pronouns = best(properties, 'PRONOUNS') ?? best(properties, 'X-PRONOUNS');
    const called = pronouns && named(cleanText(unescapeText(pronouns.value)), path);
    const language = languageName(best(properties, 'LANG')?.value ?? '');
    const fields: Given<'patient'> = {
      name,
      ...(goesBy && { goes_by: goesBy }),
      ...(born !== undefined && born !== 'yearless' && { birth_date: born }),
      ...(language !== undefined && { language }),
      ...(called && { pronouns: called }),
      ...(isDead && { status: 'died' }),
      ...(died !== undefined && died !== 'yearless' && { died_on: died }),
    };
    patients.push(barePatient(path, { ...fields, unconfirmed: unconfirmedAmong(fields) }));
    if (patients.length > mostCards)
      throw usage(`more than ${mostCards.toLocaleString('en')} cards`, 'split the file');
  };
  for (const { line, properties } of cardsOf(bytes, issues)) {
    const said = (name: string): string => best(properties, name)?.value ?? '';
    if (!/^(?:2\.1|3\.0|4\.0)?$/.test(said('VERSION')))
      issues.add(`line ${line}`, 'a vCard of a version that is not read; 2.1, 3.0 and 4.0 are');
    else if (!/^(?:individual)?$/i.test(said('KIND')) || /company/i.test(said('X-ABSHOWAS')))
      issues.leaveOut(`line ${line}`, 'no card of a person');
    else addPerson(`line ${line}`, properties);
  }
  const yearlessRemark = `birthdays without a year, which can't be kept: ${yearless}`;
  const remarks = [...names.remarks, ...(yearless > 0 ? [yearlessRemark] : [])];
  return patientDocument(issues, { patients, remarks, matching: 'name-and-birth' });
}
