import { t } from "../text/t";

/** Bytes as "1.4 MB". */
export function size(bytes: number): string {
  if (bytes < 1000) return t("unit.b", { n: Math.round(bytes) });
  if (bytes < 1e6) return t("unit.kb", { n: (bytes / 1e3).toFixed(0) });
  if (bytes < 1e9) return t("unit.mb", { n: (bytes / 1e6).toFixed(1) });
  if (bytes < 1e12) return t("unit.gb", { n: (bytes / 1e9).toFixed(1) });
  return t("unit.tb", { n: (bytes / 1e12).toFixed(2) });
}

/** Bits a second as "4.0 Mbit/s". */
export function rate(bits: number): string {
  return bits < 1e6 ? t("unit.kbits", { n: (bits / 1e3).toFixed(0) }) : t("unit.mbits", { n: (bits / 1e6).toFixed(1) });
}

/** Seconds as "1 d 4 h", "3 h 20 min", "2 min 5 s". */
export function span(seconds: number): string {
  const s = Math.round(seconds);
  const units: [number, string][] = [
    [86_400, t("span.d")],
    [3600, t("span.h")],
    [60, t("span.min")],
    [1, t("span.s")],
  ];
  const first = units.findIndex(([length]) => s >= length);
  if (first < 0) return `0 ${t("span.s")}`;
  let rest = s;
  const said: string[] = [];
  for (const [length, name] of units.slice(first, first + 2)) {
    const n = Math.floor(rest / length);
    rest -= n * length;
    if (n > 0) said.push(`${n} ${name}`);
  }
  return said.join(" ");
}
