/** The store's guard against an older copy of the vault that was put back, and its words to the person. */

import type { HeadGuard } from '../store/needs.ts';
import { RollbackGuard } from '../vault/rollback-guard.ts';
import { stateFolder } from './folders.ts';
import type { Outside } from './outside.ts';
import type { Notices } from './text-streams.ts';

export interface RollbackParts {
  readonly outside: Pick<Outside, 'env' | 'platform' | 'home' | 'workingFolder' | 'uid'>;
  readonly vaultId: string;
  /** The vault's folder, absolute. */
  readonly vaultFolder: string;
  readonly logKey: Buffer;
}

export const rollbackGuard = ({ outside, vaultId, vaultFolder, logKey }: RollbackParts): RollbackGuard =>
  new RollbackGuard({ folder: stateFolder(outside), uid: outside.uid, vaultId, vaultFolder, logKey });

/** A guard that warns once, at opening: reading goes on. */
export function watchRollback(parts: RollbackParts & { readonly notices: Pick<Notices, 'warn'> }): HeadGuard {
  const memory = rollbackGuard(parts);
  return {
    refusal: (log) => {
      const refusal = memory.refusal(log);
      if (refusal !== undefined) {
        parts.notices.warn(`rapport: ${refusal.message}; it can be read, not written`);
        for (const hint of refusal.hints) parts.notices.warn(`hint: ${hint}`);
      }
      return refusal;
    },
    moved: (head) => memory.moved(head),
  };
}
