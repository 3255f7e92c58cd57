/** All commands by their groups, in the order of help. A word loads only its files; help and completion load all. */
import type { Command, Listed } from '../cli/command.ts';
import type { Declaration } from '../cli/declaration.ts';

/** The commands of a file, 'notes timeline' or 'key: rotate export-raw', and how it is loaded. */
type Family = readonly [names: string, load: () => Promise<object>];

const groups: Readonly<Record<Declaration['group'], readonly Family[]>> = {
  'Every day': [
    ['brief', () => import('./brief.ts')],
    ['commit', () => import('./commit.ts')],
    ['note', () => import('./note.ts')],
    ['due', () => import('./due.ts')],
    ['done tried told snooze drop', () => import('./promises.ts')],
    ['contact', () => import('./contact.ts')],
    ['day', () => import('./day.ts')],
    ['review', () => import('./review.ts')],
  ],
  Records: [
    ['notes timeline search', () => import('./notes.ts')],
    ['edit', () => import('./edit.ts')],
    ['answer retire confirm pin move', () => import('./corrections.ts')],
    ['undo', () => import('./operations.ts')],
  ],
  Patients: [
    ['patient: add list show', () => import('./patients.ts')],
    ['patient: set alias', () => import('./patient-set.ts')],
    ['patient: died', () => import('./patient-died.ts')],
    ['patient: archive merge hold forget', () => import('./patient-records.ts')],
    ['person: add list set died', () => import('./people.ts')],
  ],
  'In and out': [
    ['import', () => import('./import.ts')],
    ['export', () => import('./export.ts')],
  ],
  'The vault': [
    ['init unlock lock status', () => import('./vaults.ts')],
    ['key: list passphrase recovery keyring', () => import('./key.ts')],
    ['key: rotate export-raw', () => import('./key-rotation.ts')],
    ['backup restore doctor', () => import('./backups.ts')],
    ['log', () => import('./operations.ts')],
  ],
  More: [
    ['config', () => import('./config.ts')],
    ['calendar: add away weekend remove list import', () => import('./calendar.ts')],
    ['demo', () => import('./demo.ts')],
    ['completion', () => import('../cli/completion.ts')],
    [
      'complete',
      async () => ({ complete: (await import('../cli/completion.ts')).completeAmong(loadCommands) }),
    ],
    ['help', () => import('../cli/help.ts')],
  ],
};

function pathsOf(names: string): readonly string[] {
  const [list = '', word] = names.split(': ').toReversed();
  return list.split(' ').map((name) => (word === undefined ? name : `${word} ${name}`));
}

const families = (Object.keys(groups) as readonly Declaration['group'][]).flatMap((group) =>
  groups[group].map(([names, load]) => ({ group, paths: pathsOf(names), load })),
);

const begins = (path: string, word: string): boolean => path.split(' ')[0] === word;

export const isCommand = (word: string): boolean =>
  families.some(({ paths }) => paths.some((path) => begins(path, word)));

const isCalled = (value: unknown, path: string): value is Command =>
  typeof value === 'object' && value !== null && 'path' in value && value.path === path;

/** The commands that begin with this word; all of them where none does, or none is given. */
export async function loadCommands(word = ''): Promise<readonly Listed[]> {
  const isWanted = (path: string): boolean => !isCommand(word) || begins(path, word);
  const wanted = families.filter(({ paths }) => paths.some(isWanted));
  const loaded = await Promise.all(
    wanted.map(async (family) => ({ ...family, exports: await family.load() })),
  );
  return loaded.flatMap(({ group, paths, exports }) =>
    paths.filter(isWanted).map((path): Listed => {
      const command = Object.values(exports).find((value) => isCalled(value, path));
      if (command === undefined) throw new Error(`no file has the command ${path}`);
      return { ...command, group };
    }),
  );
}

export const loadRoot = async (): Promise<Command> => (await import('./glance.ts')).glance;
