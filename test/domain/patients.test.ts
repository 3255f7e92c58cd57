/** A table of fictional patients: what their briefings must say, and what must not be anywhere in them. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { widthOf } from '../../src/domain/text.ts';
import { runBinary } from '../support/binary.ts';
import { passphrase } from '../support/outside.ts';
import { makeVault } from '../support/vault.ts';
import { type Expectation, readPatients } from './patients/reader.ts';

const folder = fileURLToPath(new URL('patients/', import.meta.url));
const patients = readdirSync(folder)
  .filter((name) => name.endsWith('.txt'))
  .sort()
  .flatMap((name) => readPatients(join(folder, name)));

const squeezed = (text: string) => text.replace(/[^\S\n]+/gu, ' ');
const wholeLine = /^is: (.*)$/u;
const pattern = /^like: (.*)$/u;

/** Whether it stands there: a fragment, a whole line (`is:`) or a pattern (`like:`). */
function stands(what: string, text: string): boolean {
  const line = wholeLine.exec(what)?.[1];
  if (line !== undefined) return text.split('\n').some((one) => one.trim() === line);
  const regular = pattern.exec(what)?.[1];
  return regular === undefined ? text.includes(what) : new RegExp(regular, 'mu').test(text);
}

const valuesOf = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(valuesOf) : [];
};

function isMet({ sort, what }: Expectation, text: string, json: readonly string[]): boolean {
  if (sort === 'has') return stands(what, text);
  if (sort === 'not') {
    const all = [text, ...json].join('\n').toLowerCase();
    return !all.includes(what.toLowerCase());
  }
  const places = what.split(' < ').map((one) => text.indexOf(one));
  return places.every((at, index) => at >= 0 && at > (places[index - 1] ?? -1));
}

/** What is over a cap. */
function over(text: string): string | undefined {
  const lines = text.trimEnd().split('\n');
  const words = text.split(/\s+/u).filter((run) => /[\p{L}\p{N}]/u.test(run)).length;
  const width = Math.max(...lines.map(widthOf));
  return lines.length > 22 || words > 130 || width > 76
    ? `${lines.length} lines, ${words} words, ${width} columns`
    : undefined;
}

it('briefs each as a clinician in the doorway needs it', { timeout: 120_000 }, async () => {
  const place = await makeVault();
  const file = join(place.work, 'all.json');
  const document = { format: 'rapport', version: 1, patients: patients.map((one) => one.document) };
  writeFileSync(file, JSON.stringify(document));
  const today = { RAPPORT_TODAY: '2026-03-12' };
  const imported = await place.run(['import', file, '--yes'], { env: today });
  expect(imported).toMatchObject({ code: 0 });
  const fallen: string[] = [];
  const counts = { harm: 0, lack: 0 };
  const fall = (isHarm: boolean, whose: string, what: string) => {
    counts[isHarm ? 'harm' : 'lack'] += 1;
    fallen.push(`${isHarm ? 'HARM' : 'lack'} ${whose}: ${what}`);
  };
  for (const { handle, title, on, shown, commands, runs } of patients) {
    const env = { RAPPORT_TODAY: on };
    for (const day of shown)
      await place.run(['brief', handle], { env: { RAPPORT_TODAY: day }, terminal: 100 });
    for (const command of commands) {
      const done = await place.run(command.split(' '), { env });
      expect(done).toMatchObject({ code: 0 });
    }
    for (const { options, expected } of runs) {
      const { stdout, code } = await place.run(['brief', handle, '--force', ...options], { env });
      expect({ handle, code }).toEqual({ handle, code: 0 });
      const json = valuesOf(await place.json(['brief', handle, ...options], { env }));
      const whose = `${handle} (${title}) ${options.join(' ')}`;
      const excess = options.length === 0 ? over(stdout) : undefined;
      if (excess !== undefined) fall(true, whose, excess);
      const before = fallen.length;
      const text = squeezed(stdout);
      for (const one of expected)
        if (!isMet(one, text, json)) fall(one.harm, whose, `${one.sort} ${one.what}`);
      if (fallen.length > before) fallen.push(stdout.replace(/^/gm, '    | '));
    }
  }
  if (fallen.length > 0) throw new Error(`${JSON.stringify(counts)}\n${fallen.join('\n')}`);
});

it('says the same by the program that ships', { timeout: 120_000 }, async () => {
  const some = patients
    .filter((one) => one.commands.length + one.shown.length === 0)
    .filter((_, index) => index % 8 === 0);
  const place = await makeVault();
  const file = join(place.work, 'some.json');
  writeFileSync(
    file,
    JSON.stringify({ format: 'rapport', version: 1, patients: some.map((one) => one.document) }),
  );
  await place.run(['import', file, '--yes'], { env: { RAPPORT_TODAY: '2026-03-12' } });
  for (const { handle, on } of some) {
    const argv = ['brief', handle, '--force'];
    const inside = await place.run(argv, { env: { RAPPORT_TODAY: on } });
    const env = { RAPPORT_TODAY: on, RAPPORT_PASSPHRASE: passphrase };
    const shipped = await runBinary(argv, { root: place.root, env });
    expect(shipped).toMatchObject({ stdout: inside.stdout, code: inside.code });
  }
});
