/** From an import's source to a document: the format settled by the first bytes, then each format's own reader. */
import { type Given, type Kind, optionName } from '../cli/command.ts';
import { checked, day, flag, oneOf, parsed, plain, repeated, wordsOf } from '../cli/kinds.ts';
import type { Context } from '../context.ts';
import { addMonths } from '../dates/civil.ts';
import { type EventRule, readEventRules } from '../domain/event-rules.ts';
import { usage } from '../errors.ts';
import { type Chunks, type Encoding, peekChunks, readEncoding, sniffEncoding } from '../formats/bytes.ts';
import {
  csvFields,
  type ListHabits,
  mapSetting,
  readHabits,
  readMappings,
  readSeparator,
} from '../formats/csv-mapping.ts';
import { checkIdentifierSystems } from '../formats/fhir/fhir-people.ts';
import type { Window } from '../formats/ics/times.ts';
import { formats, type ImportFormat, importFormats, settleFormat } from '../formats/registry.ts';

interface FormatOption {
  readonly formats: readonly ImportFormat[];
}

/** An option of these formats alone, which its help begins with. */
const only = <T>(formats: readonly ImportFormat[], kind: Kind<T>): Kind<T> & FormatOption => ({
  ...kind,
  help: `${formats.join(', ')}: ${kind.help}`,
  formats,
});

/** How the patient of an event is found. */
export const eventRules = (help: string): Kind<readonly EventRule[]> =>
  plain(help, (raw) => readEventRules(wordsOf(raw)), { value: '<rule>', repeat: true });

/** How a file is read. Bad values are refused before it is, so that they cost nothing. */
export const readingOptions = {
  format: oneOf(importFormats, '<format>', 'guessed from the file unless given'),
  map: only(
    ['csv'],
    checked(
      repeated(
        '<field=column>',
        `a field and its column, or columns joined by +; fields: ${csvFields.join(', ')}`,
      ),
      readMappings,
    ),
  ),
  mapName: only(
    ['csv'],
    parsed(
      '<name>',
      'remember --map, --separator and --encoding under a name, or use what is remembered',
      mapSetting,
    ),
  ),
  separator: only(
    ['csv'],
    parsed('<mark>', 'comma, semicolon, tab, pipe or the character; found out unless given', readSeparator),
  ),
  encoding: only(
    ['csv', 'ics'],
    parsed('<name>', 'utf-8, utf-16, windows-1252, …; found out unless given', readEncoding),
  ),
  cleanNames: only(['csv', 'fhir', 'vcard'], flag('cut digits from names')),
  identifierSystem: only(
    ['fhir'],
    checked(
      repeated('<uri>', 'keep identifiers of this system, to know patients by; others are dropped'),
      checkIdentifierSystems,
    ),
  ),
  withTasks: only(['fhir'], flag('Task and CommunicationRequest as promises')),
  match: only(
    ['ics'],
    eventRules('where an event names its patient: summary, attendee, X-PATIENT, summary=Visit: {patient}*'),
  ),
  since: only(['ics'], day('nearest', 'nothing before; recurring events from here, else from today')),
  until: only(['ics'], day('nearest', 'nothing after; recurring events to here, else for a year')),
  skipBad: flag('leave out bad records instead of stopping'),
};

export interface ReadingRequest extends Given<typeof readingOptions> {
  readonly file: string;
}

/** Bytes; a text can hardly be longer in memory. */
const largestFile = 500 * 1024 * 1024;

function checkOptions(format: ImportFormat, request: ReadingRequest): void {
  const options: Readonly<Record<string, Kind<unknown> & Partial<FormatOption>>> = readingOptions;
  for (const [option, value] of Object.entries(request)) {
    const { formats = importFormats } = options[option] ?? {};
    const isGiven = Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
    if (isGiven && !formats.includes(format))
      throw usage(`${optionName(option)} is for ${formats.join(', ')}, and the file is ${format}`);
  }
}

/** What --map and its like say, or what was remembered under --map-name. @throws usage */
function habitsOf({ map, mapName, separator, encoding }: ReadingRequest, { settings }: Context): ListHabits {
  const isKnown = mapName !== undefined && map.length === 0;
  const known = isKnown ? readHabits(settings.values()[mapName], mapName) : { map };
  return { ...known, ...(separator && { separator }), ...(encoding && { encoding }) };
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
    rules: match.length > 0 ? match : readEventRules([settings.read().eventRules]),
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
  encoding: Encoding | undefined,
  asked: ImportFormat | undefined,
): { readonly format: ImportFormat; readonly shown: Encoding | undefined } {
  const shown = encoding ?? sniffEncoding(head);
  return { format: settleFormat(new TextDecoder(shown ?? 'utf-8').decode(head), asked), shown };
}

/** Reads an import; `open` opens the vault. @throws usage, not-found, conflict */
export async function readImport(request: ReadingRequest, ctx: Context, open: () => Promise<unknown>) {
  const { file, cleanNames, skipBad, withTasks, map, mapName } = request;
  const arriving = (await ctx.files()).readChunks(file, largestFile);
  return peekChunks(openingOnTheWay(arriving, open), async (head, chunks) => {
    const asked = request.format ?? (map.length > 0 || mapName !== undefined ? 'csv' : undefined);
    const { format, shown: encoding } = settleIncoming(head, request.encoding, asked);
    checkOptions(format, request);
    // How their days and times are read is among the vault's settings. Of the others, what is none is told before.
    if (format === 'csv' || format === 'ics' || format === 'fhir') await open();
    const { clock, settings } = ctx;
    const common = { today: clock.today(), zone: clock.zone, encoding, cleanNames, skipBad };
    if (format === 'csv') {
      const habits = habitsOf(request, ctx);
      const { dateStyle } = settings.read();
      const options = { ...common, ...habits, mappings: readMappings(habits.map), dateStyle };
      const remember =
        mapName === undefined ? undefined : () => settings.write(mapName, JSON.stringify(habits));
      return { format, document: await formats.csv.read(chunks, options), remember };
    }
    if (format === 'ics') {
      const options = { ...calendarOptions(request, ctx), encoding };
      return { format, document: await formats.ics.read(chunks, options) };
    }
    const identifierSystems = new Set(request.identifierSystem);
    const options = { ...common, toLocal: clock.local, identifierSystems, withTasks };
    return { format, document: await formats[format].read(chunks, options) };
  });
}
