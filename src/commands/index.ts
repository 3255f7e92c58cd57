/** All commands, in the order that help lists them. */
import { brief } from './brief.ts';
import type { Cell } from './command.ts';
import { commit } from './commit.ts';
import { config } from './config.ts';
import { contact } from './contact.ts';
import { done, told, tried } from './done.ts';
import { due } from './due.ts';
import { glance } from './glance.ts';
import { help } from './help.ts';
import { init } from './init.ts';
import { keyList, keyPassphrase } from './key.ts';
import { note } from './note.ts';
import { drop, snooze } from './snooze.ts';
import { lock, status, unlock } from './unlock.ts';

/** What `rapport` alone runs. */
export const rootCell: Cell = glance;

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
  init,
  unlock,
  lock,
  status,
  keyList,
  keyPassphrase,
  config,
  help,
];
