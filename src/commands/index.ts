/** The table of contents: every command by its group, in the order of help, with what it is for and its file. */
import type { Command, Entry, Listed } from '../cli/command.ts';

type Load = () => Promise<object>;

const brief: Load = () => import('./brief.ts');
const commit: Load = () => import('./commit.ts');
const note: Load = () => import('./note.ts');
const due: Load = () => import('./due.ts');
const promises: Load = () => import('./promises.ts');
const contacts: Load = () => import('./contacts.ts');
const day: Load = () => import('./day.ts');
const review: Load = () => import('./review.ts');
const notes: Load = () => import('./notes.ts');
const corrections: Load = () => import('./corrections.ts');
const edit: Load = () => import('./edit.ts');
const operations: Load = () => import('./operations.ts');
const patients: Load = () => import('./patients.ts');
const patientAdd: Load = () => import('./patient-add.ts');
const patientSet: Load = () => import('./patient-set.ts');
const patientRecords: Load = () => import('./patient-records.ts');
const deaths: Load = () => import('./deaths.ts');
const people: Load = () => import('./people.ts');
const imports: Load = () => import('./import.ts');
const exports: Load = () => import('./export.ts');
const backups: Load = () => import('./backups.ts');
const vaults: Load = () => import('./vaults.ts');
const key: Load = () => import('./key.ts');
const config: Load = () => import('./config.ts');
const calendar: Load = () => import('./calendar.ts');
const demo: Load = () => import('./demo.ts');
const completion: Load = () => import('../cli/completion.ts');
const help: Load = () => import('../cli/help.ts');
const complete: Load = async () => ({
  complete: (await import('../cli/completion.ts')).completeAmong(loadCommands),
});

const contents: Readonly<Record<Entry['group'], Readonly<Record<string, readonly [Load, string]>>>> = {
  'Every day': {
    brief: [brief, 'what to know before the visit, on one screen'],
    commit: [commit, 'write up a visit: what is done, promised, learned'],
    note: [note, 'one thing to remember about a patient'],
    due: [due, 'what you promised, overdue and for today'],
    done: [promises, 'a promise was kept'],
    tried: [promises, 'a promise was attempted, and is still open'],
    told: [promises, 'the patient knows where a promise stands'],
    snooze: [promises, 'put a promise off; its first date stays'],
    drop: [promises, 'give a promise up, with the reason'],
    contact: [contacts, 'a visit, call, message or letter: held, planned, missed or cancelled'],
    day: [day, 'the visits of a day, or of a week, with what must not be missed'],
    review: [
      review,
      'promises kept, late and open by month; questions that wait; notes to confirm; records kept long',
    ],
  },
  Records: {
    notes: [notes, 'what is kept on a patient, newest first'],
    timeline: [notes, 'the years with a patient on one axis'],
    search: [notes, 'find notes and promises by their words'],
    edit: [edit, 'mend a note, the words of a promise or a contact, or make them private'],
    answer: [corrections, 'a question, concern or decision got its answer'],
    retire: [corrections, 'lay a note aside, or erase it for good'],
    confirm: [corrections, 'a note still holds: they said so again'],
    pin: [corrections, 'always show a note in the briefing'],
    move: [corrections, 'give a note or promise to the patient it belongs to'],
    undo: [operations, 'take the newest change back, and again the one before it'],
  },
  Patients: {
    'patient add': [patientAdd, 'a new patient'],
    'patient list': [patients, 'the patients, or those of a name'],
    'patient show': [patients, 'the whole of one patient: promises, notes, what happened'],
    'patient set': [patientSet, 'correct, confirm or clear what is known of a patient'],
    'patient alias': [patientSet, 'another name to find a patient by'],
    'patient died': [deaths, 'mark a death, and go through what is still promised'],
    'patient archive': [patientRecords, 'out of the usual lists, and back'],
    'patient merge': [patientRecords, 'two entries of one patient become one'],
    'patient hold': [patientRecords, 'keep everything of a patient: no forgetting, no erasing'],
    'patient forget': [patientRecords, 'take a patient and all their records out for good'],
    'person add': [people, 'somebody around a patient'],
    'person list': [people, 'the people around a patient'],
    'person set': [people, 'correct what is known of somebody around a patient'],
    'person died': [people, 'somebody around a patient died'],
  },
  'In and out': {
    import: [imports, 'bring in patients, and their visits, from a file'],
    export: [
      exports,
      'write everything, or one patient, to a file: for rapport, for reading, for other programs',
    ],
  },
  'The vault': {
    init: [vaults, 'make your vault'],
    unlock: [vaults, 'keep the key in memory for a while'],
    lock: [vaults, 'forget the key at once'],
    status: [vaults, 'locked or not, until when, and what opens the vault'],
    'key list': [key, 'what opens the vault, and since when'],
    'key passphrase': [key, 'set a new passphrase'],
    'key recovery': [key, 'make a new recovery code'],
    'key keyring': [key, "let the system's keyring open the vault without a question"],
    'key rotate': [key, 'a new master key: every page is written anew'],
    'key export-raw': [key, 'the raw key of vault.db, for a standard SQLCipher 4'],
    backup: [backups, 'write the whole vault, encrypted, to one file'],
    restore: [backups, 'bring the vault back from a backup'],
    doctor: [vaults, 'look whether the vault is whole and private'],
    log: [operations, 'who looked at or changed what, and when'],
  },
  More: {
    config: [config, 'settings, of this vault and your own: list, show, set, unset'],
    'calendar add': [calendar, 'a day that is closed, a holiday'],
    'calendar away': [calendar, 'days that you are away: closed, from the first to the last'],
    'calendar weekend': [calendar, 'the weekdays that are closed every week'],
    'calendar remove': [calendar, 'take a closed day out, or the time away that holds the day'],
    'calendar list': [calendar, 'closed days, time away and the weekend'],
    'calendar import': [calendar, 'closed days from a file: lines such as 2026-12-25 Christmas, or .ics'],
    demo: [demo, 'a throwaway vault of fictional patients, to look around in'],
    completion: [completion, 'the script that completes commands, options, handles and refs in your shell'],
    complete: [complete, ''],
    help: [help, 'help on a topic: lines as they are typed, dates, files, exit codes and others'],
  },
};

