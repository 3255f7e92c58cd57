/** `rapport commit [patient…]`: after the visit, before the next one. */

import type { Context, Store } from '../context.ts';
import type { CivilDate } from '../dates/civil.ts';
import { fullDate } from '../dates/wording.ts';
import type { CaptureOptions } from '../domain/capture.ts';
import { isNameOf } from '../domain/patient-names.ts';
import { type Channel, channels, type Patient } from '../domain/records.ts';
import { textOfDraft } from '../domain/text.ts';
import { checkWriteUp, type WriteUp } from '../domain/write-up.ts';
import { type ExitName, type Failure, usage } from '../errors.ts';
import type { Draft } from '../store/drafts.ts';
import { renderSummary } from '../terminal/write-up-view.ts';
import { recordOpening } from './access-log.ts';
import { defineCommand, type RawInput } from './command.ts';
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
import { type AskedDay, askedDay, neededText } from './options.ts';
import { reportVisit, saveVisit, type Visit, wordingHints } from './visit-records.ts';

interface CommitRequest {
  readonly words: readonly string[];
  readonly on: AskedDay | undefined;
  readonly channel: Channel | 'none' | undefined;
  readonly stdin: boolean;
  readonly editor: boolean;
  /** A promise, '-' for standard input, or true to be asked for it. */
  readonly promise: string | true | undefined;
}

interface Session {
  readonly store: Store;
  readonly request: CommitRequest;
  readonly asked: CivilDate | undefined;
  readonly visitOn: (on: CivilDate) => Visit;
  readonly captureOn: (
    on: CivilDate,
  ) => CaptureOptions & { readonly calendar: ReturnType<Store['calendar']['read']> };
}

const taskOf = (patient: Patient) => ({ patient_id: patient.id, task: 'commit', record: null }) as const;

async function runFlow({ store, asked, visitOn, captureOn }: Session, patient: Patient, ctx: Context) {
  const { questions, output } = ctx;
  recordOpening('commit', patient.id, store, ctx);
  const task = taskOf(patient);
  const taken = await takeUp(store, task, ctx);
  // The draft's relative dates count from its own day.
  const on = taken?.found.on ?? asked ?? (await askVisitDay(store, workingDay(ctx), ctx));
  const draft = taken?.draft ?? store.drafts.begin({ ...task, on, options: null });
  await keeping([draft], store, async () => {
    const visit = visitOn(on);
    const flow = new Flow(store, visit, captureOn(on), draft, ctx);
    await flow.resume(taken?.found.lines ?? []);
    const writeUp = await flow.ask();
    const saved = saveVisit(store, visit, writeUp, draft);
    reportVisit(saved, visit, captureOn(on).calendar, ctx);
    const closed = saved.writeUp.filter(({ type }) => type === 'gone');
    const look = { on, calendar: captureOn(on).calendar, width: output.columns, style: output.style };
    if (closed.length > 0) questions.tell(renderSummary(closed, 'NOT SAVED', look));
    await offerUndo(store, draft, flow.lines, saved.operation, ctx);
  });
}

async function runLines(
  { store, request, asked, visitOn, captureOn }: Session,
  patient: Patient,
  text: string | undefined,
  ctx: Context,
): Promise<void> {
  const task = taskOf(patient);
  // What was typed at other prompts than those of an editor's lines is no text.
  const isText = ({ lines }: Draft): boolean => lines.every(({ place }) => place === 'learn');
  const taken = request.editor ? await takeUp(store, task, ctx, isText) : undefined;
  const on = asked ?? taken?.found.on ?? workingDay(ctx);
  const capture = captureOn(on);
  const visit = visitOn(on);
  const draft = taken?.draft ?? store.drafts.begin({ ...task, on, options: null });
  await keeping([draft], store, async () => {
    let writeUp: WriteUp;
    const before = textOfDraft(taken?.found.lines ?? []);
    if (request.editor) writeUp = await editWriteUp(store, visit, { draft, before }, capture, ctx);
    else if (request.stdin) writeUp = checkWriteUp(writeUpOf(text ?? '', capture), visit);
    else writeUp = promiseOf(text ?? '', capture);
    if (asked === undefined && on !== ctx.clock.today())
      ctx.notices.say(`before ${dayBegins} this is written up for ${fullDate(on)}; --on today is for today`);
    const saved = saveVisit(store, visit, writeUp, draft);
    reportVisit(saved, visit, capture.calendar, ctx);
    const entries = writeUp.flatMap((line) => (line.type === 'entry' ? [line.entry] : []));
    for (const hint of wordingHints(entries, capture)) ctx.notices.say(hint);
  });
  for (const other of store.drafts.of(patient.id))
    ctx.notices.say(`something of this patient is not saved yet: ${goingOn(other, patient, store)}`);
}

