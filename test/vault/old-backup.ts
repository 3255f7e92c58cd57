/** A backup as version 1 wrote it: its second line says nothing of its history. */
import { createHash, createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { hkdf } from '../../src/vault/key-file.ts';
import { passphrase, type TestPlace } from '../support/vault.ts';
import { unlock } from './making.ts';

/** @returns a new file beside the backup of this place */
export async function asVersion1(file: string, { folder }: TestPlace): Promise<string> {
  const bytes = readFileSync(file);
  const [, line = ''] = bytes.toString('latin1').split('\n', 2);
  const { history: _, ...header } = JSON.parse(line);
  const head = Buffer.from(`rapport backup 1\n${JSON.stringify(header)}\n`);
  const from = 'rapport backup 2\n'.length + line.length + 1;
  const parts = bytes.subarray(from, from + header.keys + header.config);
  const above = Buffer.concat([head, parts]);
  const digest = createHash('sha256').update(above).digest('hex');
  const body = Buffer.concat([
    above,
    Buffer.from(`${digest}\n`),
    bytes.subarray(bytes.length - 65 - header.database, -65),
  ]);
  const unlocked = await unlock(folder, passphrase);
  if (unlocked === undefined) throw new Error('the vault opens with its passphrase');
  const mac = createHmac('sha256', hkdf(unlocked.keys.keyFile, 'backup mac')).update(body).digest('hex');
  const made = `${file}.version-1`;
  writeFileSync(made, Buffer.concat([body, Buffer.from(`${mac}\n`)]));
  return made;
}
