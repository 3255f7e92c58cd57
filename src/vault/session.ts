/** What `rapport init`, `unlock`, `lock` and `status` do, and what a new passphrase or recovery code takes. */
import type { HeldKeys } from '../agent/protocol.ts';
import { failed, usage } from '../errors.ts';
import { wipe } from '../keys.ts';
import { makeTables } from '../store/migrations.ts';
import type { VaultAccess } from './access.ts';
import { createVault, refuseExisting } from './create.ts';
import {
  checkNewPassphrase,
  demoPassphrase,
  readRecoveryCode,
  recoveryBytes,
  weaknessOf,
  withSheet,
  writeRecoveryCode,
} from './typed-secrets.ts';
import type { Authority, VaultRun } from './unlock.ts';

/** Milliseconds for a new agent to start, on a loaded machine too. */
const startLimit = 15_000;
const startStep = 20;
const meanwhile = 'every command asks for the key meanwhile';

interface NewVaultRequest {
  readonly passphrase: string;
  readonly recoveryCode: string;
  /** A new private file for the code; removed if no vault comes of it. */
  readonly recoveryOut?: string | undefined;
  readonly isDemo?: boolean;
}

export type Session = ReturnType<typeof createSession>;

export function createSession(parts: VaultRun, access: VaultAccess) {
  const { agents, idleMinutes, uid, cost, random, instant } = parts;
  const newest = () => access.readKeys().candidates[0]?.payload;
  return {
    /** @throws conflict */
    refuseExisting: (): void => refuseExisting(access.folder),
    /** From a flag or variable. @throws usage, locked */
    givenPassphrase: async (): Promise<string | undefined> =>
      (await (await access.sources(false)).passphrase())?.text,
    /** From RAPPORT_NEW_PASSPHRASE_FILE. @throws usage, locked */
    givenNewPassphrase: async (): Promise<string | undefined> =>
      (await access.sources(false)).newPassphrase()?.text,
    /** Why a new passphrase is weak. @throws usage for one that cannot be taken */
    adviceOn(passphrase: string): string | undefined {
      checkNewPassphrase(passphrase);
      return weaknessOf(passphrase);
    },
    newRecoveryCode: (): string => writeRecoveryCode(random(recoveryBytes)),
    /** The vault stays open in this run. @throws conflict, usage, failed */
    async create(request: NewVaultRequest): Promise<void> {
      const { passphrase, recoveryCode: code, recoveryOut: out, isDemo = false } = request;
      const { folder } = access;
      const recoverySecret = readRecoveryCode(code);
      const wanted = { folder, uid, cost, passphrase, recoverySecret, prepare: makeTables };
      const madeOn = instant().slice(0, 10);
      const demonstration = isDemo || undefined;
      const { keys, keyFile } = await withSheet({ ...parts, folder, code, out }, () =>
        createVault({ ...wanted, madeOn, demonstration }),
      ).finally(() => wipe(recoverySecret));
      access.accept(keys, keyFile, isDemo);
      if (isDemo && !parts.demonstrationIn(folder).write(keyFile.payload.vault))
        parts.warn(`rapport: the state folder cannot be written; the passphrase is: ${demoPassphrase}`);
    },
    /**
     * `minutes` undefined: as set. Undefined for a demonstration, which is never locked. @throws as opening the vault;
     * usage where keys are never kept, failed where no agent can be, busy where it does not answer
     */
    async unlock(by: Authority, minutes: number | undefined): Promise<HeldKeys | undefined> {
      if (access.isDemo) return undefined;
      if (!agents.isPossible)
        throw failed('no agent can be trusted on this system', 'every command asks for the key');
      if ((minutes ?? idleMinutes()) === 0)
        throw usage('keys are never kept: idle is 0', 'rapport unlock --for 3h', 'rapport config idle 3h');
      if (agents.obstacle !== undefined)
        throw failed(
          `no agent can be trusted there: ${agents.obstacle}`,
          'take it away, or set XDG_RUNTIME_DIR to a folder that only you can enter',
          meanwhile,
        );
      // A silent agent would not take the keys: say so before anybody types.
      const before = newest();
      if (before !== undefined) await agents.held(before.vault);
      const { keys, keyFile, master, secret } = await access.authorise(by);
      wipe(master, secret);
      const isTaken = await access.remember({ keys, keyFile }, minutes);
      keys.wipe();
      for (let waited = 0; isTaken && waited < startLimit; waited += startStep) {
        const held = await agents.held(keyFile.payload.vault);
        if (held?.generation === keyFile.payload.generation) return held;
        await new Promise((resolve) => setTimeout(resolve, startStep));
      }
      throw failed('the agent did not start', meanwhile);
    },
    /** @returns how many agents forgot. @throws busy where one does not answer */
    lock: async (all: boolean): Promise<number> => agents.lock(all ? undefined : newest()?.vault),
    /** @throws busy where the agent does not answer */
    async status() {
      const payload = newest();
      const slots = access.slots();
      const keyring = slots.some(({ type }) => type === 'keyring') ? ["the system's keyring"] : [];
      return {
        slots,
        agents: payload === undefined || access.isDemo ? [] : await agents.all(payload),
        obstacle: agents.obstacle,
        /** Not tried, only whether they are set. */
        sources: access.isDemo
          ? ['the demonstration vault itself']
          : [...keyring, ...(await access.sources()).named()],
      };
    },
  };
}
