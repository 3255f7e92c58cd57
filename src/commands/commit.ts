/** `rapport commit [patient…]`: after the visit, before the next one. */
import { type Kind, next, type Outcome, type Talk, talk } from '../cli/command.ts';
import { channel, day, flag, neededText, text, words } from '../cli/kinds.ts';
import { print, unwritten } from '../cli/runner.ts';
import { type CivilDate, fullDate } from '../dates/civil.ts';
import { captureLine, captureText } from '../domain/capture.ts';
import { isNameOf } from '../domain/patient-names.ts';
import { channels } from '../domain/records.ts';
import { present, printable, textOfDraft } from '../domain/text.ts';
import { checkWriteUp, type TypedLine, type WriteUp } from '../domain/write-up.ts';
import { cancelled, type Failure, usage } from '../errors.ts';
import type { Draft, OwnDraft } from '../store/drafts.ts';
import { plainStyle } from '../terminal/styles.ts';
import { renderOpenItems, renderSummary } from '../terminal/write-up-view.ts';
import { flowOf } from './commit-flow.ts';
import { draftFor, editTyped, goingOn, keeping, readOrKeep, stdinLimit, takeUp } from './drafts.ts';
import { findPatient } from './lookup.ts';
import { askPrivateDeaths } from './patient-fields.ts';
import { offerDiscretion, offerPins } from './sight.ts';
import {
  askVisitDay,
  dayBegins,
  dayOffered,
  draftOptions,
  offerPatient,
  workingDay,
} from './visit-questions.ts';
import {
  type Capture,
  captureOn,
  openItemsIn,
  promisedTo,
  saveVisit,
  unreadNotices,
  type Visit,
  visitReport,
  wordingHints,
} from './visit-records.ts';

/** 'hard' alone on a line says so of the visit. */
const hardLine = /^[ \t]*hard[ \t]*$/gim;

/** Lines of standard input or an editor: what has no mark is a story. @throws usage */
const writeUpOf = (text: string, capture: Capture, comments = false): WriteUp =>
  captureText(text.replace(hardLine, ''), { ...capture, comments }).map((entry) => ({
    type: 'entry',
    entry,
    typed: entry.text,
  }));

function promiseOf(text: string, capture: Capture): WriteUp {
  const entry = captureLine(text, { ...capture, defaultKind: 'promise' });
  if (entry === undefined) throw usage('the promise is empty');
  if (entry.type !== 'commitment')
    throw usage(
      `--promise takes a promise, and this is marked as '${entry.type === 'loss' ? 'loss' : entry.kind}'`,
      ...present(/^\s*x\s/u.test(text) && 'x with a blank behind it marks a loss'),
      "'promise: …' makes it a promise; other lines go by --stdin",
    );
  return [{ type: 'entry', entry, typed: text }];
}

const guide = `# One line each:
#   ! a promise by fri     staff: theirs      patient: theirs
#   ? a question           * what matters     ~ how to explain
#   @21 mar a milestone    x wife June, 2 feb > ask next time
#   family: interest: concern: preference: decision: avoid: story:
# Lines that begin with # are left out. An empty file saves nothing but asks first.`;

const paper = { columns: 78, style: plainStyle, screenReader: false };

async function editWriteUp(
  visit: Visit,
  { draft, before }: { readonly draft: OwnDraft; readonly before: string },
  capture: Capture,
  ctx: Talk,
): Promise<WriteUp> {
  const { questions } = ctx;
  const read = async (text: string): Promise<WriteUp> => {
    const writeUp = checkWriteUp(writeUpOf(text, capture, true), visit);
    const question = 'Nothing was written. Record the contact alone?';
    if (writeUp.length === 0 && !(questions.possible && (await questions.confirm(question, false))))
      throw cancelled();
    return writeUp;
  };
  const open = openItemsIn(visit.patient, visit.on, ctx);
  const list =
    open.items.length + open.private === 0
      ? []
      : (await renderOpenItems(open, open.items, visit.on, paper)).split('\n');
  const below = list.map((line) => `# ${printable(line)}`.trimEnd()).join('\n');
  return editTyped(`${before}\n${guide}\n${below}\n`, draft, read, ctx);
}

interface Wanted extends Pick<Visit, 'patient' | 'channel' | 'isHard'> {
  readonly asked: CivilDate | undefined;
  /** Chosen with the patient. */
  readonly offered: CivilDate | undefined;
}

