/** `--page`, of the lists that are shown a page at a time. */
import { usage } from '../errors.ts';
import type { RawInput } from './command.ts';

/** From 1 on; undefined where --all wants one list. @throws usage */
export function readPage(raw: RawInput): number | undefined {
  if (raw.flag('all')) {
    if (raw.option('page') === undefined) return undefined;
    throw usage("--all and --page don't go together", 'use one of them');
  }
  const text = raw.option('page') ?? '1';
  if (!/^[1-9]\d{0,5}$/.test(text)) throw usage(`'${text.slice(0, 40)}' is not a page`, 'use --page 2');
  return Number(text);
}
