/** The two header lines: the name to use, and the time together. */
import { monthsBetween, yearOf } from '../../dates/civil.ts';
import { howLong, shortDate } from '../../dates/wording.ts';
import type { AskableField, Patient } from '../records.ts';
import { cutToWidth, fold, printable, widthOf } from '../text.ts';
import { type BriefingContext, caps, firstDay } from './briefing.ts';

const shortestName = 16;

function goesBy(patient: Patient): string | undefined {
  if (patient.goes_by === null)
    return patient.declined.includes('goes_by') ? undefined : 'name to use: not asked';
  const say = patient.say === null ? '' : ` ("${patient.say}")`;
  return `goes by ${patient.goes_by}${say}${doubt(patient, 'goes_by')}`;
}

const doubt = (patient: Patient, field: AskableField): string =>
  patient.unconfirmed.includes(field) ? ' (imported, not confirmed)' : '';

function pronouns(patient: Patient): string | undefined {
  if (patient.pronouns !== null) return patient.pronouns + doubt(patient, 'pronouns');
  return patient.declined.includes('pronouns') ? undefined : 'pronouns: not asked';
}

export function nameLine({ patient, hasNamesake }: BriefingContext): string {
  const born = hasNamesake && patient.birth_date !== null ? `born ${yearOf(patient.birth_date)}` : undefined;
  const rest = [goesBy(patient), pronouns(patient), born].filter((part) => part !== undefined).map(printable);
  const after = rest.map((part) => ` · ${part}`).join('');
  const name = printable(patient.name).toUpperCase();
  const room = Math.max(shortestName, caps.columns - widthOf(after));
  return cutToWidth(cutToWidth(name, room) + after, caps.columns);
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
  if (lastVisit !== undefined)
    return lastVisit === on ? 'seen today' : `last seen ${shortDate(lastVisit, on)}`;
  return isFirstVisit ? 'First visit' : 'No visit recorded here yet';
}

export const visitTime = ({ options, planned }: BriefingContext): string | undefined =>
  options.at ?? planned?.at ?? undefined;

function visitToday(context: BriefingContext): string | undefined {
  const at = visitTime(context);
  if (context.planned === undefined && at === undefined) return undefined;
  return at === undefined ? 'today' : `today ${at}`;
}

function language({ patient, options }: BriefingContext): string | undefined {
  if (patient.language === null || fold(patient.language) === fold(options.ownLanguage)) return undefined;
  return patient.language + doubt(patient, 'language');
}

/** 'With you 6 years · last seen 9 Dec · today 10:20 · Spanish for numbers' */
export function timeLine(context: BriefingContext): string {
  const died = context.patient.status === 'died';
  const parts = [
    context.isFirstVisit ? undefined : together(context),
    seen(context),
    died ? undefined : visitToday(context),
    died ? undefined : language(context),
  ];
  return cutToWidth(
    parts
      .filter((part) => part !== undefined)
      .map(printable)
      .join(' · '),
    caps.columns,
  );
}
