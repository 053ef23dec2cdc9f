import { BEAT_MS, onBeat } from "./beat";
import { Load, LOOK_MS, type Sample } from "./load";

/** All live pictures of the page: they share what the computer can decode and draw. */
const load = new Load();
const samples = new Map<object, () => Sample | null>();
let beats = 0;
let leave: (() => void) | null = null;

function look(): void {
  if (++beats % (LOOK_MS / BEAT_MS) !== 0) return;
  const found = new Map<object, Sample>();
  for (const [key, sample] of samples) {
    const one = sample();
    // A page that nobody sees draws nothing, and that is no fault.
    if (one && !document.hidden) found.set(key, one);
  }
  load.look(found, performance.now());
}

/**
 * Lets a picture of `size` (pixels on the screen) share; `change` tells how far it shall go down, `floor` at most. Ends by what it
 * returns.
 */
export function share(size: number, floor: number, sample: () => Sample | null, change: (level: number) => void): () => void {
  const key = {};
  samples.set(key, sample);
  load.add(key, size, floor, performance.now(), change);
  leave ??= onBeat(look);
  return () => {
    samples.delete(key);
    load.remove(key);
    if (samples.size > 0) return;
    leave?.();
    leave = null;
  };
}
