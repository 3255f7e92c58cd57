/** The agent's process, `node agent.cjs FOLDER`, its first keys on standard input. Reads `process` and the clock. */
import { url } from 'node:inspector';
import { agentSocket } from './protocol.ts';
import { serveAgent } from './server.ts';

// Trap: without a listener, Node opens its debugger at this signal.
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
