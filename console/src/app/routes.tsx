import { createBrowserRouter } from "react-router";

import { NotFound } from "../pages/NotFound";
import { RouteError } from "../pages/RouteError";
import { Shell } from "./Shell";

/** One bundle a page: what is not looked at is not loaded. */
export const router = createBrowserRouter([
  {
    path: "/",
    Component: Shell,
    ErrorBoundary: RouteError,
    HydrateFallback: () => null,
    children: [
      {
        ErrorBoundary: RouteError,
        children: [
          { index: true, lazy: async () => ({ Component: (await import("../pages/overview/Overview")).Overview }) },
          { path: "wall", lazy: async () => ({ Component: (await import("../pages/wall/Wall")).Wall }) },
          { path: "timeline", lazy: async () => ({ Component: (await import("../pages/timeline/TimelinePage")).TimelinePage }) },
          { path: "cameras", lazy: async () => ({ Component: (await import("../pages/cameras/Cameras")).Cameras }) },
          { path: "cameras/:id", lazy: async () => ({ Component: (await import("../pages/cameras/CameraPage")).CameraPage }) },
          { path: "doors", lazy: async () => ({ Component: (await import("../pages/doors/Doors")).Doors }) },
          { path: "doors/:id", lazy: async () => ({ Component: (await import("../pages/doors/DoorPage")).DoorPage }) },
          { path: "zones", lazy: async () => ({ Component: (await import("../pages/zones/Zones")).Zones }) },
          { path: "zones/:kind/:id", lazy: async () => ({ Component: (await import("../pages/zones/Zones")).ZonePage }) },
          { path: "muster", lazy: async () => ({ Component: (await import("../pages/muster/Muster")).Muster }) },
          { path: "points", lazy: async () => ({ Component: (await import("../pages/points/Points")).Points }) },
          {
            path: "points/import",
            lazy: async () => ({ Component: (await import("../pages/points/ImportMachines")).ImportMachines }),
          },
          { path: "points/:id", lazy: async () => ({ Component: (await import("../pages/points/PointPage")).PointPage }) },
          { path: "dashboards", lazy: async () => ({ Component: (await import("../pages/dashboards/Dashboards")).Dashboards }) },
          {
            path: "dashboards/:id",
            lazy: async () => ({ Component: (await import("../pages/dashboards/Dashboards")).Dashboards }),
          },
          { path: "events", lazy: async () => ({ Component: (await import("../pages/events/Events")).Events }) },
          { path: "network", lazy: async () => ({ Component: (await import("../pages/network/Network")).Network }) },
          { path: "storage", lazy: async () => ({ Component: (await import("../pages/storage/Storage")).Storage }) },
          { path: "exports", lazy: async () => ({ Component: (await import("../pages/exports/Exports")).Exports }) },
          { path: "people", lazy: async () => ({ Component: (await import("../pages/people/People")).People }) },
          { path: "settings", lazy: async () => ({ Component: (await import("../pages/settings/Settings")).Settings }) },
          { path: "setup", lazy: async () => ({ Component: (await import("../pages/settings/Setup")).Setup }) },
          { path: "shortcuts", lazy: async () => ({ Component: (await import("../pages/Shortcuts")).Shortcuts }) },
          { path: "site", lazy: async () => ({ Component: (await import("../pages/entities/Directory")).Directory }) },
          {
            path: "credential-holders/import",
            lazy: async () => ({ Component: (await import("../pages/holders/ImportPage")).ImportPage }),
          },
          {
            path: "credential-holders/:id",
            lazy: async () => ({ Component: (await import("../pages/holders/HolderPage")).HolderPage }),
          },
          { path: ":plural", lazy: async () => ({ Component: (await import("../pages/entities/KindPage")).KindPage }) },
          { path: ":plural/:id", lazy: async () => ({ Component: (await import("../pages/entities/EntityPage")).EntityPage }) },
          { path: ":plural/:id/edit", lazy: async () => ({ Component: (await import("../pages/entities/FormPage")).FormPage }) },
          { path: "*", Component: NotFound },
        ],
      },
    ],
  },
]);
