/** Each setting with its default, its meaning and an example; `rapport config` prints this table. */
import { type Failure, usage } from '../errors.ts';
import { usualRules } from './event-rules.ts';
import { nearestWord } from './patient-names.ts';

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
    isInCalendar: true,
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
    isOwn: true,
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
    isOwn: true,
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
    isOwn: true,
  },
  {
    key: 'pager',
    fallback: 'RAPPORT_PAGER, PAGER or less',
    meaning: 'the command that long lists are read with; cat for none',
    example: 'less -S',
    isOwn: true,
  },
  {
    key: 'screen-reader',
    fallback: 'off',
    meaning: 'everything in plain lines: nothing drawn, no lists to move in, no bars, no pager',
    example: 'on',
    isOwn: true,
  },
];

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