async function textOf(request: CommitRequest, ctx: Context): Promise<string> {
  if (request.stdin) return ctx.stdin.readText(stdinLimit);
  const option = request.promise === true ? undefined : request.promise;
  return neededText(option, 'the promise', '--promise', 'What did you promise, by when?', ctx);
}

/** `commit --promise malu`: the name would be the promise, and the patient asked for, or be whoever else is named. */
const swallowed = (): Failure =>
  usage(
    'what follows --promise is the promise, and it has taken the name',
    'rapport commit PATIENT --promise "TEXT"',
    'rapport commit PATIENT --promise asks for it',
  );

async function runCommit(request: CommitRequest, ctx: Context): Promise<ExitName> {
  const { questions, clock, settings } = ctx;
  const isFlow = !request.stdin && !request.editor && request.promise === undefined;
  if (isFlow && !questions.possible)
    throw usage(
      'there is no terminal to ask on',
      'give the lines by --stdin, one each; none records the visit alone',
    );
  // How days are read is among the vault's settings; and a passphrase on standard input comes before the lines.
  const store = await ctx.openStore();
  const isTyped = request.promise === true && questions.possible;
  const given = isFlow || request.editor || isTyped ? undefined : await textOf(request, ctx);
  const { dateStyle, weekStart, verbs } = settings.read();
  const day = request.on?.() ?? workingDay(ctx);
  const plain = { on: day, defaultKind: 'story', dateStyle, weekStart, verbs } as const;
  // Lines that can't be read are told before a patient is asked for.
  if (request.stdin) writeUpOf(given ?? '', plain);
  else if (given !== undefined) promiseOf(given, plain);
  const patient =
    request.words.length === 0 ? await offerPatient(day, ctx) : await findPatient(request.words, ctx);
  if (request.promise !== '-' && given !== undefined && isNameOf(given, patient)) throw swallowed();
  store.checkWritable();
  // What is typed is not lost to a wrong passphrase or an unknown name.
  const text = isTyped ? await textOf(request, ctx) : given;
  const session: Session = {
    store,
    request,
    asked: request.on?.(store.calendar.read()),
    visitOn: (on) => ({ patient, on, today: clock.today(), now: clock.time(), channel: request.channel }),
    captureOn: (on) => ({ ...plain, on, calendar: store.calendar.read() }),
  };
  await (isFlow ? runFlow(session, patient, ctx) : runLines(session, patient, text, ctx));
  return 'ok';
}

function parse(raw: RawInput): CommitRequest {
  const promise = raw.option('promise') ?? (raw.flag('promise') ? true : undefined);
  const ways = [
    raw.flag('stdin') && '--stdin',
    raw.flag('editor') && '--editor',
    promise !== undefined && '--promise',
  ];
  const named = ways.filter((way) => way !== false);
  if (named.length > 1) throw usage(`${named.join(' and ')} don't go together`, 'use one of them');
  const words = raw.words('patient');
  if (words.length === 0 && typeof promise === 'string' && promise !== '-') throw swallowed();
  return {
    words,
    on: askedDay(raw, 'on', 'back'),
    channel: raw.oneOf('channel', [...channels, 'none']),
    stdin: raw.flag('stdin'),
    editor: raw.flag('editor'),
    promise,
  };
}

export const commit = defineCommand<CommitRequest>({
  path: 'commit',
  summary: 'write up a visit: what is done, promised, learned',
  group: 'Every day',
  arguments: [{ name: 'patient', help: 'name, handle or ref', optional: true, variadic: true }],
  options: [
    { flags: '--on <date>', help: 'day of the visit; relative dates count from it' },
    { flags: '--channel <channel>', help: 'what kind of contact it was', choices: [...channels, 'none'] },
    { flags: '--stdin', help: 'lines from standard input, without questions' },
    { flags: '--editor', help: 'lines in your editor' },
    { flags: '--promise [text]', help: 'one promise; - reads it from standard input, nothing asks for it' },
  ],
  examples: [
    'rapport commit malu',
    'rapport commit malu --stdin < lines.txt',
    'rapport commit walt --channel call',
    'rapport commit malu --promise -',
  ],
  parse,
  run: runCommit,
});
