/** What a command is: what it takes, as kinds that read themselves, how far the vault is opened, what comes of it. */
import type { Context, Store } from '../context.ts';
import { type ExitName, Failure, usage } from '../errors.ts';

export const nameable = ['patient', 'promise', 'note', 'record', 'file', 'folder'] as const;
export type Named = (typeof nameable)[number];

interface Taken {
  readonly help: string;
  readonly optional?: boolean;
  readonly variadic?: boolean;
  readonly repeat?: boolean;
  /** What it can be, offered while it is typed; an argument's command itself refuses others. */
  readonly choices?: readonly string[];
  readonly near?: ReadonlyMap<string, string>;
  /** Where neither its name nor its placeholder says it. */
  readonly takes?: Named;
}

export interface ArgumentDeclaration extends Taken {
  readonly name: string;
}

export interface OptionDeclaration extends Taken {
  /** As commander writes them: '--on <date>', '--all'. */
  readonly flags: string;
}

export const commandGroups = ['Every day', 'Patients', 'Records', 'In and out', 'The vault', 'More'] as const;

/** What the table of contents says of a command. */
export interface Entry {
  /** 'brief', or 'patient add' below a group of commands. */
  readonly path: string;
  /** Empty for what no list shows. */
  readonly summary: string;
  readonly group: (typeof commandGroups)[number];
}

export interface Declaration extends Entry {
  readonly arguments: readonly ArgumentDeclaration[];
  readonly options: readonly OptionDeclaration[];
  readonly examples: readonly string[];
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

/** A word as commander split it: of a flag true, of what may be repeated a list, undefined where it was left out. */
export type Raw = string | true | readonly string[] | undefined;
export type Words = Readonly<Record<string, Raw>>;
type Has<K> = (name: K) => boolean;

/** How the vault is opened for a command: with a question for the key, with a key at hand or not at all, or never. */
interface Stores {
  readonly open: Store;
  readonly 'at hand': Store | Failure;
  /** The same where a shell's prompt or a Tab waits for it. */
  readonly 'at once': Store | Failure;
  readonly none: undefined;
}
export type Opening = keyof Stores;

/** What a command works with: it may ask, but what is printed, said and logged is in its outcome. */
export interface Ctx<S = Store> extends Omit<Context, 'output' | 'notices' | 'openStore' | 'throwaway'> {
  readonly output: Screen;
  readonly store: S;
}

type Screen = Pick<Context['output'], 'isTerminal' | 'hasScreen' | 'screenReader' | 'columns' | 'style'>;

export type Talk<S = Store> = Context & { readonly store: S };

export type Shut = Ctx<undefined>;
export type Settled = Ctx<Stores[Opening]>;

export type Resolve<T> = (ctx: Settled) => T | Promise<T>;

/** What an argument or an option can be. It reads itself in two steps: a slip in the first asks for no passphrase. */
export interface Kind<T> extends Taken {
  /** Of an option, the placeholder of its value: '<date>'. */
  readonly value?: string;
  /** '-' is standard input, which is read once. */
  readonly input?: true;
  /** What is said where it is left out, and there is nobody to ask. */
  readonly asked?: readonly [question: string, ...hints: readonly string[]];
  /** @throws usage for what can't be, whatever the vault holds */
  readonly read: (raw: Raw, ctx: Shut, has: Has<string>) => Resolve<T>;
  /** What of the first step has to be waited for. */
  readonly check?: (raw: Raw, ctx: Shut) => Promise<void>;
}
type Kinds = Readonly<Record<string, Kind<unknown>>>;
export type Given<S extends Kinds> = { readonly [K in keyof S]: S[K] extends Kind<infer T> ? T : never };

export type Notice =
  | string
  | { readonly text: string; readonly when: 'warning' }
  /** Beside the text alone, not with --json; and of that, only on a terminal. */
  | { readonly text: string; readonly when: 'text' | 'terminal' };

export const warning = (text: string): Notice => ({ text, when: 'warning' });
export const aside = (text: string): Notice => ({ text, when: 'text' });
/** None for a script, to which an empty list is as good as any. */
export const next = (step: string): Notice => ({ text: `next: ${step}`, when: 'terminal' });

export type Look = { readonly verb?: string } & (
  | { readonly patientId: string; readonly shown?: Parameters<Store['log']['opened']>[2] }
  | { readonly count: number }
);

type Lazy<T> = T | (() => T | Promise<T>);

export interface Outcome {
  /** The document, whose schema is named after the command. Where there is none, --json changes nothing. */
  readonly json?: Lazy<object>;
  /** Text is fitted to the screen; pieces of what a program reads are printed as they are. */
  readonly text: Lazy<string | Iterable<string> | undefined>;
  readonly paged?: boolean;
  /** On a screen of its own for so many seconds. */
  readonly glance?: number | undefined;
  readonly looked?: Look | readonly Look[];
  readonly notices?: readonly Notice[] | (() => readonly Notice[]);
  readonly exit?: ExitName;
  readonly failure?: Error | undefined;
}

interface Ready {
  readonly opening: Opening;
  readonly run: (ctx: Talk<Stores[Opening]>) => Promise<Outcome>;
}

export interface Command extends Omit<Declaration, keyof Entry> {
  /** Before the vault is opened. @throws usage, not-found */
  readonly read: (words: Words, ctx: Shut) => Promise<Ready>;
}
export type Listed = Command & Entry;
/** Its path names its rows in the log and its documents. */
export type Runnable = Command & Pick<Entry, 'path'>;

interface Parts<A extends Kinds, O extends Kinds, V extends Opening, C> {
  /** What a line has behind the command's path: '' is the command alone. */
  readonly examples: readonly string[];
  readonly arguments?: A;
  readonly options?: O;
  readonly apart?: { readonly [K in keyof (A & O)]?: readonly (keyof (A & O))[] };
  readonly needs?: { readonly [K in keyof O]?: keyof O & string };
  readonly vault?: V | ((has: Has<keyof (A & O)>, ctx: Shut, words: Words) => V);
  /** What can be refused before the vault is opened, and is of more than one option. @throws usage, conflict */
  readonly refuse?: (has: Has<keyof (A & O)>, ctx: Shut, words: Words) => void;
  readonly run: (given: Given<A & O>, ctx: C) => Outcome | Promise<Outcome>;
}

const isGiven = (raw: Raw): boolean => raw !== undefined && !(Array.isArray(raw) && raw.length === 0);

/** '--names-only' of 'namesOnly'. */
export const optionName = (key: string): string =>
  `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

function refuseTogether<A extends Kinds, O extends Kinds, V extends Opening, C>(
  { apart = {}, needs = {}, options }: Parts<A, O, V, C>,
  has: Has<string>,
): void {
  const named = (name: string): string =>
    name in (options ?? {}) ? optionName(name) : `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
  for (const [one, others] of Object.entries<readonly PropertyKey[] | undefined>(apart)) {
    const other = has(one) ? others?.map(String).find(has) : undefined;
    if (other !== undefined) throw usage(`${named(one)} and ${named(other)} don't go together`);
  }
  for (const [one, other] of Object.entries<string | undefined>(needs))
    if (other !== undefined && has(one) && !has(other)) throw usage(`${named(one)} is for ${named(other)}`);
}

