/** `rapport search <words…>`: notes and promises by their words, newest entered first. */

import { command, type Kind, next } from '../cli/command.ts';
import { askedText, day, flag, oneOf, page, text, textOf } from '../cli/kinds.ts';
import type { Store } from '../context.ts';
import { noteKinds, type Patient } from '../domain/records.ts';
import { foldedWords } from '../domain/text.ts';
import { usage } from '../errors.ts';
import type { SearchResult } from '../store/text-search.ts';
import { patientDocument, renderSearchResults } from '../terminal/record-lists.ts';
import { onePatient } from './lookup.ts';

const pageLength = 20;
const mostTerms = 30;

const patientsOf = (result: SearchResult, store: Store): ReadonlyMap<string, Patient> =>
  new Map(
    [...new Set(result.hits.map((hit) => hit.patient_id))].flatMap((id) => {
      const patient = store.patients.byId(id);
      return patient === undefined ? [] : [[id, patient] as const];
    }),
  );

function remarks(page: number, { total, hits, private: hidden, isMore }: SearchResult): readonly string[] {
  const first = (page - 1) * pageLength + 1;
  const last = first + hits.length - 1;
  const isCut = last < total || isMore;
  return [
    ...(hits.length === 0 && total === 0 ? ['Nothing found'] : []),
    ...(hits.length === 0 && total > 0
      ? [`There are only ${total}: the last page is --page ${Math.ceil(total / pageLength)}`]
      : []),
    ...(hits.length > 0 && total > hits.length
      ? [
          `${first} to ${last} of ${isMore ? `more than ${total}` : total}${isCut ? `: add --page ${page + 1}` : ''}`,
        ]
      : []),
    ...(hidden > 0 ? [`+ ${hidden} private: add --sensitive`] : []),
  ];
}

function termsOf(text: string | null): readonly string[] {
  const terms = text?.split(/\s+/u) ?? [];
  if (terms.every((term) => foldedWords(term).length === 0))
    throw usage('there is no word to search for', 'rapport search choir', 'rapport search - reads them');
  if (terms.length > mostTerms)
    throw usage(`${terms.length} words to search for; the limit is ${mostTerms}`, 'rapport search choir');
  return terms;
}

/** Others can read the command line, so that they can be asked for, or come by standard input. */
const terms: Kind<readonly string[]> = {
  help: 'words or their beginnings, all of which must be there; - reads standard input; asked for if left out',
  optional: true,
  variadic: true,
  read(raw, shut, has) {
    const typed = textOf(raw);
    if (typed !== undefined && typed !== '-') {
      const known = termsOf(typed);
      return () => known;
    }
    const given = text('what to search for', '').read(typed, shut, has);
    return async (ctx) => termsOf(await askedText(await given(ctx), 'Search for?', ctx));
  },
};

export const search = command({
  path: 'search',
  summary: 'find notes and promises by their words',
  arguments: { words: terms },
  options: {
    patient: onePatient('of one patient'),
    kind: oneOf(noteKinds, '<kind>', 'notes of one kind'),
    since: day('back', 'recorded on that day or later'),
    sensitive: flag('find sensitive notes, too'),
    page: page(pageLength),
  },
  examples: [
    'rapport search',
    'rapport search choir',
    'rapport search fly knee --patient malu',
    'rapport search dog --kind family --page 2',
  ],
  run({ words, patient, kind, since, sensitive, page }, { store, clock, output }) {
    const result = store.search({
      words,
      sensitive,
      limit: pageLength,
      offset: (page - 1) * pageLength,
      ...(patient !== undefined && { patientId: patient.id }),
      ...(kind !== undefined && { kinds: [kind] }),
      ...(since !== undefined && { since }),
    });
    const { hits, total, isMore } = result;
    const patients = patientsOf(result, store);
    return {
      json: () => ({
        hits: hits.map(({ patient_id, ...hit }) => {
          const whose = patients.get(patient_id);
          return { ...hit, patient: whose === undefined ? null : patientDocument(whose) };
        }),
        total,
        private: result.private,
        more: isMore,
        page,
      }),
      text: async () => {
        const list = await renderSearchResults({ hits, words, patients, today: clock.today() }, output);
        const lines = remarks(page, result).map(output.style.quiet);
        return [...(list === '' ? [] : [list]), ...lines].join('\n');
      },
      paged: true,
      looked: patient === undefined ? { count: hits.length } : { patientId: patient.id },
      notices: total + result.private === 0 ? [next('fewer words, or only their beginnings')] : [],
    };
  },
});
