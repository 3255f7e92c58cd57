/** `rapport config`: the settings, the vault's and the person's own, each with its value, its default and its meaning. */
import { type Ctx, command } from '../cli/command.ts';
import { flag, optionalArgument, plain, textOf } from '../cli/kinds.ts';
import type { Store } from '../context.ts';
import { type CivilDate, weekdayName } from '../dates/civil.ts';
import { plainCalendar } from '../dates/work-calendar.ts';
import {
  checkSettings,
  type SettingDeclaration,
  settingDeclaration,
  settingDeclarations,
  unknownSetting,
} from '../domain/settings.ts';
import { Failure, notFound, usage } from '../errors.ts';
import { type Column, listLines } from '../terminal/list-view.ts';
import { readWeekend } from './calendar.ts';

type Values = Readonly<Record<string, string>>;

const declarationsFor = (values: Values): readonly SettingDeclaration[] => [
  ...settingDeclarations,
  ...Object.keys(values)
    .filter((key) => !settingDeclarations.some((declaration) => declaration.key === key))
    .flatMap((key) => settingDeclaration(key) ?? []),
];

const document = (declarations: readonly SettingDeclaration[], values: Values) => ({
  settings: declarations.map(({ key, fallback, meaning }) => ({
    key,
    value: values[key] === locked ? null : (values[key] ?? null),
    default: fallback,
    meaning,
  })),
});

const settingColumns = (values: Values): readonly Column<SettingDeclaration>[] => [
  { title: 'setting', cell: ({ key }) => key },
  { title: 'value', fit: 'wrap', cell: ({ key }) => values[key] ?? '', tone: 'good' },
  { title: 'default', fit: 'wrap', cell: ({ fallback }) => fallback, tone: 'quiet' },
  { title: 'meaning', fit: 'wrap', cell: ({ meaning }) => meaning },
];

const locked = '(locked)';
const usualWeekend = plainCalendar.weekend;

/** Those of the vault; where it can't be opened just now, the rest is shown all the same. */
function vaultValues(store: Store | Failure | undefined): Values {
  if (store instanceof Failure && store.exit !== 'not-found')
    return Object.fromEntries(
      settingDeclarations.flatMap(({ key, isOwn }) => (isOwn ? [] : [[key, locked]])),
    );
  if (store === undefined || store instanceof Failure) return {};
  const { weekend } = store.calendar.read();
  if (weekend.join() === usualWeekend.join()) return {};
  return { weekend: weekend.map((day) => weekdayName(day).slice(0, 3).toLowerCase()).join(' ') || 'none' };
}

const hasTimesAhead = ({ patients, contacts }: Store, today: CivilDate): boolean =>
  patients
    .all()
    .some(({ id }) =>
      contacts.of(id).some(({ state, at, on }) => state === 'planned' && at !== null && on >= today),
    );

async function change(
  { key, isOwn, isInCalendar }: SettingDeclaration,
  value: string | undefined,
  { store, settings, vault, clock }: Ctx<Store | Failure | undefined>,
): Promise<readonly string[]> {
  if (isOwn) {
    settings.write(key, value);
    return [];
  }
  if (store instanceof Failure) throw store;
  if (store === undefined) throw notFound(`no vault in ${vault.folder}`, 'rapport init makes one');
  const before = settings.values()[key];
  if (value !== undefined) await checkSettings({ [key]: value });
  if (isInCalendar) {
    const weekend = value === undefined ? usualWeekend : readWeekend([value]);
    store.write({ verb: 'calendar weekend' }, () => store.calendar.merge({ weekend }));
  } else settings.write(key, value);
  return key === 'time-zone' && settings.values()[key] !== before && hasTimesAhead(store, clock.today())
    ? ['planned visits keep their times; import the calendars again to have them in the new zone']
    : [];
}

const key = plain(
  'one setting',
  (raw) => {
    const typed = textOf(raw);
    const declaration = typed === undefined ? undefined : settingDeclaration(typed);
    if (typed !== undefined && declaration === undefined) throw unknownSetting(typed);
    return declaration;
  },
  { optional: true, choices: settingDeclarations.map(({ key }) => key) },
);

/** 'language: English (default) -> Spanish', 'language: Spanish, as before'. */
function changeWords({ key, fallback }: SettingDeclaration, before: Values, after: Values): string {
  const [usual = ''] = fallback.split(':');
  const words = (values: Values): string => values[key] ?? `${usual} (default)`;
  const now = words(after);
  return `${key}: ${words(before) === now ? `${now}, as before` : `${words(before)} -> ${now}`}`;
}

export const config = command({
  arguments: { key, value: optionalArgument('its new value') },
  options: { unset: flag('go back to the default') },
  apart: { value: ['unset'] },
  refuse(has) {
    if (has('unset') && !has('key')) throw usage('which setting?', 'rapport config lists them');
  },
  vault(_, { vault }, words) {
    const typed = textOf(words['key']);
    if (typed === undefined) return 'at hand';
    return settingDeclaration(typed)?.isOwn || !vault.exists() ? 'none' : 'open';
  },
  examples: ['', 'time-zone Europe/Madrid', 'date-style day-first', 'time-zone --unset'],
  async run({ key: declaration, value, unset }, ctx) {
    const { settings, store, output } = ctx;
    const valuesNow = (): Values => ({ ...settings.values(), ...vaultValues(store) });
    const before = valuesNow();
    const isChange = declaration !== undefined && (value !== undefined || unset);
    const notices = isChange ? await change(declaration, value, ctx) : [];
    const values = isChange ? valuesNow() : before;
    return {
      json: () => ({
        ...document(declaration ? [declaration] : declarationsFor(values), values),
        ...(isChange && { before: before[declaration.key] ?? null }),
      }),
      text: async () => {
        if (isChange) return changeWords(declaration, before, values);
        if (declaration !== undefined) return values[declaration.key] ?? declaration.fallback;
        const columns = settingColumns(values);
        return (await listLines(declarationsFor(values), columns, output, { head: true })).join('\n');
      },
      notices,
    };
  },
});
