/** A person's agents, as a vault sees them. A silent agent is waited for: on a loaded machine it may take its time. */
import { existsSync } from 'node:fs';
import { busy, type Failure } from '../errors.ts';
import { Keys } from '../keys.ts';
import {
  type AgentAnswer,
  type AgentRequest,
  type AgentSocket,
  agentSocket,
  type HeldKeys,
  type KeysName,
  type Message,
  obstacleAt,
  prepareFolder,
  readAnswer,
  readMessage,
  socketIdentity,
  writeLine,
} from './protocol.ts';

/** Milliseconds: without a terminal, with one, and where a shell's prompt or Tab waits. */
const patience = { script: 5000, terminal: 2000, prompt: 200 } as const;
/** Milliseconds before trying again. */
const pause = 25;

/** 'absent': nobody listens, or must not be spoken to. 'silent': no answer. */
type Answered = Message<AgentAnswer> | 'absent' | 'silent';

/** Monotonic. Of Node's clocks, `performance` loads ten modules first. */
const milliseconds = (): number => Number(process.hrtime.bigint() / 1_000_000n);

/** @param body not wiped here. @param limit milliseconds, looked up once a prompt's patience is over */
export async function askAgent(
  place: AgentSocket,
  request: AgentRequest,
  body?: Buffer,
  limit: () => number = () => patience.script,
): Promise<Answered> {
  const start = milliseconds();
  const left = (): number => {
    const waited = milliseconds() - start;
    return (waited < patience.prompt ? patience.prompt : limit()) - waited;
  };
  for (;;) {
    if (socketIdentity(place) === undefined) return 'absent';
    const answer = await exchange(place, { request, body }, left);
    if (answer !== 'refused') return answer;
    if (left() <= 0) return 'silent';
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

const meanings: Readonly<Record<string, 'absent' | 'silent'>> = {
  ECONNREFUSED: 'absent',
  ENOENT: 'absent',
  bad: 'silent',
  late: 'silent',
};

/** @returns 'refused' where it has no room, or hung up */
async function exchange(
  place: AgentSocket,
  { request, body }: { readonly request: AgentRequest; readonly body: Buffer | undefined },
  left: () => number,
): Promise<Answered | 'refused'> {
  const { createConnection } = await import('node:net');
  const socket = createConnection(place.socket);
  socket.once('connect', () => {
    socket.write(writeLine(request));
    if (body !== undefined) socket.write(body);
  });
  const answer = await readMessage(socket, readAnswer, left(), left);
  socket.destroy();
  return typeof answer === 'string' ? (meanings[answer] ?? 'refused') : answer;
}

/** Core dumps would hold the keys. */
const launch = 'ulimit -c 0; exec "$0" "$@"';

/** The first keys go through its standard input, so that nobody waits until it listens. @returns whether it started */
async function startAgent(
  place: AgentSocket,
  { nodePath, agentPath }: AgentProgram,
  request: AgentRequest,
  body: Buffer,
): Promise<boolean> {
  if (!prepareFolder(place)) return false;
  const { spawn } = await import('node:child_process');
  return new Promise((done) => {
    const child = spawn('sh', ['-c', launch, nodePath, agentPath, place.folder], {
      cwd: '/',
      // Inherits neither secrets nor options of Node.
      env: {},
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.once('error', () => done(false));
    child.stdin.on('error', () => done(false));
    child.stdin.write(writeLine(request));
    child.stdin.end(body, () => {
      child.unref();
      done(true);
    });
  });
}

interface AgentProgram {
  readonly uid: number | undefined;
  readonly nodePath: string;
  readonly agentPath: string;
}

interface AgentFolders {
  /** The best first: an agent is asked and started there. */
  readonly usual: () => readonly string[];
  /** Where else agents may be, started under another environment. */
  readonly others: () => readonly string[];
  readonly add: (folder: string) => void;
}

export type Agents = ReturnType<typeof createAgents>;

/** Trap: never to be mistaken for a locked vault. */
export const agentSilent = (folders: readonly string[] = []): Failure =>
  busy(
    `the agent ${folders.map((folder) => `in ${folder} `).join('and ')}does not answer`,
    'try again in a moment, or end the process called rapport-agent',
  );

/** @throws busy for a silent one */
function heldBy(answer: Answered, folders?: readonly string[]): readonly HeldKeys[] {
  if (answer === 'absent') return [];
  if (answer === 'silent' || !answer.header.ok) throw agentSilent(folders);
  return answer.header.held ?? [];
}

/** @param canAsk whether a person can be asked in place of a silent agent */
export function createAgents(program: AgentProgram, folders: AgentFolders, canAsk: () => boolean) {
  const { uid } = program;
  const find = (): AgentSocket | undefined => agentSocket(folders.usual(), uid);
  const usual = (): number => (canAsk() ? patience.terminal : patience.script);
  const ask = async (request: AgentRequest, hurries = false, body?: Buffer): Promise<Answered> => {
    const at = find();
    if (at === undefined) return 'absent';
    return askAgent(at, request, body, hurries ? () => patience.prompt : usual);
  };
  async function* askAll(request: AgentRequest): AsyncGenerator<readonly [AgentSocket, Answered]> {
    for (const folder of new Set([...folders.usual(), ...folders.others()])) {
      const at = agentSocket([folder], uid);
      const answer = at === undefined ? 'absent' : await askAgent(at, request, undefined, usual);
      if (at !== undefined && answer !== 'absent') yield [at, answer];
    }
  }
  /** A silent one may hold keys. */
  const holds = async (at: AgentSocket, vault: string | undefined): Promise<boolean> => {
    const answer = await askAgent(at, { op: 'status' }, undefined, usual);
    if (typeof answer === 'string' || !answer.header.ok) return answer !== 'absent';
    return heldBy(answer).some((held) => vault === undefined || held.vault === vault);
  };
  const held = async (vault: string, hurries?: boolean): Promise<HeldKeys | undefined> =>
    heldBy(await ask({ op: 'status' }, hurries)).find((entry) => entry.vault === vault);
  return {
    /** False where nothing authenticates the other end (Windows). */
    get isPossible(): boolean {
      return find() !== undefined;
    },
    get obstacle(): string | undefined {
      const at = find();
      return at && obstacleAt(at);
    },
    async get({ vault, generation }: KeysName, hurries?: boolean): Promise<Keys | 'silent' | undefined> {
      const answer = await ask({ op: 'get', vault, generation }, hurries);
      if (answer === 'silent') return answer;
      return answer === 'absent' || answer.body.length === 0 ? undefined : new Keys(answer.body);
    },
    /** Starts an agent where none runs. @returns whether one took them */
    async put(
      { vault, generation }: KeysName,
      { bytes }: Keys,
      times: { readonly idle: number; readonly total: number },
    ): Promise<boolean> {
      const at = find();
      const request = { op: 'put', vault, generation, ...times } as const;
      const answer = await ask(request, false, bytes);
      if (at === undefined || answer === 'silent') return false;
      if (answer !== 'absent') return answer.header.ok;
      if (!existsSync(program.agentPath)) return false;
      folders.add(at.folder);
      return startAgent(at, program, request, bytes);
    },
    /** @throws busy where it does not answer */
    held,
    /** A silent one must not prevent what is done. */
    has: (vault: string): Promise<boolean> =>
      held(vault).then(
        (found) => found !== undefined,
        () => false,
      ),
    /** @throws busy where one does not answer */
    async all({ vault, generation }: KeysName) {
      const all = [];
      for await (const [{ folder }, answer] of askAll({ op: 'status' })) {
        const held = heldBy(answer, [folder]).find(
          (entry) => entry.vault === vault && entry.generation === generation,
        );
        all.push({ folder, isAsked: folder === find()?.folder, held });
      }
      return all;
    },
    /** Then checks that the keys are gone. @returns how many did. @throws busy where one is silent or holds them */
    async lock(vault: string | undefined): Promise<number> {
      let locked = 0;
      const silent: string[] = [];
      for await (const [at, answer] of askAll({ op: 'lock', ...(vault && { vault }) })) {
        const isDone = typeof answer !== 'string' && answer.header.ok;
        if (!isDone || (await holds(at, vault))) silent.push(at.folder);
        else locked += 1;
      }
      if (silent.length > 0) throw agentSilent(silent);
      return locked;
    },
  };
}
