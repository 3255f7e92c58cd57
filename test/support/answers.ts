/**
 * Questions answered by a script, in order. A question without an answer left, an answer that fits no question, and
 * answers left over are all faults of the test.
 */

import { Left } from '../../src/errors.ts';
import type { Questions } from '../../src/terminal/questions.ts';

/**
 * What is typed, or the question it is for with it, and what happens before it is typed, which gives lines for the
 * record. Of choices: a part of the name.
 * `^C` cancels. Nothing typed keeps a prefilled text.
 */
export type Answer =
  | string
  | readonly [question: string, answer: string, meanwhile?: () => Promise<readonly string[]>];

export interface ScriptedQuestions extends Questions {
  /** Each question with its answer, refusals and told lines, as they came. */
  readonly asked: readonly string[];
  /** @throws where the script and the questions did not fit */
  verify(): void;
}

export function scriptedQuestions(answers: readonly Answer[], assumeYes = false): ScriptedQuestions {
  const left = [...answers];
  const asked: string[] = [];
  const faults: string[] = [];
  const fault = (what: string): Error => {
    faults.push(what);
    return new Error(what);
  };
  const next = async (question: string): Promise<string> => {
    const answer = left.shift();
    if (answer === undefined) throw fault(`unexpected question: ${question}`);
    const [expected, typed, meanwhile] = typeof answer === 'string' ? [undefined, answer] : answer;
    if (expected !== undefined && !question.includes(expected))
      throw fault(`asked '${question}' where the script answers '${expected}'`);
    const happened = await meanwhile?.().catch((error) => {
      throw fault(String(error));
    });
    asked.push(...(happened ?? []));
    asked.push(`? ${question} → ${typed}`.trimEnd());
    if (typed === '^C') throw new Left();
    return typed;
  };
  const tell = (text: string): void =>
    void asked.push(...text.split('\n').map((line) => `: ${line}`.trimEnd()));
  return {
    possible: true,
    asked,
    async text(question, options = {}) {
      if (options.above !== undefined) tell(options.above);
      for (;;) {
        const typed = await next(question);
        const answer = typed === '' ? (options.prefill ?? '') : typed;
        const refusal = options.check?.(answer);
        if (refusal === undefined) return answer;
        asked.push(`✗ ${refusal}`);
      }
    },
    async secret(question) {
      return next(question);
    },
    async confirm(question, fallback) {
      if (assumeYes) return true;
      const answer = await next(question);
      if (answer === '') return fallback;
      if (answer !== 'yes' && answer !== 'no') throw fault(`'${question}' wants yes or no, not '${answer}'`);
      return answer === 'yes';
    },
    async choose(question, choices) {
      const answer = await next(question);
      const fitting = choices.filter(({ name }) => name.includes(answer));
      const [choice, ...others] = fitting;
      if (choice === undefined || others.length > 0)
        throw fault(
          `'${answer}' fits ${fitting.length} choices of '${question}': ${choices.map(({ name }) => name).join(' | ')}`,
        );
      return choice.value;
    },
    tell,
    verify() {
      const [first] = faults;
      if (first !== undefined) throw new Error(first);
      if (left.length > 0) throw new Error(`never asked for: ${JSON.stringify(left)}`);
    },
  };
}
