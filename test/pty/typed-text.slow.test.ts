/** Nothing that is typed in an editor is lost: the built program in a pseudo-terminal, with editors that are scripts. */

import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { mountsAreAbsent } from '../faults/support/mounts.ts';
import { binary, runBinary } from '../support/binary.ts';
import { draftTexts } from '../support/drafts.ts';
import { type PtyRun, runInTerminal } from '../support/pty.ts';
import { addPatient } from '../support/sample.ts';
import { makeVault, passphrase, type TestPlace } from '../support/vault.ts';

const long = `was a pilot ${'and flew on '.repeat(1083)}`.trim();

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
  await addPatient(place, 'Jackie Mraz', 'jackie', { notes: [{ kind: 'story', text: 'keeps bees' }] });
});

const usual = { RAPPORT_PASSPHRASE: passphrase, RAPPORT_NOW: '2026-03-12T17:00:00Z' };

function start(argv: readonly string[], editor = 'false', more: { readonly program?: string } = {}): PtyRun {
  const env = { ...usual, EDITOR: editor };
  // So wide that no message is broken.
  return runInTerminal(argv, { root: place.root, env, rows: 40, columns: 240, ...more });
}

/** An editor of such lines of sh; `$1` is the file. */
function script(name: string, ...lines: readonly string[]): string {
  const path = join(place.root, name);
  writeFileSync(path, ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(path, 0o700);
  return path;
}

/** An editor that puts the text at the top of the file. */
function typing(text: string): string {
  writeFileSync(join(place.root, 'typed'), `${text}\n`);
  return script('types', `cat "$1" > ${place.root}/was`, `cat ${place.root}/typed ${place.root}/was > "$1"`);
}

/** An editor that writes the text, and is open until it is told to go on. */
function waiting(text: string): { readonly editor: string; readonly goOn: () => void } {
  const gate = join(place.root, 'gate');
  execFileSync('mkfifo', [gate]);
  writeFileSync(join(place.root, 'typed'), `${text}\n`);
  const lines = [
    "trap '' HUP",
    `cat ${place.root}/typed > "$1"`,
    'echo it is written',
    `read -r line < ${gate}`,
  ];
  return { editor: script('waits', ...lines), goOn: () => writeFileSync(gate, 'go\n') };
}

const kept = () => place.withStore((store) => draftTexts(store, 'jackie'));
const notes = () => place.withStore((store) => store.notes.of('jackie').map(({ text }) => text));
const runtime = (): readonly string[] => readdirSync(join(place.root, 'runtime'));
/** The file that is left in an editor's folder. */
function left(): string | undefined {
  const folder = join(place.root, 'runtime');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const name = names.find((one) => one.endsWith('rapport.txt'));
  return name && join(folder, name);
}

describe('a text that is refused', () => {
  it.each([
    ['note', ['note', 'jackie', '--editor'], 'rapport note jackie --editor'],
    ['commit', ['commit', 'jackie', '--editor'], 'rapport commit jackie'],
    ['edit', ['edit', 'REF', '--editor'], 'rapport edit REF --editor'],
  ])('is a draft of %s, whole, and the editor goes on with it', async (_, words, way) => {
    const ref = await place.withStore((store) => store.notes.of('jackie')[0]?.ref ?? '');
    const argv = words.map((word) => word.replace('REF', ref));
    const goesOn = way.replace('REF', ref);
    const run = start(argv, typing(long));
    await run.answer('Edit again?', 'n\r');
    await run.waitFor(`hint: ${goesOn} goes on with it`);
    await run.waitFor('not saved yet; what you typed is kept as a draft');
    expect(await run.exit).toBe(2);
    expect(run.written()).not.toContain('flew');
    expect((await kept())?.[0]).toContain(long);
    expect(runtime()).toEqual([]);
    const due = await runBinary(['due'], { root: place.root, env: usual });
    expect(due.stdout).toContain(`Not saved yet: Jackie Mraz, 12 Mar. ${goesOn}`);
    const again = start(argv, script('shortens', `sed -i 's/ and flew.*//' "$1"`));
    const asked = await again.waitFor('is not saved yet (1 line)');
    // What another terminal saved meanwhile is to be seen before it is written over.
    expect(asked.includes('saved is: keeps bees')).toBe(argv[0] === 'edit');
    again.type('\r');
    expect(await again.exit).toBe(0);
    expect(await notes()).toContain(argv[0] === 'edit' ? 'was a pilot\nkeeps bees' : 'was a pilot');
    expect(await kept()).toBeUndefined();
  });

  it('keeps what it was said to be: private stays private', async () => {
    const run = start(
      ['note', 'jackie', '--kind', 'concern', '--sensitive', '--editor'],
      typing(`! call by fri\n${long}`),
    );
    await run.answer('Edit again?', 'n\r');
    expect(await run.exit).toBe(2);
    const again = start(['note', 'jackie', '--editor'], script('shortens', `sed -i 's/ and flew.*//' "$1"`));
    await again.answer('is not saved yet (2 lines)', '\r');
    await again.answer('Might somebody with', '\r');
    expect(await again.exit).toBe(0);
    const [notes, promises] = await place.withStore((store) => [
      store.notes.of('jackie').filter(({ kind }) => kind === 'concern'),
      store.commitments.of('jackie'),
    ]);
    expect(notes).toMatchObject([{ text: 'was a pilot', sensitive: true }]);
    expect(promises).toMatchObject([{ text: 'call', sensitive: true }]);
  });

  it('is kept where the editor itself fails after it wrote', async () => {
    const run = start(['note', 'jackie', '--editor'], script('fails', 'echo rides a horse > "$1"', 'exit 3'));
    await run.waitFor('not saved yet; what you typed is kept as a draft');
    expect(await run.exit).toBe(130);
    expect(await kept()).toEqual(['rides a horse']);
  });
});

describe('rapport killed while the editor is open', () => {
  it('leaves the text to the next command: a script says where it is, a terminal takes it into the vault', async () => {
    const { editor, goOn } = waiting('rides a horse');
    const run = start(['note', 'jackie', '--editor'], editor);
    await run.waitFor('it is written');
    // As long as it lives, its file is its own.
    const during = start(['due']);
    await during.waitFor('Not saved yet: Jackie Mraz, 12 Mar. open in another terminal');
    expect(await during.exit).toBe(0);
    expect(left()).toBeDefined();
    run.kill();
    await run.exit;
    const path = left();
    const script1 = await runBinary(['due'], { root: place.root, env: usual });
    expect(script1.stderr).toContain(`lies in ${path}`);
    const script2 = await runBinary(['due'], { root: place.root, env: usual });
    expect(script2.stderr).not.toContain('lies in');
    expect(readFileSync(String(path), 'utf8')).toBe('rides a horse\n');
    expect(await kept()).toBeUndefined();
    const terminal = start(['due']);
    await terminal.waitFor('is kept, and not saved yet');
    await terminal.waitFor('rapport note jackie --editor');
    expect(await terminal.exit).toBe(0);
    expect(runtime()).toEqual([]);
    expect(await kept()).toEqual(['rides a horse']);
    goOn();
  });

  it('leaves nothing behind that was not changed', async () => {
    const ref = await place.withStore((store) => store.notes.of('jackie')[0]?.ref ?? '');
    const { editor, goOn } = waiting('keeps bees');
    const run = start(['edit', ref, '--editor'], editor);
    await run.waitFor('it is written');
    run.kill();
    await run.exit;
    const terminal = start(['due']);
    expect(await terminal.exit).toBe(0);
    expect(terminal.written()).not.toContain('not saved yet');
    expect(runtime()).toEqual([]);
    expect(await kept()).toBeUndefined();
    goOn();
  });
});

describe('a vault that cannot take the text', () => {
  it('since the patient was forgotten meanwhile leaves the file, for its owner to remove', async () => {
    const { editor, goOn } = waiting('rides a horse');
    const run = start(['note', 'jackie', '--editor'], editor);
    await run.waitFor('it is written');
    const forgotten = await runBinary(['patient', 'forget', 'jackie', '--yes'], {
      root: place.root,
      env: usual,
    });
    expect(forgotten.code).toBe(0);
    goOn();
    const path = left();
    await run.waitFor(`what you typed is in ${path}`);
    expect(await run.exit).toBe(9);
    const next = start(['due']);
    await next.waitFor(`lies in ${path}`);
    expect(await next.exit).toBe(0);
    expect(readFileSync(String(path), 'utf8')).toBe('rides a horse\n');
  });

  it('since the note was changed meanwhile keeps it as a draft', async () => {
    const { editor, goOn } = waiting('keeps wasps');
    const run = start(['edit', 'jackie-n1', '--editor'], editor);
    await run.waitFor('it is written');
    const words = ['edit', 'jackie-n1', '--text', 'keeps ants'];
    expect((await runBinary(words, { root: place.root, env: usual })).code).toBe(0);
    goOn();
    await run.waitFor('not saved yet; what you typed is kept as a draft');
    expect(await run.exit).toBe(9);
    expect([await notes(), await kept()]).toEqual([['keeps ants'], ['keeps wasps\n']]);
  });

  it('since another holds it leaves the file, and the next command takes it in', async () => {
    const { editor, goOn } = waiting('rides a horse');
    const run = start(['note', 'jackie', '--editor'], editor);
    await run.waitFor('it is written');
    await place.withDatabase(async (database) => {
      database.exec('BEGIN IMMEDIATE');
      goOn();
      await run.waitFor('another rapport holds the vault');
      await run.waitFor(`what you typed is in ${left()}`);
      expect(await run.exit).toBe(8);
      database.exec('ROLLBACK');
    });
    const next = start(['due']);
    await next.waitFor('is kept, and not saved yet');
    expect(await next.exit).toBe(0);
    expect(await kept()).toEqual(['rides a horse']);
    expect(runtime()).toEqual([]);
  }, 90_000);

  it('in the midst of a write-up says which of it is kept, and shows the rest', async () => {
    for (const earlier of [undefined, 'plays the oud']) {
      const run = await beginWriteUp();
      if (earlier !== undefined) {
        run.type(`${earlier}\r`);
        await run.waitFor(`story  ${earlier}`);
      }
      await place.withDatabase(async (database) => {
        database.exec('BEGIN IMMEDIATE');
        run.type('rides a horse\r');
        await run.waitFor('another rapport holds the vault');
        expect(await run.exit).toBe(8);
        database.exec('ROLLBACK');
      });
      const screen = await run.waitFor(
        earlier === undefined
          ? 'not saved, and not kept as a draft'
          : 'not saved yet; what you typed before is kept as a draft, the last of it is not',
      );
      expect(screen).toMatch(/You typed:\n(?: {2}.*\n)* {2}rides a horse/);
      expect(await kept()).toEqual(earlier === undefined ? undefined : [earlier]);
    }
  }, 90_000);

  it('where a draft goes on in an editor says what is kept of it, and where the rest is', async () => {
    const first = start(['note', 'jackie', '--editor'], typing('story: plays the oud\n@31 feb'));
    await first.answer('Edit again?', 'n\r');
    expect(await first.exit).not.toBe(0);
    const earlier = await kept();
    const { editor, goOn } = waiting('rides a horse');
    const run = start(['note', 'jackie', '--editor'], editor);
    await run.answer('go on with it', '\r');
    await run.waitFor('it is written');
    await place.withDatabase(async (database) => {
      database.exec('BEGIN IMMEDIATE');
      goOn();
      await run.waitFor(`what you typed is in ${left()}`);
      await run.waitFor('what you typed before is kept as a draft, the last of it is not');
      expect(await run.exit).toBe(8);
      database.exec('ROLLBACK');
    });
    expect(await kept()).toEqual(earlier);
  }, 90_000);

  it.skipIf(mountsAreAbsent() !== undefined)(
    'since its disk is full leaves the file, and takes it in later',
    async () => {
      const editor = script(
        'fills',
        'echo rides a horse > "$1"',
        `dd if=/dev/zero of=${place.folder}/fill bs=4096 2>/dev/null`,
      );
      const rapport = `${process.execPath} ${binary}`;
      const lines = [
        `cp -a ${place.folder} ${place.work}/kept`,
        `mount -t tmpfs -o size=4m,mode=700 tmpfs ${place.folder}`,
        `cp -a ${place.work}/kept/. ${place.folder}; chmod 700 ${place.folder}`,
        `${rapport} note jackie --editor`,
        `echo "it ended with $?"; rm ${place.folder}/fill`,
        `${rapport} due`,
        `cp -a ${place.folder} ${place.work}/out`,
      ];
      const run = start(['-m', 'sh', '-c', lines.join('\n')], editor, { program: 'unshare' });
      await run.waitFor('the disk is full');
      await run.waitFor('what you typed is in /');
      await run.waitFor('it ended with 1');
      await run.waitFor('is kept, and not saved yet');
      expect(await run.exit).toBe(0);
      expect(left()).toBeUndefined();
      const due = await runBinary(['due'], {
        root: place.root,
        env: { ...usual, RAPPORT_VAULT: join(place.work, 'out') },
      });
      expect(due.stdout).toContain('Not saved yet: Jackie Mraz, 12 Mar. rapport note jackie --editor');
    },
  );
});

async function beginWriteUp(): Promise<PtyRun> {
  const run = start(['commit', 'jackie']);
  await run.answer('Visit on', '\r');
  await run.answer('What did you promise', '\r');
  await run.waitFor('What did you learn?');
  return run;
}

describe('two terminals that write up one patient', () => {
  const begin = async (line: string): Promise<PtyRun> => {
    const run = await beginWriteUp();
    run.type(`${line}\r`);
    await run.waitFor(`story  ${line}`);
    return run;
  };
  const end = async (run: PtyRun): Promise<void> => {
    run.type('\r');
    await run.answer('Ask next time?', '\r');
    await run.answer('Enter saves', '\r');
    expect(await run.exit).toBe(0);
  };

  it('keep apart: each saves its own lines, and the second is told of the first', async () => {
    const first = await begin('plays the oud');
    const second = await begin('rides a horse');
    expect(second.written()).toContain('is not saved yet, and open in another terminal');
    expect(await kept()).toEqual(['plays the oud', 'rides a horse']);
    await end(second);
    expect(await kept()).toEqual(['plays the oud']);
    await end(first);
    expect(await kept()).toBeUndefined();
    expect((await notes()).sort()).toEqual(['keeps bees', 'plays the oud', 'rides a horse']);
  });

  it('are one again where the first was killed: the second is offered its lines', async () => {
    const first = await begin('plays the oud');
    first.kill();
    await first.exit;
    const second = start(['commit', 'jackie']);
    await second.answer('is not saved yet (1 line)', '\r');
    await second.answer('What did you promise', '\r');
    await second.waitFor('What did you learn?');
    await end(second);
    expect((await notes()).sort()).toEqual(['keeps bees', 'plays the oud']);
  });
});

const hasVim = (): boolean => {
  try {
    execFileSync('vim', ['--version'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
};

// Skipped where no vim is installed.
describe.skipIf(!hasVim())('vim behind another program', () => {
  it.each([
    ['env', () => 'env vim'],
    ['a script', () => script('my-editor', 'exec vim "$@"')],
    ['sh -c', () => `sh -c 'vim "$0"'`],
  ])('%s leaves no trace, and reads its own settings all the same', async (_, editor) => {
    const home = join(place.root, 'home');
    for (const name of ['swap', 'undo', 'backup']) mkdirSync(join(home, name));
    const settings = [
      'set nocompatible backup writebackup undofile swapfile history=50',
      `set directory=${home}/swap undodir=${home}/undo backupdir=${home}/backup`,
      `set viminfo='100,n${home}/viminfo`,
      'nnoremap Q ggOplays the oud<Esc>',
    ];
    writeFileSync(join(home, '.vimrc'), `${settings.join('\n')}\n`);
    const run = start(['note', 'jackie', '--editor'], editor());
    await run.waitFor('# One note each line');
    run.type('Q');
    await run.waitFor('plays the oud');
    const traces = () =>
      [home, join(place.root, 'runtime'), join(place.root, 'temporary'), place.work]
        .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }))
        .filter(
          (name) =>
            !/^(?:\.vimrc|swap|undo|backup|data|\.config(?:\/rapport(?:\/config\.json)?)?)$|^rapport-edit-[^/]*(?:\/(?:lock|\w{26}|\w{26}\/rapport\.txt))?$/.test(
              name,
            ),
        );
    expect(traces()).toEqual([]);
    run.type(':wq\r');
    expect(await run.exit).toBe(0);
    expect(traces()).toEqual([]);
    expect(runtime()).toEqual([]);
    expect(await notes()).toContain('plays the oud');
    expect(existsSync(join(home, 'viminfo'))).toBe(false);
  });
});
