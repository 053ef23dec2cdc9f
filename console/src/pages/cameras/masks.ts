/** Privacy masks of an export: rectangles in percent of the picture, by camera. */

export interface Mask {
  camera: string;
  left: number;
  top: number;
  width: number;
  height: number;
}

interface Point {
  x: number;
  y: number;
}

const SMALLEST = 0.5;

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The rectangle between two points in percent, within the picture; null where it is a click and no rectangle. */
export function between(camera: string, a: Point, b: Point): Mask | null {
  const clamp = (value: number): number => Math.min(100, Math.max(0, value));
  const [left, right] = [clamp(Math.min(a.x, b.x)), clamp(Math.max(a.x, b.x))];
  const [top, bottom] = [clamp(Math.min(a.y, b.y)), clamp(Math.max(a.y, b.y))];
  if (right - left < SMALLEST || bottom - top < SMALLEST) return null;
  return fit({ camera, left, top, width: right - left, height: bottom - top });
}

/** The mask with numbers that the server takes: tenths, nothing beyond the picture. */
export function fit(mask: Mask): Mask {
  const left = tenth(Math.min(99, Math.max(0, mask.left)));
  const top = tenth(Math.min(99, Math.max(0, mask.top)));
  return {
    camera: mask.camera,
    left,
    top,
    width: tenth(Math.min(100 - left, Math.max(SMALLEST, mask.width))),
    height: tenth(Math.min(100 - top, Math.max(SMALLEST, mask.height))),
  };
}

/** The mask as a parameter of the export. */
export function parameter({ camera, left, top, width, height }: Mask): string {
  return [camera, left, top, width, height].join(":");
}
