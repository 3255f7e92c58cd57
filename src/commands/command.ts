/** What a command declares, from which help, completion and docs are made; and its words as commander split them. */

import type { Context } from '../context.ts';
import type { CivilDate } from '../dates/civil.ts';
import { type ExitName, usage } from '../errors.ts';

/** What completion offers for a word that has no fixed choices. */
export type Named = 'patient' | 'promise' | 'note' | 'record' | 'file' | 'folder';

export interface ArgumentDeclaration {
  readonly name: string;
  readonly help: string;
  readonly optional?: boolean;
  readonly variadic?: boolean;
  /** What it can be, offered while it is typed; the command itself refuses others. */
  readonly choices?: readonly string[];
  /** Where its name does not say it. */
  readonly takes?: Named;
}

export interface OptionDeclaration {
  /** As commander writes them: '--on <date>', '--all', '-k, --kind <kind>'. */
  readonly flags: string;
  readonly help: string;
  readonly repeat?: boolean;
  readonly choices?: readonly string[];
  /** Where the placeholder in its flags does not say it. */
  readonly takes?: Named;
}

export const commandGroups = ['Every day', 'Patients', 'Records', 'In and out', 'The vault', 'More'] as const;

export interface Declaration {
  /** 'brief', or 'patient add' below a group of commands. */
  readonly path: string;
  readonly summary: string;
  readonly group: (typeof commandGroups)[number];
  readonly arguments?: readonly ArgumentDeclaration[];
  readonly options?: readonly OptionDeclaration[];
  /** At least one; each begins with 'rapport'. */
  readonly examples: readonly string[];
  readonly access: 'none' | 'unlocked';
  /** For programs: listed nowhere. */
  readonly hidden?: true;
}

/** Dates are read before the vault is opened, so that bad input asks for no passphrase. */
export interface Reading {
  readonly today: () => CivilDate;
  readonly dateStyle: 'day-first' | 'month-first' | undefined;
  /** ISO weekday, 1 Monday to 7 Sunday; Monday where it is left out. */
  readonly weekStart?: number | undefined;
}

/** The words of the command line, as commander split them. */
export class RawInput {
  readonly #words: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly #options: Readonly<Record<string, unknown>>;
  readonly reading: Reading;

  constructor(
    words: Readonly<Record<string, string | readonly string[] | undefined>>,
    options: Readonly<Record<string, unknown>>,
    reading: Reading,
  ) {
    this.#words = words;
    this.#options = options;
    this.reading = reading;
  }

  words(name: string): readonly string[] {
    const value = this.#words[name];
    return value === undefined ? [] : typeof value === 'string' ? [value] : value;
  }

  /** The words of an argument joined by blanks, or undefined where there are none. */
  text(name: string): string | undefined {
    const joined = this.words(name).join(' ').trim();
    return joined === '' ? undefined : joined;
  }

  option(name: string): string | undefined {
    const value = this.#options[name];
    return typeof value === 'string' ? value : undefined;
  }

  options(name: string): readonly string[] {
    const value = this.#options[name];
    return Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [];
  }

  flag(name: string): boolean {
    return this.#options[name] === true;
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

export const globalOptions: readonly OptionDeclaration[] = [
  { flags: '--vault <folder>', help: 'the vault to use' },
  { flags: '--color <when>', help: 'auto, always or never', choices: ['auto', 'always', 'never'] },
  { flags: '--json', help: 'print one JSON document' },
  { flags: '--quiet', help: 'print results and errors only' },
  { flags: '--yes', help: 'answer yes to what would be asked' },
  { flags: '--no-input', help: 'never ask' },
  { flags: '--passphrase-stdin', help: 'read the passphrase from standard input' },
  { flags: '--screen-reader', help: 'plain lines, nothing drawn; config screen-reader keeps it so' },
  { flags: '--debug', help: 'show where an error came from' },
];

export const groupSummaries: Readonly<Record<string, string>> = {
  patient: 'add, list, show and change patients',
  person: 'people around a patient',
  key: 'passphrase and recovery code',
  calendar: 'closed days and time away',
};
