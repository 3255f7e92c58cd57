/** From bytes to text, and which format a text is in by how it begins. */
import { usage } from '../errors.ts';

export const importFormats = ['rapport', 'csv'] as const;
export type ImportFormat = (typeof importFormats)[number];
type KnownFormat = ImportFormat | 'FHIR' | 'vCard' | 'iCalendar';

/** UTF-8 as text, a byte order mark left off. @throws usage for anything else */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw usage('the file is UTF-16 text', 'save it as UTF-8');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw usage('the file is not UTF-8 text', 'save it as UTF-8, or name another file');
  }
}

const headLength = 4096;

/** The format that a text looks like, or undefined. Only its beginning is looked at. */
export function guessFormat(text: string): KnownFormat | undefined {
  const head = text.slice(0, headLength).trimStart();
  if (/^BEGIN:VCARD\b/i.test(head)) return 'vCard';
  if (/^BEGIN:VCALENDAR\b/i.test(head)) return 'iCalendar';
  if (/^[{[]/.test(head)) return /"resourceType"\s*:/.test(head) ? 'FHIR' : 'rapport';
  const line = /^[^\r\n]*/.exec(head)?.[0] ?? '';
  return /[,;\t|]/.test(line) && !/[\u0000-\u0008\u000e-\u001f]/.test(line) ? 'csv' : undefined;
}

/** The format to read a text as: the one asked for, or the one it looks like. @throws usage where that is another or none */
export function settleFormat(text: string, asked: ImportFormat | undefined): ImportFormat {
  const found = guessFormat(text);
  if (text.trim() === '') throw usage('the file is empty');
  if (found === undefined) {
    // A list with a single column has no comma to know it by.
    if (asked === 'csv') return asked;
    throw usage(
      asked === undefined ? "the file's format is not known" : 'not a rapport document',
      `formats: ${importFormats.join(', ')}`,
    );
  }
  const readable = importFormats.find((format) => format === found);
  if (readable === undefined)
    throw usage(
      `the file looks like ${found}, which can't be imported`,
      `formats: ${importFormats.join(', ')}`,
    );
  if (asked !== undefined && asked !== readable)
    throw usage(`the file looks like ${readable}, not ${asked}`, `rapport import … --format ${readable}`);
  return readable;
}
