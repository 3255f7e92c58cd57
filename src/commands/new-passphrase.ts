/** A new passphrase: from where it is given, or typed twice on the terminal, with advice on weak ones. */
import { Failure, usage } from '../errors.ts';
import type { World } from '../world.ts';

type PassphraseNeeds = Pick<World, 'questions' | 'notices' | 'keeper'>;

const tries = 3;

/** What is wrong with it, in words, or undefined; advice is told, and stops nobody. */
function refusalOf(passphrase: string, { keeper, questions }: PassphraseNeeds): string | undefined {
  try {
    const advice = keeper.adviceOn(passphrase);
    if (advice !== undefined)
      questions.tell(`Weak: ${advice}. Type it again to keep it, or Enter alone for another one.`);
    return undefined;
  } catch (error) {
    if (error instanceof Failure && error.exit === 'usage') return error.message;
    throw error;
  }
}

/** @throws usage where two typed ones differ or none will do, cancelled */
async function askTwice(needs: PassphraseNeeds): Promise<string> {
  const { questions } = needs;
  for (let left = tries; ; left -= 1) {
    const passphrase = await questions.secret('New passphrase');
    let fault = refusalOf(passphrase, needs);
    if (fault === undefined) {
      const again = await questions.secret('The same again');
      if (again === passphrase) return passphrase;
      fault = again === '' ? 'another one, then' : 'the two passphrases differ';
    }
    if (left === 1) throw usage(fault);
    questions.tell(fault);
  }
}

/** Takes what was given, warning where it is weak, or asks. @throws usage, cancelled */
export async function newPassphrase(given: string | undefined, needs: PassphraseNeeds): Promise<string> {
  if (given === undefined) return askTwice(needs);
  const advice = needs.keeper.adviceOn(given);
  if (advice !== undefined) needs.notices.say(`rapport: the passphrase is weak: ${advice}`);
  return given;
}
