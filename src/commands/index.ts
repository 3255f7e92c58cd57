/**
 * All commands, in the order that help lists them. A run knows what each declares and loads only the one that it
 * runs: in the bundle, text made from the declarations and a late import for each cell stand for this file.
 */
import { answer } from './answer.ts';
import { backup, restore } from './backup.ts';
import { brief } from './brief.ts';
import { calendarAdd, calendarAway, calendarList, calendarRemove, calendarWeekend } from './calendar.ts';
import { calendarImport } from './calendar-import.ts';
import type { Cell, Declaration } from './command.ts';
import { commit } from './commit.ts';
import { complete, completion } from './completion.ts';
import { config } from './config.ts';
import { confirm, pin } from './confirm.ts';
import { contact } from './contact.ts';
import { day } from './day.ts';
import { demo } from './demo.ts';
import { doctor } from './doctor.ts';
import { done, told, tried } from './done.ts';
import { due } from './due.ts';
import { edit } from './edit.ts';
import { exportCommand } from './export.ts';
import { glance } from './glance.ts';
import { help } from './help.ts';
import { importCommand } from './import.ts';
import { init } from './init.ts';
import { keyList, keyPassphrase } from './key.ts';
import { keyExportRaw } from './key-export-raw.ts';
import { keyKeyring } from './key-keyring.ts';
import { keyRecovery } from './key-recovery.ts';
import { keyRotate } from './key-rotate.ts';
import { log } from './log.ts';
import { move } from './move.ts';
import { note } from './note.ts';
import { notes } from './notes.ts';
import { patientAdd } from './patient-add.ts';
import { patientAlias } from './patient-alias.ts';
import { patientArchive } from './patient-archive.ts';
import { patientDied } from './patient-died.ts';
import { patientForget } from './patient-forget.ts';
import { patientHold } from './patient-hold.ts';
import { patientList, patientShow } from './patient-list.ts';
import { patientMerge } from './patient-merge.ts';
import { patientSet } from './patient-set.ts';
import { personDied, personList, personSet } from './person.ts';
import { personAdd } from './person-add.ts';
import { retire } from './retire.ts';
import { review } from './review.ts';
import { search } from './search.ts';
import { drop, snooze } from './snooze.ts';
import { timeline } from './timeline.ts';
import { undo } from './undo.ts';
import { lock, status, unlock } from './unlock.ts';

export const cells: readonly Cell[] = [
  brief,
  commit,
  note,
  due,
  done,
  tried,
  told,
  snooze,
  drop,
  contact,
  day,
  review,
  notes,
  timeline,
  search,
  edit,
  answer,
  retire,
  confirm,
  pin,
  move,
  undo,
  patientAdd,
  patientList,
  patientShow,
  patientSet,
  patientAlias,
  patientDied,
  patientArchive,
  patientMerge,
  patientHold,
  patientForget,
  personAdd,
  personList,
  personSet,
  personDied,
  importCommand,
  exportCommand,
  init,
  unlock,
  lock,
  status,
  keyList,
  keyPassphrase,
  keyRecovery,
  keyKeyring,
  keyRotate,
  keyExportRaw,
  backup,
  restore,
  doctor,
  log,
  config,
  calendarAdd,
  calendarAway,
  calendarWeekend,
  calendarRemove,
  calendarList,
  calendarImport,
  demo,
  completion,
  complete,
  help,
];

/** What `rapport` alone runs; no word names it. */
export const rootPath = glance.path;

export const declarations: readonly Declaration[] = cells;

/** @param path as declared */
export async function cellAt(path: string): Promise<Cell> {
  const cell = [glance, ...cells].find((one) => one.path === path);
  if (cell === undefined) throw new Error(`no command is declared as ${path}`);
  return cell;
}
