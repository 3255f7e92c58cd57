/** The questions of `commit`. Each line is saved in the draft before the next question; a draft is resumed by replay. */
import type { Talk } from '../cli/command.ts';
import type { Entry } from '../domain/capture.ts';
import { captureCard } from '../domain/line-kinds.ts';
import { lookAgainAt } from '../domain/note-rules.ts';
import { hintsFor, toneHints } from '../domain/wording-hints.ts';
import {
  type OpenItems,
  readDone,
  type Step,
  type SummaryLine,
  stepOf,
  type TypedLine,
  type WriteUp,
  type WriteUpContext,
} from '../domain/write-up.ts';
import { doubtAt, withLine } from '../domain/write-up-lines.ts';
import { faultOf } from '../errors.ts';
import type { OwnDraft } from '../store/drafts.ts';
import { renderEcho, renderOpenItems, renderSummary } from '../terminal/write-up-view.ts';
import {
  askDoubt,
  askUnread,
  chooseOffers,
  draftOptions,
  isHard,
  isHelp,
  isSkipped,
  offersAfter,
  readBack,
  readChannel,
  refusalOf,
  summaryHelp,
} from './visit-questions.ts';
import { type Capture, captureOn, openItemsIn, type Visit, visitTitle } from './visit-records.ts';

export class Flow {
  readonly #draft: OwnDraft;
  readonly #ctx: Talk;
  readonly #open: OpenItems;
  #visit: Visit;
  #capture: Capture;
  #lines: readonly TypedLine[] = [];
  #writeUp: WriteUp = [];

  constructor(visit: Visit, draft: OwnDraft, ctx: Talk) {
    this.#draft = draft;
    this.#visit = visit;
    this.#ctx = ctx;
    this.#capture = captureOn(visit.on, ctx, visit.patient);
    this.#open = openItemsIn(visit.patient, visit.on, ctx);
  }

  get visit(): Visit {
    return this.#visit;
  }

  get #context(): WriteUpContext {
    return { patient: this.#visit.patient, capture: this.#capture, items: this.#open.items };
  }

