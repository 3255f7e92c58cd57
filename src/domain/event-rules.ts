/**
 * Rules for finding the patient in a calendar event (`--match`, setting `ics.match`): a property, alone or with a
 * pattern, such as 'summary', 'attendee', 'X-PATIENT' or 'summary=Visit: {patient}*'.
 */
import { usage } from '../errors.ts';

/** Its pattern is what stands before and after the name, from star to star. */
export type EventRule = ReturnType<typeof readRule>;

export interface EventText {
  readonly text: string;
  /** 'prose' may contain a name; 'person' is somebody's name; 'name' is any name or id of a patient. */
  readonly as: 'prose' | 'person' | 'name';
}

const longestText = 300;
const mostStars = 2;

const hint = "write summary, attendee, X-PATIENT, or with a pattern: 'summary=Visit: {patient}*'";

function readRule(text: string) {
  const [, property = '', pattern] = /^\s*([A-Za-z][A-Za-z0-9-]{0,60})\s*(?:=(.*))?$/s.exec(text) ?? [];
  if (property === '') throw usage(`'${text.trim().slice(0, 40)}' is no rule to find patients by`, hint);
  if (pattern === undefined) return { property: property.toLowerCase(), pattern: undefined };
  const parts = pattern.trim().split('{patient}');
  if (parts.length !== 2) throw usage(`a pattern has {patient} in it, once`, hint);
  if ((pattern.match(/\*/g) ?? []).length > mostStars)
    throw usage(`a pattern has at most ${mostStars} stars`, hint);
  const [before = '', after = ''] = parts.map((part) =>
    part.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/gu, ' '),
  );
  // A star right after the name says nothing: the name goes on to what comes next.
  const surroundings = { before: toSearch(`^${before}`), after: toSearch(`${after.replace(/^\*+/, '')}$`) };
  return { property: property.toLowerCase(), pattern: surroundings };
}

const toSearch = (text: string): readonly RegExp[] =>
  text.split('*').map((literal) => new RegExp(literal, 'giu'));

/**
 * The shortest name at the first place for one. What is around it is searched for in turn and nothing twice: where
 * anything fits behind a later place, it fits behind an earlier one.
 */
function nameIn(line: string, { before, after }: NonNullable<EventRule['pattern']>): string | undefined {
  let at = 0;
  const find = (literal: RegExp): number | undefined => {
    literal.lastIndex = at;
    const found = literal.exec(line)?.index;
    at = literal.lastIndex;
    return found;
  };
  if (before.some((literal) => find(literal) === undefined)) return undefined;
  const start = at;
  at += 1;
  const [end, ...rest] = after.map(find);
  return end === undefined || rest.includes(undefined) ? undefined : line.slice(start, end).trim();
}

/** Reads rules, which are tried in order; a text may hold several, separated by semicolons. @throws usage */
export const readEventRules = (texts: readonly string[]): readonly EventRule[] =>
  texts.flatMap((text) => text.split(';').map(readRule));

const kindOf = (property: string): EventText['as'] =>
  /^(?:summary|description|location|comment)$/.test(property)
    ? 'prose'
    : /^(?:attendee|organizer|contact)$/.test(property)
      ? 'person'
      : 'name';

export const eventTexts = (
  { property, pattern }: EventRule,
  texts: readonly string[],
): readonly EventText[] =>
  texts.flatMap((text): readonly EventText[] => {
    const line = text.replace(/\s+/gu, ' ').trim();
    const as = pattern === undefined ? kindOf(property) : 'name';
    if (line === '' || (line.length > longestText && as !== 'prose')) return [];
    if (pattern === undefined) return [{ text: line, as }];
    const found = nameIn(line, pattern);
    return found === undefined || found === '' ? [] : [{ text: found, as }];
  });
