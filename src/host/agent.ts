/** The agent as the keeper sees it: keys by name, and nothing where there is none. */

import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { askAgent, type NoAnswer, patience, startAgent } from '../agent/client.ts';
import type { AgentAnswer, AgentRequest, HeldKeys, KeysName, Message } from '../agent/protocol.ts';
import { type AgentSocket, agentSocket, obstacleAt } from '../agent/socket-path.ts';
import { Failure } from '../errors.ts';
import { Keys } from '../keys.ts';
import type { Questions } from '../terminal/questions.ts';
import { agentsSeen } from './agents-seen.ts';
import type { Outside } from './outside.ts';

export interface KeyAgent {
  /** False on systems where nothing can vouch for who is at the other end. */
  readonly isPossible: boolean;
  /** Why no agent can be where it would listen, or undefined where one can. */
  readonly obstacle: string | undefined;
  /**
   * @param hurries a shell's prompt or a Tab waits for it
   * @returns 'silent' where somebody is there and does not answer
   */
  get(name: KeysName, hurries?: boolean): Promise<Keys | 'silent' | undefined>;
  /** Hands keys to the agent, starting one where none runs. @returns whether there was somebody to take them */
  put(name: KeysName, keys: Keys, times: { readonly idle: number; readonly total: number }): Promise<boolean>;
  /** What it holds of a vault. @throws busy where it does not answer */
  held(vault: string, hurries?: boolean): Promise<HeldKeys | undefined>;
  /**
   * Has every agent that can be found forget a vault's keys, or all; then looks. @returns how many did
   * @throws busy where one gives no answer, or goes on holding them
   */
  lock(vault: string | undefined): Promise<number>;
}

export type AgentNeeds = Pick<
  Outside,
  | 'env'
  | 'temporary'
  | 'uid'
  | 'nodePath'
  | 'agentPath'
  | 'agentFolders'
  | 'platform'
  | 'home'
  | 'workingFolder'
>;

/** $XDG_RUNTIME_DIR is private and gone at logout; else a folder of our own where temporary files go. */
function* foldersOf(outside: AgentNeeds): Iterable<string> {
  const runtime = outside.env['XDG_RUNTIME_DIR'];
  if (runtime && isAbsolute(runtime) && existsSync(runtime)) yield join(runtime, 'rapport');
  yield join(outside.temporary, `rapport-${outside.uid}`);
}

/** Not to be told from a locked vault by whoever gets no key. */
export const agentSilent = (folders: readonly string[] = []): Failure =>
  new Failure('busy', `the agent ${folders.map((folder) => `in ${folder} `).join('and ')}does not answer`, [
    'try again in a moment, or end the process called rapport-agent',
  ]);

export function createAgent(outside: AgentNeeds, questions: Pick<Questions, 'possible'>): KeyAgent {
  let place: { readonly found: AgentSocket | undefined } | undefined;
  const seen = agentsSeen(outside);
  const find = (): AgentSocket | undefined => {
    place ??= { found: agentSocket(foldersOf(outside), outside.uid) };
    return place.found;
  };
  const usual = (): number => (questions.possible ? patience.terminal : patience.script);
  const ask = async (
    request: AgentRequest,
    { hurries = false, body }: { readonly hurries?: boolean | undefined; readonly body?: Buffer } = {},
  ): Promise<Message<AgentAnswer> | NoAnswer> => {
    const at = find();
    if (at === undefined) return 'absent';
    return askAgent(at, request, body, hurries ? () => patience.prompt : usual);
  };
  /** Whether an agent holds a vault's keys, or any. One that is gone holds none; one that is silent may. */
  const holds = async (at: AgentSocket, vault: string | undefined): Promise<boolean> => {
    const answer = await askAgent(at, { op: 'status' }, undefined, usual);
    if (typeof answer === 'string' || !answer.header.ok) return answer !== 'absent';
    return (answer.header.held ?? []).some((held) => vault === undefined || held.vault === vault);
  };
  return {
    get isPossible() {
      return find() !== undefined;
    },
    get obstacle() {
      const at = find();
      return at && obstacleAt(at);
    },
    async get(name, hurries) {
      const answer = await ask({ op: 'get', ...name }, { hurries });
      if (answer === 'silent') return answer;
      return typeof answer === 'string' || answer.body.length === 0 ? undefined : new Keys(answer.body);
    },
    async put(name, keys, times) {
      const at = find();
      if (at === undefined) return false;
      const request = { op: 'put', ...name, ...times } as const;
      const answer = await ask(request, { body: keys.bytes });
      if (answer === 'silent') return false;
      if (answer !== 'absent') return answer.header.ok;
      const program = { node: outside.nodePath, script: outside.agentPath };
      if (!existsSync(program.script)) return false;
      seen.add(at.folder);
      return startAgent(at, program, request, keys.bytes);
    },
    async held(vault, hurries) {
      const answer = await ask({ op: 'status' }, { hurries });
      if (answer === 'silent') throw agentSilent();
      const list = typeof answer !== 'string' && answer.header.ok ? answer.header.held : undefined;
      return list?.find((entry) => entry.vault === vault);
    },
    async lock(vault) {
      // Another TMPDIR or XDG_RUNTIME_DIR may have been set when an agent was started.
      const all = new Set([...foldersOf(outside), ...outside.agentFolders, ...seen.read()]);
      let locked = 0;
      const silent: string[] = [];
      for (const folder of all) {
        const at = agentSocket([folder], outside.uid);
        const answer = at && (await askAgent(at, { op: 'lock', ...(vault && { vault }) }, undefined, usual));
        if (at === undefined || answer === undefined || answer === 'absent') continue;
        if (answer === 'silent' || !answer.header.ok || (await holds(at, vault))) silent.push(folder);
        else locked += 1;
      }
      if (silent.length > 0) throw agentSilent(silent);
      return locked;
    },
  };
}
