/** What a key slot is called before people. */
export const slotNames = {
  passphrase: 'passphrase',
  recovery: 'recovery code',
  keyring: "the system's keyring",
} as const;
