"""Messages of the node, its events, audit, status, ports and site file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from sitewarden.domain.status import Status
from sitewarden.net.exports.plan import Place
from sitewarden.net.interfaces import LedgerEntry
from sitewarden.services.surface.portchange import PortTrial


class ProcessInfo(Struct, frozen=True, kw_only=True):
    """One process of the node."""

    name: str
    role: str
    pid: int
    state: str
    """"running", "starting", "lost" or "stopped"."""
    since: int
    restarts: int
    memory: int
    """Resident bytes; 0 when unknown."""


class StorageInfo(Struct, frozen=True, kw_only=True):
    """A directory that the node writes to, in bytes."""

    path: str
    total: int
    free: int


class SystemInfo(Struct, frozen=True, kw_only=True):
    """How the node is."""

    version: str
    node: str
    started: int
    uptime: float
    """Seconds."""
    processes: tuple[ProcessInfo, ...]
    storage: tuple[StorageInfo, ...]
    event_head: int
    """Greatest sequence number of the event log."""


class Health(Struct, frozen=True, kw_only=True):
    """Says only that the face answers."""

    status: Literal["ok"] = "ok"


class StatusQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which kinds; empty means all."""

    kind: Annotated[tuple[str, ...], Meta(max_length=40)] = ()


class Statuses(Struct, frozen=True, kw_only=True):
    """The present status of what the caller may see."""

    items: list[Status]


class AuditQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which part of the audit log, downwards from the newest or from `before`."""

    before: Annotated[int, Meta(ge=0)] | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class AuditRecord(Struct, frozen=True, kw_only=True):
    """One line of the audit log with its place in the chain."""

    seq: int
    time: int
    actor: str
    action: str
    entity: str
    outcome: str
    reason: str
    detail: dict[str, Any]
    remote: str
    hash: str
    """SHA-256 over this line and the hash before it, hex."""


class AuditPage(Struct, frozen=True, kw_only=True):
    """Lines of the audit log, newest first."""

    items: list[AuditRecord]
    next: int | None


class PortView(Struct, frozen=True, kw_only=True):
    """A row of the port manifest as it stands on this node."""

    row: str
    number: int | None
    """The port in use here; None where the row has no fixed one."""
    last: int | None = None
    """The end of a span of ports, otherwise None."""
    protocol: str
    side: str
    """"in", "out" or "both", seen from this server."""
    purpose: str
    peer: str
    """Who is at the other end."""
    place: Place
    """Where most of those stand: the role of their networks, "node" for this machine, "elsewhere" for services anywhere."""
    roles: tuple[str, ...]
    """The process roles that may open it."""
    users: tuple[str, ...]
    """What of the site uses it now ("camera:gate"); at most eight, `user_count` tells of how many."""
    user_count: int
    tls: str
    changeable: bool
    change: str
    """Who may change it and where, or why it is fixed."""
    note: str
    state: Literal["open", "closed", "planned", "missing"]
    """"missing": a running process should hold it and does not; `sitewarden doctor` says why. "planned": not built yet."""
    ledger: tuple[LedgerEntry, ...]
    movable: bool = False
    """True where the number can be changed while the node runs."""
    trial: PortTrial | None = None
    """Another number that is tried now."""


class Ports(Struct, frozen=True, kw_only=True):
    """The port manifest of this node."""

    node: str
    items: tuple[PortView, ...]


class SetupFinish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Start the real site: the demo's machines stop and its entities go, users stay."""

    site_name: Annotated[str, Meta(min_length=1, max_length=120)]
    timezone: Annotated[str, Meta(max_length=60)]
    keep_demo: bool = False


class SiteFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A site as YAML."""

    body: Annotated[str, Meta(max_length=8_000_000)]


class SiteDifference(Struct, frozen=True, kw_only=True):
    """One field before and after; a secret shows only that it is set, new or gone."""

    field: str
    old: Any
    new: Any


class SiteChange(Struct, frozen=True, kw_only=True):
    """One difference between the site file and the site."""

    action: Literal["create", "update", "delete"]
    kind: str
    id: str
    fields: tuple[str, ...]
    differences: tuple[SiteDifference, ...] = ()


class SitePlan(Struct, frozen=True, kw_only=True):
    """What applying a site file changes, in order."""

    changes: tuple[SiteChange, ...]
    applied: bool
    warnings: tuple[str, ...] = ()
    """What is to be done by hand afterwards, such as a secret that this server does not hold."""
