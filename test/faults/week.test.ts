/**
 * Faults 1 and 12 over a week: three terminals run commands by chance on one vault, and one in three is killed. A model
 * says what must be there: no acknowledged write is lost, and no message is false.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { copyOf, makeTemplate, type Place, pictureOf, rapport } from './support/clinic.ts';
import { inTurns, samples, tally } from './support/counting.ts';
import { type Fault, faulted, injectionIsAbsent } from './support/injection.ts';
import { type Facts, factsOf, Model } from './support/model.ts';
import { Terminal } from './support/terminals.ts';

const counts = tally(
  (of) =>
    `week: ${of('commands')} commands of three terminals, ${of('kills')} killed, ` +
    `${of('done')} acknowledged, ${of('refused')} refused; ${of('looks')} looks, ${of('restored')} backups restored`,
);

const terminals = 3;
const days = 7;
/** Of each terminal. */
const commandsADay = samples(14);

async function look(place: Place): Promise<Facts> {
  const { stdout, stderr, code } = await rapport(place, ['export', '--format', 'rapport']);
  expect(code, stderr).toBe(0);
  return factsOf(stdout);
}

/** Held by another, or with keys that were changed while it ran. */
const refusals: Readonly<Record<number, RegExp>> = {
  8: /another rapport holds the vault|replaced meanwhile|records moved from one patient to another/,
  9: /keys were changed|changed after the import was planned/,
};

it(`a week of ${terminals} terminals loses nothing that was said to be saved`, async () => {
  const template = await makeTemplate(2);
  for (const [index, patient] of ['malu', 'malu', 'walt'].entries())
    await rapport(template, ['commit', patient, '--promise', `call about w9x${index} in 2 weeks`]);
  const place = copyOf(template);
  let morning = await look(place);
  expect([...morning.keys()]).toEqual(['promise w9x0', 'promise w9x1', 'promise w9x2']);
  const model = new Model(morning);
  const all = Array.from({ length: terminals }, (_, number) => new Terminal(number, model));
  const backups = new Map<string, ReturnType<Model['certain']>>();

  async function run(terminal: Terminal, env: Record<string, string>): Promise<void> {
    const command = terminal.next();
    const { argv, adds, removes } = command;
    const [verb, what] = argv;
    const then = model.certain();
    const effect = { adds, removes };
    model.begin(effect);
    const injection = { ...command, argv: argv[0] === 'export' ? argv : [...argv, '--json'], env };
    const does: Fault | undefined = terminal.oneOf([
      'kill',
      'torn',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    const moment = { at: 1 + Math.floor(terminal.random() * 45), does: does ?? 'kill' };
    const result =
      does === undefined || injectionIsAbsent() !== undefined
        ? await rapport(place, injection.argv, injection)
        : await faulted(place, injection, moment);
    counts.add('commands');
    const { code, stdout, stderr } = result;
    const where = `${argv.join(' ')}${does === undefined ? '' : `, ${does} at ${moment.at}`}: ${code} ${stderr}`;
    if (code === 'SIGKILL') counts.add('kills');
    // What has said its word has done its work.
    if (code === 0 || (code === 'SIGKILL' && stdout !== '')) {
      counts.add('done');
      model.end(effect, 'done');
      if (verb === 'export' && code === 0) {
        model.expectSeen(then, factsOf(stdout), where);
        counts.add('looks');
      }
      if (verb === 'backup') backups.set(what ?? '', then);
      if (code === 0) terminal.acknowledged(command, stdout);
    } else if (code === 'SIGKILL' || /may have been saved/.test(stderr)) model.end(effect, 'unknown');
    else {
      counts.add('refused');
      model.end(effect, 'nothing');
      expect(stderr, where).toMatch(refusals[Number(code)] ?? /^$/);
    }
  }

  for (let number = 0; number < days; number += 1) {
    const env = { RAPPORT_TODAY: `2026-03-${10 + number}` };
    for (const terminal of all) terminal.wakeUp(morning);
    await inTurns(all, terminals, async (terminal) => {
      for (let count = 0; count < commandsADay; count += 1) await run(terminal, env);
    });
    // The first to look finishes a rotation that was cut off, and says so.
    morning = await look(place);
    await pictureOf(place);
    model.settle(morning, `on day ${number + 1}`);
    expect((await rapport(place, ['doctor'])).code).toBe(0);
  }
  for (const [file, then] of backups) {
    const env = { RAPPORT_VAULT: join(place.root, `of-${file}`) };
    expect(existsSync(join(place.root, 'work', file)), file).toBe(true);
    expect(await rapport(place, ['restore', file, '--yes'], { env })).toMatchObject({ code: 0 });
    const restored = await rapport(place, ['export', '--format', 'rapport'], { env });
    counts.add('restored');
    const facts = factsOf(restored.stdout);
    const lost = [...then].filter(
      ([fact, { isThere }]) => isThere && !facts.has(fact) && model.isCertain(fact),
    );
    expect(lost, file).toEqual([]);
  }
});
