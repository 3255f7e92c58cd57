/** What is offered at a Tab, held against the commands' declarations, so that neither can know of something alone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { globalOptions } from '../../src/cli/command.ts';
import { readTyping } from '../../src/cli/completion.ts';
import { loadCommands } from '../../src/commands/index.ts';
import { runBinary } from '../support/binary.ts';
import { addSample } from '../support/sample.ts';
import { makeVault, passphrase, type TestPlace } from '../support/vault.ts';

const declarations = await loadCommands();

const read = (...words: readonly string[]) => readTyping(words, declarations);
const offered = (...words: readonly string[]): readonly string[] =>
  read(...words).offers.map(({ value }) => value);
const listed = declarations.filter(({ summary }) => summary !== '');

describe('what a line can go on with', () => {
  it.each(listed.map((declared) => [declared.path, declared] as const))(
    '%s, word by word',
    (path, declared) => {
      const words = path.split(' ');
      for (const [place, word] of words.entries())
        expect(offered(...words.slice(0, place), word.slice(0, 2))).toContain(word);
      const flags = [...declared.options, ...globalOptions].map(({ flags }) => /--[a-z-]+/.exec(flags)?.[0]);
      expect(offered(...words, '-')).toEqual([...flags, '--help']);
      for (const option of declared.options) {
        const flag = /--[a-z-]+/.exec(option.flags)?.[0] ?? '';
        if (option.choices === undefined) continue;
        expect(offered(...words, flag, '')).toEqual(option.choices);
        expect(read(...words, `${flag}=`)).toMatchObject({
          lead: `${flag}=`,
          offers: option.choices.map((value) => ({ value })),
        });
      }
    },
  );

  it('offers each command and group of commands once, and none that is hidden', () => {
    const first = [...new Set(listed.map(({ path }) => path.split(' ')[0]))];
    expect(offered('')).toEqual(first);
    expect(offered('compl')).toEqual(['completion']);
    expect(read('').offers.every(({ help }) => help !== '')).toBe(true);
  });

  it.each<[string, string | undefined]>([
    ['brief ', 'patient'],
    ['brief ma', 'patient'],
    ['brief mar ra', undefined],
    ['note ', 'patient'],
    ['note malu ', undefined],
    ['note malu --kind family ', undefined],
    ['note --kind family ', 'patient'],
    ['note --pin ', 'patient'],
    ['note --kind=family ', 'patient'],
    ['note --replaces ', 'note'],
    ['commit --promise --on fri ', 'patient'],
    ['due --patient ', 'patient'],
    ['due --patient=m', 'patient'],
    ['--color never due --patient ', 'patient'],
    ['done ', 'promise'],
    ['done k7m2q ', 'promise'],
    ['answer ', 'note'],
    ['edit ', 'record'],
    ['move k7m2q --to ', 'patient'],
    ['patient merge ', 'patient'],
    ['patient merge maria ', 'patient'],
    ['patient merge maria malu ', undefined],
    ['patient died walt --drop ', 'promise'],
    ['calendar away ', undefined],
    ['import ', 'file'],
    ['export --out ', 'file'],
    ['--vault ', 'folder'],
    ['brief -- ', 'patient'],
    ['unheard-of ', undefined],
  ])('%s: what is named is %s', (line, named) => {
    expect(read(...line.split(' ')).named).toBe(named);
  });

  it('offers an option that was given only where it may be given again', () => {
    expect(offered('note', '--kind', 'story', '--ki')).toEqual([]);
    expect(offered('patient', 'add', '--declined', 'say', '--decl')).toEqual(['--declined']);
  });

  it('offers nothing like an option after --', () => {
    expect(offered('note', '--', '-')).toEqual([]);
  });
});

describe('what the vault is asked', () => {
  let place: TestPlace;
  beforeAll(async () => {
    place = await makeVault({ settings: { idle: '3h' } });
    await place.withStore((store) => {
      addSample(store);
      store.write({ verb: 'set' }, () => store.patients.update('ned', { status: 'archived' }));
    });
    await place.run(['note', 'walt', '--sensitive', '--kind', 'avoid', '-'], { stdin: 'the house\n' });
  });
  afterAll(async () => {
    await runBinary(['lock'], place);
  });

  const complete = async (line: string, env: Readonly<Record<string, string>> = {}) =>
    runBinary(['complete', 'bash'], { root: place.root, stdin: `${line.split(' ').join('\0')}\0`, env });
  const logRows = () => place.withStore((store) => store.log.rows({ limit: 1000 }).length);

  it('says nothing while it is locked, whatever would open it', async () => {
    const result = await complete('brief m', { RAPPORT_PASSPHRASE: passphrase });
    expect(result).toEqual({ stdout: 'words\n', stderr: '', code: 0 });
  });

  it('gives handles and refs while it is unlocked, logs nothing and shows no text', async () => {
    await runBinary(['unlock'], { root: place.root, env: { RAPPORT_PASSPHRASE: passphrase } });
    const before = await logRows();
    const refs = await place.withStore((store) => ({
      recipe: store.commitments.byId('malu-c1')?.ref ?? '',
      memorial: store.commitments.byId('walt-c1')?.ref ?? '',
      fly: store.notes.byId('malu-n1')?.ref ?? '',
      secret: store.notes.of('walt')[0]?.ref ?? '',
    }));
    expect((await complete('brief M')).stdout).toBe('words\nmalu Malu Razo\n');
    const promises = (await complete('done ')).stdout;
    expect(promises).toContain(`${refs.recipe} send, malu, 2025-12-16\n`);
    expect(promises).not.toContain(refs.fly);
    expect((await complete(`done ${refs.memorial.slice(0, 3)}`)).stdout).toBe(
      `words\n${refs.memorial} call, walt, 2026-03-14\n`,
    );
    expect((await complete('answer ')).stdout).toBe(`words\n${refs.fly} question, malu, 2025-12-09\n`);
    expect((await complete(`edit ${refs.secret}`)).stdout).toBe('words\n');
    // Active patients before the others.
    expect((await complete('brief ')).stdout).toBe('words\nmalu Malu Razo\nwalt Walt Beer\n');
    expect((await complete('brief n')).stdout).toBe('words\nned Ned Hintz\n');
    expect((await complete('--vault /elsewhere brief m')).stdout).toBe('words\n');
    expect(await logRows()).toBe(before);
  });

  it('offers none of more patients than anybody would read through', async () => {
    await place.withStore((store) => {
      const [one] = store.patients.all();
      if (one === undefined) return;
      store.write({ verb: 'import' }, () => {
        for (let number = 0; number < 1001; number += 1)
          store.patients.insert({ ...one, id: `z-${number}`, handle: `zoe-${number}` });
      });
    });
    expect((await complete('brief zo')).stdout).toBe('words\n');
    expect((await complete('brief zoe-99')).stdout.split('\n').length).toBe(13);
  });
});
