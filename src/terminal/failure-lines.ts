/**
 * An error on stderr: one cause, details, then `hint:` lines; or the contract's JSON. Trap: an error that is no
 * Failure may hold patient text in its message, so only its class and code are shown.
 */
import { printable } from '../domain/text.ts';
import { exitCodes, Failure } from '../errors.ts';
import { plainStyle, safeText, type TextStyle } from './styles.ts';

interface ErrorManner {
  readonly json: boolean;
  readonly debug: boolean;
  readonly style?: TextStyle;
}

const longest = 400;

/** A message may repeat a long typed text: keep its beginning and its end. */
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

const placesOf = (error: unknown): readonly string[] =>
  error instanceof Error
    ? (error.stack ?? '')
        .split('\n')
        .filter((line) => /^\s+at /.test(line))
        .map((line) => line.trim())
    : [];

export function failureLines(error: unknown, manner: ErrorManner): string {
  const failure = error instanceof Failure ? error : defect(error);
  if (manner.json)
    return JSON.stringify({
      error: {
        code: exitCodes[failure.exit],
        name: failure.exit,
        message: oneLine(failure.message),
        hints: failure.hints.map(oneLine),
        ...(failure.details.length > 0 && { details: failure.details.map((line) => oneLine(line).trim()) }),
        ...(manner.debug && { stack: placesOf(error) }),
      },
    });
  const style = manner.style ?? plainStyle;
  const lines = [
    `${style.error('rapport:')} ${oneLine(failure.message)}`,
    ...failure.details.map(oneLine),
    ...failure.hints.map((hint) => `${style.hint('hint:')} ${oneLine(hint)}`),
    ...(manner.debug ? placesOf(error).map((place) => `  ${style.quiet(place)}`) : []),
  ];
  return safeText(lines.join('\n'), manner.style !== undefined);
}
