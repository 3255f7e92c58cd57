/** Detects the format of a file by its first bytes. */
import { usage } from '../errors.ts';
import { decodeStrictly, sniffEncoding } from './bytes.ts';

export const importFormats = ['rapport', 'fhir', 'csv', 'vcard', 'ics'] as const;
export type ImportFormat = (typeof importFormats)[number];
type KnownFormat = ImportFormat | 'XML';

/** Decodes UTF-8, or UTF-16 if detected. @throws usage with the first line that is neither */
export const decodeText = (bytes: Uint8Array): string =>
  decodeStrictly(bytes, sniffEncoding(bytes.subarray(0, headLength)));

const headLength = 4096;

const isRapport = (head: string): boolean => /"format"\s*:\s*"rapport"/.test(head);

export function guessFormat(text: string): KnownFormat | undefined {
  const head = text.slice(0, headLength).trimStart();
  if (/^BEGIN:VCARD\b/i.test(head)) return 'vcard';
  if (/^BEGIN:\s*(?:VCALENDAR|VEVENT)\b/i.test(head)) return 'ics';
  if (/^[{[]/.test(head)) return /"resourceType"\s*:/.test(head) && !isRapport(head) ? 'fhir' : 'rapport';
  if (/^<[?!A-Za-z]/.test(head)) return 'XML';
  const line = /^[^\r\n]*/.exec(head)?.[0] ?? '';
  return /[,;\t|]/.test(line) && !/[\u0000-\u0008\u000e-\u001f]/.test(line) ? 'csv' : undefined;
}

export function settleFormat(text: string, asked: ImportFormat | undefined): ImportFormat {
  const found = guessFormat(text);
  if (text.trim() === '') throw usage('the file is empty');
  const formats = `formats: ${importFormats.join(', ')}`;
  if (found === undefined) {
    // A list with one column has no separator.
    if (asked === 'csv') return asked;
    throw usage(
      asked === undefined ? "the file's format is not known" : `the file does not look like ${asked}`,
      formats,
    );
  }
  // A resource may name its type late.
  if (asked === 'fhir' && found === 'rapport' && !isRapport(text.slice(0, headLength))) return asked;
  const readable = importFormats.find((format) => format === found);
  if (readable === undefined)
    throw usage(
      `the file looks like ${found}, which can't be imported`,
      ...(found === 'XML' ? ['FHIR is read as JSON'] : []),
      formats,
    );
  if (asked !== undefined && asked !== readable)
    throw usage(`the file looks like ${readable}, not ${asked}`, `rapport import … --format ${readable}`);
  return readable;
}
