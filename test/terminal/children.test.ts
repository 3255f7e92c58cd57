import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/errors.ts';
import { page } from '../../src/terminal/alternate-screen.ts';
import { editText } from '../../src/terminal/editor.ts';
import { splitCommand } from '../../src/terminal/subprocess.ts';
import { temporaryFolder } from '../support/folders.ts';

type EditorPlace = Parameters<typeof editText>[2];

const home = temporaryFolder();

const folder = (name: string): string => {
  const path = join(home, name);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
};

/** An executable shell script. */
function script(name: string, body: string): string {
  const path = join(folder('bin'), name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return path;
}

function editorPlace(runtime: string, editor: string, more: Partial<EditorPlace> = {}): EditorPlace {
  return {
    env: { ...process.env, XDG_RUNTIME_DIR: runtime, VISUAL: undefined, EDITOR: editor },
    folder: () => ({ path: runtime, isInMemory: true }),
    holdInterrupts: () => () => undefined,
    remove: (left) => rmSync(left, { recursive: true }),
    terminal: () => ({ input: 0, output: 1 }),
    warn: () => undefined,
    ...more,
  };
}

/** What was kept of the text, and where. */
let kept: readonly unknown[] = [];
const keeping = {
  id: 'draft',
  keep: (...said: readonly unknown[]) => {
    kept = said;
  },
};

describe('a command named in the environment', () => {
  it.each([
    ['code --wait', ['code', '--wait']],
    [`"/opt/my editor/bin/ed" -x`, ['/opt/my editor/bin/ed', '-x']],
    [`emacs --eval '(a "b")'`, ['emacs', '--eval', '(a "b")']],
    ['a\\ b c', ['a b', 'c']],
    ['  ', []],
  ])('%s is split without a shell', (command, words) => {
    expect(splitCommand(command)).toEqual(words);
  });
});

describe('the editor', () => {
  it('works on a private file in memory, without the secrets, and leaves nothing', async () => {
    const runtime = folder('runtime');
    const seen = join(home, 'seen');
    const editor = script(
      'editor',
      `stat -c %a "$1" "$(dirname "$1")" >${seen}; echo "$1" >>${seen}; env >>${seen}; cat "$1" >>${seen}; printf 'changed\\n' >"$1"`,
    );
    const place = editorPlace(runtime, editor);
    const text = await editText('as it was', keeping, {
      ...place,
      env: { ...place.env, RAPPORT_PASSPHRASE: 'sesame', RAPPORT_RECOVERY_FILE: '/sesame' },
    });
    expect(text).toBe('changed\n');
    expect(kept).toEqual(['changed\n', true]);
    const told = readFileSync(seen, 'utf8');
    expect(told.split('\n').slice(0, 2)).toEqual(['600', '700']);
    expect(told).toContain('as it was');
    expect(told).toContain(`${runtime}/draft/rapport.txt`);
    expect(told).not.toContain('sesame');
    expect(readdirSync(runtime)).toEqual([]);
  });

  it('changes nothing where it ends with an error, and leaves nothing', async () => {
    const runtime = folder('runtime');
    const editing = editText('x', keeping, editorPlace(runtime, script('fails', 'exit 3')));
    await expect(editing).rejects.toMatchObject({ exit: 'cancelled' });
    expect(readdirSync(runtime)).toEqual([]);
  });

  it('that ends with an error after it wrote has its text kept', async () => {
    const runtime = folder('runtime');
    const editor = script('fails-late', 'echo typed >"$1"; exit 3');
    await expect(editText('x', keeping, editorPlace(runtime, editor))).rejects.toMatchObject({
      exit: 'cancelled',
    });
    expect(kept).toEqual(['typed\n', true]);
    expect(readdirSync(runtime)).toEqual([]);
  });

  it('that is not there is refused', async () => {
    const runtime = folder('runtime');
    const place = editorPlace(runtime, 'no-such-editor-here');
    await expect(editText('x', keeping, place)).rejects.toMatchObject({ exit: 'usage' });
    expect(readdirSync(runtime)).toEqual([]);
  });

  it.each([
    ['is no UTF-8', 'usage', script('latin', `printf '\\351t\\351' >"$1"`), keeping],
    ['is a link to another file', 'cancelled', script('links', 'ln -sf /etc/passwd "$1"'), keeping],
    [
      'can not be kept',
      'busy',
      script('writes', 'echo typed >"$1"'),
      {
        id: 'draft',
        keep: () => {
          throw new Failure('busy', 'another rapport holds the vault', ['try again']);
        },
      },
    ],
  ])('leaves a text that %s where it is, and says where', async (_, exit, editor, how) => {
    const runtime = mkdtempSync(join(home, 'left-'));
    await expect(editText('x', how, editorPlace(runtime, editor))).rejects.toMatchObject({
      exit,
      hints: expect.arrayContaining([`what you typed is in ${join(runtime, 'draft/rapport.txt')}`]),
    });
    expect(readdirSync(join(runtime, 'draft'))).toEqual(['rapport.txt']);
  });

  it('needs a terminal', async () => {
    const place = editorPlace(folder('runtime'), 'true', { terminal: () => undefined });
    await expect(editText('x', keeping, place)).rejects.toMatchObject({ exit: 'usage' });
  });

  it('is told to keep nothing where it is vim by any name', async () => {
    const path = mkdtempSync(join(home, 'path-'));
    const told = join(path, 'told');
    for (const name of ['vim.tiny', 'vim.basic', 'gvim', 'nvim', 'nano'])
      writeFileSync(join(path, name), `#!/bin/sh\necho "$*" >${told}\n`, { mode: 0o755 });
    symlinkSync('vim.tiny', join(path, 'vi'));
    const argumentsOf = async (editor: string): Promise<string> => {
      const place = editorPlace(folder('runtime'), editor);
      await editText('x', keeping, {
        ...place,
        env: { ...place.env, PATH: `${path}:${place.env['PATH']}` },
      });
      return readFileSync(told, 'utf8');
    };
    for (const editor of ['vi', `${path}/vim.tiny -f`, 'gvim', 'vim.basic'])
      expect(await argumentsOf(editor)).toMatch(/^-n -i NONE .*noundofile viminfo= /u);
    expect(await argumentsOf('nvim -u x')).toMatch(/noundofile shada= -u x \S+rapport\.txt$/mu);
    expect(await argumentsOf('nano -w')).toMatch(/^-w \S+rapport\.txt$/mu);
  });
});

describe('the pager', () => {
  const long = Array.from({ length: 50 }, (_, line) => `line ${line}`).join('\n');
  const show = async (text: string, pager: string, isTerminal = true): Promise<string> => {
    let printed = '';
    warned = '';
    await page(text, {
      env: {
        ...process.env,
        RAPPORT_PAGER: undefined,
        PAGER: pager,
        RAPPORT_PASSPHRASE: 'sesame',
        LESS: 'X',
        LESSOPEN: '|x',
      },
      rows: isTerminal ? 24 : undefined,
      print: (shown) => {
        printed = shown;
      },
      warn: (line) => {
        warned = line;
      },
      holdInterrupts: () => () => undefined,
    });
    return printed;
  };
  const seen = join(home, 'paged');
  let warned = '';

  it('gets long output with settings that leave no trace', async () => {
    expect(await show(long, script('pager', `{ cat; env; } >${seen}`))).toBe('');
    const told = readFileSync(seen, 'utf8');
    expect(told.startsWith(`${long}\n`)).toBe(true);
    expect(told).toMatch(/^LESS=-R$/m);
    expect(told).toMatch(/^LESSHISTFILE=-$/m);
    expect(told).not.toMatch(/LESSOPEN|sesame/);
  });

  it.each([
    ['short output', 'a\nb', 'cat', true],
    ['a pipe', long, 'cat', false],
    ['no pager', long, ' ', true],
    ['cat, which means none', long, 'cat', true],
  ])('is left out for %s', async (_, text, pager, isTerminal) => {
    expect(await show(text, pager, isTerminal)).toBe(text);
    expect(warned).toBe('');
  });

  it.each([
    ['is not there', 'no-such-pager-here'],
    ['may not be run', join(home, 'plain')],
    ['is a script whose program is not there', script('hollow', 'exec no-such-program-here 2>/dev/null')],
  ])('that %s gives way to plain output, with a warning', async (_, pager) => {
    writeFileSync(join(home, 'plain'), 'no program', { mode: 0o644 });
    expect(await show(long, pager)).toBe(long);
    expect(warned).toMatch(/^rapport: the pager '.*' can't be started; set PAGER/);
  });

  it('is less with its own screen, whatever it was told', async () => {
    const argumentsOf = async (name: string, options: string): Promise<string> => {
      await show(long, `${script(name, `cat >${seen}; echo "$*" >${seen}`)} ${options}`);
      return readFileSync(seen, 'utf8').trim();
    };
    expect(await argumentsOf('less', '-SR')).toBe('-SR');
    for (const option of ['-X', '-RFX', '--no-init', '--quit-if-one-screen'])
      expect(await argumentsOf('less', option)).toBe(`${option} -+X -+F -+E`);
    expect(await argumentsOf('more', '-X')).toBe('-X');
  });

  it('may be left early', async () => {
    expect(await show(`${long}\n`.repeat(20_000), script('leaves', 'exit 0'))).toBe('');
  });
});
