/** Reads a calendar as planned contacts; the newest version of an event counts, and a cancelled one drops its plans. */
import { fullDate } from '../../dates/civil.ts';
import type { EventRule } from '../../domain/event-rules.ts';
import {
  barePatient,
  type DroppedSpan,
  type GivenDocument,
  type GivenPatient,
  type GivenRecord,
} from '../../domain/interchange.ts';
import { present, sortedBy } from '../../domain/text.ts';
import { type Cut, cutComponents, guard, ownUidEnd, titleOf } from '../content-lines.ts';
import {
  type CalendarEvent,
  inFormOf,
  type Occurrence,
  occurrenceOf,
  occurrencesOf,
  readEvent,
} from './events.ts';
import { clockOf, ever, newBudget, type ToLocal, type Window, type ZoneTools } from './times.ts';
import { zonesOf } from './zones.ts';

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
  readonly changes: CalendarEvent[];
}

const isNewer = (event: CalendarEvent, known: CalendarEvent): boolean =>
  event.sequence > known.sequence || (event.sequence === known.sequence && event.stamp > known.stamp);

/** The newest change of each recurrence, in the form of its series, by key; and those to all later ones. */
function changesOf({ master, changes }: Family, toLocal: ToLocal) {
  const byKey = new Map<string, CalendarEvent>();
  const isLeft = new Set(
    master?.left.map((one) => occurrenceOf(inFormOf(master.start, one, toLocal), toLocal).key),
  );
  for (const change of changes) {
    if (change.replaces === undefined) continue;
    const replaces =
      master === undefined ? change.replaces : inFormOf(master.start, change.replaces, toLocal);
    const { key } = occurrenceOf(replaces, toLocal);
    const known = byKey.get(key);
    // A newer version of the series has taken it out since.
    const isGone = master !== undefined && isLeft.has(key) && isNewer(master, change);
    if (!isGone && (known === undefined || !isNewer(known, change))) byKey.set(key, { ...change, replaces });
  }
  const ranges = [...byKey.values()].filter(({ isRange }) => master !== undefined && isRange);
  for (const [key, { isRange }] of byKey) if (master !== undefined && isRange) byKey.delete(key);
  return { byKey, ranges: sortedBy(ranges, ({ replaces }) => [replaces?.wall ?? '']) };
}

const recurs = ({ rules, added }: CalendarEvent): boolean => rules.length + added.length > 0;

/** METHODs of answers to invitations, which plan nothing. */
const answers = new Set(['REPLY', 'REFRESH', 'COUNTER', 'DECLINECOUNTER']);

