/** `rapport commit [patient…]`: after the visit, before the next one. */

import { type Kind, type Outcome, type Talk, talk } from '../cli/command.ts';
import { channel, day, flag, neededText, text, words } from '../cli/kinds.ts';
import { print, unwritten } from '../cli/runner.ts';
import type { Store } from '../context.ts';
import type { CivilDate } from '../dates/civil.ts';
import { fullDate } from '../dates/wording.ts';
import type { CaptureOptions } from '../domain/capture.ts';
import { isNameOf } from '../domain/patient-names.ts';
import { channels, type Patient } from '../domain/records.ts';
import { textOfDraft } from '../domain/text.ts';
import { checkWriteUp, type WriteUp } from '../domain/write-up.ts';
import { type Failure, usage } from '../errors.ts';
import type { Draft } from '../store/drafts.ts';
import { renderSummary } from '../terminal/write-up-view.ts';
import { Flow } from './commit-flow.ts';
import {
  askVisitDay,
  dayBegins,
  editWriteUp,
  offerPatient,
  offerUndo,
  promiseOf,
  stdinLimit,
  workingDay,
  writeUpOf,
} from './commit-input.ts';
import { goingOn, keeping, takeUp } from './drafts.ts';
import { findPatient } from './lookup.ts';
import { saveVisit, type Visit, visitReport, wordingHints } from './visit-records.ts';

interface Session {
  readonly patient: Patient;
  readonly asked: CivilDate | undefined;
  readonly visitOn: (on: CivilDate) => Visit;
  readonly captureOn: (
    on: CivilDate,
  ) => CaptureOptions & { readonly calendar: ReturnType<Store['calendar']['read']> };
}

const taskOf = (patient: Patient) => ({ patient_id: patient.id, task: 'commit', record: null }) as const;

const dayOf = (on: CivilDate, { store }: Talk) => ({ on, calendar: store.calendar.read() });

async function runFlow({ patient, asked, visitOn, captureOn }: Session, ctx: Talk): Promise<Outcome> {
  const { store, questions } = ctx;
  if (!store.log.opened('commit', patient.id)) ctx.notices.warn(unwritten);
  const task = taskOf(patient);
  const taken = await takeUp(store, task, ctx);
  // The draft's relative dates count from its own day.
  const on = taken?.found.on ?? asked ?? (await askVisitDay(workingDay(ctx), ctx));
  const draft = taken?.draft ?? store.drafts.begin({ ...task, on, options: null });
  return keeping([draft], store, async () => {
    const visit = visitOn(on);
    const flow = new Flow(store, visit, captureOn(on), draft, ctx);
    await flow.resume(taken?.found.lines ?? []);
    const writeUp = await flow.ask();
    const saved = saveVisit(store, visit, writeUp, draft);
    const day = dayOf(on, ctx);
    // Seen before it is asked whether it stays.
    await print('commit', await visitReport(saved, visit, day, ctx.output), ctx);
    const closed = saved.writeUp.filter(({ type }) => type === 'gone');
    if (closed.length > 0) questions.tell(await renderSummary(closed, 'NOT SAVED', day, ctx.output));
    return { text: undefined, notices: await offerUndo(draft, flow.lines, saved.operation, ctx) };
  });
}

/** @param given lines or a promise; undefined opens the editor */
async function runLines(
  { patient, asked, visitOn, captureOn }: Session,
  given: ((capture: CaptureOptions) => WriteUp) | undefined,
  ctx: Talk,
): Promise<Outcome> {
  const { store } = ctx;
  const task = taskOf(patient);
  // What was typed at other prompts than those of an editor's lines is no text.
  const isText = ({ lines }: Draft): boolean => lines.every(({ place }) => place === 'learn');
  const taken = given === undefined ? await takeUp(store, task, ctx, isText) : undefined;
  const on = asked ?? taken?.found.on ?? workingDay(ctx);
  const capture = captureOn(on);
  const visit = visitOn(on);
  const draft = taken?.draft ?? store.drafts.begin({ ...task, on, options: null });
  return keeping([draft], store, async () => {
    const before = textOfDraft(taken?.found.lines ?? []);
    const writeUp =
      given === undefined
        ? await editWriteUp(visit, { draft, before }, capture, ctx)
        : checkWriteUp(given(capture), visit);
    const saved = saveVisit(store, visit, writeUp, draft);
    const entries = writeUp.flatMap((line) => (line.type === 'entry' ? [line.entry] : []));
    return {
      ...(await visitReport(saved, visit, dayOf(on, ctx), ctx.output)),
      notices: [
        ...(asked === undefined && on !== ctx.clock.today()
          ? [`before ${dayBegins} this is written up for ${fullDate(on)}; --on today is for today`]
          : []),
        ...wordingHints(entries, capture),
        ...store.drafts
          .of(patient.id)
          .map((other) => `something of this patient is not saved yet: ${goingOn(other, patient, store)}`),
      ],
    };
  });
}

/** `commit --promise malu`: the name would be the promise, and the patient asked for, or be whoever else is named. */
const swallowed = (): Failure =>
  usage(
    'what follows --promise is the promise, and it has taken the name',
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
  path: 'commit',
  arguments: { patient: words('name, handle or ref') },
  options: {
    on: day('back', 'day of the visit; relative dates count from it'),
    channel: channel([...channels, 'none'] as const, 'what kind of contact it was'),
    stdin: flag('lines from standard input, without questions'),
    editor: flag('lines in your editor'),
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
  examples: [
    'rapport commit malu',
    'rapport commit malu --stdin < lines.txt',
    'rapport commit walt --channel call',
    'rapport commit malu --promise -',
  ],
  async run({ patient: words, on: asked, channel, stdin, editor, promise }, ctx): Promise<Outcome> {
    const { store, clock, settings, questions } = ctx;
    const { dateStyle, weekStart, verbs } = settings.read();
    const day = asked ?? workingDay(ctx);
    const calendar = store.calendar.read();
    const plain = { on: day, calendar, defaultKind: 'story', dateStyle, weekStart, verbs } as const;
    const ask = () =>
      neededText(undefined, 'the promise', '--promise', 'What did you promise, by when?', ctx);
    const isTyped = promise === true && questions.possible;
    const promised =
      promise === true ? (isTyped ? undefined : { text: await ask(), isPiped: false }) : promise;
    const lines = stdin ? await ctx.stdin.readText(stdinLimit) : undefined;
    // What can't be read is told before a patient is asked for.
    if (lines !== undefined) writeUpOf(lines, plain);
    if (promised !== undefined) promiseOf(promised.text, plain);
    const patient = words.length === 0 ? await offerPatient(day, ctx) : await findPatient(words, ctx);
    if (promised?.isPiped === false && isNameOf(promised.text, patient)) throw swallowed();
    store.checkWritable();
    const session: Session = {
      patient,
      asked,
      visitOn: (on) => ({ patient, on, today: clock.today(), now: clock.time(), channel }),
      captureOn: (on) => ({ ...plain, on }),
    };
    if (editor) return runLines(session, undefined, ctx);
    if (lines !== undefined) return runLines(session, (capture) => writeUpOf(lines, capture), ctx);
    // What is typed is not lost to a wrong passphrase or an unknown name.
    const sentence = isTyped ? await ask() : promised?.text;
    return sentence === undefined
      ? runFlow(session, ctx)
      : runLines(session, (capture) => promiseOf(sentence, capture), ctx);
  },
});
