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
import { type DerivedKeys, wipe } from '../vault/secrets.ts';
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
  /** @returns false where somebody is there and does not answer */
  lock(vault: string): Promise<boolean>;
}

type AgentNeeds = Pick<Outside, 'env' | 'temporary' | 'uid' | 'nodePath' | 'agentPath'>;

/** $XDG_RUNTIME_DIR is private and gone at logout; else a folder of our own where temporary files go. */
function* foldersOf(outside: AgentNeeds): Iterable<string> {
  const runtime = outside.env['XDG_RUNTIME_DIR'];
  if (runtime && isAbsolute(runtime) && existsSync(runtime)) yield join(runtime, 'rapport');
  yield join(outside.temporary, `rapport-${outside.uid}`);
}

export function createAgent(outside: AgentNeeds): KeyAgent {
  let place: { readonly found: AgentPlace | undefined } | undefined;
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
        return existsSync(program.script) && (await startAgent(at, program, request, body));
      } finally {
        wipe(body);
      }
    },
    async held(vault) {
      const answer = await ask({ op: 'status' });
      const list = typeof answer !== 'string' && answer.header.ok ? answer.header.held : undefined;
      return list?.find((entry) => entry.vault === vault);
    },
    lock: async (vault) => (await ask({ op: 'lock', vault })) !== 'silent',
  };
}
