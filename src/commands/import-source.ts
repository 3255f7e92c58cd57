/** From an import's source to a document: the format settled by the first bytes, then each format's own reader. */

import { type Given, optionName } from '../cli/command.ts';
import { checked, day, flag, oneOf, repeated, word } from '../cli/kinds.ts';
import type { Context } from '../context.ts';
import { addMonths } from '../dates/civil.ts';
import { readEventRules } from '../domain/event-rules.ts';
import type { GivenDocument } from '../domain/interchange.ts';
import { usage } from '../errors.ts';
import { type Chunks, type Encoding, peekChunks, readEncoding, sniffEncoding } from '../formats/bytes.ts';
import { readSeparator } from '../formats/csv.ts';
import {
  csvFields,
  type ListHabits,
  mapSetting,
  readHabits,
  readMappings,
  writeHabits,
} from '../formats/csv-mapping.ts';
import { readIdentifierSystems } from '../formats/fhir/fhir-people.ts';
import type { Window } from '../formats/ics/recurrence.ts';
import { formats, type ImportFormat, importFormats, settleFormat } from '../formats/registry.ts';

const oneWord =
  (read: (word: string) => unknown) =>
  ([typed]: readonly string[]) =>
    typed === undefined ? undefined : read(typed);

/** How a file is read. Bad values are refused before it is, so that they cost nothing. */
export const readingOptions = {
  format: oneOf(importFormats, '<format>', 'guessed from the file unless given'),
  map: checked(
    repeated(
      '<field=column>',
      `csv: a field and its column, or columns joined by +; fields: ${csvFields.join(', ')}`,
    ),
    readMappings,
  ),
  mapName: checked(
    word('<name>', 'csv: remember --map, --separator and --encoding under a name, or use what is remembered'),
    oneWord(mapSetting),
  ),
  separator: checked(
    word('<mark>', 'csv: comma, semicolon, tab, pipe or the character; found out unless given'),
    oneWord(readSeparator),
  ),
  encoding: checked(
    word('<name>', 'csv, ics: utf-8, utf-16, windows-1252, …; found out unless given'),
    oneWord(readEncoding),
  ),
  cleanNames: flag('csv, fhir, vcard: cut digits from names'),
  identifierSystem: checked(
    repeated('<uri>', 'fhir: keep identifiers of this system, to know patients by; others are dropped'),
    readIdentifierSystems,
  ),
  withTasks: flag('fhir: Task and CommunicationRequest as commitments'),
  match: checked(
    repeated(
      '<rule>',
      'ics: where an event names its patient: summary, attendee, X-PATIENT, summary=Visit: {patient}*',
    ),
    readEventRules,
  ),
  since: day('nearest', 'ics: nothing before; recurring events from here, else from today'),
  until: day('nearest', 'ics: nothing after; recurring events to here, else for a year'),
  skipBad: flag('leave out bad records instead of stopping'),
};

export interface ReadingRequest extends Given<typeof readingOptions> {
  readonly file: string;
}

interface ReadImport {
  readonly format: ImportFormat;
  readonly document: GivenDocument;
  readonly remember?: (() => void) | undefined;
}

/** Bytes; a text can hardly be longer in memory. */
const largestFile = 500 * 1024 * 1024;

const formatsFor: { readonly [option in keyof ReadingRequest]?: readonly ImportFormat[] } = {
  map: ['csv'],
  mapName: ['csv'],
  separator: ['csv'],
  encoding: ['csv', 'ics'],
  cleanNames: ['csv', 'fhir', 'vcard'],
  identifierSystem: ['fhir'],
  withTasks: ['fhir'],
  match: ['ics'],
  since: ['ics'],
  until: ['ics'],
};

function checkOptions(format: ImportFormat, request: ReadingRequest): void {
  for (const [option, value] of Object.entries(request)) {
    const formats = formatsFor[option as keyof ReadingRequest];
    const isGiven = Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
    if (isGiven && formats !== undefined && !formats.includes(format))
      throw usage(`${optionName(option)} is for ${formats.join(', ')}, and the file is ${format}`);
  }
}

