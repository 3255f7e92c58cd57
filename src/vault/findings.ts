/** What doctor finds, one check at a time. */

export interface Check {
  readonly id: string;
  /** 'rolled_back': an older copy was put back. 'unchecked': it needs the key. */
  readonly state: 'ok' | 'warning' | 'damaged' | 'rolled_back' | 'unchecked';
  /** One line, without a full stop. */
  readonly finding: string;
  readonly advice: readonly string[];
}

const finds =
  (state: Check['state']) =>
  (id: string, finding: string, ...advice: readonly string[]): Check => ({ id, state, finding, advice });
export const ok = finds('ok');
export const warning = finds('warning');
export const damage = finds('damaged');
export const unchecked = finds('unchecked');

export const fromBackup = 'bring the vault back from a backup: rapport restore FILE';

/** 'a, b and 3 more' */
export const listed = (names: readonly (string | number)[], all = names.length, most = 5): string => {
  const shown = names.slice(0, most);
  return `${shown.join(', ')}${all > shown.length ? ` and ${all - shown.length} more` : ''}`;
};
