/** Those who work on one vault at once, each at a terminal, by chance. */
import { inject } from 'vitest';
import type { Injection } from './injection.ts';
import { type Effect, type Facts, type Found, type Model, wordOf } from './model.ts';
import { chance, seed } from './sampling.ts';

export interface Command extends Injection, Effect {
  /** An undo of it takes away what it added, and nothing else. */
  readonly isUndoable?: boolean;
  /** What it printed when it was done. */
  readonly look?: (stdout: string) => void;
}

/** One who types. They know what was there this morning, and go on with what is their own. */
export class Terminal {
  readonly #number: number;
  readonly #model: Model;
  readonly random: () => number;
  #words = 0;
  #morning: Facts = new Map();
  /** Of today. */
  readonly #used = new Set<string>();
  #operations: readonly (Effect & { readonly id: string })[] = [];

  constructor(number: number, model: Model) {
    this.#number = number;
    this.#model = model;
    this.random = chance(seed * 10 + number);
  }

  wakeUp(facts: Facts): void {
    this.#morning = facts;
    this.#used.clear();
  }

  oneOf<T>(all: readonly T[]): T | undefined {
    return all[Math.floor(this.random() * all.length)];
  }

  #word(): string {
    this.#words += 1;
    return `w${this.#number}x${this.#words}`;
  }

  /** One that is there and that nobody else is changing. Each is used once a day. */
  #own(kind: string, isWanted: (found: Found) => boolean = () => true) {
    const certain = this.#model.certain();
    const all = [...this.#morning].filter(
      ([fact, found]) =>
        fact.startsWith(`${kind} w${this.#number}x`) &&
        certain.get(fact)?.isThere === true &&
        !this.#used.has(found.id) &&
        isWanted(found),
    );
    const [fact, found] = this.oneOf(all) ?? [];
    if (fact === undefined || found === undefined) return undefined;
    this.#used.add(found.id);
    this.#operations = this.#operations.filter(({ adds }) => !adds.includes(fact));
    return { fact, id: found.id };
  }

  /** All that stands with a patient of their own; undefined where something of it is in doubt. */
  #ofPatient(fact: string): readonly string[] | undefined {
    const certain = this.#model.certain();
    const all = [...this.#morning].flatMap(([one, { patient }]) => (patient === wordOf(fact) ? [one] : []));
    return all.every((one) => certain.has(one))
      ? all.filter((one) => certain.get(one)?.isThere === true)
      : undefined;
  }

  acknowledged(command: Command, stdout: string): void {
    command.look?.(stdout);
    if (!command.isUndoable) return;
    const { operation }: { operation?: string } = JSON.parse(stdout);
    if (operation !== undefined)
      this.#operations = [...this.#operations, { adds: command.adds, removes: [], id: operation }];
  }

  readonly #commands: Readonly<Record<string, () => Command | undefined>> = {
    note: () => {
      const word = this.#word();
      const argv = ['note', this.oneOf(['malu', 'walt']) ?? '', `told ${word}`, '--kind', 'story'];
      return { argv, adds: [`note ${word}`], removes: [], isUndoable: true };
    },
    commit: () => {
      const [told, promised] = [this.#word(), this.#word()];
      return {
        argv: ['commit', 'malu', '--stdin', '--channel', 'none'],
        stdin: `story: told ${told}\n! call about ${promised} in 3 weeks\n`,
        adds: [`note ${told}`, `promise ${promised}`],
        removes: [],
        isUndoable: true,
      };
    },
    edit: () => {
      const note = this.#own('note', ({ patient }) => ['malu', 'walt'].includes(patient));
      const word = this.#word();
      return (
        note && {
          argv: ['edit', note.id, '--text', `told ${word} anew`],
          adds: [`note ${word}`],
          removes: [note.fact],
        }
      );
    },
    erase: () => {
      const note = this.#own('note', ({ patient }) => ['malu', 'walt'].includes(patient));
      return note && { argv: ['retire', note.id, '--erase', '--yes'], adds: [], removes: [note.fact] };
    },
    undo: () => {
      const operation = this.oneOf(
        this.#operations.filter(({ adds }) => adds.every((fact) => this.#model.certain().get(fact)?.isThere)),
      );
      this.#operations = this.#operations.filter((one) => one !== operation);
      return operation && { argv: ['undo', operation.id, '--yes'], adds: [], removes: operation.adds };
    },
    // The promises that all share: nobody's attempt takes another's away.
    tried: () => {
      const shared = [...this.#morning].flatMap(([fact, { id }]) =>
        fact.startsWith('promise w9x') ? [id] : [],
      );
      const word = this.#word();
      return {
        argv: ['tried', this.oneOf(shared) ?? '', '--note', `rang ${word}`],
        adds: [`tried ${word}`],
        removes: [],
      };
    },
    done: () => {
      const kept = [...this.#morning].flatMap(([fact, { id }]) => (fact.startsWith('kept ') ? [id] : []));
      const promise = this.#own('promise', ({ id }) => !kept.includes(id));
      const word = this.#word();
      return (
        promise && {
          argv: ['done', promise.id, '--how', `wrote ${word}`],
          adds: [`kept ${word}`],
          removes: [],
        }
      );
    },
    import: () => {
      const [patient, note] = [this.#word(), this.#word()];
      const notes = [{ kind: 'story', text: `told ${note}` }];
      return {
        argv: ['import', '-', '--format', 'rapport', '--yes'],
        stdin: JSON.stringify({
          format: 'rapport',
          version: 1,
          patients: [{ name: `Wren ${patient}`, notes }],
        }),
        adds: [`patient ${patient}`, `note ${note}`],
        removes: [],
      };
    },
    'patient add': () => {
      const word = this.#word();
      return { argv: ['patient', 'add', `Lark ${word}`, '--yes'], adds: [`patient ${word}`], removes: [] };
    },
    'patient merge': () => {
      const [from, into] = [this.#own('patient'), this.#own('patient')];
      return (
        from &&
        into && { argv: ['patient', 'merge', from.id, into.id, '--yes'], adds: [], removes: [from.fact] }
      );
    },
    'patient forget': () => {
      const patient = this.#own('patient');
      const removes = patient && this.#ofPatient(patient.fact);
      return removes && { argv: ['patient', 'forget', patient.id, '--yes'], adds: [], removes };
    },
    'key rotate': () => ({
      argv: ['key', 'rotate', '--out', `${this.#word()}.txt`, '--no-input'],
      script: inject('cheap'),
      adds: [],
      removes: [],
    }),
    backup: () => ({ argv: ['backup', `${this.#word()}.backup`], adds: [], removes: [] }),
    export: () => ({ argv: ['export', '--format', 'rapport'], adds: [], removes: [] }),
  };

  /** Some come often. */
  readonly #names = [
    ...Object.keys(this.#commands),
    ...['note', 'note', 'note', 'commit', 'commit', 'tried', 'tried', 'import', 'edit', 'export'],
  ];

  next(): Command {
    for (;;) {
      const name = this.oneOf(this.#names) ?? '';
      const command = this.#commands[name]?.();
      if (command !== undefined) return command;
    }
  }
}
