/** Where a camera is to go: each from −1 to 1; right, up and in are positive. Pure. */
export interface Vector {
  pan: number;
  tilt: number;
  zoom: number;
}

export const STILL: Vector = { pan: 0, tilt: 0, zoom: 0 };

/** The directions of the pad, row by row; the middle is home. */
export const DIRECTIONS: readonly (readonly [name: string, pan: number, tilt: number])[] = [
  ["upleft", -1, 1],
  ["up", 0, 1],
  ["upright", 1, 1],
  ["left", -1, 0],
  ["home", 0, 0],
  ["right", 1, 0],
  ["downleft", -1, -1],
  ["down", 0, -1],
  ["downright", 1, -1],
];

const KEYS: Record<string, Partial<Vector>> = {
  ArrowLeft: { pan: -1 },
  ArrowRight: { pan: 1 },
  ArrowUp: { tilt: 1 },
  ArrowDown: { tilt: -1 },
  "+": { zoom: 1 },
  "=": { zoom: 1 },
  PageUp: { zoom: 1 },
  "-": { zoom: -1 },
  PageDown: { zoom: -1 },
};

export const isMoveKey = (key: string): boolean => key in KEYS;

/** The movement of the keys that are held down together; opposite ones cancel each other. */
export function ofKeys(held: ReadonlySet<string>, speed: number): Vector {
  const sum = { ...STILL };
  for (const key of held) {
    const one = KEYS[key] ?? {};
    sum.pan += one.pan ?? 0;
    sum.tilt += one.tilt ?? 0;
    sum.zoom += one.zoom ?? 0;
  }
  const axis = (value: number): number => Math.sign(value) * speed;
  return { pan: axis(sum.pan), tilt: axis(sum.tilt), zoom: axis(sum.zoom) };
}

export const isStill = (vector: Vector): boolean => vector.pan === 0 && vector.tilt === 0 && vector.zoom === 0;
