/**
 * How an error reads on stderr: one cause, then details, then `hint:` lines; or the JSON of the contract. What is no
 * Failure is a defect: its message might hold anything, so only its class, its code and (with --debug) its places are shown.
 */

import { printable } from '../domain/text.ts';
import { exitCodes, Failure } from '../errors.ts';
import { plainStyle, safeText, type TextStyle } from './styles.ts';

export interface ErrorManner {
  readonly json: boolean;
  /** Adds where the error came from. */
  readonly debug: boolean;
  /** Plain unless given. */
  readonly style?: TextStyle;
}

export interface FailureDocument {
  readonly error: {
    readonly code: number;
    readonly name: string;
    readonly message: string;
    readonly hints: readonly string[];
    readonly details?: readonly string[];
    readonly stack?: readonly string[];
  };
}

const longest = 400;

/** What was typed may be repeated in it, line ends and all: its beginning and its end say enough. */
function oneLine(text: string): string {
  const line = printable(text);
  return line.length <= longest ? line : `${line.slice(0, longest - 120)}…${line.slice(-80)}`;
}

const upperCaseCode = /^[A-Z][A-Z0-9_]{1,60}$/;

function defect(error: unknown): Failure {
  const kind = error instanceof Error ? error.name : typeof error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const named = upperCaseCode.test(code) ? `${kind}, ${code}` : kind;
  return new Failure('failed', `a fault in rapport itself (${named})`, [
    '--debug shows where; please report it',
  ]);
}

/** The places of a stack trace without its message. */
const placesOf = (error: unknown): readonly string[] =>
  error instanceof Error
    ? (error.stack ?? '')
        .split('\n')
        .filter((line) => /^\s+at /.test(line))
        .map((line) => line.trim())
    : [];

export function failureDocument(error: unknown, { debug }: Pick<ErrorManner, 'debug'>): FailureDocument {
  const failure = error instanceof Failure ? error : defect(error);
  return {
    error: {
      code: exitCodes[failure.exit],
      name: failure.exit,
      message: oneLine(failure.message),
      hints: failure.hints.map(oneLine),
      ...(failure.details.length > 0 && { details: failure.details.map((line) => oneLine(line).trim()) }),
      ...(debug && { stack: placesOf(error) }),
    },
  };
}

/** All that is written on stderr for an error, without the last line end. */
export function failureLines(error: unknown, manner: ErrorManner): string {
  if (manner.json) return JSON.stringify(failureDocument(error, manner));
  const failure = error instanceof Failure ? error : defect(error);
  const style = manner.style ?? plainStyle;
  const lines = [
    `${style.error('rapport:')} ${oneLine(failure.message)}`,
    ...failure.details.map(oneLine),
    ...failure.hints.map((hint) => `${style.hint('hint:')} ${oneLine(hint)}`),
    ...(manner.debug ? placesOf(error).map((place) => `  ${style.quiet(place)}`) : []),
  ];
  return safeText(lines.join('\n'), manner.style !== undefined);
}
