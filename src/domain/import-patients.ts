/** Plans the patients of an import: who is known, what they gain, and which handle a new one gets. */
import type { ImportIssues } from './import-issues.ts';
import { mergeFields } from './import-records.ts';
import type {
  Decision,
  Doubt,
  Given,
  GivenDocument,
  GivenPatient,
  Held,
  PatientFields,
} from './interchange.ts';
import { areNumberedApart, birthKey, identifierKey, patientIndex } from './patient-match.ts';
import { createHandleMaker, displayName, lookKey, nameKey, unseenNames } from './patient-names.ts';
import { askableFields, type New, newPatient, type Patient } from './records.ts';
import { fold } from './text.ts';

const shownRepeats = 10;

const makePatient = (fields: Partial<PatientFields>): New<Patient> =>
  newPatient({ name: '', handle: '', ...fields });

interface PatientDraft {
  readonly givens: GivenPatient[];
  readonly known: Patient | undefined;
  whole: New<Patient>;
}

/** How the patients of a document are added or changed, in its order; what is in doubt; and what is worth saying. */
export function planPatients(
  document: GivenDocument,
  held: Held,
  faults: ImportIssues,
  decisions: ReadonlyMap<string, Decision>,
) {
  const matching = patientIndex(held.patients);
  const heldByHandle = new Map(held.patients.map((patient) => [fold(patient.handle), patient]));
  const givenHandles = new Set(
    document.patients.flatMap(({ fields }) => (fields.handle == null ? [] : [fold(fields.handle)])),
  );
  const makeHandle = createHandleMaker((handle) => heldByHandle.has(handle) || givenHandles.has(handle));
  const usedHandles = new Set<string>();
  const usedIds = new Set<string>();
  const drafts: PatientDraft[] = [];
  const draftByKey = new Map<string, PatientDraft>();
  const notices: string[] = [];
  const doubts: Doubt[] = [];
  const repeats: string[] = [];
  /** By how names look: the first of the vault or the file. */
  const looks = new Map<string, Pick<Patient, 'name' | 'handle'>>(
    held.patients.map((patient) => [lookKey(patient.name), patient]),
  );
  let keptFields = 0;

  function add(given: GivenPatient): void {
    const unseen = unseenNames(given);
    for (const path of unseen) faults.add(path, 'no letter that can be seen');
    if (unseen.length > 0) return;
    const earlier = earlierOf(given);
    const known = earlier === undefined ? knownOf(given) : undefined;
    if (known === 'left out') return;
    const draft = earlier ?? (known && draftByKey.get(`held ${known.id}`));
    if (draft !== undefined) join(draft, given);
    else if (given.pointer !== undefined) {
      if (known !== undefined) keep({ givens: [given], known, whole: known });
    } else if (known === undefined && given.fields.name == null) faults.add(`${given.path}.name`, 'missing');
    else {
      const merged = mergedOf(given, known);
      const handle = merged === undefined ? undefined : handleOf(given, known, merged);
      if (merged !== undefined && handle !== undefined)
        keep({ givens: [given], known, whole: makePatient({ ...merged, handle }) });
    }
  }

  function keep(draft: PatientDraft): void {
    drafts.push(draft);
    if (draft.known !== undefined) draftByKey.set(`held ${draft.known.id}`, draft);
    for (const key of keysOf(draft.whole)) draftByKey.set(key, draft);
    if (draft.known === undefined) noticeNames(draft);
  }

  function join(draft: PatientDraft, given: GivenPatient): void {
    const [first] = draft.givens;
    draft.givens.push(given);
    if (given.pointer !== undefined) return;
    if (first !== undefined && first.pointer === undefined)
      repeats.push(`${displayName(draft.whole)}: ${given.path} repeats ${first.path} and was joined with it`);
    const merged = mergedOf(given, draft.whole);
    if (merged !== undefined) draft.whole = { ...draft.whole, ...makePatient(merged) };
  }

  function keysOf({ id, name, birth_date, identifiers }: Partial<PatientFields>): readonly string[] {
    const birth = `birth ${birthKey(name ?? '', birth_date)}`;
    if (document.matching === 'id-only') return [];
    if (document.matching === 'name-and-birth') return id == null ? [birth] : [`id ${id}`, birth];
    return [
      ...(identifiers ?? []).map((identifier) => `identifier ${identifierKey(identifier)}`),
      ...(birth_date == null ? [] : [birth]),
    ];
  }

  function earlierOf({ fields, pointer }: GivenPatient): PatientDraft | undefined {
    if (pointer !== undefined) return undefined;
    const { id, name, birth_date, identifiers } = fields;
    const given = { name: name ?? '', birth_date: birth_date ?? null, identifiers: identifiers ?? [] };
    const isByIdAlone = document.matching === 'name-and-birth' && id != null;
    for (const key of isByIdAlone ? [`id ${id}`] : keysOf(given)) {
      const draft = draftByKey.get(key);
      if (draft !== undefined && !areNumberedApart(given, draft.whole)) return draft;
    }
    return undefined;
  }

  function knownOf(given: GivenPatient): Patient | 'left out' | undefined {
    const { fields, path } = given;
    if (document.matching === 'identifier') return matched(given);
    if (fields.id != null) return matching.byId(fields.id);
    if (document.matching === 'id-only' || fields.name == null) return undefined;
    const [first, another] = matching.byNameAndBirth(fields.name, fields.birth_date);
    if (another === undefined) return first;
    faults.add(path, 'several patients of this name and birth date are in the vault');
    return 'left out';
  }

  function matched(given: GivenPatient): Patient | 'left out' | undefined {
    const { path, fields, pointer } = given;
    const event = pointer?.event;
    const match =
      event === undefined
        ? matching.match(given)
        : matching.matchEvent(
            event,
            new Set(
              event.uid === null ? [] : held.contactsOfEvent(event.uid).map(({ patient_id }) => patient_id),
            ),
          );
    if (match.kind === 'known') return match.patient;
    if (match.kind === 'new') return undefined;
    if (match.kind === 'none') {
      if (event === undefined) faults.add(path, 'leads to no patient in the file or the vault');
      else faults.leaveOut(path, 'names no patient of the vault');
      return 'left out';
    }
    const { candidates, why } = match;
    const decision = decisions.get(path);
    if (decision === 'new' && pointer === undefined) return undefined;
    const chosen = typeof decision === 'object' ? matching.byId(decision.id) : undefined;
    if (chosen !== undefined) return chosen;
    const refs = candidates.map(({ ref }) => ref).join(' or ');
    faults.leaveOut(path, decision === 'leave' ? 'left out as asked' : `may be patient ${refs}: ${why}`);
    if (decision === undefined)
      doubts.push({
        path,
        called: fields.name ?? pointer?.called ?? '',
        birth_date: fields.birth_date ?? null,
        candidates,
        why,
        mayBeNew: pointer === undefined,
      });
    return 'left out';
  }

  function mergedOf(
    { path, fields }: GivenPatient,
    before: Partial<PatientFields> | undefined,
  ): Partial<PatientFields> | undefined {
    const isPolite = document.matching !== 'id-only' && before !== undefined;
    const given = isPolite ? polite(fields, before) : withFreeId(fields);
    const merged = mergeFields<PatientFields>(before, given);
    const isDead = given.status == null && given.died_on != null;
    const whole = {
      ...merged,
      ...(isDead ? { status: 'died' as const } : {}),
      ...(before?.hold ? { hold: true } : {}),
    };
    if (whole.died_on == null || whole.status === 'died') return whole;
    faults.add(`${path}.died_on`, 'given, but status is not "died"');
    return undefined;
  }

  function polite(fields: Given<PatientFields>, before: Partial<PatientFields>): Given<PatientFields> {
    const open = before.unconfirmed ?? [];
    const settled = askableFields.filter(
      (field) => before.declined?.includes(field) || (before[field] != null && !open.includes(field)),
    );
    keptFields += settled.filter((field) => fields[field] != null && fields[field] !== before[field]).length;
    const isForeign = document.matching === 'identifier';
    // Id and name stay as first imported; of a status only a death is news.
    const fixed = [
      ...settled,
      ...(isForeign ? ['id', 'name'] : []),
      ...(isForeign && (before.status === 'died' || fields.status !== 'died') ? ['status'] : []),
      ...(isForeign && before.died_on != null ? ['died_on'] : []),
    ];
    const left = Object.entries(fields).filter(([key]) => !fixed.includes(key));
    const news = (fields.unconfirmed ?? []).filter(
      (field) => !settled.includes(field) && !open.includes(field),
    );
    return { ...Object.fromEntries(left), unconfirmed: [...open, ...news] };
  }

  /** Drops another server's id that the vault has for somebody else; the store makes a new one. */
  function withFreeId(fields: Given<PatientFields>): Given<PatientFields> {
    if (document.matching !== 'identifier' || fields.id == null) return fields;
    const { id, ...others } = fields;
    const isFree = matching.byId(id) === undefined && !usedIds.has(id);
    usedIds.add(id);
    return isFree ? fields : others;
  }

  function handleOf(
    { path, fields }: GivenPatient,
    known: Patient | undefined,
    merged: Partial<PatientFields>,
  ): string | undefined {
    const asked = fields.handle;
    if (asked == null || asked === known?.handle)
      return known?.handle ?? makeHandle({ name: merged.name ?? '', goes_by: merged.goes_by ?? null });
    const folded = fold(asked);
    const holder = heldByHandle.get(folded);
    const isTaken = (holder !== undefined && holder !== known) || usedHandles.has(folded);
    if (!isTaken) {
      usedHandles.add(folded);
      return asked;
    }
    if (known !== undefined) {
      faults.add(`${path}.handle`, `"${asked}" is another patient's`);
      return undefined;
    }
    const made = makeHandle({ name: merged.name ?? '', goes_by: merged.goes_by ?? null });
    notices.push(`the handle ${asked} is taken: ${made} is given instead`);
    return made;
  }

  function noticeNames({ whole }: PatientDraft): void {
    const namesake = matching.namesake(whole.name);
    const name = displayName(whole);
    if (namesake !== undefined)
      notices.push(`${name}: a patient of that name is there already (${namesake.handle})`);
    const look = lookKey(whole.name);
    const alike = looks.get(look) ?? whole;
    looks.set(look, alike);
    if (nameKey(alike.name) !== nameKey(whole.name))
      notices.push(`${name}: the name looks like that of ${alike.handle}, and is spelled with other letters`);
    if (held.wasForgotten(whole.name, whole.birth_date))
      notices.push(`${name}: a patient of that name was forgotten here before`);
  }

  for (const given of document.patients) add(given);
  if (repeats.length > shownRepeats)
    notices.push(`${repeats.length} entries repeat a patient of an earlier entry and were joined with it`);
  else notices.push(...repeats);
  if (keptFields > 0)
    notices.push(
      keptFields === 1
        ? '1 field differs from what is confirmed in the vault and stays as it is'
        : `${keptFields} fields differ from what is confirmed in the vault and stay as they are`,
    );
  return { drafts, doubts, notices };
}
