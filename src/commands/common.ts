/** What is declared for no single command: the options that every one takes, and what groups of commands are about. */
import type { OptionDeclaration } from './command.ts';

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
