/**
 * Whom the words of a calendar's event mean. A handle, ref, id, identifier or a whole name is a match; so is a name of
 * several words among others, unless it may be a part of a longer name. What is less is a doubt, for a person to settle.
 */
import type { Saying } from './event-rules.ts';
import {
  bareTokens,
  isFullName,
  namesOf,
  placeOf,
  type Spelling,
  spellingsOf,
  type Token,
  tokensOf,
} from './name-spellings.ts';
import type { Patient } from './records.ts';
import { fold, foldedWords } from './text.ts';

export type Heard =
  | { readonly kind: 'known'; readonly patient: Patient }
  | { readonly kind: 'doubt'; readonly candidates: readonly Patient[]; readonly why: string }
  | { readonly kind: 'none' };

interface Found extends Spelling {
  readonly from: number;
  readonly isPart: boolean;
}

/** Of a text, in which names are looked for: a whole letter may stand in an event. */
const mostWords = 300;

/** What a patient is known by without a doubt, and by what words. */
export class NameIndex {
  readonly #exact = new Map<string, Set<Patient>>();
  readonly #byFirst = new Map<string, Spelling[]>();
  readonly #byWord = new Map<string, Set<Patient>>();
  readonly #byMark = new Map<string, Patient>();
  readonly #called = new Map<string, Set<Patient>>();

