/** `rapport calendar import FILE`: closed days from a file. What can't be read is named by its line, the rest is offered. */
import { cancelled, type ExitName, Failure, usage } from '../errors.ts';
import { decodeText } from '../formats/guess.ts';
import { type HolidayFile, readHolidays } from '../formats/holidays.ts';
import type { ClosedDay } from '../store/store.ts';
import { dayLines, faultLines } from '../terminal/day-view.ts';
import type { Store, World } from '../world.ts';
import { defineCommand } from './command.ts';

interface CalendarImportRequest {
  /** '-' is standard input. */
  readonly source: string;
  readonly dryRun: boolean;
}

type ImportNeeds = Pick<
  World,
  'openStore' | 'questions' | 'clock' | 'output' | 'notices' | 'globals' | 'stdin' | 'files'
>;

/** Bytes. */
const largestFile = 8 * 1024 * 1024;

const count = (size: number, noun: string): string => `${size} ${noun}${size === 1 ? '' : 's'}`;

async function readFile(source: string, { files, stdin, clock }: ImportNeeds): Promise<HolidayFile> {
  const text =
    source === '-'
      ? await stdin.readText(largestFile)
      : decodeText(await files.readBytes(source, largestFile));
  const file = await readHolidays(text, clock.today());
  if (file.days.length > 0) return file;
  if (file.faults.length > 0)
    throw new Failure(
      'usage',
      'nothing in the file can be read as a closed day',
      ['a line is 2026-12-25 Christmas; an .ics file is read as well'],
      faultLines(file.faults),
    );
  throw usage(
    'the file holds no closed day',
    file.leftOut > 0 ? 'its events have a time of day, or were called off' : 'a line is 2026-12-25 Christmas',
  );
}

/** Where lines are bad: goes on with the rest after a yes. @throws usage, cancelled */
async function agreeToRest({ days, faults }: HolidayFile, needs: ImportNeeds): Promise<void> {
  if (faults.length === 0) return;
  const { questions, globals, notices } = needs;
  const what = `${count(faults.length, 'entry').replace('entrys', 'entries')} of the file can't be read`;
  const lines = faultLines(faults);
  if (globals.yes) for (const line of [`${what}:`, ...lines]) notices.warn(line);
  else if (!questions.possible)
    throw new Failure('usage', what, [`add --yes to take the other ${count(days.length, 'day')}`], lines);
  else {
    questions.tell([`${what}:`, ...lines].join('\n'));
    if (!(await questions.confirm(`Take the other ${count(days.length, 'day')}?`, true))) throw cancelled();
  }
}

interface Sorted {
  readonly added: readonly ClosedDay[];
  readonly renamed: readonly ClosedDay[];
  readonly same: number;
}

/** A day that is closed already keeps its name where the file has none. */
function sortOut({ days }: HolidayFile, store: Store): Sorted {
  const known = new Map(store.calendar.read().closed_days.map(({ on, name }) => [on, name]));
  const added = days.filter(({ on }) => !known.has(on));
  const renamed = days.filter(({ on, name }) => known.has(on) && name !== null && known.get(on) !== name);
  return { added, renamed, same: days.length - added.length - renamed.length };
}

function sentenceOf({ added, renamed, same }: Sorted, { leftOut }: HolidayFile): string {
  const parts = [
    `${count(added.length, 'closed day')} added`,
    ...(renamed.length > 0 ? [`${renamed.length} renamed`] : []),
    ...(same > 0 ? [`${same} there already`] : []),
    ...(leftOut > 0 ? [`${count(leftOut, 'event')} with a time of day or called off left out`] : []),
  ];
  return parts.join(', ');
}

async function runImport(request: CalendarImportRequest, needs: ImportNeeds): Promise<ExitName> {
  const { output, globals } = needs;
  // Which day it is depends on the vault's zone; and a passphrase may be standard input's first line.
  const store = await needs.openStore();
  const file = await readFile(request.source, needs);
  if (!request.dryRun) await agreeToRest(file, needs);
  const sort = () => {
    const sorted = sortOut(file, store);
    return { sorted, closed_days: [...sorted.added, ...sorted.renamed] };
  };
  const { value, operation } = request.dryRun
    ? { value: sort(), operation: undefined }
    : store.write({ verb: 'calendar import' }, () => {
        const found = sort();
        store.calendar.merge(found);
        return found;
      });
  const { sorted, closed_days } = value;
  if (globals.json)
    output.json({
      schema: 'rapport.calendar-import/1',
      dry_run: request.dryRun,
      operation: operation ?? null,
      added: sorted.added,
      renamed: sorted.renamed,
      same: sorted.same,
      left_out: file.leftOut,
      faults: file.faults,
    });
  else if (request.dryRun)
    output.print(
      [
        ...(file.faults.length > 0 ? ["can't be read:", ...faultLines(file.faults)] : []),
        ...dayLines(closed_days, output),
        `${sentenceOf(sorted, file).replace(' added', ' to add')}; nothing was changed: this was a dry run`,
      ].join('\n'),
    );
  else output.print([...dayLines(closed_days, output), sentenceOf(sorted, file)].join('\n'));
  return 'ok';
}

export const calendarImport = defineCommand<CalendarImportRequest>({
  path: 'calendar import',
  summary: 'closed days from a file: lines such as 2026-12-25 Christmas, or .ics',
  group: 'More',
  arguments: [{ name: 'file', help: '- reads standard input' }],
  options: [{ flags: '--dry-run', help: 'show what would be added, and stop' }],
  examples: ['rapport calendar import holidays.txt', 'rapport calendar import holidays.ics --dry-run'],
  access: 'unlocked',
  parse: (raw) => ({ source: raw.text('file') ?? '-', dryRun: raw.flag('dry-run') }),
  run: runImport,
});
