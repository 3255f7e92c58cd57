/** JSON as values. The engine's own message quotes the text, which may be a patient's: it never gets out. */
import { usage } from '../errors.ts';

/** @throws usage; `firstLine` is the number of the text's first line in its file */
export function parseJson(text: string, firstLine = 1): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = /position (\d+)/.exec(String(error))?.[1];
    const line = firstLine + text.slice(0, Number(position ?? 0)).split('\n').length - 1;
    throw usage(
      position === undefined && firstLine === 1 ? 'not valid JSON' : `not valid JSON at line ${line}`,
    );
  }
}
