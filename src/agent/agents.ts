/** The agents of a person as a vault sees them: keys by name, and nothing where there is none. */
import { existsSync } from 'node:fs';
import { Failure } from '../errors.ts';
import { Keys } from '../keys.ts';
import { type AgentProgram, askAgent, type NoAnswer, patience, startAgent } from './client.ts';
import type { AgentAnswer, AgentRequest, HeldKeys, KeysName, Message } from './protocol.ts';
import { type AgentSocket, agentSocket, obstacleAt } from './socket-path.ts';

interface AgentsOutside {
  readonly uid: number | undefined;
  /** Where one is asked and started, the best folder first. */
  readonly folders: () => readonly string[];
  /** Where others may be: the environment may have been another when they were started. */
  readonly others: () => readonly string[];
  /** Told of a folder before an agent is started there. */
  readonly remember: (folder: string) => void;
  readonly program: AgentProgram;
  /** A person can be asked in place of an agent that does not answer. */
  readonly canAsk: () => boolean;
}

export interface AgentStatus {
  readonly folder: string;
  /** Whether commands with this environment ask it. */
  readonly isAsked: boolean;
  /** Undefined where it does not hold the keys of the vault. */
  readonly held: HeldKeys | undefined;
}

export type Agents = ReturnType<typeof createAgents>;

/** Not to be told from a locked vault by whoever gets no key. */
export const agentSilent = (folders: readonly string[] = []): Failure =>
  new Failure('busy', `the agent ${folders.map((folder) => `in ${folder} `).join('and ')}does not answer`, [
    'try again in a moment, or end the process called rapport-agent',
  ]);

export function createAgents({ uid, folders, others, remember, program, canAsk }: AgentsOutside) {
  let place: { readonly found: AgentSocket | undefined } | undefined;
  const find = (): AgentSocket | undefined => {
    place ??= { found: agentSocket(folders(), uid) };
    return place.found;
  };
  const usual = (): number => (canAsk() ? patience.terminal : patience.script);
  const ask = async (
    request: AgentRequest,
    { hurries = false, body }: { readonly hurries?: boolean | undefined; readonly body?: Buffer } = {},
  ): Promise<Message<AgentAnswer> | NoAnswer> => {
    const at = find();
    if (at === undefined) return 'absent';
    return askAgent(at, request, body, hurries ? () => patience.prompt : usual);
  };
  /** Asks wherever an agent may be; nothing comes of places without one. */
  async function* askAll(
    request: AgentRequest,
  ): AsyncGenerator<readonly [AgentSocket, Message<AgentAnswer> | 'silent']> {
    for (const folder of new Set([...folders(), ...others()])) {
      const at = agentSocket([folder], uid);
      const answer = at && (await askAgent(at, request, undefined, usual));
      if (at !== undefined && answer !== undefined && answer !== 'absent') yield [at, answer];
    }
  }
  /** Whether an agent holds a vault's keys, or any. One that is gone holds none; one that is silent may. */
  const holds = async (at: AgentSocket, vault: string | undefined): Promise<boolean> => {
    const answer = await askAgent(at, { op: 'status' }, undefined, usual);
    if (typeof answer === 'string' || !answer.header.ok) return answer !== 'absent';
    return (answer.header.held ?? []).some((held) => vault === undefined || held.vault === vault);
  };
  return {
    /** False on systems where nothing can vouch for who is at the other end. */
    get isPossible(): boolean {
      return find() !== undefined;
    },
    /** Why no agent can be where it would listen, or undefined where one can. */
    get obstacle(): string | undefined {
      const at = find();
      return at && obstacleAt(at);
    },
    /** @returns 'silent' where somebody is there and does not answer */
    async get(name: KeysName, hurries?: boolean): Promise<Keys | 'silent' | undefined> {
      const answer = await ask({ op: 'get', ...name }, { hurries });
      if (answer === 'silent') return answer;
      return typeof answer === 'string' || answer.body.length === 0 ? undefined : new Keys(answer.body);
    },
    /** Hands keys over, starting an agent where none runs. @returns whether there was somebody to take them */
    async put(
      name: KeysName,
      { bytes }: Keys,
      times: { readonly idle: number; readonly total: number },
    ): Promise<boolean> {
      const at = find();
      if (at === undefined) return false;
      const request = { op: 'put', ...name, ...times } as const;
      const answer = await ask(request, { body: bytes });
      if (answer === 'silent') return false;
      if (answer !== 'absent') return answer.header.ok;
      if (!existsSync(program.script)) return false;
      remember(at.folder);
      return startAgent(at, program, request, bytes);
    },
    /** What is held of a vault. @throws busy where the agent does not answer */
    async held(vault: string, hurries?: boolean): Promise<HeldKeys | undefined> {
      const answer = await ask({ op: 'status' }, { hurries });
      if (answer === 'silent') throw agentSilent();
      const list = typeof answer !== 'string' && answer.header.ok ? answer.header.held : undefined;
      return list?.find((entry) => entry.vault === vault);
    },
    /** Every agent that can be found, and what it holds of a vault. @throws busy where one gives no answer */
    async all({ vault, generation }: KeysName): Promise<readonly AgentStatus[]> {
      const all: AgentStatus[] = [];
      for await (const [{ folder }, answer] of askAll({ op: 'status' })) {
        if (answer === 'silent' || !answer.header.ok) throw agentSilent([folder]);
        const held = answer.header.held?.find(
          (entry) => entry.vault === vault && entry.generation === generation,
        );
        all.push({ folder, isAsked: folder === find()?.folder, held });
      }
      return all;
    },
    /**
     * Has every agent that can be found forget a vault's keys, or all; then looks. @returns how many did
     * @throws busy where one gives no answer, or goes on holding them
     */
    async lock(vault: string | undefined): Promise<number> {
      let locked = 0;
      const silent: string[] = [];
      for await (const [at, answer] of askAll({ op: 'lock', ...(vault && { vault }) })) {
        if (answer === 'silent' || !answer.header.ok || (await holds(at, vault))) silent.push(at.folder);
        else locked += 1;
      }
      if (silent.length > 0) throw agentSilent(silent);
      return locked;
    },
  };
}
