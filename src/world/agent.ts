/** The agent as the keeper sees it: keys by name, and nothing where there is none. */
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { askAgent, type NoAnswer, startAgent } from '../agent/client.ts';
import { type AgentPlace, agentPlace } from '../agent/place.ts';
import {
  type AgentAnswer,
  type AgentRequest,
  type HeldKeys,
  type KeysName,
  type Message,
  packKeys,
  unpackKeys,
} from '../agent/protocol.ts';
import { Failure } from '../errors.ts';
import { type DerivedKeys, wipe } from '../vault/secrets.ts';
import { agentsSeen } from './agents-seen.ts';
import type { Outside } from './outside.ts';

export interface KeyAgent {
  /** False on systems where nothing can vouch for who is at the other end. */
  readonly isPossible: boolean;
  get(name: KeysName): Promise<DerivedKeys | undefined>;
  /** Hands keys to the agent, starting one where none runs. @returns whether there was somebody to take them */
  put(
    name: KeysName,
    keys: DerivedKeys,
    times: { readonly idle: number; readonly total: number },
  ): Promise<boolean>;
  /** What it holds of a vault. */
  held(vault: string): Promise<HeldKeys | undefined>;
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

export function createAgent(outside: AgentNeeds): KeyAgent {
  let place: { readonly found: AgentPlace | undefined } | undefined;
  const seen = agentsSeen(outside);
  const find = (): AgentPlace | undefined => {
    place ??= { found: agentPlace(foldersOf(outside), outside.uid) };
    return place.found;
  };
  const ask = async (request: AgentRequest): Promise<Message<AgentAnswer> | NoAnswer> => {
    const at = find();
    return at === undefined ? 'absent' : askAgent(at, request);
  };
  return {
    get isPossible() {
      return find() !== undefined;
    },
    async get(name) {
      const answer = await ask({ op: 'get', ...name });
      return typeof answer === 'string' || answer.body.length === 0 ? undefined : unpackKeys(answer.body);
    },
    async put(name, keys, times) {
      const at = find();
      if (at === undefined) return false;
      const request = { op: 'put', ...name, ...times } as const;
      const body = packKeys(keys);
      try {
        const answer = await askAgent(at, request, body);
        if (typeof answer !== 'string') return answer.header.ok;
        const program = { node: outside.nodePath, script: outside.agentPath };
        if (!existsSync(program.script)) return false;
        seen.add(at.folder);
        return await startAgent(at, program, request, body);
      } finally {
        wipe(body);
      }
    },
    async held(vault) {
      const answer = await ask({ op: 'status' });
      const list = typeof answer !== 'string' && answer.header.ok ? answer.header.held : undefined;
      return list?.find((entry) => entry.vault === vault);
    },
    async lock(vault) {
      // Another TMPDIR or XDG_RUNTIME_DIR may have been set when an agent was started.
      const all = new Set([...foldersOf(outside), ...outside.agentFolders, ...seen.read()]);
      let locked = 0;
      const silent: string[] = [];
      for (const folder of all) {
        const at = agentPlace([folder], outside.uid);
        const answer = at && (await askAgent(at, { op: 'lock', ...(vault !== undefined && { vault }) }));
        if (at === undefined || answer === undefined || answer === 'absent') continue;
        if (answer !== 'silent' && answer.header.ok && !(await holds(at, vault))) locked += 1;
        else silent.push(folder);
      }
      if (silent.length > 0)
        throw new Failure('busy', `the agent in ${silent.join(' and in ')} does not answer`, [
          'try again in a moment, or end the process called rapport-agent',
        ]);
      return locked;
    },
  };
}

/** How often, and after how many milliseconds, an agent is looked at that may be ending: it holds nothing any more. */
const looks = 20;
const lookEvery = 50;

/** Whether an agent holds a vault's keys, or any. One that is gone holds none. */
async function holds(at: AgentPlace, vault: string | undefined): Promise<boolean> {
  for (let left = looks; left > 0; left -= 1) {
    const answer = await askAgent(at, { op: 'status' });
    if (answer === 'absent') return false;
    if (answer !== 'silent' && answer.header.ok)
      return (answer.header.held ?? []).some((held) => vault === undefined || held.vault === vault);
    await new Promise((resolve) => setTimeout(resolve, lookEvery));
  }
  return true;
}
