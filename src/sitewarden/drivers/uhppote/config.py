"""Settings of the one endpoint for boards, and of a board."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from sitewarden.domain.network.use import PortUse
from sitewarden.kit.config import Config

Interlock = Literal["none", "1-2", "3-4", "1-2,3-4", "1-2-3", "1-2-3-4"]
Antipassback = Literal["none", "1:2,3:4", "1-3:2-4", "1:2-3", "1:2-3-4"]


class EndpointConfig(Config, frozen=True, kw_only=True):
    """Where boards send their events."""

    host: Annotated[str, Meta(max_length=253)] = ""
    """IPv4 address to take events at; empty is the node's."""

    def uses(self) -> tuple[PortUse, ...]:
        """Return what it needs of the port manifest."""
        return PortUse(row="uhppote", way="out"), PortUse(row="uhppote-event", way="in")


class DeviceConfig(Config, frozen=True, kw_only=True):
    """A board."""

    serial: Annotated[int, Meta(ge=100_000_000, le=999_999_999, description="Serial number, printed on the board.")]
    interlock: Annotated[Interlock, Meta(description="Doors of which only one may be open at a time.")] = "none"
    antipassback: Annotated[
        Antipassback, Meta(description="Readers that a card must pass in turn: left of the colon in, right of it out.")
    ] = "none"
    drift: Annotated[float, Meta(ge=1, le=3600, description="Seconds that its clock may be off before it is set.")] = 10.0
    poll: Annotated[float, Meta(ge=0.05, le=300, description="Seconds between two looks at its state.")] = 5.0
    timeout: Annotated[float, Meta(ge=0.05, le=10, description="Seconds until a question is asked again, three times.")] = 1.0
    capacity: Annotated[int, Meta(ge=1, le=1_000_000, description="Cards that it holds, as its maker says.")] = 20_000
    address: Annotated[str, Meta(max_length=260)] = ""
    """Set from the controller's own address: "host" or "host:port"; empty is searched for on the local networks."""


CONFIG: Final[dict[str, type[Struct]]] = {"endpoint": EndpointConfig, "device": DeviceConfig}
