/** What several formats share in reading patients: names, languages, dates and the document they give. */
import { type CivilDate, firstYear, lastYear, type PartialDate, spanOf } from '../dates/civil.ts';
import { quoted } from '../domain/fields.ts';
import type { ImportIssues } from '../domain/import-issues.ts';
import type { GivenDocument } from '../domain/interchange.ts';
import { isFamilyFirst } from '../domain/text.ts';

/** The document of a file that holds patients only. @throws usage for a fault that is not to be skipped */
export function patientDocument(
  issues: ImportIssues,
  document: Pick<GivenDocument, 'patients' | 'remarks' | 'matching'>,
): GivenDocument {
  issues.settle();
  return { ...document, faults: issues.list, moreFaults: issues.more };
}

/** What programs write where nothing is known. */
const placeholder =
  /^(?:[-–—?.*_]+|null|nil|none|nan|n\/?a|n\.a\.|#n\/a|unknown|not known|unbekannt|inconnue?|desconocid[oa]|sin nombre|no name|nomen nescio|anonymous)$/i;

/** Longer texts are none: a list has many cells. */
const longestPlaceholder = 16;

export const isPlaceholder = (text: string): boolean =>
  text.length <= longestPlaceholder && placeholder.test(text.trim());

/** Most of a list: what is looked at no further. */
const usualDate = /^(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;

/** '0000-00-00', '00.00.0000', and the first and last days that programs know: no day of anybody's. */
export const isNoDate = (text: string): boolean =>
  !usualDate.test(text) &&
  (isPlaceholder(text) ||
    /^[\s./:T-]*0[0\s./:TZ-]*$/.test(text.trim()) ||
    /(?:^|[./\s-])(?:000[01]|9999)(?:$|[./\sT-])|^(?:000[01]|9999)\d{4}|^(?:1753-?01-?01|1899-?12-?3[01])/.test(
      text.trim(),
    ));

/** '1950' of '1950-00-00', '1950-03' of '19500300': a part that is not known is written as zeros. */
export const knownParts = (text: string): string =>
  text.replace(/^(\d{4})(?:(-?)00\2(?:00)|(-?)(0[1-9]|1[0-2])\3(?:00))$/, (_, year, _one, _other, month) =>
    month === undefined ? year : `${year}-${month}`,
  );

/** Why a text is no name of a person; undefined where it may be one. */
export function noNameFault(text: string): string | undefined {
  if (isPlaceholder(text)) return 'no name';
  if (!/[\d@]/.test(text)) return undefined;
  if (/^\S[^\s@]*@\S[^\s.]*\.\S+$/.test(text)) return 'no name, but an e-mail address';
  return /^\+?[\d\s()./-]{6,}$/.test(text) && /\d.*\d.*\d.*\d/.test(text)
    ? 'no name, but a telephone number'
    : undefined;
}

/** Without control and format characters, but for the joiners that some scripts spell with. */
export const cleanText = (text: string): string => {
  if (/^[\u0020-\u007e]*$/.test(text)) return text.trim();
  return text
    .replace(/[\t\n\r\u2028\u2029]+/g, ' ')
    .replace(/(?![\u200c\u200d])[\p{Cc}\p{Cf}]/gu, '')
    .trim();
};

/** A name by its parts, in the order of the family's script. */
export const nameByParts = (given: string, family: string): string =>
  isFamilyFirst(family) && isFamilyFirst(given)
    ? `${family}${given}`
    : [given, family].filter((part) => part !== '').join(' ');

/** Counts names with digits, as test data has them, or cuts the digits. */
export function nameDigits(isCut: boolean) {
  let count = 0;
  return {
    clean(name: string): string {
      if (!/\p{N}/u.test(name)) return name;
      if (isCut)
        return name
          .replace(/\p{N}+/gu, '')
          .replace(/\s+/gu, ' ')
          .trim();
      count += 1;
      return name;
    },
    get remarks(): readonly string[] {
      const names = count === 1 ? '1 name has digits in it' : `${count} names have digits in them`;
      return count === 0 ? [] : [`${names}; --clean-names cuts them`];
    },
  };
}
export type NameDigits = ReturnType<typeof nameDigits>;

/** `Intl.DisplayNames` takes long to make, a look-up microseconds. */
const known = new Map<string, string | undefined>();
let names: Intl.DisplayNames | undefined;

/** English name of a BCP 47 code without region and script: 'pt-BR' is Portuguese. */
export function languageName(code: string): string | undefined {
  const language = /^[A-Za-z]{2,3}(?=$|[-_])/.exec(code.trim())?.[0]?.toLowerCase();
  if (language === undefined || language === 'und') return undefined;
  if (known.has(language)) return known.get(language);
  names ??= new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });
  const name = names.of(language);
  known.set(language, name);
  return name;
}

export const isAhead = (date: PartialDate, today: CivilDate): boolean =>
  (spanOf(date)?.first ?? date) > today;

export function dateComplaint(text: string): string {
  const year = Number(/^\d{4}(?=-|$)/.exec(text)?.[0] ?? firstYear);
  return year < firstYear || year > lastYear
    ? `${quoted(text)}not between ${firstYear} and ${lastYear}`
    : `${quoted(text)}not a date`;
}
