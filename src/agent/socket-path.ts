/** Where the agent listens: a socket of mode 0600 in a folder of mode 0700, both the person's own. */
import { lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

export interface AgentSocket {
  readonly folder: string;
  readonly socket: string;
  readonly uid: number;
}

/** Longer socket paths are cut silently by the system, and something else would be bound. In bytes. */
const longestPath = 100;

/** The first folder whose socket path is short enough. Undefined where there is none, or no user ids (Windows). */
export function agentSocket(folders: Iterable<string>, uid: number | undefined): AgentSocket | undefined {
  if (uid === undefined) return undefined;
  for (const folder of folders) {
    const socket = join(folder, 'agent.sock');
    if (Buffer.byteLength(socket) < longestPath) return { folder, socket, uid };
  }
  return undefined;
}

/** Makes the folder where it is missing. @returns whether it is private */
export function prepareFolder(place: AgentSocket): boolean {
  try {
    mkdirSync(place.folder, { mode: 0o700 });
  } catch {
    // It is there already, or cannot be: the look at it tells.
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

/** A real folder, ours, and nobody else's to enter. */
export function isPrivateFolder({ folder, uid }: Pick<AgentSocket, 'folder' | 'uid'>): boolean {
  const found = look(folder);
  return found?.isDirectory() === true && found.uid === uid && (found.mode & 0o077) === 0;
}

/** Why the folder is not spoken to though something stands there, or undefined. */
export function obstacleAt({ folder, uid }: Pick<AgentSocket, 'folder' | 'uid'>): string | undefined {
  const found = look(folder);
  if (found === undefined || isPrivateFolder({ folder, uid })) return undefined;
  if (found.isSymbolicLink() || !found.isDirectory()) return `${folder} is not a folder`;
  if (found.uid !== uid) return `${folder} belongs to another user`;
  return `others can get into ${folder} (mode ${(found.mode & 0o7777).toString(8).padStart(4, '0')})`;
}

/** The socket's inode where it is one of ours in a folder of ours, else undefined: not to be spoken to. */
export function socketIdentity(place: AgentSocket): number | undefined {
  if (!isPrivateFolder(place)) return undefined;
  const found = look(place.socket);
  return found?.isSocket() && found.uid === place.uid && (found.mode & 0o077) === 0 ? found.ino : undefined;
}