  constructor(patients: readonly Patient[]) {
    const put = (map: Map<string, Set<Patient>>, key: string, patient: Patient): void => {
      const known = map.get(key);
      if (known === undefined) map.set(key, new Set([patient]));
      else known.add(patient);
    };
    for (const patient of patients) {
      const { id, ref, handle, identifiers, aliases, goes_by, name } = patient;
      for (const key of [id, ref, handle, ...identifiers.map(({ value }) => value), ...aliases])
        put(this.#exact, fold(key), patient);
      this.#byMark.set(ref, patient).set(handle, patient);
      for (const spelling of spellingsOf(patient)) {
        const [first = ''] = spelling.words;
        put(this.#exact, keyOf(spelling), patient);
        if (!isFullName(spelling.words)) continue;
        const known = this.#byFirst.get(first);
        if (known === undefined) this.#byFirst.set(first, [spelling]);
        else known.push(spelling);
      }
      for (const word of new Set(namesOf(patient).flatMap(foldedWords))) put(this.#byWord, word, patient);
      for (const called of [handle, goes_by ?? '', ...aliases]) {
        const [word, another] = foldedWords(called);
        if (word !== undefined && another === undefined) put(this.#called, word, patient);
      }
      const words = foldedWords(name);
      for (const word of [words[0], words.at(-1)]) if (word !== undefined) put(this.#called, word, patient);
    }
  }

  /** Whom an event means: the first rule that finds somebody has the word. */
  hear(groups: readonly (readonly Saying[])[]): Heard {
    for (const group of groups) {
      const heard = group.map((saying) => this.#one(saying));
      const known = new Set(heard.flatMap((one) => (one.kind === 'known' ? [one.patient] : [])));
      const [only, another] = known;
      if (only !== undefined && another === undefined) return { kind: 'known', patient: only };
      if (only !== undefined) return doubt(known, 'it names several patients');
      const first = heard.find((one) => one.kind === 'doubt');
      if (first !== undefined) return first;
    }
    return { kind: 'none' };
  }

  #one({ text, as }: Saying): Heard {
    const tokens = tokensOf(text).slice(0, mostWords);
    // One word of a calendar may be a colleague's first name as well as a patient's.
    const isMeant = as === 'name' || /[\d@]/.test(text) || isFullName(tokens.map(({ word }) => word));
    const whole = isMeant ? (this.#exact.get(fold(text)) ?? this.#exact.get(writtenKey(tokens))) : undefined;
    if (whole !== undefined) return settle(whole, 'several patients are called so');
    if (as !== 'prose') return this.#partly(tokens);
    const marked = this.#marked(text);
    if (marked.size > 0) return settle(marked, 'several patients are named');
    const heard = this.#within(tokens);
    return heard.kind === 'none' ? this.#partly(bareTokens(tokens)) : heard;
  }

  /** Handles written as they are, and refs: as the whole text, or in brackets. */
  #marked(text: string): ReadonlySet<Patient> {
    const marks = [text, ...[...text.matchAll(/[([]([^()[\]]+)[)\]]/g)].flatMap(([, mark]) => mark ?? [])];
    return new Set(marks.flatMap((mark) => this.#byMark.get(mark.trim()) ?? []));
  }

  /** Names of several words among others. */
  #within(tokens: readonly Token[]): Heard {
    const found: Found[] = [];
    for (const [from, token] of tokens.entries()) {
      for (const spelling of this.#byFirst.get(token.word) ?? []) {
        const place = placeOf(spelling, tokens, from);
        if (place !== undefined) found.push({ ...spelling, ...place, from });
      }
    }
    // A name within a longer one is not meant.
    const longest = found.filter(
      (one) =>
        !found.some(
          (other) =>
            other.words.length > one.words.length &&
            other.from <= one.from &&
            other.from + other.words.length >= one.from + one.words.length,
        ),
    );
    const sure = longest.filter(({ isPart }) => !isPart);
    const named = new Set((sure.length > 0 ? sure : longest).map(({ patient }) => patient));
    if (named.size === 0) return { kind: 'none' };
    if (sure.length === 0) return doubt(named, 'the name may be part of a longer one');
    return settle(named, 'several patients are named');
  }

  /** Two words of a name, or nothing but one: never enough. */
  #partly(tokens: readonly Token[]): Heard {
    const counts = new Map<Patient, number>();
    for (const word of new Set(tokens.map((token) => token.word)))
      for (const patient of this.#byWord.get(word) ?? []) counts.set(patient, (counts.get(patient) ?? 0) + 1);
    const several = [...counts].filter(([, count]) => count > 1).map(([patient]) => patient);
    if (several.length > 0) return doubt(several, 'only a part of the name');
    const [only, another] = tokens;
    const called =
      only !== undefined && another === undefined ? this.#called.get(only.word) : this.#goingBy(tokens);
    return called === undefined || called.size === 0
      ? { kind: 'none' }
      : doubt(called, 'only one word of the name');
  }

  /** One word with a capital that is what a patient goes by. */
  #goingBy(tokens: readonly Token[]): ReadonlySet<Patient> {
    const found = tokens.flatMap(({ text, word }) =>
      /^\p{Ll}/u.test(text)
        ? []
        : [...(this.#called.get(word) ?? [])].filter(({ goes_by, aliases }) =>
            [goes_by ?? '', ...aliases].some((name) => foldedWords(name).join(' ') === word),
          ),
    );
    return new Set(found);
  }
}

/** Words, with where the comma stands. */
const keyOf = ({ words, comma }: Pick<Spelling, 'words' | 'comma'>): string => `${words.join(' ')}\n${comma}`;

function writtenKey(tokens: readonly Token[]): string {
  const comma = tokens.findIndex(({ gap }) => /,/u.test(gap));
  return keyOf({ words: tokens.map(({ word }) => word), comma: Math.max(0, comma) });
}

const doubt = (candidates: Iterable<Patient>, why: string): Heard => ({
  kind: 'doubt',
  candidates: [...candidates],
  why,
});

/** The one who is meant: of namesakes the one who is alive. */
function settle(patients: ReadonlySet<Patient>, why: string): Heard {
  const living = [...patients].filter(({ status }) => status !== 'died');
  const [only, another] = living.length > 0 ? living : [...patients];
  return only !== undefined && another === undefined
    ? { kind: 'known', patient: only }
    : doubt(living.length > 0 ? living : patients, why);
}
