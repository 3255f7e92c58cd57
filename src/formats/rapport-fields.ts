/** The fields of the interchange document, record by record, in the order in which they are written. */

import {
  type CommitmentFields,
  type ContactFields,
  type GivenAway,
  type GivenClosedDay,
  type NoteFields,
  type PatientFields,
  type PersonFields,
  sameAttempt,
  sameSnooze,
} from '../domain/interchange.ts';
import { isHandle } from '../domain/patient-names.ts';
import {
  type Attempt,
  askableFields,
  channels,
  commitmentKinds,
  commitmentStatuses,
  contactStates,
  type Identifier,
  nameLimit,
  noteKinds,
  noteStatuses,
  owners,
  patientStatuses,
  type Snooze,
  textLimit,
  tones,
} from '../domain/records.ts';
import {
  anyDate,
  clearable,
  clearableText,
  date,
  datedDate,
  id,
  listOf,
  matching,
  objectOf,
  oneOf,
  type Readers,
  text,
  timeOfDay,
  truth,
  wholeNumber,
} from './fields.ts';

export const formatName = 'rapport';
export const formatVersion = 1;

const name = text(nameLimit);
const shortText = clearableText(nameLimit);
const longText = clearableText(textLimit);
const flag = clearable(truth);

const timeZone = matching('a time zone', (value) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
});

const identifier = objectOf<Identifier>(
  { system: text(textLimit), value: text(textLimit) },
  ['system', 'value'],
  (given) => ({ system: given.system ?? '', value: given.value ?? '' }),
);

const snooze = objectOf<Snooze>(
  { on: date, from: clearable(date), to: date, reason: longText },
  ['on', 'to'],
  // `on` and `to` are there: objectOf has seen to it.
  (given) => ({ from: null, reason: null, ...given }) as Snooze,
);

const attempt = objectOf<Attempt>(
  { on: date, note: longText },
  ['on'],
  (given) => ({ note: null, ...given }) as Attempt,
);

// A required field is never null; any other is cleared by it.
export const patientFields: Readers<PatientFields> = {
  id,
  name,
  handle: matching("a handle (small letters, digits, '.', '_' and '-', 40 at most)", isHandle),
  goes_by: shortText,
  say: shortText,
  pronouns: shortText,
  language: shortText,
  aliases: clearable(listOf(name)),
  birth_date: clearable(datedDate),
  first_met: clearable(datedDate),
  new: flag,
  unconfirmed: clearable(listOf(oneOf(askableFields))),
  declined: clearable(listOf(oneOf(askableFields))),
  status: clearable(oneOf(patientStatuses)),
  died_on: clearable(datedDate),
  cadence_days: clearable(wholeNumber(1, 3650)),
  identifiers: clearable(
    listOf(identifier, (left, right) => left.system === right.system && left.value === right.value),
  ),
  hold: flag,
};

export const personFields: Readers<PersonFields> = {
  id,
  name,
  relation: shortText,
  birth_date: clearable(datedDate),
  status: clearable(oneOf(['living', 'died'])),
  died_on: clearable(datedDate),
};

export const noteFields: Readers<NoteFields> = {
  id,
  kind: oneOf(noteKinds),
  text: text(textLimit),
  recorded_on: clearable(date),
  said_on: clearable(date),
  confirmed_on: clearable(date),
  person: clearable(id),
  date: clearable(anyDate),
  yearly: flag,
  tone: clearable(oneOf(tones)),
  reach_out: flag,
  sensitive: flag,
  show_in_brief: flag,
  pinned: flag,
  status: clearable(oneOf(noteStatuses)),
  answered_on: clearable(date),
  answer: longText,
  replaces: clearable(id),
  source: clearable(oneOf(['typed', 'imported'])),
};

export const commitmentFields: Readers<CommitmentFields> = {
  id,
  text: text(textLimit),
  owner: oneOf(owners),
  kind: clearable(oneOf(commitmentKinds)),
  for_person: clearable(id),
  made_on: clearable(date),
  due: clearable(date),
  status: clearable(oneOf(commitmentStatuses)),
  closed_on: clearable(date),
  how: longText,
  who: clearable(oneOf(owners)),
  reason: longText,
  told_on: clearable(date),
  snoozes: clearable(listOf(snooze, sameSnooze)),
  attempts: clearable(listOf(attempt, sameAttempt)),
};

export const contactFields: Readers<ContactFields> = {
  id,
  on: date,
  at: clearable(timeOfDay),
  time_zone: clearable(timeZone),
  channel: oneOf(channels),
  direction: clearable(oneOf(['in', 'out'])),
  state: oneOf(contactStates),
  gist: longText,
  uid: longText,
  sequence: clearable(wholeNumber(0, 2 ** 31 - 1)),
  source: clearable(oneOf(['typed', 'imported'])),
};

export const closedDayFields: Readers<Required<GivenClosedDay>> = { on: date, name: shortText };
export const awayFields: Readers<Required<GivenAway>> = { from: date, to: date, reason: shortText };
export const weekdays = listOf(wholeNumber(1, 7));
