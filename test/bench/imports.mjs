/**
 * `npm run bench:imports`: what an import costs beyond what it can't do without, which is to parse the file and to
 * insert the same rows into the same tables and indexes of an encrypted database, through the store. Both are measured
 * in the same run: the import as a whole process on an unlocked vault, its parts in a process of their own, turn by
 * turn. Parsing is the format's own reader alone, which checks each field on its way. 'bare' is the same beside the bare
 * JSON or CSV parser and prepared statements, and 'cpu' the ratio of processor time, which a busy machine spoils less;
 * neither has a bound. Memory is the largest resident set, of an import that derives its key as well. Nothing here is a
 * test: a bound that is missed is printed as such, and exits 1.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';

const self = fileURLToPath(import.meta.url);
const binary = fileURLToPath(new URL('../../bin/rapport.js', import.meta.url));
// Inside of the project, so that the driver is found from there.
const built = fileURLToPath(new URL('../../.bench/store.mjs', import.meta.url));
const runs = Number(process.env.BENCH_RUNS ?? 3);
const rowCount = Number(process.env.BENCH_ROWS ?? 100_000);
const patientCount = Number(process.env.BENCH_FHIR_PATIENTS ?? 10_000);
const ratioBound = 1.5;
const memoryBound = 250;

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
  const coded = (system, code, display) => ({ coding: [{ system, code, display }], text: display });
  return Array.from({ length: patientCount }, (_, index) => {
    const { given, family, birthDate } = personOf(random, index);
    return JSON.stringify({
      resourceType: 'Patient',
      id: `${index.toString(16).padStart(8, '0')}-a67a-44e5-a7e6-9bbd85e47c5c`,
      text: {
        status: 'generated',
        div: `<div xmlns="http://www.w3.org/1999/xhtml">${'Narrative of a chart. '.repeat(60)}</div>`,
      },
      extension: Array.from({ length: 6 }, (_each, at) => ({
        url: `http://example.org/StructureDefinition/extension-${at}`,
        extension: [{ url: 'text', valueString: 'Something of the chart' }],
      })),
      identifier: [
        {
          type: coded('http://terminology.hl7.org/CodeSystem/v2-0203', 'MR', 'Medical Record Number'),
          system: 'https://clinic.example/mrn',
          value: `MRN-${index}`,
        },
        {
          type: coded('http://terminology.hl7.org/CodeSystem/v2-0203', 'SS', 'Social Security Number'),
          system: 'http://hl7.org/fhir/sid/us-ssn',
          value: `999-32-${index}`,
        },
      ],
      name: [{ use: 'official', family, given: [given], prefix: ['Mr.'] }],
      telecom: [{ system: 'phone', value: '555-841-1500', use: 'home' }],
      birthDate,
      address: [
        { line: [`${index} Runte Rest`], city: 'Halifax', state: 'Massachusetts', postalCode: '02338' },
      ],
      communication: [{ language: coded('urn:ietf:bcp:47', 'pt', 'Portuguese') }],
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
  fhir: ({ readFhir, linesOf, NameDigits }, file) =>
    readFhir(linesOf(createReadStream(file), 'utf-8'), {
      today: '2026-03-12',
      zone: 'UTC',
      toLocal: (instant) => ({ date: instant.slice(0, 10), time: instant.slice(11, 16) }),
      identifierSystems: new Set(['https://clinic.example/mrn']),
      names: new NameDigits(false),
      withTasks: false,
      skipBad: false,
    }),
};

/** The same with nothing around the parsers. */
const parsing = {
  async csv(file) {
    const { parse } = await import('csv-parse');
    let rows = 0;
    const parser = parse({
      bom: true,
      relax_column_count: true,
      on_record: () => {
        rows += 1;
        return null;
      },
    });
    createReadStream(file).pipe(parser).resume();
    await once(parser, 'end');
    return rows - 1;
  },
  async fhir(file) {
    let rows = 0;
    for await (const line of createInterface({ input: createReadStream(file) }))
      if (JSON.parse(line).resourceType === 'Patient') rows += 1;
    return rows;
  },
};

/** Of an import's rows, in an order that foreign keys allow. */
const filled = words(
  'operation ref patient patient_handle patient_word patient_identifier person change log',
);

