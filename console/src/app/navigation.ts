import type { IconName } from "../parts/Icon";
import type { PlainKey } from "../text/t";

export interface Place {
  path: string;
  text: PlainKey;
  icon: IconName;
  /** The grant without which the place would be empty. */
  action: string;
  /** Pressed after "g". */
  key: string;
}

export const NAVIGATION: readonly Place[] = [
  { path: "/", text: "nav.overview", icon: "overview", action: "status.list", key: "o" },
  { path: "/wall", text: "nav.wall", icon: "wall", action: "camera.live", key: "w" },
  { path: "/timeline", text: "nav.timeline", icon: "timeline", action: "camera.playback", key: "l" },
  { path: "/cameras", text: "nav.cameras", icon: "camera", action: "camera.list", key: "c" },
  { path: "/doors", text: "nav.doors", icon: "door", action: "door.list", key: "d" },
  { path: "/zones", text: "nav.zones", icon: "zone", action: "zone.read", key: "z" },
  { path: "/muster", text: "nav.muster", icon: "muster", action: "muster.read", key: "m" },
  { path: "/points", text: "nav.points", icon: "point", action: "point.list", key: "p" },
  { path: "/dashboards", text: "nav.dashboards", icon: "dashboard", action: "dashboard.list", key: "b" },
  { path: "/events", text: "nav.events", icon: "events", action: "event.read", key: "e" },
  { path: "/exports", text: "nav.exports", icon: "export", action: "camera.export", key: "x" },
  { path: "/storage", text: "nav.storage", icon: "storage", action: "camera.get", key: "r" },
  { path: "/people", text: "nav.people", icon: "user", action: "user.list", key: "u" },
  { path: "/site", text: "nav.site", icon: "site", action: "area.list", key: "t" },
  { path: "/network", text: "nav.network", icon: "network", action: "network.read", key: "n" },
  { path: "/settings", text: "nav.settings", icon: "settings", action: "system.get", key: "s" },
];
