/** The questions of `commit`. Each line is saved in the draft before the next question; a draft is resumed by replay. */
import type { Talk } from '../cli/command.ts';
import type { Entry } from '../domain/capture.ts';
import { captureCard } from '../domain/line-kinds.ts';
import { saysKind } from '../domain/line-marks.ts';
import { lookAgainAt } from '../domain/note-rules.ts';
import { hintsFor, toneHints } from '../domain/wording-hints.ts';
import {
  readDone,
  type Step,
  stepOf,
  type TypedLine,
  type WriteUp,
  type WriteUpContext,
} from '../domain/write-up.ts';
import { doubtAt, withLine } from '../domain/write-up-lines.ts';
import { bereavedOf, hardOffers, lossOffers } from '../domain/write-up-plan.ts';
import { asFailure, faultOf, Left } from '../errors.ts';
import type { DraftLine, OwnDraft } from '../store/drafts.ts';
import { renderEcho, renderOpenItems, renderSummary } from '../terminal/write-up-view.ts';
import { askDoubt, askUnread, chooseOffers, draftOptions, readBack, readChannel } from './visit-questions.ts';
import { type Capture, captureOn, openItemsIn, promisedTo, type Visit, visitTitle } from './visit-records.ts';

/** Why it is asked for again; anything else ends the questions. */
function refusalOf(failure: unknown): string {
  const { message, hints } = asFailure(failure, 'usage');
  return [message, ...hints.map((hint) => `hint: ${hint}`)].join('\n');
}

const asLearned = (text: string): TypedLine => ({ place: 'learn', text });
const isSkipped = (answer: string): boolean => /^(?:none|no|-)?$/i.test(answer.trim());
/** '?' alone shows the language. */
const isHelp = (answer: string): boolean => answer.trim() === '?';
const saysHard = (answer: string): boolean => /^hard$/i.test(answer.trim());

const summaryHelp = `'3 family' another kind     '3 due fri' another date    '3 text' to reword it
'3 private'  '3 pin'  '3 reach'  '3 for ana'            each with 'no' behind takes it back
'3 drop' and '3 keep'       'day 3 mar' and 'channel call' change the visit   'hard'`;

