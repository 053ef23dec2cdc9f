"""The table of REST routes under /api/v1: each names an operation, its parameters and its result. No I/O.

A field of the parameters that stands in the path comes from there. Of the rest, GET and DELETE take theirs from the query;
the other methods take the field `body` as the whole body where there is one, and the fields as members of the body otherwise.
`revision` comes from If-Match. A route of the form "file" answers with the file of a FileTicket.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal, get_type_hints

import msgspec
from msgspec import Struct

from sitewarden.services.surface import (
    access,
    devices,
    firewall,
    identity,
    muster,
    nearby,
    people,
    pictures,
    points,
    portchange,
    probe,
    reports,
    rights,
    servers,
    system,
    video,
    what_if,
    zones,
)
from sitewarden.services.surface.doctor import Examine, Findings
from sitewarden.services.surface.entities import MESSAGES, PLURALS, Messages, title
from sitewarden.services.surface.identity import Nothing

PREFIX: Final = "/api/v1"
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Form = Literal["json", "yaml", "text", "mp4", "file", "websocket"]


@dataclass(frozen=True)
class Route:
    """One route. `result` None means 204; `form` is the form of the answer."""

    method: Method
    path: str
    operation: str
    params: type[Struct]
    result: Any
    id: str
    tag: str
    summary: str
    status: int = 200
    form: Form = "json"
    public: bool = False
    etag: bool = False
    command: bool = field(default=False)
    upload: str = ""
    """Media type of a body that is stored as it comes; the parameters are then in the query."""

    @cached_property
    def in_path(self) -> tuple[str, ...]:
        """Names of the parameters in the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @cached_property
    def hints(self) -> dict[str, Any]:
        """Field to type of the parameters, with their limits."""
        return get_type_hints(self.params, include_extras=True)

    @cached_property
    def in_query(self) -> tuple[str, ...]:
        """Names of the parameters in the query."""
        if self.method not in ("GET", "DELETE") and not self.upload:
            return ()
        return tuple(name for name in self.hints if name not in self.in_path and name != "revision")

    @cached_property
    def conditional(self) -> bool:
        """True where If-Match is taken."""
        return "revision" in self.hints

    @cached_property
    def lists(self) -> frozenset[str]:
        """Names of the query's parameters that may repeat."""
        return frozenset(name for name in self.in_query if "tuple" in str(self.hints[name]))

    @cached_property
    def head(self) -> type[Struct]:
        """The parameters without what the body gives."""
        if self.body is None:
            return self.params
        names = (*self.in_path, "revision") if self.conditional else self.in_path
        fields: list[Any] = [(name, self.hints[name]) if name != "revision" else (name, int | None, None) for name in names]
        return msgspec.defstruct(f"{self.params.__name__}Head", fields, kw_only=True, frozen=True)

    @cached_property
    def text_body(self) -> bool:
        """True where the body is text (YAML) rather than JSON."""
        return self.body is str or str in getattr(self.body, "__args__", ()) or getattr(self.body, "__origin__", None) is str

    @cached_property
    def decoder(self) -> msgspec.json.Decoder[Any]:
        """Decodes the JSON body."""
        return msgspec.json.Decoder(self.body)

    @cached_property
    def body(self) -> Any:
        """Type of the JSON body; None where there is none. For a YAML body it is `str`."""
        if self.method in ("GET", "DELETE") or self.upload:
            return None
        if "body" in self.hints:
            return self.hints["body"]
        rest = [entry for entry in msgspec.structs.fields(self.params) if entry.name not in (*self.in_path, "revision")]
        if not rest:
            return None
        if not self.in_path:
            return self.params
        fields: list[Any] = [
            (entry.name, self.hints[entry.name]) if entry.required else (entry.name, self.hints[entry.name], entry.default)
            for entry in rest
        ]
        return msgspec.defstruct(
            f"{self.params.__name__}Body",
            fields,
            module=__name__,
            kw_only=True,
            frozen=True,
            forbid_unknown_fields=True,
            namespace={"__doc__": self.params.__doc__},
        )