/** @param tools libraries, which are loaded for calendars alone */
function scheduleOf(cut: Cut, options: ScheduleOptions, tools: ZoneTools): GivenDocument {
  const { window, rules } = options;
  const toLocal = clockOf(options.zone);
  const families = new Map<string, Family>();
  const faults = [...cut.faults];
  const singles = { ...ever, ...options.singles };
  const isIn = ({ on }: Occurrence): boolean => on >= singles.from && on <= singles.until;
  const tally = { answers: 0, own: 0, cancelled: 0, recurring: 0, earlier: 0 };

  function sort(event: CalendarEvent): void {
    const isAnswer = answers.has(event.method);
    const isOwn = event.uid?.endsWith(ownUidEnd) === true;
    if (isAnswer || isOwn) {
      tally[isAnswer ? 'answers' : 'own'] += 1;
      return;
    }
    const name = event.uid ?? `line ${event.line}`;
    const known = families.get(name);
    const family: Family = known ?? { uid: event.uid, master: undefined, changes: [] };
    if (known === undefined) families.set(name, family);
    if (event.replaces !== undefined) {
      family.changes.push(event);
      return;
    }
    const { master } = family;
    const [newest, other] =
      master !== undefined && isNewer(master, event) ? [master, event] : [event, master];
    family.master = newest;
    const isSame = other?.start.wall === newest.start.wall && other.text === newest.text;
    if (other !== undefined && !isSame && other.sequence === newest.sequence)
      faults.push({
        ...other,
        fault: `the same UID as line ${newest.line}, which is taken for a newer version of it`,
      });
  }

  function givenOf(family: Family, lead: CalendarEvent): GivenPatient | undefined {
    const { uid, master } = family;
    const { byKey: overrides, ranges } = changesOf(family, toLocal);
    const contacts: GivenRecord<'contact'>[] = [];
    const dropped: DroppedSpan[] = [];
    const drop = (of: string, { sequence }: CalendarEvent, span: Window, isNamed = false): void => {
      if (uid !== null) dropped.push({ uid: `${uid}${of}`, sequence, isNamed, ...span });
    };
    if (master?.isCancelled) {
      tally.cancelled += 1;
      drop('', master, recurs(master) ? window : ever);
    } else if (master !== undefined && recurs(master)) {
      tally.recurring += 1;
      const replaced = [...overrides.values()].flatMap(({ replaces }) => replaces ?? []);
      for (const one of occurrencesOf(master, replaced, { ...tools, window, toLocal, ranges }))
        if (!one.event.isCancelled)
          contacts.push(contact(one.event, one, uid === null ? null : `${uid}/${one.key}`));
      drop('', master, window);
      for (const moment of master.left) {
        const { key, on } = occurrenceOf(inFormOf(master.start, moment, toLocal), toLocal);
        if (on >= window.from && on <= window.until) drop(`/${key}`, master, ever, true);
      }
    } else if (master !== undefined) {
      const one = occurrenceOf(master.start, toLocal);
      if (isIn(one)) {
        if (one.on < window.from) tally.earlier += 1;
        contacts.push(contact(master, one, uid));
        // It may have been a series in an earlier import.
        drop('', master, { ...ever, from: window.from });
      }
    }
    for (const [key, event] of master?.isCancelled ? [] : overrides) {
      if (event.isCancelled) {
        tally.cancelled += 1;
        drop(`/${key}`, event, ever);
        continue;
      }
      const one = occurrenceOf(event.start, toLocal);
      const isTaken = master === undefined ? isIn(one) : one.on >= window.from;
      if (isTaken) contacts.push(contact(event, one, uid === null ? null : `${uid}/${key}`));
    }
    if (contacts.length + dropped.length === 0) return undefined;
    const said = lead.said.map((group, place) =>
      group.length > 0
        ? group
        : ([...overrides.values()].find((one) => one.said[place]?.length)?.said[place] ?? group),
    );
    const when = occurrenceOf(lead.start, toLocal);
    const called = [lead.text ?? 'no words', `${fullDate(when.on)}${when.at === null ? '' : ` ${when.at}`}`];
    return {
      ...barePatient(`line ${lead.line}`, {}),
      contacts,
      pointer: { called: called.join(', '), event: { uid, text: lead.text, said, dropped } },
    };
  }

  function contact(event: CalendarEvent, { on, at }: Occurrence, uid: string | null): GivenRecord<'contact'> {
    return {
      path: `line ${event.line}`,
      fields: {
        on,
        at,
        time_zone: at === null ? null : options.zone,
        channel: 'visit',
        state: 'planned',
        uid,
        sequence: event.sequence,
        source: 'imported',
      },
    };
  }

  function remarks(): readonly string[] {
    const [from, until] = [fullDate(window.from), fullDate(window.until)];
    const { answers, own, cancelled, recurring, earlier } = tally;
    const listed = [...cut.others].map(([name, count]) => `${count} ${name}`).join(', ');
    return present(
      cut.events.length + cut.faults.length === 0 && 'no event in it',
      recurring > 0 &&
        window.from !== window.until &&
        `recurring events: from ${from} to ${until}; --since and --until say otherwise`,
      earlier > 0 && `events before ${from}: ${earlier}; --since leaves them out`,
      cancelled > 0 && `called off in the file: ${cancelled}`,
      answers > 0 && `answers to invitations, not read: ${answers}`,
      zones.isOutside() && 'some times are outside of what the file says of their zone: look at their hours',
      own > 0 && `promises that rapport wrote, not read: ${own}`,
      listed !== '' && `not read, since they are no events: ${listed}`,
    );
  }

  const zones = zonesOf(cut.zones, tools);
  for (const component of cut.events)
    guard(faults, component.line, () => sort(readEvent(component, rules, zones)));
  const patients = [...families.values()].flatMap((family) => {
    const lead = family.master ?? family.changes[0];
    return (lead && guard(faults, lead.line, () => givenOf(family, lead))) ?? [];
  });
  const titles = new Map(cut.events.map((component) => [component.line, component] as const));
  return {
    patients,
    faults: faults
      .toSorted((left, right) => left.line - right.line)
      .map(({ line, fault }) => ({ path: `line ${line}`, what: fault, title: titleOf(titles.get(line)) })),
    moreFaults: 0,
    remarks: remarks(),
    matching: 'identifier',
  };
}

export async function readSchedule(text: string, options: ScheduleOptions): Promise<GivenDocument> {
  const [{ RRuleTemporal: Rule }, { findIana }] = await Promise.all([
    import('rrule-temporal'),
    import('windows-iana'),
  ]);
  return scheduleOf(cutComponents(text), options, { budget: newBudget('visits'), Rule, findIana });
}
