/** What is wrong with a file that is read in: all of it within a limit, or only so much as one wants to read at once. */
import { Failure } from '../errors.ts';

/** One thing wrong, and where. `what` names no patient and quotes no text of theirs. */
export interface ImportIssue {
  readonly path: string;
  readonly what: string;
}

export const issueLine = (fault: ImportIssue): string => `${fault.path}: ${fault.what}`;

/** The refusal of a whole file: the first fault, then the others as details. `more` counts those that were not kept. */
export function refusalOf(faults: readonly ImportIssue[], more = 0, ...hints: readonly string[]): Failure {
  const [first = '', ...others] = faults.map(issueLine);
  const rest = others.length + more;
  return new Failure(
    'usage',
    rest === 0 ? first : `${first}, and ${rest} more`,
    hints,
    others.map((line) => `  ${line}`),
  );
}

const mend = 'nothing was imported; mend the file, or leave its bad records out with --skip-bad';
const shownAtOnce = 20;
const keptAtMost = 1000;

export class ImportIssues {
  readonly #skipBad: boolean;
  readonly #list: ImportIssue[] = [];
  readonly #leftOut: ImportIssue[] = [];
  #more = 0;
  #moreLeftOut = 0;

  /** Unless bad records are to be skipped, the twenty-first fault ends the reading. */
  constructor(skipBad: boolean) {
    this.#skipBad = skipBad;
  }

  /** ImportIssues and what was left out. */
  get list(): readonly ImportIssue[] {
    return [...this.#list, ...this.#leftOut];
  }

  /** How many were counted but not kept. */
  get more(): number {
    return this.#more + this.#moreLeftOut;
  }

  /** How many faults there are; what was left out is none. */
  get count(): number {
    return this.#list.length + this.#more;
  }

  /** @throws usage where there are too many to go on */
  add(path: string, what: string): void {
    if (this.#list.length < (this.#skipBad ? keptAtMost : shownAtOnce)) this.#list.push({ path, what });
    else {
      this.#more += 1;
      if (!this.#skipBad) throw refusalOf(this.#list, this.#more, mend);
    }
  }

  /** Something that is no fault of the file and yet not for rapport: told, and no reason to stop. */
  leaveOut(path: string, what: string): void {
    if (this.#leftOut.length < keptAtMost) this.#leftOut.push({ path, what });
    else this.#moreLeftOut += 1;
  }

  /** @throws usage where there is a fault and bad records are not to be skipped */
  settle(): void {
    if (this.count > 0 && !this.#skipBad) throw refusalOf(this.#list, this.#more, mend);
  }
}
