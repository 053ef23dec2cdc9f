import { expect, test } from "vitest";

import type { LedgerEntry, NamedNetwork, PortView } from "../../api/types";
import { placeNow, processes, withLedger } from "./map";

const entry = (port: string, more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  port,
  transport: "tcp",
  direction: "in",
  local: "0.0.0.0:8600",
  remote: "",
  role: "web-0",
  pid: 1,
  since: 0,
  bytes_in: 0,
  bytes_out: 0,
  peers: 0,
  last_error: "",
  ...more,
});

const port = (row: string, place: PortView["place"], state: PortView["state"], ledger: LedgerEntry[] = []): PortView => ({
  row,
  number: 1,
  last: null,
  protocol: "tcp",
  side: "in",
  purpose: "",
  peer: "",
  place,
  movable: false,
  trial: null,
  roles: [],
  users: [],
  user_count: 0,
  tls: "always",
  changeable: true,
  change: "",
  note: "",
  state,
  ledger,
});

const network = (id: string, role: NamedNetwork["role"], ...cidrs: string[]): NamedNetwork =>
  ({ id, name: id, role, cidrs }) as NamedNetwork;

test("a newer ledger decides what is open", () => {
  const ports = [
    port("server", "office", "open", [entry("server")]),
    port("web", "office", "missing"),
    port("smtp", "elsewhere", "planned"),
  ];
  expect(withLedger(ports, null)).toEqual(ports);
  const later = withLedger(ports, [entry("web")]);
  expect(later.map((one) => one.state)).toEqual(["closed", "open", "planned"]);
  expect(later[1]?.ledger).toHaveLength(1);
});

test("a place shows what is wrong first, then what is open, and keeps what is not built apart", () => {
  const ports = [
    port("closed", "office", "closed"),
    port("server", "office", "open", [
      entry("server", { peers: 2, bytes_in: 10, bytes_out: 5 }),
      entry("server", { role: "web-1", peers: 1, bytes_in: 1, last_error: "no TLS" }),
    ]),
    port("web", "office", "missing"),
    port("webrtc", "office", "planned"),
    port("rtsp", "camera", "open", [entry("rtsp")]),
  ];
  const office = placeNow("office", ports, []);
  expect(office.ports.map((one) => one.port.row)).toEqual(["web", "server", "closed"]);
  expect(office.ports[1]).toMatchObject({ peers: 3, received: 11, sent: 5, error: "no TLS", severity: 2 });
  expect(office).toMatchObject({ severity: 3, open: true, outside: 0 });
  expect(office.planned.map((one) => one.row)).toEqual(["webrtc"]);
  expect(placeNow("machine", ports, [])).toMatchObject({ ports: [], open: false, severity: 0 });
});

test("dialled peers are counted by the network that they stand in", () => {
  const dial = (remote: string): LedgerEntry => entry("rtsp", { direction: "out", remote, role: "media-0" });
  const ports = [
    port("rtsp", "camera", "open", [dial("10.1.0.5:554"), dial("10.1.0.5:8554"), dial("10.9.0.1:554"), dial("127.0.0.1:8554")]),
  ];
  const named = [network("cams", "camera", "10.1.0.0/16"), network("offices", "office", "10.9.0.0/16")];
  expect(placeNow("camera", ports, named)).toMatchObject({ networks: [{ peers: 1 }], outside: 1 });
  expect(placeNow("camera", ports, [])).toMatchObject({ networks: [], outside: 0 });
});

test("processes tell what they listen on and how many they have dialled", () => {
  const ports = [
    port("server", "office", "open", [entry("server"), entry("server", { local: "[::]:80" })]),
    port("rtsp", "camera", "open", [
      entry("rtsp", { direction: "out", role: "media-0", local: "10.0.0.1:40000", remote: "10.1.0.5:554" }),
    ]),
    port("bus", "node", "open", [entry("bus", { transport: "unix", role: "core", local: "/run/core.sock" })]),
  ];
  expect(processes(ports)).toEqual([
    { name: "core", listens: [], dials: 0 },
    { name: "media-0", listens: [], dials: 1 },
    { name: "web-0", listens: ["80", "8600"], dials: 0 },
  ]);
});
