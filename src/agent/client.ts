/** Asking the agent, and starting it. A silent agent is waited for: on a loaded machine it may take its time. */
import {
  type AgentAnswer,
  type AgentRequest,
  answersKeys,
  type Message,
  MessageReader,
  readAnswer,
  writeRequest,
} from './protocol.ts';
import { type AgentSocket, prepareFolder, socketIdentity } from './socket-path.ts';

/** Milliseconds: without a terminal, with one, and where a shell's prompt or Tab waits. */
export const patience = { script: 5000, terminal: 2000, prompt: 200 } as const;
/** Milliseconds before trying again. */
const pause = 25;

/** 'absent': nobody listens, or must not be spoken to. 'silent': no answer. */
export type NoAnswer = 'absent' | 'silent';

/** Monotonic. Of Node's clocks, `performance` loads ten modules first. */
const milliseconds = (): number => Number(process.hrtime.bigint() / 1_000_000n);

/** @param body not wiped here. @param limit milliseconds, looked up once a prompt's patience is over */
export async function askAgent(
  place: AgentSocket,
  request: AgentRequest,
  body?: Buffer,
  limit: () => number = () => patience.script,
): Promise<Message<AgentAnswer> | NoAnswer> {
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

/** @returns 'refused' where it has no room, or hung up */
async function exchange(
  place: AgentSocket,
  { request, body }: { readonly request: AgentRequest; readonly body: Buffer | undefined },
  left: () => number,
): Promise<Message<AgentAnswer> | NoAnswer | 'refused'> {
  const { createConnection } = await import('node:net');
  return new Promise((done) => {
    const socket = createConnection(place.socket);
    const reader = new MessageReader(readAnswer, answersKeys);
    let timer: NodeJS.Timeout | undefined;
    const finish = (answer: Message<AgentAnswer> | NoAnswer | 'refused'): void => {
      clearTimeout(timer);
      reader.wipe();
      socket.destroy();
      done(answer);
    };
    const wait = (): void => {
      if (socket.destroyed) return;
      const time = left();
      // Reads first what came while this process waited for the machine.
      if (time > 0) timer = setTimeout(() => setImmediate(wait), time);
      else finish('silent');
    };
    wait();
    socket.once('connect', () => {
      socket.write(writeRequest(request));
      if (body !== undefined) socket.write(body);
    });
    socket.on('data', (chunk) => {
      const read = reader.push(chunk);
      if (read !== 'more') finish(read === 'bad' ? 'silent' : read);
    });
    socket.once('error', (error) => {
      const isNobody = 'code' in error && (error.code === 'ECONNREFUSED' || error.code === 'ENOENT');
      finish(isNobody ? 'absent' : 'refused');
    });
    socket.once('close', () => finish('refused'));
  });
}

export interface AgentProgram {
  readonly node: string;
  readonly script: string;
}

/** Core dumps would hold the keys. */
const launch = 'ulimit -c 0; exec "$0" "$@"';

/** The first keys go through its standard input, so that nobody waits until it listens. @returns whether it started */
export async function startAgent(
  place: AgentSocket,
  program: AgentProgram,
  request: AgentRequest,
  body: Buffer,
): Promise<boolean> {
  if (!prepareFolder(place)) return false;
  const { spawn } = await import('node:child_process');
  return new Promise((done) => {
    const child = spawn('sh', ['-c', launch, program.node, program.script, place.folder], {
      cwd: '/',
      // Inherits neither secrets nor options of Node.
      env: {},
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.once('error', () => done(false));
    child.stdin.on('error', () => done(false));
    child.stdin.write(writeRequest(request));
    child.stdin.end(body, () => {
      child.unref();
      done(true);
    });
  });
}
