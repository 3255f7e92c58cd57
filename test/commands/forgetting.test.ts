/** What `patient forget` says of backups, and what it leaves behind. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeVault, type TestPlace } from '../support/vault.ts';
import { addPatient, withStore } from './seeding.ts';

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
  await addPatient(place, 'Walter Beer', 'walt', { notes: [{ kind: 'story', text: 'sweet peas' }] });
  await addPatient(place, 'Walter Bier', 'bier', { people: [{ name: 'June' }] });
});
afterEach(() => place.remove());

describe('forgetting', () => {
  it('names the backups that hold them, before and after', async () => {
    const backup = async (at: string): Promise<void> => {
      place.at(at);
      expect((await place.run(['backup', `${at.slice(0, 10)}.backup`])).code).toBe(0);
    };
    await backup('2026-03-10T08:00:00Z');
    place.at('2026-03-11T08:00:00Z');
    await place.run(['patient', 'add', 'Ned', 'Hintz']);
    await backup('2026-03-12T13:20:00Z');
    await backup('2026-03-13T08:00:00Z');
    const { asked, stderr, stdout } = await place.run(['patient', 'forget', 'ned'], {
      answers: [['type the name: Ned Hintz', 'NED HINTZ']],
    });
    const line =
      'Backups made before still hold them, those known of Fri 13 Mar 2026 09:00, Thu 12 Mar 2026 14:20; so do exports.';
    expect(asked).toContain(`: ${line}`);
    expect(stderr).toContain(line);
    expect(stdout).toMatch(/^\w{5} is forgotten\n$/);
    expect(await withStore(place, (store) => store.patients.byHandle('ned'))).toBeUndefined();
  });

  it('prints and logs nothing of the name', async () => {
    const { stdout, stderr } = await place.run(['patient', 'forget', 'walt', '--yes']);
    expect(stdout + stderr).not.toMatch(/walt|beer|peas/i);
    const logged = await place.run(['log']);
    expect(logged.stdout).toContain('(no longer here)');
    expect(logged.stdout).not.toMatch(/walter beer/i);
    const undoing = await place.run(['undo', '--list']);
    expect(undoing.stdout).not.toMatch(/walter beer|peas/i);
  });

  it('takes along who became part of them, and the merge cannot be taken back any more', async () => {
    await place.run(['patient', 'merge', 'bier', 'walt', '--yes']);
    await place.run(['patient', 'forget', 'walt', '--yes']);
    const found = await place.run(['undo', '2']);
    expect(found.code).not.toBe(0);
    expect(await withStore(place, (store) => store.patients.all())).toEqual([]);
    const again = await place.run(['import', '-', '--dry-run'], {
      stdin: '{"format":"rapport","version":1,"patients":[{"name":"walter bier"},{"name":"Ned"}]}',
    });
    expect(again.stdout).toContain('walter bier: a patient of that name was forgotten here before');
    expect(again.stdout).not.toContain('Ned: a patient');
  });
});