/** The milliseconds that the work takes, and those of them on a processor. */
async function timed(work) {
  globalThis.gc?.();
  const [start, cpu] = [process.hrtime.bigint(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { wall: Number(process.hrtime.bigint() - start) / 1e6, cpu: (user + system) / 1000 };
}

/** Prints what parsing and inserting take by themselves, in milliseconds. `imported` is the vault, with its raw key. */
async function measureParts(kind, file, imported, key, folder) {
  const own = await import(pathToFileURL(built).href);
  const { openKeyed, settle, openStore, Sql, storeNeeds } = own;
  let count = 0;
  const parse = await timed(async () => {
    count = (await reading[kind](own, file)).patients.length;
  });
  const parsed = await timed(() => parsing[kind](file));
  const source = openKeyed(imported, Buffer.from(key, 'hex'));
  const rowsOf = (table) => source.prepare(`SELECT * FROM "${table}"`).raw().all();
  const { patients, people } = openStore(new Sql(source), storeNeeds());
  const given = patients.all().map((patient) => ({ patient, people: people.of(patient.id) }));
  if (count !== given.length) throw new Error(`${count} were parsed and ${given.length} imported`);
  const fresh = (name) => {
    writeFileSync(join(folder, name), '', { mode: 0o600 });
    const database = openKeyed(join(folder, name), Buffer.alloc(32, 7));
    settle(database);
    return database;
  };
  const target = fresh('store.db');
  const store = openStore(new Sql(target), storeNeeds());
  const insert = await timed(() =>
    store.write({ verb: 'import' }, () => {
      for (const { patient, people } of given) {
        store.patients.insert(patient);
        for (const person of people) store.people.insert(person);
      }
    }),
  );
  target.close();
  given.length = 0;
  // The same rows again with nothing around the statements, for comparison.
  const bare = fresh('bare.db');
  const schema = source.prepare(
    "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'text_index_%'",
  );
  for (const sql of schema.pluck().all()) bare.exec(sql);
  const all = filled.map((table) => [table, rowsOf(table)]).filter(([, rows]) => rows.length > 0);
  source.close();
  const statements = await timed(() =>
    bare
      .transaction(() => {
        for (const [table, rows] of all) {
          const statement = bare.prepare(
            `INSERT INTO "${table}" VALUES (${rows[0].map(() => '?').join(', ')})`,
          );
          for (const row of rows) statement.run(row);
        }
      })
      .immediate(),
  );
  bare.close();
  console.log(JSON.stringify({ parse, insert, parsed, statements }));
}

const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;

function run(args, env) {
  const result = spawnSync(process.execPath, args, { env, encoding: 'utf8', maxBuffer: 2 ** 30 });
  if (result.status !== 0)
    throw new Error(`node ${args.join(' ')} ended with ${result.status}\n${result.stderr}`);
  return result;
}

const median = (values) => values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)];

async function buildStore() {
  const { build } = await import('rolldown');
  mkdirSync(join(built, '..'), { recursive: true });
  await build({
    input: fileURLToPath(new URL('parts.ts', import.meta.url)),
    platform: 'node',
    external: /\.node$/,
    output: { file: built, format: 'esm', codeSplitting: false },
  });
}

