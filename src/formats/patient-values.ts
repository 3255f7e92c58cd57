/** What several formats share in reading patients: names, languages, dates and the document they give. */
import { type CivilDate, firstYear, lastYear, type PartialDate, spanOf } from '../dates/civil.ts';
import { quoted } from '../domain/fields.ts';
import type { ImportIssues } from '../domain/import-issues.ts';
import type { GivenDocument } from '../domain/interchange.ts';

/** The document of a file that holds patients only. @throws usage for a fault that is not to be skipped */
export function patientDocument(
  issues: ImportIssues,
  document: Pick<GivenDocument, 'patients' | 'remarks' | 'matching'>,
): GivenDocument {
  issues.settle();
  return { ...document, faults: issues.list, moreFaults: issues.more };
}

/** Counts names with digits, as test data has them, or cuts the digits. */
export class NameDigits {
  readonly #cut: boolean;
  #count = 0;

  constructor(cut: boolean) {
    this.#cut = cut;
  }

  clean(name: string): string {
    if (!/\p{N}/u.test(name)) return name;
    if (this.#cut)
      return name
        .replace(/\p{N}+/gu, '')
        .replace(/\s+/gu, ' ')
        .trim();
    this.#count += 1;
    return name;
  }

  get remarks(): readonly string[] {
    if (this.#count === 0) return [];
    const names = this.#count === 1 ? '1 name has digits in it' : `${this.#count} names have digits in them`;
    return [`${names}; --clean-names cuts them`];
  }
}

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
