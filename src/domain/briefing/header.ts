/** The two lines above a briefing: the name to use first, then how long and when, and what today's visit is for. */
import { daysBetween, monthsBetween, yearOf } from '../../dates/civil.ts';
import { howLong, shortDate } from '../../dates/words.ts';
import type { AskableField, Patient } from '../records.ts';
import { cutToWidth, fold, foldedWords, present, printable, widthOf } from '../text.ts';
import { caps } from './briefing.ts';
import { ageUnder18, type BriefingContext, firstDay } from './context.ts';

const doubt = (patient: Patient, field: AskableField): string =>
  patient.unconfirmed.includes(field) ? ' (imported, not confirmed)' : '';

const shortestName = 16;

/** 'MALU ("ma-LOO") · María Luisa Razo · she/her'; only the full name is ever cut. */
export function nameLine({ patient, hasNamesake, on }: BriefingContext): string {
  const { name, goes_by, say, pronouns, birth_date } = patient;
  const used = goes_by ?? name;
  const isWhole = fold(foldedWords(name)[0] ?? '') === foldedWords(used).join(' ') || used === name;
  const spoken = say === null ? '' : ` ("${printable(say)}")${doubt(patient, 'say')}`;
  const called = printable(isWhole ? name : used).toUpperCase();
  const rest = present(
    pronouns !== null && pronouns + doubt(patient, 'pronouns'),
    hasNamesake && birth_date !== null && birth_date <= on && `born ${yearOf(birth_date)}`,
  ).map((part) => ` · ${printable(part)}`);
  const end = rest.join('');
  const roomFor = (text: string): number => Math.max(shortestName, caps.columns - widthOf(text));
  if (isWhole) return cutToWidth(cutToWidth(called, roomFor(spoken + end)) + spoken + end, caps.columns);
  const start = `${called}${doubt(patient, 'goes_by')}${spoken} · `;
  return cutToWidth(start + cutToWidth(printable(name), roomFor(start + end)) + end, caps.columns);
}

function together(context: BriefingContext): string | undefined {
  const held = context.contacts.filter((contact) => contact.state === 'held').map((contact) => contact.on);
  const first = firstDay(context.patient.first_met) ?? held.sort()[0];
  if (first === undefined || first >= context.on) return undefined;
  const months = monthsBetween(first, context.on);
  const years = Math.floor(months / 12);
  if (years >= 1) return `With you ${years === 1 ? '1 year' : `${years} years`}`;
  return `With you ${months >= 2 ? `${months} months` : howLong(first, context.on)}`;
}

function seen({ lastVisit, isFirstVisit, on }: BriefingContext): string {
  if (lastVisit === undefined) return isFirstVisit ? 'First visit' : 'No visit recorded here yet';
  const days = daysBetween(lastVisit, on);
  return `last seen ${['today', 'yesterday'][days] ?? shortDate(lastVisit, on)}`;
}

export const visitTime = ({ options, planned }: BriefingContext): string | undefined =>
  options.at ?? planned?.at ?? undefined;

function visitToday(context: BriefingContext): string | undefined {
  const at = visitTime(context);
  return context.planned === undefined && at === undefined ? undefined : present('today', at).join(' ');
}

function language({ patient, options }: BriefingContext): string | undefined {
  if (patient.language === null || fold(patient.language) === fold(options.ownLanguage)) return undefined;
  return patient.language + doubt(patient, 'language');
}

/** 'With you 6 years · last seen 9 Dec · today 10:20 · Spanish for numbers' */
export function timeLine(context: BriefingContext): string {
  const isAlive = context.patient.status !== 'died';
  const age = isAlive && ageUnder18(context.patient, context.on);
  const first = [
    context.isFirstVisit ? undefined : together(context),
    seen(context),
    isAlive && visitToday(context),
  ];
  const last = present(age && `age ${age}`, isAlive && language(context)).map(printable);
  const joined = (parts: readonly string[]): string => parts.map(printable).join(' · ');
  const gist = context.planned?.gist ?? null;
  const whatFor = gist === null ? '' : `: ${printable(gist).trim()}`;
  const lineOf = (left: typeof first, purpose: string): string =>
    joined(present(...left.slice(0, 2), left[2] && left[2] + purpose, ...last));
  const shorter = [first, [undefined, ...first.slice(1)], [undefined, undefined, first[2]]];
  const fitting = shorter.find((left) => widthOf(lineOf(left, whatFor)) <= caps.columns);
  if (fitting !== undefined) return lineOf(fitting, whatFor);
  const least = shorter.at(-1) ?? first;
  const room = Math.max(0, caps.columns - widthOf(lineOf(least, '')));
  return cutToWidth(lineOf(least, cutToWidth(whatFor, room)), caps.columns);
}
