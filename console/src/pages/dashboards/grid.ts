/** Tiles on a grid of twelve columns: moved and resized, with the others out of the way. Pure. */

export const COLUMNS = 12;
const ROWS = 20;

export interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** The nearest place within the grid. */
export function fitted({ x, y, w, h }: Place): Place {
  const width = clamp(Math.round(w), 1, COLUMNS);
  return {
    x: clamp(Math.round(x), 0, COLUMNS - width),
    y: Math.max(0, Math.round(y)),
    w: width,
    h: clamp(Math.round(h), 1, ROWS),
  };
}

export function overlap(a: Place, b: Place): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/** All tiles with the one at `index` in another place; what it would lie on moves down, and all close up to the top. */
export function placed<T extends Place>(tiles: readonly T[], index: number, place: Place): T[] {
  const next = tiles.map((tile, n) => (n === index ? { ...tile, ...fitted(place) } : { ...tile }));
  const order = next
    .map((tile, n) => ({ tile, n }))
    .sort((a, b) => a.tile.y - b.tile.y || Number(b.n === index) - Number(a.n === index) || a.tile.x - b.tile.x);
  const set: T[] = [];
  for (const { tile } of order) {
    while (tile.y > 0 && !set.some((held) => overlap({ ...tile, y: tile.y - 1 }, held))) tile.y -= 1;
    while (set.some((held) => overlap(tile, held))) tile.y += 1;
    set.push(tile);
  }
  return next;
}

/** The first row under all tiles. */
export function foot(tiles: readonly Place[]): number {
  return tiles.reduce((most, tile) => Math.max(most, tile.y + tile.h), 0);
}
