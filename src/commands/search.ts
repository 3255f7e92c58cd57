/** `rapport search <words…>`: notes and promises by their words, newest entered first. */

import type { Context, Store } from '../context.ts';
import type { CivilDate } from '../dates/civil.ts';
import { type NoteKind, noteKinds, type Patient } from '../domain/records.ts';
import { foldedWords } from '../domain/text.ts';
import { type ExitName, usage } from '../errors.ts';
import type { SearchResult } from '../store/store.ts';
import { patientDocument, renderSearchResults } from '../terminal/record-lists.ts';
import { recordWhile } from './access-log.ts';
import { defineCommand } from './command.ts';
import { findPatient, suggestNext } from './lookup.ts';
import { dayOption, optionalText, readPage } from './options.ts';

interface SearchWords {
  /** Undefined is asked for, '-' is standard input: on the command line others could read them. */
  readonly words: readonly string[] | '-' | undefined;
  readonly patient: string | undefined;
  readonly kind: NoteKind | undefined;
  readonly since: CivilDate | undefined;
  readonly sensitive: boolean;
  readonly page: number;
}

const pageLength = 20;
const mostTerms = 30;

const patientsOf = (result: SearchResult, store: Store): ReadonlyMap<string, Patient> =>
  new Map(
    [...new Set(result.hits.map((hit) => hit.patient_id))].flatMap((id) => {
      const patient = store.patients.byId(id);
      return patient === undefined ? [] : [[id, patient] as const];
    }),
  );

function remarks(request: SearchWords, result: SearchResult): readonly string[] {
  const { total, hits, private: hidden, isMore } = result;
  const first = (request.page - 1) * pageLength + 1;
  const last = first + hits.length - 1;
  return [
    ...(hits.length === 0
      ? [
          total === 0
            ? 'Nothing found'
            : `There are only ${total}: the last page is --page ${Math.ceil(total / pageLength)}`,
        ]
      : total > hits.length
        ? [
            `${first} to ${last} of ${isMore ? `more than ${total}` : total}${
              last < total || isMore ? `: add --page ${request.page + 1}` : ''
            }`,
          ]
        : []),
    ...(hidden > 0 ? [`+ ${hidden} private: add --sensitive`] : []),
  ];
}

function wordsOf(text: string | null): readonly string[] {
  const words = text?.split(/\s+/u) ?? [];
  if (words.every((word) => foldedWords(word).length === 0))
    throw usage('there is no word to search for', 'rapport search choir', 'rapport search - reads them');
  if (words.length > mostTerms)
    throw usage(`${words.length} words to search for; the limit is ${mostTerms}`, 'rapport search choir');
  return words;
}

async function gatherWords(words: SearchWords['words'], ctx: Context): Promise<readonly string[]> {
  if (words !== undefined && words !== '-') return words;
  // The passphrase comes first, typed or as standard input's first line.
  await ctx.openStore();
  return wordsOf(await optionalText(words, 'what to search for', 'Search for?', ctx));
}

async function runSearch(request: SearchWords, ctx: Context): Promise<ExitName> {
  const { output, globals } = ctx;
  const words = await gatherWords(request.words, ctx);
  const patient = request.patient === undefined ? undefined : await findPatient([request.patient], ctx);
  const store = await ctx.openStore();
  const result = store.search({
    words,
    sensitive: request.sensitive,
    limit: pageLength,
    offset: (request.page - 1) * pageLength,
    ...(patient !== undefined && { patientId: patient.id }),
    ...(request.kind !== undefined && { kinds: [request.kind] }),
    ...(request.since !== undefined && { since: request.since }),
  });
  const patients = patientsOf(result, store);
  let showing: Promise<void> | undefined;
  if (globals.json)
    output.json({
      schema: 'rapport.search/1',
      hits: result.hits.map(({ patient_id, ...hit }) => {
        const whose = patients.get(patient_id);
        return { ...hit, patient: whose === undefined ? null : patientDocument(whose) };
      }),
      total: result.total,
      private: result.private,
      more: result.isMore,
      page: request.page,
    });
  else {
    const { columns, style } = output;
    const today = ctx.clock.today();
    const { hits } = result;
    const list = renderSearchResults({ hits, words, patients, today, columns, style });
    const lines = remarks(request, result).map((line) => style.quiet(line));
    showing = output.page([...(list === '' ? [] : [list]), ...lines].join('\n'));
  }
  if (result.total + result.private === 0) suggestNext('fewer words, or only their beginnings', ctx);
  const record = (): boolean =>
    patient === undefined
      ? store.log.listed('search', result.hits.length)
      : store.log.opened('search', patient.id);
  await recordWhile(showing, record, ctx);
  return 'ok';
}

export const search = defineCommand<SearchWords>({
  path: 'search',
  summary: 'find notes and promises by their words',
  group: 'Records',
  arguments: [
    {
      name: 'words',
      help: 'words or their beginnings, all of which must be there; - reads standard input; asked for if left out',
      optional: true,
      variadic: true,
    },
  ],
  options: [
    { flags: '--patient <patient>', help: 'of one patient' },
    { flags: '--kind <kind>', help: 'notes of one kind', choices: noteKinds },
    { flags: '--since <date>', help: 'recorded on that day or later' },
    { flags: '--sensitive', help: 'find sensitive notes, too' },
    { flags: '--page <number>', help: 'the next 20, and so on' },
  ],
  examples: [
    'rapport search',
    'rapport search choir',
    'rapport search fly knee --patient malu',
    'rapport search dog --kind family --page 2',
  ],
  parse: (raw) => {
    const text = raw.text('words');
    return {
      words: text === undefined || text === '-' ? text : wordsOf(text),
      patient: raw.option('patient'),
      kind: raw.oneOf('kind', noteKinds),
      since: dayOption(raw, 'since', 'back'),
      sensitive: raw.flag('sensitive'),
      page: readPage(raw) ?? 1,
    };
  },
  run: runSearch,
});
