/** `rapport help TOPIC`: what the help of no single command can hold. */
import { dateHelp } from '../dates/date-help.ts';
import { captureHelp } from '../domain/line-kinds.ts';
import { nearestWord } from '../domain/patient-names.ts';
import { present, wrapToWidth } from '../domain/text.ts';
import { notFound } from '../errors.ts';
import { command } from './command.ts';
import { optionalArgument } from './kinds.ts';

export const topics: Readonly<Record<string, string | (() => string)>> = {
  'exit-codes': `
  0 ok           it worked; also an empty list
  1 failed       anything not below
  2 usage        unknown command or option, bad value, missing argument, a briefing into a pipe, a fault in an
                 import file, a passphrase file that others can read
  3 not-found    no such patient, id, file or vault
  4 locked       no key: no agent, no source, no terminal to ask
  5 wrong-key    passphrase or recovery code refused
  6 ambiguous    several patients or ids match, or words stand in place of a ref; candidates on stderr
  7 damaged      the vault, key file or backup fails its checks; nothing was changed
  8 busy         another rapport holds the vault beyond the timeout, or the agent does not answer
  9 conflict     would overwrite; blocked by a hold, a later operation, an older or newer format, a rolled-back
                 vault, modes that let others read it
  10 due         \`due --check\` with something due
  130 cancelled  Ctrl-C or an answer of "no"; nothing was changed but a kept draft
`,
  capture: captureHelp,
  dates: dateHelp,
  security: `
The vault is one SQLite file, every page encrypted (AES-256, HMAC-SHA512). The key opens with your passphrase or
with the recovery code; nothing else opens it, and nobody can reset it.

It protects against whoever gets the disk, a backup or a lost laptop, against a curious colleague at an unlocked
screen, and against damage. It does not protect against root, or against malware that runs as you while it is unlocked.

A memory aid, not the medical record. Assume that a patient, a court or an employer may read it.
Not legal advice: ask your employer before using it.
`,
  patients: `
<patient> is a handle, a ref, an id, or words of the name or their beginnings, in any case, without accents: mar raz.
Exact handles, refs and ids come first, then the name they go by and aliases, then words of the name; active patients
before archived ones and those who died. Several matches are a choice in a terminal, and exit code 6 elsewhere.
`,
  calendars: `
An .ics file, as Google, Outlook, Apple and clinic programs export it:

  rapport day --schedule clinic.ics       the day as the file has it; nothing is stored
  rapport import clinic.ics --dry-run     what would be planned
  rapport import clinic.ics               its events become planned visits; rapport undo takes them back

Whose event it is, a rule says: --match RULE, or for good \`rapport config ics.match RULE\`.

  summary                          the name stands among the words of the summary, Follow-up: Malu Razo; or the
                                   handle or ref in brackets, Follow-up (malu)
  attendee                         one who is invited has the name, or an alias that is the address
  X-PATIENT                        any property: a handle, ref, identifier or name is all that it holds
  'summary=Visit: {patient} - *'   what stands at {patient} is the name; * is anything
  'X-PATIENT; summary'             one after the other; --match can also be given several times

Only a patient who is there already gets a visit. A part of a name, one word of it, or a name of several patients is
asked about in a terminal, else listed and left out. Once an event is somebody's, its UID keeps it so.

Times are turned from the file's zones to that of \`rapport config time-zone\`; times without a zone are taken as yours.
An event that was moved or called off is followed by its UID and SEQUENCE; what you wrote up stays. One that is simply
gone from the file stays planned. Recurring events are planned from today for a year; --since and --until say otherwise.
A bad event is skipped and named by its line. Of an event only its time, its UID and the name are read.
`,
  files: `
The vault is the folder that --vault names, else RAPPORT_VAULT, else $XDG_DATA_HOME/rapport: ~/.local/share/rapport,
on macOS ~/Library/Application Support/rapport, on Windows rapport in %LOCALAPPDATA%.

  vault.db                         everything that was entered, encrypted
  vault.keys, vault.keys.copy      the key, wrapped under passphrase and recovery code, twice
  $XDG_CONFIG_HOME/rapport         your own settings, whatever the vault: editor, pager and the like
  $XDG_RUNTIME_DIR/rapport         the agent's socket, in a folder that only you can enter
  $XDG_STATE_HOME/rapport          how far the vault had come, so that an older copy in its place is noticed
  $XDG_CACHE_HOME/rapport          what Node compiled of the program itself, for a quick start; nothing of a vault

Folders are 0700 and files 0600; looser ones are refused, with the command that mends them.
Let a sync tool carry backups (rapport backup), never the live folder.
`,
  environment: `
  RAPPORT_VAULT                    the vault's folder, where --vault names none
  RAPPORT_PASSPHRASE_COMMAND       a command that prints the passphrase; split into words, run without a shell
  RAPPORT_PASSPHRASE_FILE          a private file whose first line it is
  RAPPORT_PASSPHRASE_FD            an open file descriptor to read it from
  RAPPORT_PASSPHRASE               the passphrase itself: the weakest way, others of your programs can see it
  RAPPORT_NEW_PASSPHRASE_FILE      the new one, for rapport key passphrase
  RAPPORT_RECOVERY_FILE            the recovery code, for --recovery and rapport key rotate
  RAPPORT_TODAY, RAPPORT_NOW       fix the day, or the instant, that dates count from: for trials
  RAPPORT_PAGER, PAGER             shows what is longer than the screen, where \`rapport config pager\` names none
  VISUAL, EDITOR                   the editor for --editor, where \`rapport config editor\` names none
  NO_COLOR, FORCE_COLOR            no colours, or colours in any case; --color beats both

Only one of the four passphrase variables may be set. --passphrase-stdin beats them, and the agent needs none of them.
`,
};

