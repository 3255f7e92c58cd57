/** Looking after the vault itself: making it, its keys, and what else is not about patients. */
export interface VaultKeeper {
  /** The vault's folder, absolute. */
  readonly folder: string;
  /** True where a vault.db or vault.keys stands in the folder. */
  exists(): boolean;
}
