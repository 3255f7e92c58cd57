/** Checks and orders the `replaces` links of imported notes. */

interface Linked {
  readonly id?: string;
  readonly replaces: string | null;
}

/**
 * Notes with a bad link, and why. A note that replaces a bad new one is bad too.
 * @param isHeld whether the vault has the note for this patient
 * @param heldLink what a note of the vault replaces
 */
export function failingLinks<N extends Linked>(
  notes: readonly N[],
  isHeld: (id: string) => boolean,
  heldLink: (id: string) => string | null,
): ReadonlyMap<N, string> {
  const byId = new Map(notes.flatMap((note) => (note.id === undefined ? [] : [[note.id, note] as const])));
  const failing = new Map<N, string>();
  const inCircle = circling(byId, heldLink);
  const following = new Map<string, N[]>();
  const broken: N[] = [];
  for (const note of notes) {
    if (note.replaces === null) continue;
    const isCircle = note.id !== undefined && inCircle.has(note.id);
    if (isCircle || !(byId.has(note.replaces) || isHeld(note.replaces))) {
      failing.set(note, isCircle ? 'leads in a circle' : 'leads to no note of this patient');
      broken.push(note);
    }
    const others = following.get(note.replaces);
    if (others === undefined) following.set(note.replaces, [note]);
    else others.push(note);
  }
  for (let next = broken.pop(); next !== undefined; next = broken.pop()) {
    if (next.id === undefined || isHeld(next.id)) continue;
    for (const follower of following.get(next.id) ?? []) {
      if (failing.has(follower)) continue;
      failing.set(follower, 'leads to a note that is left out');
      broken.push(follower);
    }
  }
  return failing;
}

/** Ids on a circle; walks each link once. */
function circling(
  byId: ReadonlyMap<string, Linked>,
  heldLink: (id: string) => string | null,
): ReadonlySet<string> {
  const done = new Set<string>();
  const found = new Set<string>();
  for (const start of byId.keys()) {
    const path = new Map<string, number>();
    let at: string | null = start;
    while (at !== null && !done.has(at)) {
      const entered = path.get(at);
      if (entered !== undefined) {
        for (const [id, place] of path) if (place >= entered) found.add(id);
        break;
      }
      path.set(at, path.size);
      const note: Linked | undefined = byId.get(at);
      at = note === undefined ? heldLink(at) : note.replaces;
    }
    for (const id of path.keys()) done.add(id);
  }
  return found;
}

/** Each note after the one that it replaces. */
export function inOrderOfReplacing<N extends Linked>(notes: readonly N[]): readonly N[] {
  const byId = new Map(notes.flatMap((note) => (note.id === undefined ? [] : [[note.id, note] as const])));
  const ordered = new Set<N>();
  for (const note of notes) {
    const chain: N[] = [];
    for (
      let next: N | undefined = note;
      next !== undefined && !ordered.has(next);
      next = next.replaces === null ? undefined : byId.get(next.replaces)
    )
      chain.push(next);
    for (const link of chain.reverse()) ordered.add(link);
  }
  return [...ordered];
}
