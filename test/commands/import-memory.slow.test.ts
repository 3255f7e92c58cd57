/** A long file is read line by line: ten thousand patients with all that an EHR says of them stay within 250 MB. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { runBinary } from '../support/binary.ts';
import { makeVault, passphrase, type TestPlace } from '../support/vault.ts';

const patients = 10_000;
/** Narrative, addresses and pictures are most of a real resource. */
const ballast = 'Ballast of a chart. '.repeat(170);

let place: TestPlace;
beforeAll(async () => {
  place = await makeVault();
  const lines = Array.from({ length: patients }, (_, index) =>
    JSON.stringify({
      resourceType: 'Patient',
      id: `patient-${index}`,
      text: { status: 'generated', div: `<div>${ballast}${index}</div>` },
      name: [{ use: 'official', family: `Długa-${index}`, given: ['Ann', 'Marie'] }],
      birthDate: `19${30 + (index % 60)}-0${1 + (index % 9)}-1${index % 9}`,
      contact: [{ name: { text: `Bo ${index}` }, relationship: [{ text: 'brother' }] }],
    }),
  );
  writeFileSync(join(place.work, 'long.ndjson'), lines.join('\n'));
  writeFileSync(
    join(place.work, 'peak.cjs'),
    "process.on('exit', () => console.error('peak', process.resourceUsage().maxRSS));",
  );
});

async function importing(file: string) {
  const run = await runBinary(['import', file], {
    root: place.root,
    env: { RAPPORT_PASSPHRASE: passphrase, NODE_OPTIONS: `--require ${join(place.work, 'peak.cjs')}` },
  });
  return { ...run, megabytes: Number(/peak (\d+)/.exec(run.stderr)?.[1]) / 1024 };
}

it('stays within its memory', { timeout: 180_000 }, async () => {
  const { stdout, code, megabytes } = await importing('long.ndjson');
  expect(code).toBe(0);
  expect(stdout).toContain('Added 10,000 patients and 10,000 people');
  expect(megabytes).toBeGreaterThan(50);
  expect(megabytes).toBeLessThan(250);
});

it.each([
  ['rapport', '{"format":"rapport","version":1,"patients":['],
  ['fhir', '{"resourceType":"Bundle","entry":[\n'],
])(
  'refuses a document of %s that would take more than 1 GB, before it is read',
  async (_, begin) => {
    writeFileSync(join(place.work, 'large.json'), begin + ' '.repeat(129 * 1024 * 1024));
    const { stderr, code, megabytes } = await importing('large.json');
    expect(code).toBe(2);
    expect(stderr).toContain('a JSON document of more than 128 MB takes more than 1 GB of memory');
    expect(megabytes).toBeLessThan(700);
  },
  60_000,
);
