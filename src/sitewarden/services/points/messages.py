"""What core asks the iot worker about points: requests on the bus, as msgpack."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from sitewarden.domain.points.samples import PointRun

LATEST: Final = "points.latest"
"""LatestQuery -> list[Latest]."""
MACHINE_WRITE: Final = "points.machine-write"
"""MachineWrite -> Result: core authorises, carries out and audits it."""
TOPIC: Final = "points"
"""Samples of the points that changed, coalesced; values that are still read come again every 5 s."""


ARRIVED: Final = "points.arrived"
"""Arrived -> Arrival: what others sent to a face of the server; answered once it is in the store."""


class Arrived(Struct, frozen=True):
    """Samples for points of one endpoint whose driver is given what others send."""

    endpoint: str
    runs: list[PointRun]


class Arrival(Struct, frozen=True):
    """How many samples were stored; a point that is not the endpoint's own any more is left out."""

    stored: int


class LatestQuery(Struct, frozen=True):
    """Which points; none means all."""

    points: tuple[str, ...] = ()


class MachineWrite(Struct, frozen=True, kw_only=True):
    """What another system writes through an endpoint that serves it, such as a Modbus master."""

    endpoint: str
    """Id of the endpoint."""
    entity: str
    value: float | int | bool | str
    remote: str = ""
    reason: str = ""
