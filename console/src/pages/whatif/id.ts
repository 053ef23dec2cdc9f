/** What a form says of an entity. */
export type Body = Record<string, unknown>;

/** The id that a new entity gets from its name, as the server makes it. */
export function idOf(body: Body): string {
  if (typeof body.id === "string" && body.id !== "") return body.id;
  const name = typeof body.name === "string" ? body.name : "";
  const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return slug.replace(/^-+/, "").slice(0, 63).replace(/-+$/, "") || "draft";
}
