import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createClock } from '../../src/host/clock.ts';
import { stateFile } from '../../src/host/folders.ts';
import { temporaryFolder } from '../support/folders.ts';

const usual = {
  now: () => 0,
  env: {},
  machineZone: () => 'UTC',
  machineOffset: () => 0,
  zonesVersion: process.versions['tz'],
};
const unkept = { read: () => '', write: (_: string) => false };

const at = (instant: string, zone: string, zonesVersion = usual.zonesVersion, kept = unkept) =>
  createClock({ ...usual, zonesVersion, now: () => Date.parse(instant) }, { timeZone: zone }, kept);

describe('today', () => {
  it.each([
    ['2026-03-12T22:59:59Z', 'Europe/Madrid', '2026-03-12', '23:59'],
    ['2026-03-12T23:01:00Z', 'Europe/Madrid', '2026-03-13', '00:01'],
    // The nights on which Madrid's clocks go forward and back.
    ['2026-03-29T00:59:00Z', 'Europe/Madrid', '2026-03-29', '01:59'],
    ['2026-03-29T01:00:00Z', 'Europe/Madrid', '2026-03-29', '03:00'],
    ['2026-10-25T00:30:00Z', 'Europe/Madrid', '2026-10-25', '02:30'],
    ['2026-10-25T01:30:00Z', 'Europe/Madrid', '2026-10-25', '02:30'],
    ['2026-03-12T07:59:00Z', 'America/Los_Angeles', '2026-03-12', '00:59'],
    ['2026-03-12T06:59:00Z', 'America/Los_Angeles', '2026-03-11', '23:59'],
    ['2026-03-12T18:29:00Z', 'Asia/Kolkata', '2026-03-12', '23:59'],
    ['2026-03-12T18:31:00Z', 'Asia/Kolkata', '2026-03-13', '00:01'],
    ['2026-03-12T09:59:00Z', 'Pacific/Kiritimati', '2026-03-12', '23:59'],
    ['2026-03-12T10:01:00Z', 'Pacific/Kiritimati', '2026-03-13', '00:01'],
    ['2026-03-12T12:00:00Z', 'Atlantic/Reykjavik', '2026-03-12', '12:00'],
  ])('at %s in %s is %s %s, as Intl says too', (instant, zone, date, time) => {
    const clock = at(instant, zone);
    expect([clock.today(), clock.time()]).toEqual([date, time]);
    const said = new Date(instant).toLocaleString('sv', { timeZone: zone });
    expect(said.slice(0, 16)).toBe(`${date} ${time}`);
  });

  it('refuses a zone that does not exist, and leaves the zone of the process alone', () => {
    const before = process.env['TZ'];
    expect(() => at('2026-03-12T12:00:00Z', 'Nowhere/Land').today()).toThrow('not a time zone');
    expect(process.env['TZ']).toBe(before);
  });

  it('is fixed by RAPPORT_TODAY and RAPPORT_NOW, and only as they should be written', () => {
    const fixed = (env: Record<string, string>) =>
      createClock({ ...usual, env }, { timeZone: 'Asia/Kolkata' }, unkept);
    expect(fixed({ RAPPORT_TODAY: '2026-03-12' }).today()).toBe('2026-03-12');
    expect(fixed({ RAPPORT_TODAY: '2026-03-12' }).time()).toBe('12:00');
    expect(fixed({ RAPPORT_NOW: '2026-03-12T20:00:00Z' }).today()).toBe('2026-03-13');
    expect(() => fixed({ RAPPORT_TODAY: 'tomorrow' }).today()).toThrow('not a date');
    expect(() => fixed({ RAPPORT_NOW: '2026-03-12' }).today()).toThrow('not an instant');
    expect(fixed({ RAPPORT_TODAY: '2026-03-12' }).instant()).toBe('1970-01-01T00:00:00.000Z');
  });
});

describe('the offset of a zone', () => {
  const zone = 'Europe/Madrid';
  const folder = temporaryFolder();
  const file = join(folder, 'rapport', 'time-zone');
  const place = { env: { XDG_STATE_HOME: folder }, platform: 'linux', home: '/', workingFolder: '/' };
  const kept = stateFile({ ...place, uid: process.getuid?.() }, 'time-zone');
  const timeIn = (named: string, instant: string, zonesVersion = usual.zonesVersion) =>
    at(instant, named, zonesVersion, kept).time();
  const inMadrid = (instant: string) => timeIn(zone, instant);

  it('is kept for as many days as it holds, a month at most, for its user alone', () => {
    expect(inMadrid('2026-04-10T12:00:00Z')).toBe('14:00');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const [, from = 0, until = 0] = /(-?\d+) (-?\d+) 120\n$/.exec(readFileSync(file, 'utf8')) ?? [];
    expect(new Date(Number(from)).toISOString()).toBe('2026-03-29T12:00:00.000Z');
    expect(new Date(Number(until)).toISOString()).toBe('2026-05-10T12:00:00.000Z');
    // Read from there, not asked for again.
    writeFileSync(file, readFileSync(file, 'utf8').replace(/120\n$/, '60'), { mode: 0o600 });
    expect(inMadrid('2026-05-01T12:00:00Z')).toBe('13:00');
    expect(inMadrid('2026-06-01T12:00:00Z')).toBe('14:00');
  });

  it('is asked of Intl where what is kept is of another time, zone or Intl, or is no line of ours', () => {
    expect(inMadrid('2026-12-01T12:00:00Z')).toBe('13:00');
    expect(timeIn('Asia/Kolkata', '2026-12-01T12:00:00Z')).toBe('17:30');
    expect(timeIn(zone, '2026-06-01T12:00:00Z', '1990a')).toBe('14:00');
    writeFileSync(file, `${zone} 0 9999999999999 many\n`, { mode: 0o600 });
    expect(inMadrid('2026-12-01T12:00:00Z')).toBe('13:00');
    writeFileSync(file, `${zone} ${usual.zonesVersion} 0 9999999999999 0`);
    chmodSync(file, 0o666);
    expect(inMadrid('2026-12-01T12:00:00Z')).toBe('13:00');
  });
});
