/**
 * The settings of one vault, kept in `config.json` beside it, with nothing private in them. Each key is declared once,
 * with its default, its meaning and its reader; `rapport config` prints this table.
 */

import { weekdayWords } from '../dates/vocabulary.ts';
import { type Failure, usage } from '../errors.ts';
import { type EventRule, readEventRules, usualRules } from './event-rules.ts';
import { nearestWord } from './naming.ts';
import { type CommitmentKind, commitmentKinds } from './records.ts';

export interface Settings {
  /** IANA name, or undefined for the machine's own zone. */
  readonly timeZone: string | undefined;
  /** How slash dates are read; undefined refuses those that could mean two days. */
  readonly dateStyle: 'day-first' | 'month-first' | undefined;
  /** ISO weekday, 1 Monday to 7 Sunday. */
  readonly weekStart: number;
  /** The clinician's own language: a patient's is shown in the briefing where it is another. */
  readonly language: string;
  /** More first verbs that tell a commitment's kind, besides the built-in ones. */
  readonly verbs: Readonly<Record<string, CommitmentKind>>;
  /** Minutes until the agent forgets an unused key; 0 never keeps one. */
  readonly idleMinutes: number;
  /** Days after which `due` says that the last backup is old; undefined never does. */
  readonly backupRemindDays: number | undefined;
  /** Days without a contact after which `due` names a patient who has no cadence of their own; undefined names none. */
  readonly dueQuietDays: number | undefined;
  /** Seconds after which a briefing goes from the screen; undefined leaves it there. */
  readonly glanceSeconds: number | undefined;
  /** Where the patient stands in a calendar's event. */
  readonly eventRules: readonly EventRule[];
  /** Days after the last contact from which a patient's records come up in `review`; undefined never. */
  readonly retentionDays: number | undefined;
  /** The commands of programs, before what the environment names; undefined leaves it to that. */
  readonly editor: string | undefined;
  readonly pager: string | undefined;
  /** Everything in lines, for a screen reader: nothing drawn, nothing redrawn. */
  readonly screenReader: boolean;
}

export interface SettingDeclaration {
  readonly key: string;
  readonly fallback: string;
  readonly meaning: string;
  readonly example: string;
  /** Kept among the vault's records: it can be read and set only while that is open. */
  readonly isInVault?: true;
}

export const settingDeclarations: readonly SettingDeclaration[] = [
  {
    key: 'time-zone',
    fallback: "the machine's",
    meaning: 'IANA zone whose civil date is "today"',
    example: 'Europe/Madrid',
  },
  {
    key: 'date-style',
    fallback: 'none: ambiguous slash dates are refused',
    meaning: 'how 3/4/2026 is read',
    example: 'day-first',
  },
  {
    key: 'week-start',
    fallback: 'mon',
    meaning: "the day a week begins with: 'next fri', 'end of week'",
    example: 'sun',
  },
  {
    key: 'weekend',
    fallback: 'sat sun',
    meaning: 'the weekdays that are closed; kept in the vault, as calendar weekend sets them',
    example: 'fri sat',
    isInVault: true,
  },
  {
    key: 'language',
    fallback: 'English',
    meaning: "your own language; a patient's is shown where it is another",
    example: 'Spanish',
  },
  {
    key: 'verbs',
    fallback: 'none',
    meaning: "more verbs that tell a promise's kind",
    example: 'text=call,post=send',
  },
  {
    key: 'idle',
    fallback: '3h',
    meaning: 'how long an unused key is kept in memory, up to 12h; 0 never keeps it',
    example: '8h',
  },
  {
    key: 'backup.remind',
    fallback: 'never',
    meaning: 'how old the last backup may get before due says so',
    example: '14d',
  },
  {
    key: 'due.quiet',
    fallback: 'never',
    meaning: 'days without a contact after which due names any patient; a cadence does so for one',
    example: '180d',
  },
  {
    key: 'brief.glance',
    fallback: 'off',
    meaning: 'seconds after which a briefing goes from the screen; a key ends it sooner',
    example: '20',
  },
  {
    key: 'ics.match',
    fallback: usualRules,
    meaning:
      'where an .ics event names its patient: properties, tried in order; {patient} stands for the name',
    example: 'summary=Visit: {patient}*; attendee',
  },
  {
    key: 'retention.review',
    fallback: 'never',
    meaning: 'time after the last contact from which review names a patient to read over, archive or forget',
    example: '10y',
  },
  {
    key: 'editor',
    fallback: 'VISUAL, EDITOR or vi',
    meaning: 'the command that texts are edited with',
    example: 'nano',
  },
  {
    key: 'pager',
    fallback: 'RAPPORT_PAGER, PAGER or less',
    meaning: 'the command that long lists are read with; cat for none',
    example: 'less -S',
  },
  {
    key: 'screen-reader',
    fallback: 'off',
    meaning: 'everything in plain lines: nothing drawn, no lists to move in, no bars, no pager',
    example: 'on',
  },
];

