/** A refusal of the server (RFC 9457), or of the network, in the three parts that a person needs. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly what: string,
    readonly where = "",
    readonly remedy = "",
  ) {
    super(what);
    this.name = "Problem";
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Reads the body of a failed answer; anything that is no problem document becomes one with the status alone. */
export function toProblem(status: number, body: unknown): Problem {
  if (typeof body !== "object" || body === null) return new Problem(status, "http", `HTTP ${status}`);
  const document = body as Record<string, unknown>;
  const code = text(document.type).split(":").pop() ?? "";
  const what = text(document.detail) || text(document.title) || `HTTP ${status}`;
  return new Problem(status, code || "http", what, text(document.where), text(document.remedy));
}
