/** The questions of `commit`. Each line is saved in the draft before the next question; a draft is resumed by replay. */
import type { Talk } from '../cli/command.ts';
import { readingOf } from '../cli/kinds.ts';
import type { CivilDate } from '../dates/civil.ts';
import { readDate } from '../dates/grammar.ts';
import { fullDate } from '../dates/words.ts';
import type { Entry } from '../domain/capture.ts';
import { captureTable } from '../domain/line-kinds.ts';
import { hintsFor, toneHints } from '../domain/wording-hints.ts';
import {
  doubtAt,
  type OpenItems,
  readDone,
  type Step,
  stepOf,
  type TypedLine,
  type WriteUp,
  type WriteUpContext,
  withLine,
} from '../domain/write-up.ts';
import { lossOffers } from '../domain/write-up-plan.ts';
import { Failure, faultOf } from '../errors.ts';
import type { OwnDraft } from '../store/drafts.ts';
import { renderEcho, renderOpenItems, renderSummary } from '../terminal/write-up-view.ts';
import { chooseOffers } from './condolences.ts';
import { askDoubt, askUnread } from './line-questions.ts';
import { type Capture, openItemsIn, type Visit, visitTitle } from './visit-records.ts';

/** Why it is asked for again; anything else ends the questions. */
function refusalOf(failure: unknown): string {
  if (!(failure instanceof Failure) || failure.exit !== 'usage') throw failure;
  return [failure.message, ...failure.hints.map((hint) => `hint: ${hint}`)].join('\n');
}

export async function askVisitDay(day: CivilDate, ctx: Talk): Promise<CivilDate> {
  const prefill = fullDate(day);
  const read = (answer: string): CivilDate => {
    // Typed behind the day that stands there, instead of over it.
    const typed = answer.startsWith(prefill) ? answer.slice(prefill.length).trim() : answer.trim();
    return typed === '' ? day : readDate(typed, { ...readingOf(ctx), direction: 'back' });
  };
  return read(
    await ctx.questions.text('Visit on', { prefill, check: (answer) => faultOf(() => read(answer)) }),
  );
}

/** Enter ends; `u` takes the saved visit back, and its lines into the draft again. @returns what became of it */
export async function offerUndo(
  draft: OwnDraft,
  lines: readonly TypedLine[],
  operation: string | undefined,
  { store, questions }: Talk,
): Promise<readonly string[]> {
  if (operation === undefined) return [];
  let answer = '';
  try {
    answer = await questions.text('Saved. Enter ends, u takes it back', {
      fresh: true,
      check: (typed) => (/^(?:u|undo)?$/i.test(typed.trim()) ? undefined : 'u, or Enter'),
    });
  } catch (failure) {
    // It is saved: leaving here changes nothing more.
    if (!(failure instanceof Failure) || failure.exit !== 'cancelled') throw failure;
  }
  if (answer.trim() === '') return [];
  store.write({ verb: 'undo' }, () => {
    store.history.undo(operation);
    if (lines.length > 0) draft.replace(lines);
  });
  return [`taken back${lines.length > 0 ? '; your lines are kept as a draft, not saved yet' : ''}`];
}

const isSkipped = (answer: string): boolean => /^(?:none|no|-)?$/i.test(answer.trim());
/** '?' alone shows the language. */
const isHelp = (answer: string): boolean => answer.trim() === '?';

export class Flow {
  readonly #draft: OwnDraft;
  readonly #visit: Visit;
  readonly #ctx: Talk;
  readonly #capture: Capture;
  readonly #context: WriteUpContext;
  readonly #open: OpenItems;
  #lines: readonly TypedLine[] = [];
  #writeUp: WriteUp = [];

  constructor(visit: Visit, capture: Capture, draft: OwnDraft, ctx: Talk) {
    const { patient } = visit;
    this.#draft = draft;
    this.#visit = visit;
    this.#ctx = ctx;
    this.#capture = capture;
    this.#open = openItemsIn(patient, ctx);
    this.#context = { patient, capture, items: this.#open.items };
  }

