"""Settings of a source (an endpoint), of what sends (a device) and of the series behind a point."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct, field

from sitewarden.domain.network.use import PortUse
from sitewarden.kit.config import Config

Label = Annotated[str, Meta(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$", max_length=200)]
Labels = Annotated[dict[Label, Annotated[str, Meta(min_length=1, max_length=1000)]], Meta(max_length=30)]
"""Labels that a series must have, with these values; it may have others beside them."""


class EndpointConfig(Config, frozen=True, kw_only=True):
    """A source: one Prometheus, agent or gateway that sends to 9090 with an API token of its own."""

    bad_after: Annotated[float, Meta(ge=5.0, le=86400.0)] = 300.0
    """Seconds without a sample after which a device is offline and its points are Bad."""

    def uses(self) -> tuple[PortUse, ...]:
        """Return nothing: what comes in comes by 9090, which is open anyway."""
        return ()


class DeviceConfig(Config, frozen=True, kw_only=True):
    """What sends, such as one machine with its exporter."""

    labels: Labels = field(default_factory=dict)
    """What all series of it have in common: {"instance": "pump-3:9100"}."""


class AddressConfig(Config, frozen=True, kw_only=True):
    """Which series is the point's."""

    metric: Annotated[str, Meta(pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]*$", max_length=200)]
    """Its name: "node_hwmon_temp_celsius"."""
    labels: Labels = field(default_factory=dict)
    """Labels beside those of the device: {"sensor": "temp1"}."""


CONFIG: Final[dict[str, type[Struct]]] = {"endpoint": EndpointConfig, "device": DeviceConfig, "address": AddressConfig}
