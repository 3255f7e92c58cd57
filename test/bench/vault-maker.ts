/** Makes a vault for `vault.mjs`: a folder, a passphrase, scrypt's N and how many notes; by the store's own way of writing. */
import { randomBytes } from 'node:crypto';
import { monotonicFactory } from 'ulid';
import { readCivilDate } from '../../src/dates/civil.ts';
import { newNote, newPatient } from '../../src/domain/records.ts';
import { openStore } from '../../src/store/open.ts';
import { createVault } from '../../src/vault/create.ts';
import { openDatabase } from '../../src/vault/open.ts';

const [folder = '', passphrase = '', n = '', count = '0'] = process.argv.slice(2);
const uid = process.getuid?.();
const notesEach = 1000;
const crockford = '0123456789abcdefghjkmnpqrstvwxyz';
const words =
  'garden choir sister bakery winter letter train river sketch window market cousin harbour piano walking'.split(
    ' ',
  );
const newId = monotonicFactory();
const recorded_on = readCivilDate('2026-01-02') ?? null;

/** A small generator, so that every run makes the same texts. */
let seed = 20260312;
const random = (below: number): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};

async function make(): Promise<void> {
  const { keys, keyFile } = await createVault({
    folder,
    uid,
    passphrase,
    recoverySecret: randomBytes(20),
    madeOn: '2026-01-01',
    cost: { n: Number(n), r: 8, p: 1 },
  });
  const { vault: vaultId, generation } = keyFile.payload;
  const store = openStore(openDatabase({ folder, keys, vaultId, generation, uid }), {
    instant: () => new Date().toISOString(),
    newId: () => newId(),
    newRef: () => Array.from(randomBytes(5), (byte) => crockford[byte & 31]).join(''),
    logKey: keys.log,
  });
  for (let made = 0; made < Number(count); made += notesEach)
    store.write({ verb: 'import' }, () => {
      const id = `p${made / notesEach}`;
      store.patients.insert(newPatient({ id, name: `Patient ${id}`, handle: id }));
      for (let note = 0; note < notesEach; note += 1) {
        const text = Array.from({ length: 8 }, () => words[random(words.length)]).join(' ');
        store.notes.insert(newNote({ patient_id: id, kind: 'story', text, recorded_on }));
      }
    });
  store.close();
}

void make();