const taskOf = ({ patient }: Wanted) => ({ patient_id: patient.id, task: 'commit', record: null }) as const;

/** What was typed before is of its own day, from which its dates count, and channel. What an option says wins. */
function visitOf(wanted: Wanted, draft: Draft | undefined, day: CivilDate, { questions }: Talk): Visit {
  const before = JSON.parse(draft?.options ?? '{}') as Partial<Pick<Visit, 'channel' | 'isHard'>>;
  const { asked, patient } = wanted;
  const on = asked ?? draft?.on ?? day;
  const channel = wanted.channel ?? before.channel;
  if (draft !== undefined && draft.on !== on)
    questions.tell(`day ${fullDate(on)}, as --on says; the draft was of ${fullDate(draft.on)}`);
  if (before.channel !== undefined && before.channel !== channel)
    questions.tell(`channel ${channel}, as --channel says; the draft was of ${before.channel}`);
  return { patient, on, channel, isHard: wanted.isHard || before.isHard === true };
}

async function runFlow(wanted: Wanted, ctx: Talk): Promise<Outcome> {
  const { store, questions, output } = ctx;
  const task = taskOf(wanted);
  if (!store.log.opened('commit', task.patient_id)) ctx.notices.warn(unwritten);
  const taken = await takeUp(task, ctx);
  const day =
    taken?.found.on ??
    wanted.asked ??
    (await askVisitDay(wanted.offered ?? dayOffered(wanted.patient, workingDay(ctx), ctx), ctx));
  const first = visitOf(wanted, taken?.found, day, ctx);
  const draft = draftFor(taken, { ...task, on: first.on, options: draftOptions(first) }, store);
  return keeping([draft], store, async () => {
    const flow = flowOf(first, draft, ctx);
    await flow.resume(taken?.found.lines ?? []);
    const writeUp = await flow.ask();
    const visit = flow.visit();
    const saved = saveVisit(visit, writeUp, draft, ctx);
    const capture = captureOn(visit.on, ctx, visit.patient);
    await print('commit', await visitReport(saved, visit, capture, output), ctx);
    await offerDiscretion(ctx, ...saved.commitments, ...saved.notes);
    await offerPins(ctx, saved.notes);
    const deaths = await askPrivateDeaths(saved.notes, ctx);
    const closed = saved.writeUp.filter(({ type }) => type === 'gone');
    if (closed.length > 0) questions.tell(await renderSummary(closed, 'NOT SAVED', capture, output));
    const undo = saved.operation ? [next('rapport undo takes it back')] : [];
    return { text: undefined, notices: [...deaths, ...undo] };
  });
}

interface Given {
  readonly read: (capture: Capture) => WriteUp;
  readonly piped?: TypedLine | undefined;
}

/** @param given lines or a promise; undefined opens the editor */
async function runLines(wanted: Wanted, given: Given | undefined, ctx: Talk): Promise<Outcome> {
  const { store } = ctx;
  const { patient, asked } = wanted;
  const task = taskOf(wanted);
  // What was typed at other prompts than those of an editor's lines is no text.
  const isText = ({ lines }: Draft): boolean => lines.every(({ place }) => place === 'learn');
  const taken = given === undefined ? await takeUp(task, ctx, isText) : undefined;
  const visit = visitOf(wanted, taken?.found, workingDay(ctx), ctx);
  const { on } = visit;
  const capture = captureOn(on, ctx, patient);
  const draft = draftFor(taken, { ...task, on, options: draftOptions(visit) }, store);
  return keeping([draft], store, async () => {
    const before = textOfDraft(taken?.found.lines ?? []);
    const writeUp =
      given === undefined
        ? await editWriteUp(visit, { draft, before }, capture, ctx)
        : readOrKeep(() => checkWriteUp(given.read(capture), visit), draft, given.piped);
    const saved = saveVisit(visit, writeUp, draft, ctx);
    if (given === undefined) {
      await offerDiscretion(ctx, ...saved.commitments, ...saved.notes);
      await offerPins(ctx, saved.notes);
    }
    const entries = writeUp.flatMap((line) => (line.type === 'entry' ? [line.entry] : []));
    return {
      ...(await visitReport(saved, visit, capture, ctx.output)),
      notices: present(
        asked === undefined &&
          on !== ctx.clock.today() &&
          `before ${dayBegins} this is written up for ${fullDate(on)}; --on today is for today`,
        ...unreadNotices([...saved.commitments, ...saved.notes]),
        ...wordingHints(entries, capture, promisedTo(patient, store), visit.isHard),
        ...(await askPrivateDeaths(saved.notes, ctx)),
        ...store.drafts
          .of(patient.id)
          .map((other) => `something of this patient is not saved yet: ${goingOn(other, patient, store)}`),
      ),
    };
  });
}

