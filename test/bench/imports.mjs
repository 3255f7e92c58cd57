/**
 * `npm run bench:imports`: what an import costs beyond what it can't do without, which is to parse the file and to
 * insert the same records through the store. Both are measured in the same run: the import as a whole process on an
 * unlocked vault, its parts in a process of their own, turn by turn. Parsing is the format's own reader, which checks
 * each field on its way. Memory is the largest resident set, of an import that derives its key as well. Nothing here is
 * a test: a bound that is missed is printed as such, and exits 1.
 */
import { createReadStream, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createTable, makePlace, median, peakOf, rapport, repository, run } from './measuring.mjs';

const self = fileURLToPath(import.meta.url);
// Inside of the project, so that the driver is found from there.
const built = join(repository, '.bench/store.mjs');
const runs = Number(process.env.BENCH_RUNS ?? 3);
const rowCount = Number(process.env.BENCH_ROWS ?? 100_000);
const patientCount = Number(process.env.BENCH_FHIR_PATIENTS ?? 10_000);

const words = (text) => text.split(' ');
const first = words(
  'Ana Ben Cleo Dara Emil Fay Gus Hana Ivo June Karl Lena Milo Nora Otis Pia Remy Sara Tom Uma',
);
const last = words(
  'Abel Brook Castle Dunn Ewing Frost Grove Hale Ingram Jarvis Kent Lowe Marsh Nye Orr Platt',
);

/** A small generator, so that every run imports the same. */
function randomFrom(seed) {
  let at = seed;
  return (below) => {
    at = (Math.imul(at, 1664525) + 1013904223) >>> 0;
    return Math.floor((at / 2 ** 32) * below);
  };
}
const two = (value) => String(value).padStart(2, '0');
const letters = (value) =>
  [...value.toString(26)].map((digit) => 'abcdefghijklmnopqrstuvwxyz'[parseInt(digit, 26)]).join('');

/** A person of the made-up clinic: a name that few others have, and a day of birth. */
function personOf(random, index) {
  return {
    given: first[random(first.length)],
    family: `${last[random(last.length)]}-${letters(index)}`,
    birthDate: `${1930 + random(80)}-${two(1 + random(12))}-${two(1 + random(28))}`,
  };
}

function csvList() {
  const random = randomFrom(20260312);
  const columns =
    'Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,LAST,SUFFIX,MAIDEN,MARITAL,RACE,ETHNICITY,GENDER,BIRTHPLACE,ADDRESS,CITY,STATE,COUNTY,ZIP,LAT,LON,EXPENSES,COVERAGE';
  const rows = Array.from({ length: rowCount }, (_, index) => {
    const { given, family, birthDate } = personOf(random, index);
    const died = random(12) === 0 ? `20${10 + random(15)}-${two(1 + random(12))}-${two(1 + random(28))}` : '';
    return `${index},${birthDate},${died},999-17-${1000 + (index % 9000)},S999${index},X${index}X,Mr.,${given},${family},,,M,white,nonhispanic,M,Boston  Massachusetts  US,"${index} Stamm Lock, Unit 46",Somerville,Massachusetts,Middlesex County,02155,42.36877442769006,-71.15168585038569,227761.06,2546.04`;
  });
  return [columns, ...rows, ''].join('\n');
}

/** As an EHR exports them: most of a resource is what rapport does not keep. */
function fhirLines() {
  const random = randomFrom(20260313);
  const chart = `<div xmlns="http://www.w3.org/1999/xhtml">${'Narrative of a chart. '.repeat(60)}</div>`;
  return Array.from({ length: patientCount }, (_, index) => {
    const { given, family, birthDate } = personOf(random, index);
    return JSON.stringify({
      resourceType: 'Patient',
      id: `${index.toString(16).padStart(8, '0')}-a67a-44e5-a7e6-9bbd85e47c5c`,
      text: { status: 'generated', div: chart },
      extension: Array.from({ length: 6 }, (_each, at) => ({
        url: `http://example.org/StructureDefinition/extension-${at}`,
        extension: [{ url: 'text', valueString: 'Something of the chart' }],
      })),
      identifier: ['https://clinic.example/mrn', 'http://hl7.org/fhir/sid/us-ssn'].map((system) => ({
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] },
        system,
        value: `MRN-${index}`,
      })),
      name: [{ use: 'official', family, given: [given], prefix: ['Mr.'] }],
      telecom: [{ system: 'phone', value: '555-841-1500', use: 'home' }],
      birthDate,
      address: [{ line: [`${index} Runte Rest`], city: 'Halifax', postalCode: '02338' }],
      communication: [
        { language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'pt' }], text: 'Portuguese' } },
      ],
      contact: [
        { name: { text: `${first[random(first.length)]} ${family}` }, relationship: [{ text: 'sister' }] },
      ],
    });
  }).join('\n');
}

