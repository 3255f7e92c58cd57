/** All commands by their first word, in the order of help. A word loads only its file; help and completion load all. */
import type { Command } from '../cli/command.ts';

const families: Readonly<Record<string, () => Promise<readonly Command[]>>> = {
  brief: async () => [(await import('./brief.ts')).brief],
  commit: async () => [(await import('./commit.ts')).commit],
  note: async () => [(await import('./note.ts')).note],
  due: async () => [(await import('./due.ts')).due],
  done: async () => [(await import('./promises.ts')).done],
  tried: async () => [(await import('./promises.ts')).tried],
  told: async () => [(await import('./promises.ts')).told],
  snooze: async () => [(await import('./promises.ts')).snooze],
  drop: async () => [(await import('./promises.ts')).drop],
  contact: async () => [(await import('./contact.ts')).contact],
  day: async () => [(await import('./day.ts')).day],
  review: async () => [(await import('./review.ts')).review],
  notes: async () => [(await import('./notes.ts')).notes],
  timeline: async () => [(await import('./notes.ts')).timeline],
  search: async () => [(await import('./search.ts')).search],
  edit: async () => [(await import('./edit.ts')).edit],
  answer: async () => [(await import('./corrections.ts')).answer],
  retire: async () => [(await import('./corrections.ts')).retire],
  confirm: async () => [(await import('./corrections.ts')).confirm],
  pin: async () => [(await import('./corrections.ts')).pin],
  move: async () => [(await import('./corrections.ts')).move],
  undo: async () => [(await import('./undo.ts')).undo],
  patient: async () => [
    (await import('./patient-add.ts')).patientAdd,
    (await import('./patients.ts')).patientList,
    (await import('./patients.ts')).patientShow,
    (await import('./patient-set.ts')).patientSet,
    (await import('./patient-set.ts')).patientAlias,
    (await import('./patient-died.ts')).patientDied,
    (await import('./patient-records.ts')).patientArchive,
    (await import('./patient-records.ts')).patientMerge,
    (await import('./patient-records.ts')).patientHold,
    (await import('./patient-records.ts')).patientForget,
  ],
  person: async () => [
    (await import('./people.ts')).personAdd,
    (await import('./people.ts')).personList,
    (await import('./people.ts')).personSet,
    (await import('./people.ts')).personDied,
  ],
  import: async () => [(await import('./import.ts')).importCommand],
  export: async () => [(await import('./export.ts')).exportCommand],
  init: async () => [(await import('./vaults.ts')).init],
  unlock: async () => [(await import('./vaults.ts')).unlock],
  lock: async () => [(await import('./vaults.ts')).lock],
  status: async () => [(await import('./vaults.ts')).status],
  key: async () => [
    (await import('./keys.ts')).keyList,
    (await import('./keys.ts')).keyPassphrase,
    (await import('./keys.ts')).keyRecovery,
    (await import('./keys.ts')).keyKeyring,
    (await import('./key-rotation.ts')).keyRotate,
    (await import('./key-rotation.ts')).keyExportRaw,
  ],
  backup: async () => [(await import('./backups.ts')).backup],
  restore: async () => [(await import('./backups.ts')).restore],
  doctor: async () => [(await import('./backups.ts')).doctor],
  log: async () => [(await import('./log.ts')).log],
  config: async () => [(await import('./config.ts')).config],
  calendar: async () => [
    (await import('./calendar.ts')).calendarAdd,
    (await import('./calendar.ts')).calendarAway,
    (await import('./calendar.ts')).calendarWeekend,
    (await import('./calendar.ts')).calendarRemove,
    (await import('./calendar.ts')).calendarList,
    (await import('./calendar.ts')).calendarImport,
  ],
  demo: async () => [(await import('./demo.ts')).demo],
  completion: async () => [(await import('../cli/completion.ts')).completion],
  complete: async () => [(await import('../cli/completion.ts')).completeAmong(loadCommands)],
  help: async () => [(await import('../cli/help.ts')).help],
};

export const loadRoot = async (): Promise<Command> => (await import('./glance.ts')).glance;

export const isCommand = (word: string): boolean => Object.hasOwn(families, word);

/** The commands that begin with this word; all of them where none does, or none is given. */
export async function loadCommands(word = ''): Promise<readonly Command[]> {
  const wanted = isCommand(word) ? [families[word]] : Object.values(families);
  return (await Promise.all(wanted.map((load) => load?.() ?? []))).flat();
}
