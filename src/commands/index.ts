/**
 * All commands by their first word, in the order in which help lists them. A word's file is loaded when that word is
 * typed; help, completion and a slip load them all.
 */
import type { Cell } from './command.ts';

const families: Readonly<Record<string, () => Promise<readonly Cell[]>>> = {
  brief: async () => [(await import('./brief.ts')).brief],
  commit: async () => [(await import('./commit.ts')).commit],
  note: async () => [(await import('./note.ts')).note],
  due: async () => [(await import('./due.ts')).due],
  done: async () => [(await import('./done.ts')).done],
  tried: async () => [(await import('./done.ts')).tried],
  told: async () => [(await import('./done.ts')).told],
  snooze: async () => [(await import('./snooze.ts')).snooze],
  drop: async () => [(await import('./snooze.ts')).drop],
  contact: async () => [(await import('./contact.ts')).contact],
  day: async () => [(await import('./day.ts')).day],
  review: async () => [(await import('./review.ts')).review],
  notes: async () => [(await import('./notes.ts')).notes],
  timeline: async () => [(await import('./timeline.ts')).timeline],
  search: async () => [(await import('./search.ts')).search],
  edit: async () => [(await import('./edit.ts')).edit],
  answer: async () => [(await import('./answer.ts')).answer],
  retire: async () => [(await import('./retire.ts')).retire],
  confirm: async () => [(await import('./confirm.ts')).confirm],
  pin: async () => [(await import('./confirm.ts')).pin],
  move: async () => [(await import('./move.ts')).move],
  undo: async () => [(await import('./undo.ts')).undo],
  patient: async () => [
    (await import('./patient-add.ts')).patientAdd,
    (await import('./patient-list.ts')).patientList,
    (await import('./patient-list.ts')).patientShow,
    (await import('./patient-set.ts')).patientSet,
    (await import('./patient-alias.ts')).patientAlias,
    (await import('./patient-died.ts')).patientDied,
    (await import('./patient-archive.ts')).patientArchive,
    (await import('./patient-merge.ts')).patientMerge,
    (await import('./patient-hold.ts')).patientHold,
    (await import('./patient-forget.ts')).patientForget,
  ],
  person: async () => [
    (await import('./person-add.ts')).personAdd,
    (await import('./person.ts')).personList,
    (await import('./person.ts')).personSet,
    (await import('./person.ts')).personDied,
  ],
  import: async () => [(await import('./import.ts')).importCommand],
  export: async () => [(await import('./export.ts')).exportCommand],
  init: async () => [(await import('./init.ts')).init],
  unlock: async () => [(await import('./unlock.ts')).unlock],
  lock: async () => [(await import('./unlock.ts')).lock],
  status: async () => [(await import('./unlock.ts')).status],
  key: async () => [
    (await import('./key.ts')).keyList,
    (await import('./key.ts')).keyPassphrase,
    (await import('./key-recovery.ts')).keyRecovery,
    (await import('./key-keyring.ts')).keyKeyring,
    (await import('./key-rotate.ts')).keyRotate,
    (await import('./key-export-raw.ts')).keyExportRaw,
  ],
  backup: async () => [(await import('./backup.ts')).backup],
  restore: async () => [(await import('./backup.ts')).restore],
  doctor: async () => [(await import('./doctor.ts')).doctor],
  log: async () => [(await import('./log.ts')).log],
  config: async () => [(await import('./config.ts')).config],
  calendar: async () => [
    (await import('./calendar.ts')).calendarAdd,
    (await import('./calendar.ts')).calendarAway,
    (await import('./calendar.ts')).calendarWeekend,
    (await import('./calendar.ts')).calendarRemove,
    (await import('./calendar.ts')).calendarList,
    (await import('./calendar-import.ts')).calendarImport,
  ],
  demo: async () => [(await import('./demo.ts')).demo],
  completion: async () => [(await import('./completion.ts')).completion],
  complete: async () => [(await import('./completion.ts')).completeAmong(loadCommands)],
  help: async () => [(await import('./help.ts')).help],
};

/** What `rapport` alone runs; no word names it. */
export const loadRoot = async (): Promise<Cell> => (await import('./glance.ts')).glance;

export const isCommand = (word: string): boolean => Object.hasOwn(families, word);

/** The commands that begin with this word; all of them where none does, or none is given. */
export async function loadCommands(word = ''): Promise<readonly Cell[]> {
  const wanted = isCommand(word) ? [families[word]] : Object.values(families);
  return (await Promise.all(wanted.map((load) => load?.() ?? []))).flat();
}
