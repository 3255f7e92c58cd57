/** All commands, in the order that help lists them. */
import { brief } from './brief.ts';
import type { Cell } from './command.ts';
import { help } from './help.ts';
import { init } from './init.ts';
import { keyList, keyPassphrase } from './key.ts';

/** What `rapport` alone runs. */
export const rootCell: Cell = help;

export const cells: readonly Cell[] = [brief, init, keyList, keyPassphrase, help];
