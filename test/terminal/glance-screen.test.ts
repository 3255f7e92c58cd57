import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { showGlance } from '../../src/terminal/alternate-screen.ts';

type GlancePlace = Parameters<typeof showGlance>[2];

/** A terminal that is looked at: what was written, and whether keys are raw. */
function makePlace(more: Partial<GlancePlace> = {}) {
  const seen = { written: '', isRaw: [] as boolean[], held: 0 };
  const keys = Object.assign(new PassThrough(), { setRawMode: (raw: boolean) => seen.isRaw.push(raw) });
  let interrupt = (): void => undefined;
  const place: GlancePlace = {
    write: (text) => {
      seen.written += text;
    },
    rows: 24,
    columns: 80,
    keys,
    onInterrupt: (action) => {
      seen.held += 1;
      interrupt = action;
      return () => {
        seen.held -= 1;
      };
    },
    quiet: (text) => text,
    ...more,
  };
  return { seen, keys, place, interrupt: () => interrupt() };
}
const away = '\u001b[2J\u001b[?25h\u001b[?1049l';

describe('a glance', () => {
  it('stands there at once and goes at a key, all of it', async () => {
    const { seen, keys, place } = makePlace();
    const glance = showGlance('MALU\nsings', 60, place);
    expect(seen.written).toBe(
      '\u001b[?1049h\u001b[2J\u001b[H\u001b[?25lMALU\nsings\n\nany key ends this, or 60 seconds',
    );
    keys.write(' ');
    await glance;
    expect(seen.written.endsWith(away)).toBe(true);
    expect(seen).toMatchObject({ isRaw: [true, false], held: 0 });
    expect(keys.listenerCount('data') + keys.listenerCount('end') + keys.listenerCount('error')).toBe(0);
    expect(keys.isPaused()).toBe(true);
  });

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

  it('ends at a polite kill, and by time where there are no keys', async () => {
    const killed = makePlace();
    const glance = showGlance('x', 60, killed.place);
    killed.interrupt();
    await glance;
    expect(killed.seen.written.endsWith(away)).toBe(true);
    const { seen, place } = makePlace({ keys: undefined });
    await showGlance('x', 0.02, place);
    expect(seen.written).toContain('for 0.02 seconds');
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
