/**
 * The agent as a process: `node agent.cjs FOLDER`, its first keys on standard input. The only file besides
 * `host/process.ts` that knows of `process` and the clock: it is the outside of a process of its own.
 */
import { url } from 'node:inspector';
import { serveAgent } from './server.ts';
import { agentSocket } from './socket-path.ts';

// Node opens its debugger at this signal unless somebody listens for it; the debugger would show the keys.
process.on('SIGUSR1', () => undefined);
process.umask(0o177);
process.title = 'rapport-agent';

process.on('uncaughtException', () => process.exit(1));

async function run(): Promise<void> {
  const [folder] = process.argv.slice(2);
  const place = agentSocket(folder === undefined ? [] : [folder], process.getuid?.());
  if (place === undefined || url() !== undefined) return;
  const clocks = { wall: Date.now, monotonic: () => performance.now() };
  const agent = await serveAgent({ place, clocks, first: process.stdin });
  if (agent === undefined) return;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, agent.stop);
  await agent.ended;
}

void run().finally(() => process.exit());
