import createClient from "openapi-fetch";

import { Problem, toProblem } from "./problem";
import type { paths } from "./schema";

const TIMEOUT_MS = 20_000;

async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]) });
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw new Problem(0, "unreachable", "", new URL(request.url).pathname);
  }
}

/** The API, typed by openapi.json. */
export const api = createClient<paths>({ credentials: "same-origin", fetch: send });

api.use({
  onRequest({ request }) {
    // The server takes changes by cookie only with this header, which no foreign page can send.
    if (request.method !== "GET") request.headers.set("X-Sitewarden", "1");
    return request;
  },
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Returns the document of an answer; a refusal is thrown as `Problem`. */
export async function take<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw toProblem(response.status, error);
  return data as T;
}

/** The header that refuses a change of a document that somebody else changed meanwhile. */
export function ifMatch(revision: number): { "If-Match": string } {
  return { "If-Match": `"${revision}"` };
}
