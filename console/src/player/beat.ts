/** One timer for all live players of the page: a wall of them has none of its own. */

export const BEAT_MS = 100;

const players = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Calls back on each beat until what it returns is called. */
export function onBeat(player: () => void): () => void {
  players.add(player);
  timer ??= setInterval(() => [...players].forEach((each) => each()), BEAT_MS);
  return () => {
    players.delete(player);
    if (players.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