export function topicText(name: string): string {
  const text = topics[name] ?? '';
  return (typeof text === 'string' ? text : text()).replace(/^\n+|(?<!\s)\s+$/g, '');
}

function hanging(lead: string, text: string, columns: number): string {
  const parts = wrapToWidth(text, columns - lead.length);
  return parts.map((part, place) => (place === 0 ? lead : ' '.repeat(lead.length)) + part).join('\n');
}

const narrowest = 24;

const layOut = (text: string, columns: number): string =>
  text
    // A row goes on in lines that begin far in, a sentence in the next line.
    .replace(/\n {8,}/g, ' ')
    .replace(/^(\S[^\n]*)\n(?=\S)/gm, '$1 ')
    .split('\n')
    .map((line) => {
      const [, row = '', gap = '', meaning = ''] = /^ {2}(\S[\s\S]*?)(?:( {2,})([\s\S]*))?$/.exec(line) ?? [];
      if (row === '') return hanging('', line, columns);
      const lead = `  ${row}${gap}`;
      if (meaning !== '' && columns - lead.length >= narrowest) return hanging(lead, meaning, columns);
      return [hanging('  ', row, columns), hanging('      ', meaning, columns)].filter(Boolean).join('\n');
    })
    .join('\n');

const names = Object.keys(topics);
const listed = `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

function textOf(topic: string | null): string {
  if (topic === null)
    return `Topics: ${names.join(', ')}\n\nrapport --help lists the commands; rapport <command> --help explains one.`;
  const text = topicText(topic);
  if (text !== '') return text;
  const near = nearestWord(topic, names);
  throw notFound(
    `no help on '${topic.slice(0, 60)}'`,
    ...present(near && `did you mean ${near}?`),
    `topics: ${names.join(', ')}`,
    'rapport --help lists the commands',
  );
}

export const help = command({
  arguments: { topic: optionalArgument(listed, { choices: names }) },
  vault: 'none',
  examples: ['capture', 'exit-codes'],
  run({ topic = null }, { output: { columns } }) {
    const text = textOf(topic);
    return { json: { topic, topics: names, text }, text: layOut(text, columns) };
  },
});
