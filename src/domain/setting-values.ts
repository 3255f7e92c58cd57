/**
 * The settings. What the data depend on is kept in the vault; what starts programs or keeps keys is the person's
 * own, in a file.
 */
import { weekdayWords } from '../dates/vocabulary.ts';
import { usage } from '../errors.ts';
import { type EventRule, readEventRules, usualRules } from './event-rules.ts';
import { type CommitmentKind, commitmentKinds } from './records.ts';
import { settingDeclaration, unknownSetting } from './setting-declarations.ts';

export interface Settings {
  readonly timeZone: string | undefined;
  /** Undefined refuses slash dates that could mean two days. */
  readonly dateStyle: 'day-first' | 'month-first' | undefined;
  readonly weekStart: number;
  /** A patient's language is shown in the briefing where it differs. */
  readonly language: string;
  readonly verbs: Readonly<Record<string, CommitmentKind>>;
  /** Age in days after which `due` reminds of a backup; undefined never. */
  readonly backupRemindDays: number | undefined;
  readonly dueQuietDays: number | undefined;
  readonly eventRules: readonly EventRule[];
  readonly retentionDays: number | undefined;
}

export interface OwnSettings {
  /** Minutes until the agent forgets an unused key; 0 keeps none. */
  readonly idleMinutes: number;
  /** Seconds; undefined leaves the briefing on the screen. */
  readonly glanceSeconds: number | undefined;
  readonly editor: string | undefined;
  readonly pager: string | undefined;
  readonly screenReader: boolean;
}

const longestReminder = 3650;
const longestRetention = 100 * 366;
const daysIn: Readonly<Record<string, number>> = { d: 1, w: 7, m: 30.4375, y: 365.25 };

function readDays(value: string, most: number, hint: string): number {
  const match = /^(\d{1,5})([dwmy])$/.exec(value.trim());
  const days = Math.round(Number(match?.[1] ?? 0) * (daysIn[match?.[2] ?? ''] ?? 0));
  if (days < 1 || days > most) throw usage(`'${value.slice(0, 40)}' is not a number of days`, hint);
  return days;
}

function readWeekday(value: string): number {
  const weekday = weekdayWords().get(value.trim().toLowerCase());
  if (weekday === undefined) throw usage(`'${value.slice(0, 40)}' is not a weekday`, 'use mon, sat or sun');
  return weekday;
}

function readProgram(value: string): string {
  if (value.trim() === '' || /\p{Cc}/u.test(value))
    throw usage('that names no program', 'give a command, as in a shell: nano, less -S');
  return value.trim();
}

function readSwitch(value: string): boolean {
  if (value !== 'on' && value !== 'off') throw usage(`'${value.slice(0, 40)}' is not on or off`);
  return value === 'on';
}

const longestIdleMinutes = 12 * 60;
const longestGlance = 3600;

/** Only the shape; whether the zone exists is checked once, when it is set. */
const zoneShape = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/;

function readTimeZone(value: string): string {
  if (!zoneShape.test(value))
    throw usage(`'${value}' is not a time zone`, 'use an IANA name, like Europe/Madrid');
  return value;
}

export function checkTimeZone(value: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: readTimeZone(value) });
  } catch {
    throw usage(`'${value}' is not a time zone`, 'use an IANA name, like Europe/Madrid');
  }
}

function readVerbs(value: string): Readonly<Record<string, CommitmentKind>> {
  const verbs: Record<string, CommitmentKind> = {};
  for (const pair of value.split(',')) {
    const [verb, kind] = pair.split('=').map((part) => part.trim().toLowerCase());
    const known = commitmentKinds.find((candidate) => candidate === kind);
    if (!verb || known === undefined)
      throw usage(`'${pair.trim()}' is not verb=kind`, `kinds: ${commitmentKinds.join(', ')}`);
    verbs[verb] = known;
  }
  return verbs;
}

export function readMinutes(value: string, most: number): number {
  const match = /^(\d{1,4})(h|m|min)?$/.exec(value.trim());
  const minutes = match ? Number(match[1]) * (match[2] === 'h' ? 60 : 1) : Number.NaN;
  if (!match || (match[2] === undefined && minutes !== 0))
    throw usage(`'${value}' is not a length of time`, 'use 8h, 90m or 0');
  if (minutes > most) throw usage(`${value} is more than ${most / 60} hours`, `the longest is ${most / 60}h`);
  return minutes;
}

export function readSeconds(value: string): number | undefined {
  const match = /^(\d{1,4})s?$/.exec(value.trim());
  const seconds = value.trim() === 'off' ? 0 : match ? Number(match[1]) : Number.NaN;
  if (Number.isNaN(seconds) || seconds > longestGlance)
    throw usage(
      `'${value.slice(0, 40)}' is not a number of seconds`,
      `use 20, or 0 for none; at most ${longestGlance}`,
    );
  return seconds === 0 ? undefined : seconds;
}

type Values = Readonly<Record<string, string>>;

const reading =
  (values: Values) =>
  <T>(key: string, read: (value: string) => T): T | undefined => {
    const value = values[key];
    return value === undefined ? undefined : read(value);
  };

export function readOwnSettings(values: Values): OwnSettings {
  for (const key of Object.keys(values)) {
    const declaration = settingDeclaration(key);
    if (declaration === undefined) throw unknownSetting(key);
    if (!declaration.isOwn)
      throw usage(
        `'${key}' is kept in the vault, not in config.json`,
        'take it out there',
        `rapport config ${key} VALUE`,
      );
  }
  const when = reading(values);
  return {
    idleMinutes: readMinutes(values['idle'] ?? '3h', longestIdleMinutes),
    glanceSeconds: when('brief.glance', readSeconds),
    editor: when('editor', readProgram),
    pager: when('pager', readProgram),
    screenReader: when('screen-reader', readSwitch) ?? false,
  };
}

export function readSettings(values: Values): Settings {
  const when = reading(values);
  const reminder = (value: string): number => readDays(value, longestReminder, 'use 14d or 2w');
  const style = values['date-style'];
  if (style !== undefined && style !== 'day-first' && style !== 'month-first')
    throw usage(`'${style}' is not a date style`, 'use day-first or month-first');
  return {
    timeZone: when('time-zone', readTimeZone),
    dateStyle: style,
    weekStart: when('week-start', readWeekday) ?? 1,
    language: values['language'] ?? 'English',
    verbs: when('verbs', readVerbs) ?? {},
    backupRemindDays: when('backup.remind', reminder),
    dueQuietDays: when('due.quiet', reminder),
    retentionDays: when('retention.review', (value) =>
      readDays(value, longestRetention, 'use 10y, 18m or 900d'),
    ),
    eventRules: readEventRules([values['ics.match'] ?? usualRules]),
  };
}