/** What an import remembers of a list, `csv.map.<name>`: it is written by `import --map-name`, and can be unset. */
const remembered = /^csv\.map\.[a-z0-9][a-z0-9_-]{0,39}$/;

/** The setting of that key, those that are remembered under a name included. */
export const settingDeclaration = (key: string): SettingDeclaration | undefined =>
  settingDeclarations.find((declaration) => declaration.key === key) ??
  (remembered.test(key)
    ? {
        key,
        fallback: 'none',
        meaning: 'how a list is read: import --map-name',
        example: '{"map":["name=FIRST+LAST"]}',
      }
    : undefined);

const longestReminder = 3650;
const longestRetention = 100 * 366;
const daysIn: Readonly<Record<string, number>> = { d: 1, w: 7, m: 30.4375, y: 365.25 };

/** Reads '14d', '2w', '18m' or '10y' as days. @throws usage */
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

/** A program with its options. @throws usage */
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

/** Names of zones look like this; whether there is such a zone is asked once, when it is set. */
const zoneShape = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/;

function readTimeZone(value: string): string {
  if (!zoneShape.test(value))
    throw usage(`'${value}' is not a time zone`, 'use an IANA name, like Europe/Madrid');
  return value;
}

/** @throws usage for a zone that does not exist */
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

/** Reads a length of time such as '8h', '90m' or '0' as minutes. @throws usage */
export function readMinutes(value: string, most: number): number {
  const match = /^(\d{1,4})(h|m|min)?$/.exec(value.trim());
  const minutes = match ? Number(match[1]) * (match[2] === 'h' ? 60 : 1) : Number.NaN;
  if (!match || (match[2] === undefined && minutes !== 0))
    throw usage(`'${value}' is not a length of time`, 'use 8h, 90m or 0');
  if (minutes > most) throw usage(`${value} is more than ${most / 60} hours`, `the longest is ${most / 60}h`);
  return minutes;
}

/** Reads how long a glance is: '20' or '20s', or undefined for 'off' and '0'. @throws usage */
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

export function unknownSetting(key: string): Failure {
  const near = nearestWord(
    key,
    settingDeclarations.map((declaration) => declaration.key),
  );
  return usage(
    `unknown setting '${key.slice(0, 40)}'`,
    ...(near === undefined ? [] : [`did you mean ${near}?`]),
    'rapport config lists them',
  );
}

/** Turns the strings of config.json into settings. @throws usage for an unknown key or a bad value */
export function readSettings(values: Readonly<Record<string, string>>): Settings {
  for (const key of Object.keys(values)) {
    const declaration = settingDeclaration(key);
    if (declaration === undefined) throw unknownSetting(key);
    if (declaration.isInVault)
      throw usage(`'${key}' is kept in the vault, not in config.json`, 'take it out there');
  }
  const when = <T>(key: string, read: (value: string) => T): T | undefined => {
    const value = values[key];
    return value === undefined ? undefined : read(value);
  };
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
    idleMinutes: readMinutes(values['idle'] ?? '3h', longestIdleMinutes),
    backupRemindDays: when('backup.remind', reminder),
    dueQuietDays: when('due.quiet', reminder),
    glanceSeconds: when('brief.glance', readSeconds),
    retentionDays: when('retention.review', (value) =>
      readDays(value, longestRetention, 'use 10y, 18m or 900d'),
    ),
    editor: when('editor', readProgram),
    pager: when('pager', readProgram),
    screenReader: when('screen-reader', readSwitch) ?? false,
    eventRules: readEventRules([values['ics.match'] ?? usualRules]),
  };
}
