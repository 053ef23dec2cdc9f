// Generated from openapi.json by `npm run types`; do not edit.

export interface paths {
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is signed in */
        get: operations["getSession"];
        put?: never;
        /** Sign in; sets the session cookie */
        post: operations["signIn"];
        /** Sign out */
        delete: operations["signOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Change one's own password; ends one's other sessions */
        put: operations["changePassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/system": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the node is */
        get: operations["getSystem"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How things are now */
        get: operations["listStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the event log */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/counts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Count events over time */
        get: operations["countEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A search as CSV or JSON Lines, with a signed manifest */
        get: operations["exportEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the audit log */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/setup/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Turn the demo off and start the real site */
        post: operations["finishSetup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/site/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The site as YAML, without secrets */
        get: operations["exportSite"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/site/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a site file would change */
        post: operations["planSite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/site/apply": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a site file so */
        post: operations["applySite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/network/ports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The port manifest, live */
        get: operations["listPorts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/network/ports/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The port manifest as text: a table, an inventory or firewall rules */
        get: operations["exportPorts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/network/matrix": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The flows between the site's networks as text: a table or routers' access lists */
        get: operations["exportMatrix"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/network/ports/{row}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A port's number, what is tried for it, and how its last change ended */
        get: operations["getPort"];
        put?: never;
        /** Try another number; it goes back within 60 s unless it is kept */
        post: operations["changePort"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/network/ports/{row}/keep": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keep the number that is tried, with the proof that the new one gives */
        post: operations["keepPort"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/network/ports/{row}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give the number that is tried up at once */
        post: operations["undoPort"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/network/doctor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Examine this machine */
        get: operations["examine"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/network/probes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The last probes */
        get: operations["listProbes"];
        put?: never;
        /** Open an echo on the UDP ports, for one address and a short time */
        post: operations["openProbe"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/network/probes/{id}/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End an echo, and leave what the other side found */
        post: operations["closeProbe"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/network/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Devices that answered a search, cameras first */
        get: operations["listFoundDevices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/network/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Search for cameras and other devices (UPnP, ONVIF) */
        post: operations["searchNetwork"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/network/devices/{id}/add": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Add a found device to the site as a camera */
        post: operations["addFoundDevice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/network/servers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Servers and nodes that announce themselves, and those that use the same media group */
        get: operations["listFoundServers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/network/servers/{id}/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Register a found server, analytics or LPR node */
        post: operations["registerFoundServer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/values": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Latest values of points */
        get: operations["listPointValues"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/{id}/samples": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A point's samples with values of their own type, page by page */
        get: operations["getPointSamples"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Several points' history in columns: samples, buckets, or fewer samples that draw the same line */
        get: operations["queryHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/history/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Points' history as CSV or Parquet, written while it is sent */
        get: operations["exportHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/{id}/writing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How a point can be written: whether its device knows priorities */
        get: operations["getPointWriting"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/{id}/value": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Set a point, or give a priority back, and read it back */
        post: operations["writePoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{id}/key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give a device that pushes a new key, told this once; the old one is void */
        post: operations["newDeviceKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/endpoints/{id}/browse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Listen for some seconds to what comes by an endpoint, with the addresses of points that would read it */
        post: operations["browseEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{id}/browse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** List what a device has, with values and the addresses of points that would read them */
        post: operations["browseDevice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a file of endpoints, devices and points (CSV, or YAML by its name); its preview is made */
        post: operations["importMachines"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/imports/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far an import is, and what it would do */
        get: operations["getMachineImport"];
        put?: never;
        post?: never;
        /** Forget an import */
        delete: operations["dropMachineImport"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/imports/{id}/rows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The preview of an import: errors by line and column, or what would be added, changed and kept */
        get: operations["listMachineImportRows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/imports/{id}/apply": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make an import so, all of it or nothing */
        post: operations["applyMachineImport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Endpoints, devices and points as a file that can be imported (CSV or YAML), without secrets */
        get: operations["exportMachines"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/timeseries/query": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** PromQL over points' history at one moment */
        get: operations["queryTimeSeries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/timeseries/range": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** PromQL over points' history in steps */
        get: operations["queryTimeSeriesRange"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/doors/{id}/commands": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Release, lock, unlock, block or lock down a door */
        post: operations["commandDoor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/doors/commands": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lock down or release for fire all doors of an area or the site; says of each door what came of it */
        post: operations["commandDoors"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/muster": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is inside, and safe */
        get: operations["getRollCall"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/muster/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The roll call as CSV */
        get: operations["exportRollCall"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/muster/safe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Mark somebody as safe who was seen */
        post: operations["markSafe"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All zones as they are now */
        get: operations["listZones"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones/{kind}/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A zone as it is now, and who is in it */
        get: operations["getZone"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones/{kind}/{id}/forgive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Forget where a holder is, and what they broke, once */
        post: operations["forgiveHolder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones/{kind}/{id}/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Forget where everybody is */
        post: operations["resetZone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones/{kind}/{id}/arm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Arm an intrusion zone */
        post: operations["armZone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones/{kind}/{id}/disarm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Disarm an intrusion zone */
        post: operations["disarmZone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controllers/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What controllers of other makes cannot keep of the site's rules */
        get: operations["listControllerLimits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controllers/pending": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Controllers that ask to join */
        get: operations["listPendingControllers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controllers/pairing-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a code to pair a controller with */
        post: operations["createPairingCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controllers/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a pending controller join */
        post: operations["approveController"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controllers/{id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Void a controller's pairing: its link is dropped, and it is refused until it is paired again */
        post: operations["revokeController"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controllers/{id}/scan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Have the next card at a reader told, for enrolment */
        post: operations["scanCard"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controllers/{id}/relay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Relay the log and the doors of a controller that a laptop holds in direct mode */
        post: operations["relayController"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controllers/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Search the local networks for controllers */
        post: operations["searchControllers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controllers/{id}/network": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change a controller's network settings; undone unless it answers at the new address */
        post: operations["setControllerNetwork"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controllers/{id}/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Restart a controller */
        post: operations["resetController"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credential-holders/{id}/picture": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A person's picture */
        get: operations["getPicture"];
        /** Set a person's picture, JPEG or PNG */
        put: operations["setPicture"];
        post?: never;
        /** Remove a person's picture, and the key that it was encrypted with */
        delete: operations["removePicture"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credential-holders/{id}/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Switch a person off or on, with a reason */
        post: operations["setHolderState"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credentials/{id}/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Switch a credential off or on, with a reason */
        post: operations["setCredentialState"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/doors/{id}/rights": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who can open this door, and when */
        get: operations["listDoorRights"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credential-holders/{id}/rights": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What this person can open, and when */
        get: operations["listHolderRights"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/access/what-if": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try a draft change on the requests of the last days; nothing is changed */
        post: operations["startWhatIf"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/access/what-if/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far a trial is, and what would be different */
        get: operations["getWhatIf"];
        put?: never;
        post?: never;
        /** Stop and forget a trial */
        delete: operations["dropWhatIf"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a table of people (CSV); its preview is made */
        post: operations["importPeople"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/imports/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far an import is, and what it would do */
        get: operations["getPeopleImport"];
        put?: never;
        post?: never;
        /** Forget an import */
        delete: operations["dropPeopleImport"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/imports/{id}/rows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The preview of an import: errors by line, or what would be added and changed */
        get: operations["listPeopleImportRows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/imports/{id}/apply": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make an import so, all of it or nothing */
        post: operations["applyPeopleImport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/imports/{id}/report.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What an import did, line by line (CSV); its SHA-256, compressed, stands in the audit log */
        get: operations["importReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/export.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** People with what they carry as a table (CSV), without PINs */
        get: operations["exportPeople"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/rtsp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where other systems pull the camera by RTSP */
        get: operations["getRtspAddresses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/publishing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where an encoder publishes the camera by RTMP */
        get: operations["getPublishAddress"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/stream-key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give a camera that publishes a new stream key, told this once; the old one is void */
        post: operations["newStreamKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How well the camera's streams arrive: figures now and of the last hour, and what interrupted them */
        get: operations["getCameraHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/recordings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was recorded, with the gaps */
        get: operations["listRecordings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/playback.mp4": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Recorded video as fragmented MP4, whole or its key frames alone, forward or backward */
        get: operations["playback"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/snapshot": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The camera's last key frame as JPEG; X-Picture-Time says when it was */
        get: operations["cameraSnapshot"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/thumbnail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The recorded key frame at or before a moment as JPEG; X-Picture-Time says when it was */
        get: operations["cameraThumbnail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exports/video.zip": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Recordings of several cameras as a ZIP of MP4 files with a signed manifest; `sitewarden verify` checks it */
        get: operations["exportVideo"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Exports that are written now, or were within a day: state, progress, size */
        get: operations["listExports"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exports/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel an export that is being written; what was downloaded of it proves nothing */
        post: operations["cancelExport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** WebSocket: live video or sound, a message of text with the track, then fragments of MP4, or JPEG files */
        get: operations["liveVideo"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/probe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask a camera over ONVIF what it is, before it is added */
        post: operations["probeCamera"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Recordings of the server's disk that a camera may play */
        get: operations["listCameraFiles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/add": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Add a camera by its address, user and password */
        post: operations["addCamera"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/ptz/hold": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who moves the camera now */
        get: operations["cameraHold"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/ptz/move": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Move the camera for as long as this is asked again */
        post: operations["moveCamera"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/ptz/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop the camera */
        post: operations["stopCamera"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/ptz/place": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Point the camera at a place, or by so much */
        post: operations["placeCamera"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/ptz/home": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go home, or make the present position home */
        post: operations["homeCamera"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/ptz/presets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The camera's presets, as it has them now */
        get: operations["cameraPresets"];
        put?: never;
        /** Keep where the camera looks as a preset */
        post: operations["keepCameraPreset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/talk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Speak through the camera: a piece of speech, which begins or goes on */
        post: operations["talkThroughCamera"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/ptz/presets/go": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go to a preset */
        post: operations["goToCameraPreset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/ptz/presets/remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Forget a preset */
        post: operations["removeCameraPreset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/ptz/tours": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The camera's preset tours */
        get: operations["cameraTours"];
        put?: never;
        /** Start, stop or pause a preset tour */
        post: operations["operateCameraTour"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/ptz/tours/keep": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a preset tour at the camera, or change one */
        post: operations["keepCameraTour"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/ptz/tours/remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Forget a preset tour */
        post: operations["removeCameraTour"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/ptz/lock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keep the camera for oneself, for a time */
        post: operations["lockCamera"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/ptz/unlock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give the camera back */
        post: operations["unlockCamera"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/imaging": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the picture is set, and what can be set */
        get: operations["cameraImaging"];
        put?: never;
        /** Set brightness, contrast, IR cut, focus mode */
        post: operations["setCameraImaging"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/focus": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Move the focus for as long as this is asked again */
        post: operations["focusCamera"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/relays": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Switch a relay output of the camera */
        post: operations["switchCameraRelay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/multicast": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which camera is sent to which port of the group */
        get: operations["listMulticast"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/multicast": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Have live video sent to the multicast group, for so long */
        post: operations["startMulticast"];
        /** Give up one's own hold; the stream ends with the last one */
        delete: operations["stopMulticast"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/multicast/renew": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go on receiving what is sent: a viewer asks every few seconds */
        post: operations["renewMulticast"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/record": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Record from now on for so long, whatever the mode and the schedule; 0 seconds take the order back */
        post: operations["recordNow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/privacy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Switch the privacy mode: the camera is neither recorded nor shown. Needs a reason */
        post: operations["setPrivacy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/fill": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Fill a gap from what the camera recorded itself (ONVIF profile G) */
        post: operations["fillGap"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recording-locks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Recordings that nothing deletes: which, why, by whom, until when */
        get: operations["listLocks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/locks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hold recordings: neither age nor a full disk deletes them. Needs a reason */
        post: operations["lockRecordings"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/locks/{lock}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Release a lock. Needs a reason */
        delete: operations["releaseRecordings"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/storage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is kept of each camera, how full the disks are, and when they will be */
        get: operations["getStorage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reports/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Events as a file: CSV or PDF */
        get: operations["reportEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reports/rights": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Access rights by door or person as a file: CSV or PDF */
        get: operations["reportRights"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/backups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the last backups went */
        get: operations["getBackups"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/backups/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a backup to the settings' destination now */
        post: operations["startBackup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/site": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the site */
        get: operations["getSite"];
        /** Set name, zone and stage of the site */
        put: operations["replaceSite"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/areas": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List areas */
        get: operations["listAreas"];
        put?: never;
        /** Create a area */
        post: operations["createArea"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/areas/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one area */
        get: operations["getArea"];
        /** Replace one area */
        put: operations["replaceArea"];
        post?: never;
        /** Delete one area */
        delete: operations["deleteArea"];
        options?: never;
        head?: never;
        /** Change some fields of one area */
        patch: operations["updateArea"];
        trace?: never;
    };
    "/api/v1/networks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List networks */
        get: operations["listNetworks"];
        put?: never;
        /** Create a network */
        post: operations["createNetwork"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/networks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one network */
        get: operations["getNetwork"];
        /** Replace one network */
        put: operations["replaceNetwork"];
        post?: never;
        /** Delete one network */
        delete: operations["deleteNetwork"];
        options?: never;
        head?: never;
        /** Change some fields of one network */
        patch: operations["updateNetwork"];
        trace?: never;
    };
    "/api/v1/nodes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List nodes */
        get: operations["listNodes"];
        put?: never;
        /** Create a node */
        post: operations["createNode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one node */
        get: operations["getNode"];
        /** Replace one node */
        put: operations["replaceNode"];
        post?: never;
        /** Delete one node */
        delete: operations["deleteNode"];
        options?: never;
        head?: never;
        /** Change some fields of one node */
        patch: operations["updateNode"];
        trace?: never;
    };
    "/api/v1/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List roles */
        get: operations["listRoles"];
        put?: never;
        /** Create a role */
        post: operations["createRole"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/roles/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one role */
        get: operations["getRole"];
        /** Replace one role */
        put: operations["replaceRole"];
        post?: never;
        /** Delete one role */
        delete: operations["deleteRole"];
        options?: never;
        head?: never;
        /** Change some fields of one role */
        patch: operations["updateRole"];
        trace?: never;
    };
    "/api/v1/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List groups */
        get: operations["listGroups"];
        put?: never;
        /** Create a group */
        post: operations["createGroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one group */
        get: operations["getGroup"];
        /** Replace one group */
        put: operations["replaceGroup"];
        post?: never;
        /** Delete one group */
        delete: operations["deleteGroup"];
        options?: never;
        head?: never;
        /** Change some fields of one group */
        patch: operations["updateGroup"];
        trace?: never;
    };
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List users */
        get: operations["listUsers"];
        put?: never;
        /** Create a user */
        post: operations["createUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one user */
        get: operations["getUser"];
        /** Replace one user */
        put: operations["replaceUser"];
        post?: never;
        /** Delete one user */
        delete: operations["deleteUser"];
        options?: never;
        head?: never;
        /** Change some fields of one user */
        patch: operations["updateUser"];
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List tokens */
        get: operations["listTokens"];
        put?: never;
        /** Create a token */
        post: operations["createToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one token */
        get: operations["getToken"];
        /** Replace one token */
        put: operations["replaceToken"];
        post?: never;
        /** Delete one token */
        delete: operations["deleteToken"];
        options?: never;
        head?: never;
        /** Change some fields of one token */
        patch: operations["updateToken"];
        trace?: never;
    };
    "/api/v1/special-day-groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List special day groups */
        get: operations["listSpecialDayGroups"];
        put?: never;
        /** Create a special day group */
        post: operations["createSpecialDayGroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/special-day-groups/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one special day group */
        get: operations["getSpecialDayGroup"];
        /** Replace one special day group */
        put: operations["replaceSpecialDayGroup"];
        post?: never;
        /** Delete one special day group */
        delete: operations["deleteSpecialDayGroup"];
        options?: never;
        head?: never;
        /** Change some fields of one special day group */
        patch: operations["updateSpecialDayGroup"];
        trace?: never;
    };
    "/api/v1/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List schedules */
        get: operations["listSchedules"];
        put?: never;
        /** Create a schedule */
        post: operations["createSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one schedule */
        get: operations["getSchedule"];
        /** Replace one schedule */
        put: operations["replaceSchedule"];
        post?: never;
        /** Delete one schedule */
        delete: operations["deleteSchedule"];
        options?: never;
        head?: never;
        /** Change some fields of one schedule */
        patch: operations["updateSchedule"];
        trace?: never;
    };
    "/api/v1/cameras": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List cameras */
        get: operations["listCameras"];
        put?: never;
        /** Create a camera */
        post: operations["createCamera"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one camera */
        get: operations["getCamera"];
        /** Replace one camera */
        put: operations["replaceCamera"];
        post?: never;
        /** Delete one camera */
        delete: operations["deleteCamera"];
        options?: never;
        head?: never;
        /** Change some fields of one camera */
        patch: operations["updateCamera"];
        trace?: never;
    };
    "/api/v1/endpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List endpoints */
        get: operations["listEndpoints"];
        put?: never;
        /** Create a endpoint */
        post: operations["createEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/endpoints/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one endpoint */
        get: operations["getEndpoint"];
        /** Replace one endpoint */
        put: operations["replaceEndpoint"];
        post?: never;
        /** Delete one endpoint */
        delete: operations["deleteEndpoint"];
        options?: never;
        head?: never;
        /** Change some fields of one endpoint */
        patch: operations["updateEndpoint"];
        trace?: never;
    };
    "/api/v1/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List devices */
        get: operations["listDevices"];
        put?: never;
        /** Create a device */
        post: operations["createDevice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one device */
        get: operations["getDevice"];
        /** Replace one device */
        put: operations["replaceDevice"];
        post?: never;
        /** Delete one device */
        delete: operations["deleteDevice"];
        options?: never;
        head?: never;
        /** Change some fields of one device */
        patch: operations["updateDevice"];
        trace?: never;
    };
    "/api/v1/points": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List points */
        get: operations["listPoints"];
        put?: never;
        /** Create a point */
        post: operations["createPoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one point */
        get: operations["getPoint"];
        /** Replace one point */
        put: operations["replacePoint"];
        post?: never;
        /** Delete one point */
        delete: operations["deletePoint"];
        options?: never;
        head?: never;
        /** Change some fields of one point */
        patch: operations["updatePoint"];
        trace?: never;
    };
    "/api/v1/remote-writes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List remote writes */
        get: operations["listRemoteWrites"];
        put?: never;
        /** Create a remote write */
        post: operations["createRemoteWrite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/remote-writes/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one remote write */
        get: operations["getRemoteWrite"];
        /** Replace one remote write */
        put: operations["replaceRemoteWrite"];
        post?: never;
        /** Delete one remote write */
        delete: operations["deleteRemoteWrite"];
        options?: never;
        head?: never;
        /** Change some fields of one remote write */
        patch: operations["updateRemoteWrite"];
        trace?: never;
    };
    "/api/v1/controllers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List controllers */
        get: operations["listControllers"];
        put?: never;
        /** Create a controller */
        post: operations["createController"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controllers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one controller */
        get: operations["getController"];
        /** Replace one controller */
        put: operations["replaceController"];
        post?: never;
        /** Delete one controller */
        delete: operations["deleteController"];
        options?: never;
        head?: never;
        /** Change some fields of one controller */
        patch: operations["updateController"];
        trace?: never;
    };
    "/api/v1/authentication-profiles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List authentication profiles */
        get: operations["listAuthenticationProfiles"];
        put?: never;
        /** Create a authentication profile */
        post: operations["createAuthenticationProfile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/authentication-profiles/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one authentication profile */
        get: operations["getAuthenticationProfile"];
        /** Replace one authentication profile */
        put: operations["replaceAuthenticationProfile"];
        post?: never;
        /** Delete one authentication profile */
        delete: operations["deleteAuthenticationProfile"];
        options?: never;
        head?: never;
        /** Change some fields of one authentication profile */
        patch: operations["updateAuthenticationProfile"];
        trace?: never;
    };
    "/api/v1/card-formats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List card formats */
        get: operations["listCardFormats"];
        put?: never;
        /** Create a card format */
        post: operations["createCardFormat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/card-formats/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one card format */
        get: operations["getCardFormat"];
        /** Replace one card format */
        put: operations["replaceCardFormat"];
        post?: never;
        /** Delete one card format */
        delete: operations["deleteCardFormat"];
        options?: never;
        head?: never;
        /** Change some fields of one card format */
        patch: operations["updateCardFormat"];
        trace?: never;
    };
    "/api/v1/doors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List doors */
        get: operations["listDoors"];
        put?: never;
        /** Create a door */
        post: operations["createDoor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/doors/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one door */
        get: operations["getDoor"];
        /** Replace one door */
        put: operations["replaceDoor"];
        post?: never;
        /** Delete one door */
        delete: operations["deleteDoor"];
        options?: never;
        head?: never;
        /** Change some fields of one door */
        patch: operations["updateDoor"];
        trace?: never;
    };
    "/api/v1/access-points": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List access points */
        get: operations["listAccessPoints"];
        put?: never;
        /** Create a access point */
        post: operations["createAccessPoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/access-points/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one access point */
        get: operations["getAccessPoint"];
        /** Replace one access point */
        put: operations["replaceAccessPoint"];
        post?: never;
        /** Delete one access point */
        delete: operations["deleteAccessPoint"];
        options?: never;
        head?: never;
        /** Change some fields of one access point */
        patch: operations["updateAccessPoint"];
        trace?: never;
    };
    "/api/v1/access-profiles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List access profiles */
        get: operations["listAccessProfiles"];
        put?: never;
        /** Create a access profile */
        post: operations["createAccessProfile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/access-profiles/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one access profile */
        get: operations["getAccessProfile"];
        /** Replace one access profile */
        put: operations["replaceAccessProfile"];
        post?: never;
        /** Delete one access profile */
        delete: operations["deleteAccessProfile"];
        options?: never;
        head?: never;
        /** Change some fields of one access profile */
        patch: operations["updateAccessProfile"];
        trace?: never;
    };
    "/api/v1/holder-groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List holder groups */
        get: operations["listHolderGroups"];
        put?: never;
        /** Create a holder group */
        post: operations["createHolderGroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/holder-groups/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one holder group */
        get: operations["getHolderGroup"];
        /** Replace one holder group */
        put: operations["replaceHolderGroup"];
        post?: never;
        /** Delete one holder group */
        delete: operations["deleteHolderGroup"];
        options?: never;
        head?: never;
        /** Change some fields of one holder group */
        patch: operations["updateHolderGroup"];
        trace?: never;
    };
    "/api/v1/credential-holders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List credential holders */
        get: operations["listCredentialHolders"];
        put?: never;
        /** Create a credential holder */
        post: operations["createCredentialHolder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credential-holders/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one credential holder */
        get: operations["getCredentialHolder"];
        /** Replace one credential holder */
        put: operations["replaceCredentialHolder"];
        post?: never;
        /** Delete one credential holder */
        delete: operations["deleteCredentialHolder"];
        options?: never;
        head?: never;
        /** Change some fields of one credential holder */
        patch: operations["updateCredentialHolder"];
        trace?: never;
    };
    "/api/v1/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List credentials */
        get: operations["listCredentials"];
        put?: never;
        /** Create a credential */
        post: operations["createCredential"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credentials/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one credential */
        get: operations["getCredential"];
        /** Replace one credential */
        put: operations["replaceCredential"];
        post?: never;
        /** Delete one credential */
        delete: operations["deleteCredential"];
        options?: never;
        head?: never;
        /** Change some fields of one credential */
        patch: operations["updateCredential"];
        trace?: never;
    };
    "/api/v1/antipassback-zones": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List antipassback zones */
        get: operations["listAntipassbackZones"];
        put?: never;
        /** Create a antipassback zone */
        post: operations["createAntipassbackZone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/antipassback-zones/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one antipassback zone */
        get: operations["getAntipassbackZone"];
        /** Replace one antipassback zone */
        put: operations["replaceAntipassbackZone"];
        post?: never;
        /** Delete one antipassback zone */
        delete: operations["deleteAntipassbackZone"];
        options?: never;
        head?: never;
        /** Change some fields of one antipassback zone */
        patch: operations["updateAntipassbackZone"];
        trace?: never;
    };
    "/api/v1/occupancy-zones": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List occupancy zones */
        get: operations["listOccupancyZones"];
        put?: never;
        /** Create a occupancy zone */
        post: operations["createOccupancyZone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/occupancy-zones/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one occupancy zone */
        get: operations["getOccupancyZone"];
        /** Replace one occupancy zone */
        put: operations["replaceOccupancyZone"];
        post?: never;
        /** Delete one occupancy zone */
        delete: operations["deleteOccupancyZone"];
        options?: never;
        head?: never;
        /** Change some fields of one occupancy zone */
        patch: operations["updateOccupancyZone"];
        trace?: never;
    };
    "/api/v1/interlock-zones": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List interlock zones */
        get: operations["listInterlockZones"];
        put?: never;
        /** Create a interlock zone */
        post: operations["createInterlockZone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/interlock-zones/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one interlock zone */
        get: operations["getInterlockZone"];
        /** Replace one interlock zone */
        put: operations["replaceInterlockZone"];
        post?: never;
        /** Delete one interlock zone */
        delete: operations["deleteInterlockZone"];
        options?: never;
        head?: never;
        /** Change some fields of one interlock zone */
        patch: operations["updateInterlockZone"];
        trace?: never;
    };
    "/api/v1/entrance-limit-zones": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List entrance limit zones */
        get: operations["listEntranceLimitZones"];
        put?: never;
        /** Create a entrance limit zone */
        post: operations["createEntranceLimitZone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/entrance-limit-zones/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one entrance limit zone */
        get: operations["getEntranceLimitZone"];
        /** Replace one entrance limit zone */
        put: operations["replaceEntranceLimitZone"];
        post?: never;
        /** Delete one entrance limit zone */
        delete: operations["deleteEntranceLimitZone"];
        options?: never;
        head?: never;
        /** Change some fields of one entrance limit zone */
        patch: operations["updateEntranceLimitZone"];
        trace?: never;
    };
    "/api/v1/first-person-zones": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List first person zones */
        get: operations["listFirstPersonZones"];
        put?: never;
        /** Create a first person zone */
        post: operations["createFirstPersonZone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/first-person-zones/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one first person zone */
        get: operations["getFirstPersonZone"];
        /** Replace one first person zone */
        put: operations["replaceFirstPersonZone"];
        post?: never;
        /** Delete one first person zone */
        delete: operations["deleteFirstPersonZone"];
        options?: never;
        head?: never;
        /** Change some fields of one first person zone */
        patch: operations["updateFirstPersonZone"];
        trace?: never;
    };
    "/api/v1/fire-zones": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List fire zones */
        get: operations["listFireZones"];
        put?: never;
        /** Create a fire zone */
        post: operations["createFireZone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/fire-zones/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one fire zone */
        get: operations["getFireZone"];
        /** Replace one fire zone */
        put: operations["replaceFireZone"];
        post?: never;
        /** Delete one fire zone */
        delete: operations["deleteFireZone"];
        options?: never;
        head?: never;
        /** Change some fields of one fire zone */
        patch: operations["updateFireZone"];
        trace?: never;
    };
    "/api/v1/intrusion-zones": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List intrusion zones */
        get: operations["listIntrusionZones"];
        put?: never;
        /** Create a intrusion zone */
        post: operations["createIntrusionZone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/intrusion-zones/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one intrusion zone */
        get: operations["getIntrusionZone"];
        /** Replace one intrusion zone */
        put: operations["replaceIntrusionZone"];
        post?: never;
        /** Delete one intrusion zone */
        delete: operations["deleteIntrusionZone"];
        options?: never;
        head?: never;
        /** Change some fields of one intrusion zone */
        patch: operations["updateIntrusionZone"];
        trace?: never;
    };
    "/api/v1/bookmarks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List bookmarks */
        get: operations["listBookmarks"];
        put?: never;
        /** Create a bookmark */
        post: operations["createBookmark"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bookmarks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one bookmark */
        get: operations["getBookmark"];
        /** Replace one bookmark */
        put: operations["replaceBookmark"];
        post?: never;
        /** Delete one bookmark */
        delete: operations["deleteBookmark"];
        options?: never;
        head?: never;
        /** Change some fields of one bookmark */
        patch: operations["updateBookmark"];
        trace?: never;
    };
    "/api/v1/layouts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List layouts */
        get: operations["listLayouts"];
        put?: never;
        /** Create a layout */
        post: operations["createLayout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/layouts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one layout */
        get: operations["getLayout"];
        /** Replace one layout */
        put: operations["replaceLayout"];
        post?: never;
        /** Delete one layout */
        delete: operations["deleteLayout"];
        options?: never;
        head?: never;
        /** Change some fields of one layout */
        patch: operations["updateLayout"];
        trace?: never;
    };
    "/api/v1/tours": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List tours */
        get: operations["listTours"];
        put?: never;
        /** Create a tour */
        post: operations["createTour"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tours/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one tour */
        get: operations["getTour"];
        /** Replace one tour */
        put: operations["replaceTour"];
        post?: never;
        /** Delete one tour */
        delete: operations["deleteTour"];
        options?: never;
        head?: never;
        /** Change some fields of one tour */
        patch: operations["updateTour"];
        trace?: never;
    };
    "/api/v1/saved-searches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List saved searches */
        get: operations["listSavedSearches"];
        put?: never;
        /** Create a saved search */
        post: operations["createSavedSearch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/saved-searches/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one saved search */
        get: operations["getSavedSearch"];
        /** Replace one saved search */
        put: operations["replaceSavedSearch"];
        post?: never;
        /** Delete one saved search */
        delete: operations["deleteSavedSearch"];
        options?: never;
        head?: never;
        /** Change some fields of one saved search */
        patch: operations["updateSavedSearch"];
        trace?: never;
    };
    "/api/v1/dashboards": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List dashboards */
        get: operations["listDashboards"];
        put?: never;
        /** Create a dashboard */
        post: operations["createDashboard"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dashboards/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one dashboard */
        get: operations["getDashboard"];
        /** Replace one dashboard */
        put: operations["replaceDashboard"];
        post?: never;
        /** Delete one dashboard */
        delete: operations["deleteDashboard"];
        options?: never;
        head?: never;
        /** Change some fields of one dashboard */
        patch: operations["updateDashboard"];
        trace?: never;
    };
    "/api/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Says only that the face answers */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/whep": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Live video by WebRTC (WHEP): an offer in, the answer out */
        post: operations["beginWhep"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{id}/whep/{session}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a WebRTC session that the caller began */
        delete: operations["endWhep"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * AccessPoint
         * @description One direction through a door: the reader on one side, and the areas that it leads from and to.
         */
        AccessPoint: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            door: string;
            reader: number;
            area_from: string | null;
            area_to: string | null;
            /** @enum {unknown} */
            authentication: "biometric" | "biometric-and-pin" | "card" | "card-and-biometric" | "card-and-licence-plate" | "card-and-pin" | "card-or-biometric" | "card-or-licence-plate" | "card-or-pin" | "licence-plate" | "pin";
            authentication_profile: string | null;
            card_formats: string[];
            enabled: boolean;
            muster: boolean;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * AccessPointInput
         * @description One direction through a door: the reader on one side, and the areas that it leads from and to. An id that is left out is made from the name.
         */
        AccessPointInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            door: string;
            /** @default 0 */
            reader?: number;
            /** @default null */
            area_from?: string | null;
            /** @default null */
            area_to?: string | null;
            /**
             * @default card
             * @enum {unknown}
             */
            authentication?: "biometric" | "biometric-and-pin" | "card" | "card-and-biometric" | "card-and-licence-plate" | "card-and-pin" | "card-or-biometric" | "card-or-licence-plate" | "card-or-pin" | "licence-plate" | "pin";
            /** @default null */
            authentication_profile?: string | null;
            /** @default [] */
            card_formats?: string[];
            /** @default true */
            enabled?: boolean;
            /** @default false */
            muster?: boolean;
        };
        /**
         * AccessPointPage
         * @description One page of a list, and the count of all.
         */
        AccessPointPage: {
            items: components["schemas"]["AccessPoint"][];
            total: number;
        };
        /**
         * AccessPointPatch
         * @description The fields to change; those that are left out stay as they are.
         */
        AccessPointPatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            door?: string;
            reader?: number;
            area_from?: string | null;
            area_to?: string | null;
            /** @enum {unknown} */
            authentication?: "biometric" | "biometric-and-pin" | "card" | "card-and-biometric" | "card-and-licence-plate" | "card-and-pin" | "card-or-biometric" | "card-or-licence-plate" | "card-or-pin" | "licence-plate" | "pin";
            authentication_profile?: string | null;
            card_formats?: string[];
            enabled?: boolean;
            muster?: boolean;
        };
        /**
         * AccessPolicy
         * @description Leave to pass an access point while a schedule holds.
         */
        AccessPolicy: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            schedule: string;
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            access_point: string;
        };
        /**
         * AccessProfile
         * @description A named set of access policies.
         */
        AccessProfile: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            policies: components["schemas"]["AccessPolicy"][];
            enabled: boolean;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * AccessProfileInput
         * @description A named set of access policies. An id that is left out is made from the name.
         */
        AccessProfileInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @default [] */
            policies?: components["schemas"]["AccessPolicy"][];
            /** @default true */
            enabled?: boolean;
        };
        /**
         * AccessProfilePage
         * @description One page of a list, and the count of all.
         */
        AccessProfilePage: {
            items: components["schemas"]["AccessProfile"][];
            total: number;
        };
        /**
         * AccessProfilePatch
         * @description The fields to change; those that are left out stay as they are.
         */
        AccessProfilePatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            policies?: components["schemas"]["AccessPolicy"][];
            enabled?: boolean;
        };
        /**
         * AddCamera
         * @description Add a camera by its address, user and password; what is left out is taken from what it says.
         */
        AddCamera: {
            /** @description IP address or name, with a port where it is not 80; or http://host/path of its ONVIF device service. */
            address: string;
            /** @default  */
            username?: string;
            /**
             * @description Write-only. An empty text removes the secret.
             * @default
             */
            password?: string;
            /** @default null */
            name?: string | null;
            /** @default null */
            area?: string | null;
            /**
             * @description Profile to record; empty: the largest that can be.
             * @default
             */
            profile?: string;
            /**
             * @description Profile of the second stream; empty: none. None: the one that fits.
             * @default null
             */
            sub?: string | null;
            /**
             * @description Refuse a camera whose certificate has another SHA-256.
             * @default
             */
            fingerprint?: string;
        };
        /**
         * AddDeviceBody
         * @description Add a found device to the site as a camera: asked over ONVIF for its streams, or by the address of one.
         */
        AddDeviceBody: {
            /** @default null */
            name?: string | null;
            /** @default null */
            url?: string | null;
            /** @default  */
            username?: string;
            /**
             * @description Write-only. An empty text removes the secret.
             * @default
             */
            password?: string;
            /** @default null */
            area?: string | null;
        };
        /**
         * AddedCamera
         * @description The camera that was made.
         */
        AddedCamera: {
            entity: string;
            name: string;
            url: string;
        };
        /**
         * AddedDevice
         * @description The camera that was made.
         */
        AddedDevice: {
            entity: string;
            next: string;
        };
        /**
         * AnnouncedPort
         * @description A port that it says it serves.
         */
        AnnouncedPort: {
            row: string;
            number: number;
        };
        /**
         * AntipassbackZone
         * @description Nobody enters where they are already, or leaves where they are not. Areas may lie in each other.
         */
        AntipassbackZone: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            enabled: boolean;
            exempt_groups: string[];
            /** @enum {unknown} */
            offline: "allow" | "deny";
            areas: string[];
            /** @enum {unknown} */
            kind: "area" | "timed";
            /** @enum {unknown} */
            enforcement: "hard" | "soft";
            /** @description Seconds, at most a year. */
            window: number;
            /** @description Seconds, at most a year. */
            reset_after: number;
            reset_schedule: string | null;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * AntipassbackZoneInput
         * @description Nobody enters where they are already, or leaves where they are not. Areas may lie in each other. An id that is left out is made from the name.
         */
        AntipassbackZoneInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @default true */
            enabled?: boolean;
            /** @default [] */
            exempt_groups?: string[];
            /**
             * @default allow
             * @enum {unknown}
             */
            offline?: "allow" | "deny";
            /** @default [] */
            areas?: string[];
            /**
             * @default area
             * @enum {unknown}
             */
            kind?: "area" | "timed";
            /**
             * @default hard
             * @enum {unknown}
             */
            enforcement?: "hard" | "soft";
            /**
             * @description Seconds, at most a year.
             * @default 300
             */
            window?: number;
            /**
             * @description Seconds, at most a year.
             * @default 0
             */
            reset_after?: number;
            /** @default null */
            reset_schedule?: string | null;
        };
        /**
         * AntipassbackZonePage
         * @description One page of a list, and the count of all.
         */
        AntipassbackZonePage: {
            items: components["schemas"]["AntipassbackZone"][];
            total: number;
        };
        /**
         * AntipassbackZonePatch
         * @description The fields to change; those that are left out stay as they are.
         */
        AntipassbackZonePatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            enabled?: boolean;
            exempt_groups?: string[];
            /** @enum {unknown} */
            offline?: "allow" | "deny";
            areas?: string[];
            /** @enum {unknown} */
            kind?: "area" | "timed";
            /** @enum {unknown} */
            enforcement?: "hard" | "soft";
            /** @description Seconds, at most a year. */
            window?: number;
            /** @description Seconds, at most a year. */
            reset_after?: number;
            reset_schedule?: string | null;
        };
        /**
         * ApplyImportBody
         * @description Make it so.
         */
        ApplyImportBody: {
            /**
             * @description Why; goes into the audit log.
             * @default
             */
            reason?: string;
        };
        /**
         * ApplyMachineImportBody
         * @description Make it so.
         */
        ApplyMachineImportBody: {
            /**
             * @description Why; goes into the audit log.
             * @default
             */
            reason?: string;
        };
        /**
         * ApproveControllerBody
         * @description Let a pending controller join, with the commissioning code of its label; empty for the one that the site holds.
         */
        ApproveControllerBody: {
            /** @default  */
            code?: string;
        };
        /**
         * Area
         * @description A part of the site that access points lead into and out of; `area` is the area that it lies in.
         */
        Area: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * AreaInput
         * @description A part of the site that access points lead into and out of; `area` is the area that it lies in. An id that is left out is made from the name.
         */
        AreaInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
        };
        /**
         * AreaPage
         * @description One page of a list, and the count of all.
         */
        AreaPage: {
            items: components["schemas"]["Area"][];
            total: number;
        };
        /**
         * AreaPatch
         * @description The fields to change; those that are left out stay as they are.
         */
        AreaPatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
        };
        /**
         * ArmZoneBody
         * @description Which zone to arm, and why.
         */
        ArmZoneBody: {
            /**
             * @description Why; goes into the audit log.
             * @default
             */
            reason?: string;
        };
        /**
         * AuditPage
         * @description Lines of the audit log, newest first.
         */
        AuditPage: {
            items: components["schemas"]["AuditRecord"][];
            next: number | null;
        };
        /**
         * AuditRecord
         * @description One line of the audit log with its place in the chain.
         */
        AuditRecord: {
            seq: number;
            time: number;
            actor: string;
            action: string;
            entity: string;
            outcome: string;
            reason: string;
            detail: Record<string, unknown>;
            remote: string;
            hash: string;
        };
        /**
         * AuthenticationPolicy
         * @description What is asked for while a schedule holds. `mode` dual: two holders, one after the other (ONVIF DualCredential).
         */
        AuthenticationPolicy: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            schedule: string;
            /**
             * @default card
             * @enum {unknown}
             */
            level?: "biometric" | "biometric-and-pin" | "card" | "card-and-biometric" | "card-and-licence-plate" | "card-and-pin" | "card-or-biometric" | "card-or-licence-plate" | "card-or-pin" | "licence-plate" | "pin";
            /**
             * @default single
             * @enum {unknown}
             */
            mode?: "dual" | "single";
        };
        /**
         * AuthenticationProfile
         * @description What access points ask for, by schedule; the first policy whose schedule holds counts.
         */
        AuthenticationProfile: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            policies: components["schemas"]["AuthenticationPolicy"][];
            dual_window: number;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * AuthenticationProfileInput
         * @description What access points ask for, by schedule; the first policy whose schedule holds counts. An id that is left out is made from the name.
         */
        AuthenticationProfileInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @default [] */
            policies?: components["schemas"]["AuthenticationPolicy"][];
            /** @default 15 */
            dual_window?: number;
        };
        /**
         * AuthenticationProfilePage
         * @description One page of a list, and the count of all.
         */
        AuthenticationProfilePage: {
            items: components["schemas"]["AuthenticationProfile"][];
            total: number;
        };
        /**
         * AuthenticationProfilePatch
         * @description The fields to change; those that are left out stay as they are.
         */
        AuthenticationProfilePatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            policies?: components["schemas"]["AuthenticationPolicy"][];
            dual_window?: number;
        };
        /**
         * BackupStatus
         * @description The backups of this node. Times are microseconds since 1970 UTC.
         */
        BackupStatus: {
            destination: string;
            every_hours: number;
            media: boolean;
            running: boolean;
            next: number | null;
            late: boolean;
            outcomes: components["schemas"]["Outcome"][];
        };
        /**
         * Bookmark
         * @description A named moment, or span, of a camera's recordings; `description` is the note. It holds nothing: that is what locks do.
         */
        Bookmark: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            camera: string;
            /** @description Microseconds since 1970 UTC. */
            time: number;
            /** @description Where a span ends; 0 for a moment. */
            end: number;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * BookmarkInput
         * @description A named moment, or span, of a camera's recordings; `description` is the note. It holds nothing: that is what locks do. An id that is left out is made from the name.
         */
        BookmarkInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            camera: string;
            /** @description Microseconds since 1970 UTC. */
            time: number;
            /**
             * @description Where a span ends; 0 for a moment.
             * @default 0
             */
            end?: number;
        };
        /**
         * BookmarkPage
         * @description One page of a list, and the count of all.
         */
        BookmarkPage: {
            items: components["schemas"]["Bookmark"][];
            total: number;
        };
        /**
         * BookmarkPatch
         * @description The fields to change; those that are left out stay as they are.
         */
        BookmarkPatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            camera?: string;
            /** @description Microseconds since 1970 UTC. */
            time?: number;
            /** @description Where a span ends; 0 for a moment. */
            end?: number;
        };
        /**
         * BrowseDeviceBody
         * @description List what a device has, such as the objects of an SNMP agent.
         */
        BrowseDeviceBody: {
            /** @default  */
            under?: string;
            /** @default 500 */
            most?: number;
        };
        /**
         * BrowseEndpointBody
         * @description Look at what is behind an endpoint, such as the topics of an MQTT broker, or what an OPC UA server offers.
         */
        BrowseEndpointBody: {
            /** @default  */
            filter?: string;
            /** @default 3 */
            seconds?: number;
        };
        /**
         * Browsed
         * @description What was found, and whether there is more than is told.
         */
        Browsed: {
            /** @default [] */
            items: components["schemas"]["Found"][];
            /** @default false */
            more: boolean;
        };
        /**
         * Camera
         * @description A camera by its stream address. The URL carries no user and no password.
         */
        Camera: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            /**
             * @description How its stream comes. rtsp: asked for at its address, by RTSP or as Motion JPEG over HTTP. rtmp: a camera or an encoder publishes it to this server by RTMP, with a stream key. libav: fetched by FFmpeg, in a child process, or played from a file of this server.
             * @enum {unknown}
             */
            driver: "libav" | "mjpeg" | "rtmp" | "rtsp";
            /** @description rtsp:// or rtsps:// with a path; http:// or https:// for a camera that sends Motion JPEG over HTTP, or HLS (.m3u8); rtmp:// or rtmps:// for one that serves RTMP; file: and a name for a recording in the server's folder of recordings. Empty for one that publishes. */
            url: string;
            /** @description A recording from the server's folder begins anew when it is over. Off: it is played once. */
            repeat: boolean;
            /** @description Address of a second, smaller stream (RTSP), for the live wall. Opened only while somebody looks at it. Empty: none. */
            sub_url: string;
            username: string;
            /**
             * @description tcp: inside the RTSP connection. udp: to media-input ports. multicast: to the camera's own group.
             * @enum {unknown}
             */
            transport: "multicast" | "tcp" | "udp";
            /** @description Where its ONVIF services answer, such as http://10.1.0.5/onvif/device_service. Empty: not asked. */
            onvif: string;
            /** @description SHA-256 of its certificate, where no authority signed it; https alone. */
            onvif_fingerprint: string;
            enabled: boolean;
            /** @description Off: this camera is never recorded, not even on command. */
            record: boolean;
            /**
             * @description continuous: always. events: from before to after what `record_on` names. manual: on command only.
             * @enum {unknown}
             */
            record_mode: "continuous" | "events" | "manual";
            /** @description Record only while this schedule holds; a command records at any time. None: always. */
            record_schedule: string | null;
            /** @description Events that start a recording, of this camera, of the doors that it shows and of their access points. Empty: motion, and every alarm. */
            record_on: string[];
            /** @description Recorded from before an event, from the key frame before. */
            pre_seconds: number;
            /** @description Recorded after the last event. */
            post_seconds: number;
            /** @description What it does when something happens: goes to a preset, runs a tour, is recorded. */
            reactions: components["schemas"]["Reaction"][];
            /**
             * @description Gaps filled from what the camera recorded itself (ONVIF profile G). auto: by themselves, after a loss of the camera, the server or the disk. manual: when somebody asks.
             * @enum {unknown}
             */
            edge_fill: "auto" | "manual" | "off";
            /** @description Record the camera's sound, and let it be heard live. Off unless you mean it; the law may forbid it. */
            audio: boolean;
            /** @description Packets that are missing, per cent, from which it is told; 0: never. */
            loss_limit: number;
            /** @description Jitter in milliseconds from which it is told; 0: never. */
            jitter_limit: number;
            /** @description Pictures a second; it is told when there are fewer. 0: never. */
            frame_rate_limit: number;
            /** @description Per cent by which the bit rate falls below its median of the last hour before it is told; 0: never. */
            bitrate_drop: number;
            /** @description Seconds between the camera's clock and the server's from which it is told; 0: never. */
            clock_limit: number;
            retention_days: number;
            /** @description Recordings of this camera take so much at most, the oldest go; 0: no limit. */
            max_gigabytes: number;
            /**
             * @description Where the disk gets full, recordings of low priority go first, then normal, then high.
             * @enum {unknown}
             */
            priority: "high" | "low" | "normal";
            /** @description The volume of the settings that it is recorded on while that works. None: the server spreads cameras. */
            volume: string | null;
            /** @description On: neither recorded nor shown, and not even asked for its picture. Switched by a command. */
            privacy: boolean;
            privacy_reason: string;
            password_set: boolean;
            stream_key_set: boolean;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * CameraDropPresetBody
         * @description A preset that a camera is to forget.
         */
        CameraDropPresetBody: {
            preset: string;
        };
        /**
         * CameraDropTourBody
         * @description A preset tour that a camera is to forget.
         */
        CameraDropTourBody: {
            tour: string;
        };
        /**
         * CameraFocusBody
         * @description Move a camera's focus.
         */
        CameraFocusBody: {
            speed: number;
            /** @default 1.5 */
            seconds?: number;
        };
        /**
         * CameraHealth
         * @description All streams of a camera that are, or were, taken in; none for a camera that is switched off.
         */
        CameraHealth: {
            camera: string;
            time: number;
            streams: components["schemas"]["StreamHealth"][];
        };
        /**
         * CameraHold
         * @description Who moves a camera now; null where nobody does.
         */
        CameraHold: {
            hold: components["schemas"]["Hold"] | null;
        };
        /**
         * CameraHomeBody
         * @description Go home, or make the present position home.
         */
        CameraHomeBody: {
            /** @default false */
            set?: boolean;
        };
        /**
         * CameraImagingBody
         * @description How a camera's picture is to be set.
         */
        CameraImagingBody: {
            /** @default null */
            brightness?: number | null;
            /** @default null */
            contrast?: number | null;
            /** @default null */
            saturation?: number | null;
            /** @default null */
            sharpness?: number | null;
            /** @default null */
            ir_cut?: ("AUTO" | "OFF" | "ON") | null;
            /** @default null */
            focus?: ("AUTO" | "MANUAL") | null;
            /** @default null */
            exposure?: ("AUTO" | "MANUAL") | null;
            /** @default null */
            iris?: number | null;
        };
        /**
         * CameraInput
         * @description A camera by its stream address. The URL carries no user and no password. An id that is left out is made from the name.
         */
        CameraInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /**
             * @description How its stream comes. rtsp: asked for at its address, by RTSP or as Motion JPEG over HTTP. rtmp: a camera or an encoder publishes it to this server by RTMP, with a stream key. libav: fetched by FFmpeg, in a child process, or played from a file of this server.
             * @default rtsp
             * @enum {unknown}
             */
            driver?: "libav" | "mjpeg" | "rtmp" | "rtsp";
            /**
             * @description rtsp:// or rtsps:// with a path; http:// or https:// for a camera that sends Motion JPEG over HTTP, or HLS (.m3u8); rtmp:// or rtmps:// for one that serves RTMP; file: and a name for a recording in the server's folder of recordings. Empty for one that publishes.
             * @default
             */
            url?: string;
            /**
             * @description A recording from the server's folder begins anew when it is over. Off: it is played once.
             * @default true
             */
            repeat?: boolean;
            /**
             * @description Address of a second, smaller stream (RTSP), for the live wall. Opened only while somebody looks at it. Empty: none.
             * @default
             */
            sub_url?: string;
            /** @default  */
            username?: string;
            /**
             * @description tcp: inside the RTSP connection. udp: to media-input ports. multicast: to the camera's own group.
             * @default tcp
             * @enum {unknown}
             */
            transport?: "multicast" | "tcp" | "udp";
            /**
             * @description Where its ONVIF services answer, such as http://10.1.0.5/onvif/device_service. Empty: not asked.
             * @default
             */
            onvif?: string;
            /**
             * @description SHA-256 of its certificate, where no authority signed it; https alone.
             * @default
             */
            onvif_fingerprint?: string;
            /** @default true */
            enabled?: boolean;
            /**
             * @description Off: this camera is never recorded, not even on command.
             * @default true
             */
            record?: boolean;
            /**
             * @description continuous: always. events: from before to after what `record_on` names. manual: on command only.
             * @default continuous
             * @enum {unknown}
             */
            record_mode?: "continuous" | "events" | "manual";
            /**
             * @description Record only while this schedule holds; a command records at any time. None: always.
             * @default null
             */
            record_schedule?: string | null;
            /**
             * @description Events that start a recording, of this camera, of the doors that it shows and of their access points. Empty: motion, and every alarm.
             * @default []
             */
            record_on?: string[];
            /**
             * @description Recorded from before an event, from the key frame before.
             * @default 5
             */
            pre_seconds?: number;
            /**
             * @description Recorded after the last event.
             * @default 15
             */
            post_seconds?: number;
            /**
             * @description What it does when something happens: goes to a preset, runs a tour, is recorded.
             * @default []
             */
            reactions?: components["schemas"]["Reaction"][];
            /**
             * @description Gaps filled from what the camera recorded itself (ONVIF profile G). auto: by themselves, after a loss of the camera, the server or the disk. manual: when somebody asks.
             * @default auto
             * @enum {unknown}
             */
            edge_fill?: "auto" | "manual" | "off";
            /**
             * @description Record the camera's sound, and let it be heard live. Off unless you mean it; the law may forbid it.
             * @default false
             */
            audio?: boolean;
            /**
             * @description Packets that are missing, per cent, from which it is told; 0: never.
             * @default 2
             */
            loss_limit?: number;
            /**
             * @description Jitter in milliseconds from which it is told; 0: never.
             * @default 200
             */
            jitter_limit?: number;
            /**
             * @description Pictures a second; it is told when there are fewer. 0: never.
             * @default 2
             */
            frame_rate_limit?: number;
            /**
             * @description Per cent by which the bit rate falls below its median of the last hour before it is told; 0: never.
             * @default 90
             */
            bitrate_drop?: number;
            /**
             * @description Seconds between the camera's clock and the server's from which it is told; 0: never.
             * @default 10
             */
            clock_limit?: number;
            /** @default 30 */
            retention_days?: number;
            /**
             * @description Recordings of this camera take so much at most, the oldest go; 0: no limit.
             * @default 0
             */
            max_gigabytes?: number;
            /**
             * @description Where the disk gets full, recordings of low priority go first, then normal, then high.
             * @default normal
             * @enum {unknown}
             */
            priority?: "high" | "low" | "normal";
            /**
             * @description The volume of the settings that it is recorded on while that works. None: the server spreads cameras.
             * @default null
             */
            volume?: string | null;
            password?: string | null;
            stream_key?: string | null;
        };
        /**
         * CameraKeepPresetBody
         * @description Keep where a camera looks as a preset.
         */
        CameraKeepPresetBody: {
            /** @default  */
            name?: string;
            /** @default  */
            preset?: string;
        };
        /**
         * CameraKeepTourBody
         * @description Keep a preset tour of a camera: its stops in order, how long it looks at each.
         */
        CameraKeepTourBody: {
            /** @default  */
            tour?: string;
            /** @default  */
            name?: string;
            stops: components["schemas"]["TourStop"][];
            /**
             * @description It begins by itself when the camera starts.
             * @default false
             */
            auto_start?: boolean;
        };
        /**
         * CameraLockBody
         * @description Keep a camera for oneself.
         */
        CameraLockBody: {
            /** @default 60 */
            seconds?: number;
            /**
             * @description Why; goes into the audit log.
             * @default
             */
            reason?: string;
        };
        /**
         * CameraMoveBody
         * @description Move a camera; ask again before `seconds` are over to go on.
         */
        CameraMoveBody: {
            /** @default 0 */
            pan?: number;
            /** @default 0 */
            tilt?: number;
            /** @default 0 */
            zoom?: number;
            /** @default 1.5 */
            seconds?: number;
        };
        /**
         * CameraPage
         * @description One page of a list, and the count of all.
         */
        CameraPage: {
            items: components["schemas"]["Camera"][];
            total: number;
        };
        /**
         * CameraPatch
         * @description The fields to change; those that are left out stay as they are.
         */
        CameraPatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            /**
             * @description How its stream comes. rtsp: asked for at its address, by RTSP or as Motion JPEG over HTTP. rtmp: a camera or an encoder publishes it to this server by RTMP, with a stream key. libav: fetched by FFmpeg, in a child process, or played from a file of this server.
             * @enum {unknown}
             */
            driver?: "libav" | "mjpeg" | "rtmp" | "rtsp";
            /** @description rtsp:// or rtsps:// with a path; http:// or https:// for a camera that sends Motion JPEG over HTTP, or HLS (.m3u8); rtmp:// or rtmps:// for one that serves RTMP; file: and a name for a recording in the server's folder of recordings. Empty for one that publishes. */
            url?: string;
            /** @description A recording from the server's folder begins anew when it is over. Off: it is played once. */
            repeat?: boolean;
            /** @description Address of a second, smaller stream (RTSP), for the live wall. Opened only while somebody looks at it. Empty: none. */
            sub_url?: string;
            username?: string;
            /**
             * @description tcp: inside the RTSP connection. udp: to media-input ports. multicast: to the camera's own group.
             * @enum {unknown}
             */
            transport?: "multicast" | "tcp" | "udp";
            /** @description Where its ONVIF services answer, such as http://10.1.0.5/onvif/device_service. Empty: not asked. */
            onvif?: string;
            /** @description SHA-256 of its certificate, where no authority signed it; https alone. */
            onvif_fingerprint?: string;
            enabled?: boolean;
            /** @description Off: this camera is never recorded, not even on command. */
            record?: boolean;
            /**
             * @description continuous: always. events: from before to after what `record_on` names. manual: on command only.
             * @enum {unknown}
             */
            record_mode?: "continuous" | "events" | "manual";
            /** @description Record only while this schedule holds; a command records at any time. None: always. */
            record_schedule?: string | null;
            /** @description Events that start a recording, of this camera, of the doors that it shows and of their access points. Empty: motion, and every alarm. */
            record_on?: string[];
            /** @description Recorded from before an event, from the key frame before. */
            pre_seconds?: number;
            /** @description Recorded after the last event. */
            post_seconds?: number;
            /** @description What it does when something happens: goes to a preset, runs a tour, is recorded. */
            reactions?: components["schemas"]["Reaction"][];
            /**
             * @description Gaps filled from what the camera recorded itself (ONVIF profile G). auto: by themselves, after a loss of the camera, the server or the disk. manual: when somebody asks.
             * @enum {unknown}
             */
            edge_fill?: "auto" | "manual" | "off";
            /** @description Record the camera's sound, and let it be heard live. Off unless you mean it; the law may forbid it. */
            audio?: boolean;
            /** @description Packets that are missing, per cent, from which it is told; 0: never. */
            loss_limit?: number;
            /** @description Jitter in milliseconds from which it is told; 0: never. */
            jitter_limit?: number;
            /** @description Pictures a second; it is told when there are fewer. 0: never. */
            frame_rate_limit?: number;
            /** @description Per cent by which the bit rate falls below its median of the last hour before it is told; 0: never. */
            bitrate_drop?: number;
            /** @description Seconds between the camera's clock and the server's from which it is told; 0: never. */
            clock_limit?: number;
            retention_days?: number;
            /** @description Recordings of this camera take so much at most, the oldest go; 0: no limit. */
            max_gigabytes?: number;
            /**
             * @description Where the disk gets full, recordings of low priority go first, then normal, then high.
             * @enum {unknown}
             */
            priority?: "high" | "low" | "normal";
            /** @description The volume of the settings that it is recorded on while that works. None: the server spreads cameras. */
            volume?: string | null;
            password?: string | null;
            stream_key?: string | null;
        };
        /**
         * CameraPlaceBody
         * @description Point a camera at a place, or by so much from where it looks.
         */
        CameraPlaceBody: {
            /** @default null */
            pan?: number | null;
            /** @default null */
            tilt?: number | null;
            /** @default null */
            zoom?: number | null;
            /** @default false */
            relative?: boolean;
        };
        /**
         * CameraPresetBody
         * @description A preset of a camera.
         */
        CameraPresetBody: {
            preset: string;
        };
        /**
         * CameraRelayBody
         * @description Switch a relay output of a camera.
         */
        CameraRelayBody: {
            relay: string;
            active: boolean;
            /**
             * @description Why; goes into the audit log.
             * @default
             */
            reason?: string;
        };
        /**
         * CameraSayBody
         * @description A piece of speech for a camera's loudspeaker; the next is sent before it is over.
         */
        CameraSayBody: {
            audio: string;
        };
        /**
         * CameraSpeech
         * @description Until when the loudspeaker is the caller's, microseconds since 1970 UTC; each piece prolongs it.
         */
        CameraSpeech: {
            until: number;
        };
        /**
         * CameraStorage
         * @description What is kept of a camera, with its name.
         */
        CameraStorage: {
            camera: string;
            bytes: number;
            oldest: number;
            newest: number;
            daily: number;
            days: number;
            max_bytes: number;
            /** @enum {unknown} */
            priority: "high" | "low" | "normal";
            /** @enum {unknown} */
            mode: "continuous" | "events" | "manual";
            recording: boolean;
            ordered: number;
            locks: number;
            /** @default  */
            volume: string;
            /** @default  */
            gap: string;
            /** @default  */
            detail: string;
            name: string;
        };
        /**
         * CameraTourBody
         * @description A preset tour of a camera.
         */
        CameraTourBody: {
            tour: string;
            /** @enum {unknown} */
            operation: "pause" | "start" | "stop";
        };
        /**
         * CardFormat
         * @description How cards of one make are read. `bits`, `fields` and `parities` count for the kind generic alone.
         */
        CardFormat: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            /** @enum {unknown} */
            kind: "generic" | "h10301" | "h10304" | "mifare-csn-4" | "mifare-csn-7";
            /** @enum {unknown} */
            byte_order: "as-sent" | "reversed";
            bits: number;
            fields: components["schemas"]["FieldMask"][];
            parities: components["schemas"]["ParityMask"][];
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * CardFormatInput
         * @description How cards of one make are read. `bits`, `fields` and `parities` count for the kind generic alone. An id that is left out is made from the name.
         */
        CardFormatInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /**
             * @default h10301
             * @enum {unknown}
             */
            kind?: "generic" | "h10301" | "h10304" | "mifare-csn-4" | "mifare-csn-7";
            /**
             * @default as-sent
             * @enum {unknown}
             */
            byte_order?: "as-sent" | "reversed";
            /** @default 26 */
            bits?: number;
            /** @default [] */
            fields?: components["schemas"]["FieldMask"][];
            /** @default [] */
            parities?: components["schemas"]["ParityMask"][];
        };
        /**
         * CardFormatPage
         * @description One page of a list, and the count of all.
         */
        CardFormatPage: {
            items: components["schemas"]["CardFormat"][];
            total: number;
        };
        /**
         * CardFormatPatch
         * @description The fields to change; those that are left out stay as they are.
         */
        CardFormatPatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            /** @enum {unknown} */
            kind?: "generic" | "h10301" | "h10304" | "mifare-csn-4" | "mifare-csn-7";
            /** @enum {unknown} */
            byte_order?: "as-sent" | "reversed";
            bits?: number;
            fields?: components["schemas"]["FieldMask"][];
            parities?: components["schemas"]["ParityMask"][];
        };
        /**
         * ChangePortBody
         * @description Try another number for a row. It goes back by itself unless it is kept within the trial.
         */
        ChangePortBody: {
            number: number;
            /** @default  */
            reason?: string;
        };
        /**
         * CloseEchoBody
         * @description End an echo and leave what was found.
         */
        CloseEchoBody: {
            /** @default [] */
            verdicts?: components["schemas"]["ProbeVerdict"][];
        };
        /**
         * CommandResult
         * @description What came of a command.
         */
        CommandResult: {
            id: string;
            /** @default {} */
            value: Record<string, unknown>;
        };
        /**
         * Controller
         * @description An edge controller. One of ours is a node of the link, and `id` its node id; a board of another make has its own driver.
         */
        Controller: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            /** @enum {unknown} */
            driver: "link" | "uhppote";
            config: Record<string, unknown>;
            /** @enum {unknown} */
            mode: "direct" | "server";
            address: string;
            enabled: boolean;
            /** @enum {unknown} */
            matching: "local" | "server";
            /** @enum {unknown} */
            away: "decide" | "deny";
            fingerprint: string;
            revoked: number | null;
            commissioning_set: boolean;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * ControllerInput
         * @description An edge controller. One of ours is a node of the link, and `id` its node id; a board of another make has its own driver. An id that is left out is made from the name.
         */
        ControllerInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /**
             * @default link
             * @enum {unknown}
             */
            driver?: "link" | "uhppote";
            /** @default {} */
            config?: Record<string, unknown>;
            /**
             * @default server
             * @enum {unknown}
             */
            mode?: "direct" | "server";
            /** @default  */
            address?: string;
            /** @default true */
            enabled?: boolean;
            /**
             * @default local
             * @enum {unknown}
             */
            matching?: "local" | "server";
            /**
             * @default decide
             * @enum {unknown}
             */
            away?: "decide" | "deny";
            commissioning?: string | null;
        };
        /**
         * ControllerLimits
         * @description What controllers cannot keep. A controller that keeps everything by its nature is not listed.
         */
        ControllerLimits: {
            items: components["schemas"]["LimitsOfController"][];
        };
        /**
         * ControllerPage
         * @description One page of a list, and the count of all.
         */
        ControllerPage: {
            items: components["schemas"]["Controller"][];
            total: number;
        };
        /**
         * ControllerPatch
         * @description The fields to change; those that are left out stay as they are.
         */
        ControllerPatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            /** @enum {unknown} */
            driver?: "link" | "uhppote";
            config?: Record<string, unknown>;
            /** @enum {unknown} */
            mode?: "direct" | "server";
            address?: string;
            enabled?: boolean;
            /** @enum {unknown} */
            matching?: "local" | "server";
            /** @enum {unknown} */
            away?: "decide" | "deny";
            commissioning?: string | null;
        };
        /**
         * Counts
         * @description How many of each.
         */
        Counts: {
            /** @default 0 */
            holders_added: number;
            /** @default 0 */
            holders_changed: number;
            /** @default 0 */
            holders_same: number;
            /** @default 0 */
            credentials_added: number;
            /** @default 0 */
            credentials_changed: number;
            /** @default 0 */
            credentials_same: number;
            /** @default 0 */
            lines: number;
            /** @default 0 */
            errors: number;
        };
        /**
         * Credential
         * @description What a holder shows: a card number and, where asked for, a PIN.
         */
        Credential: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            holder: string;
            card: string;
            identifiers: components["schemas"]["Identifier"][];
            valid_from: number | null;
            valid_to: number | null;
            enabled: boolean;
            /** @enum {unknown} */
            disabled_reason: "" | "blocked" | "damaged" | "destroyed" | "expired" | "inactivity" | "locked-out" | "lost" | "renewal-needed" | "stolen";
            extended_grant_time: boolean;
            profiles: components["schemas"]["CredentialProfile"][];
            pin_set: boolean;
            duress_pin_set: boolean;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * CredentialHolder
         * @description A person who carries credentials.
         */
        CredentialHolder: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            enabled: boolean;
            /** @enum {unknown} */
            kind: "person" | "visitor";
            host: string | null;
            company: string;
            groups: string[];
            valid_from: number | null;
            valid_to: number | null;
            antipassback_exempt: boolean;
            custom: {
                [key: string]: string;
            };
            picture: string;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * CredentialHolderInput
         * @description A person who carries credentials. An id that is left out is made from the name.
         */
        CredentialHolderInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @default true */
            enabled?: boolean;
            /**
             * @default person
             * @enum {unknown}
             */
            kind?: "person" | "visitor";
            /** @default null */
            host?: string | null;
            /** @default  */
            company?: string;
            /** @default [] */
            groups?: string[];
            /** @default null */
            valid_from?: number | null;
            /** @default null */
            valid_to?: number | null;
            /** @default false */
            antipassback_exempt?: boolean;
            /** @default {} */
            custom?: {
                [key: string]: string;
            };
        };
        /**
         * CredentialHolderPage
         * @description One page of a list, and the count of all.
         */
        CredentialHolderPage: {
            items: components["schemas"]["CredentialHolder"][];
            total: number;
        };
        /**
         * CredentialHolderPatch
         * @description The fields to change; those that are left out stay as they are.
         */
        CredentialHolderPatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            enabled?: boolean;
            /** @enum {unknown} */
            kind?: "person" | "visitor";
            host?: string | null;
            company?: string;
            groups?: string[];
            valid_from?: number | null;
            valid_to?: number | null;
            antipassback_exempt?: boolean;
            custom?: {
                [key: string]: string;
            };
        };
        /**
         * CredentialInput
         * @description What a holder shows: a card number and, where asked for, a PIN. An id that is left out is made from the name.
         */
        CredentialInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            holder: string;
            /** @default  */
            card?: string;
            /** @default [] */
            identifiers?: components["schemas"]["Identifier"][];
            /** @default null */
            valid_from?: number | null;
            /** @default null */
            valid_to?: number | null;
            /** @default true */
            enabled?: boolean;
            /**
             * @default
             * @enum {unknown}
             */
            disabled_reason?: "" | "blocked" | "damaged" | "destroyed" | "expired" | "inactivity" | "locked-out" | "lost" | "renewal-needed" | "stolen";
            /** @default false */
            extended_grant_time?: boolean;
            /** @default [] */
            profiles?: components["schemas"]["CredentialProfile"][];
            pin?: string | null;
            duress_pin?: string | null;
        };
        /**
         * CredentialPage
         * @description One page of a list, and the count of all.
         */
        CredentialPage: {
            items: components["schemas"]["Credential"][];
            total: number;
        };
        /**
         * CredentialPatch
         * @description The fields to change; those that are left out stay as they are.
         */
        CredentialPatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            holder?: string;
            card?: string;
            identifiers?: components["schemas"]["Identifier"][];
            valid_from?: number | null;
            valid_to?: number | null;
            enabled?: boolean;
            /** @enum {unknown} */
            disabled_reason?: "" | "blocked" | "damaged" | "destroyed" | "expired" | "inactivity" | "locked-out" | "lost" | "renewal-needed" | "stolen";
            extended_grant_time?: boolean;
            profiles?: components["schemas"]["CredentialProfile"][];
            pin?: string | null;
            duress_pin?: string | null;
        };
        /**
         * CredentialProfile
         * @description An access profile, with a validity of its own.
         */
        CredentialProfile: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            profile: string;
            /** @default null */
            valid_from?: number | null;
            /** @default null */
            valid_to?: number | null;
        };
        /**
         * Dashboard
         * @description Tiles of values, charts, states, pictures and events, as a person arranged them.
         */
        Dashboard: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            tiles: components["schemas"]["Tile"][];
            /** @description The user who alone sees it; none: it is for all. */
            owner: string | null;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * DashboardInput
         * @description Tiles of values, charts, states, pictures and events, as a person arranged them. An id that is left out is made from the name.
         */
        DashboardInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @default [] */
            tiles?: components["schemas"]["Tile"][];
            /**
             * @description The user who alone sees it; none: it is for all.
             * @default null
             */
            owner?: string | null;
        };
        /**
         * DashboardPage
         * @description One page of a list, and the count of all.
         */
        DashboardPage: {
            items: components["schemas"]["Dashboard"][];
            total: number;
        };
        /**
         * DashboardPatch
         * @description The fields to change; those that are left out stay as they are.
         */
        DashboardPatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            tiles?: components["schemas"]["Tile"][];
            /** @description The user who alone sees it; none: it is for all. */
            owner?: string | null;
        };
        /**
         * Device
         * @description A device behind an endpoint, such as one Modbus unit. `config` is typed by the driver.
         */
        Device: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            endpoint: string;
            enabled: boolean;
            config: Record<string, unknown>;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * DeviceInput
         * @description A device behind an endpoint, such as one Modbus unit. `config` is typed by the driver. An id that is left out is made from the name.
         */
        DeviceInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            endpoint: string;
            /** @default true */
            enabled?: boolean;
            /** @default {} */
            config?: Record<string, unknown>;
        };
        /**
         * DeviceKey
         * @description A new key of a device that pushes, told this once: it sends "Authorization: Bearer KEY".
         */
        DeviceKey: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            key: string;
        };
        /**
         * DeviceNetworkBody
         * @description Network settings that a controller shall have.
         */
        DeviceNetworkBody: {
            /** @default false */
            dhcp?: boolean;
            /**
             * @description An IPv4 address, such as 192.168.1.20.
             * @default
             */
            address?: string;
            /**
             * @description Bits of the network: 24 is 255.255.255.0.
             * @default 24
             */
            prefix?: number;
            /**
             * @description An IPv4 address, such as 192.168.1.20.
             * @default
             */
            gateway?: string;
            /**
             * @description Why; goes into the audit log.
             * @default
             */
            reason?: string;
            /**
             * @description Commissioning code of the controller's label. Write-only; empty: the one that the site holds.
             * @default
             */
            code?: string;
        };
        /**
         * DevicePage
         * @description One page of a list, and the count of all.
         */
        DevicePage: {
            items: components["schemas"]["Device"][];
            total: number;
        };
        /**
         * DevicePatch
         * @description The fields to change; those that are left out stay as they are.
         */
        DevicePatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            endpoint?: string;
            enabled?: boolean;
            config?: Record<string, unknown>;
        };
        /**
         * DeviceResetBody
         * @description Which controller shall restart.
         */
        DeviceResetBody: {
            /**
             * @description Why; goes into the audit log.
             * @default
             */
            reason?: string;
            /**
             * @description Commissioning code of the controller's label. Write-only; empty: the one that the site holds.
             * @default
             */
            code?: string;
        };
        /**
         * DeviceRestarted
         * @description What came of a reset.
         */
        DeviceRestarted: {
            id: string;
            back: boolean;
        };
        /**
         * DeviceSearch
         * @description Where and how long to search for controllers.
         */
        DeviceSearch: {
            /**
             * @description How long answers are awaited.
             * @default 2
             */
            seconds?: number;
            /** @default null */
            id?: string | null;
            /**
             * @description An IPv4 address, such as 192.168.1.20.
             * @default
             */
            address?: string;
        };
        /**
         * Difference
         * @description A request on which the rules of now and the draft differ. `recorded` is what came of it then.
         */
        Difference: {
            seq: number;
            time: number;
            access_point: string;
            door: string;
            holder: string;
            credential: string;
            /** @enum {unknown} */
            recorded: "asks" | "denied" | "granted";
            before: components["schemas"]["Side"];
            after: components["schemas"]["Side"];
        };
        /**
         * DisarmZoneBody
         * @description Which zone to disarm, and why.
         */
        DisarmZoneBody: {
            /**
             * @description Why; goes into the audit log.
             * @default
             */
            reason?: string;
        };
        /**
         * Door
         * @description A door and its timings (ONVIF Door Control), in seconds.
         */
        Door: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            controller: string;
            /** @enum {unknown} */
            kind: "barrier" | "door" | "mantrap" | "revolving-door" | "turnstile";
            output: number;
            release_time: number;
            open_time: number;
            extended_release_time: number;
            extended_open_time: number;
            delay_before_relock: number;
            pre_alarm_time: number;
            unlock_schedule: string | null;
            exit_releases: boolean;
            camera: string | null;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * DoorCommandBody
         * @description What a door shall do (ONVIF Door Control), such as `release` (AccessDoor), `lockdown` or `release-lock-open`.
         */
        DoorCommandBody: {
            /** @enum {unknown} */
            command: "block" | "double-lock" | "end-fire-release" | "fire-release" | "lock" | "lock-open" | "lockdown" | "normal" | "release" | "release-lock-open" | "release-lockdown" | "unlock";
            /**
             * @description Why; goes into the audit log.
             * @default
             */
            reason?: string;
            /** @default false */
            extended?: boolean;
        };
        /**
         * DoorInput
         * @description A door and its timings (ONVIF Door Control), in seconds. An id that is left out is made from the name.
         */
        DoorInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            controller: string;
            /**
             * @default door
             * @enum {unknown}
             */
            kind?: "barrier" | "door" | "mantrap" | "revolving-door" | "turnstile";
            /** @default 0 */
            output?: number;
            /** @default 3 */
            release_time?: number;
            /** @default 10 */
            open_time?: number;
            /** @default 10 */
            extended_release_time?: number;
            /** @default 30 */
            extended_open_time?: number;
            /** @default 0 */
            delay_before_relock?: number;
            /** @default 5 */
            pre_alarm_time?: number;
            /** @default null */
            unlock_schedule?: string | null;
            /** @default true */
            exit_releases?: boolean;
            /** @default null */
            camera?: string | null;
        };
        /**
         * DoorOutcome
         * @description What came of it at one door; `mode` where it did it, otherwise what is wrong and what to do.
         */
        DoorOutcome: {
            door: string;
            name: string;
            /** @enum {unknown} */
            outcome: "done" | "not-reached" | "refused";
            /** @default  */
            mode: string;
            /** @default  */
            what: string;
            /** @default  */
            remedy: string;
        };
        /**
         * DoorPage
         * @description One page of a list, and the count of all.
         */
        DoorPage: {
            items: components["schemas"]["Door"][];
            total: number;
        };
        /**
         * DoorPatch
         * @description The fields to change; those that are left out stay as they are.
         */
        DoorPatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            controller?: string;
            /** @enum {unknown} */
            kind?: "barrier" | "door" | "mantrap" | "revolving-door" | "turnstile";
            output?: number;
            release_time?: number;
            open_time?: number;
            extended_release_time?: number;
            extended_open_time?: number;
            delay_before_relock?: number;
            pre_alarm_time?: number;
            unlock_schedule?: string | null;
            exit_releases?: boolean;
            camera?: string | null;
        };
        /**
         * DoorsCommand
         * @description What all doors of an area, with the areas in it, or of the whole site shall do.
         */
        DoorsCommand: {
            /** @enum {unknown} */
            command: "end-fire-release" | "fire-release" | "lockdown" | "release-lockdown";
            /**
             * @description Why; goes into the audit log.
             * @default
             */
            reason?: string;
            /** @default null */
            area?: string | null;
        };
        /**
         * DoorsCommanded
         * @description What came of it, the doors that did not do it first. `seconds` passed until the last controller answered.
         */
        DoorsCommanded: {
            id: string;
            command: string;
            area: string | null;
            done: number;
            total: number;
            seconds: number;
            doors: components["schemas"]["DoorOutcome"][];
        };
        /**
         * DraftChange
         * @description One entity as the draft has it: its fields that change, all that it needs where it is new, or null: it goes.
         */
        DraftChange: {
            kind: string;
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            body: Record<string, unknown> | null;
        };
        /**
         * EchoOpened
         * @description The echo; `key` is shown here alone.
         */
        EchoOpened: {
            id: string;
            key: string;
            address: string;
            ends: number;
            ports: components["schemas"]["EchoPort"][];
        };
        /**
         * EchoPort
         * @description One UDP port of the node.
         */
        EchoPort: {
            row: string;
            number: number;
            /** @enum {unknown} */
            state: "busy" | "echo";
            /** @default  */
            reason: string;
            /** @default 0 */
            heard: number;
            /** @default 0 */
            answered: number;
        };
        /**
         * Endpoint
         * @description One port, bus or connection of a driver, such as a Modbus gateway. `config` is typed by the driver.
         */
        Endpoint: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            driver: string;
            enabled: boolean;
            config: Record<string, unknown>;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * EndpointInput
         * @description One port, bus or connection of a driver, such as a Modbus gateway. `config` is typed by the driver. An id that is left out is made from the name.
         */
        EndpointInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            driver: string;
            /** @default true */
            enabled?: boolean;
            /** @default {} */
            config?: Record<string, unknown>;
        };
        /**
         * EndpointPage
         * @description One page of a list, and the count of all.
         */
        EndpointPage: {
            items: components["schemas"]["Endpoint"][];
            total: number;
        };
        /**
         * EndpointPatch
         * @description The fields to change; those that are left out stay as they are.
         */
        EndpointPatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            driver?: string;
            enabled?: boolean;
            config?: Record<string, unknown>;
        };
        /**
         * EntranceLimitZone
         * @description So many entries a holder in each run of the schedule, or each day of the site; and not too soon after each other.
         */
        EntranceLimitZone: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            enabled: boolean;
            exempt_groups: string[];
            /** @enum {unknown} */
            offline: "allow" | "deny";
            access_points: string[];
            limit: number;
            schedule: string | null;
            /** @description Seconds, at most a year. */
            interval: number;
            /** @enum {unknown} */
            enforcement: "hard" | "soft";
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * EntranceLimitZoneInput
         * @description So many entries a holder in each run of the schedule, or each day of the site; and not too soon after each other. An id that is left out is made from the name.
         */
        EntranceLimitZoneInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @default true */
            enabled?: boolean;
            /** @default [] */
            exempt_groups?: string[];
            /**
             * @default allow
             * @enum {unknown}
             */
            offline?: "allow" | "deny";
            /** @default [] */
            access_points?: string[];
            /** @default 0 */
            limit?: number;
            /** @default null */
            schedule?: string | null;
            /**
             * @description Seconds, at most a year.
             * @default 0
             */
            interval?: number;
            /**
             * @default hard
             * @enum {unknown}
             */
            enforcement?: "hard" | "soft";
        };
        /**
         * EntranceLimitZonePage
         * @description One page of a list, and the count of all.
         */
        EntranceLimitZonePage: {
            items: components["schemas"]["EntranceLimitZone"][];
            total: number;
        };
        /**
         * EntranceLimitZonePatch
         * @description The fields to change; those that are left out stay as they are.
         */
        EntranceLimitZonePatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            enabled?: boolean;
            exempt_groups?: string[];
            /** @enum {unknown} */
            offline?: "allow" | "deny";
            access_points?: string[];
            limit?: number;
            schedule?: string | null;
            /** @description Seconds, at most a year. */
            interval?: number;
            /** @enum {unknown} */
            enforcement?: "hard" | "soft";
        };
        /**
         * Event
         * @description One thing that happened.
         *
         *     `key` makes an event idempotent: the log keeps the first event of a key and drops repeats. It names the origin and its
         *     own counter, as "<origin>/<epoch>/<index>" (controllers: device, log epoch, index).
         */
        Event: {
            key: string;
            type: string;
            entity: string;
            time: number;
            /** @default 0 */
            severity?: number;
            /** @default [] */
            related?: string[];
            /** @default  */
            text?: string;
            /** @default {} */
            data?: Record<string, unknown>;
        };
        /**
         * EventCounts
         * @description Counts over time: step number n begins at `start` + n * `step`, in microseconds since 1970 UTC.
         */
        EventCounts: {
            start: number;
            end: number;
            step: number;
            series: components["schemas"]["EventSeries"][];
            total: number;
            /** @default null */
            reached: number | null;
        };
        /**
         * EventPage
         * @description Events, and where to go on: `next` is the next `after` or `before`; None at the end.
         */
        EventPage: {
            items: components["schemas"]["StoredEvent"][];
            next: number | null;
            /** @default null */
            searched: number | null;
        };
        /**
         * EventSeries
         * @description The counts of one severity ("0" to "3") or type; "" holds the types that are rare.
         */
        EventSeries: {
            name: string;
            counts: number[];
        };
        /**
         * ExportJob
         * @description An export as the queue knows it; times are microseconds since 1970 UTC.
         */
        ExportJob: {
            id: string;
            by: string;
            cameras: string[];
            start: number;
            end: number;
            reason: string;
            /** @enum {unknown} */
            state: "cancelled" | "cut" | "done" | "writing";
            begun: number;
            ended: number;
            bytes: number;
            total: number;
            forgotten: number;
        };
        /**
         * ExportJobs
         * @description Exports, the newest first.
         */
        ExportJobs: {
            items: components["schemas"]["ExportJob"][];
        };
        /**
         * FieldChange
         * @description A field, and what it holds before and after, as text.
         */
        FieldChange: {
            field: string;
            old: string;
            new: string;
        };
        /**
         * FieldMask
         * @description A number within a card, most significant bit first.
         */
        FieldMask: {
            name: string;
            /** @description Bits from 1, as 2-9,12. */
            bits: string;
        };
        /**
         * Fill
         * @description A gap that is filled from its camera: [start, end), how far that is, and what stands in the way.
         */
        Fill: {
            id: string;
            camera: string;
            start: number;
            end: number;
            /** @default  */
            by: string;
            /** @default  */
            reason: string;
            /** @default 0 */
            made: number;
            /**
             * @default waiting
             * @enum {unknown}
             */
            state: "done" | "failed" | "running" | "waiting";
            /** @default 0 */
            tries: number;
            /** @default 0 */
            due: number;
            /** @default 0 */
            filled: number;
            /** @default  */
            detail: string;
        };
        /**
         * FillGapBody
         * @description Fill what is missing of [start, end) from what the camera recorded itself. Microseconds since 1970 UTC.
         */
        FillGapBody: {
            start: number;
            end: number;
            /**
             * @description Why; goes into the audit log.
             * @default
             */
            reason?: string;
        };
        /**
         * Filled
         * @description A span whose recording is the camera's own, fetched later.
         */
        Filled: {
            start: number;
            end: number;
        };
        /**
         * Fills
         * @description The gaps that are filled.
         */
        Fills: {
            items: components["schemas"]["Fill"][];
        };
        /**
         * Finding
         * @description One thing that was looked at.
         */
        Finding: {
            /** @enum {unknown} */
            level: "error" | "ok" | "warning";
            check: string;
            what: string;
            /** @default  */
            why: string;
            /** @default  */
            remedy: string;
            /** @default  */
            command: string;
        };
        /**
         * Findings
         * @description What doctor found, the worst first.
         */
        Findings: {
            time: number;
            took: number;
            items: components["schemas"]["Finding"][];
        };
        /**
         * FireInput
         * @description An input of a controller.
         */
        FireInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            controller: string;
            input: number;
        };
        /**
         * FireZone
         * @description Doors that lock open when an input tells of fire, whatever else holds.
         */
        FireZone: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            enabled: boolean;
            exempt_groups: string[];
            /** @enum {unknown} */
            offline: "allow" | "deny";
            doors: string[];
            inputs: components["schemas"]["FireInput"][];
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * FireZoneInput
         * @description Doors that lock open when an input tells of fire, whatever else holds. An id that is left out is made from the name.
         */
        FireZoneInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @default true */
            enabled?: boolean;
            /** @default [] */
            exempt_groups?: string[];
            /**
             * @default allow
             * @enum {unknown}
             */
            offline?: "allow" | "deny";
            /** @default [] */
            doors?: string[];
            /** @default [] */
            inputs?: components["schemas"]["FireInput"][];
        };
        /**
         * FireZonePage
         * @description One page of a list, and the count of all.
         */
        FireZonePage: {
            items: components["schemas"]["FireZone"][];
            total: number;
        };
        /**
         * FireZonePatch
         * @description The fields to change; those that are left out stay as they are.
         */
        FireZonePatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            enabled?: boolean;
            exempt_groups?: string[];
            /** @enum {unknown} */
            offline?: "allow" | "deny";
            doors?: string[];
            inputs?: components["schemas"]["FireInput"][];
        };
        /**
         * FirstPersonZone
         * @description Doors wait for the first person of the groups: their unlock schedules begin with them and, where asked, all others wait.
         */
        FirstPersonZone: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            enabled: boolean;
            exempt_groups: string[];
            /** @enum {unknown} */
            offline: "allow" | "deny";
            doors: string[];
            groups: string[];
            schedule: string | null;
            hold_others: boolean;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * FirstPersonZoneInput
         * @description Doors wait for the first person of the groups: their unlock schedules begin with them and, where asked, all others wait. An id that is left out is made from the name.
         */
        FirstPersonZoneInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @default true */
            enabled?: boolean;
            /** @default [] */
            exempt_groups?: string[];
            /**
             * @default allow
             * @enum {unknown}
             */
            offline?: "allow" | "deny";
            /** @default [] */
            doors?: string[];
            /** @default [] */
            groups?: string[];
            /** @default null */
            schedule?: string | null;
            /** @default false */
            hold_others?: boolean;
        };
        /**
         * FirstPersonZonePage
         * @description One page of a list, and the count of all.
         */
        FirstPersonZonePage: {
            items: components["schemas"]["FirstPersonZone"][];
            total: number;
        };
        /**
         * FirstPersonZonePatch
         * @description The fields to change; those that are left out stay as they are.
         */
        FirstPersonZonePatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            enabled?: boolean;
            exempt_groups?: string[];
            /** @enum {unknown} */
            offline?: "allow" | "deny";
            doors?: string[];
            groups?: string[];
            schedule?: string | null;
            hold_others?: boolean;
        };
        /**
         * Footage
         * @description Recordings that a camera may play: its address is "file:" and one of the names.
         */
        Footage: {
            allowed: boolean;
            /** @default [] */
            items: components["schemas"]["FootageFile"][];
            /** @default false */
            more: boolean;
        };
        /**
         * FootageFile
         * @description One file of the folder.
         */
        FootageFile: {
            name: string;
            bytes: number;
            changed: number;
        };
        /**
         * ForgiveHolderBody
         * @description Whom to forgive, once: where they are is forgotten, and from their next passage on it is kept again.
         */
        ForgiveHolderBody: {
            /**
             * @description Why; goes into the audit log.
             * @default
             */
            reason?: string;
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            holder: string;
        };
        /**
         * Found
         * @description One value that was found.
         */
        Found: {
            label: string;
            /** @default {} */
            address: Record<string, unknown>;
            /** @default null */
            value: number | boolean | string | null;
            /** @default  */
            detail: string;
        };
        /**
         * FoundController
         * @description A controller that answered. What it says is proven only where `proven` is true.
         */
        FoundController: {
            id: string;
            /**
             * @default link
             * @enum {unknown}
             */
            driver: "link" | "uhppote";
            /** @default null */
            serial: number | null;
            model: string;
            firmware: string;
            hardware: string;
            dhcp: boolean;
            address: string;
            prefix: number;
            gateway: string;
            mode: string;
            server: string;
            paired: boolean;
            trial: boolean;
            sender: string;
            in_site: boolean;
            proven: boolean | null;
            /** @default  */
            holder: string;
            /** @default 0 */
            until: number;
        };
        /**
         * FoundControllers
         * @description All that answered.
         */
        FoundControllers: {
            items: components["schemas"]["FoundController"][];
            networks: string[];
        };
        /**
         * FoundDevice
         * @description A device that answered a search. What it says of itself is not proven by anything.
         */
        FoundDevice: {
            id: string;
            /** @enum {unknown} */
            kind: "access" | "camera" | "other";
            address: string;
            /** @default  */
            maker: string;
            /** @default  */
            model: string;
            /** @default  */
            name: string;
            /** @default  */
            serial: string;
            /** @default  */
            location: string;
            found: ("onvif" | "upnp")[];
            first: number;
            last: number;
            /** @default  */
            page: string;
            /** @default [] */
            services: string[];
            /** @default [] */
            site: string[];
            /** @default false */
            known: boolean;
            /** @default [] */
            problems: string[];
            suggestion: components["schemas"]["Suggestion"];
        };
        /**
         * FoundDevices
         * @description All devices found since the node started, cameras first.
         */
        FoundDevices: {
            search: components["schemas"]["SearchState"];
            items: components["schemas"]["FoundDevice"][];
        };
        /**
         * FoundServer
         * @description A server or node that was heard. What it says of itself is proven only as far as `trust` tells.
         */
        FoundServer: {
            id: string;
            name: string;
            node: string;
            version: string;
            roles: ("analytics" | "lpr" | "server")[];
            address: string;
            interface: string;
            addresses: string[];
            ports: components["schemas"]["AnnouncedPort"][];
            group: string;
            fingerprint: string;
            key: string;
            site: string;
            /** @enum {unknown} */
            trust: "changed" | "registered" | "site" | "unknown";
            /** @default [] */
            registered: string[];
            present: boolean;
            /** @default false */
            farewell: boolean;
            first: number;
            last: number;
            skew: number;
            /** @enum {unknown} */
            reach: "other-certificate" | "reachable" | "unchecked" | "unreachable";
            /** @default  */
            reach_detail: string;
            /** @default null */
            reach_at: number | null;
            /** @default [] */
            problems: string[];
        };
        /**
         * FoundServers
         * @description Servers and nodes that announce themselves, those present first.
         */
        FoundServers: {
            enabled: boolean;
            places: string[];
            /** @default  */
            group: string;
            /** @default  */
            key: string;
            /** @default  */
            fingerprint: string;
            /** @default 0 */
            heard: number;
            /** @default 0 */
            refused: number;
            /** @default [] */
            problems: string[];
            /** @default [] */
            collisions: components["schemas"]["GroupCollision"][];
            /** @default [] */
            items: components["schemas"]["FoundServer"][];
        };
        /**
         * Gap
         * @description A span [start, end) in which a camera was not recorded, and why; `end` 0 while it lasts. Microseconds since 1970 UTC.
         */
        Gap: {
            camera: string;
            start: number;
            /** @default 0 */
            end: number;
            /** @enum {unknown} */
            reason: "camera-lost" | "clock" | "deleted" | "disk-failed" | "disk-full" | "disk-slow" | "no-event" | "off" | "on-command" | "privacy" | "removed" | "schedule" | "server-down" | "starting" | "unknown" | "volume-gone";
            /** @default  */
            detail: string;
        };
        /**
         * Grant
         * @description A right: `action` on the entities that `selector` names.
         *
         *     `action` is "<kind>.<verb>" with "*" for a whole part: "door.release", "door.*", "*".
         *     `selector` is "*", a reference "door:main", "area:<id>" for all that stands in the area, or "tag:<tag>".
         */
        Grant: {
            action: string;
            /** @default * */
            selector?: string;
        };
        /**
         * Group
         * @description Users who share roles.
         */
        Group: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            roles: string[];
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * GroupCollision
         * @description Another server that sends live media to this server's multicast group.
         */
        GroupCollision: {
            id: string;
            name: string;
            address: string;
            key: string;
            group: string;
            offer: string;
        };
        /**
         * GroupInput
         * @description Users who share roles. An id that is left out is made from the name.
         */
        GroupInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @default [] */
            roles?: string[];
        };
        /**
         * GroupPage
         * @description One page of a list, and the count of all.
         */
        GroupPage: {
            items: components["schemas"]["Group"][];
            total: number;
        };
        /**
         * GroupPatch
         * @description The fields to change; those that are left out stay as they are.
         */
        GroupPatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            roles?: string[];
        };
        /**
         * History
         * @description Figures of the last hour as columns; where nothing arrived there is no row.
         */
        History: {
            /** @description Microseconds that a row stands for. */
            step: number;
            times: number[];
            bitrate: number[];
            fps: number[];
            /** @description The worst moment's, per cent. */
            loss: number[];
            /** @description The worst moment's, milliseconds. */
            jitter: number[];
        };
        /**
         * Hold
         * @description A camera in somebody's hands. Times are microseconds since 1970 UTC.
         */
        Hold: {
            actor: string;
            name: string;
            priority: number;
            since: number;
            until: number;
            /** @default false */
            locked: boolean;
        };
        /**
         * HolderGroup
         * @description People who have something in common. Its profiles are those of every credential of its members.
         */
        HolderGroup: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            profiles: components["schemas"]["CredentialProfile"][];
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * HolderGroupInput
         * @description People who have something in common. Its profiles are those of every credential of its members. An id that is left out is made from the name.
         */
        HolderGroupInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @default [] */
            profiles?: components["schemas"]["CredentialProfile"][];
        };
        /**
         * HolderGroupPage
         * @description One page of a list, and the count of all.
         */
        HolderGroupPage: {
            items: components["schemas"]["HolderGroup"][];
            total: number;
        };
        /**
         * HolderGroupPatch
         * @description The fields to change; those that are left out stay as they are.
         */
        HolderGroupPatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            profiles?: components["schemas"]["CredentialProfile"][];
        };
        /**
         * Identifier
         * @description One more thing that a credential is known by. A face or finger is the reader's own name for what it compares itself.
         */
        Identifier: {
            /** @enum {unknown} */
            type: "card" | "face" | "fingerprint" | "iris" | "licence-plate" | "palm" | "vein";
            value: string;
        };
        /**
         * ImagingState
         * @description How a picture is set, and [least, most] or the words of what can be set.
         */
        ImagingState: {
            settings: Record<string, unknown>;
            options: Record<string, unknown>;
        };
        /**
         * ImportPage
         * @description A part of the preview; `total` of those that are kept, the first 1,000.
         */
        ImportPage: {
            errors: components["schemas"]["LineError"][];
            changes: components["schemas"]["RosterChange"][];
            total: number;
        };
        /**
         * ImportView
         * @description An import and how far it is. Errors keep it from being applied.
         */
        ImportView: {
            id: string;
            name: string;
            mode: string;
            /** @enum {unknown} */
            state: "applying" | "done" | "failed" | "reading" | "ready" | "uploading";
            progress: number;
            since: number;
            counts: components["schemas"]["Counts"];
            /** @default  */
            what: string;
            /** @default  */
            where: string;
            /** @default  */
            remedy: string;
        };
        /**
         * InterlockZone
         * @description One door at a time: none of the doors is released unless all others are closed and locked.
         */
        InterlockZone: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            enabled: boolean;
            exempt_groups: string[];
            /** @enum {unknown} */
            offline: "allow" | "deny";
            doors: string[];
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * InterlockZoneInput
         * @description One door at a time: none of the doors is released unless all others are closed and locked. An id that is left out is made from the name.
         */
        InterlockZoneInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @default true */
            enabled?: boolean;
            /** @default [] */
            exempt_groups?: string[];
            /**
             * @default allow
             * @enum {unknown}
             */
            offline?: "allow" | "deny";
            /** @default [] */
            doors?: string[];
        };
        /**
         * InterlockZonePage
         * @description One page of a list, and the count of all.
         */
        InterlockZonePage: {
            items: components["schemas"]["InterlockZone"][];
            total: number;
        };
        /**
         * InterlockZonePatch
         * @description The fields to change; those that are left out stay as they are.
         */
        InterlockZonePatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            enabled?: boolean;
            exempt_groups?: string[];
            /** @enum {unknown} */
            offline?: "allow" | "deny";
            doors?: string[];
        };
        /**
         * Interruption
         * @description A stream was lost and opened anew. Microseconds since 1970 UTC.
         */
        Interruption: {
            time: number;
            /**
             * @description When pictures came again; 0 while they do not.
             * @default 0
             */
            back: number;
            reason: string;
        };
        /**
         * IntrusionZone
         * @description Areas under guard: while armed nobody enters but who may disarm.
         */
        IntrusionZone: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            enabled: boolean;
            exempt_groups: string[];
            /** @enum {unknown} */
            offline: "allow" | "deny";
            areas: string[];
            arm_groups: string[];
            disarm_groups: string[];
            disarm_on_entry: boolean;
            /** @description Seconds, at most a year. */
            entry_delay: number;
            /** @description Seconds, at most a year. */
            exit_delay: number;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * IntrusionZoneInput
         * @description Areas under guard: while armed nobody enters but who may disarm. An id that is left out is made from the name.
         */
        IntrusionZoneInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @default true */
            enabled?: boolean;
            /** @default [] */
            exempt_groups?: string[];
            /**
             * @default allow
             * @enum {unknown}
             */
            offline?: "allow" | "deny";
            /** @default [] */
            areas?: string[];
            /** @default [] */
            arm_groups?: string[];
            /** @default [] */
            disarm_groups?: string[];
            /** @default true */
            disarm_on_entry?: boolean;
            /**
             * @description Seconds, at most a year.
             * @default 30
             */
            entry_delay?: number;
            /**
             * @description Seconds, at most a year.
             * @default 30
             */
            exit_delay?: number;
        };
        /**
         * IntrusionZonePage
         * @description One page of a list, and the count of all.
         */
        IntrusionZonePage: {
            items: components["schemas"]["IntrusionZone"][];
            total: number;
        };
        /**
         * IntrusionZonePatch
         * @description The fields to change; those that are left out stay as they are.
         */
        IntrusionZonePatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            enabled?: boolean;
            exempt_groups?: string[];
            /** @enum {unknown} */
            offline?: "allow" | "deny";
            areas?: string[];
            arm_groups?: string[];
            disarm_groups?: string[];
            disarm_on_entry?: boolean;
            /** @description Seconds, at most a year. */
            entry_delay?: number;
            /** @description Seconds, at most a year. */
            exit_delay?: number;
        };
        /**
         * KeepPortBody
         * @description Keep the number that is tried. `proof` is what the new number alone gives out, at /port-trial.
         */
        KeepPortBody: {
            /** @default  */
            proof?: string;
            /** @default  */
            reason?: string;
        };
        /**
         * KeptPreset
         * @description The preset that was made.
         */
        KeptPreset: {
            preset: string;
        };
        /**
         * KeptTour
         * @description The tour that was made or changed.
         */
        KeptTour: {
            tour: string;
        };
        /**
         * Latest
         * @description The last known value of a point.
         */
        Latest: {
            point: string;
            value: number | boolean | string | null;
            quality: number;
            source_time: number;
            server_time: number;
        };
        /**
         * LatestValues
         * @description The latest values, in no particular order.
         */
        LatestValues: {
            items: components["schemas"]["Latest"][];
        };
        /**
         * Layout
         * @description Which cameras the wall shows, and how.
         */
        Layout: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            /** @enum {unknown} */
            form: "1" | "1+5" | "1+7" | "16" | "2+8" | "4" | "9";
            /** @description Of each cell, the large ones first; none leaves a cell empty. */
            cameras: (string | null)[];
            /** @description The user who alone sees it; none: it is for all. */
            owner: string | null;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * LayoutInput
         * @description Which cameras the wall shows, and how. An id that is left out is made from the name.
         */
        LayoutInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /**
             * @default 4
             * @enum {unknown}
             */
            form?: "1" | "1+5" | "1+7" | "16" | "2+8" | "4" | "9";
            /**
             * @description Of each cell, the large ones first; none leaves a cell empty.
             * @default []
             */
            cameras?: (string | null)[];
            /**
             * @description The user who alone sees it; none: it is for all.
             * @default null
             */
            owner?: string | null;
        };
        /**
         * LayoutPage
         * @description One page of a list, and the count of all.
         */
        LayoutPage: {
            items: components["schemas"]["Layout"][];
            total: number;
        };
        /**
         * LayoutPatch
         * @description The fields to change; those that are left out stay as they are.
         */
        LayoutPatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            /** @enum {unknown} */
            form?: "1" | "1+5" | "1+7" | "16" | "2+8" | "4" | "9";
            /** @description Of each cell, the large ones first; none leaves a cell empty. */
            cameras?: (string | null)[];
            /** @description The user who alone sees it; none: it is for all. */
            owner?: string | null;
        };
        /**
         * LedgerEntry
         * @description One open endpoint, as the network page and the tests against the kernel's tables see it.
         */
        LedgerEntry: {
            port: string;
            /** @enum {unknown} */
            transport: "serial" | "tcp" | "udp" | "unix";
            /** @enum {unknown} */
            direction: "both" | "in" | "out";
            local: string;
            /** @default  */
            remote: string;
            role: string;
            pid: number;
            since: number;
            /** @default 0 */
            bytes_in: number;
            /** @default 0 */
            bytes_out: number;
            /** @default 0 */
            peers: number;
            /** @default  */
            last_error: string;
        };
        /**
         * Limit
         * @description One thing that a controller does not do as the site's rules say.
         */
        Limit: {
            rule: string;
            /** @enum {unknown} */
            severity: "notice" | "warning";
            text: string;
            count: number;
            entities: string[];
        };
        /**
         * LimitsOfController
         * @description What one controller cannot keep of the site's rules, the warnings first.
         */
        LimitsOfController: {
            controller: string;
            limits: components["schemas"]["Limit"][];
        };
        /**
         * LineError
         * @description One thing that is wrong in the file.
         */
        LineError: {
            line: number;
            column: string;
            what: string;
            /** @default  */
            remedy: string;
        };
        /**
         * Lock
         * @description A hold on a camera's recordings of [start, end): nothing deletes them before `until`, 0 for as long as it stands.
         */
        Lock: {
            id: string;
            camera: string;
            start: number;
            end: number;
            /** @default 0 */
            until: number;
            reason: string;
            by: string;
            made: number;
        };
        /**
         * LockSetBody
         * @description Hold a camera's recordings of [start, end); it needs a reason. Microseconds since 1970 UTC.
         */
        LockSetBody: {
            start: number;
            end: number;
            /**
             * @description When the lock runs out; 0 holds until it is released.
             * @default 0
             */
            until?: number;
            /**
             * @description Why; goes into the audit log.
             * @default
             */
            reason?: string;
        };
        /**
         * Locks
         * @description Locks in order of camera and start.
         */
        Locks: {
            items: components["schemas"]["Lock"][];
        };
        /**
         * MachineChange
         * @description One entity that the import adds, changes, or leaves though the file says otherwise (`keep`).
         */
        MachineChange: {
            line: number;
            /** @enum {unknown} */
            action: "add" | "change" | "keep";
            /** @enum {unknown} */
            kind: "device" | "endpoint" | "point";
            id: string;
            name: string;
            fields: components["schemas"]["FieldChange"][];
            /** @default  */
            note: string;
        };
        /**
         * MachineCounts
         * @description How many entities; `kept` are in conflict with the file and stay. A file that names none has 0 `lines`.
         */
        MachineCounts: {
            /** @default 0 */
            added: number;
            /** @default 0 */
            changed: number;
            /** @default 0 */
            kept: number;
            /** @default 0 */
            same: number;
            /** @default 0 */
            endpoints: number;
            /** @default 0 */
            devices: number;
            /** @default 0 */
            points: number;
            /** @default 0 */
            notes: number;
            /** @default 0 */
            lines: number;
            /** @default 0 */
            errors: number;
        };
        /**
         * MachineImportPage
         * @description A part of the preview; `total` of those that are kept, the first 1,000.
         */
        MachineImportPage: {
            errors: components["schemas"]["LineError"][];
            changes: components["schemas"]["MachineChange"][];
            total: number;
        };
        /**
         * MachineImportView
         * @description An import of machines and how far it is. Errors keep it from being applied.
         */
        MachineImportView: {
            id: string;
            name: string;
            mode: string;
            /** @enum {unknown} */
            state: "applying" | "done" | "failed" | "reading" | "ready" | "uploading";
            progress: number;
            since: number;
            counts: components["schemas"]["MachineCounts"];
            /** @default  */
            what: string;
            /** @default  */
            where: string;
            /** @default  */
            remedy: string;
        };
        /**
         * MarkSafe
         * @description Who was seen safe, and by whom or where.
         */
        MarkSafe: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            holder: string;
            /**
             * @description Why; goes into the audit log.
             * @default
             */
            reason?: string;
        };
        /**
         * MarkedSafe
         * @description When they were marked.
         */
        MarkedSafe: {
            holder: string;
            safe: number;
        };
        /**
         * MulticastRenewBody
         * @description Go on receiving a stream that is sent.
         */
        MulticastRenewBody: {
            /**
             * @description Which of its streams; "sub" is the main one where the camera has no second, and takes a moment to open.
             * @default main
             * @enum {unknown}
             */
            stream?: "main" | "sub";
            /**
             * @description "mpegts": bare transport packets in UDP. "rtp": the same in RTP (RFC 2250), reports on the same port.
             * @default mpegts
             * @enum {unknown}
             */
            form?: "mpegts" | "rtp";
            /**
             * @description Tells apart several viewers of one user; each holds the stream by itself.
             * @default
             */
            holder?: string;
            /** @default 30 */
            seconds?: number;
        };
        /**
         * MulticastStartBody
         * @description Have a camera's live picture sent to the group.
         */
        MulticastStartBody: {
            /**
             * @description Which of its streams; "sub" is the main one where the camera has no second, and takes a moment to open.
             * @default main
             * @enum {unknown}
             */
            stream?: "main" | "sub";
            /**
             * @description "mpegts": bare transport packets in UDP. "rtp": the same in RTP (RFC 2250), reports on the same port.
             * @default mpegts
             * @enum {unknown}
             */
            form?: "mpegts" | "rtp";
            /**
             * @description How long it is sent, unless it is asked for again or stopped.
             * @default 3600
             */
            seconds?: number;
            /**
             * @description Tells apart several viewers of one user; each holds the stream by itself.
             * @default
             */
            holder?: string;
        };
        /**
         * MulticastStream
         * @description A stream on its way, and how a player joins it.
         */
        MulticastStream: {
            camera: string;
            stream: string;
            name: string;
            form: string;
            group: string;
            port: number;
            ttl: number;
            address: string;
            sdp: string;
            holders: number;
            until: number;
            bytes: number;
            dropped: number;
        };
        /**
         * MulticastStreams
         * @description Which stream goes to which port.
         */
        MulticastStreams: {
            group: string;
            items: components["schemas"]["MulticastStream"][];
        };
        /**
         * NamedPlace
         * @description A preset.
         */
        NamedPlace: {
            token: string;
            name: string;
        };
        /**
         * Network
         * @description A network of the site by its addresses and what stands in it; firewall rules and the matrix of flows are made from it.
         */
        Network: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            /** @enum {unknown} */
            role: "camera" | "controller" | "machine" | "office" | "server";
            cidrs: string[];
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * NetworkChanged
         * @description What came of a change.
         */
        NetworkChanged: {
            id: string;
            address: string;
            confirmed: boolean;
            back_after: number;
        };
        /**
         * NetworkInput
         * @description A network of the site by its addresses and what stands in it; firewall rules and the matrix of flows are made from it. An id that is left out is made from the name.
         */
        NetworkInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @enum {unknown} */
            role: "camera" | "controller" | "machine" | "office" | "server";
            cidrs: string[];
        };
        /**
         * NetworkPage
         * @description One page of a list, and the count of all.
         */
        NetworkPage: {
            items: components["schemas"]["Network"][];
            total: number;
        };
        /**
         * NetworkPatch
         * @description The fields to change; those that are left out stay as they are.
         */
        NetworkPatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            /** @enum {unknown} */
            role?: "camera" | "controller" | "machine" | "office" | "server";
            cidrs?: string[];
        };
        /**
         * Node
         * @description Another server, or an analytics or LPR node, as it was registered: where it is, and by what it is known again.
         */
        Node: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            /** @enum {unknown} */
            role: "analytics" | "lpr" | "server";
            /** @description Its IP address or name. */
            address: string;
            /** @description Port of its administration. */
            port: number;
            /** @description SHA-256 as 3F:9A:…, 32 bytes; empty where none is known. */
            fingerprint: string;
            /** @description SHA-256 as 3F:9A:…, 32 bytes; empty where none is known. */
            key: string;
            enabled: boolean;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * NodeInput
         * @description Another server, or an analytics or LPR node, as it was registered: where it is, and by what it is known again. An id that is left out is made from the name.
         */
        NodeInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @enum {unknown} */
            role: "analytics" | "lpr" | "server";
            /** @description Its IP address or name. */
            address: string;
            /** @description Port of its administration. */
            port: number;
            /**
             * @description SHA-256 as 3F:9A:…, 32 bytes; empty where none is known.
             * @default
             */
            fingerprint?: string;
            /**
             * @description SHA-256 as 3F:9A:…, 32 bytes; empty where none is known.
             * @default
             */
            key?: string;
            /** @default true */
            enabled?: boolean;
        };
        /**
         * NodePage
         * @description One page of a list, and the count of all.
         */
        NodePage: {
            items: components["schemas"]["Node"][];
            total: number;
        };
        /**
         * NodePatch
         * @description The fields to change; those that are left out stay as they are.
         */
        NodePatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            /** @enum {unknown} */
            role?: "analytics" | "lpr" | "server";
            /** @description Its IP address or name. */
            address?: string;
            /** @description Port of its administration. */
            port?: number;
            /** @description SHA-256 as 3F:9A:…, 32 bytes; empty where none is known. */
            fingerprint?: string;
            /** @description SHA-256 as 3F:9A:…, 32 bytes; empty where none is known. */
            key?: string;
            enabled?: boolean;
        };
        /**
         * OccupancyZone
         * @description No more than so many people within areas and what lies in them.
         */
        OccupancyZone: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            enabled: boolean;
            exempt_groups: string[];
            /** @enum {unknown} */
            offline: "allow" | "deny";
            areas: string[];
            limit: number;
            /** @enum {unknown} */
            enforcement: "hard" | "soft";
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * OccupancyZoneInput
         * @description No more than so many people within areas and what lies in them. An id that is left out is made from the name.
         */
        OccupancyZoneInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @default true */
            enabled?: boolean;
            /** @default [] */
            exempt_groups?: string[];
            /**
             * @default allow
             * @enum {unknown}
             */
            offline?: "allow" | "deny";
            /** @default [] */
            areas?: string[];
            /** @default 1 */
            limit?: number;
            /**
             * @default hard
             * @enum {unknown}
             */
            enforcement?: "hard" | "soft";
        };
        /**
         * OccupancyZonePage
         * @description One page of a list, and the count of all.
         */
        OccupancyZonePage: {
            items: components["schemas"]["OccupancyZone"][];
            total: number;
        };
        /**
         * OccupancyZonePatch
         * @description The fields to change; those that are left out stay as they are.
         */
        OccupancyZonePatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            enabled?: boolean;
            exempt_groups?: string[];
            /** @enum {unknown} */
            offline?: "allow" | "deny";
            areas?: string[];
            limit?: number;
            /** @enum {unknown} */
            enforcement?: "hard" | "soft";
        };
        /**
         * Occupant
         * @description Somebody in a zone: in which of its areas, since when, and through which door they came.
         */
        Occupant: {
            holder: string;
            name: string;
            area: string;
            area_name: string;
            since: number;
            /** @default  */
            access_point: string;
            /** @default  */
            door: string;
            /** @default  */
            door_name: string;
        };
        /**
         * OpenEcho
         * @description Open an echo on this node's UDP ports, for one address and a short time.
         */
        OpenEcho: {
            /** @default  */
            address?: string;
            /** @default 0 */
            source_port?: number;
            /** @default 60 */
            seconds?: number;
        };
        /**
         * Outcome
         * @description How the last backups to a destination went. Times are microseconds since 1970 UTC; 0: never.
         */
        Outcome: {
            destination: string;
            /** @default 0 */
            done: number;
            /** @default  */
            id: string;
            /** @default 0 */
            bytes: number;
            /** @default 0 */
            stored: number;
            /** @default 0 */
            seconds: number;
            /** @default 0 */
            failed: number;
            /** @default  */
            problem: string;
        };
        /**
         * Outcomes
         * @description What came of a replay.
         */
        Outcomes: {
            /** @default 0 */
            requests: number;
            /** @default 0 */
            same: number;
            /** @default 0 */
            granted: number;
            /** @default 0 */
            asks: number;
            /** @default 0 */
            denied: number;
            /** @default 0 */
            other_reason: number;
            /** @default 0 */
            changed_since: number;
            /** @default 0 */
            left_out: number;
            /** @default [] */
            differences: components["schemas"]["Difference"][];
            /** @default [] */
            doors: components["schemas"]["Touched"][];
            /** @default [] */
            holders: components["schemas"]["Touched"][];
        };
        /**
         * PairingCode
         * @description A code to enter at the controller; at least 80 bits, used once.
         */
        PairingCode: {
            code: string;
            expires: number;
        };
        /**
         * PairingCodeRequest
         * @description Ask for a code that one controller may pair with.
         */
        PairingCodeRequest: {
            /** @default null */
            controller?: string | null;
        };
        /**
         * ParityMask
         * @description A parity bit: `bit` makes the count of ones in itself and in `covers` even or odd.
         */
        ParityMask: {
            bit: number;
            /** @description Bits from 1, as 2-9,12. */
            covers: string;
            /**
             * @default even
             * @enum {unknown}
             */
            kind?: "even" | "odd";
        };
        /**
         * PasswordChange
         * @description One's own password: the old one as proof, and the new one.
         */
        PasswordChange: {
            old: string;
            new: string;
        };
        /**
         * PendingController
         * @description A controller that asks to join and is not paired yet.
         */
        PendingController: {
            id: string;
            name: string;
            remote: string;
            label: string;
            since: number;
            /** @default false */
            code_set: boolean;
        };
        /**
         * PendingControllers
         * @description All that ask to join.
         */
        PendingControllers: {
            items: components["schemas"]["PendingController"][];
        };
        /**
         * Picture
         * @description A picture; base64 in JSON.
         */
        Picture: {
            /** @enum {unknown} */
            media_type: "image/jpeg" | "image/png";
            width: number;
            height: number;
            content: string;
        };
        /**
         * Place
         * @description A place, or a distance, in the camera's generic spaces, −1 to 1 (zoom 0 to 1 where it is a place). Null: leave it.
         */
        Place: {
            /** @default null */
            pan?: number | null;
            /** @default null */
            tilt?: number | null;
            /** @default null */
            zoom?: number | null;
        };
        /**
         * Point
         * @description One value of a device. `address` is typed by the driver.
         */
        Point: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            device: string;
            /** @enum {unknown} */
            type: "boolean" | "integer" | "number" | "string";
            unit: string;
            address: Record<string, unknown>;
            period: number;
            scale: number;
            offset: number;
            deadband: number;
            /** @enum {unknown} */
            keep: "brief" | "long" | "usual";
            writable: boolean;
            minimum: number | null;
            maximum: number | null;
            decimals: number;
            input: components["schemas"]["sitewarden.domain.points.inputs.PointInput"] | null;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * PointColumns
         * @description One point's history in columns of equal length, in order of time. Numbers that there are none of are null.
         */
        PointColumns: {
            point: string;
            name: string;
            /** @enum {unknown} */
            type: "boolean" | "integer" | "number" | "string";
            unit: string;
            decimals: number;
            /** @enum {unknown} */
            form: "buckets" | "samples";
            times: number[];
            values: (number | string | null)[];
            qualities: number[];
            counts: number[];
            minima: (number | null)[];
            maxima: (number | null)[];
            averages: (number | null)[];
            firsts: (number | null)[];
            lasts: (number | null)[];
            more: boolean;
        };
        /**
         * PointPage
         * @description One page of a list, and the count of all.
         */
        PointPage: {
            items: components["schemas"]["Point"][];
            total: number;
        };
        /**
         * PointPatch
         * @description The fields to change; those that are left out stay as they are.
         */
        PointPatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            device?: string;
            /** @enum {unknown} */
            type?: "boolean" | "integer" | "number" | "string";
            unit?: string;
            address?: Record<string, unknown>;
            period?: number;
            scale?: number;
            offset?: number;
            deadband?: number;
            /** @enum {unknown} */
            keep?: "brief" | "long" | "usual";
            writable?: boolean;
            minimum?: number | null;
            maximum?: number | null;
            decimals?: number;
            input?: components["schemas"]["sitewarden.domain.points.inputs.PointInput"] | null;
        };
        /**
         * Poor
         * @description A figure that is beyond its limit.
         */
        Poor: {
            /** @enum {unknown} */
            figure: "bitrate" | "clock" | "frame-rate" | "jitter" | "loss";
            /** @description When it was told, microseconds since 1970 UTC. */
            since: number;
            /** @description Mean of the last 30 s: %, ms, frames/s, Mbit/s, s. */
            value: number;
            limit: number;
        };
        /**
         * PortOutcome
         * @description How the last change of a row ended.
         */
        PortOutcome: {
            /** @enum {unknown} */
            outcome: "kept" | "undone";
            old: number;
            new: number;
            time: number;
            /** @default  */
            why: string;
        };
        /**
         * PortState
         * @description The number of a row now, the one that is tried, and how the last change ended (in the life of this core process).
         */
        PortState: {
            row: string;
            number: number | null;
            /** @default null */
            trial: components["schemas"]["PortTrial"] | null;
            /** @default null */
            last: components["schemas"]["PortOutcome"] | null;
            /** @default  */
            interrupts: string;
            trial_seconds: number;
        };
        /**
         * PortTrial
         * @description A number that is tried; the old one works on beside it.
         */
        PortTrial: {
            row: string;
            old: number;
            new: number;
            ends: number;
            seconds: number;
            actor: string;
            /** @enum {unknown} */
            reach: "anywhere" | "console" | "redirect";
            /** @default [] */
            warnings: string[];
        };
        /**
         * PortView
         * @description A row of the port manifest as it stands on this node.
         */
        PortView: {
            row: string;
            number: number | null;
            /** @default null */
            last: number | null;
            protocol: string;
            side: string;
            purpose: string;
            peer: string;
            /** @enum {unknown} */
            place: "camera" | "controller" | "elsewhere" | "machine" | "node" | "office" | "server";
            roles: string[];
            users: string[];
            user_count: number;
            tls: string;
            changeable: boolean;
            change: string;
            note: string;
            /** @enum {unknown} */
            state: "closed" | "missing" | "open" | "planned";
            ledger: components["schemas"]["LedgerEntry"][];
            /** @default false */
            movable: boolean;
            /** @default null */
            trial: components["schemas"]["PortTrial"] | null;
        };
        /**
         * Ports
         * @description The port manifest of this node.
         */
        Ports: {
            node: string;
            items: components["schemas"]["PortView"][];
        };
        /**
         * PresetTour
         * @description A preset tour, as the camera has it; `state` as the camera says it: Idle, Touring, Paused, Extended.
         */
        PresetTour: {
            token: string;
            name: string;
            state: string;
            auto_start: boolean;
            stops: components["schemas"]["TourStop"][];
            /** @description False where it has stops that cannot be told here; it cannot be changed then. */
            whole: boolean;
        };
        /**
         * PresetTours
         * @description A camera's preset tours.
         */
        PresetTours: {
            items: components["schemas"]["PresetTour"][];
        };
        /**
         * Presets
         * @description What a camera remembers.
         */
        Presets: {
            items: components["schemas"]["NamedPlace"][];
        };
        /**
         * PrivacyModeBody
         * @description Switch the privacy mode; it needs a reason.
         */
        PrivacyModeBody: {
            on: boolean;
            /**
             * @description Why; goes into the audit log.
             * @default
             */
            reason?: string;
        };
        /**
         * ProbeCamera
         * @description Ask a camera over ONVIF what it is, before it is added.
         */
        ProbeCamera: {
            /** @description IP address or name, with a port where it is not 80; or http://host/path of its ONVIF device service. */
            address: string;
            /** @default  */
            username?: string;
            /**
             * @description Write-only. An empty text removes the secret.
             * @default
             */
            password?: string;
        };
        /**
         * ProbeReport
         * @description One probe, seen from both sides.
         */
        ProbeReport: {
            id: string;
            actor: string;
            address: string;
            started: number;
            ended: number | null;
            ports: components["schemas"]["EchoPort"][];
            verdicts: components["schemas"]["ProbeSeen"][];
        };
        /**
         * ProbeReports
         * @description The last probes, newest first.
         */
        ProbeReports: {
            items: components["schemas"]["ProbeReport"][];
        };
        /**
         * ProbeSeen
         * @description One port as both sides saw it.
         */
        ProbeSeen: {
            row: string;
            /** @enum {unknown} */
            transport: "tcp" | "udp";
            number: number;
            /** @enum {unknown} */
            verdict: "closed" | "filtered" | "open" | "other" | "unproven";
            detail: string;
            /** @enum {unknown} */
            inside: "" | "busy" | "closed" | "echo" | "open";
            /** @enum {unknown} */
            judgement: "blocked" | "passes" | "stranger" | "unproven" | "unused";
        };
        /**
         * ProbeVerdict
         * @description What the other side found out about one port.
         */
        ProbeVerdict: {
            row: string;
            /** @enum {unknown} */
            transport: "tcp" | "udp";
            number: number;
            /** @enum {unknown} */
            verdict: "closed" | "filtered" | "open" | "other" | "unproven";
            /** @default  */
            detail?: string;
        };
        /**
         * ProbedCamera
         * @description What a camera says of itself. Nothing of it is proven.
         */
        ProbedCamera: {
            onvif: string;
            onvif_fingerprint: string;
            name: string;
            manufacturer: string;
            model: string;
            firmware: string;
            serial: string;
            streams: components["schemas"]["ProbedStream"][];
            chosen: string;
            sub: string;
            ptz: boolean;
            presets: boolean;
            relays: number;
            inputs: number;
            events: boolean;
            clock_offset: number;
            site: string[];
        };
        /**
         * ProbedStream
         * @description One media profile of a camera.
         */
        ProbedStream: {
            profile: string;
            name: string;
            url: string;
            codec: string;
            width: number;
            height: number;
            fps: number;
        };
        /**
         * Problem
         * @description Why a request was refused, and what to do (RFC 9457).
         */
        Problem: {
            type: string;
            title: string;
            status: number;
            detail: string;
            where: string;
            remedy: string;
        };
        /**
         * ProcessInfo
         * @description One process of the node.
         */
        ProcessInfo: {
            name: string;
            role: string;
            pid: number;
            state: string;
            since: number;
            restarts: number;
            memory: number;
        };
        /**
         * PublishAddress
         * @description Where an encoder publishes a camera: "rtmps://<this server>:<port><path>", with the stream key as the stream's name.
         */
        PublishAddress: {
            publishes: boolean;
            port: number;
            path: string;
            tls: boolean;
            plain_networks: string[];
            open: boolean;
            key_set: boolean;
        };
        /**
         * RawSamples
         * @description Samples in columns of equal length, in order of time.
         */
        RawSamples: {
            times: number[];
            server_times: number[];
            values: (number | boolean | string | null)[];
            qualities: number[];
            next: number | null;
        };
        /**
         * Reaction
         * @description When an event happens, do this.
         */
        Reaction: {
            /** @description A type of event, or "door.*"; "alarm": any alarm. */
            on: string;
            /**
             * @description Where it has to happen, such as "door:main". Empty: at this camera, or a door that it shows.
             * @default
             */
            at?: string;
            /**
             * @description Preset to go to, by its token. Empty: none.
             * @default
             */
            preset?: string;
            /**
             * @description Tour to start, by its token, where there is no preset.
             * @default
             */
            tour?: string;
            /**
             * @description Record for so long, whatever the mode; 0: as it is.
             * @default 0
             */
            record_seconds?: number;
        };
        /**
         * RecordNowBody
         * @description Record a camera from now on, whatever its mode and schedule.
         */
        RecordNowBody: {
            /**
             * @description For so long; 0 takes the order back.
             * @default 300
             */
            seconds?: number;
            /**
             * @description Why; goes into the audit log.
             * @default
             */
            reason?: string;
        };
        /**
         * RecordOrder
         * @description The order that stands.
         */
        RecordOrder: {
            camera: string;
            until: number;
        };
        /**
         * Recording
         * @description A piece of recording without a gap and without a change of codec.
         */
        Recording: {
            start: number;
            end: number;
            bytes: number;
            segment: string;
            /** @default  */
            codec: string;
        };
        /**
         * Recordings
         * @description Recordings in order of time; what lies between two of them was not recorded, and `gaps` say why.
         */
        Recordings: {
            items: components["schemas"]["Recording"][];
            /** @default [] */
            gaps: components["schemas"]["Gap"][];
            /** @default [] */
            locks: components["schemas"]["Lock"][];
            /** @default [] */
            filled: components["schemas"]["Filled"][];
            /** @default [] */
            fills: components["schemas"]["Fill"][];
        };
        /**
         * RegisterServerBody
         * @description Register a found server or node. Its port is looked at first: it must present the certificate that it announced.
         */
        RegisterServerBody: {
            /**
             * @description As what; left out: its first role.
             * @default null
             */
            role?: ("analytics" | "lpr" | "server") | null;
            /** @default null */
            name?: string | null;
            /** @default null */
            area?: string | null;
            /**
             * @description The fingerprint that a person compared; refused where another one is announced meanwhile.
             * @default null
             */
            fingerprint?: string | null;
        };
        /**
         * RegisteredServer
         * @description The node that was made.
         */
        RegisteredServer: {
            entity: string;
            next: string;
        };
        /**
         * RelayControllerBody
         * @description What a laptop that holds a controller in direct mode relays of it. It confirms nothing: the controller uploads the same.
         */
        RelayControllerBody: {
            epoch: number;
            /** @default [] */
            records?: [
                number,
                string
            ][];
            /** @default [] */
            doors?: string[];
        };
        /**
         * Relayed
         * @description What was stored. Records that the server had already are counted too.
         */
        Relayed: {
            stored: number;
            confirmed: number;
        };
        /**
         * RemoteWrite
         * @description A time-series database that gets the samples of points: Prometheus, VictoriaMetrics, Mimir and their like.
         */
        RemoteWrite: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            enabled: boolean;
            /** @description Where it takes remote write: https://mimir.example/api/v1/push, or http://127.0.0.1:9090/api/v1/write. */
            url: string;
            /** @description For Basic. Empty: the password is a token, sent as Bearer. */
            username: string;
            /** @description X-Scope-OrgID, which Mimir asks for. */
            tenant: string;
            /** @description Certificate (PEM) of who signed the database's; empty: what this system trusts. */
            ca: string;
            /** @description Points with one of these tags, their own or of what they belong to; none: all points. */
            tagged: string[];
            /** @description Put on every series beside its own labels: {"site": "north"}. */
            labels: {
                [key: string]: string;
            };
            /**
             * @description "now": what is sampled from now on; "all": all history first, oldest first.
             * @enum {unknown}
             */
            since: "all" | "now";
            /** @description Requests under way at once. Each point's samples keep their order. */
            shards: number;
            password_set: boolean;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * RemoteWriteInput
         * @description A time-series database that gets the samples of points: Prometheus, VictoriaMetrics, Mimir and their like. An id that is left out is made from the name.
         */
        RemoteWriteInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @default true */
            enabled?: boolean;
            /** @description Where it takes remote write: https://mimir.example/api/v1/push, or http://127.0.0.1:9090/api/v1/write. */
            url: string;
            /**
             * @description For Basic. Empty: the password is a token, sent as Bearer.
             * @default
             */
            username?: string;
            /**
             * @description X-Scope-OrgID, which Mimir asks for.
             * @default
             */
            tenant?: string;
            /**
             * @description Certificate (PEM) of who signed the database's; empty: what this system trusts.
             * @default
             */
            ca?: string;
            /**
             * @description Points with one of these tags, their own or of what they belong to; none: all points.
             * @default []
             */
            tagged?: string[];
            /**
             * @description Put on every series beside its own labels: {"site": "north"}.
             * @default {}
             */
            labels?: {
                [key: string]: string;
            };
            /**
             * @description "now": what is sampled from now on; "all": all history first, oldest first.
             * @default now
             * @enum {unknown}
             */
            since?: "all" | "now";
            /**
             * @description Requests under way at once. Each point's samples keep their order.
             * @default 2
             */
            shards?: number;
            password?: string | null;
        };
        /**
         * RemoteWritePage
         * @description One page of a list, and the count of all.
         */
        RemoteWritePage: {
            items: components["schemas"]["RemoteWrite"][];
            total: number;
        };
        /**
         * RemoteWritePatch
         * @description The fields to change; those that are left out stay as they are.
         */
        RemoteWritePatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            enabled?: boolean;
            /** @description Where it takes remote write: https://mimir.example/api/v1/push, or http://127.0.0.1:9090/api/v1/write. */
            url?: string;
            /** @description For Basic. Empty: the password is a token, sent as Bearer. */
            username?: string;
            /** @description X-Scope-OrgID, which Mimir asks for. */
            tenant?: string;
            /** @description Certificate (PEM) of who signed the database's; empty: what this system trusts. */
            ca?: string;
            /** @description Points with one of these tags, their own or of what they belong to; none: all points. */
            tagged?: string[];
            /** @description Put on every series beside its own labels: {"site": "north"}. */
            labels?: {
                [key: string]: string;
            };
            /**
             * @description "now": what is sampled from now on; "all": all history first, oldest first.
             * @enum {unknown}
             */
            since?: "all" | "now";
            /** @description Requests under way at once. Each point's samples keep their order. */
            shards?: number;
            password?: string | null;
        };
        /**
         * ResetZoneBody
         * @description Forget where everybody is, in which zone, and why.
         */
        ResetZoneBody: {
            /**
             * @description Why; goes into the audit log.
             * @default
             */
            reason?: string;
        };
        /**
         * RevokeControllerBody
         * @description Void a controller's pairing: its link is dropped at once, and it is refused until it is paired again.
         */
        RevokeControllerBody: {
            /**
             * @description Why; goes into the audit log.
             * @default
             */
            reason?: string;
        };
        /**
         * RightRow
         * @description A credential with its ways. `why` says what is in the way of the credential itself.
         */
        RightRow: {
            holder: string;
            holder_name: string;
            credential: string;
            credential_name: string;
            /** @enum {unknown} */
            verdict: "later" | "no" | "now";
            why: string;
            ways: components["schemas"]["Way"][];
        };
        /**
         * RightsPage
         * @description An answer as of `time`, from the rules of `version`.
         */
        RightsPage: {
            items: components["schemas"]["RightRow"][];
            total: number;
            version: number;
            time: number;
        };
        /**
         * Role
         * @description A named set of grants.
         */
        Role: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            grants: components["schemas"]["Grant"][];
            /** @description Of those who want to move a camera, the one with the higher priority does. */
            ptz_priority: number;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * RoleInput
         * @description A named set of grants. An id that is left out is made from the name.
         */
        RoleInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @default [] */
            grants?: components["schemas"]["Grant"][];
            /**
             * @description Of those who want to move a camera, the one with the higher priority does.
             * @default 50
             */
            ptz_priority?: number;
        };
        /**
         * RolePage
         * @description One page of a list, and the count of all.
         */
        RolePage: {
            items: components["schemas"]["Role"][];
            total: number;
        };
        /**
         * RolePatch
         * @description The fields to change; those that are left out stay as they are.
         */
        RolePatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            grants?: components["schemas"]["Grant"][];
            /** @description Of those who want to move a camera, the one with the higher priority does. */
            ptz_priority?: number;
        };
        /**
         * RollCall
         * @description Who is inside, the missing first.
         */
        RollCall: {
            area: string | null;
            area_name: string;
            time: number;
            missing: number;
            safe: number;
            people: components["schemas"]["RollCallPerson"][];
            points: string[];
        };
        /**
         * RollCallPerson
         * @description Somebody who is inside as far as is known: where, since when, and when they were safe (microseconds since 1970 UTC).
         */
        RollCallPerson: {
            holder: string;
            name: string;
            company: string;
            visitor: boolean;
            host: string;
            area: string;
            area_name: string;
            since: number;
            door_name: string;
            /** @default null */
            safe: number | null;
            /** @default  */
            safe_at: string;
        };
        /**
         * RosterChange
         * @description One person or credential that the import adds or changes.
         */
        RosterChange: {
            line: number;
            /** @enum {unknown} */
            action: "add" | "change";
            /** @enum {unknown} */
            kind: "credential" | "credential-holder";
            id: string;
            name: string;
            fields: components["schemas"]["FieldChange"][];
        };
        /**
         * RtspAddresses
         * @description How other systems pull a camera: "<scheme>://<this server>:<port><path>".
         */
        RtspAddresses: {
            enabled: boolean;
            doors: components["schemas"]["RtspDoor"][];
            udp: boolean;
            live: string;
            recorded: string;
        };
        /**
         * RtspDoor
         * @description One port that serves it.
         */
        RtspDoor: {
            /** @enum {unknown} */
            scheme: "rtsp" | "rtsps";
            port: number;
            open: boolean;
        };
        /**
         * SavedSearch
         * @description A search of the event log under a name, for its owner or for all. It says what is searched for, never what was found.
         */
        SavedSearch: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            types: string[];
            entity: string;
            /** @description An area: whatever stands in it, or in an area within it. */
            within: string | null;
            /** @description A person whom the event concerns. */
            holder: string | null;
            source: string;
            severity: number;
            text: string;
            /** @description The last so many seconds; 0: the whole log. */
            span: number;
            /** @description The user who alone sees it; none: it is for all. */
            owner: string | null;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * SavedSearchInput
         * @description A search of the event log under a name, for its owner or for all. It says what is searched for, never what was found. An id that is left out is made from the name.
         */
        SavedSearchInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @default [] */
            types?: string[];
            /** @default  */
            entity?: string;
            /**
             * @description An area: whatever stands in it, or in an area within it.
             * @default null
             */
            within?: string | null;
            /**
             * @description A person whom the event concerns.
             * @default null
             */
            holder?: string | null;
            /** @default  */
            source?: string;
            /** @default 0 */
            severity?: number;
            /** @default  */
            text?: string;
            /**
             * @description The last so many seconds; 0: the whole log.
             * @default 0
             */
            span?: number;
            /**
             * @description The user who alone sees it; none: it is for all.
             * @default null
             */
            owner?: string | null;
        };
        /**
         * SavedSearchPage
         * @description One page of a list, and the count of all.
         */
        SavedSearchPage: {
            items: components["schemas"]["SavedSearch"][];
            total: number;
        };
        /**
         * SavedSearchPatch
         * @description The fields to change; those that are left out stay as they are.
         */
        SavedSearchPatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            types?: string[];
            entity?: string;
            /** @description An area: whatever stands in it, or in an area within it. */
            within?: string | null;
            /** @description A person whom the event concerns. */
            holder?: string | null;
            source?: string;
            severity?: number;
            text?: string;
            /** @description The last so many seconds; 0: the whole log. */
            span?: number;
            /** @description The user who alone sees it; none: it is for all. */
            owner?: string | null;
        };
        /**
         * ScanCardBody
         * @description Have a controller tell the next card that is shown at one of its readers. That card opens no door and is in no log.
         */
        ScanCardBody: {
            reader: number;
            /**
             * @description How long a card is waited for.
             * @default 30
             */
            seconds?: number;
        };
        /**
         * ScannedCard
         * @description The card.
         */
        ScannedCard: {
            card: string;
        };
        /**
         * Schedule
         * @description When something holds: iCalendar VEVENTs (RFC 5545) in the site's zone; empty text means always.
         */
        Schedule: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            icalendar: string;
            special_days: components["schemas"]["SpecialDays"][];
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * ScheduleInput
         * @description When something holds: iCalendar VEVENTs (RFC 5545) in the site's zone; empty text means always. An id that is left out is made from the name.
         */
        ScheduleInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @default  */
            icalendar?: string;
            /** @default [] */
            special_days?: components["schemas"]["SpecialDays"][];
        };
        /**
         * SchedulePage
         * @description One page of a list, and the count of all.
         */
        SchedulePage: {
            items: components["schemas"]["Schedule"][];
            total: number;
        };
        /**
         * SchedulePatch
         * @description The fields to change; those that are left out stay as they are.
         */
        SchedulePatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            icalendar?: string;
            special_days?: components["schemas"]["SpecialDays"][];
        };
        /**
         * SearchRequest
         * @description Where to search and for how long.
         */
        SearchRequest: {
            /**
             * @description Empty: every interface that the node's bind address covers.
             * @default []
             */
            interfaces?: string[];
            /**
             * @description How long answers are taken.
             * @default 4
             */
            seconds?: number;
        };
        /**
         * SearchState
         * @description The present or last search. Times are microseconds since 1970 UTC, None where there was none yet.
         */
        SearchState: {
            running: boolean;
            /** @default null */
            started: number | null;
            /** @default null */
            ended: number | null;
            /** @default [] */
            interfaces: string[];
            /** @default 0 */
            answers: number;
            /** @default 0 */
            refused: number;
            /** @default [] */
            problems: string[];
        };
        /**
         * SeriesAnswer
         * @description The history of several points over the same time.
         */
        SeriesAnswer: {
            start: number;
            end: number;
            width: number;
            items: components["schemas"]["PointColumns"][];
        };
        /**
         * SessionInfo
         * @description Who is signed in, what they may do, and where they are.
         */
        SessionInfo: {
            user: components["schemas"]["SignedInUser"];
            grants: components["schemas"]["Grant"][];
            site: components["schemas"]["SiteSummary"];
            version: string;
            /** @default null */
            expires: number | null;
        };
        /**
         * SetCredentialStateBody
         * @description Whether a credential may be used, and why not.
         */
        SetCredentialStateBody: {
            enabled: boolean;
            /**
             * @default
             * @enum {unknown}
             */
            disabled_reason?: "" | "blocked" | "damaged" | "destroyed" | "expired" | "inactivity" | "locked-out" | "lost" | "renewal-needed" | "stolen";
            /**
             * @description Why; goes into the audit log.
             * @default
             */
            reason?: string;
        };
        /**
         * SetHolderStateBody
         * @description Whether a person may pass at all; what they carry stays as it is.
         */
        SetHolderStateBody: {
            enabled: boolean;
            /**
             * @description Why; goes into the audit log.
             * @default
             */
            reason?: string;
        };
        /**
         * SetPictureBody
         * @description A new picture of somebody, JPEG or PNG; base64 in JSON.
         */
        SetPictureBody: {
            content: string;
        };
        /**
         * SetupFinish
         * @description Start the real site: the demo's machines stop and its entities go, users stay.
         */
        SetupFinish: {
            site_name: string;
            timezone: string;
            /** @default false */
            keep_demo?: boolean;
        };
        /**
         * Side
         * @description What one set of rules says. `asks` is a granted request that wants something more first, such as a PIN.
         */
        Side: {
            /** @enum {unknown} */
            outcome: "asks" | "denied" | "granted";
            /** @default  */
            reason: string;
            /** @default  */
            rule: string;
            /** @default  */
            text: string;
            /** @default  */
            profile: string;
            /** @default  */
            schedule: string;
        };
        /**
         * SignIn
         * @description A user's sign-in name and password.
         */
        SignIn: {
            username: string;
            password: string;
        };
        /**
         * SignedInUser
         * @description Who is signed in.
         */
        SignedInUser: {
            id: string;
            name: string;
            language: string;
        };
        /**
         * Site
         * @description Name, zone and stage of the site.
         */
        Site: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            /** @description IANA zone name; schedules and screens use it. */
            timezone: string;
            demo: boolean;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * SiteChange
         * @description One difference between the site file and the site.
         */
        SiteChange: {
            /** @enum {unknown} */
            action: "create" | "delete" | "update";
            kind: string;
            id: string;
            fields: string[];
            /** @default [] */
            differences: components["schemas"]["SiteDifference"][];
        };
        /**
         * SiteDifference
         * @description One field before and after; a secret shows only that it is set, new or gone.
         */
        SiteDifference: {
            field: string;
            old: unknown;
            new: unknown;
        };
        /**
         * SiteInput
         * @description Name, zone and stage of the site. An id that is left out is made from the name.
         */
        SiteInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /**
             * @description IANA zone name; schedules and screens use it.
             * @default UTC
             */
            timezone?: string;
            /** @default false */
            demo?: boolean;
        };
        /**
         * SitePlan
         * @description What applying a site file changes, in order.
         */
        SitePlan: {
            changes: components["schemas"]["SiteChange"][];
            applied: boolean;
            /** @default [] */
            warnings: string[];
        };
        /**
         * SiteSummary
         * @description What every signed-in person may know of the site.
         */
        SiteSummary: {
            name: string;
            timezone: string;
            demo: boolean;
        };
        /**
         * SpecialDayGroup
         * @description Days that are unlike others, such as public holidays: iCalendar VEVENTs of whole days.
         */
        SpecialDayGroup: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            icalendar: string;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * SpecialDayGroupInput
         * @description Days that are unlike others, such as public holidays: iCalendar VEVENTs of whole days. An id that is left out is made from the name.
         */
        SpecialDayGroupInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @default  */
            icalendar?: string;
        };
        /**
         * SpecialDayGroupPage
         * @description One page of a list, and the count of all.
         */
        SpecialDayGroupPage: {
            items: components["schemas"]["SpecialDayGroup"][];
            total: number;
        };
        /**
         * SpecialDayGroupPatch
         * @description The fields to change; those that are left out stay as they are.
         */
        SpecialDayGroupPatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            icalendar?: string;
        };
        /**
         * SpecialDays
         * @description The times that hold on the days of a group, in place of the schedule's own; none means that nothing holds.
         */
        SpecialDays: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            group: string;
            /** @default [] */
            times?: string[];
        };
        /**
         * StartWhatIf
         * @description What is to be tried, on which days.
         */
        StartWhatIf: {
            /**
             * @description How many days back from now.
             * @default 7
             */
            days?: number;
            draft: components["schemas"]["DraftChange"][];
        };
        /**
         * Status
         * @description The state of one entity at one moment; a later one replaces it.
         *
         *     `state` is one of "online", "degraded", "offline", "disabled", "pending" for what is reached over a network.
         *     `data` depends on the kind: a door has mode, lock, physical, alarm, tamper; a camera has bitrate, fps, recording.
         */
        Status: {
            ref: string;
            state: string;
            /** @default  */
            detail: string;
            since: number;
            /** @default {} */
            data: Record<string, unknown>;
        };
        /**
         * Statuses
         * @description The present status of what the caller may see.
         */
        Statuses: {
            items: components["schemas"]["Status"][];
        };
        /**
         * StorageInfo
         * @description A directory that the node writes to, in bytes.
         */
        StorageInfo: {
            path: string;
            total: number;
            free: number;
        };
        /**
         * StoredEvent
         * @description An event with its place in the log: `seq` grows by one order for all; it is the resume cursor.
         */
        StoredEvent: {
            seq: number;
            stored: number;
            event: components["schemas"]["Event"];
        };
        /**
         * StreamHealth
         * @description One stream of a camera. What its protocol does not tell is 0, or null where 0 would say something.
         */
        StreamHealth: {
            /** @enum {unknown} */
            stream: "main" | "sub";
            state: string;
            since: number;
            /** @default  */
            detail: string;
            /** @default  */
            transport: string;
            /** @default  */
            codec: string;
            /** @default 0 */
            width: number;
            /** @default 0 */
            height: number;
            /** @default  */
            audio: string;
            /** @default 0 */
            bitrate: number;
            /** @default 0 */
            fps: number;
            /**
             * @description Packets that were missing in the last moments, per cent.
             * @default 0
             */
            loss: number;
            /**
             * @description Packets that were missing since the stream began.
             * @default 0
             */
            lost: number;
            /**
             * @description Packets that were overtaken since the stream began.
             * @default 0
             */
            reordered: number;
            /**
             * @description Milliseconds (RFC 3550, 6.4.1): over UDP of packets, over TCP of whole pictures.
             * @default null
             */
            jitter: number | null;
            /**
             * @description Pictures from one key frame to the next; 0 before the second key frame.
             * @default 0
             */
            gop_frames: number;
            /** @default 0 */
            gop_seconds: number;
            /**
             * @description Seconds by which the camera's clock is ahead of the server's, by its sender reports.
             * @default null
             */
            clock_offset: number | null;
            /**
             * @description Key frames that the camera was asked for after a loss.
             * @default 0
             */
            key_requests: number;
            /**
             * @description How often the stream was lost since the server's video process began.
             * @default 0
             */
            restarts: number;
            /**
             * @description The last of them, the newest first.
             * @default []
             */
            interruptions: components["schemas"]["Interruption"][];
            /**
             * @description Of a second stream that fails: its viewers get the first, and it is tried again from then on, microseconds since 1970 UTC; 0 where they get it.
             * @default 0
             */
            instead_until: number;
            /**
             * @description Why they do.
             * @default
             */
            instead_reason: string;
            /**
             * @description Figures that are beyond the camera's limits, as it was told.
             * @default []
             */
            poor: components["schemas"]["Poor"][];
            history: components["schemas"]["History"];
        };
        /**
         * StreamKey
         * @description A new stream key, told this once.
         */
        StreamKey: {
            address: components["schemas"]["PublishAddress"];
            key: string;
        };
        /**
         * Suggestion
         * @description How the device would be added.
         */
        Suggestion: {
            name: string;
            onvif: boolean;
            note: string;
        };
        /**
         * SystemInfo
         * @description How the node is.
         */
        SystemInfo: {
            version: string;
            node: string;
            started: number;
            uptime: number;
            processes: components["schemas"]["ProcessInfo"][];
            storage: components["schemas"]["StorageInfo"][];
            event_head: number;
        };
        /**
         * Tile
         * @description A part of the grid and what it shows: an entity, for a chart several points.
         */
        Tile: {
            /** @enum {unknown} */
            kind: "chart" | "events" | "picture" | "state" | "value";
            x: number;
            y: number;
            w: number;
            h: number;
            /** @default  */
            title?: string;
            /**
             * @description A reference, such as "point:ahu-supply"; none: the site.
             * @default
             */
            entity?: string;
            /**
             * @description Of a chart.
             * @default []
             */
            points?: string[];
            /**
             * @description How much time a chart shows.
             * @default 3600
             */
            seconds?: number;
        };
        /**
         * TimeSeriesLine
         * @description One series of a result, in columns of equal length.
         */
        TimeSeriesLine: {
            labels: {
                [key: string]: string;
            };
            times: number[];
            values: (number | null)[];
        };
        /**
         * TimeSeriesResult
         * @description What a query gave. A vector and a scalar have one value a series, a string has its text.
         */
        TimeSeriesResult: {
            /** @enum {unknown} */
            kind: "matrix" | "scalar" | "string" | "vector";
            series: components["schemas"]["TimeSeriesLine"][];
            /** @default  */
            text: string;
        };
        /**
         * Token
         * @description A token for programs. It acts as its user, within `actions` when that is not empty. The token is shown once.
         */
        Token: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            user: string;
            actions: string[];
            created: number;
            expires: number | null;
            enabled: boolean;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * TokenCreated
         * @description The new token, with its text `token`, which is shown this once only.
         */
        TokenCreated: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            user: string;
            actions: string[];
            created: number;
            expires: number | null;
            enabled: boolean;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
            token: string;
        };
        /**
         * TokenInput
         * @description A token for programs. It acts as its user, within `actions` when that is not empty. The token is shown once. An id that is left out is made from the name.
         */
        TokenInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            user: string;
            /** @default [] */
            actions?: string[];
            /** @default null */
            expires?: number | null;
            /** @default true */
            enabled?: boolean;
        };
        /**
         * TokenPage
         * @description One page of a list, and the count of all.
         */
        TokenPage: {
            items: components["schemas"]["Token"][];
            total: number;
        };
        /**
         * TokenPatch
         * @description The fields to change; those that are left out stay as they are.
         */
        TokenPatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            user?: string;
            actions?: string[];
            expires?: number | null;
            enabled?: boolean;
        };
        /**
         * Touched
         * @description How many differ at a door or of a person: let in by the draft alone, asked for more by it, kept out by it alone.
         */
        Touched: {
            id: string;
            granted: number;
            asks: number;
            denied: number;
        };
        /**
         * Tour
         * @description Layouts and cameras that the wall shows one after the other, and again from the first.
         */
        Tour: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            steps: components["schemas"]["TourStep"][];
            /** @description The user who alone sees it; none: it is for all. */
            owner: string | null;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * TourInput
         * @description Layouts and cameras that the wall shows one after the other, and again from the first. An id that is left out is made from the name.
         */
        TourInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            steps: components["schemas"]["TourStep"][];
            /**
             * @description The user who alone sees it; none: it is for all.
             * @default null
             */
            owner?: string | null;
        };
        /**
         * TourPage
         * @description One page of a list, and the count of all.
         */
        TourPage: {
            items: components["schemas"]["Tour"][];
            total: number;
        };
        /**
         * TourPatch
         * @description The fields to change; those that are left out stay as they are.
         */
        TourPatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            steps?: components["schemas"]["TourStep"][];
            /** @description The user who alone sees it; none: it is for all. */
            owner?: string | null;
        };
        /**
         * TourStep
         * @description What a tour shows for so long: a layout, or a camera alone.
         */
        TourStep: {
            /** @default null */
            layout?: string | null;
            /** @default null */
            camera?: string | null;
            /** @default 10 */
            seconds?: number;
        };
        /**
         * TourStop
         * @description One stop of a preset tour: a preset, home, or a place, exactly one of them.
         */
        TourStop: {
            /** @default  */
            preset?: string;
            /** @default false */
            home?: boolean;
            /** @default null */
            place?: components["schemas"]["Place"] | null;
            /**
             * @description Seconds that it looks there.
             * @default 10
             */
            stay?: number;
            /**
             * @description On the way there, of the greatest; 0: the camera's own.
             * @default 0
             */
            speed?: number;
        };
        /**
         * UndoPortBody
         * @description Give up the number that is tried at once.
         */
        UndoPortBody: {
            /** @default  */
            reason?: string;
        };
        /**
         * User
         * @description A person who signs in; `id` is the sign-in name.
         */
        User: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            description: string;
            area: string | null;
            tags: string[];
            roles: string[];
            groups: string[];
            enabled: boolean;
            language: string;
            password_set: boolean;
            revision: number;
            changed: number;
            status: components["schemas"]["Status"] | null;
        };
        /**
         * UserInput
         * @description A person who signs in; `id` is the sign-in name. An id that is left out is made from the name.
         */
        UserInput: {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @default [] */
            roles?: string[];
            /** @default [] */
            groups?: string[];
            /** @default true */
            enabled?: boolean;
            /** @default en */
            language?: string;
            password?: string | null;
        };
        /**
         * UserPage
         * @description One page of a list, and the count of all.
         */
        UserPage: {
            items: components["schemas"]["User"][];
            total: number;
        };
        /**
         * UserPatch
         * @description The fields to change; those that are left out stay as they are.
         */
        UserPatch: {
            name?: string;
            description?: string;
            area?: string | null;
            tags?: string[];
            roles?: string[];
            groups?: string[];
            enabled?: boolean;
            language?: string;
            password?: string | null;
        };
        /**
         * VideoStorage
         * @description Where recordings lie, what is kept of each camera, and when the room is used up.
         */
        VideoStorage: {
            volumes: components["schemas"]["VolumeState"][];
            cameras: components["schemas"]["CameraStorage"][];
            silent: string[];
        };
        /**
         * VolumeState
         * @description One place that recordings lie on.
         */
        VolumeState: {
            id: string;
            /** @enum {unknown} */
            tier: "archive" | "fast" | "large";
            path: string;
            state: string;
            detail: string;
            records: boolean;
            total: number;
            free: number;
            min_free: number;
            max_bytes: number;
            keep_days: number;
            next_tier: string;
            held: number;
            oldest: number;
            cameras: number;
            full_at: number;
            /** @default 0 */
            undeleted: number;
            /** @default  */
            undeleted_detail: string;
        };
        /**
         * Way
         * @description One right to pass an access point: what gives it, and when.
         */
        Way: {
            door: string;
            access_point: string;
            access_point_name: string;
            profile: string;
            profile_name: string;
            /** @default  */
            group: string;
            schedule: string;
            schedule_name: string;
            when: string;
            valid_from: number | null;
            valid_to: number | null;
            /** @enum {unknown} */
            verdict: "later" | "no" | "now";
            /** @default  */
            why: string;
        };
        /**
         * WhatIf
         * @description A trial: how far it is, and once it is done what came of it. Nothing of the site is changed by it.
         */
        WhatIf: {
            id: string;
            /** @enum {unknown} */
            state: "done" | "failed" | "running";
            progress: number;
            start: number;
            end: number;
            changes: components["schemas"]["SiteChange"][];
            /** @default null */
            outcomes: components["schemas"]["Outcomes"] | null;
            /** @default {} */
            names: {
                [key: string]: string;
            };
            /** @default false */
            truncated: boolean;
            /** @default  */
            what: string;
            /** @default  */
            where: string;
            /** @default  */
            remedy: string;
        };
        /**
         * WritePointBody
         * @description Set a point.
         */
        WritePointBody: {
            value: number | boolean | string | null;
            /** @default null */
            priority?: number | null;
            /**
             * @description Why; goes into the audit log.
             * @default
             */
            reason?: string;
        };
        /**
         * WriteResult
         * @description What came of a write: the value before, the value asked for (null: given back), and the value that was read back.
         */
        WriteResult: {
            id: string;
            old: number | boolean | string | null;
            new: number | boolean | string | null;
            read_back: number | boolean | string | null;
            /** @default null */
            priority: number | null;
        };
        /**
         * Writing
         * @description How a point can be written.
         */
        Writing: {
            priorities: boolean;
        };
        /**
         * ZoneDetail
         * @description A zone and who is in it, the last who came first.
         */
        ZoneDetail: {
            zone: components["schemas"]["ZoneNow"];
            occupants: components["schemas"]["Occupant"][];
        };
        /**
         * ZoneNow
         * @description How a zone is. What its kind does not have is null; times are microseconds since 1970 UTC.
         */
        ZoneNow: {
            /** @enum {unknown} */
            kind: "antipassback-zone" | "entrance-limit-zone" | "fire-zone" | "first-person-zone" | "interlock-zone" | "intrusion-zone" | "occupancy-zone";
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id: string;
            name: string;
            enabled: boolean;
            /** @default  */
            held_by: string;
            /**
             * @default allow
             * @enum {unknown}
             */
            offline: "allow" | "deny";
            /** @default null */
            inside: number | null;
            /** @default null */
            limit: number | null;
            /** @default null */
            armed: number | null;
            /** @default null */
            fire: boolean | null;
            /** @default null */
            first: number | null;
            /** @default [] */
            open_doors: string[];
        };
        /**
         * Zones
         * @description All zones.
         */
        Zones: {
            items: components["schemas"]["ZoneNow"][];
        };
        /**
         * PointInput
         * @description When a point is Active, and when in Trouble. What is said of a value goes before thresholds, Trouble before Active.
         */
        "sitewarden.domain.points.inputs.PointInput": {
            /** @default null */
            above?: number | null;
            /** @default null */
            below?: number | null;
            /** @default null */
            trouble_above?: number | null;
            /** @default null */
            trouble_below?: number | null;
            /** @default 0 */
            hysteresis?: number;
            /**
             * @description Value to state: "on", "off", "3" or a text.
             * @default {}
             */
            states?: {
                [key: string]: "active" | "normal" | "trouble";
            };
            /**
             * @default normal
             * @enum {unknown}
             */
            otherwise?: "active" | "normal" | "trouble";
            /**
             * @default trouble
             * @enum {unknown}
             */
            bad?: "active" | "normal" | "trouble";
            /** @default 0 */
            delay?: number;
        };
        /**
         * PointInput
         * @description One value of a device. `address` is typed by the driver. An id that is left out is made from the name.
         */
        "sitewarden.services.surface.entities.PointInput": {
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            id?: string;
            name: string;
            /** @default  */
            description?: string;
            /** @default null */
            area?: string | null;
            /** @default [] */
            tags?: string[];
            /** @description Lower-case letters, digits and hyphens, 1 to 63 characters. */
            device: string;
            /**
             * @default number
             * @enum {unknown}
             */
            type?: "boolean" | "integer" | "number" | "string";
            /** @default  */
            unit?: string;
            /** @default {} */
            address?: Record<string, unknown>;
            /** @default 1 */
            period?: number;
            /** @default 1 */
            scale?: number;
            /** @default 0 */
            offset?: number;
            /** @default 0 */
            deadband?: number;
            /**
             * @default usual
             * @enum {unknown}
             */
            keep?: "brief" | "long" | "usual";
            /** @default false */
            writable?: boolean;
            /** @default null */
            minimum?: number | null;
            /** @default null */
            maximum?: number | null;
            /** @default 2 */
            decimals?: number;
            /** @default null */
            input?: components["schemas"]["sitewarden.domain.points.inputs.PointInput"] | null;
        };
    };
    responses: {
        /** @description The request was refused; nothing was changed. */
        Problem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionInfo"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionInfo"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordChange"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    getSystem: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SystemInfo"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listStatus: {
        parameters: {
            query?: {
                kind?: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Statuses"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listEvents: {
        parameters: {
            query?: {
                type?: string[];
                entity?: string;
                area?: string;
                holder?: string;
                source?: string;
                severity?: number;
                start?: number;
                end?: number;
                q?: string;
                after?: number;
                before?: number;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    countEvents: {
        parameters: {
            query?: {
                type?: string[];
                entity?: string;
                area?: string;
                holder?: string;
                source?: string;
                severity?: number;
                start?: number;
                end?: number;
                q?: string;
                by?: "severity" | "type";
                steps?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventCounts"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    exportEvents: {
        parameters: {
            query?: {
                type?: string[];
                entity?: string;
                area?: string;
                holder?: string;
                source?: string;
                severity?: number;
                start?: number;
                end?: number;
                q?: string;
                form?: "csv" | "jsonl";
                reason?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listAudit: {
        parameters: {
            query?: {
                before?: number;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    finishSetup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetupFinish"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Site"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    exportSite: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/yaml": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    planSite: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/yaml": string;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SitePlan"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    applySite: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/yaml": string;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SitePlan"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listPorts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ports"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    exportPorts: {
        parameters: {
            query?: {
                format?: "csv" | "firewalld" | "inventory" | "inventory-csv" | "json" | "markdown" | "nftables" | "table" | "ufw" | "windows";
                profile?: "seed" | "strict";
                rows?: "all" | "auto" | "built" | "used";
                deny_outgoing?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    exportMatrix: {
        parameters: {
            query?: {
                format?: "csv" | "ios" | "json" | "markdown" | "nftables" | "table";
                profile?: "seed" | "strict";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getPort: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                row: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PortState"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    changePort: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                row: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePortBody"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PortState"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    keepPort: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                row: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeepPortBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PortState"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    undoPort: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                row: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UndoPortBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PortState"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    examine: {
        parameters: {
            query?: {
                max_age?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Findings"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listProbes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProbeReports"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    openProbe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OpenEcho"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EchoOpened"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    closeProbe: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CloseEchoBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProbeReport"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listFoundDevices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FoundDevices"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    searchNetwork: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SearchRequest"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchState"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    addFoundDevice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AddDeviceBody"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AddedDevice"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listFoundServers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FoundServers"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    registerFoundServer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegisterServerBody"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegisteredServer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listPointValues: {
        parameters: {
            query?: {
                ids?: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LatestValues"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getPointSamples: {
        parameters: {
            query: {
                start: number;
                end: number;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RawSamples"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    queryHistory: {
        parameters: {
            query: {
                point: string[];
                start: number;
                end: number;
                form?: "auto" | "buckets" | "lttb" | "samples";
                buckets?: number;
                width?: number;
                around?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SeriesAnswer"];
                    "application/vnd.apache.arrow.stream": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    exportHistory: {
        parameters: {
            query: {
                point: string[];
                start: number;
                end: number;
                form?: "csv" | "parquet";
                width?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getPointWriting: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Writing"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    writePoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WritePointBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteResult"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    newDeviceKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeviceKey"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    browseEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BrowseEndpointBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Browsed"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    browseDevice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BrowseDeviceBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Browsed"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    importMachines: {
        parameters: {
            query?: {
                mode?: "keep" | "merge" | "overwrite";
                name?: string;
                endpoint?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "text/csv": string;
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MachineImportView"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getMachineImport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MachineImportView"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    dropMachineImport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listMachineImportRows: {
        parameters: {
            query?: {
                what?: "changes" | "errors";
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MachineImportPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    applyMachineImport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApplyMachineImportBody"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MachineImportView"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    exportMachines: {
        parameters: {
            query?: {
                form?: "csv" | "yaml";
                endpoint?: string;
                device?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    queryTimeSeries: {
        parameters: {
            query: {
                query: string;
                time?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TimeSeriesResult"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    queryTimeSeriesRange: {
        parameters: {
            query: {
                query: string;
                start: number;
                end: number;
                step: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TimeSeriesResult"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    commandDoor: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DoorCommandBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CommandResult"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    commandDoors: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DoorsCommand"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DoorsCommanded"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getRollCall: {
        parameters: {
            query?: {
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RollCall"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    exportRollCall: {
        parameters: {
            query?: {
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    markSafe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MarkSafe"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MarkedSafe"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listZones: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Zones"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getZone: {
        parameters: {
            query?: {
                limit?: number;
            };
            header?: never;
            path: {
                kind: "antipassback-zone" | "entrance-limit-zone" | "fire-zone" | "first-person-zone" | "interlock-zone" | "intrusion-zone" | "occupancy-zone";
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneDetail"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    forgiveHolder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                kind: "antipassback-zone" | "entrance-limit-zone" | "fire-zone" | "first-person-zone" | "interlock-zone" | "intrusion-zone" | "occupancy-zone";
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ForgiveHolderBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneNow"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    resetZone: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                kind: "antipassback-zone" | "entrance-limit-zone" | "fire-zone" | "first-person-zone" | "interlock-zone" | "intrusion-zone" | "occupancy-zone";
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResetZoneBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneNow"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    armZone: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                kind: "antipassback-zone" | "entrance-limit-zone" | "fire-zone" | "first-person-zone" | "interlock-zone" | "intrusion-zone" | "occupancy-zone";
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ArmZoneBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneNow"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    disarmZone: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                kind: "antipassback-zone" | "entrance-limit-zone" | "fire-zone" | "first-person-zone" | "interlock-zone" | "intrusion-zone" | "occupancy-zone";
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DisarmZoneBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneNow"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listControllerLimits: {
        parameters: {
            query?: {
                id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ControllerLimits"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listPendingControllers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PendingControllers"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createPairingCode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PairingCodeRequest"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PairingCode"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    approveController: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApproveControllerBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CommandResult"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    revokeController: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RevokeControllerBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CommandResult"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    scanCard: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScanCardBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScannedCard"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    relayController: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RelayControllerBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Relayed"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    searchControllers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeviceSearch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FoundControllers"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    setControllerNetwork: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeviceNetworkBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NetworkChanged"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    resetController: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeviceResetBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeviceRestarted"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getPicture: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Picture"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    setPicture: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetPictureBody"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    removePicture: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    setHolderState: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetHolderStateBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CredentialHolder"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    setCredentialState: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetCredentialStateBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listDoorRights: {
        parameters: {
            query?: {
                state?: "all" | "can" | "cannot";
                q?: string;
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RightsPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listHolderRights: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RightsPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    startWhatIf: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StartWhatIf"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WhatIf"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getWhatIf: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WhatIf"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    dropWhatIf: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    importPeople: {
        parameters: {
            query?: {
                mode?: "keep" | "merge" | "overwrite";
                name?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "text/csv": string;
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportView"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getPeopleImport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportView"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    dropPeopleImport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listPeopleImportRows: {
        parameters: {
            query?: {
                what?: "changes" | "errors";
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    applyPeopleImport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApplyImportBody"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportView"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    importReport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    exportPeople: {
        parameters: {
            query?: {
                group?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getRtspAddresses: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RtspAddresses"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getPublishAddress: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublishAddress"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    newStreamKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StreamKey"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getCameraHealth: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CameraHealth"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listRecordings: {
        parameters: {
            query: {
                start: number;
                end: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recordings"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    playback: {
        parameters: {
            query: {
                start: number;
                end: number;
                frames?: "all" | "keys";
                direction?: "backward" | "forward";
                every?: number;
                viewing?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "video/mp4": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    cameraSnapshot: {
        parameters: {
            query?: {
                width?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    cameraThumbnail: {
        parameters: {
            query: {
                at: number;
                width?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    exportVideo: {
        parameters: {
            query: {
                camera: string[];
                start: number;
                end: number;
                mask?: string[];
                watermark?: boolean;
                reason: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/zip": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listExports: {
        parameters: {
            query?: {
                all?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExportJobs"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    cancelExport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExportJob"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    liveVideo: {
        parameters: {
            query?: {
                media?: "audio" | "converted" | "video";
                stream?: "main" | "sub";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The connection becomes a WebSocket. */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    probeCamera: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProbeCamera"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProbedCamera"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listCameraFiles: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Footage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    addCamera: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AddCamera"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AddedCamera"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    cameraHold: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CameraHold"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    moveCamera: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CameraMoveBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CameraHold"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    stopCamera: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CameraHold"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    placeCamera: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CameraPlaceBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CameraHold"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    homeCamera: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CameraHomeBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CameraHold"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    cameraPresets: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Presets"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    keepCameraPreset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CameraKeepPresetBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeptPreset"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    talkThroughCamera: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CameraSayBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CameraSpeech"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    goToCameraPreset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CameraPresetBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CameraHold"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    removeCameraPreset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CameraDropPresetBody"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    cameraTours: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PresetTours"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    operateCameraTour: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CameraTourBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CameraHold"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    keepCameraTour: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CameraKeepTourBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeptTour"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    removeCameraTour: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CameraDropTourBody"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    lockCamera: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CameraLockBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CameraHold"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    unlockCamera: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CameraHold"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    cameraImaging: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImagingState"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    setCameraImaging: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CameraImagingBody"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    focusCamera: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CameraFocusBody"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    switchCameraRelay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CameraRelayBody"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listMulticast: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MulticastStreams"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    startMulticast: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MulticastStartBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MulticastStream"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    stopMulticast: {
        parameters: {
            query?: {
                stream?: "main" | "sub";
                form?: "mpegts" | "rtp";
                holder?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    renewMulticast: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MulticastRenewBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MulticastStream"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    recordNow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RecordNowBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordOrder"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    setPrivacy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PrivacyModeBody"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    fillGap: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FillGapBody"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Fills"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listLocks: {
        parameters: {
            query?: {
                camera?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Locks"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    lockRecordings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LockSetBody"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lock"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    releaseRecordings: {
        parameters: {
            query?: {
                reason?: string;
            };
            header?: never;
            path: {
                id: string;
                lock: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    getStorage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VideoStorage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    reportEvents: {
        parameters: {
            query?: {
                type?: string[];
                entity?: string;
                area?: string;
                holder?: string;
                source?: string;
                severity?: number;
                start?: number;
                end?: number;
                q?: string;
                form?: "csv" | "pdf";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    reportRights: {
        parameters: {
            query?: {
                form?: "csv" | "pdf";
                door?: string;
                holder?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getBackups: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupStatus"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    startBackup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupStatus"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getSite: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Site"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceSite: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SiteInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Site"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listAreas: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AreaPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createArea: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AreaInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Area"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getArea: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Area"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceArea: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AreaInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Area"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteArea: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateArea: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AreaPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Area"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listNetworks: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NetworkPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createNetwork: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NetworkInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Network"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getNetwork: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Network"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceNetwork: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NetworkInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Network"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteNetwork: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateNetwork: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NetworkPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Network"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listNodes: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodePage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createNode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NodeInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Node"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getNode: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Node"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceNode: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NodeInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Node"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteNode: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateNode: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NodePatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Node"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listRoles: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RolePage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createRole: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoleInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceRole: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoleInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteRole: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateRole: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RolePatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listGroups: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
                roles?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GroupPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createGroup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Group"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Group"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceGroup: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Group"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteGroup: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateGroup: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Group"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listUsers: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
                roles?: string;
                groups?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createUser: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceUser: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteUser: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateUser: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listTokens: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
                user?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenCreated"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Token"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Token"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Token"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listSpecialDayGroups: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SpecialDayGroupPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createSpecialDayGroup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SpecialDayGroupInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SpecialDayGroup"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getSpecialDayGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SpecialDayGroup"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceSpecialDayGroup: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SpecialDayGroupInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SpecialDayGroup"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteSpecialDayGroup: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateSpecialDayGroup: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SpecialDayGroupPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SpecialDayGroup"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listSchedules: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SchedulePage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScheduleInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceSchedule: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScheduleInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteSchedule: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateSchedule: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SchedulePatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listCameras: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CameraPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createCamera: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CameraInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Camera"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getCamera: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Camera"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceCamera: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CameraInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Camera"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteCamera: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateCamera: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CameraPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Camera"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listEndpoints: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
                driver?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndpointPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EndpointInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Endpoint"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Endpoint"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceEndpoint: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EndpointInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Endpoint"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteEndpoint: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateEndpoint: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EndpointPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Endpoint"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listDevices: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
                endpoint?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DevicePage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createDevice: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeviceInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Device"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getDevice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Device"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceDevice: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeviceInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Device"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteDevice: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateDevice: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DevicePatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Device"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listPoints: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
                device?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PointPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createPoint: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["sitewarden.services.surface.entities.PointInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Point"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getPoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Point"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replacePoint: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["sitewarden.services.surface.entities.PointInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Point"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deletePoint: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updatePoint: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PointPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Point"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listRemoteWrites: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RemoteWritePage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createRemoteWrite: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RemoteWriteInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RemoteWrite"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getRemoteWrite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RemoteWrite"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceRemoteWrite: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RemoteWriteInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RemoteWrite"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteRemoteWrite: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateRemoteWrite: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RemoteWritePatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RemoteWrite"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listControllers: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ControllerPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createController: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ControllerInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Controller"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getController: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Controller"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceController: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ControllerInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Controller"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteController: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateController: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ControllerPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Controller"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listAuthenticationProfiles: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuthenticationProfilePage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createAuthenticationProfile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AuthenticationProfileInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuthenticationProfile"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getAuthenticationProfile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuthenticationProfile"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceAuthenticationProfile: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AuthenticationProfileInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuthenticationProfile"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteAuthenticationProfile: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateAuthenticationProfile: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AuthenticationProfilePatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuthenticationProfile"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listCardFormats: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CardFormatPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createCardFormat: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CardFormatInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CardFormat"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getCardFormat: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CardFormat"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceCardFormat: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CardFormatInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CardFormat"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteCardFormat: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateCardFormat: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CardFormatPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CardFormat"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listDoors: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
                controller?: string;
                unlock_schedule?: string;
                camera?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DoorPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createDoor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DoorInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Door"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getDoor: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Door"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceDoor: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DoorInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Door"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteDoor: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateDoor: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DoorPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Door"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listAccessPoints: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
                door?: string;
                area_from?: string;
                area_to?: string;
                authentication_profile?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessPointPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createAccessPoint: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccessPointInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessPoint"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getAccessPoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessPoint"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceAccessPoint: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccessPointInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessPoint"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteAccessPoint: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateAccessPoint: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccessPointPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessPoint"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listAccessProfiles: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessProfilePage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createAccessProfile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccessProfileInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessProfile"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getAccessProfile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessProfile"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceAccessProfile: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccessProfileInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessProfile"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteAccessProfile: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateAccessProfile: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccessProfilePatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessProfile"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listHolderGroups: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HolderGroupPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createHolderGroup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HolderGroupInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HolderGroup"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getHolderGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HolderGroup"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceHolderGroup: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HolderGroupInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HolderGroup"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteHolderGroup: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateHolderGroup: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HolderGroupPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HolderGroup"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listCredentialHolders: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
                host?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CredentialHolderPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createCredentialHolder: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CredentialHolderInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CredentialHolder"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getCredentialHolder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CredentialHolder"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceCredentialHolder: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CredentialHolderInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CredentialHolder"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteCredentialHolder: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateCredentialHolder: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CredentialHolderPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CredentialHolder"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listCredentials: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
                holder?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CredentialPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createCredential: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CredentialInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getCredential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceCredential: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CredentialInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteCredential: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateCredential: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CredentialPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listAntipassbackZones: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
                reset_schedule?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AntipassbackZonePage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createAntipassbackZone: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AntipassbackZoneInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AntipassbackZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getAntipassbackZone: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AntipassbackZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceAntipassbackZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AntipassbackZoneInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AntipassbackZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteAntipassbackZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateAntipassbackZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AntipassbackZonePatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AntipassbackZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listOccupancyZones: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OccupancyZonePage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createOccupancyZone: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OccupancyZoneInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OccupancyZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getOccupancyZone: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OccupancyZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceOccupancyZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OccupancyZoneInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OccupancyZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteOccupancyZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateOccupancyZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OccupancyZonePatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OccupancyZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listInterlockZones: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InterlockZonePage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createInterlockZone: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InterlockZoneInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InterlockZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getInterlockZone: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InterlockZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceInterlockZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InterlockZoneInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InterlockZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteInterlockZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateInterlockZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InterlockZonePatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InterlockZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listEntranceLimitZones: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
                schedule?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EntranceLimitZonePage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createEntranceLimitZone: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EntranceLimitZoneInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EntranceLimitZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getEntranceLimitZone: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EntranceLimitZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceEntranceLimitZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EntranceLimitZoneInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EntranceLimitZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteEntranceLimitZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateEntranceLimitZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EntranceLimitZonePatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EntranceLimitZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listFirstPersonZones: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
                schedule?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FirstPersonZonePage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createFirstPersonZone: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FirstPersonZoneInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FirstPersonZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getFirstPersonZone: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FirstPersonZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceFirstPersonZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FirstPersonZoneInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FirstPersonZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteFirstPersonZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateFirstPersonZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FirstPersonZonePatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FirstPersonZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listFireZones: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FireZonePage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createFireZone: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FireZoneInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FireZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getFireZone: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FireZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceFireZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FireZoneInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FireZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteFireZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateFireZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FireZonePatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FireZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listIntrusionZones: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntrusionZonePage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createIntrusionZone: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IntrusionZoneInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntrusionZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getIntrusionZone: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntrusionZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceIntrusionZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IntrusionZoneInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntrusionZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteIntrusionZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateIntrusionZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IntrusionZonePatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntrusionZone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listBookmarks: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
                camera?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BookmarkPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createBookmark: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BookmarkInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Bookmark"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getBookmark: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Bookmark"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceBookmark: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BookmarkInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Bookmark"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteBookmark: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateBookmark: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BookmarkPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Bookmark"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listLayouts: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LayoutPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createLayout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LayoutInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Layout"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getLayout: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Layout"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceLayout: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LayoutInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Layout"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteLayout: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateLayout: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LayoutPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Layout"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listTours: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TourPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createTour: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TourInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tour"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getTour: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tour"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceTour: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TourInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tour"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteTour: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateTour: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TourPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tour"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listSavedSearches: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedSearchPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createSavedSearch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SavedSearchInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedSearch"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getSavedSearch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedSearch"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceSavedSearch: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SavedSearchInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedSearch"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteSavedSearch: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateSavedSearch: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SavedSearchPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedSearch"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listDashboards: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: string;
                tag?: string;
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DashboardPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createDashboard: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DashboardInput"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Dashboard"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getDashboard: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Dashboard"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceDashboard: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DashboardInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Dashboard"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteDashboard: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateDashboard: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that was read; refused with 409 when the entity changed since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DashboardPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The entity's revision, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Dashboard"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It answers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        status: "ok";
                    };
                };
            };
        };
    };
    beginWhep: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/sdp": string;
            };
        };
        responses: {
            /** @description The answer. The session stands at Location until DELETE, or until the viewer is gone. */
            201: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/sdp": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    endWhep: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                session: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
}
