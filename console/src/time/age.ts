import { t } from "../text/t";

/** How long ago, in its largest fitting unit: "12 s", "3 min", "5 h", "9 d". `ms` may be negative (clocks differ). */
export function age(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 1) return t("age.now");
  if (s < 100) return t("age.s", { n: s });
  if (s < 100 * 60) return t("age.min", { n: Math.floor(s / 60) });
  if (s < 48 * 3600) return t("age.h", { n: Math.floor(s / 3600) });
  return t("age.d", { n: Math.floor(s / 86_400) });
}
