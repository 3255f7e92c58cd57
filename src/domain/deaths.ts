/** What is not kept for a patient who died: birthdays, other days of every year, and keeping in touch. */
import { type Failure, usage } from '../errors.ts';
import type { Note, Patient, Person } from './records.ts';

const mistaken = 'if they did not die: rapport patient died NAME --mistaken';

/** Why a note can't be kept: it would come back every year, or ask to be reached out for, and is about nobody living. */
export function refuseReturning(
  { status }: Pick<Patient, 'status'>,
  { yearly, reach_out = false }: Pick<Note, 'yearly'> & Partial<Pick<Note, 'reach_out'>>,
  person: Person | undefined,
): Failure | undefined {
  if (status !== 'died' || person?.status === 'living' || !(yearly || reach_out)) return undefined;
  return usage(
    'the patient died: no yearly day, and nothing to reach out for, is kept',
    'rapport note NAME --person WHO keeps it of somebody around them',
    mistaken,
  );
}

export const refuseCadence = ({ status }: Pick<Patient, 'status'>): Failure | undefined =>
  status === 'died' ? usage('the patient died: nobody keeps in touch with them', mistaken) : undefined;