export function flowOf(first: Visit, draft: OwnDraft, ctx: Talk) {
  const { questions, output } = ctx;
  const open = openItemsIn(first.patient, first.on, ctx);
  let visit = first;
  let capture: Capture = captureOn(visit.on, ctx, visit.patient);
  let lines: readonly TypedLine[] = [];
  let writeUp: WriteUp = [];

  const context = (): WriteUpContext => ({ patient: visit.patient, capture, items: open.items });
  const isEmpty = (): boolean => writeUp.length === 0 && !visit.isHard;
  const summary = (title: string): Promise<string> => renderSummary(writeUp, title, capture, output);
  const faultIn = (line: TypedLine): string | undefined => faultOf(() => withLine(writeUp, line, context()));

  /** Of what is asked about next, each answer must do. */
  function faultBesides(line: TypedLine): string | undefined {
    const choices = doubtAt(line, context())?.choices ?? [{ line: line.text }];
    const faults = choices.map((choice) => faultIn({ ...line, text: choice.line }));
    return faults.find((fault) => fault !== undefined);
  }

  async function settled(line: TypedLine): Promise<TypedLine> {
    const doubt = doubtAt(line, context());
    return doubt === undefined ? line : { ...line, text: await askDoubt(doubt, ctx) };
  }

  const take = (line: TypedLine): void => {
    writeUp = withLine(writeUp, line, context());
    lines = [...lines, line];
  };

  /** Another day reads every line anew, since their dates count from it. @throws usage */
  function setVisit(change: Partial<Visit>): void {
    const changed = { ...visit, ...change };
    const anew = captureOn(changed.on, ctx, changed.patient);
    const whole = { ...context(), capture: anew };
    writeUp = lines.reduce<WriteUp>((before, line) => withLine(before, line, whole), []);
    [visit, capture] = [changed, anew];
    draft.restate({ on: visit.on, options: draftOptions(visit) });
  }

  async function echo(): Promise<void> {
    const entered = writeUp.at(-1);
    if (entered !== undefined) questions.tell(await renderEcho(entered, writeUp.length, capture, output));
  }

  const dueOf = (answer: string, number: number): TypedLine => ({
    place: 'change',
    text: `${number} due ${answer}`,
  });

  /** Words of time that no rule reads. */
  async function askTime(entry: Entry): Promise<void> {
    const lineOf = (answer: string): TypedLine => dueOf(answer, writeUp.length);
    const check = (typed: string) => faultBesides(saysKind(typed) ? asLearned(typed) : lineOf(typed));
    const answer = await askUnread(entry, check, visit.on, ctx);
    // The next line, typed on or pasted: the day stays unread.
    if (saysKind(answer)) return enter(asLearned(answer));
    await enter(lineOf(answer));
    if (answer !== 'none') await echo();
  }

  /** What was typed when a question is left goes into the draft, where it is a line; else it is given back. */
  const leaving =
    (place: Step) =>
    (failure: unknown): never => {
      const text = failure instanceof Left ? failure.unfinished : '';
      if (!/\p{L}/u.test(text) || isSkipped(text) || saysHard(text)) throw failure;
      draft.append({ place, text });
      throw new Left();
    };

  async function enter(typed: TypedLine): Promise<void> {
    const line = await settled(typed).catch((failure) => {
      if (failure instanceof Left) draft.append(typed);
      throw failure;
    });
    take(line);
    draft.append(line);
    const entered = writeUp.at(-1);
    if (line.place === 'change' || entered === undefined) return;
    await echo();
    const hints =
      entered.type === 'entry' ? hintsFor(entered.entry, capture) : toneHints(entered.words ?? '');
    for (const hint of hints) questions.tell(output.style.hint(`   ${hint}`));
    if (entered.type === 'entry' && entered.entry.unread !== null) await askTime(entered.entry);
  }

  /** A line, or nothing. What is for every prompt, help and a hard visit, is done on the way. */
  async function askLine(
    question: string,
    check: (typed: string) => string | undefined,
    prefill = '',
  ): Promise<string> {
    const isForAll = (typed: string): boolean => isHelp(typed) || saysHard(typed);
    for (;;) {
      const answer = await questions.text(question, {
        check: (typed) => (isSkipped(typed) || isForAll(typed) ? undefined : check(typed)),
        prefill,
      });
      if (isHelp(answer)) questions.tell(captureCard().join('\n'));
      else if (saysHard(answer)) {
        setVisit({ isHard: true });
        questions.tell('   a hard visit');
      } else return isSkipped(answer) ? '' : answer.trim();
    }
  }

  /** Where a line is typed instead of an answer it counts, and the question comes again. */
  async function askBesides(question: string, check: (typed: string) => string | undefined): Promise<string> {
    for (;;) {
      const answer = await askLine(question, (typed) =>
        saysKind(typed) ? faultBesides(asLearned(typed)) : check(typed),
      );
      if (!saysKind(answer)) return answer;
      await enter(asLearned(answer));
    }
  }

  const askText = (question: string, place: Step, prefill = ''): Promise<string> =>
    askLine(question, (text) => faultBesides({ place, text }), prefill);

  async function askLines(question: string, place: Step, isOnce = false): Promise<void> {
    for (;;) {
      const alone = place === 'learn' && isEmpty() ? ' (Enter saves the visit alone)' : '';
      const text = await askText(question + alone, place).catch(leaving(place));
      if (text === '') return;
      await enter({ place, text });
      if (isOnce) return;
    }
  }

  async function askDone(): Promise<void> {
    const { items } = open;
    const marked = new Set(
      lines.flatMap(({ place, text }) => (place === 'done' ? [text.split(' ')[0]] : [])),
    );
    const left = items.filter(({ record }) => !marked.has(record.ref));
    if (left.length + open.private > 0) questions.tell(await renderOpenItems(open, left, visit.on, output));
    if (left.length === 0) return;
    const read = (answer: string): readonly TypedLine[] => readDone(answer, writeUp, items);
    const answer = await askBesides("Done or answered? (at once: '1 3; 2 and how it went')", (typed) =>
      faultOf(() => read(typed)),
    );
    if (answer === '') return;
    const before = writeUp.length;
    for (const line of read(answer)) await enter(line);
    for (const made of writeUp.slice(before))
      if (made.type === 'done' && made.item.type === 'note' && made.item.record.kind === 'decision')
        await askLookAgain(made.item.record.text);
  }

  /** A decision was made: a day to look at it again is a promise. */
  async function askLookAgain(decision: string): Promise<void> {
    const line: TypedLine = { place: 'promise', text: `\\${lookAgainAt(decision)}` };
    const day = await askBesides('Look at it again on? (a day; Enter for none)', (typed) =>
      faultOf(() => {
        const before = withLine(writeUp, line, context());
        withLine(before, dueOf(typed, before.length), context());
      }),
    );
    if (day === '') return;
    take(line);
    draft.append(line);
    await enter(dueOf(day, writeUp.length));
    await echo();
  }

  /** What could be promised after losses and a hard visit. */
  async function offer(): Promise<void> {
    const { on, patient, isHard } = visit;
    const promised = promisedTo(patient, ctx.store);
    const losses = writeUp.flatMap((line) =>
      line.type === 'entry' && !line.isDropped && line.entry.type === 'loss' ? [line.entry] : [],
    );
    const all = [
      ...losses.map((loss) => ({
        why: `${loss.whom?.name ?? loss.text}${loss.date === null || loss.loss !== 'death' ? '' : ' died'}`,
        offers: lossOffers(loss, on, bereavedOf(loss, patient), promised),
      })),
      { why: 'A hard visit', offers: isHard ? hardOffers(on) : [] },
    ];
    for (const { why, offers } of all) {
      const others = offers.filter(({ line }) => !lines.some((typed) => typed.text === line));
      for (const { line } of await chooseOffers(why, others, questions))
        await enter({ place: 'promise', text: line });
    }
  }

  async function askSummary(): Promise<WriteUp> {
    const question = "Enter saves. Change by '3 family', '3 due fri', '3 drop'; ? says how";
    for (let [below, refused] = ['', '']; ; ) {
      const above = `\n${await summary(visitTitle(visit))}${below}`;
      const answer = await questions.text(question, { above, fresh: true }).catch((failure) => {
        throw failure instanceof Left && failure.unfinished === '' ? new Left(refused) : failure;
      });
      if (answer.trim() === '') return writeUp;
      [below, refused] = ['', ''];
      try {
        if (isHelp(answer)) below = `\n${summaryHelp}`;
        else await change(answer.trim());
      } catch (failure) {
        [below, refused] = [`\n${refusalOf(failure)}`, answer.trim()];
      }
    }
  }

  async function change(answer: string): Promise<void> {
    const [, word = '', rest = ''] = /^(day|channel|hard)\b\s*(.*)$/i.exec(answer) ?? [];
    if (word.toLowerCase() === 'day') return setVisit({ on: readBack(rest, ctx) });
    if (word.toLowerCase() === 'channel') return setVisit({ channel: readChannel(rest) });
    if (saysHard(answer)) {
      setVisit({ isHard: true });
      return offer();
    }
    if (saysKind(answer)) return enter(asLearned(answer));
    const [, number = ''] = /^(\d+)\s+text$/i.exec(answer) ?? [];
    const line = writeUp[Number(number) - 1];
    if (number === '' || line === undefined || line.isDropped)
      return enter({ place: 'change', text: answer });
    const said = line.type === 'entry' ? line.typed : (line.words ?? '');
    const lineOf = (text: string): TypedLine => ({ place: 'change', text: `${number} text ${text}` });
    const text = await questions.text(`${number}`, {
      check: (typed) => (typed.trim() === '' ? undefined : faultIn(lineOf(typed))),
      prefill: said,
      fresh: true,
    });
    if (text.trim() !== '' && text !== said) await enter(lineOf(text.trim()));
  }

  return {
    visit: (): Visit => visit,
    async resume(typed: readonly DraftLine[]): Promise<void> {
      let isMended = false;
      for (const { place, text } of typed) {
        const line: TypedLine = { place: stepOf(place), text };
        const isRead = faultBesides(line) === undefined;
        // A change or a mark without its line has lost its meaning; words have not.
        const isLost = !isRead && (line.place === 'change' || line.place === 'done');
        const question = 'This line could not be read (empty leaves it out)';
        const again = isLost ? '' : isRead ? text : await askText(question, line.place, text);
        const meant = again === '' ? undefined : await settled({ ...line, text: again });
        if (meant !== undefined) take(meant);
        isMended ||= meant?.text !== text;
      }
      if (isMended) draft.replace(lines);
      if (writeUp.length > 0) questions.tell(await summary('TYPED SO FAR'));
    },
    async ask(): Promise<WriteUp> {
      await askDone();
      await askLines('What did you promise, by when?', 'promise');
      await askLines('What did you learn?', 'learn');
      // Nothing was typed: the visit alone needs no further question.
      if (isEmpty()) return writeUp;
      await askLines('Ask next time?', 'next', true);
      await offer();
      return askSummary();
    },
  };
}
