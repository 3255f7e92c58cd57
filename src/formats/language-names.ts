/** Looking one up takes microseconds, and making what is looked up in far longer. */
const known = new Map<string, string | undefined>();
let names: Intl.DisplayNames | undefined;

/** A language's English name from its code (BCP 47): 'pt-BR' is Portuguese. Regions and scripts are left off. */
export function languageName(code: string): string | undefined {
  const language = /^[A-Za-z]{2,3}(?=$|[-_])/.exec(code.trim())?.[0]?.toLowerCase();
  if (language === undefined || language === 'und') return undefined;
  if (known.has(language)) return known.get(language);
  names ??= new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });
  const name = names.of(language);
  known.set(language, name);
  return name;
}
