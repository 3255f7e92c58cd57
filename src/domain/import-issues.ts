/** Collects what is wrong with an imported file: 20 faults at most, or with --skip-bad all that fit in 1000. */
import { Failure } from '../errors.ts';

/** `what` names no patient and quotes no text. */
export interface ImportIssue {
  readonly path: string;
  readonly what: string;
}

export const issueLine = (fault: ImportIssue): string => `${fault.path}: ${fault.what}`;

/** The failure of an import: the first fault, the others as details. @param more faults counted but not kept */
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

const repairHint = 'nothing was imported; mend the file, or leave its bad records out with --skip-bad';
const shownAtOnce = 20;
const keptAtMost = 1000;

export class ImportIssues {
  readonly #skipBad: boolean;
  readonly #list: ImportIssue[] = [];
  readonly #leftOut: ImportIssue[] = [];
  #more = 0;
  #moreLeftOut = 0;

  /** Without `skipBad`, the twenty-first fault ends the import. */
  constructor(skipBad: boolean) {
    this.#skipBad = skipBad;
  }

  get list(): readonly ImportIssue[] {
    return [...this.#list, ...this.#leftOut];
  }

  /** How many of both were counted but not kept. */
  get more(): number {
    return this.#more + this.#moreLeftOut;
  }

  get count(): number {
    return this.#list.length + this.#more;
  }

  add(path: string, what: string): void {
    if (this.#list.length < (this.#skipBad ? keptAtMost : shownAtOnce)) this.#list.push({ path, what });
    else {
      this.#more += 1;
      if (!this.#skipBad) throw refusalOf(this.#list, this.#more, repairHint);
    }
  }

  /** For records that are not for rapport: reported, but no fault. */
  leaveOut(path: string, what: string): void {
    if (this.#leftOut.length < keptAtMost) this.#leftOut.push({ path, what });
    else this.#moreLeftOut += 1;
  }

  settle(): void {
    if (this.count > 0 && !this.#skipBad) throw refusalOf(this.#list, this.#more, repairHint);
  }
}