/** What --map and its like say, or what was remembered under --map-name. @throws usage */
function listHabits(request: ReadingRequest, { settings }: Context): ListHabits {
  const { map, mapName, separator, encoding } = request;
  if (mapName === undefined || map.length > 0) return { map, separator, encoding };
  const setting = mapSetting(mapName);
  const known = settings.values()[setting];
  if (known === undefined)
    throw usage(
      `--map-name: no mapping '${mapName}' is remembered`,
      `say it once: rapport import … --map-name ${mapName} --map name=COLUMN`,
    );
  const habits = readHabits(known, setting);
  return { map: habits.map, separator: separator ?? habits.separator, encoding: encoding ?? habits.encoding };
}

/** How a calendar is read. @param window of recurrences, where it is not as --since and --until say */
export function calendarOptions(
  { match, since, until }: Pick<ReadingRequest, 'match' | 'since' | 'until'>,
  { clock, settings }: Pick<Context, 'clock' | 'settings'>,
  window?: Window,
) {
  const today = clock.today();
  const ahead = since !== undefined && since > today ? since : today;
  return {
    rules: match.length > 0 ? readEventRules(match) : settings.read().eventRules,
    window: window ?? { from: since ?? today, until: until ?? addMonths(ahead, 12) },
    singles: { ...(since && { from: since }), ...(until && { until }) },
    zone: clock.zone,
  };
}

const longFile = 4 * 1024 * 1024;

/**
 * Deriving a key takes much memory for a moment. That moment should not come on top of all that a long file leaves, so
 * the vault is opened while there is little yet; short files are looked through before anybody is asked for anything.
 */
async function* openingOnTheWay(chunks: Chunks, open: () => Promise<unknown>): Chunks {
  let length = 0;
  for await (const chunk of chunks) {
    if (length < longFile && length + chunk.length >= longFile) await open();
    length += chunk.length;
    yield chunk;
  }
}

/** What a file is, by how it begins. @throws usage where that is another format than asked for, or none */
export function settleIncoming(
  head: Uint8Array,
  encoding: string | undefined,
  asked: ImportFormat | undefined,
): { readonly format: ImportFormat; readonly shown: Encoding | undefined } {
  const seen = sniffEncoding(head);
  const shown = encoding === undefined ? seen : readEncoding(encoding);
  return { format: settleFormat(new TextDecoder(shown ?? 'utf-8').decode(head), asked), shown };
}

/** Reads an import; `open` opens the vault. @throws usage, not-found, conflict */
export async function readImport(
  request: ReadingRequest,
  ctx: Context,
  open: () => Promise<unknown>,
): Promise<ReadImport> {
  const { file, cleanNames, skipBad, withTasks, mapName } = request;
  const arriving =
    file === '-' ? ctx.stdin.readChunks(largestFile) : (await ctx.files()).readChunks(file, largestFile);
  return peekChunks(openingOnTheWay(arriving, open), async (head, chunks) => {
    const isList = request.map.length > 0 || mapName !== undefined;
    const { format, shown: encoding } = settleIncoming(
      head,
      request.encoding,
      request.format ?? (isList ? 'csv' : undefined),
    );
    checkOptions(format, request);
    // How their days and times are read is among the vault's settings. Of the others, what is none is told before.
    if (format === 'csv' || format === 'ics' || format === 'fhir') await open();
    const { clock, settings } = ctx;
    const common = { today: clock.today(), zone: clock.zone, encoding, cleanNames, skipBad };
    if (format === 'csv') {
      const habits = listHabits(request, ctx);
      const document = await formats.csv.read(chunks, {
        ...common,
        mappings: readMappings(habits.map),
        separator: habits.separator === undefined ? undefined : readSeparator(habits.separator),
        encoding: habits.encoding === undefined ? encoding : readEncoding(habits.encoding),
        dateStyle: settings.read().dateStyle,
      });
      const remember =
        mapName === undefined ? undefined : () => settings.write(mapSetting(mapName), writeHabits(habits));
      return { format, document, remember };
    }
    if (format === 'ics')
      return {
        format,
        document: await formats.ics.read(chunks, { ...calendarOptions(request, ctx), encoding }),
      };
    const identifierSystems = readIdentifierSystems(request.identifierSystem);
    const options = { ...common, toLocal: clock.local, identifierSystems, withTasks };
    return { format, document: await formats[format].read(chunks, options) };
  });
}
