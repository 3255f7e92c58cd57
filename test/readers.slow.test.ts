/**
 * Whoever reads what comes from outside takes four times as long for four times as much, not sixteen times: each reader over 12,500
 * and 50,000 characters of what is bad for it. By the time of the processor: the machine has other things to do.
 */
import { describe, expect, it } from 'vitest';
import { civilDate } from '../src/dates/civil.ts';
import { readEventRules } from '../src/domain/event-rules.ts';
import { Failure } from '../src/errors.ts';
import { readFhir } from '../src/formats/fhir/fhir-reader.ts';
import { readHolidays } from '../src/formats/holidays.ts';
import { readSchedule } from '../src/formats/ics/schedule.ts';
import { clockOf } from '../src/formats/ics/times.ts';
import { readRapport } from '../src/formats/rapport.ts';
import { readVcards } from '../src/formats/vcard.ts';
import { fitToScreen, safeText } from '../src/terminal/styles.ts';

const today = civilDate(2026, 3, 12) ?? expect.fail('a date');
const zone = 'Europe/Madrid';
const toLocal = clockOf(zone);

async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.split('\n');
}

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  vcard: (text) => readVcards(Buffer.from(text), { cleanNames: true, skipBad: true, today }),
  rapport: (text) => readRapport(text, { skipBad: true }),
  fhir: (text) =>
    readFhir(linesOf(text), {
      ...{
        today,
        zone,
        cleanNames: true,
        withTasks: true,
        skipBad: true,
        identifierSystems: new Set<string>(),
      },
      toLocal: (instant) => toLocal(Date.parse(instant)),
    }),
  schedule: (text) =>
    readSchedule(text, {
      ...{ rules: readEventRules(['summary=*a{patient}b*c', 'summary']), singles: {}, zone },
      window: { from: today, until: today },
    }),
  holidays: (text) => readHolidays(text, today),
  screen: (text) => fitToScreen(safeText(text, true), 80),
};

/** What stands before a text that is repeated, and behind it. */
type Frame = readonly [start: string, end: string];
const json = ['[', '{"a":', '[1,', '"a",', '\\"', '\\u0001', ' ', '\n', '1', '{}\n', 'a'];
const lines = [',', ';', '\\,', '"', ':', ' ', '\n ', '=', '=\n', 'a', 'é', ';a=b', 'BEGIN:VCARD\n', 'A:b\n'];
const card: Frame = ['BEGIN:VCARD\nVERSION:2.1\n', '\nEND:VCARD\n'];
const event: Frame = ['BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20260312T100000\n', '\nEND:VEVENT\n'];
const patient = '{"resourceType":"Patient","id":"a","name":[{"text":"';
const document = '{"format":"rapport","version":1,"patients":[{"name":"';

const cases: readonly (readonly [string, readonly Frame[], readonly string[]])[] = [
  [
    'vcard',
    ['', 'FN:', 'N:', 'FN;', 'BDAY:', 'FN;QUOTED-PRINTABLE:'].map((head) => [card[0] + head, card[1]]),
    lines,
  ],
  [
    'rapport',
    [
      ['', ''],
      [document, '"}]}'],
      [`${document}"},`, ']}'],
    ],
    json,
  ],
  [
    'fhir',
    [
      ['', ''],
      [patient, '"}]}'],
      [`${patient}"},`, ']}'],
      [`${patient}"}]}\n`, ''],
    ],
    json,
  ],
  [
    'schedule',
    ['', 'SUMMARY:', 'SUMMARY;', 'RRULE:', 'EXDATE:'].map((head) => [event[0] + head, event[1]]),
    lines,
  ],
  ['holidays', ['', 'SUMMARY:', 'SUMMARY;', 'DTSTART:'].map((head) => [event[0] + head, event[1]]), lines],
  [
    'screen',
    [['', '']],
    ['\u001b[', '\u001b]', '\u001b[1m', 'e\u0301', '\u0301', ' ', '世', '\u202e', '\n', '\r', 'a', 'a '],
  ],
];

/** Milliseconds; the better of two. */
async function timeOf(read: (text: string) => unknown, text: string): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 2; run += 1) {
    const { user } = process.cpuUsage();
    try {
      await read(text);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
    best = Math.min(best, (process.cpuUsage().user - user) / 1000);
  }
  return best;
}

const quarter = 12_500;
/** Milliseconds that are too few to be compared. */
const least = 150;

/** How long a quarter and the whole take, where that is out of proportion each of three times: else undefined. */
async function outOfProportion(
  read: (text: string) => unknown,
  textOf: (size: number) => string,
): Promise<string | undefined> {
  let told: string | undefined;
  for (let time = 0; time < 3; time += 1) {
    const before = await timeOf(read, textOf(quarter));
    const after = await timeOf(read, textOf(4 * quarter));
    if (after <= least || after <= 9 * before) return undefined;
    told = `${before}, ${after}`;
  }
  return told;
}

describe('in proportion to its text', () => {
  it.each(cases)('reads the reader called %s', { timeout: 300_000 }, async (name, frames, parts) => {
    const read = readers[name] ?? expect.fail(name);
    const slow: string[] = [];
    for (const [start, end] of frames)
      for (const part of parts) {
        const times = await outOfProportion(read, (size) => start + part.repeat(size / part.length) + end);
        if (times !== undefined) slow.push(`${JSON.stringify([start, part])}: ${times}`);
      }
    expect(slow).toEqual([]);
  });
});
