/** What of the page's own address is used; tests give their own. */
export interface Here {
  protocol: string;
  hostname: string;
  port: string;
}

/** The port that this page came from. */
export function portOf(here: Here): number {
  return here.port ? Number(here.port) : here.protocol === "https:" ? 443 : 80;
}

/** The origin of the same server on another port; `redirect`: the plain page that leads to the console. */
export function originOn(here: Here, port: number, redirect = false): string {
  const scheme = redirect ? "http:" : here.protocol;
  const usual = scheme === "https:" ? 443 : 80;
  return `${scheme}//${here.hostname}${port === usual ? "" : `:${port}`}`;
}

interface Moved {
  type: string;
  data?: Record<string, unknown> | null;
}

/** Where to go when the port that this page came from was moved for good; null where it was another one. */
export function movedTo(here: Here, event: Moved): string | null {
  const { old, new: now } = event.data ?? {};
  if (event.type !== "network.port-kept" || typeof old !== "number" || typeof now !== "number") return null;
  return old === portOf(here) ? originOn(here, now) : null;
}
