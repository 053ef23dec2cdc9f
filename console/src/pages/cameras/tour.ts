import type { TourStop } from "../../api/types";

/** What the server takes of one tour. */
export const MOST_STOPS = 64;
export const HOME = "home";
const PLACE = "place";
const PRESET = "preset:";

/** Where a stop looks, as a choice names it. */
export function whereOf(stop: TourStop): string {
  if (stop.preset) return PRESET + stop.preset;
  return stop.place ? PLACE : HOME;
}

/** What a choice makes of a stop; a place without a name stays as it was. */
export function asStop(where: string, stop: TourStop): Partial<TourStop> {
  if (where.startsWith(PRESET)) return { preset: where.slice(PRESET.length), home: false, place: null };
  if (where === PLACE) return { preset: "", home: false, place: stop.place };
  return { preset: "", home: true, place: null };
}

/** The list with the entry at `from` put at `to`. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const rest = list.filter((_, at) => at !== from);
  const one = list[from];
  return one === undefined ? rest : [...rest.slice(0, to), one, ...rest.slice(to)];
}
