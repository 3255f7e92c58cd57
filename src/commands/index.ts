/** The table of contents: every command by its group, in the order of help, with what it is for and its file. */
import type { Command, Listed } from '../cli/command.ts';
import type { Entry } from '../cli/declaration.ts';

type Family = readonly [load: () => Promise<object>, summaries: Readonly<Record<string, string>>];

const contents: Readonly<Record<Entry['group'], readonly Family[]>> = {
  'Every day': [
    [() => import('./brief.ts'), { brief: 'what to know before the visit, on one screen' }],
    [() => import('./commit.ts'), { commit: 'write up a visit: what is done, promised, learned' }],
    [() => import('./note.ts'), { note: 'one thing to remember about a patient' }],
    [() => import('./due.ts'), { due: 'what you promised, overdue and for today' }],
    [
      () => import('./promises.ts'),
      {
        done: 'a promise was kept',
        tried: 'a promise was attempted, and is still open',
        told: 'the patient knows where a promise stands',
        snooze: 'put a promise off; its first date stays',
        drop: 'give a promise up, with the reason',
      },
    ],
    [
      () => import('./contact.ts'),
      { contact: 'a visit, call, message or letter: held, planned, missed or cancelled' },
    ],
    [() => import('./day.ts'), { day: "the day's visits, with what must not be missed" }],
    [
      () => import('./review.ts'),
      {
        review:
          'promises kept, late and open by month; questions that wait; notes to confirm; records kept long',
      },
    ],
  ],
  Records: [
    [
      () => import('./notes.ts'),
      {
        notes: 'what is kept on a patient, newest first',
        timeline: 'the years with a patient on one axis',
        search: 'find notes and promises by their words',
      },
    ],
    [() => import('./edit.ts'), { edit: 'mend a note, or the words of a promise' }],
    [
      () => import('./corrections.ts'),
      {
        answer: 'a question, concern or decision got its answer',
        retire: 'lay a note aside, or erase it for good',
        confirm: 'a note still holds: they said so again',
        pin: 'always show a note in the briefing',
        move: 'give a note or promise to the patient it belongs to',
      },
    ],
    [() => import('./operations.ts'), { undo: 'take the newest change back, and again the one before it' }],
  ],
  Patients: [
    [
      () => import('./patients.ts'),
      {
        'patient add': 'a new patient',
        'patient list': 'the patients, or those of a name',
        'patient show': "one patient's page: names, people, what there is",
      },
    ],
    [
      () => import('./patient-set.ts'),
      {
        'patient set': 'correct, confirm or clear what is known of a patient',
        'patient alias': 'another name to find a patient by',
      },
    ],
    [
      () => import('./patient-died.ts'),
      { 'patient died': 'mark a death, and go through what is still promised' },
    ],
    [
      () => import('./patient-records.ts'),
      {
        'patient archive': 'out of the usual lists, and back',
        'patient merge': 'two entries of one patient become one',
        'patient hold': 'keep everything of a patient: no forgetting, no erasing',
        'patient forget': 'take a patient and all their records out for good',
      },
    ],
    [
      () => import('./people.ts'),
      {
        'person add': 'somebody around a patient',
        'person list': 'the people around a patient',
        'person set': 'correct what is known of somebody around a patient',
        'person died': 'somebody around a patient died',
      },
    ],
  ],
  'In and out': [
    [() => import('./import.ts'), { import: 'bring in patients, and their visits, from a file' }],
    [
      () => import('./export.ts'),
      { export: 'write everything, or one patient, to a file: for rapport, for reading, for other programs' },
    ],
  ],
  'The vault': [
    [
      () => import('./vaults.ts'),
      {
        init: 'make your vault',
        unlock: 'keep the key in memory for a while',
        lock: 'forget the key at once',
        status: 'locked or not, until when, and what opens the vault',
      },
    ],
    [
      () => import('./key.ts'),
      {
        'key list': 'what opens the vault, and since when',
        'key passphrase': 'set a new passphrase',
        'key recovery': 'make a new recovery code',
        'key keyring': "let the system's keyring open the vault without a question",
      },
    ],
    [
      () => import('./key-rotation.ts'),
      {
        'key rotate': 'a new master key: every page is written anew',
        'key export-raw': 'the raw key of vault.db, for a standard SQLCipher 4',
      },
    ],
    [
      () => import('./backups.ts'),
      {
        backup: 'write the whole vault, encrypted, to one file',
        restore: 'bring the vault back from a backup',
        doctor: 'look whether the vault is whole and private',
      },
    ],
    [() => import('./operations.ts'), { log: 'who looked at or changed what, and when' }],
  ],
  More: [
    [() => import('./config.ts'), { config: 'settings, of this vault and your own: list, show, set, unset' }],
    [
      () => import('./calendar.ts'),
      {
        'calendar add': 'a day that is closed, a holiday',
        'calendar away': 'days that you are away: closed, from the first to the last',
        'calendar weekend': 'the weekdays that are closed every week',
        'calendar remove': 'take a closed day out, or the time away that holds the day',
        'calendar list': 'closed days, time away and the weekend',
        'calendar import': 'closed days from a file: lines such as 2026-12-25 Christmas, or .ics',
      },
    ],
    [() => import('./demo.ts'), { demo: 'a throwaway vault of fictional patients, to look around in' }],
    [
      () => import('../cli/completion.ts'),
      { completion: 'the script that completes commands, options, handles and refs in your shell' },
    ],
    [
      async () => ({ complete: (await import('../cli/completion.ts')).completeAmong(loadCommands) }),
      { complete: '' },
    ],
    [
      () => import('../cli/help.ts'),
      { help: 'help on a topic: lines as they are typed, dates, files, exit codes and others' },
    ],
  ],
};

interface Loadable extends Entry {
  readonly load: () => Promise<object>;
}

const entries: readonly Loadable[] = (Object.keys(contents) as readonly Entry['group'][]).flatMap((group) =>
  contents[group].flatMap(([load, summaries]) =>
    Object.entries(summaries).map(([path, summary]) => ({ path, summary, group, load })),
  ),
);

const begins = ({ path }: Entry, word: string | undefined): boolean => path.split(' ')[0] === word;

export const isCommand = (word: string | undefined): boolean => entries.some((entry) => begins(entry, word));

const isCalled = (value: unknown, path: string): value is Command =>
  typeof value === 'object' && value !== null && 'path' in value && value.path === path;

async function loadCommand({ path, summary, group, load }: Loadable): Promise<Listed> {
  const command = Object.values(await load()).find((value) => isCalled(value, path));
  if (command === undefined) throw new Error(`no file has the command ${path}`);
  return { ...command, summary, group };
}

export const loadCommands = (): Promise<readonly Listed[]> => Promise.all(entries.map(loadCommand));

/** All that begin with the first word, or the whole table where none does. Only what the words name is loaded. */
export const loadNamed = ([first, second]: readonly string[]): Promise<readonly (Entry | Listed)[]> =>
  Promise.all(
    entries
      .filter((entry) => !isCommand(first) || begins(entry, first))
      .map((entry) => ([first, `${first} ${second}`].includes(entry.path) ? loadCommand(entry) : entry)),
  );

export const loadRoot = async (): Promise<Command> => (await import('./glance.ts')).glance;
