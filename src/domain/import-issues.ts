/** Collects what is wrong with an imported file: 20 faults at most, or with --skip-bad all that fit in 1000. */
import { Failure } from '../errors.ts';
import { printable } from './text.ts';

/** `what` names no patient and quotes no text. */
export interface ImportIssue {
  readonly path: string;
  readonly what: string;
  /** What stands there, for the eyes of who imports: the words of an event. */
  readonly title?: string | undefined;
}

export const issueLine = ({ path, what, title }: ImportIssue): string =>
  `${path}${title === undefined ? '' : ` (${printable(title)})`}: ${what}`;

/** The failure of an import: the first fault, the others as details. @param more faults counted but not kept */
export function refusalOf(faults: readonly ImportIssue[], more = 0, ...hints: readonly string[]): Failure {
  // An error names no patient.
  const [first = '', ...others] = faults.map(({ path, what }) => issueLine({ path, what }));
  const rest = others.length + more;
  return new Failure(
    'usage',
    rest === 0 ? first : `${first}, and ${rest} more`,
    hints,
    others.map((line) => `  ${line}`),
  );
}

const repairHint = 'nothing was imported; mend the file, or leave its bad records out with --skip-bad';
const shownAtOnce = 20;
const keptAtMost = 1000;

export class ImportIssues {
  readonly #skipBad: boolean;
  readonly #faults: ImportIssue[] = [];
  readonly #leftOut: ImportIssue[] = [];
  /** How many faults there are, and how many records were left out, kept or not. */
  readonly #counts = { faults: 0, leftOut: 0 };

  /** Without `skipBad`, the twenty-first fault ends the import. */
  constructor(skipBad: boolean) {
    this.#skipBad = skipBad;
  }

  get list(): readonly ImportIssue[] {
    return [...this.#faults, ...this.#leftOut];
  }

  /** How many of both were counted but not kept. */
  get more(): number {
    return this.#counts.faults + this.#counts.leftOut - this.list.length;
  }

  get count(): number {
    return this.#counts.faults;
  }

  add(path: string, what: string): void {
    this.#counts.faults += 1;
    if (this.#faults.length < (this.#skipBad ? keptAtMost : shownAtOnce)) this.#faults.push({ path, what });
    else this.settle();
  }

  /** For records that are not for rapport: reported, but no fault. */
  leaveOut(path: string, what: string, title?: string): void {
    this.#counts.leftOut += 1;
    if (this.#leftOut.length < keptAtMost) this.#leftOut.push({ path, what, title });
  }

  settle(): void {
    if (this.count > 0 && !this.#skipBad)
      throw refusalOf(this.#faults, this.count - this.#faults.length, repairHint);
  }
}
