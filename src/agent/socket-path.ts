/** The agent's socket: mode 0600 in a folder of mode 0700, both the person's own. */
import { lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

export interface AgentSocket {
  readonly folder: string;
  readonly socket: string;
  readonly uid: number;
}

/** In bytes. Trap: the system silently cuts longer paths, and binds another. */
const longestPath = 100;

/** The first short enough path. Undefined where there is none, or no user ids (Windows). */
export function agentSocket(folders: Iterable<string>, uid: number | undefined): AgentSocket | undefined {
  if (uid === undefined) return undefined;
  for (const folder of folders) {
    const socket = join(folder, 'agent.sock');
    if (Buffer.byteLength(socket) < longestPath) return { folder, socket, uid };
  }
  return undefined;
}

export function prepareFolder(place: AgentSocket): boolean {
  try {
    mkdirSync(place.folder, { mode: 0o700 });
  } catch {
    // Checked below.
  }
  return isPrivateFolder(place);
}

const look = (path: string) => {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
};

export function isPrivateFolder({ folder, uid }: Pick<AgentSocket, 'folder' | 'uid'>): boolean {
  const found = look(folder);
  return found?.isDirectory() === true && found.uid === uid && (found.mode & 0o077) === 0;
}

export function obstacleAt({ folder, uid }: Pick<AgentSocket, 'folder' | 'uid'>): string | undefined {
  const found = look(folder);
  if (found === undefined || isPrivateFolder({ folder, uid })) return undefined;
  if (found.isSymbolicLink() || !found.isDirectory()) return `${folder} is not a folder`;
  if (found.uid !== uid) return `${folder} belongs to another user`;
  return `others can get into ${folder} (mode ${(found.mode & 0o7777).toString(8).padStart(4, '0')})`;
}

/** Its inode; undefined where it must not be spoken to. */
export function socketIdentity(place: AgentSocket): number | undefined {
  if (!isPrivateFolder(place)) return undefined;
  const found = look(place.socket);
  return found?.isSocket() && found.uid === place.uid && (found.mode & 0o077) === 0 ? found.ino : undefined;
}
