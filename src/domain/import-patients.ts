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
import {
  areNumberedApart,
  birthKey,
  identifierKey,
  type PatientIndex,
  patientIndex,
} from './patient-match.ts';
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

export class PatientPlanning {
  readonly #document: GivenDocument;
  readonly #faults: ImportIssues;
  readonly #matching: PatientIndex;
  readonly #decisions: ReadonlyMap<string, Decision>;
  readonly #heldByHandle: ReadonlyMap<string, Patient>;
  readonly #givenHandles: ReadonlySet<string>;
  readonly #usedHandles = new Set<string>();
  readonly #usedIds = new Set<string>();
  readonly #makeHandle: (patient: Pick<Patient, 'name' | 'goes_by'>) => string;
  readonly #drafts: PatientDraft[] = [];
  readonly #draftByKey = new Map<string, PatientDraft>();
  readonly notices: string[] = [];
  readonly doubts: Doubt[] = [];
  readonly #held: Held;
  readonly #repeats: string[] = [];
  /** By how names look: the first of the vault or the file. */
  readonly #looks: Map<string, Pick<Patient, 'name' | 'handle'>>;
  #kept = 0;

  constructor(
    document: GivenDocument,
    held: Held,
    faults: ImportIssues,
    decisions: ReadonlyMap<string, Decision>,
  ) {
    this.#document = document;
    this.#faults = faults;
    this.#decisions = decisions;
    this.#held = held;
    this.#matching = patientIndex(held.patients);
    this.#looks = new Map(held.patients.map((patient) => [lookKey(patient.name), patient]));
    this.#heldByHandle = new Map(held.patients.map((patient) => [fold(patient.handle), patient]));
    this.#givenHandles = new Set(
      document.patients.flatMap(({ fields }) => (fields.handle == null ? [] : [fold(fields.handle)])),
    );
    this.#makeHandle = createHandleMaker(
      (handle) => this.#heldByHandle.has(handle) || this.#givenHandles.has(handle),
    );
  }

  plan(): readonly PatientDraft[] {
    for (const given of this.#document.patients) this.#add(given);
    if (this.#repeats.length > shownRepeats)
      this.notices.push(
        `${this.#repeats.length} entries repeat a patient of an earlier entry and were joined with it`,
      );
    else this.notices.push(...this.#repeats);
    if (this.#kept > 0)
      this.notices.push(
        this.#kept === 1
          ? '1 field differs from what is confirmed in the vault and stays as it is'
          : `${this.#kept} fields differ from what is confirmed in the vault and stay as they are`,
      );
    return this.#drafts;
  }

  #add(given: GivenPatient): void {
    const unseen = unseenNames(given);
    for (const path of unseen) this.#faults.add(path, 'no letter that can be seen');
    if (unseen.length > 0) return;
    const earlier = this.#earlier(given);
    const known = earlier === undefined ? this.#known(given) : undefined;
    if (known === 'left out') return;
    const draft = earlier ?? (known && this.#draftByKey.get(`held ${known.id}`));
    if (draft !== undefined) this.#join(draft, given);
    else if (given.pointer !== undefined) {
      if (known !== undefined) this.#keep({ givens: [given], known, whole: known });
    } else if (known === undefined && given.fields.name == null)
      this.#faults.add(`${given.path}.name`, 'missing');
    else {
      const merged = this.#merged(given, known);
      const handle = merged === undefined ? undefined : this.#handle(given, known, merged);
      if (merged !== undefined && handle !== undefined)
        this.#keep({ givens: [given], known, whole: makePatient({ ...merged, handle }) });
    }
  }

  #keep(draft: PatientDraft): void {
    this.#drafts.push(draft);
    if (draft.known !== undefined) this.#draftByKey.set(`held ${draft.known.id}`, draft);
    for (const key of this.#keysOf(draft.whole)) this.#draftByKey.set(key, draft);
    if (draft.known === undefined) this.#noticeNames(draft);
  }

  #join(draft: PatientDraft, given: GivenPatient): void {
    const [first] = draft.givens;
    draft.givens.push(given);
    if (given.pointer !== undefined) return;
    if (first !== undefined && first.pointer === undefined)
      this.#repeats.push(
        `${displayName(draft.whole)}: ${given.path} repeats ${first.path} and was joined with it`,
      );
    const merged = this.#merged(given, draft.whole);
    if (merged !== undefined) draft.whole = { ...draft.whole, ...makePatient(merged) };
  }

  #keysOf({ id, name, birth_date, identifiers }: Partial<PatientFields>): readonly string[] {
    const birth = `birth ${birthKey(name ?? '', birth_date)}`;
    if (this.#document.matching === 'id-only') return [];
    if (this.#document.matching === 'name-and-birth') return id == null ? [birth] : [`id ${id}`, birth];
    return [
      ...(identifiers ?? []).map((identifier) => `identifier ${identifierKey(identifier)}`),
      ...(birth_date == null ? [] : [birth]),
    ];
  }

  #earlier({ fields, pointer }: GivenPatient): PatientDraft | undefined {
    if (pointer !== undefined) return undefined;
    const { id, name, birth_date, identifiers } = fields;
    const given = { name: name ?? '', birth_date: birth_date ?? null, identifiers: identifiers ?? [] };
    const isByIdAlone = this.#document.matching === 'name-and-birth' && id != null;
    for (const key of isByIdAlone ? [`id ${id}`] : this.#keysOf(given)) {
      const draft = this.#draftByKey.get(key);
      if (draft !== undefined && !areNumberedApart(given, draft.whole)) return draft;
    }
    return undefined;
  }

  #known(given: GivenPatient): Patient | 'left out' | undefined {
    const { fields, path } = given;
    if (this.#document.matching === 'identifier') return this.#matched(given);
    if (fields.id != null) return this.#matching.byId(fields.id);
    if (this.#document.matching === 'id-only' || fields.name == null) return undefined;
    const [first, another] = this.#matching.byNameAndBirth(fields.name, fields.birth_date);
    if (another === undefined) return first;
    this.#faults.add(path, 'several patients of this name and birth date are in the vault');
    return 'left out';
  }

  #matched(given: GivenPatient): Patient | 'left out' | undefined {
    const { path, fields, pointer } = given;
    const event = pointer?.event;
    const match =
      event === undefined
        ? this.#matching.match(given)
        : this.#matching.matchEvent(
            event,
            new Set(
              event.uid === null
                ? []
                : this.#held.contactsOfEvent(event.uid).map(({ patient_id }) => patient_id),
            ),
          );
    if (match.kind === 'known') return match.patient;
    if (match.kind === 'new') return undefined;
    if (match.kind === 'none' && event !== undefined) {
      this.#faults.leaveOut(path, 'names no patient of the vault');
      return 'left out';
    }
    if (match.kind === 'none') {
      this.#faults.add(path, 'leads to no patient in the file or the vault');
      return 'left out';
    }
    const { candidates, why } = match;
    const decision = this.#decisions.get(path);
    if (decision === 'new' && pointer === undefined) return undefined;
    const chosen = typeof decision === 'object' ? this.#matching.byId(decision.id) : undefined;
    if (chosen !== undefined) return chosen;
    const refs = candidates.map(({ ref }) => ref).join(' or ');
    this.#faults.leaveOut(
      path,
      decision === 'leave' ? 'left out as asked' : `may be patient ${refs}: ${why}`,
    );
    if (decision === undefined)
      this.doubts.push({
        path,
        called: fields.name ?? pointer?.called ?? '',
        birth_date: fields.birth_date ?? null,
        candidates,
        why,
        mayBeNew: pointer === undefined,
      });
    return 'left out';
  }

  #merged(
    { path, fields }: GivenPatient,
    before: Partial<PatientFields> | undefined,
  ): Partial<PatientFields> | undefined {
    const isPolite = this.#document.matching !== 'id-only' && before !== undefined;
    const given = isPolite ? this.#polite(fields, before) : this.#withFreeId(fields);
    const merged = mergeFields<PatientFields>(before, given);
    const isDead = given.status == null && given.died_on != null;
    const whole = {
      ...merged,
      ...(isDead ? { status: 'died' as const } : {}),
      ...(before?.hold ? { hold: true } : {}),
    };
    if (whole.died_on == null || whole.status === 'died') return whole;
    this.#faults.add(`${path}.died_on`, 'given, but status is not "died"');
    return undefined;
  }

  #polite(fields: Given<PatientFields>, before: Partial<PatientFields>): Given<PatientFields> {
    const open = before.unconfirmed ?? [];
    const settled = askableFields.filter(
      (field) => before.declined?.includes(field) || (before[field] != null && !open.includes(field)),
    );
    this.#kept += settled.filter((field) => fields[field] != null && fields[field] !== before[field]).length;
    const isForeign = this.#document.matching === 'identifier';
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
  #withFreeId(fields: Given<PatientFields>): Given<PatientFields> {
    if (this.#document.matching !== 'identifier' || fields.id == null) return fields;
    const { id, ...others } = fields;
    const isFree = this.#matching.byId(id) === undefined && !this.#usedIds.has(id);
    this.#usedIds.add(id);
    return isFree ? fields : others;
  }

  #handle(
    { path, fields }: GivenPatient,
    known: Patient | undefined,
    merged: Partial<PatientFields>,
  ): string | undefined {
    const asked = fields.handle;
    if (asked == null || asked === known?.handle)
      return known?.handle ?? this.#makeHandle({ name: merged.name ?? '', goes_by: merged.goes_by ?? null });
    const folded = fold(asked);
    const holder = this.#heldByHandle.get(folded);
    const isTaken = (holder !== undefined && holder !== known) || this.#usedHandles.has(folded);
    if (!isTaken) {
      this.#usedHandles.add(folded);
      return asked;
    }
    if (known !== undefined) {
      this.#faults.add(`${path}.handle`, `"${asked}" is another patient's`);
      return undefined;
    }
    const made = this.#makeHandle({ name: merged.name ?? '', goes_by: merged.goes_by ?? null });
    this.notices.push(`the handle ${asked} is taken: ${made} is given instead`);
    return made;
  }

  #noticeNames({ whole }: PatientDraft): void {
    const namesake = this.#matching.namesake(whole.name);
    const name = displayName(whole);
    if (namesake !== undefined)
      this.notices.push(`${name}: a patient of that name is there already (${namesake.handle})`);
    const look = lookKey(whole.name);
    const alike = this.#looks.get(look) ?? whole;
    this.#looks.set(look, alike);
    if (nameKey(alike.name) !== nameKey(whole.name))
      this.notices.push(
        `${name}: the name looks like that of ${alike.handle}, and is spelled with other letters`,
      );
    if (this.#held.wasForgotten(whole.name, whole.birth_date))
      this.notices.push(`${name}: a patient of that name was forgotten here before`);
  }
}