  get lines(): readonly TypedLine[] {
    return this.#lines;
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
    const next = await this.#askText('Ask next time?', 'next');
    if (next !== '') await this.#enter({ place: 'next', text: next });
    await this.#offerAfterLoss();
    return this.#askSummary();
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

  /** Words of time that no rule reads. */
  async #askUnread(entry: Entry): Promise<void> {
    const number = this.#writeUp.length;
    const lineOf = (answer: string): TypedLine => ({ place: 'change', text: `${number} due ${answer}` });
    const answer = await askUnread(entry, (typed) => this.#faultOf(lineOf(typed)), this.#visit.on, this.#ctx);
    await this.#enter(lineOf(answer));
    const entered = this.#writeUp.at(-1);
    if (entered !== undefined && answer !== 'none')
      this.#ctx.questions.tell(await renderEcho(entered, this.#capture, this.#ctx.output));
  }

  async #enter(typed: TypedLine): Promise<void> {
    const doubt = doubtAt(typed, this.#context);
    const line = doubt === undefined ? typed : { ...typed, text: await askDoubt(doubt, this.#ctx) };
    this.#take(line);
    this.#draft.append(line);
    const entered = this.#writeUp.at(-1);
    if (line.place === 'change' || entered === undefined) return;
    const { questions, output } = this.#ctx;
    questions.tell(await renderEcho(entered, this.#capture, output));
    const hints = entered.type === 'entry' ? hintsFor(entered.entry) : toneHints(entered.words ?? '');
    for (const hint of hints) questions.tell(output.style.hint(`   ${hint}`));
    if (entered.type === 'entry' && entered.entry.unread !== null) await this.#askUnread(entered.entry);
  }

  async #askText(question: string, place: Step, prefill = ''): Promise<string> {
    const { questions } = this.#ctx;
    const answer = await questions.text(question, {
      check: (text) => (isSkipped(text) || isHelp(text) ? undefined : this.#faultOf({ place, text })),
      prefill,
    });
    if (!isHelp(answer)) return isSkipped(answer) ? '' : answer.trim();
    questions.tell(captureTable().join('\n'));
    return this.#askText(question, place);
  }

  async #askLines(question: string, place: Step): Promise<void> {
    for (;;) {
      const text = await this.#askText(question, place);
      if (text === '') return;
      await this.#enter({ place, text });
    }
  }

  async #askDone(): Promise<void> {
    const { questions, output } = this.#ctx;
    const { items } = this.#open;
    if (items.length + this.#open.private > 0)
      questions.tell(await renderOpenItems(this.#open, this.#visit.on, output));
    const read = (answer: string): readonly TypedLine[] =>
      answer.trim() === '' ? [] : readDone(answer, this.#writeUp, items);
    const marked = this.#writeUp.filter((line) => line.type === 'done').length;
    if (items.length <= marked) return;
    const answer = await questions.text("Done or answered? (at once: '1 3; 2 and how it went')", {
      check: (typed) => faultOf(() => read(typed)),
    });
    for (const line of read(answer)) await this.#enter(line);
  }

  async #offerAfterLoss(): Promise<void> {
    const { questions } = this.#ctx;
    const entries = this.#writeUp.flatMap((line) => (line.type === 'entry' ? [line.entry] : []));
    for (const loss of entries) {
      if (loss.type !== 'loss') continue;
      const offers = lossOffers(loss, this.#visit.on).filter(
        ({ line }) => !this.#lines.some((typed) => typed.text === line),
      );
      if (offers.length === 0) continue;
      const died = loss.date === null || loss.loss !== 'death' ? '' : ' died';
      const who = `${loss.whom?.name ?? loss.text}${died}`;
      for (const { line } of await chooseOffers(who, offers, questions))
        await this.#enter({ place: 'promise', text: line });
    }
  }

  async #askSummary(): Promise<WriteUp> {
    const question = "Enter saves. Change with '3 family', '3 due fri', '3 drop'";
    for (let refusal = ''; ; ) {
      const above = `\n${await this.#summary(visitTitle(this.#visit))}${refusal}`;
      const answer = await this.#ctx.questions.text(question, { above, fresh: true });
      if (answer.trim() === '') return this.#writeUp;
      try {
        refusal = '';
        await this.#enter({ place: 'change', text: answer.trim() });
      } catch (failure) {
        refusal = `\n${refusalOf(failure)}`;
      }
    }
  }
}
