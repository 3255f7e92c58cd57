/** What doctor finds in the database with its key: each page by itself, then SQLite's own checks. */
import { errorCode, Failure, refusalOf } from '../errors.ts';
import { brokenLookUps } from '../store/tables.ts';
import { brokenTextIndexes, foreignKeyFaults, integrityFaults } from './database-copy.ts';
import { type Check, damage, fromBackup, listed, ok, unchecked } from './doctor-files.ts';
import type { VaultDatabase } from './driver.ts';
import { type PageReport, pageSize } from './pages.ts';

/** @param counted the database's own page count */
export function checkPages(report: PageReport, counted: number): readonly Check[] {
  const { pages, rest, bad, badCount } = report;
  const size = pages * pageSize + rest;
  const length =
    counted * pageSize === size
      ? ok('size', 'the file is as long as its database')
      : damage('size', `the file has ${size} bytes, its database ${counted * pageSize}`, fromBackup);
  // Pages behind the database are reported by the length.
  const isWhole = badCount === 0 || (bad[0] ?? 0) > counted;
  const authentic = isWhole
    ? ok('pages', `each of the ${Math.min(pages, counted)} pages is authentic`)
    : badPages(report);
  return [authentic, length];
}

const badPages = ({ pages, bad, badCount }: PageReport): Check =>
  damage(
    'pages',
    `${badCount} of ${pages} pages ${badCount === 1 ? 'is' : 'are'} damaged: ${listed(bad, badCount)}`,
    fromBackup,
  );

export function checkUnopened(report: PageReport, opening: Check): readonly Check[] {
  const { pages, badCount } = report;
  const authentic =
    badCount === 0 ? ok('pages', `each of the ${pages} pages is authentic`) : badPages(report);
  if (opening.state !== 'damaged') return [authentic, opening];
  if (badCount > 0) {
    const finding = badCount < pages ? authentic.finding : `none of the ${pages} pages is authentic`;
    return [damage('pages', `${finding}; ${opening.finding}`, ...opening.advice)];
  }
  const isCut = opening.finding === refusalOf('SQLITE_CORRUPT')?.message;
  return [authentic, isCut ? { ...opening, finding: 'vault.db was cut short: pages are missing' } : opening];
}

export function withoutConsequences(pages: readonly Check[], contents: readonly Check[]): readonly Check[] {
  const isDamaged = ({ state }: Check): boolean => state === 'damaged';
  const lost = contents.filter(isDamaged);
  if (lost.length === 0 || !pages.some(isDamaged)) return [...pages, ...contents];
  const names = listed(lost.map(({ id }) => id));
  return [
    ...pages,
    ...contents.filter((check) => !isDamaged(check)),
    unchecked('contents', `not to be told of a damaged file: ${names}`),
  ];
}

/** Keeps writers away while pages are read; the lock comes with the first read. */
export function standingStill(database: VaultDatabase): { readonly pages: number; end(): void } {
  database.exec('BEGIN');
  const pages = database.prepare<[], number>('SELECT page_count FROM pragma_page_count').pluck().get() ?? 0;
  database.prepare('SELECT count(*) FROM sqlite_schema').get();
  return { pages, end: () => database.exec('COMMIT') };
}

/** What cannot be read is damage; what cannot be tried is unchecked. */
function attempt(id: string, name: string, work: () => Check): Check {
  try {
    return work();
  } catch (error) {
    if (error instanceof Failure) return damage(id, `${name}: ${error.message}`, fromBackup);
    const code = errorCode(error);
    if (!code?.startsWith('SQLITE_')) throw error;
    return /^SQLITE_(CORRUPT|NOTADB|FORMAT|ERROR|IOERR_(?:SHORT_READ|DATA|CORRUPTFS))/.test(code)
      ? damage(id, `${name}: it cannot be read (${code})`, fromBackup)
      : unchecked(id, `${name}: it cannot be tried here (${code})`);
  }
}

export function checkDatabase(database: VaultDatabase): readonly Check[] {
  return [
    attempt('integrity', 'structure', () => {
      const [first, ...more] = integrityFaults(database);
      return first === undefined
        ? ok('integrity', 'the database is sound in itself')
        : damage('integrity', `the database is broken: ${listed([first], 1 + more.length)}`, fromBackup);
    }),
    attempt('references', 'references', () => {
      const faults = [...foreignKeyFaults(database)].map(([table, rows]) => `${rows} in ${table}`);
      return faults.length === 0
        ? ok('references', 'no record refers to one that is missing')
        : damage('references', `records refer to missing ones: ${listed(faults)}`, fromBackup);
    }),
    attempt('index', 'the index of words', () =>
      brokenTextIndexes(database).length + brokenLookUps(database).length === 0
        ? ok('index', 'the index of words fits the records')
        : damage('index', 'the index of words is broken: search may miss records', fromBackup),
    ),
  ];
}
