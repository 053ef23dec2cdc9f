/** The site's zone: screens show its wall time, whatever the browser's own zone is. Pure. */

const parts = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  let found = parts.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    parts.set(zone, found);
  }
  return found;
}

export interface Wall {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

/** Wall time in `zone` of a moment in milliseconds. */
export function wall(ms: number, zone: string): Wall {
  const out: Record<string, number> = {};
  for (const { type, value } of formatter(zone).formatToParts(ms)) out[type] = Number(value);
  return out as unknown as Wall;
}

/** Milliseconds that `zone` is ahead of UTC at a moment. */
export function offset(ms: number, zone: string): number {
  const w = wall(ms, zone);
  const asUtc = Date.UTC(w.year, w.month - 1, w.day, w.hour, w.minute, w.second);
  return asUtc - Math.floor(ms / 1000) * 1000;
}

/** The moment (ms) of a wall time in `zone`; a time that occurs twice is the first, one that is skipped moves forward. */
export function moment(w: Wall, zone: string): number {
  const guess = Date.UTC(w.year, w.month - 1, w.day, w.hour, w.minute, w.second);
  const before = guess - offset(guess - 86_400_000, zone);
  const after = guess - offset(guess + 86_400_000, zone);
  if (before === after) return before;
  const fits = [before, after].filter((ms) => ms + offset(ms, zone) === guess);
  return fits.length > 0 ? Math.min(...fits) : Math.max(before, after);
}

/** Midnight (ms) of the day in `zone` that holds `ms`, plus `days`. Days have 23, 24 or 25 hours. */
export function midnight(ms: number, zone: string, days = 0): number {
  const w = wall(ms, zone);
  return moment({ year: w.year, month: w.month, day: w.day + days, hour: 0, minute: 0, second: 0 }, zone);
}

const two = (n: number): string => String(n).padStart(2, "0");

/** "14:03:22" */
export function clock(ms: number, zone: string, seconds = true): string {
  const w = wall(ms, zone);
  return `${two(w.hour)}:${two(w.minute)}${seconds ? `:${two(w.second)}` : ""}`;
}

/** "2026-11-21" */
export function day(ms: number, zone: string): string {
  const w = wall(ms, zone);
  return `${w.year}-${two(w.month)}-${two(w.day)}`;
}

/** Clock alone for today, with the date before it otherwise. */
export function stamp(ms: number, zone: string, now: number): string {
  const date = day(ms, zone);
  return date === day(now, zone) ? clock(ms, zone) : `${date} ${clock(ms, zone)}`;
}

/** The value of a datetime-local field, "2026-11-21T14:03:22". */
export function toField(ms: number, zone: string): string {
  return `${day(ms, zone)}T${clock(ms, zone)}`;
}

/** The moment (ms) that a datetime-local field names in `zone`, or null when it names none. */
export function fromField(value: string, zone: string): number | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?/.exec(value);
  if (!found) return null;
  const [year, month, dayOf, hour, minute, second] = found.slice(1).map((part: string | undefined) => Number(part ?? 0));
  return moment(
    { year: year ?? 0, month: month ?? 0, day: dayOf ?? 0, hour: hour ?? 0, minute: minute ?? 0, second: second ?? 0 },
    zone,
  );
}
