/**
 * Makes a vault for the benches, by the store's own way of writing; what is in it is told as JSON by the one argument.
 * Patients have handles p0, p1, …; 'fifty' and 'deep' have 50 and so many notes; 'busy' has many promises without a date.
 */
import { randomBytes } from 'node:crypto';
import { monotonicFactory } from 'ulid';
import { addDays, type CivilDate, readCivilDate } from '../../src/dates/civil.ts';
import { newCommitment, newContact, newNote, newPatient, noteKinds } from '../../src/domain/records.ts';
import { Sql } from '../../src/store/sql.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { createVault } from '../../src/vault/create.ts';
import { openDatabase } from '../../src/vault/open.ts';

interface Spec {
  readonly folder: string;
  readonly passphrase: string;
  /** scrypt's N. */
  readonly n: number;
  readonly patients: number;
  readonly notesEach: number;
  readonly commitmentsEach: number;
  readonly contactsEach: number;
  /** Promises that are due or overdue, in all. */
  readonly due: number;
  readonly deep: number;
  readonly busy: number;
}

const spec = JSON.parse(process.argv[2] ?? '{}') as Spec;
const uid = process.getuid?.();
const patientsAWrite = 200;
const crockford = '0123456789abcdefghjkmnpqrstvwxyz';
const split = (text: string): readonly string[] => text.split(' ');
const words = split(
  'garden choir sister bakery winter letter train river sketch window market cousin harbour piano walking knitting football ' +
    'school island teacher orchard bridge station summer kitchen dog bicycle mountain radio library',
);
const rareWord = 'marigold';
const firstNames = split(
  'Ana Ben Cleo Dara Emil Fay Gus Hana Ivo June Karl Lena Milo Nora Otis Pia Remy Sara Tom Uma',
);
const lastNames = split(
  'Abel Brook Castle Dunn Ewing Frost Grove Hale Ingram Jarvis Kent Lowe Marsh Nye Orr Platt Quist',
);
const kinds = noteKinds.filter((kind) => !['loss', 'avoid', 'milestone'].includes(kind));
const newId = monotonicFactory();
const today = readCivilDate('2026-03-12');
if (today === undefined) throw new Error('no such day');
const back = (days: number): CivilDate => addDays(today, -days);

/** A small generator, so that every run makes the same texts. */
let seed = 20260312;
const random = (below: number): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};
const pick = <T>(list: readonly T[]): T => {
  const one = list[random(list.length)];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
};
const phrase = (count: number): string => Array.from({ length: count }, () => pick(words)).join(' ');

function addNotes(store: Store, patient_id: string, count: number, isRare: boolean): void {
  for (let note = 0; note < count; note += 1)
    store.notes.insert(
      newNote({
        patient_id,
        kind: pick(kinds),
        text: `${phrase(6 + random(8))}${isRare && note === 0 ? ` ${rareWord}` : ''}`,
        recorded_on: back(random(3000)),
        status: random(3) === 0 ? 'current' : 'retired',
      }),
    );
}

function addPatient(store: Store, index: number): void {
  const id = `p${index}`;
  store.patients.insert(
    newPatient({
      id,
      handle: id,
      name: `${pick(firstNames)} ${pick(lastNames)} ${index}`,
      goes_by: pick(firstNames),
      birth_date: back(365 * (18 + random(70))),
      first_met: back(2000 + random(3000)),
    }),
  );
  addNotes(store, id, spec.notesEach, index % Math.ceil(spec.patients / 20) === 0);
  const isDue =
    index < spec.due * Math.floor(spec.patients / spec.due) &&
    index % Math.floor(spec.patients / spec.due) === 0;
  for (let place = 0; place < spec.commitmentsEach; place += 1) {
    const made = 40 + random(2000);
    const owner = 'me' as const;
    const kind = pick(['call', 'send', 'check'] as const);
    const common = { patient_id: id, text: phrase(5), owner, kind, made_on: back(made) };
    if (place === 0 && isDue) store.commitments.insert(newCommitment({ ...common, due: back(random(40)) }));
    else
      store.commitments.insert(
        newCommitment({ ...common, due: back(made - 7), status: 'kept', closed_on: back(made - 6) }),
      );
  }
  for (let place = 0; place < spec.contactsEach; place += 1)
    store.contacts.insert(
      newContact({ patient_id: id, on: back(30 + random(2000)), channel: 'visit', state: 'held' }),
    );
}

function addSpecial(store: Store): void {
  for (const [handle, notes] of [
    ['fifty', 50],
    ['deep', spec.deep],
    ['busy', 50],
  ] as const) {
    store.patients.insert(
      newPatient({ id: handle, handle, name: `Special ${handle}`, first_met: back(4000) }),
    );
    store.contacts.insert(newContact({ patient_id: handle, on: back(90), channel: 'visit', state: 'held' }));
    addNotes(store, handle, notes, false);
  }
  for (let place = 0; place < spec.busy; place += 1)
    store.commitments.insert(
      newCommitment({ patient_id: 'busy', text: phrase(5), owner: 'me', kind: 'call', made_on: back(30) }),
    );
}

async function make(): Promise<void> {
  const { folder, passphrase, n } = spec;
  const { keys, keyFile } = await createVault({
    folder,
    uid,
    passphrase,
    recoverySecret: randomBytes(20),
    madeOn: '2026-01-01',
    cost: n,
  });
  const database = openDatabase({ folder, keys, ...keyFile.payload, uid });
  const store = openStore(new Sql({ database }), {
    instant: () => new Date().toISOString(),
    newId: () => newId(),
    newRef: () => Array.from(randomBytes(5), (byte) => crockford[byte & 31]).join(''),
    logKey: keys.log,
    run: { id: () => 'making', isAnother: () => false },
  });
  for (let from = 0; from < spec.patients; from += patientsAWrite)
    store.write({ verb: 'import' }, () => {
      for (let index = from; index < Math.min(spec.patients, from + patientsAWrite); index += 1)
        addPatient(store, index);
    });
  store.write({ verb: 'import' }, () => addSpecial(store));
  database.close();
}

void make();
