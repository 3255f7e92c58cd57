/**
 * What must be in a vault that several write to at once. All that a test puts in has a word of its own, so that one
 * fact is 'note w1x7' or 'tried w0x3'. A command adds facts and takes some away, all or none.
 */
import { expect } from 'vitest';

export interface Effect {
  readonly adds: readonly string[];
  readonly removes: readonly string[];
}

/** Where a fact stands: the id of its record, and the word of its patient. */
export interface Found {
  readonly id: string;
  readonly patient: string;
}
export type Facts = ReadonlyMap<string, Found>;

interface Known {
  readonly isThere: boolean;
  readonly version: number;
}

export class Model {
  #known = new Map<string, Known>();
  /** Under way, or cut off so that nobody can tell. */
  readonly #open = new Set<Effect>();
  readonly #unknown = new Set<Effect>();

  constructor(facts: Facts) {
    for (const fact of facts.keys()) this.#set(fact, true);
  }

  #set(fact: string, isThere: boolean): void {
    this.#known.set(fact, { isThere, version: (this.#known.get(fact)?.version ?? 0) + 1 });
  }

  begin(effect: Effect): void {
    this.#open.add(effect);
  }

  end(effect: Effect, outcome: 'done' | 'nothing' | 'unknown'): void {
    if (outcome === 'unknown') {
      this.#unknown.add(effect);
      return;
    }
    this.#open.delete(effect);
    if (outcome === 'nothing') return;
    for (const fact of effect.adds) this.#set(fact, true);
    for (const fact of effect.removes) this.#set(fact, false);
  }

  /** What nobody is changing now. */
  certain(): ReadonlyMap<string, Known> {
    const touched = new Set([...this.#open].flatMap(({ adds, removes }) => [...adds, ...removes]));
    return new Map([...this.#known].filter(([fact]) => !touched.has(fact)));
  }

  isCertain(fact: string): boolean {
    return this.certain().get(fact)?.isThere === true;
  }

  /** What was certain then and was left alone since is so in what was read meanwhile. */
  expectSeen(then: ReadonlyMap<string, Known>, facts: Facts, where: string): void {
    const now = this.certain();
    const still = [...then].filter(([fact, { version }]) => now.get(fact)?.version === version);
    const wrong = still.filter(([fact, { isThere }]) => facts.has(fact) !== isThere);
    expect(
      wrong.map(([fact, { isThere }]) => `${fact} is ${isThere ? 'lost' : 'there'}`),
      where,
    ).toEqual([]);
  }

  /** Nobody writes any more: all is as it was said, and what was cut off is there whole or not at all. */
  settle(facts: Facts, where: string): void {
    for (const effect of this.#unknown) {
      const [first] = [
        ...effect.adds.map((fact) => facts.has(fact)),
        ...effect.removes.map((fact) => !facts.has(fact)),
      ];
      this.#open.delete(effect);
      if (first) this.end(effect, 'done');
    }
    this.#unknown.clear();
    expect(this.#open.size, where).toBe(0);
    const wanted = [...this.#known].flatMap(([fact, { isThere }]) => (isThere ? [fact] : []));
    expect([...facts.keys()].sort(), where).toEqual(wanted.sort());
  }
}

export const wordOf = (text: string): string | undefined => /w\d+x\d+/.exec(text)?.[0];

interface Document {
  readonly patients: readonly {
    readonly id: string;
    readonly name: string;
    readonly notes: readonly { readonly id: string; readonly text: string; readonly status: string }[];
    readonly commitments: readonly {
      readonly id: string;
      readonly text: string;
      readonly how: string | null;
      readonly attempts: readonly { readonly note: string | null }[];
    }[];
  }[];
}

/** Of an export, with all that bears a word of the test's. */
export function factsOf(text: string): Facts {
  const { patients }: Document = JSON.parse(text);
  const facts = new Map<string, Found>();
  for (const { id, name, notes, commitments } of patients) {
    const patient = wordOf(name) ?? id;
    const say = (kind: string, words: string | null, record: string): void => {
      const word = wordOf(words ?? '');
      if (word !== undefined) facts.set(`${kind} ${word}`, { id: record, patient });
    };
    say('patient', name, id);
    for (const note of notes) if (note.status === 'current') say('note', note.text, note.id);
    for (const promise of commitments) {
      say('promise', promise.text, promise.id);
      say('kept', promise.how, promise.id);
      for (const attempt of promise.attempts) say('tried', attempt.note, promise.id);
    }
  }
  return facts;
}
