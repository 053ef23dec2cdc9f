import type { Samples } from "../../api/types";
import { grade } from "../../site/quality";

/** Columns for the chart: seconds, and numbers or null where there was no good value. Points at the same time keep the last. */
export function series(samples: Samples): [number[], (number | null)[]] {
  const times: number[] = [];
  const values: (number | null)[] = [];
  const order = samples.times.every((time, i) => i === 0 || time >= (samples.times[i - 1] ?? 0))
    ? null
    : samples.times.map((_, i) => i).sort((a, b) => (samples.times[a] ?? 0) - (samples.times[b] ?? 0));
  for (let n = 0; n < samples.times.length; n++) {
    const i = order ? (order[n] ?? 0) : n;
    const seconds = (samples.times[i] ?? 0) / 1e6;
    const raw = samples.values[i];
    const good = grade(samples.qualities[i] ?? 0) !== "bad";
    const value = !good ? null : typeof raw === "boolean" ? Number(raw) : typeof raw === "number" ? raw : null;
    if (times.length > 0 && times[times.length - 1] === seconds) values[values.length - 1] = value;
    else {
      times.push(seconds);
      values.push(value);
    }
  }
  return [times, values];
}
