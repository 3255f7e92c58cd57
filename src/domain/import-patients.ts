/** Plans the patients of an import: who is known already, what a known one gains, and which handle a new one gets. */
import type { Faults } from './faults.ts';
import { createHandleMaker } from './handles.ts';
import { makePatient, mergeFields } from './import-merge.ts';
import type { Held } from './import-shape.ts';
import type { Given, GivenDocument, GivenPatient, PatientFields } from './interchange.ts';
import { displayName } from './naming.ts';
import { askableFields, type New, type Patient } from './records.ts';
import { fold, foldedWords } from './text.ts';

const joinedLists = {
  aliases: Object.is,
  identifiers: (left: Patient['identifiers'][number], right: Patient['identifiers'][number]): boolean =>
    left.system === right.system && left.value === right.value,
};

const nameKey = (name: string): string => foldedWords(name).join(' ') || name.trim();
const birthKey = (name: string, birthDate: string | null | undefined): string =>
  `${nameKey(name)}\n${birthDate ?? ''}`;

/** A patient while the plan is being made. */
export interface PatientDraft {
  readonly given: GivenPatient;
  readonly known: Patient | undefined;
  whole: New<Patient>;
}

function group<V>(values: readonly V[], key: (value: V) => string): Map<string, V[]> {
  const groups = new Map<string, V[]>();
  for (const value of values) {
    const found = groups.get(key(value));
    if (found === undefined) groups.set(key(value), [value]);
    else found.push(value);
  }
  return groups;
}

export class PatientPlanning {
  readonly #document: GivenDocument;
  readonly #faults: Faults;
  readonly #heldById: ReadonlyMap<string, Patient>;
  readonly #heldByBirth: ReadonlyMap<string, readonly Patient[]>;
  readonly #heldByName: ReadonlyMap<string, readonly Patient[]>;
  readonly #heldByHandle: ReadonlyMap<string, Patient>;
  readonly #givenHandles: ReadonlySet<string>;
  readonly #usedHandles = new Set<string>();
  readonly #makeHandle: (patient: Pick<Patient, 'name' | 'goes_by'>) => string;
  readonly #drafts: PatientDraft[] = [];
  readonly #draftById = new Map<string, PatientDraft>();
  readonly #draftByBirth = new Map<string, PatientDraft>();
  readonly notices: string[] = [];
  readonly #wasForgotten: Held['wasForgotten'];
  #repeated = 0;
  #kept = 0;

  constructor(document: GivenDocument, held: Held, faults: Faults) {
    this.#document = document;
    this.#faults = faults;
    this.#wasForgotten = held.wasForgotten;
    this.#heldById = new Map(held.patients.map((patient) => [patient.id, patient]));
    this.#heldByBirth = group(held.patients, ({ name, birth_date }) => birthKey(name, birth_date));
    this.#heldByName = group(held.patients, ({ name }) => nameKey(name));
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
    if (this.#repeated > 0)
      this.notices.push(`${this.#repeated} rows repeat a patient of an earlier row and were joined with it`);
    if (this.#kept > 0)
      this.notices.push(
        `${this.#kept} fields differ from what is confirmed in the vault and stay as they are`,
      );
    return this.#drafts;
  }

  #add(given: GivenPatient): void {
    const earlier = this.#earlier(given);
    if (earlier !== undefined) {
      this.#repeated += 1;
      const merged = this.#merged(given, earlier.whole);
      if (merged !== undefined) earlier.whole = { ...earlier.whole, ...makePatient(merged) };
      return;
    }
    const known = this.#known(given);
    if (known === 'several') {
      this.#faults.add(given.path, 'several patients of this name and birth date are in the vault');
      return;
    }
    if (known === undefined && given.fields.name == null) {
      this.#faults.add(`${given.path}.name`, 'missing');
      return;
    }
    const merged = this.#merged(given, known);
    const handle = merged === undefined ? undefined : this.#handle(given, known, merged);
    if (merged === undefined || handle === undefined) return;
    const draft = { given, known, whole: makePatient({ ...merged, handle }) };
    this.#drafts.push(draft);
    if (draft.whole.id !== undefined) this.#draftById.set(draft.whole.id, draft);
    this.#draftByBirth.set(birthKey(draft.whole.name, draft.whole.birth_date), draft);
    if (known === undefined) this.#noticeNames(draft);
  }

  /** A row of a list may name the same patient again; a document's ids are unique. */
  #earlier({ fields }: GivenPatient): PatientDraft | undefined {
    if (this.#document.matching !== 'name-and-birth') return undefined;
    if (fields.id != null) return this.#draftById.get(fields.id);
    return this.#draftByBirth.get(birthKey(fields.name ?? '', fields.birth_date));
  }

  #known({ fields }: GivenPatient): Patient | 'several' | undefined {
    if (fields.id != null) return this.#heldById.get(fields.id);
    if (this.#document.matching !== 'name-and-birth' || fields.name == null) return undefined;
    const [first, another] = this.#heldByBirth.get(birthKey(fields.name, fields.birth_date)) ?? [];
    return another === undefined ? first : 'several';
  }

  /** The fields after the import; undefined after a fault. */
  #merged(
    { path, fields }: GivenPatient,
    before: Partial<PatientFields> | undefined,
  ): Partial<PatientFields> | undefined {
    const given =
      this.#document.matching === 'name-and-birth' && before !== undefined
        ? this.#polite(fields, before)
        : fields;
    const merged = mergeFields<PatientFields>(before, given, joinedLists);
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

  /** What a list may say of a known patient: nothing against what was confirmed or declined. */
  #polite(fields: Given<PatientFields>, before: Partial<PatientFields>): Given<PatientFields> {
    const open = before.unconfirmed ?? [];
    const settled = askableFields.filter(
      (field) => before.declined?.includes(field) || (before[field] != null && !open.includes(field)),
    );
    this.#kept += settled.filter((field) => fields[field] != null && fields[field] !== before[field]).length;
    const left = Object.entries(fields).filter(([key]) => !settled.some((field) => field === key));
    const news = (fields.unconfirmed ?? []).filter(
      (field) => !settled.includes(field) && !open.includes(field),
    );
    return { ...Object.fromEntries(left), unconfirmed: [...open, ...news] };
  }

  /** The handle after the import; undefined after a fault. */
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
    const [namesake] = this.#heldByName.get(nameKey(whole.name)) ?? [];
    const name = displayName(whole);
    if (namesake !== undefined)
      this.notices.push(`${name}: a patient of that name is there already (${namesake.handle})`);
    if (this.#wasForgotten(whole.name, whole.birth_date))
      this.notices.push(`${name}: a patient of that name was forgotten here before`);
  }
}