interface Loadable extends Entry {
  readonly load: Load;
}

const entries: readonly Loadable[] = (Object.keys(contents) as readonly Entry['group'][]).flatMap((group) =>
  Object.entries(contents[group]).map(([path, [load, summary]]) => ({ path, summary, group, load })),
);

const begins = ({ path }: Entry, word: string | undefined): boolean => path.split(' ')[0] === word;

export const isCommand = (word: string | undefined): boolean => entries.some((entry) => begins(entry, word));

/** 'patient add' is exported as `patientAdd`, and what no constant can be called, 'import', as `importCommand`. */
async function loadCommand({ path, summary, group, load }: Loadable): Promise<Listed> {
  const name = path.replace(/[ -](.)/g, (_, letter: string) => letter.toUpperCase());
  const exported = (await load()) as Readonly<Record<string, Command | undefined>>;
  const command = exported[name] ?? exported[`${name}Command`];
  if (command === undefined) throw new Error(`no file has the command ${path}`);
  const examples = command.examples.map((words) => `rapport ${path} ${words}`.trimEnd());
  return { ...command, path, summary, group, examples };
}

export const loadCommands = (): Promise<readonly Listed[]> => Promise.all(entries.map(loadCommand));

/** All that begin with the first word, or the whole table where none does. Only what the words name is loaded. */
export const loadNamed = ([first, second]: readonly string[]): Promise<readonly (Entry | Listed)[]> =>
  Promise.all(
    entries
      .filter((entry) => !isCommand(first) || begins(entry, first))
      .map((entry) => ([first, `${first} ${second}`].includes(entry.path) ? loadCommand(entry) : entry)),
  );

export const loadRoot = async () => ({ ...(await import('./glance.ts')).glance, path: 'glance' });
