/** How fast recordings are played, and of which frames. Pure. */

export const SPEEDS = [-16, -8, -4, -2, -1, 0.5, 1, 2, 4, 8, 16] as const;
/** Faster than this no browser decodes every frame of several cameras. */
const DECODED = 4;
/** Pictures a second of key frames at most: more are no easier to see, and cost the network. */
const PICTURES = 8;

export interface Mode {
  frames: "all" | "keys";
  backward: boolean;
  /** Least time between two key frames, ms. */
  every: number;
}

/** What to ask the server for at a speed; `weak` is the slowest speed that this machine failed to decode. */
export function modeOf(speed: number, weak = Infinity): Mode {
  if (speed > 0 && speed <= DECODED && speed < weak) return { frames: "all", backward: false, every: 0 };
  return { frames: "keys", backward: speed < 0, every: Math.round((Math.abs(speed) * 1000) / PICTURES) };
}

export const sameMode = (one: Mode, other: Mode): boolean =>
  one.frames === other.frames && one.backward === other.backward && one.every === other.every;

/** The next faster (`step` 1) or slower speed; past the slowest forward lies backward. */
export function nextSpeed(speed: number, step: 1 | -1): number {
  const at = SPEEDS.findIndex((one) => one === speed);
  return SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + step))] ?? 1;
}

/** "−2", "½", "16". */
export function speedText(speed: number): string {
  return speed === 0.5 ? "½" : String(speed).replace("-", "−");
}