/** The file as values, with nothing planned. */
const reading = {
  csv: ({ readCsv, decodeList, readMappings }, file) =>
    readCsv(decodeList(readFileSync(file)).text, {
      mappings: readMappings(['name=FIRST+LAST', 'birth_date=BIRTHDATE', 'died_on=DEATHDATE']),
      cleanNames: false,
      skipBad: false,
      today: '2026-03-12',
    }),
  fhir: ({ readFhir, linesOf, nameDigits }, file) =>
    readFhir(linesOf(createReadStream(file), 'utf-8'), {
      today: '2026-03-12',
      zone: 'UTC',
      toLocal: (instant) => ({ date: instant.slice(0, 10), time: instant.slice(11, 16) }),
      identifierSystems: new Set(['https://clinic.example/mrn']),
      names: nameDigits(false),
      withTasks: false,
      skipBad: false,
    }),
};

async function timed(work) {
  globalThis.gc?.();
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

/** Prints what parsing and inserting take by themselves, in milliseconds. `imported` is the vault, with its raw key. */
async function measureParts(kind, file, imported, key, folder) {
  const own = await import(pathToFileURL(built).href);
  const { openKeyed, openStore, Sql, storeNeeds } = own;
  let count = 0;
  const parse = await timed(async () => {
    count = (await reading[kind](own, file)).patients.length;
  });
  const source = openKeyed(imported, Buffer.from(key, 'hex'));
  const { patients, people } = openStore(new Sql({ database: source }), storeNeeds());
  const given = patients.all().map((patient) => ({ patient, people: people.of(patient.id) }));
  if (count !== given.length) throw new Error(`${count} were parsed and ${given.length} imported`);
  source.close();
  const empty = join(folder, 'store.db');
  writeFileSync(empty, '', { mode: 0o600 });
  const target = openKeyed(empty, Buffer.alloc(32, 7));

  const store = openStore(new Sql({ database: target }), storeNeeds());
  const insert = await timed(() =>
    store.write({ verb: 'import' }, () => {
      for (const { patient, people } of given) {
        store.patients.insert(patient);
        for (const person of people) store.people.insert(person);
      }
    }),
  );
  target.close();
  console.log(JSON.stringify({ parse, insert }));
}

async function buildStore() {
  const { build } = await import('rolldown');
  mkdirSync(join(built, '..'), { recursive: true });
  await build({
    input: fileURLToPath(new URL('parts.ts', import.meta.url)),
    platform: 'node',
    transform: { target: 'node20.17' },
    external: /\.node$/,
    output: { file: built, format: 'esm', codeSplitting: false },
  });
}

/** Turns of a whole import and of its parts, each in a new vault. */
function bench(place, { kind, name, file, argv }) {
  const root = join(place.folder, kind);
  const env = { ...place.env, RAPPORT_VAULT: join(root, 'vault') };
  const keyed = { ...env, RAPPORT_PASSPHRASE_FILE: join(place.folder, 'passphrase') };
  const fresh = () => {
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root, { mode: 0o700 });
    rapport(['init', '--no-input', '--recovery-out', join(root, 'recovery')], keyed);
  };
  const words = ['import', file, ...argv, '--yes'];
  const turns = Array.from({ length: runs }, () => {
    fresh();
    rapport(['unlock'], keyed);
    const whole = rapport(words, env).milliseconds;
    rapport(['lock'], env);
    const { key } = JSON.parse(rapport(['key', 'export-raw', '--json', '--yes'], keyed).stdout);
    rapport(['lock'], env);
    const parts = ['parts', kind, file, join(root, 'vault', 'vault.db'), /[0-9a-f]{64}/.exec(key)[0], root];
    const { parse, insert } = JSON.parse(run([process.execPath, '--expose-gc', self, ...parts], env).stdout);
    return { whole, ratio: whole / (parse + insert) };
  });
  fresh();
  rapport(['lock'], env);
  const memory = peakOf(words, keyed, '', place.folder);
  rapport(['lock'], env);
  return {
    name,
    ratio: median(turns.map(({ ratio }) => ratio)),
    ratioBound: 1.5,
    milliseconds: median(turns.map(({ whole }) => whole)),
    memory,
    memoryBound: 250,
  };
}

async function main() {
  const place = makePlace();
  try {
    await buildStore();
    writeFileSync(join(place.folder, 'passphrase'), 'a bench of seven planks\n', { mode: 0o600 });
    const csv = join(place.folder, 'list.csv');
    writeFileSync(csv, csvList());
    const fhir = join(place.folder, 'patients.ndjson');
    writeFileSync(fhir, fhirLines());
    const table = createTable();
    const identifiers = ['--identifier-system', 'https://clinic.example/mrn'];
    table.add(
      bench(place, { kind: 'fhir', name: `${patientCount} FHIR patients`, file: fhir, argv: identifiers }),
    );
    const maps = ['name=FIRST+LAST', 'birth_date=BIRTHDATE', 'died_on=DEATHDATE'];
    const argv = maps.flatMap((map) => ['--map', map]);
    table.add(bench(place, { kind: 'csv', name: `${rowCount} CSV rows`, file: csv, argv }));
    process.exitCode = table.end('bench-imports.json') ? 0 : 1;
  } finally {
    place.remove();
  }
}

if (process.argv[2] === 'parts') await measureParts(...process.argv.slice(3));
else await main();