  async resume(lines: readonly { readonly place: string; readonly text: string }[]): Promise<void> {
    let isMended = false;
    for (const { place, text } of lines) {
      const line: TypedLine = { place: stepOf(place), text };
      if (this.#refusalOf(line) === undefined) {
        this.#take(line);
        continue;
      }
      isMended = true;
      // A change or a mark without its line has lost its meaning; words have not.
      if (line.place === 'change' || line.place === 'done') continue;
      const doubt = doubtAt(line, this.#context);
      const question = 'This line could not be read (empty leaves it out)';
      const again =
        doubt === undefined
          ? await this.#askText(question, line.place, text)
          : await askDoubt(doubt, this.#ctx);
      if (again !== '') this.#take({ ...line, text: again });
    }
    if (isMended) this.#draft.replace(this.#lines);
    if (this.#writeUp.length > 0) this.#ctx.questions.tell(await this.#summary('TYPED SO FAR'));
  }

  async ask(): Promise<WriteUp> {
    await this.#askDone();
    await this.#askLines('What did you promise, by when?', 'promise');
    await this.#askLines('What did you learn?', 'learn');
    // Nothing was typed: the visit alone needs no further question.
    if (this.#isEmpty) return this.#writeUp;
    await this.#askLines('Ask next time?', 'next', true);
    await this.#offer();
    return this.#askSummary();
  }

  get #isEmpty(): boolean {
    return this.#writeUp.length === 0 && !this.#visit.isHard;
  }

  #refusalOf(line: TypedLine): string | undefined {
    return faultOf(() => withLine(this.#writeUp, line, this.#context));
  }

  /** What is asked about next is no fault. */
  #faultOf(line: TypedLine): string | undefined {
    return doubtAt(line, this.#context) === undefined ? this.#refusalOf(line) : undefined;
  }

  #take(line: TypedLine): void {
    this.#writeUp = withLine(this.#writeUp, line, this.#context);
    this.#lines = [...this.#lines, line];
  }

  #summary(title: string): Promise<string> {
    return renderSummary(this.#writeUp, title, this.#capture, this.#ctx.output);
  }

  /** Another day reads every line anew, since their dates count from it. @throws usage */
  #setVisit(change: Partial<Visit>): void {
    const visit = { ...this.#visit, ...change };
    const capture = captureOn(visit.on, this.#ctx, visit.patient);
    const context = { ...this.#context, capture };
    const writeUp = this.#lines.reduce<WriteUp>((before, line) => withLine(before, line, context), []);
    [this.#visit, this.#capture, this.#writeUp] = [visit, capture, writeUp];
    this.#draft.restate({ on: visit.on, options: draftOptions(visit) });
  }

  /** Words of time that no rule reads. */
  async #askUnread(entry: Entry): Promise<void> {
    const number = this.#writeUp.length;
    const lineOf = (answer: string): TypedLine => ({ place: 'change', text: `${number} due ${answer}` });
    const answer = await askUnread(entry, (typed) => this.#faultOf(lineOf(typed)), this.#visit.on, this.#ctx);
    await this.#enter(lineOf(answer));
    const entered = this.#writeUp.at(-1);
    if (entered !== undefined && answer !== 'none') await this.#echo(entered);
  }

  async #echo(entered: SummaryLine): Promise<void> {
    const { questions, output } = this.#ctx;
    questions.tell(await renderEcho(entered, this.#writeUp.length, this.#capture, output));
  }

  async #enter(typed: TypedLine): Promise<void> {
    const doubt = doubtAt(typed, this.#context);
    const line = doubt === undefined ? typed : { ...typed, text: await askDoubt(doubt, this.#ctx) };
    this.#take(line);
    this.#draft.append(line);
    const entered = this.#writeUp.at(-1);
    if (line.place === 'change' || entered === undefined) return;
    const { questions, output } = this.#ctx;
    await this.#echo(entered);
    const hints = entered.type === 'entry' ? hintsFor(entered.entry) : toneHints(entered.words ?? '');
    for (const hint of hints) questions.tell(output.style.hint(`   ${hint}`));
    if (entered.type === 'entry' && entered.entry.unread !== null) await this.#askUnread(entered.entry);
  }

  /** A line, or nothing. What is for every prompt, help and a hard visit, is done on the way. */
  async #askLine(
    question: string,
    check: (typed: string) => string | undefined,
    prefill = '',
  ): Promise<string> {
    const { questions } = this.#ctx;
    const isForAll = (typed: string): boolean => isHelp(typed) || isHard(typed);
    for (;;) {
      const answer = await questions.text(question, {
        check: (typed) => (isSkipped(typed) || isForAll(typed) ? undefined : check(typed)),
        prefill,
      });
      if (isHelp(answer)) questions.tell(captureCard().join('\n'));
      else if (isHard(answer)) {
        this.#setVisit({ isHard: true });
        questions.tell('   a hard visit');
      } else return isSkipped(answer) ? '' : answer.trim();
    }
  }

  #askText(question: string, place: Step, prefill = ''): Promise<string> {
    return this.#askLine(question, (text) => this.#faultOf({ place, text }), prefill);
  }

  async #askLines(question: string, place: Step, isOnce = false): Promise<void> {
    for (;;) {
      const alone = place === 'learn' && this.#isEmpty ? ' (Enter saves the visit alone)' : '';
      const text = await this.#askText(question + alone, place);
      if (text === '') return;
      await this.#enter({ place, text });
      if (isOnce) return;
    }
  }

  async #askDone(): Promise<void> {
    const { questions, output } = this.#ctx;
    const { items } = this.#open;
    const marked = new Set(
      this.#lines.flatMap(({ place, text }) => (place === 'done' ? [text.split(' ')[0]] : [])),
    );
    const left = items.filter(({ record }) => !marked.has(record.ref));
    if (left.length + this.#open.private > 0)
      questions.tell(await renderOpenItems(this.#open, left, this.#visit.on, output));
    if (left.length === 0) return;
    const read = (answer: string): readonly TypedLine[] => readDone(answer, this.#writeUp, items);
    const answer = await this.#askLine("Done or answered? (at once: '1 3; 2 and how it went')", (typed) =>
      faultOf(() => read(typed)),
    );
    if (answer === '') return;
    for (const line of read(answer)) {
      await this.#enter(line);
      const made = this.#writeUp.at(-1);
      if (made?.type === 'done' && made.item.type === 'note' && made.item.record.kind === 'decision')
        await this.#askLookAgain(made.item.record.text);
    }
  }

  /** A decision was made: a day to look at it again is a promise. */
  async #askLookAgain(decision: string): Promise<void> {
    const line: TypedLine = { place: 'promise', text: `\\${lookAgainAt(decision)}` };
    const dueOf = (answer: string, number: number): TypedLine => ({
      place: 'change',
      text: `${number} due ${answer}`,
    });
    const day = await this.#askLine('Look at it again on? (a day; Enter for none)', (typed) =>
      faultOf(() => {
        const before = withLine(this.#writeUp, line, this.#context);
        withLine(before, dueOf(typed, before.length), this.#context);
      }),
    );
    if (day === '') return;
    this.#take(line);
    this.#draft.append(line);
    await this.#enter(dueOf(day, this.#writeUp.length));
    const made = this.#writeUp.at(-1);
    if (made !== undefined) await this.#echo(made);
  }

  async #offer(): Promise<void> {
    for (const { why, offers: all } of offersAfter(this.#writeUp, this.#visit, this.#ctx)) {
      const offers = all.filter(({ line }) => !this.#lines.some((typed) => typed.text === line));
      for (const { line } of await chooseOffers(why, offers, this.#ctx.questions))
        await this.#enter({ place: 'promise', text: line });
    }
  }

  async #askSummary(): Promise<WriteUp> {
    const question = "Enter saves. Change by '3 family', '3 due fri', '3 drop'; ? says how";
    for (let below = ''; ; ) {
      const above = `\n${await this.#summary(visitTitle(this.#visit))}${below}`;
      const answer = await this.#ctx.questions.text(question, { above, fresh: true });
      if (answer.trim() === '') return this.#writeUp;
      try {
        below = '';
        if (isHelp(answer)) below = `\n${summaryHelp}`;
        else await this.#change(answer.trim());
      } catch (failure) {
        below = `\n${refusalOf(failure)}`;
      }
    }
  }

  async #change(answer: string): Promise<void> {
    const [, word = '', rest = ''] = /^(day|channel|hard)\b\s*(.*)$/i.exec(answer) ?? [];
    if (word.toLowerCase() === 'day') return this.#setVisit({ on: readBack(rest, this.#ctx) });
    if (word.toLowerCase() === 'channel') return this.#setVisit({ channel: readChannel(rest) });
    if (isHard(answer)) {
      this.#setVisit({ isHard: true });
      return this.#offer();
    }
    const [, number = ''] = /^(\d+)\s+text$/i.exec(answer) ?? [];
    const line = this.#writeUp[Number(number) - 1];
    if (number === '' || line === undefined || line.isDropped)
      return this.#enter({ place: 'change', text: answer });
    const said = line.type === 'entry' ? line.typed : (line.words ?? '');
    const lineOf = (text: string): TypedLine => ({ place: 'change', text: `${number} text ${text}` });
    const text = await this.#ctx.questions.text(`${number}`, {
      check: (typed) => (typed.trim() === '' ? undefined : this.#refusalOf(lineOf(typed))),
      prefill: said,
      fresh: true,
    });
    if (text.trim() !== '' && text !== said) await this.#enter(lineOf(text.trim()));
  }
}
