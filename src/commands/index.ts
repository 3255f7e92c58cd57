/** All commands, in the order that help lists them. */
import { brief } from './brief.ts';
import type { Cell } from './command.ts';
import { help } from './help.ts';

/** What `rapport` alone runs. */
export const rootCell: Cell = help;

export const cells: readonly Cell[] = [brief, help];
