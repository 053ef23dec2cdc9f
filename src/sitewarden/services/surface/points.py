"""Messages of points."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.entity import Id
from sitewarden.domain.points.samples import Latest, Value
from sitewarden.domain.points.tables.changes import MachineChange, MachineCounts, Mode
from sitewarden.domain.tabular import LineError
from sitewarden.services.surface.access import Reason
from sitewarden.services.surface.people import ImportId, ImportState


class PointValues(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which points' latest values; empty means all that the caller may read."""

    ids: Annotated[tuple[Id, ...], Meta(max_length=5000)] = ()


class LatestValues(Struct, frozen=True, kw_only=True):
    """The latest values, in no particular order."""

    items: list[Latest]


class PointRef(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which point."""

    id: Id


class Writing(Struct, frozen=True, kw_only=True):
    """How a point can be written."""

    priorities: bool
    """Whether a write may name a priority, and give one back."""


class WritePoint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Set a point."""

    id: Id
    value: float | int | bool | Annotated[str, Meta(max_length=1000)] | None
    """null gives the priority back: what holds the point at a lower one counts again."""
    priority: Annotated[int, Meta(ge=1, le=16)] | None = None
    """1 goes first, 16 last. Only where the device knows priorities; the point's own unless given."""
    reason: Reason = ""


class WriteResult(Struct, frozen=True, kw_only=True):
    """What came of a write: the value before, the value asked for (null: given back), and the value that was read back."""

    id: str
    old: Value
    new: Value
    read_back: Value
    priority: int | None = None
    """At which priority, where one was told."""


class DeviceRef(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which device."""

    id: Id


class BrowseEndpoint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Look at what is behind an endpoint, such as the topics of an MQTT broker, or what an OPC UA server offers."""

    id: Id
    filter: Annotated[str, Meta(max_length=1000)] = ""
    """Which, in the protocol's own words: "site/#" of a broker, a URL that an OPC UA server listed; empty is all."""
    seconds: Annotated[float, Meta(ge=0.0, le=20.0)] = 3.0
    """How long to listen."""


class BrowseDevice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """List what a device has, such as the objects of an SNMP agent."""

    id: Id
    under: Annotated[str, Meta(max_length=200)] = ""
    """Where to begin, in the protocol's own words: "1.3.6.1.2.1.33"; empty is its usual place."""
    most: Annotated[int, Meta(ge=1, le=2000)] = 500


class DeviceKey(Struct, frozen=True, kw_only=True):
    """A new key of a device that pushes, told this once: it sends "Authorization: Bearer KEY"."""

    id: Id
    key: str


class OpenMachineImport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a file of endpoints, devices and points shall be taken."""

    mode: Mode = "merge"
    name: Annotated[str, Meta(max_length=200, description="Name of the file; .yaml and .yml are YAML, others a table.")] = ""
    endpoint: Annotated[
        str,
        Meta(max_length=63, description="Of an EDE file: the BACnet endpoint that its devices are behind; else the only one."),
    ] = ""


class MachineImportView(Struct, frozen=True, kw_only=True):
    """An import of machines and how far it is. Errors keep it from being applied."""

    id: str
    name: str
    mode: str
    state: ImportState
    progress: float
    """0 to 1 within the state."""
    since: int
    """When it was opened, microseconds since 1970 UTC."""
    counts: MachineCounts
    what: str = ""
    """Why it failed, or what is to be known of it."""
    where: str = ""
    remedy: str = ""


class ApplyMachineImport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Make it so."""

    id: ImportId
    reason: Reason = ""


class MachineImportPage(Struct, frozen=True, kw_only=True):
    """A part of the preview; `total` of those that are kept, the first 1,000."""

    errors: tuple[LineError, ...]
    changes: tuple[MachineChange, ...]
    total: int


class ExportMachines(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which machines, in which form; all unless narrowed."""

    form: Literal["csv", "yaml"] = "csv"
    endpoint: Annotated[str, Meta(max_length=63)] = ""
    device: Annotated[str, Meta(max_length=63)] = ""
