/** Digital zoom of a picture: how large, and where it lies. Pure; pixels of the frame. */

export interface View {
  scale: number;
  x: number;
  y: number;
}

export const WHOLE: View = { scale: 1, x: 0, y: 0 };
const LARGEST = 12;

interface Size {
  width: number;
  height: number;
}

/** Keeps the picture over its frame, so that no edge comes in. */
function held({ scale, x, y }: View, { width, height }: Size): View {
  const between = (value: number, least: number): number => Math.min(0, Math.max(least, value));
  return { scale, x: between(x, width * (1 - scale)), y: between(y, height * (1 - scale)) };
}

/** Enlarges by a factor; what lies at (`atX`, `atY`) of the frame stays there. */
export function enlarge(view: View, factor: number, atX: number, atY: number, size: Size): View {
  const scale = Math.min(LARGEST, Math.max(1, view.scale * factor));
  const by = scale / view.scale;
  return held({ scale, x: atX - (atX - view.x) * by, y: atY - (atY - view.y) * by }, size);
}

export function move(view: View, dx: number, dy: number, size: Size): View {
  return held({ scale: view.scale, x: view.x + dx, y: view.y + dy }, size);
}