/** `commit --promise malu`: the name would be the promise, and the patient asked for, or be whoever else is named. */
const swallowed = (): Failure =>
  usage(
    'the word after --promise was read as the promise, so no patient is named',
    'rapport commit PATIENT --promise "TEXT"',
    'rapport commit PATIENT --promise asks for it',
  );

const promise: Kind<{ readonly text: string; readonly isPiped: boolean } | true | undefined> = {
  help: 'one promise; - reads it from standard input, nothing asks for it',
  value: '[text]',
  read(raw, shut, has) {
    if (raw === true) return () => true;
    const resolve = text('the promise', '').read(raw, shut, has);
    return async (ctx) => {
      const given = await resolve(ctx);
      return given === undefined ? undefined : { text: given, isPiped: raw === '-' };
    };
  },
};

export const commit = talk({
  arguments: { patient: words('name, handle or ref') },
  options: {
    on: day('back', 'day of the visit; relative dates count from it'),
    channel: channel([...channels, 'none'] as const, 'what kind of contact it was'),
    stdin: flag('lines from standard input, without questions'),
    editor: flag('lines in your editor'),
    hard: flag('it was a hard visit: a call within two days is offered'),
    promise,
  },
  apart: { stdin: ['editor', 'promise'], editor: ['promise'] },
  refuse(has, { questions }, words) {
    const { promise: promised } = words;
    if (!has('patient') && typeof promised === 'string' && promised !== '-') throw swallowed();
    if (!has('stdin') && !has('editor') && !has('promise') && !questions.possible)
      throw usage(
        'there is no terminal to ask on',
        'give the lines by --stdin, one each; none records the visit alone',
      );
  },
  examples: ['malu', 'malu --stdin < lines.txt', 'walt --channel call', 'malu --promise -'],
  async run({ patient: words, on: asked, channel, stdin, editor, hard, promise }, ctx): Promise<Outcome> {
    const { store, questions } = ctx;
    const day = asked ?? workingDay(ctx);
    const plain = captureOn(day, ctx);
    const ask = () =>
      neededText(undefined, 'the promise', '--promise', 'What did you promise, by when?', ctx);
    const isTyped = promise === true && questions.possible;
    const promised =
      promise === true ? (isTyped ? undefined : { text: await ask(), isPiped: false }) : promise;
    const lines = stdin ? await ctx.stdin.readText(stdinLimit) : undefined;
    const isHard = hard || (lines?.search(hardLine) !== undefined && lines.search(hardLine) >= 0);
    // A promise that can't be read is told before a patient is asked for.
    if (promised?.isPiped === false) promiseOf(promised.text, plain);
    const { patient, value: offered } =
      words.length === 0
        ? await offerPatient(day, ctx)
        : { patient: await findPatient(words, ctx), value: undefined };
    if (promised?.isPiped === false && isNameOf(promised.text, patient)) throw swallowed();
    store.checkWritable();
    const isAlone = promise !== undefined && channel === undefined;
    // A promise alone is no contact.
    const wanted: Wanted = { patient, asked, offered, channel: isAlone ? 'none' : channel, isHard };
    if (editor) return runLines(wanted, undefined, ctx);
    if (lines !== undefined)
      return runLines(
        wanted,
        { read: (capture) => writeUpOf(lines, capture), piped: { place: 'learn', text: lines } },
        ctx,
      );
    // What is typed is not lost to a wrong passphrase or an unknown name.
    const sentence = isTyped ? await ask() : promised?.text;
    return sentence === undefined
      ? runFlow(wanted, ctx)
      : runLines(
          wanted,
          {
            read: (capture) => promiseOf(sentence, capture),
            piped: promised?.isPiped ? { place: 'promise', text: sentence } : undefined,
          },
          ctx,
        );
  },
});
