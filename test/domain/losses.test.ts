import { describe, expect, it } from 'vitest';
import type { PartialDate } from '../../src/dates/civil.ts';
import { lossOffers } from '../../src/domain/losses.ts';
import { day } from '../support/values.ts';

const on = day('2026-03-12');
const condolence = 'Send a condolence note';
const call = 'Call at six weeks';
const anniversary = 'Send a note before the first anniversary';

describe('what is offered after a loss', () => {
  it.each<[string | null, readonly string[]]>([
    ['2026-03-12', [condolence, call, anniversary]],
    ['2026-02-26', [condolence, call, anniversary]],
    ['2026-02-25', [call, anniversary]],
    ['2026-01-29', [call, anniversary]],
    ['2026-01-28', [anniversary]],
    ['2025-05-12', [anniversary]],
    ['2025-03-19', [anniversary]],
    ['2025-03-18', []],
    ['2026-03', [condolence, call]],
    ['2026-02', [condolence, call]],
    ['2026-01', [call]],
    ['2025', []],
    ['2019', []],
    ['--03-01', [condolence, call]],
    [null, [condolence, call]],
  ])('of %s is what is not past', (date, whats) => {
    const offers = lossOffers({ date: date as PartialDate | null, name: 'June', relation: 'wife' }, on);
    expect(offers.map(({ label }) => label.split(', by ')[0])).toEqual(whats);
    for (const { due } of offers) expect(due >= on).toBe(true);
  });
});
