/**
 * The same job by programs that people use for it, where they are installed: what is overdue among 20,000 tasks, and what is
 * written about one person among 20,000 entries. Each on its own data, made here, in turn with bare node in the same run.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keptVault, passphrase } from './making.mjs';
import { bareNode, pair, rapport, run } from './measuring.mjs';

const count = 20_000;
const people = 200;
const overdue = 60;

const isThere = (program) => spawnSync(program, ['--version']).error === undefined;
const two = (value) => String(value).padStart(2, '0');
/** A day of the month before, for those overdue; of a far year for the rest. */
const dayOf = (index) =>
  index < overdue ? `2026-02-${two(1 + (index % 28))}` : `2036-${two(1 + (index % 12))}-15`;
const uuid = (index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

/** Each makes its data in a folder, and says how it lists what is overdue. */
const peers = {
  task(folder) {
    const env = {
      PATH: process.env.PATH,
      HOME: folder,
      TASKDATA: join(folder, 'task'),
      TASKRC: join(folder, 'taskrc'),
    };
    mkdirSync(env.TASKDATA);
    writeFileSync(env.TASKRC, 'confirmation=off\nverbose=nothing\n');
    const tasks = Array.from({ length: count }, (_, index) => ({
      uuid: uuid(index),
      status: 'pending',
      entry: '20260101T000000Z',
      due: `${dayOf(index).replaceAll('-', '')}T000000Z`,
      description: `call number ${index} about the result`,
      project: `person${index % people}`,
    }));
    run(['task', 'import', '-'], env, JSON.stringify(tasks));
    return {
      overdue: () => run(['task', 'due.before:2026-03-12', 'export'], env),
      person: () => run(['task', 'project:person7', 'export'], env),
    };
  },
  todoman(folder) {
    const list = join(folder, 'lists', 'all');
    mkdirSync(list, { recursive: true });
    const config = join(folder, 'todoman.py');
    writeFileSync(
      config,
      `path = '${join(folder, 'lists')}/*'\ndate_format = '%Y-%m-%d'\ntime_format = '%H:%M'\ndefault_list = 'all'\ncache_path = '${join(folder, 'cache.sqlite3')}'\n`,
    );
    for (let index = 0; index < count; index += 1)
      writeFileSync(
        join(list, `${uuid(index)}.ics`),
        [
          'BEGIN:VCALENDAR',
          'VERSION:2.0',
          'PRODID:-//bench//EN',
          'BEGIN:VTODO',
          `UID:${uuid(index)}`,
          'DTSTAMP:20260101T000000Z',
          `DUE;VALUE=DATE:${dayOf(index).replaceAll('-', '')}`,
          `SUMMARY:person${index % people} call number ${index}`,
          'END:VTODO',
          'END:VCALENDAR',
          '',
        ].join('\r\n'),
      );
    const env = { PATH: process.env.PATH, HOME: folder, LC_ALL: 'C.UTF-8', TODOMAN_CONFIG: config };
    const todo = (...words) => run(['todoman', '--config', config, ...words], env);
    return {
      overdue: () => todo('list', '--due', '1'),
      person: () => todo('list', '--grep', 'person7 '),
    };
  },
  jrnl(folder) {
    const journal = join(folder, 'journal.txt');
    const entries = Array.from(
      { length: count },
      (_, index) => `[${dayOf(index)} 09:00] @person${index % people} call number ${index}.\n`,
    );
    writeFileSync(journal, entries.join('\n'));
    const config = join(folder, 'jrnl.yaml');
    writeFileSync(config, `journals:\n  default: ${journal}\ntagsymbols: '@'\nencrypt: false\n`);
    const env = { PATH: process.env.PATH, HOME: folder };
    return { person: () => run(['jrnl', '--config-file', config, '@person7'], env) };
  },
};

async function own({ folder, env: common }) {
  const vault = join(folder, 'peers');
  // A hundred promises each for two hundred people: as many tasks, as many entries.
  await keptVault(vault, 'peers', {
    patients: people,
    notesEach: count / people,
    commitmentsEach: count / people,
    due: overdue,
  });
  const passphraseFile = join(folder, 'peers-passphrase');
  writeFileSync(passphraseFile, `${passphrase}\n`, { mode: 0o600 });
  const env = { ...common, RAPPORT_VAULT: vault };
  rapport(['unlock'], { ...env, RAPPORT_PASSPHRASE_FILE: passphraseFile });
  return {
    overdue: () => rapport(['due'], env),
    person: () => rapport(['notes', 'p7'], env),
    end: () => rapport(['lock'], env),
  };
}

const jobs = { overdue: 'overdue among 20,000', person: 'one person among 20,000' };

export async function benchPeers(table, place) {
  const there = Object.keys(peers).filter(isThere);
  const mine = await own(place);
  const all = [['rapport', mine]];
  for (const name of there) {
    const folder = join(place.folder, name);
    mkdirSync(folder);
    all.push([name, peers[name](folder)]);
  }
  try {
    for (const [job, words] of Object.entries(jobs))
      for (const [name, does] of all)
        if (does[job] !== undefined)
          table.add({ name: `${words}: ${name}`, ...pair(() => does[job]().milliseconds, bareNode, 5) });
  } finally {
    mine.end();
  }
  const absent = Object.keys(peers).filter((name) => !there.includes(name));
  if (absent.length > 0) console.log(`not installed, left out: ${absent.join(', ')}`);
}
