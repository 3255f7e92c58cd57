/**
 * Each setting with its default, its meaning, an example and how it is read; `rapport config` prints this table. What
 * the data depend on is kept in the vault; what starts programs or keeps keys is the person's own, in a file.
 */
import { isTimeZone, weekdays } from '../dates/civil.ts';
import type { DateStyle } from '../dates/date-context.ts';
import { type Failure, usage } from '../errors.ts';
import { nearestWord } from './patient-names.ts';
import { type CommitmentKind, commitmentKinds } from './records.ts';
import { present } from './text.ts';

export interface SettingDeclaration {
  readonly key: string;
  readonly fallback: string;
  readonly meaning: string;
  readonly example: string;
  /** The person's own, in their file; all others are in the vault, and are read and set while that is open. */
  readonly isOwn?: true;
  /** Set with the vault's calendar. */
  readonly isInCalendar?: true;
}

interface Setting<T> extends SettingDeclaration {
  /** @throws usage */
  readonly read: (value: string | undefined) => T;
  /** What else is looked at when it is set, and would take too long whenever it is read. @throws usage */
  readonly check?: (value: string) => unknown;
}

const optional =
  <T>(read: (value: string) => T) =>
  (value: string | undefined): T | undefined =>
    value === undefined ? undefined : read(value);

const refusal = (value: string, what: string, ...hints: readonly string[]): Failure =>
  usage(`'${value.slice(0, 40)}' is not ${what}`, ...hints);

const daysIn: Readonly<Record<string, number>> = { d: 1, w: 7, m: 30.4375, y: 365.25 };
const readDays = (most: number, hint: string) =>
  optional((value) => {
    const [, count, unit = ''] = /^(\d{1,5})([dwmy])$/.exec(value.trim()) ?? [];
    const days = Math.round(Number(count ?? 0) * (daysIn[unit] ?? 0));
    if (days < 1 || days > most) throw refusal(value, 'a number of days', hint);
    return days;
  });
const readAge = readDays(3650, 'use 14d or 2w');

const readProgram = optional((value) => {
  if (value.trim() === '' || /\p{Cc}/u.test(value))
    throw usage('that names no program', 'give a command, as in a shell: nano, less -S');
  return value.trim();
});

const zoneShape = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/;
const noZone = (value: string): Failure =>
  usage(`'${value}' is not a time zone`, 'use an IANA name, like Europe/Madrid');

function readVerbs(value: string | undefined): Readonly<Record<string, CommitmentKind>> {
  const pairs = (value?.split(',') ?? []).map((pair) => {
    const [verb, kind] = pair.split('=').map((part) => part.trim().toLowerCase());
    const known = commitmentKinds.find((candidate) => candidate === kind);
    if (!verb || known === undefined)
      throw usage(`'${pair.trim()}' is not verb=kind`, `kinds: ${commitmentKinds.join(', ')}`);
    return [verb, known] as const;
  });
  return Object.fromEntries(pairs);
}

export function readMinutes(value: string, most: number): number {
  const match = /^(\d{1,4})(h|m|min)?$/.exec(value.trim());
  const minutes = match ? Number(match[1]) * (match[2] === 'h' ? 60 : 1) : Number.NaN;
  if (!match || (match[2] === undefined && minutes !== 0))
    throw usage(`'${value}' is not a length of time`, 'use 8h, 90m or 0');
  if (minutes > most) throw usage(`${value} is more than ${most / 60} hours`, `the longest is ${most / 60}h`);
  return minutes;
}

const readSwitch =
  (usual: 'on' | 'off') =>
  (value: string = usual): boolean => {
    if (value !== 'on' && value !== 'off') throw refusal(value, 'on or off');
    return value === 'on';
  };

const longestGlance = 3600;
/** Undefined is none. @throws usage */
export function readSeconds(value: string): number | undefined {
  const [, count] = /^(\d{1,4})s?$/.exec(value.trim() === 'off' ? '0' : value.trim()) ?? [];
  if (count === undefined || Number(count) > longestGlance)
    throw refusal(value, 'a number of seconds', `use 20, or 0 for none; at most ${longestGlance}`);
  return Number(count) || undefined;
}

