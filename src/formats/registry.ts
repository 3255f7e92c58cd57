/** Every format: how a file of it begins, how it is read, how it is written. */
import type { GivenDocument } from '../domain/interchange.ts';
import { usage } from '../errors.ts';
import {
  allBytes,
  type Chunks,
  checkJsonLength,
  decodeList,
  decodeText,
  type Encoding,
  linesOf,
} from './bytes.ts';
import { isCalendar, withWholeLetters } from './content-lines.ts';
import { readCsv, writeCsv } from './csv.ts';
import { readFhir } from './fhir/fhir-reader.ts';
import { writeFhir } from './fhir/fhir-writer.ts';
import { writeIcs } from './ics/ics-writer.ts';
import { readSchedule } from './ics/schedule.ts';
import { writeHtml, writeMarkdown } from './pages.ts';
import { readRapport, writeRapport } from './rapport.ts';
import { readVcards } from './vcard.ts';

type OptionsOf<R extends (input: never, options: never) => unknown> = Parameters<R>[1];
/** As asked for, or as detected. */
type InEncoding = { readonly encoding?: Encoding | undefined };

const isJson = (head: string): boolean => /^[{[]/.test(head);
const isRapport = (head: string): boolean => /"format"\s*:\s*"rapport"/.test(head);
const isFhir = (head: string): boolean => /"resourceType"\s*:/.test(head) && !isRapport(head);
const isXml = (head: string): boolean => /^<[?!A-Za-z]/.test(head);

/** What programs that know no Unicode write; says in a remark where that was assumed. */
async function readDecoded(
  chunks: Chunks | Uint8Array,
  encoding: Encoding | undefined,
  read: (text: Iterable<string>) => Promise<GivenDocument>,
): Promise<GivenDocument> {
  const bytes = chunks instanceof Uint8Array ? chunks : await allBytes(chunks);
  const { text, guessed } = decodeList(bytes, encoding);
  const document = await read(text);
  if (guessed === undefined) return document;
  const remark = 'read as Windows-1252, since it is not UTF-8; --encoding says otherwise';
  return { ...document, remarks: [remark, ...document.remarks] };
}

/** `sniff` gets the beginning of a file, without blanks before it. */
export const formats = {
  rapport: {
    sniff: (head: string) => isJson(head) && !isFhir(head),
    read: async (chunks: Chunks, options: OptionsOf<typeof readRapport>) =>
      readRapport(decodeText(await allBytes(chunks, checkJsonLength)), options),
    write: writeRapport,
    lineEnd: '\n',
    endings: ['json'],
  },
  fhir: {
    sniff: (head: string) => isJson(head) && isFhir(head),
    read: (chunks: Chunks, { encoding = 'utf-8', ...options }: OptionsOf<typeof readFhir> & InEncoding) =>
      readFhir(linesOf(chunks, encoding), options),
    write: writeFhir,
    lineEnd: '\n',
    endings: [],
  },
  csv: {
    sniff(head: string) {
      const line = /^[^\r\n]*/.exec(head)?.[0] ?? '';
      return /[,;\t|]/.test(line) && !/[\u0000-\u0008\u000e-\u001f]/.test(line);
    },
    read: (chunks: Chunks, options: OptionsOf<typeof readCsv> & InEncoding) =>
      readDecoded(chunks, options.encoding, (text) => readCsv(text, options)),
    write: writeCsv,
    lineEnd: '\r\n',
    endings: ['csv'],
  },
  vcard: {
    sniff: (head: string) => /^BEGIN:VCARD\b/i.test(head),
    read: async (chunks: Chunks, options: OptionsOf<typeof readVcards>) =>
      readVcards(withWholeLetters(await allBytes(chunks)), options),
  },
  ics: {
    sniff: isCalendar,
    read: async (chunks: Chunks, options: OptionsOf<typeof readSchedule> & InEncoding) =>
      readDecoded(withWholeLetters(await allBytes(chunks)), options.encoding, (text) =>
        readSchedule([...text].join(''), options),
      ),
    write: writeIcs,
    lineEnd: '\r\n',
    endings: ['ics'],
  },
  markdown: { write: writeMarkdown, lineEnd: '\n', endings: ['md', 'markdown'] },
  html: { write: writeHtml, lineEnd: '\n', endings: ['html', 'htm'] },
};

export const importFormats = ['rapport', 'fhir', 'csv', 'vcard', 'ics'] as const;
export type ImportFormat = (typeof importFormats)[number];
export const exportFormats = ['rapport', 'markdown', 'html', 'csv', 'ics', 'fhir'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** Characters. */
const headLength = 4096;

/** @throws usage where the format is unknown, or not the one asked for */
export function settleFormat(text: string, asked: ImportFormat | undefined): ImportFormat {
  const head = text.slice(0, headLength).trimStart();
  if (head === '' && text.trim() === '') throw usage('the file is empty');
  const known = `formats: ${importFormats.join(', ')}`;
  if (isXml(head))
    throw usage("the file looks like XML, which can't be imported", 'FHIR is read as JSON', known);
  const found = importFormats.find((name) => formats[name].sniff(head));
  // A list with one column has no separator; a resource may name its type late.
  const mayBe =
    asked === 'csv' ? found === undefined : asked === 'fhir' && found === 'rapport' && !isRapport(head);
  if (asked !== undefined && mayBe) return asked;
  if (found === undefined)
    throw usage(
      asked === undefined ? "the file's format is not known" : `the file does not look like ${asked}`,
      known,
    );
  if (asked !== undefined && asked !== found)
    throw usage(`the file looks like ${found}, not ${asked}`, `rapport import … --format ${found}`);
  return found;
}
