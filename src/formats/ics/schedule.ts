/** Reads a calendar as planned contacts; the newest version of an event counts, and a cancelled one drops its plans. */
import { fullDate } from '../../dates/words.ts';
import type { EventRule } from '../../domain/event-rules.ts';
import {
  barePatient,
  type ContactFields,
  type DroppedSpan,
  type GivenDocument,
  type GivenPatient,
  type GivenRecord,
} from '../../domain/interchange.ts';
import { present } from '../../domain/text.ts';
import { type Cut, cutComponents, guard, type LineFault, ownUidEnd } from './components.ts';
import { type CalendarEvent, type Occurrence, occurrenceOf, occurrencesOf, readEvent } from './events.ts';
import { ever, newBudget, type Window } from './recurrence.ts';
import { clockOf, type ToLocal, Zones, type ZoneTools } from './zones.ts';

interface ScheduleOptions {
  readonly rules: readonly EventRule[];
  readonly window: Window;
  /** For events that do not recur; unbounded by default. */
  readonly singles: Partial<Window>;
  /** IANA name of the clinician's zone. */
  readonly zone: string;
}

interface Family {
  readonly uid: string | null;
  master: CalendarEvent | undefined;
  readonly overrides: Map<string, CalendarEvent>;
}

const isNewer = (event: CalendarEvent, known: CalendarEvent | undefined): boolean =>
  known === undefined ||
  event.sequence > known.sequence ||
  (event.sequence === known.sequence && event.stamp >= known.stamp);

const recurs = ({ rules, added }: CalendarEvent): boolean => rules.length + added.length > 0;

/** METHODs of answers to invitations, which plan nothing. */
const answers = new Set(['REPLY', 'REFRESH', 'COUNTER', 'DECLINECOUNTER']);

class ScheduleReader {
  readonly #options: ScheduleOptions;
  readonly #toLocal: ToLocal;
  readonly #tools: ZoneTools;
  readonly #families = new Map<string, Family>();
  readonly faults: LineFault[] = [];
  readonly #tally = { answers: 0, own: 0, cancelled: 0, recurring: 0, earlier: 0 };

  constructor(options: ScheduleOptions, tools: ZoneTools) {
    this.#options = options;
    this.#toLocal = clockOf(options.zone);
    this.#tools = tools;
  }

