/** A small chart's line. */
export interface Line {
  /** SVG path in a box of `width` by `height`. */
  path: string;
  /** What the top of the box stands for. */
  top: number;
}

/**
 * Draws values over [start, end] (as `times`, in microseconds). Where more than two steps lie between two of them nothing
 * arrived, and the line is broken. The scale begins at 0 and ends at the greatest value, `least` at least.
 */
export function spark(
  times: readonly number[],
  values: readonly number[],
  {
    start,
    end,
    step,
    width,
    height,
    least,
  }: { start: number; end: number; step: number; width: number; height: number; least: number },
): Line {
  const top = values.reduce((most, value) => Math.max(most, value), least);
  let path = "";
  let before = -Infinity;
  times.forEach((time, n) => {
    const x = (((time - start) / (end - start)) * width).toFixed(1);
    const y = (height - ((values[n] ?? 0) / top) * height).toFixed(1);
    // A lone value is drawn as a dot: a line of no length with round ends.
    path += time - before > 2 * step ? `M${x} ${y}h0` : `L${x} ${y}`;
    before = time;
  });
  return { path, top };
}