const table = {
  timeZone: {
    key: 'time-zone',
    fallback: "the machine's",
    meaning: 'IANA zone whose civil date is "today"',
    example: 'Europe/Madrid',
    read: optional((value) => {
      if (!zoneShape.test(value)) throw noZone(value);
      return value;
    }),
    check: (value) => {
      if (!isTimeZone(value)) throw noZone(value);
    },
  },
  /** Undefined asks about slash dates that could mean two days. */
  dateStyle: {
    key: 'date-style',
    fallback: 'none: slash dates that could be two days are asked about',
    meaning: 'how 3/4/2026 is read',
    example: 'day-first',
    read: optional((value): DateStyle => {
      if (value === 'day-first' || value === 'month-first') return value;
      throw usage(`'${value}' is not a date style`, 'use day-first or month-first');
    }),
  },
  weekStart: {
    key: 'week-start',
    fallback: 'mon',
    meaning: "the day a week begins with: 'next fri', 'end of week'",
    example: 'sun',
    read: (value = 'mon') => {
      const weekday = weekdays.get(value.trim().toLowerCase());
      if (weekday === undefined) throw refusal(value, 'a weekday', 'use mon, sat or sun');
      return weekday;
    },
  },
  weekend: {
    key: 'weekend',
    fallback: 'sat sun',
    meaning: 'the weekdays that are closed; kept in the vault, as calendar weekend sets them',
    example: 'fri sat',
    isInCalendar: true,
    read: () => undefined,
  },
  language: {
    key: 'language',
    fallback: 'English',
    meaning: "your own language; a patient's is shown where it is another",
    example: 'Spanish',
    read: (value = 'English') => value,
  },
  verbs: {
    key: 'verbs',
    fallback: 'none',
    meaning: "more verbs that tell a promise's kind",
    example: 'text=call,post=send',
    read: readVerbs,
  },
  /** Until the agent forgets an unused key; 0 keeps none. */
  idleMinutes: {
    key: 'idle',
    fallback: '3h',
    meaning: 'how long an unused key is kept in memory, up to 12h; 0 never keeps it',
    example: '8h',
    isOwn: true,
    read: (value = '3h') => readMinutes(value, 12 * 60),
  },
  backupRemindDays: {
    key: 'backup.remind',
    fallback: 'never',
    meaning: 'how old the last backup may get before due says so',
    example: '14d',
    read: readAge,
  },
  dueQuietDays: {
    key: 'due.quiet',
    fallback: 'never',
    meaning: 'days without a contact after which due names any patient; a cadence does so for one',
    example: '180d',
    read: readAge,
  },
  /** Undefined leaves the briefing on the screen. */
  glanceSeconds: {
    key: 'brief.glance',
    fallback: 'off',
    meaning: 'seconds after which a briefing goes from the screen; a key ends it sooner',
    example: '20',
    isOwn: true,
    read: optional(readSeconds),
  },
  privateCounts: {
    key: 'private-counts',
    fallback: 'on',
    meaning: 'off: every patient is discreet; private records are counted nowhere, and due has no texts',
    example: 'off',
    read: readSwitch('on'),
  },
  eventRules: {
    key: 'ics.match',
    fallback: 'summary',
    meaning:
      'where an .ics event names its patient: properties, tried in order; {patient} stands for the name',
    example: 'summary=Visit: {patient}*; attendee',
    read: (value = 'summary') => value,
    check: async (value) => (await import('./event-rules.ts')).readEventRules([value]),
  },
  retentionDays: {
    key: 'retention.review',
    fallback: 'never',
    meaning: 'time after the last contact from which review names a patient to read over, archive or forget',
    example: '10y',
    read: readDays(100 * 366, 'use 10y, 18m or 900d'),
  },
  editor: {
    key: 'editor',
    fallback: 'VISUAL, EDITOR or vi',
    meaning: 'the command that texts are edited with',
    example: 'nano',
    isOwn: true,
    read: readProgram,
  },
  pager: {
    key: 'pager',
    fallback: 'RAPPORT_PAGER, PAGER or less',
    meaning: 'the command that long lists are read with; cat for none',
    example: 'less -S',
    isOwn: true,
    read: readProgram,
  },
  screenReader: {
    key: 'screen-reader',
    fallback: 'off',
    meaning: 'everything in plain lines: nothing drawn, no lists to move in, no bars, no pager',
    example: 'on',
    isOwn: true,
    read: readSwitch('off'),
  },
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

type Table = typeof table;
type OwnName = { [K in keyof Table]: Table[K] extends { readonly isOwn: true } ? K : never }[keyof Table];
export type Settings = {
  readonly [K in Exclude<keyof Table, OwnName>]: ReturnType<Table[K]['read']>;
};
export type OwnSettings = {
  readonly [K in OwnName]: ReturnType<Table[K]['read']>;
};

export const settingDeclarations: readonly SettingDeclaration[] = Object.values(table);

/** What an import remembers of a list, `csv.map.<name>`: it is written by `import --map-name`, and can be unset. */
const remembered = /^csv\.map\.[a-z0-9][a-z0-9_-]{0,39}$/;

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

export function unknownSetting(key: string): Failure {
  const keys = settingDeclarations.map((declaration) => declaration.key);
  const near = nearestWord(key, keys);
  return usage(
    `unknown setting '${key.slice(0, 40)}'`,
    ...present(near !== undefined && `did you mean ${near}?`, 'rapport config lists them'),
  );
}

type Values = Readonly<Record<string, string>>;

const readAll = (values: Values, isOwn: boolean): object =>
  Object.fromEntries(
    Object.entries<Setting<unknown>>(table).flatMap(([name, setting]) =>
      (setting.isOwn ?? false) === isOwn ? [[name, setting.read(values[setting.key])]] : [],
    ),
  );

/** @throws usage */
export const readSettings = (values: Values): Settings => readAll(values, false) as Settings;

/** The same, each looked at as when it is set. @throws usage */
export async function checkSettings(values: Values): Promise<Settings> {
  const settings = readSettings(values);
  for (const { key, check } of Object.values<Setting<unknown>>(table))
    if (values[key] !== undefined) await check?.(values[key]);
  return settings;
}

/** @throws usage, also for a setting that is unknown, or the vault's */
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
  return readAll(values, true) as OwnSettings;
}
