import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Failure, usage } from '../../src/errors.ts';
import { startProgress } from '../../src/terminal/questions.ts';
import { failureLines, fitToScreen, safeText, styleFor } from '../../src/terminal/styles.ts';

const coloured = styleFor(process.stdout, {}, 'always');

describe('the gate before the screen', () => {
  it('lets every tone of ours through, and line ends', () => {
    const style = coloured;
    const text = Object.entries(style)
      .map(([tone, paint]) => paint(tone))
      .join('\n');
    expect(safeText(text, true)).toBe(text);
    expect(safeText(text, false)).not.toContain('\u001b');
  });

  it('has only colours that stand out from light and dark backgrounds', () => {
    const style = coloured;
    const codes = Object.values(style).flatMap((paint) => [...paint('x').matchAll(/\u001b\[(\d+)m/g)]);
    const colours = codes.map(([, code]) => Number(code)).filter((code) => code >= 30 && code !== 39);
    expect(new Set(colours)).toEqual(new Set([31, 35]));
  });

  it.each([
    ['clearing the screen', 'a\u001b[2Jb', 'a\\u{1b}[2Jb'],
    ['a title', '\u001b]0;x\u0007', '\\u{1b}]0;x\\u{7}'],
    ['hidden text', '\u001b[8mx', '\\u{1b}[8mx'],
    ['an eight-bit control', 'a\u009b2J', 'a\\u{9b}2J'],
    ['turned text', 'abc\u202edef', 'abc\\u{202e}def'],
    ['a return', 'visible\rhidden', 'visible hidden'],
    ['a tab', 'a\tb', 'a b'],
  ])('shows %s without its effect', (_, text, shown) => {
    expect(safeText(text, true)).toBe(shown);
  });
});

describe('an error', () => {
  const failure = new Failure(
    'ambiguous',
    "2 patients match 'mar'",
    ['use the handle'],
    ['  Marta', '  Mario'],
  );

  it('is one cause, details and ways out', () => {
    expect(failureLines(failure, { json: false, debug: false })).toBe(
      "rapport: 2 patients match 'mar'\n  Marta\n  Mario\nhint: use the handle",
    );
  });

  it('is one JSON document with --json', () => {
    expect(JSON.parse(failureLines(failure, { json: true, debug: false }))).toEqual({
      error: {
        code: 6,
        name: 'ambiguous',
        message: "2 patients match 'mar'",
        hints: ['use the handle'],
        details: ['Marta', 'Mario'],
      },
    });
  });

  it('that is a defect never tells its message, with --debug neither', () => {
    const error = new TypeError('cannot read "Malu cried"\nof undefined');
    for (const json of [false, true]) {
      const lines = failureLines(error, { json, debug: true });
      expect(lines).toContain('TypeError');
      expect(lines).toContain('showing.test.ts');
      expect(lines).not.toContain('Malu');
      expect(failureLines(error, { json, debug: false })).not.toContain('showing.test.ts');
    }
  });

  it('names the code of a system error', () => {
    const error = Object.assign(new Error('x'), { code: 'SQLITE_IOERR' });
    expect(failureLines(error, { json: false, debug: false })).toContain('(Error, SQLITE_IOERR)');
  });

  it('never sends typed escapes on', () => {
    expect(failureLines(usage('no \u001b[2J'), { json: false, debug: false })).toBe('rapport: no \\u{1b}[2J');
  });
});

describe('progress', () => {
  const run = (isTTY: boolean, wanted: boolean, screenReader = false): string => {
    let written = '';
    const stream = Object.assign(new PassThrough(), { isTTY, columns: 60 });
    stream.on('data', (bytes: Buffer) => {
      written += bytes.toString();
    });
    const progress = startProgress('importing', { stream, wanted, screenReader });
    for (let done = 0; done <= 5000; done += 1) progress.advance(done, 5000);
    progress.end();
    return written;
  };

  it('draws once a percent and clears its line', () => {
    const written = run(true, true);
    expect(written.split('\r').length).toBe(1 + 101 + 1);
    expect(written).toContain('importing');
    expect(written.endsWith('\r\u001b[K')).toBe(true);
  });

  it('is a line at each quarter for a screen reader', () => {
    expect(run(true, true, true)).toBe(
      [0, 25, 50, 75, 100].map((percent) => `importing, ${percent} %\n`).join(''),
    );
  });

  it('is silent without a terminal or where it is not wanted', () => {
    expect(run(false, true)).toBe('');
    expect(run(true, false)).toBe('');
  });
});

describe('what is told on a narrow screen', () => {
  it('is broken at words, and goes on below the first behind a label', () => {
    expect(fitToScreen('hint: write the day as it is written in letters, 2026-04-03', 40)).toBe(
      'hint: write the day as it is written in\n      letters, 2026-04-03',
    );
    expect(fitToScreen('short\n\nalso short', 40)).toBe('short\n\nalso short');
  });

  it('stays as it is where it has columns, or colours, of its own', () => {
    const table = 'k7m2q  Malu Razo      Low-salt recipe sheet                      16 Dec';
    const painted = `\u001b[1m${'word '.repeat(20)}\u001b[22m`;
    expect(fitToScreen(`${table}\n${painted}`, 40)).toBe(`${table}\n${painted}`);
  });
});
