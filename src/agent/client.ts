/**
 * Asking the agent, and starting it. Whatever is wrong with it (absent, planted, silent, talking nonsense), there is
 * no answer and the command goes on as if there were none.
 */
import { type AgentPlace, preparePlace, socketIdentity } from './place.ts';
import {
  type AgentAnswer,
  type AgentRequest,
  answersKeys,
  type Message,
  MessageReader,
  readAnswer,
  writeRequest,
} from './protocol.ts';

const connectLimit = 200;
const answerLimit = 2000;

/** 'absent': nobody listens there, or it must not be spoken to. 'silent': somebody does, and gives no answer. */
export type NoAnswer = 'absent' | 'silent';

/** One exchange with the agent. @param body the keys that go with a `put`; not wiped here */
export async function askAgent(
  place: AgentPlace,
  request: AgentRequest,
  body?: Buffer,
): Promise<Message<AgentAnswer> | NoAnswer> {
  if (socketIdentity(place) === undefined) return 'absent';
  const { createConnection } = await import('node:net');
  return new Promise((done) => {
    const socket = createConnection(place.socket);
    const reader = new MessageReader(readAnswer, answersKeys);
    let failure: NoAnswer = 'silent';
    const finish = (answer: Message<AgentAnswer> | NoAnswer): void => {
      clearTimeout(timer);
      reader.wipe();
      socket.destroy();
      done(answer);
    };
    let timer = setTimeout(finish, connectLimit, failure);
    socket.once('connect', () => {
      clearTimeout(timer);
      timer = setTimeout(finish, answerLimit, failure);
      socket.write(writeRequest(request));
      if (body !== undefined) socket.write(body);
    });
    socket.on('data', (chunk) => {
      const read = reader.push(chunk);
      if (read !== 'more') finish(read === 'bad' ? failure : read);
    });
    socket.once('error', (error) => {
      if ('code' in error && (error.code === 'ECONNREFUSED' || error.code === 'ENOENT')) failure = 'absent';
      finish(failure);
    });
    socket.once('close', () => finish(failure));
  });
}

export interface AgentProgram {
  /** The Node that runs it, absolute. */
  readonly node: string;
  /** The bundled agent, absolute. */
  readonly script: string;
}

/** Without core dumps, which would hold the keys. */
const launch = 'ulimit -c 0; exec "$0" "$@"';

/**
 * Starts an agent in the background and hands it the first keys through its standard input, so that nobody has to
 * wait until it listens. If one is running already, the new one passes the keys on and ends.
 * @returns whether a process could be started
 */
export async function startAgent(
  place: AgentPlace,
  program: AgentProgram,
  request: AgentRequest,
  body: Buffer,
): Promise<boolean> {
  if (!preparePlace(place)) return false;
  const { spawn } = await import('node:child_process');
  return new Promise((done) => {
    const child = spawn('sh', ['-c', launch, program.node, program.script, place.folder], {
      cwd: '/',
      // Nothing of ours is inherited: neither secrets nor options of Node.
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
