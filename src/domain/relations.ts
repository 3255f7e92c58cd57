/** Relation words, and whom a note or a loss is about. Trap: names count only where they are written with capitals. */
import type { Note, Person } from './records.ts';
import { fold, foldedWords } from './text.ts';

export interface LossWords {
  /** As typed, lower case: 'wife', 'mother-in-law', 'best friend'. */
  readonly relation: string | null;
  readonly name: string | null;
}

// Words for the same relation are joined by '='; the first stands for all.
const sameRelations = `spouse=wife=husband=partner fiance=fiancee girlfriend boyfriend
   mother=mom=mum=mam=mama=mommy=mummy father=dad=papa=pa=daddy parent
   son daughter child baby twin brother sister sibling
   grandmother=grandma=granny=gran=nana=nan grandfather=grandpa=grandad=granddad grandparent grandson granddaughter grandchild
   aunt auntie uncle cousin niece nephew godmother godfather godson goddaughter
   friend neighbour neighbor roommate flatmate colleague carer caregiver
   dog cat horse bird pet parrot rabbit`
  .split(/\s+/)
  .map((words) => words.split('='));
const relations: ReadonlySet<string> = new Set(sameRelations.flat());

function standardRelation(relation: string): string {
  const word = fold(relation);
  return sameRelations.find((words) => words.includes(word))?.[0] ?? word;
}

const particles = new Set('de la del da dos di van von der den al bin y'.split(' '));

const possessive = /^(?:his|her|their|my|the)$/i;

const isRelation = (word: string): boolean => {
  const core = fold(word)
    .replace(/^(?:step|ex|half|great|foster)-?(?=\p{L}{3})/u, '')
    .replace(/-in-law$/, '');
  return relations.has(core) || relations.has(fold(word));
};

// Scripts without capitals: every word may be a name.
const isNameWord = (word: string): boolean =>
  /^[\p{Lu}\p{Lt}\p{Lo}][\p{L}\p{M}.'’-]*$/u.test(word) && !/['’]s$/.test(word);

function leadingName(words: readonly string[]): string | null {
  let end = 0;
  for (const [index, word] of words.entries()) {
    if (isNameWord(word) && !isRelation(word)) end = index + 1;
    else if (!(index > 0 && particles.has(word))) break;
  }
  return end === 0 || end > 5 ? null : words.slice(0, end).join(' ');
}

/** What may follow the relation or name; anything else may be another loss ('wife lost her job'). */
const death =
  /^(?:(?:has )?(?:died|deceased|suddenly|unexpectedly|peacefully)\b.*|(?:has )?passed(?: away| on)?)?$/iu;

/** Strict, since it decides that somebody is marked as died. @param text without its date */
export function readLoss(text: string): LossWords {
  const all = text.replace(/[(),]/g, ' ').trim().split(/\s+/u);
  const words = all.slice(/^(?:his|her|their|my|the|late)$/i.test(all[0] ?? '') ? 1 : 0);
  const [first = '', second = ''] = words;
  const before =
    /^(?:best|old|close|ex|late)$/i.test(first) && isRelation(second) ? 2 : isRelation(first) ? 1 : 0;
  const name = leadingName(words.slice(before));
  const rest = words.slice(before + (name?.split(' ').length ?? 0));
  const behind = before === 0 ? rest.filter((word) => !possessive.test(word)) : [];
  const [relation = ''] = behind;
  if (name !== null && behind.length === 1 && isRelation(relation))
    return { relation: relation.toLowerCase(), name };
  if (!death.test(rest.join(' '))) return { relation: null, name: null };
  const named = words.slice(0, before).filter((word) => !/^late$/i.test(word));
  return { relation: named.length === 0 ? null : named.join(' ').toLowerCase(), name };
}

/** Whether a loss is a death: of somebody who died, or no more than who it was ('wife June'), not 'son lost his job'. */
export const isDeath = ({ text }: Pick<Note, 'text'>, person: Person | undefined): boolean =>
  person?.status === 'died' || readLoss(text).relation !== null;

const agree = (left: string | null, right: string | null): boolean =>
  left === null || right === null || standardRelation(left) === standardRelation(right);

export function personNamed({ name, relation }: LossWords, people: readonly Person[]): Person | undefined {
  const words = new Set(foldedWords(name ?? ''));
  const fitting = people.filter((person) => {
    if (!agree(person.relation, relation)) return false;
    if (name === null) return relation !== null && person.relation !== null;
    const own = foldedWords(person.name);
    return (
      own.length > 0 &&
      (own.every((word) => words.has(word)) || [...words].every((word) => own.includes(word)))
    );
  });
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** Linked to the person, or containing the first name. */
export function isAbout(
  { person: linked, text }: Pick<Note, 'person' | 'text'>,
  { id, name }: Person,
): boolean {
  const [first = ''] = foldedWords(name);
  return linked === id || (first.length > 1 && foldedWords(text).includes(first));
}
