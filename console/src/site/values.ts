import type { Point, Value } from "../api/types";
import { t } from "../text/t";

type Shape = Pick<Point, "type" | "decimals">;

/** The text of a value as its point wants it: fixed decimals for numbers, words for on and off. */
export function showValue(value: Value, point: Shape): string {
  if (value === null) return t("value.none");
  if (typeof value === "boolean") return value ? t("value.on") : t("value.off");
  if (typeof value === "number") return point.type === "integer" ? String(Math.round(value)) : value.toFixed(point.decimals);
  return value;
}

type Limited = Pick<Point, "type" | "minimum" | "maximum">;

/** Reads what a person typed for a point; a sentence tells what is wrong with it. */
export function readValue(text: string, point: Limited): { value: Exclude<Value, null> } | { wrong: string } {
  const clean = text.trim();
  if (point.type === "string") return { value: text };
  if (point.type === "boolean")
    return clean === "true" || clean === "false" ? { value: clean === "true" } : { wrong: t("write.wrong.boolean") };
  const number = Number(clean.replace(",", "."));
  if (clean === "" || !Number.isFinite(number)) return { wrong: t("write.wrong.number") };
  if (point.type === "integer" && !Number.isInteger(number)) return { wrong: t("write.wrong.integer") };
  const { minimum, maximum } = point;
  if (minimum !== null && number < minimum) return { wrong: t("write.wrong.minimum", { limit: minimum }) };
  if (maximum !== null && number > maximum) return { wrong: t("write.wrong.maximum", { limit: maximum }) };
  return { value: number };
}
