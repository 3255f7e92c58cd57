/** Vaults for the benches, kept between runs in .bench/ and copied for each, so that a bench never changes them. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  cpSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { build } from 'rolldown';
import { repository, run } from './measuring.mjs';

export const passphrase = 'a bench of seven planks';
const usual = { passphrase, n: 2 ** 17, contactsEach: 5, due: 1, deep: 50, busy: 0 };
const kept = join(repository, '.bench');
const maker = join(repository, 'test/bench/vault-maker.ts');

/** Makes a vault in a folder. @param spec as vault-maker.ts says */
export async function makeVault(folder, spec) {
  mkdirSync(kept, { recursive: true });
  const outfile = join(kept, 'maker.cjs');
  await build({
    input: maker,
    platform: 'node',
    transform: { target: 'node20.17' },
    external: /\.node$/,
    output: { file: outfile, format: 'cjs', codeSplitting: false },
  });
  run([process.execPath, outfile, JSON.stringify({ ...usual, ...spec, folder })]);
}

/** A copy, in a folder, of the vault of that spec, made where there is none yet. */
export async function keptVault(folder, name, spec) {
  const digest = createHash('sha256').update(readFileSync(maker)).update(JSON.stringify(spec)).digest('hex');
  const place = join(kept, `${name}-${digest.slice(0, 12)}`);
  if (!existsSync(place)) {
    console.log(`making the vault '${name}', once: ${place}`);
    const unfinished = `${place}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    await makeVault(unfinished, spec);
    renameSync(unfinished, place);
  }
  cpSync(place, folder, { recursive: true });
  // What is still on its way to the disk would slow down what is measured.
  for (const name of readdirSync(folder)) {
    const descriptor = openSync(join(folder, name), 'r');
    fsyncSync(descriptor);
    closeSync(descriptor);
  }
}