def _of_kind(messages: Messages) -> list[Route]:
    kind, name = messages.kind, title(messages.kind)
    plain = kind.replace("-", " ")
    if kind == "site":
        return [
            Route("GET", "/site", "site.get", messages.get_params, messages.view, "getSite", "site", "Read the site", etag=True),
            Route(
                "PUT",
                "/site",
                "site.replace",
                messages.replace_params,
                messages.view,
                "replaceSite",
                "site",
                "Set name, zone and stage of the site",
                etag=True,
            ),
        ]
    plural = PLURALS[kind]
    many = plural.replace("-", " ")
    path, one = f"/{plural}", f"/{plural}/{{id}}"
    created = identity.TokenCreated if kind == "token" else messages.view
    list_id = "list" + "".join(part.capitalize() for part in plural.split("-"))
    return [
        Route("GET", path, f"{kind}.list", messages.list_params, messages.page, list_id, plural, f"List {many}"),
        Route(
            "POST",
            path,
            f"{kind}.create",
            messages.create_params,
            created,
            f"create{name}",
            plural,
            f"Create a {plain}",
            status=201,
            etag=True,
        ),
        Route(
            "GET", one, f"{kind}.get", messages.get_params, messages.view, f"get{name}", plural, f"Read one {plain}", etag=True
        ),
        Route(
            "PUT",
            one,
            f"{kind}.replace",
            messages.replace_params,
            messages.view,
            f"replace{name}",
            plural,
            f"Replace one {plain}",
            etag=True,
        ),
        Route(
            "PATCH",
            one,
            f"{kind}.update",
            messages.update_params,
            messages.view,
            f"update{name}",
            plural,
            f"Change some fields of one {plain}",
            etag=True,
        ),
        Route("DELETE", one, f"{kind}.delete", messages.delete_params, None, f"delete{name}", plural, f"Delete one {plain}"),
    ]


_SESSION: Final = [
    Route(
        "POST",
        "/session",
        "session.open",
        identity.SignIn,
        identity.SessionInfo,
        "signIn",
        "session",
        "Sign in; sets the session cookie",
        public=True,
    ),
    Route("GET", "/session", "session.get", Nothing, identity.SessionInfo, "getSession", "session", "Who is signed in"),
    Route("DELETE", "/session", "session.close", Nothing, None, "signOut", "session", "Sign out"),
    Route(
        "PUT",
        "/session/password",
        "session.password",
        identity.PasswordChange,
        None,
        "changePassword",
        "session",
        "Change one's own password; ends one's other sessions",
    ),
]

_SYSTEM: Final = [
    Route("GET", "/system", "system.get", Nothing, system.SystemInfo, "getSystem", "system", "How the node is"),
    Route("GET", "/status", "status.list", system.StatusQuery, system.Statuses, "listStatus", "status", "How things are now"),
    Route("GET", "/events", "events.list", system.EventQuery, system.EventPage, "listEvents", "events", "Read the event log"),
    Route("GET", "/audit", "audit.list", system.AuditQuery, system.AuditPage, "listAudit", "events", "Read the audit log"),
    Route("GET", "/network/ports", "network.ports", Nothing, system.Ports, "listPorts", "network", "The port manifest, live"),
    Route(
        "GET",
        "/network/ports/export",
        "network.export",
        firewall.PortExport,
        str,
        "exportPorts",
        "network",
        "The port manifest as text: a table, an inventory or firewall rules",
        form="text",
    ),
    Route(
        "GET",
        "/network/matrix",
        "network.matrix",
        firewall.Matrix,
        str,
        "exportMatrix",
        "network",
        "The flows between the site's networks as text: a table or routers' access lists",
        form="text",
    ),
    Route(
        "GET",
        "/network/ports/{row}",
        "network.port",
        portchange.PortRef,
        portchange.PortState,
        "getPort",
        "network",
        "A port's number, what is tried for it, and how its last change ended",
    ),
    Route(
        "POST",
        "/network/ports/{row}",
        "network.port.change",
        portchange.ChangePort,
        portchange.PortState,
        "changePort",
        "network",
        "Try another number; it goes back within 60 s unless it is kept",
        status=202,
        command=True,
    ),
    Route(
        "POST",
        "/network/ports/{row}/keep",
        "network.port.keep",
        portchange.KeepPort,
        portchange.PortState,
        "keepPort",
        "network",
        "Keep the number that is tried, with the proof that the new one gives",
        command=True,
    ),
    Route(
        "POST",
        "/network/ports/{row}/undo",
        "network.port.undo",
        portchange.UndoPort,
        portchange.PortState,
        "undoPort",
        "network",
        "Give the number that is tried up at once",
        command=True,
    ),
    Route("GET", "/network/doctor", "network.doctor", Examine, Findings, "examine", "network", "Examine this machine"),
    Route(
        "GET", "/network/probes", "network.probe.list", Nothing, probe.ProbeReports, "listProbes", "network", "The last probes"
    ),
    Route(
        "POST",
        "/network/probes",
        "network.probe.open",
        probe.OpenEcho,
        probe.EchoOpened,
        "openProbe",
        "network",
        "Open an echo on the UDP ports, for one address and a short time",
        status=201,
    ),
    Route(
        "POST",
        "/network/probes/{id}/close",
        "network.probe.close",
        probe.CloseEcho,
        probe.ProbeReport,
        "closeProbe",
        "network",
        "End an echo, and leave what the other side found",
    ),
    Route(
        "GET",
        "/network/devices",
        "network.devices",
        Nothing,
        devices.FoundDevices,
        "listFoundDevices",
        "network",
        "Devices that answered a search, cameras first",
    ),
    Route(
        "POST",
        "/network/search",
        "network.search",
        devices.SearchRequest,
        devices.SearchState,
        "searchNetwork",
        "network",
        "Search for cameras and other devices (UPnP, ONVIF)",
        status=202,
        command=True,
    ),
    Route(
        "POST",
        "/network/devices/{id}/add",
        "network.device.add",
        devices.AddDevice,
        devices.AddedDevice,
        "addFoundDevice",
        "network",
        "Add a found device to the site as a camera",
        status=201,
        command=True,
    ),
    Route(
        "GET",
        "/network/servers",
        "network.servers",
        Nothing,
        servers.FoundServers,
        "listFoundServers",
        "network",
        "Servers and nodes that announce themselves, and those that use the same media group",
    ),
    Route(
        "POST",
        "/network/servers/{id}/register",
        "network.server.register",
        servers.RegisterServer,
        servers.RegisteredServer,
        "registerFoundServer",
        "network",
        "Register a found server, analytics or LPR node",
        status=201,
        command=True,
    ),
    Route(
        "POST",
        "/setup/finish",
        "setup.finish",
        system.SetupFinish,
        MESSAGES["site"].view,
        "finishSetup",
        "site",
        "Turn the demo off and start the real site",
        command=True,
    ),
    Route(
        "GET", "/site/export", "site.export", Nothing, str, "exportSite", "site", "The site as YAML, without secrets", form="yaml"
    ),
    Route(
        "POST", "/site/plan", "site.plan", system.SiteFile, system.SitePlan, "planSite", "site", "What a site file would change"
    ),
    Route("POST", "/site/apply", "site.apply", system.SiteFile, system.SitePlan, "applySite", "site", "Make a site file so"),
]

