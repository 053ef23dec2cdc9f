/** The ports of a node laid out by who is on the other side. Pure. */
import type { LedgerEntry, NamedNetwork, PortView } from "../../api/types";
import { hostOf, inside } from "../../site/cidr";
import type { Severity } from "../../site/severity";

export type Place = PortView["place"];

/** Where peers stand, left and right of the node. */
export const LEFT: readonly Place[] = ["office", "controller", "server", "elsewhere"];
export const RIGHT: readonly Place[] = ["camera", "machine"];

export interface PortNow {
  port: PortView;
  severity: Severity;
  peers: number;
  received: number;
  sent: number;
  error: string;
}

export interface NetworkNow {
  network: NamedNetwork;
  /** Peers that this node has dialled there. */
  peers: number;
}

export interface PlaceNow {
  place: Place;
  /** Ports that may be open now: the open ones first, then those that are missing, then the closed. */
  ports: PortNow[];
  planned: PortView[];
  networks: NetworkNow[];
  /** Dialled peers outside of the networks that are named for them; 0 where none is named. */
  outside: number;
  open: boolean;
  severity: Severity;
}

/** The ports with a newer ledger in place of their own; what is open is decided by it. */
export function withLedger(ports: readonly PortView[], ledger: readonly LedgerEntry[] | null): PortView[] {
  if (!ledger) return [...ports];
  const byRow = new Map<string, LedgerEntry[]>();
  for (const entry of ledger) {
    const held = byRow.get(entry.port);
    if (held) held.push(entry);
    else byRow.set(entry.port, [entry]);
  }
  return ports.map((port) => {
    const entries = byRow.get(port.row) ?? [];
    const state = entries.length > 0 ? "open" : port.state === "open" ? "closed" : port.state;
    return { ...port, ledger: entries, state };
  });
}

const ORDER: Record<PortView["state"], number> = { missing: 0, open: 1, closed: 2, planned: 3 };

function now(port: PortView): PortNow {
  const sum = (field: "peers" | "bytes_in" | "bytes_out"): number => port.ledger.reduce((n, entry) => n + entry[field], 0);
  const error = port.ledger.find((entry) => entry.last_error)?.last_error ?? "";
  return {
    port,
    severity: port.state === "missing" ? 3 : error ? 2 : 0,
    peers: sum("peers"),
    received: sum("bytes_in"),
    sent: sum("bytes_out"),
    error,
  };
}

function dialled(ports: readonly PortView[]): string[] {
  const hosts = ports.flatMap((port) => port.ledger.filter((entry) => entry.remote).map((entry) => hostOf(entry.remote)));
  return [...new Set(hosts.filter((host) => host !== "" && !loopback(host)))];
}

function loopback(host: string): boolean {
  return inside(host, "127.0.0.0/8") || host === "::1";
}

/** One place with its ports, the networks that are named for it, and how it stands. */
export function placeNow(place: Place, every: readonly PortView[], named: readonly NamedNetwork[]): PlaceNow {
  const mine = every.filter((port) => port.place === place);
  const ports = mine
    .filter((port) => port.state !== "planned")
    .map(now)
    .sort((a, b) => ORDER[a.port.state] - ORDER[b.port.state]);
  const hosts = dialled(mine);
  const networks = named.filter((network) => network.role === place);
  const within = (network: NamedNetwork, host: string): boolean => network.cidrs.some((cidr) => inside(host, cidr));
  return {
    place,
    ports,
    planned: mine.filter((port) => port.state === "planned"),
    networks: networks.map((network) => ({ network, peers: hosts.filter((host) => within(network, host)).length })),
    outside: networks.length > 0 ? hosts.filter((host) => !networks.some((network) => within(network, host))).length : 0,
    open: ports.some(({ port }) => port.state === "open"),
    severity: ports.reduce<Severity>((worst, one) => (one.severity > worst ? one.severity : worst), 0),
  };
}

export interface ProcessNow {
  name: string;
  /** Numbers that it listens on, in order. */
  listens: string[];
  /** Peers that it has dialled. */
  dials: number;
}

/** The node's processes with what they hold, from the ledger. */
export function processes(ports: readonly PortView[]): ProcessNow[] {
  const found = new Map<string, { listens: Set<number>; dials: number }>();
  for (const entry of ports.flatMap((port) => port.ledger)) {
    const held = found.get(entry.role) ?? { listens: new Set<number>(), dials: 0 };
    found.set(entry.role, held);
    if (entry.transport === "unix") continue;
    if (entry.direction === "out") held.dials += 1;
    else held.listens.add(Number(entry.local.slice(entry.local.lastIndexOf(":") + 1)));
  }
  return [...found]
    .map(([name, { listens, dials }]) => ({ name, listens: [...listens].sort((a, b) => a - b).map(String), dials }))
    .sort((a, b) => a.name.localeCompare(b.name, "en"));
}