async function bench(folder, { kind, name, file, argv }) {
  const passphrase = join(folder, 'passphrase');
  const freshEnv = (root) => {
    for (const one of ['', 'run', 'state']) mkdirSync(join(root, one), { mode: 0o700 });
    const env = {
      ...inherited,
      RAPPORT_VAULT: join(root, 'vault'),
      XDG_RUNTIME_DIR: join(root, 'run'),
      XDG_STATE_HOME: join(root, 'state'),
    };
    const keyed = { ...env, RAPPORT_PASSPHRASE_FILE: passphrase };
    run([binary, 'init', '--no-input', '--recovery-out', join(root, 'recovery')], keyed);
    return { root, env, keyed };
  };
  const hook = join(folder, 'usage.cjs');
  const usage = join(folder, 'usage');
  const writing = `require('node:fs').writeFileSync(${JSON.stringify(usage)}, JSON.stringify(process.resourceUsage()))`;
  writeFileSync(hook, `process.on('exit', () => ${writing});`);
  /** One import: its milliseconds and its largest resident set in megabytes. */
  const measured = async (env) => {
    const { wall } = await timed(() =>
      run(['--require', hook, binary, 'import', file, ...argv, '--yes'], env),
    );
    const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(readFileSync(usage, 'utf8'));
    return { wall, cpu: (userCPUTime + systemCPUTime) / 1000, memory: maxRSS / 1024 };
  };
  const turns = [];
  const root = join(folder, kind);
  for (let turn = 0; turn < runs; turn += 1) {
    const { env, keyed } = freshEnv(root);
    run([binary, 'unlock'], keyed);
    const whole = await measured(env);
    run([binary, 'lock'], env);
    const { key } = JSON.parse(run([binary, 'key', 'export-raw', '--json', '--yes'], keyed).stdout);
    run([binary, 'lock'], env);
    const words = ['parts', kind, file, join(root, 'vault', 'vault.db'), /[0-9a-f]{64}/.exec(key)[0], root];
    turns.push({ whole, ...JSON.parse(run(['--expose-gc', self, ...words], env).stdout) });
    rmSync(root, { recursive: true });
  }
  const { env, keyed } = freshEnv(root);
  run([binary, 'lock'], env);
  const { memory: deriving } = await measured(keyed);
  run([binary, 'lock'], env);
  const middle = (value) => median(turns.map(value));
  const ratio = middle(({ whole, parse, insert }) => whole.wall / (parse.wall + insert.wall));
  const memory = Math.max(deriving, ...turns.map(({ whole }) => whole.memory));
  return {
    name,
    ratio,
    bound: ratioBound,
    bare: middle(({ whole, parsed, statements }) => whole.wall / (parsed.wall + statements.wall)),
    cpu: middle(({ whole, parse, insert }) => whole.cpu / (parse.cpu + insert.cpu)),
    milliseconds: middle(({ whole }) => whole.wall),
    parse: middle(({ parse }) => parse.wall),
    insert: middle(({ insert }) => insert.wall),
    memory,
    memoryBound,
    verdict: ratio <= ratioBound && memory <= memoryBound ? 'kept' : 'MISSED',
    turns,
  };
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'rapport-bench-'));
  const results = [];
  try {
    await buildStore();
    writeFileSync(join(folder, 'passphrase'), 'a bench of seven planks\n', { mode: 0o600 });
    const csv = join(folder, 'list.csv');
    writeFileSync(csv, csvList());
    const fhir = join(folder, 'patients.ndjson');
    writeFileSync(fhir, fhirLines());
    const rows = [
      {
        kind: 'fhir',
        name: `${patientCount} FHIR patients`,
        file: fhir,
        argv: ['--identifier-system', 'https://clinic.example/mrn'],
      },
      {
        kind: 'csv',
        name: `${rowCount} CSV rows`,
        file: csv,
        argv: ['--map', 'name=FIRST+LAST', '--map', 'birth_date=BIRTHDATE', '--map', 'died_on=DEATHDATE'],
      },
    ];
    const columns = ['ratio', 'bound', 'bare', 'cpu', 'ms', 'parse', 'insert', 'MB', 'bound'];
    console.log(`${'import'.padEnd(20)}${columns.map((name) => name.padStart(8)).join('')}  verdict`);
    for (const row of rows) {
      const result = await bench(folder, row);
      results.push(result);
      const { ratio, bound, bare, cpu, milliseconds, parse, insert, memory } = result;
      const cells = [
        ...[ratio, bound, bare, cpu].map((value) => value.toFixed(2)),
        ...[milliseconds, parse, insert, memory, memoryBound].map((value) => value.toFixed(0)),
      ];
      console.log(
        `${result.name.padEnd(20)}${cells.map((cell) => cell.padStart(8)).join('')}  ${result.verdict}`,
      );
    }
    writeFileSync(
      'bench-imports.json',
      `${JSON.stringify({ node: process.version, runs, results }, null, 2)}\n`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.exitCode = results.every(({ verdict }) => verdict === 'kept') ? 0 : 1;
}

if (process.argv[2] === 'parts') await measureParts(...process.argv.slice(3));
else await main();