_THINGS: Final = [
    Route(
        "GET",
        "/points/values",
        "points.values",
        points.PointValues,
        points.LatestValues,
        "listPointValues",
        "points",
        "Latest values of points",
    ),
    Route(
        "GET",
        "/points/{id}/samples",
        "points.history",
        points.PointHistory,
        points.PointSamples,
        "getPointSamples",
        "points",
        "A point's history in columns",
    ),
    Route(
        "POST",
        "/points/{id}/value",
        "points.write",
        points.WritePoint,
        points.WriteResult,
        "writePoint",
        "points",
        "Set a point and read it back",
        command=True,
    ),
    Route(
        "POST",
        "/doors/{id}/commands",
        "doors.command",
        access.DoorCommand,
        access.CommandResult,
        "commandDoor",
        "doors",
        "Release, lock, unlock, block or lock down a door",
        command=True,
    ),
    Route(
        "POST",
        "/doors/commands",
        "doors.command-many",
        access.DoorsCommand,
        access.DoorsCommanded,
        "commandDoors",
        "doors",
        "Lock down or release for fire all doors of an area or the site; says of each door what came of it",
        command=True,
    ),
    Route(
        "GET", "/muster", "muster.list", muster.RollCallQuery, muster.RollCall, "getRollCall", "zones", "Who is inside, and safe"
    ),
    Route(
        "GET",
        "/muster/export",
        "muster.export",
        muster.RollCallExport,
        str,
        "exportRollCall",
        "zones",
        "The roll call as CSV",
        form="text",
    ),
    Route(
        "POST",
        "/muster/safe",
        "muster.mark",
        muster.MarkSafe,
        muster.MarkedSafe,
        "markSafe",
        "zones",
        "Mark somebody as safe who was seen",
        command=True,
    ),
    Route("GET", "/zones", "zones.list", Nothing, zones.Zones, "listZones", "zones", "All zones as they are now"),
    Route(
        "GET",
        "/zones/{kind}/{id}",
        "zones.get",
        zones.ZoneRef,
        zones.ZoneDetail,
        "getZone",
        "zones",
        "A zone as it is now, and who is in it",
    ),
    Route(
        "POST",
        "/zones/{kind}/{id}/forgive",
        "zones.forgive",
        zones.ForgiveHolder,
        zones.ZoneNow,
        "forgiveHolder",
        "zones",
        "Forget where a holder is, and what they broke, once",
        command=True,
    ),
    *(
        Route(
            "POST",
            f"/zones/{{kind}}/{{id}}/{action}",
            f"zones.{action}",
            params,
            zones.ZoneNow,
            f"{action}Zone",
            "zones",
            summary,
            command=True,
        )
        for action, params, summary in (
            ("reset", zones.ResetZone, "Forget where everybody is"),
            ("arm", zones.ArmZone, "Arm an intrusion zone"),
            ("disarm", zones.DisarmZone, "Disarm an intrusion zone"),
        )
    ),
    Route(
        "GET",
        "/controllers/limits",
        "controllers.limits",
        access.ControllerLimitsQuery,
        access.ControllerLimits,
        "listControllerLimits",
        "controllers",
        "What controllers of other makes cannot keep of the site's rules",
    ),
    Route(
        "GET",
        "/controllers/pending",
        "controllers.pending",
        Nothing,
        access.PendingControllers,
        "listPendingControllers",
        "controllers",
        "Controllers that ask to join",
    ),
    Route(
        "POST",
        "/controllers/pairing-codes",
        "controllers.pairing-code",
        access.PairingCodeRequest,
        access.PairingCode,
        "createPairingCode",
        "controllers",
        "Make a code to pair a controller with",
        status=201,
    ),
    Route(
        "POST",
        "/controllers/{id}/approve",
        "controllers.approve",
        access.ApproveController,
        access.CommandResult,
        "approveController",
        "controllers",
        "Let a pending controller join",
        command=True,
    ),
    Route(
        "POST",
        "/controllers/{id}/revoke",
        "controllers.revoke",
        access.RevokeController,
        access.CommandResult,
        "revokeController",
        "controllers",
        "Void a controller's pairing: its link is dropped, and it is refused until it is paired again",
        command=True,
    ),
    Route(
        "POST",
        "/controllers/{id}/scan",
        "controllers.scan",
        access.ScanCard,
        access.ScannedCard,
        "scanCard",
        "controllers",
        "Have the next card at a reader told, for enrolment",
        command=True,
    ),
    Route(
        "POST",
        "/controllers/{id}/relay",
        "controllers.relay",
        access.RelayController,
        access.Relayed,
        "relayController",
        "controllers",
        "Relay the log and the doors of a controller that a laptop holds in direct mode",
    ),
    Route(
        "POST",
        "/controllers/search",
        "device.search",
        nearby.DeviceSearch,
        nearby.FoundControllers,
        "searchControllers",
        "controllers",
        "Search the local networks for controllers",
    ),
    Route(
        "POST",
        "/controllers/{id}/network",
        "device.set-network",
        nearby.DeviceNetwork,
        nearby.NetworkChanged,
        "setControllerNetwork",
        "controllers",
        "Change a controller's network settings; undone unless it answers at the new address",
        command=True,
    ),
    Route(
        "POST",
        "/controllers/{id}/reset",
        "device.reset",
        nearby.DeviceReset,
        nearby.DeviceRestarted,
        "resetController",
        "controllers",
        "Restart a controller",
        command=True,
    ),
    Route(
        "GET",
        "/credential-holders/{id}/picture",
        "pictures.get",
        pictures.PictureRef,
        pictures.Picture,
        "getPicture",
        "credential-holders",
        "A person's picture",
    ),
    Route(
        "PUT",
        "/credential-holders/{id}/picture",
        "pictures.set",
        pictures.SetPicture,
        None,
        "setPicture",
        "credential-holders",
        "Set a person's picture, JPEG or PNG",
    ),
    Route(
        "DELETE",
        "/credential-holders/{id}/picture",
        "pictures.remove",
        pictures.PictureRef,
        None,
        "removePicture",
        "credential-holders",
        "Remove a person's picture, and the key that it was encrypted with",
    ),
    Route(
        "GET",
        "/cameras/{id}/recordings",
        "video.recordings",
        video.VideoRange,
        video.Recordings,
        "listRecordings",
        "cameras",
        "What was recorded, with the gaps",
    ),
    Route(
        "GET",
        "/cameras/{id}/playback.mp4",
        "video.playback",
        video.VideoRange,
        bytes,
        "playback",
        "cameras",
        "Recorded video as fragmented MP4",
        form="mp4",
    ),
    Route(
        "GET",
        "/cameras/{id}/live",
        "video.live",
        video.CameraRef,
        bytes,
        "liveVideo",
        "cameras",
        "WebSocket: live video, a message of text with the track, then fragments of MP4",
        form="websocket",
    ),
]

