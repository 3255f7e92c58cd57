/** The pictures of the pages are what the program prints in the demonstration vault: `npm run test:update` draws them anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { drawTerminal } from './support/drawing.ts';
import { makePlace } from './support/vault.ts';

const pictures = [
  ['brief', 80, ['brief', 'henrik'], 'What rapport brief prints: a briefing of a fictional patient'],
  ['due', 100, ['due'], 'What rapport due prints: promises of fictional patients, overdue and for today'],
] as const;

describe('the pictures', () => {
  it.each(pictures)('docs/%s.svg', async (name, columns, words, title) => {
    const place = makePlace();
    const { stdout } = await place.run(['demo', '--json']);
    const { vault }: { readonly vault: string } = JSON.parse(stdout);
    const env = { RAPPORT_VAULT: vault, RAPPORT_PASSPHRASE: undefined };
    const shown = await place.run([...words, '--color', 'always'], { env, terminal: columns });
    expect(shown).toMatchObject({
      code: 0,
      stderr: 'rapport: a demonstration: these patients are fictional\n',
    });
    const picture = drawTerminal(`$ rapport ${words.join(' ')}\n${shown.stdout}`, columns, title);
    const file = new URL(`../docs/${name}.svg`, import.meta.url);
    if (process.env['UPDATE_TRANSCRIPTS'] === '1') writeFileSync(file, picture);
    else expect(readFileSync(file, 'utf8')).toBe(picture);
  });
});
