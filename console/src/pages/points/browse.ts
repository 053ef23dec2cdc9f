import type { Found } from "../../api/types";

/** What a point made of a found value is. */
export interface NewPoint {
  id: string;
  name: string;
  device: string;
  type: "number" | "boolean" | "string";
  address: Record<string, unknown>;
}

/** Return a text as an id can hold it: lower-case letters, digits and single hyphens. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

/** Return the points of what was chosen, with ids that none of `taken` has. */
export function pointsOf(found: readonly Found[], device: string, taken: ReadonlySet<string>): NewPoint[] {
  const used = new Set(taken);
  return found.map((one) => {
    const base = `${device}-${slug(one.label) || "value"}`.slice(0, 58).replace(/-+$/, "");
    let id = base;
    for (let n = 2; used.has(id); n++) id = `${base}-${n}`;
    used.add(id);
    const type = typeof one.value === "boolean" ? "boolean" : typeof one.value === "string" ? "string" : "number";
    return { id, name: one.label.slice(0, 120), device, type, address: one.address };
  });
}

/** Return what of `found` has every word of a search in its label, address or value. */
export function matching(found: readonly Found[], search: string): Found[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return found.filter((one) => {
    const text = `${one.label} ${JSON.stringify(one.address)} ${String(one.value ?? "")}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