_REPORTS: Final = [
    Route(
        "GET",
        "/reports/events",
        "report.events",
        reports.EventReport,
        bytes,
        "reportEvents",
        "reports",
        "Events as a file: CSV or PDF",
        form="file",
    ),
    Route(
        "GET",
        "/reports/rights",
        "report.rights",
        reports.RightsReport,
        bytes,
        "reportRights",
        "reports",
        "Access rights by door or person as a file: CSV or PDF",
        form="file",
    ),
]

_PEOPLE: Final = [
    Route(
        "POST",
        "/credential-holders/{id}/state",
        "people.holder-state",
        people.SetHolderState,
        MESSAGES["credential-holder"].view,
        "setHolderState",
        "credential-holders",
        "Switch a person off or on, with a reason",
        command=True,
    ),
    Route(
        "POST",
        "/credentials/{id}/state",
        "people.credential-state",
        people.SetCredentialState,
        MESSAGES["credential"].view,
        "setCredentialState",
        "credentials",
        "Switch a credential off or on, with a reason",
        command=True,
    ),
    Route(
        "GET",
        "/doors/{id}/rights",
        "access.who",
        rights.WhoQuery,
        rights.RightsPage,
        "listDoorRights",
        "doors",
        "Who can open this door, and when",
    ),
    Route(
        "GET",
        "/credential-holders/{id}/rights",
        "access.what",
        rights.WhatQuery,
        rights.RightsPage,
        "listHolderRights",
        "credential-holders",
        "What this person can open, and when",
    ),
    Route(
        "POST",
        "/access/what-if",
        "access.what-if.start",
        what_if.StartWhatIf,
        what_if.WhatIf,
        "startWhatIf",
        "access",
        "Try a draft change on the requests of the last days; nothing is changed",
        status=202,
        command=True,
    ),
    Route(
        "GET",
        "/access/what-if/{id}",
        "access.what-if.get",
        what_if.WhatIfRef,
        what_if.WhatIf,
        "getWhatIf",
        "access",
        "How far a trial is, and what would be different",
    ),
    Route(
        "DELETE",
        "/access/what-if/{id}",
        "access.what-if.drop",
        what_if.WhatIfRef,
        None,
        "dropWhatIf",
        "access",
        "Stop and forget a trial",
    ),
    Route(
        "POST",
        "/people/imports",
        "people.import.open",
        people.OpenImport,
        people.ImportView,
        "importPeople",
        "people",
        "Send a table of people (CSV); its preview is made",
        status=202,
        upload="text/csv",
    ),
    Route(
        "GET",
        "/people/imports/{id}",
        "people.import.get",
        people.ImportRef,
        people.ImportView,
        "getPeopleImport",
        "people",
        "How far an import is, and what it would do",
    ),
    Route(
        "GET",
        "/people/imports/{id}/rows",
        "people.import.rows",
        people.ImportRows,
        people.ImportPage,
        "listPeopleImportRows",
        "people",
        "The preview of an import: errors by line, or what would be added and changed",
    ),
    Route(
        "POST",
        "/people/imports/{id}/apply",
        "people.import.apply",
        people.ApplyImport,
        people.ImportView,
        "applyPeopleImport",
        "people",
        "Make an import so, all of it or nothing",
        status=202,
        command=True,
    ),
    Route(
        "DELETE",
        "/people/imports/{id}",
        "people.import.drop",
        people.ImportRef,
        None,
        "dropPeopleImport",
        "people",
        "Forget an import",
    ),
    Route(
        "GET",
        "/people/imports/{id}/report.csv",
        "people.import.report",
        people.ImportRef,
        bytes,
        "importReport",
        "people",
        "What an import did, line by line (CSV); its SHA-256, compressed, stands in the audit log",
        form="file",
    ),
    Route(
        "GET",
        "/people/export.csv",
        "people.export",
        people.ExportPeople,
        bytes,
        "exportPeople",
        "people",
        "People with what they carry as a table (CSV), without PINs",
        form="file",
    ),
]

ROUTES: Final[tuple[Route, ...]] = (
    *_SESSION,
    *_SYSTEM,
    *_THINGS,
    *_PEOPLE,
    *_REPORTS,
    *(route for messages in MESSAGES.values() for route in _of_kind(messages)),
)
