/** The page key as other tools take it: SQLCipher's raw form, and a script for its shell. */

/** Raw, and so without any key derivation: 32 bytes in hex. */
export const rawForm = (pageKey: Buffer): string => `x'${pageKey.toString('hex')}'`;

/** Fed to the shell of a standard SQLCipher 4 as it is (`sqlcipher -init FILE COPY`), or typed there. */
export const shellScript = (pageKey: Buffer, folder: string): string =>
  [
    `-- The raw key of the vault in ${folder}, for a standard SQLCipher 4.`,
    '-- Copy vault.db from there, open the copy (sqlcipher COPY), type the line below, then for example:',
    '--   SELECT name, goes_by FROM patient;',
    `PRAGMA key = "${rawForm(pageKey)}";`,
  ].join('\n');