function build<A extends Kinds, O extends Kinds, V extends Opening, C>(parts: Parts<A, O, V, C>): Command {
  const { examples, vault = 'open' } = parts;
  const [args, options] = [Object.entries(parts.arguments ?? {}), Object.entries(parts.options ?? {})];
  const kinds = [...args, ...options];
  return {
    examples,
    arguments: args.map(([name, kind]) => ({ ...kind, name })),
    options: options.map(([name, kind]) => ({
      ...kind,
      flags: [optionName(name), kind.value].filter(Boolean).join(' '),
    })),
    async read(words, shut) {
      const has = (name: PropertyKey): boolean => isGiven(words[String(name)]);
      refuseTogether(parts, has);
      const isPiped = (name: string): boolean => [words[name]].flat().join(' ').trim() === '-';
      if (kinds.filter(([name, { input }]) => input && isPiped(name)).length > 1)
        throw usage('only one text can come from standard input');
      parts.refuse?.(has, shut, words);
      const steps = kinds.map(([name, kind]) => {
        const resolve = kind.read(words[name], shut, has);
        const isLeftOut = [words[name]].flat().join('').trim() === '';
        if (isLeftOut && kind.asked !== undefined && !shut.questions.possible) throw usage(...kind.asked);
        return [name, resolve] as const;
      });
      for (const [name, { check }] of kinds) await check?.(words[name], shut);
      return {
        opening: typeof vault === 'function' ? vault(has, shut, words) : vault,
        run: async (ctx) => {
          const given: Record<string, unknown> = {};
          // One after the other: each may ask.
          for (const [name, resolve] of steps) given[name] = await resolve(ctx);
          // What the kinds give is what the types infer, and how far the vault is open is what was asked for.
          return parts.run(given as Given<A & O>, ctx as C);
        },
      };
    },
  };
}

type None = Readonly<Record<never, never>>;

export const command = <A extends Kinds = None, O extends Kinds = None, V extends Opening = 'open'>(
  parts: Parts<A, O, V, Ctx<Stores[V]>>,
): Command => build(parts);

export const talk = <A extends Kinds = None, O extends Kinds = None, V extends Opening = 'open'>(
  parts: Parts<A, O, V, Talk<Stores[V]>>,
): Command => build(parts);

/** The same for what needs the store. @throws what kept the vault from being open */
export function opened(ctx: Settled): Ctx {
  const { store } = ctx;
  if (store instanceof Failure) throw store;
  if (store === undefined) throw new Error('the vault is not opened for this command');
  return ctx as Ctx;
}
