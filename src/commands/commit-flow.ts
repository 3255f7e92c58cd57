/** The questions of `commit`. Each line is saved in the draft before the next question; a draft is resumed by replay. */

import type { Context, Store } from '../context.ts';
import type { WorkCalendar } from '../dates/business-days.ts';
import { hintsFor, toneHints } from '../domain/capture-hints.ts';
import { lossOffers } from '../domain/milestones.ts';
import {
  type OpenItems,
  readDone,
  type Step,
  steps,
  type TypedLine,
  type WriteUp,
  type WriteUpContext,
  withLine,
} from '../domain/write-up.ts';
import { Failure, faultOf } from '../errors.ts';
import type { OwnDraft } from '../store/drafts.ts';
import { renderEcho, renderOpenItems, renderSummary, type WriteUpDay } from '../terminal/write-up-view.ts';
import { openItemsIn, type Visit, visitTitle } from './visit-records.ts';

const placeOf = (place: string): Step => steps.find((known) => known === place) ?? 'learn';

export class Flow {
  readonly #draft: OwnDraft;
  readonly #visit: Visit;
  readonly #ctx: Context;
  readonly #context: WriteUpContext;
  readonly #open: OpenItems;
  readonly #day: WriteUpDay;
  #lines: readonly TypedLine[] = [];
  #writeUp: WriteUp = [];

  constructor(
    store: Store,
    visit: Visit,
    capture: WriteUpContext['capture'] & { readonly calendar: WorkCalendar },
    draft: OwnDraft,
    ctx: Context,
  ) {
    const { patient, on } = visit;
    this.#draft = draft;
    this.#visit = visit;
    this.#ctx = ctx;
    this.#open = openItemsIn(store, patient.id);
    this.#context = { patient, capture, items: this.#open.items };
    this.#day = { on, calendar: capture.calendar };
  }

  get lines(): readonly TypedLine[] {
    return this.#lines;
  }

  async resume(lines: readonly { readonly place: string; readonly text: string }[]): Promise<void> {
    const { questions, output } = this.#ctx;
    let isMended = false;
    for (const { place, text } of lines) {
      const line: TypedLine = { place: placeOf(place), text };
      if (faultOf(() => withLine(this.#writeUp, line, this.#context)) === undefined) {
        this.#take(line);
        continue;
      }
      isMended = true;
      // A change or a mark without its line has lost its meaning; words have not.
      if (line.place === 'change' || line.place === 'done') continue;
      const again = await this.#askText(
        'This line could not be read (empty leaves it out)',
        line.place,
        text,
      );
      if (again !== '') this.#take({ ...line, text: again });
    }
    if (isMended) this.#draft.replace(this.#lines);
    if (this.#writeUp.length > 0)
      questions.tell(await renderSummary(this.#writeUp, 'TYPED SO FAR', this.#day, output));
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

  #take(line: TypedLine): void {
    this.#writeUp = withLine(this.#writeUp, line, this.#context);
    this.#lines = [...this.#lines, line];
  }

  async #enter(line: TypedLine): Promise<void> {
    this.#take(line);
    this.#draft.append(line);
    const entered = this.#writeUp.at(-1);
    if (line.place === 'change' || entered === undefined) return;
    const { questions, output } = this.#ctx;
    questions.tell(await renderEcho(entered, this.#day, output));
    const hints =
      entered.type === 'entry'
        ? hintsFor(entered.entry, { ...this.#context.capture, defaultKind: 'story' })
        : entered.type === 'done' && entered.words !== null
          ? toneHints(entered.words)
          : [];
    for (const hint of hints) questions.tell(output.style.hint(`   ${hint}`));
  }

  async #askText(question: string, place: Step, prefill?: string): Promise<string> {
    const check = (answer: string): string | undefined =>
      answer.trim() === ''
        ? undefined
        : faultOf(() => withLine(this.#writeUp, { place, text: answer }, this.#context));
    const answer = await this.#ctx.questions.text(question, {
      check,
      ...(prefill !== undefined && { prefill }),
    });
    return answer.trim();
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
      questions.tell(await renderOpenItems(items, this.#open.private, this.#visit.on, output));
    const read = (answer: string): readonly TypedLine[] => readDone(answer, this.#writeUp, items);
    const marked = this.#writeUp.filter((line) => line.type === 'done').length;
    if (items.length <= marked) return;
    const answer = await questions.text("Done or answered? (at once: '1 3; 2 and how it went')", {
      check: (typed) => (typed.trim() === '' ? undefined : faultOf(() => read(typed))),
    });
    if (answer.trim() === '') return;
    for (const line of read(answer)) await this.#enter(line);
  }

  async #offerAfterLoss(): Promise<void> {
    const { questions } = this.#ctx;
    const { on } = this.#visit;
    const entries = this.#writeUp.flatMap((line) => (line.type === 'entry' ? [line.entry] : []));
    for (const loss of entries) {
      if (loss.type !== 'loss') continue;
      const offers = lossOffers(loss, on).filter(
        ({ line }) => !this.#lines.some((typed) => typed.text === line),
      );
      if (offers.length === 0) continue;
      const died = loss.date === null ? '' : ' died';
      questions.tell(
        [
          `${loss.name ?? loss.text}${died}. You could promise:`,
          ...offers.map(({ label }, index) => ` ${index + 1}  ${label}`),
        ].join('\n'),
      );
      const numbersOf = (answer: string): readonly number[] => (answer.match(/\d+/g) ?? []).map(Number);
      const answer = await questions.text('Which of them? (numbers; Enter for none)', {
        check: (typed) =>
          /^[\d\s,]*$/.test(typed) && numbersOf(typed).every((number) => offers[number - 1] !== undefined)
            ? undefined
            : `numbers from 1 to ${offers.length}, or nothing`,
      });
      for (const number of new Set(numbersOf(answer))) {
        const offer = offers[number - 1];
        if (offer !== undefined) await this.#enter({ place: 'promise', text: offer.line });
      }
    }
  }

  async #askSummary(): Promise<WriteUp> {
    const { questions, output } = this.#ctx;
    for (;;) {
      const summary = await renderSummary(this.#writeUp, visitTitle(this.#visit), this.#day, output);
      questions.tell(`\n${summary}`);
      const answer = (
        await questions.text("Enter saves. Change with '3 family', '3 due fri', '3 drop'")
      ).trim();
      if (answer === '') return this.#writeUp;
      try {
        await this.#enter({ place: 'change', text: answer });
      } catch (failure) {
        if (!(failure instanceof Failure) || failure.exit !== 'usage') throw failure;
        questions.tell([failure.message, ...failure.hints.map((hint) => `hint: ${hint}`)].join('\n'));
      }
    }
  }
}
