/** What help, completion, the manual and the parser know of a command: its words, in plain data. */

export type Named = 'patient' | 'promise' | 'note' | 'record' | 'file' | 'folder';

export interface Taken {
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
