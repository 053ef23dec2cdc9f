/** Kinds of entity, the plural in their addresses, and how references are read. */
export const PLURALS = {
  area: "areas",
  network: "networks",
  node: "nodes",
  role: "roles",
  group: "groups",
  user: "users",
  token: "tokens",
  camera: "cameras",
  endpoint: "endpoints",
  device: "devices",
  point: "points",
  "remote-write": "remote-writes",
  controller: "controllers",
  "special-day-group": "special-day-groups",
  schedule: "schedules",
  "authentication-profile": "authentication-profiles",
  "card-format": "card-formats",
  door: "doors",
  "access-point": "access-points",
  "access-profile": "access-profiles",
  "holder-group": "holder-groups",
  "credential-holder": "credential-holders",
  credential: "credentials",
  "antipassback-zone": "antipassback-zones",
  "occupancy-zone": "occupancy-zones",
  "interlock-zone": "interlock-zones",
  "entrance-limit-zone": "entrance-limit-zones",
  "first-person-zone": "first-person-zones",
  "fire-zone": "fire-zones",
  "intrusion-zone": "intrusion-zones",
  bookmark: "bookmarks",
  layout: "layouts",
  tour: "tours",
  "saved-search": "saved-searches",
  dashboard: "dashboards",
} as const;

export type Kind = keyof typeof PLURALS;

export const KINDS = Object.keys(PLURALS) as Kind[];

export function isKind(text: string): text is Kind {
  return text in PLURALS;
}

export function kindOf(plural: string): Kind | undefined {
  return KINDS.find((kind) => PLURALS[kind] === plural);
}

/** Splits "door:main" at its first colon. */
export function splitRef(reference: string): { kind: string; id: string } {
  const at = reference.indexOf(":");
  return at < 0 ? { kind: reference, id: "" } : { kind: reference.slice(0, at), id: reference.slice(at + 1) };
}

/** What has a status of its own beside that of the entity that it is one side of. */
const SIDES: Record<string, Kind> = { "camera-control": "camera", "camera-hold": "camera", "camera-sub": "camera" };

/** The entity that a status is about: "camera:lobby" for "camera-control:lobby". */
export function ownerOf(reference: string): string {
  const { kind, id } = splitRef(reference);
  const owner = SIDES[kind];
  return owner ? `${owner}:${id}` : reference;
}

/** The console's page of an entity, or null for what has none (a process, the site). */
export function pageOf(reference: string): string | null {
  const { kind, id } = splitRef(reference);
  return isKind(kind) && id ? `/${PLURALS[kind]}/${encodeURIComponent(id)}` : null;
}

/** Fields of a document that name another entity, by field. */
export const REFERRING: Record<string, Kind> = {
  area: "area",
  controller: "controller",
  camera: "camera",
  door: "door",
  area_from: "area",
  area_to: "area",
  endpoint: "endpoint",
  device: "device",
  holder: "credential-holder",
  user: "user",
  roles: "role",
  groups: "group",
  schedule: "schedule",
  access_point: "access-point",
  profile: "access-profile",
  within: "area",
};
