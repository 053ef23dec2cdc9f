"""Messages of the search for controllers, of their network settings and of their reset."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.entity import Id
from sitewarden.services.surface.access import Reason

Ipv4Text = Annotated[str, Meta(max_length=15, description="An IPv4 address, such as 192.168.1.20.")]
CodeText = Annotated[
    str,
    Meta(
        max_length=80, description="Commissioning code of the controller's label. Write-only; empty: the one that the site holds."
    ),
]


class DeviceSearch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where and how long to search for controllers."""

    seconds: Annotated[float, Meta(ge=0.2, le=8.0, description="How long answers are awaited.")] = 2.0
    id: Id | None = None
    """Only this one."""
    address: Ipv4Text = ""
    """Ask only this address, which may lie behind a router; empty: ask everyone on the local networks."""


class FoundController(Struct, frozen=True, kw_only=True):
    """A controller that answered. What it says is proven only where `proven` is true."""

    id: str
    driver: Literal["link", "uhppote"] = "link"
    """Which family it is of; a controller of another make proves nothing."""
    serial: int | None = None
    """Serial number of a board."""
    model: str
    firmware: str
    hardware: str
    """MAC address."""
    dhcp: bool
    address: str
    prefix: int
    gateway: str
    mode: str
    """"server" where it dials the server, "direct" where it waits to be dialled."""
    server: str
    """The server that it dials, "host:port"."""
    paired: bool
    trial: bool
    """Its network settings were changed and wait to be confirmed."""
    sender: str
    """Address that the answer came from."""
    in_site: bool
    """The site has a controller of this id."""
    proven: bool | None
    """Whether the site's code for it signed the answer; None where no code is known."""


class FoundControllers(Struct, frozen=True, kw_only=True):
    """All that answered."""

    items: tuple[FoundController, ...]
    networks: tuple[str, ...]
    """Networks that were searched."""


class DeviceNetwork(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Network settings that a controller shall have."""

    id: Id
    dhcp: bool = False
    address: Ipv4Text = ""
    prefix: Annotated[int, Meta(ge=0, le=32, description="Bits of the network: 24 is 255.255.255.0.")] = 24
    gateway: Ipv4Text = ""
    reason: Reason = ""
    code: CodeText = ""


class NetworkChanged(Struct, frozen=True, kw_only=True):
    """What came of a change."""

    id: str
    address: str
    """Where the controller answers now."""
    confirmed: bool
    """False: it could not be reached at the new address. It goes back by itself unless its server confirms it."""
    back_after: float
    """Seconds until it goes back where it is not confirmed."""


class DeviceReset(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which controller shall restart."""

    id: Id
    reason: Reason = ""
    code: CodeText = ""


class DeviceRestarted(Struct, frozen=True, kw_only=True):
    """What came of a reset."""

    id: str
    back: bool
    """It has started anew and answers; False where it did not yet."""
