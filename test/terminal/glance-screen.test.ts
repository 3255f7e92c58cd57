import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { showGlance } from '../../src/terminal/alternate-screen.ts';

type GlancePlace = Parameters<typeof showGlance>[2];

/** A terminal that is looked at: what was written. */
function makePlace(more: Partial<GlancePlace> = {}) {
  const seen = { written: '' };
  const keys = Object.assign(new PassThrough(), { setRawMode: () => undefined });
  const place: GlancePlace = {
    write: (text) => {
      seen.written += text;
    },
    rows: 24,
    columns: 80,
    keys,
    onInterrupt: () => () => undefined,
    quiet: (text) => text,
    ...more,
  };
  return { seen, keys, place };
}
const away = '\u001b[2J\u001b[?25h\u001b[?1049l';

describe('a glance', () => {
  it.each([
    ['the terminal going away', (keys: PassThrough) => keys.end()],
    ['a terminal that fails', (keys: PassThrough) => keys.destroy(new Error('EIO'))],
  ])('ends at %s', async (_, act) => {
    const { seen, keys, place } = makePlace();
    const glance = showGlance('x', 60, place);
    act(keys);
    await glance;
    expect(seen.written.endsWith(away)).toBe(true);
  });

  it('shows what fits and says what does not', async () => {
    const shownOn = async (text: string, rows: number): Promise<readonly string[]> => {
      const { seen, keys, place } = makePlace({ rows });
      const glance = showGlance(text, 60, place);
      const [, shown = ''] = seen.written.split('\u001b[?25l');
      keys.write(' ');
      await glance;
      return shown.replace(/\n\nany key ends this, or 60 seconds$/, '').split('\n');
    };
    const lines = Array.from({ length: 30 }, (_, line) => `line ${line}`);
    const fitting = await shownOn(lines.join('\n'), 24);
    expect(fitting).toHaveLength(24);
    expect(fitting.at(-1)).toBe('+ 7 lines more than fit here: --glance 0');
    expect(await shownOn(lines.join('\n'), 30)).toEqual(lines);
    // A line that is wrapped takes two; colours take nothing.
    const wide = `\u001b[1m${'x'.repeat(80)}\u001b[22m`;
    expect(await shownOn(`${wide}\nb\nc`, 3)).toHaveLength(3);
    expect(await shownOn(`${wide}x\nb\nc`, 3)).toEqual([
      `${wide}x`,
      '+ 2 lines more than fit here: --glance 0',
    ]);
    expect(await shownOn('a\nb\nc', 1)).toEqual(['+ 3 lines more than fit here: --glance 0']);
  });

  it('leaves its own line out where there is no room for it', async () => {
    const { seen, keys, place } = makePlace({ rows: 2 });
    const glance = showGlance('a\nb', 60, place);
    expect(seen.written.endsWith('a\nb')).toBe(true);
    keys.write('x');
    await glance;
  });
});