  add({ events, zones, faults }: Cut): void {
    this.faults.push(...faults);
    const known = new Zones(zones, this.#tools);
    for (const component of events)
      guard(this.faults, component.line, () => this.#sort(readEvent(component, this.#options.rules, known)));
  }

  patients(): readonly GivenPatient[] {
    return [...this.#families.values()].flatMap((family) => {
      const lead = family.master ?? [...family.overrides.values()][0];
      if (lead === undefined) return [];
      const given = guard(this.faults, lead.line, () => this.#given(family, lead));
      return given === undefined ? [] : [given];
    });
  }

  remarks(others: Cut['others']): readonly string[] {
    const { from, until } = this.#options.window;
    const { answers, own, cancelled, recurring, earlier } = this.#tally;
    const window = `from ${fullDate(from)} to ${fullDate(until)}`;
    const listed = [...others].map(([name, count]) => `${count} ${name}`).join(', ');
    return present(
      recurring > 0 && from !== until && `recurring events: ${window}; --since and --until say otherwise`,
      earlier > 0 && `events before ${fullDate(from)}: ${earlier}; --since leaves them out`,
      cancelled > 0 && `called off in the file: ${cancelled}`,
      answers > 0 && `answers to invitations, not read: ${answers}`,
      own > 0 && `promises that rapport wrote, not read: ${own}`,
      listed !== '' && `not read, since they are no events: ${listed}`,
    );
  }

  #sort(event: CalendarEvent): void {
    if (answers.has(event.method)) {
      this.#tally.answers += 1;
      return;
    }
    if (event.uid?.endsWith(ownUidEnd)) {
      this.#tally.own += 1;
      return;
    }
    const name = event.uid ?? `line ${event.line}`;
    const known = this.#families.get(name);
    const family: Family = known ?? { uid: event.uid, master: undefined, overrides: new Map() };
    if (known === undefined) this.#families.set(name, family);
    if (event.replaces === undefined) {
      if (isNewer(event, family.master)) family.master = event;
    } else {
      const { key } = occurrenceOf(event.replaces, this.#toLocal);
      if (isNewer(event, family.overrides.get(key))) family.overrides.set(key, event);
    }
  }

  #given({ uid, master, overrides }: Family, lead: CalendarEvent): GivenPatient | undefined {
    const contacts: GivenRecord<ContactFields>[] = [];
    const dropped: DroppedSpan[] = [];
    const { window } = this.#options;
    const toLocal = this.#toLocal;
    const drop = (of: string, { sequence }: CalendarEvent, span: Window, isNamed = false): void => {
      if (uid !== null) dropped.push({ uid: `${uid}${of}`, sequence, isNamed, ...span });
    };
    if (master?.isCancelled) {
      this.#tally.cancelled += 1;
      drop('', master, recurs(master) ? window : ever);
    } else if (master !== undefined && recurs(master)) {
      this.#tally.recurring += 1;
      contacts.push(...this.#series(master, overrides));
      drop('', master, window);
      for (const moment of master.left) {
        const { key, on } = occurrenceOf(moment, toLocal);
        if (on >= window.from && on <= window.until) drop(`/${key}`, master, ever, true);
      }
    } else if (master !== undefined) {
      const one = occurrenceOf(master.start, toLocal);
      if (this.#isIn(one)) {
        if (one.on < window.from) this.#tally.earlier += 1;
        contacts.push(this.#contact(master, one, uid));
        // It may have been a series in an earlier import.
        drop('', master, { ...ever, from: window.from });
      }
    }
    for (const [key, event] of master?.isCancelled ? [] : overrides) {
      if (event.isCancelled) {
        this.#tally.cancelled += 1;
        drop(`/${key}`, event, ever);
        continue;
      }
      const one = occurrenceOf(event.start, toLocal);
      const isIn = master === undefined ? this.#isIn(one) : one.on >= window.from;
      if (isIn) contacts.push(this.#contact(event, one, uid === null ? null : `${uid}/${key}`));
    }
    if (contacts.length + dropped.length === 0) return undefined;
    const said = lead.said.map((group, place) =>
      group.length > 0
        ? group
        : ([...overrides.values()].find((one) => one.said[place]?.length)?.said[place] ?? group),
    );
    const when = occurrenceOf(lead.start, this.#toLocal);
    const called = [lead.text ?? 'no words', `${fullDate(when.on)}${when.at === null ? '' : ` ${when.at}`}`];
    return {
      ...barePatient(`line ${lead.line}`, {}),
      contacts,
      pointer: { called: called.join(', '), event: { uid, text: lead.text, said, dropped } },
    };
  }

  #series(master: CalendarEvent, overrides: Family['overrides']): readonly GivenRecord<ContactFields>[] {
    const replaced = [...overrides.values()].flatMap(({ replaces }) => replaces ?? []);
    const options = { ...this.#tools, window: this.#options.window, toLocal: this.#toLocal };
    return occurrencesOf(master, replaced, options).map((one) =>
      this.#contact(master, one, master.uid === null ? null : `${master.uid}/${one.key}`),
    );
  }

  #isIn({ on }: Occurrence): boolean {
    const { from, until } = { ...ever, ...this.#options.singles };
    return on >= from && on <= until;
  }

  #contact(event: CalendarEvent, { on, at }: Occurrence, uid: string | null): GivenRecord<ContactFields> {
    return {
      path: `line ${event.line}`,
      fields: {
        on,
        at,
        time_zone: at === null ? null : this.#options.zone,
        channel: 'visit',
        state: 'planned',
        uid,
        sequence: event.sequence,
        source: 'imported',
      },
    };
  }
}

export async function readSchedule(text: string, options: ScheduleOptions): Promise<GivenDocument> {
  const [{ RRuleTemporal: Rule }, { findIana }] = await Promise.all([
    import('rrule-temporal'),
    import('windows-iana'),
  ]);
  const cut = cutComponents(text);
  const reader = new ScheduleReader(options, { budget: newBudget('visits'), Rule, findIana });
  reader.add(cut);
  const patients = reader.patients();
  return {
    patients,
    calendar: undefined,
    faults: reader.faults
      .toSorted((left, right) => left.line - right.line)
      .map(({ line, fault }) => ({ path: `line ${line}`, what: fault })),
    moreFaults: 0,
    remarks: [
      ...present(cut.events.length + cut.faults.length === 0 && 'no event in it'),
      ...reader.remarks(cut.others),
    ],
    matching: 'identifier',
  };
}
