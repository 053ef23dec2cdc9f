import type { Grant } from "../api/types";

interface Subject {
  ref: string;
  area?: string | null;
  tags?: readonly string[];
}

function covers(selector: string, subject: Subject | undefined): boolean {
  if (selector === "*" || !subject) return true;
  if (selector.startsWith("area:")) return subject.area === selector.slice(5);
  if (selector.startsWith("tag:")) return subject.tags?.includes(selector.slice(4)) ?? false;
  return selector === subject.ref;
}

/**
 * Tells whether the grants allow `action` ("door.release"), on `subject` or on anything at all. It hides what would be refused;
 * the server decides.
 */
export function can(grants: readonly Grant[], action: string, subject?: Subject): boolean {
  const part = `${action.split(".")[0] ?? ""}.*`;
  return grants.some((g) => (g.action === "*" || g.action === action || g.action === part) && covers(g.selector ?? "*", subject));
}
