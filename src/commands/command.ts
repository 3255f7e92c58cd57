/** A command that opens, prints and logs by itself, and its words as commander split them. */

import type { Words } from '../cli/command.ts';
import type { Declaration } from '../cli/declaration.ts';
import type { Context } from '../context.ts';
import type { CivilDate } from '../dates/civil.ts';
import { type ExitName, usage } from '../errors.ts';

/** Dates are read before the vault is opened, so that bad input asks for no passphrase. */
export interface Reading {
  readonly today: () => CivilDate;
  readonly dateStyle: 'day-first' | 'month-first' | undefined;
  /** ISO weekday, 1 Monday to 7 Sunday; Monday where it is left out. */
  readonly weekStart?: number | undefined;
}

/** The words of the command line, as commander split them. */
export class RawInput {
  readonly #words: Words;
  readonly reading: Reading;

  constructor(words: Words, reading: Reading) {
    this.#words = words;
    this.reading = reading;
  }

  words(name: string): readonly string[] {
    const value = this.#words[name];
    return value === undefined || value === true ? [] : typeof value === 'string' ? [value] : value;
  }

  /** The words of an argument joined by blanks, or undefined where there are none. */
  text(name: string): string | undefined {
    const joined = this.words(name).join(' ').trim();
    return joined === '' ? undefined : joined;
  }

  #option(name: string) {
    return this.#words[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())];
  }

  option(name: string): string | undefined {
    const value = this.#option(name);
    return typeof value === 'string' ? value : undefined;
  }

  options(name: string): readonly string[] {
    const value = this.#option(name);
    return Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [];
  }

  flag(name: string): boolean {
    return this.#option(name) === true;
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined {
    const value = this.option(name);
    if (value === undefined) return undefined;
    const known = values.find((candidate) => candidate === value.toLowerCase());
    if (known === undefined)
      throw usage(`'${value}' is not a value of --${name}`, `use ${values.join(', ')}`);
    return known;
  }
}

export interface Cell extends Declaration {
  readonly prepare: (raw: RawInput) => (ctx: Context) => Promise<ExitName>;
}

export interface CellParts<Request> extends Declaration {
  readonly parse: (raw: RawInput) => Request;
  readonly run: (request: Request, ctx: Context) => Promise<ExitName>;
}

export function defineCommand<Request>(parts: CellParts<Request>): Cell {
  const { parse, run, ...declaration } = parts;
  return {
    ...declaration,
    prepare: (raw) => {
      const request = parse(raw);
      return (ctx) => run(request, ctx);
    },
  };
}
