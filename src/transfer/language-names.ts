/** A language's English name from its code (BCP 47): 'pt-BR' is Portuguese. Regions and scripts are left off. */
export function languageName(code: string): string | undefined {
  const language = /^[A-Za-z]{2,3}(?=$|[-_])/.exec(code.trim())?.[0]?.toLowerCase();
  if (language === undefined || language === 'und') return undefined;
  const name = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' }).of(language);
  return name ?? undefined;
}
