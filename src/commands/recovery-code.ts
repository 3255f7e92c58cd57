/** Showing a new recovery code to a person, who has it only once it was typed in part. */
import type { World } from '../world.ts';

type CodeNeeds = Pick<World, 'questions'>;

/** Which of the eight groups to type again: drawn with the code itself. */
const groupToType = (code: string): number => 1 + (code.charCodeAt(0) % 8);

/** @param title 'Your recovery code' */
export function showRecoveryCode(code: string, title: string, { questions }: CodeNeeds): void {
  questions.tell(
    [
      `${title}, shown only now. It opens the vault when the passphrase is forgotten:`,
      '',
      `    ${code}`,
      '',
      'Write it down, and keep it away from this computer.',
      'Whoever has neither passphrase nor code can never open the vault again.',
    ].join('\n'),
  );
}

/** Asks for one of its groups. @throws cancelled */
export async function confirmRecoveryCode(code: string, { questions }: CodeNeeds): Promise<void> {
  const place = groupToType(code);
  const group = code.split('-')[place - 1];
  await questions.text(`To be sure that you have it: type its group ${place} of 8`, {
    check: (answer) => (answer.trim().toUpperCase() === group ? undefined : `that is not group ${place}`),
  });
}
