/** `rapport config`: the settings, the vault's and the person's own, each with its value, its default and its meaning. */

import type { Context, Store } from '../context.ts';
import { plainCalendar } from '../dates/business-days.ts';
import { weekdayName } from '../dates/wording.ts';
import type { Contact } from '../domain/records.ts';
import {
  type SettingDeclaration,
  settingDeclaration,
  settingDeclarations,
  unknownSetting,
} from '../domain/setting-declarations.ts';
import { type ExitName, Failure, notFound, usage } from '../errors.ts';
import { renderTable } from '../terminal/columns.ts';
import { readWeekend } from './calendar.ts';
import { defineCommand } from './command.ts';
import { openQuietly } from './preparation.ts';

interface ConfigRequest {
  readonly declaration: SettingDeclaration | undefined;
  readonly value: string | undefined;
  readonly unset: boolean;
}

const columns = [{ fit: 'keep' }, { fit: 'wrap' }, { fit: 'wrap' }, { fit: 'wrap' }] as const;

type Values = Readonly<Record<string, string>>;

const declarationsFor = (values: Values): readonly SettingDeclaration[] => [
  ...settingDeclarations,
  ...Object.keys(values)
    .filter((key) => !settingDeclarations.some((declaration) => declaration.key === key))
    .flatMap((key) => settingDeclaration(key) ?? []),
];

const document = (declarations: readonly SettingDeclaration[], values: Values) => ({
  schema: 'rapport.config/1',
  settings: declarations.map(({ key, fallback, meaning }) => ({
    key,
    value: values[key] === locked ? null : (values[key] ?? null),
    default: fallback,
    meaning,
  })),
});

function table(values: Values, { columns: width, style }: Context['output']): Promise<string> {
  const rows = declarationsFor(values).map(({ key, fallback, meaning }) => [
    key,
    { text: values[key] ?? '', tone: style.good },
    { text: fallback, tone: style.quiet },
    meaning,
  ]);
  return renderTable(rows, { columns, head: ['setting', 'value', 'default', 'meaning'], width, style });
}

const locked = '(locked)';
const usualWeekend = plainCalendar.weekend;

const weekendText = (weekend: readonly number[]): string =>
  weekend.map((day) => weekdayName(day).slice(0, 3).toLowerCase()).join(' ') || 'none';

function weekendOf(store: Store): Values {
  const { weekend } = store.calendar.read();
  return weekend.join() === usualWeekend.join() ? {} : { weekend: weekendText(weekend) };
}

/** Those of the vault; where it can't be opened just now, the rest is shown all the same. */
async function vaultValues(ctx: Context): Promise<Values> {
  const unknown = Object.fromEntries(
    settingDeclarations.flatMap(({ key, isOwn }) => (isOwn ? [] : [[key, locked]])),
  );
  try {
    const store = await openQuietly(ctx);
    return store === undefined ? unknown : weekendOf(store);
  } catch (error) {
    if (error instanceof Failure) return error.exit === 'not-found' ? {} : unknown;
    throw error;
  }
}

async function hasTimesAhead(ctx: Context): Promise<boolean> {
  const today = ctx.clock.today();
  try {
    const store = await openQuietly(ctx);
    const ids = store?.patients.all().map(({ id }) => id) ?? [];
    const planned = [...(store?.contacts.nextPlanned(ids, today).keys() ?? [])];
    const isTimed = ({ state, at, on }: Contact): boolean =>
      state === 'planned' && at !== null && on >= today;
    return planned.some((id) => store?.contacts.of(id).some(isTimed));
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

async function write(
  declaration: SettingDeclaration,
  value: string | undefined,
  ctx: Context,
): Promise<void> {
  if (declaration.isOwn) return ctx.settings.write(declaration.key, value);
  const store = await ctx.openStore();
  if (!declaration.isInCalendar) return ctx.settings.write(declaration.key, value);
  const weekend = value === undefined ? usualWeekend : readWeekend([value]);
  store.write({ verb: 'calendar weekend' }, () => store.calendar.merge({ weekend }));
}

async function change(
  declaration: SettingDeclaration,
  value: string | undefined,
  ctx: Context,
): Promise<void> {
  const { settings, keeper, notices } = ctx;
  if (!declaration.isOwn && !keeper.exists())
    throw notFound(`no vault in ${keeper.folder}`, 'rapport init makes one');
  const isZone = declaration.key === 'time-zone';
  if (isZone) await ctx.openStore();
  const before = settings.values()[declaration.key];
  await write(declaration, value, ctx);
  if (isZone && settings.values()['time-zone'] !== before && (await hasTimesAhead(ctx)))
    notices.say('planned times stay as they are; import calendars again to have theirs in this zone');
}

async function runConfig({ declaration, value, unset }: ConfigRequest, ctx: Context): Promise<ExitName> {
  const { settings, output, globals, keeper } = ctx;
  if (value !== undefined || unset) {
    if (declaration === undefined) throw usage('which setting?', 'rapport config lists them');
    await change(declaration, value, ctx);
  }
  const ofVault =
    declaration === undefined
      ? await vaultValues(ctx)
      : declaration.isOwn || !keeper.exists()
        ? {}
        : weekendOf(await ctx.openStore());
  const values = { ...settings.values(), ...ofVault };
  if (globals.json) output.json(document(declaration ? [declaration] : declarationsFor(values), values));
  else if (declaration === undefined) output.print(await table(values, output));
  else output.print(values[declaration.key] ?? declaration.fallback);
  return 'ok';
}

export const config = defineCommand<ConfigRequest>({
  path: 'config',
  summary: 'settings, of this vault and your own: list, show, set, unset',
  group: 'More',
  arguments: [
    {
      name: 'key',
      help: 'one setting',
      optional: true,
      choices: settingDeclarations.map(({ key }) => key),
    },
    { name: 'value', help: 'its new value', optional: true },
  ],
  options: [{ flags: '--unset', help: 'go back to the default' }],
  examples: [
    'rapport config',
    'rapport config time-zone Europe/Madrid',
    'rapport config date-style day-first',
    'rapport config time-zone --unset',
  ],
  parse: (raw) => {
    const key = raw.text('key');
    const value = raw.text('value');
    const declaration = key === undefined ? undefined : settingDeclaration(key);
    if (key !== undefined && declaration === undefined) throw unknownSetting(key);
    if (value !== undefined && raw.flag('unset')) throw usage("a value and --unset don't go together");
    return { declaration, value, unset: raw.flag('unset') };
  },
  run: runConfig,
});
