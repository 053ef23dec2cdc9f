"""Settings of calculated points: each has an expression; endpoints and devices only group them."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from sitewarden.domain.network.use import PortUse
from sitewarden.domain.points.expression.parsing import LONGEST, parse
from sitewarden.domain.points.expression.tree import Node
from sitewarden.kit.config import Config


class EndpointConfig(Config, frozen=True, kw_only=True):
    """Nothing to set."""

    def uses(self) -> tuple[PortUse, ...]:
        """Return no port."""
        return ()


class DeviceConfig(Config, frozen=True, kw_only=True):
    """Nothing to set."""


class AddressConfig(Config, frozen=True, kw_only=True):
    """How the point is calculated."""

    expression: Annotated[str, Meta(min_length=1, max_length=LONGEST)]
    """Such as "[supply] - [return]" or "if([door:main] == 'open', 1, 0)"; docs/points.md has the language."""

    def __post_init__(self) -> None:
        parse(self.expression)

    @property
    def tree(self) -> Node:
        """The expression as a tree."""
        return parse(self.expression)


CONFIG: Final[dict[str, type[Struct]]] = {"endpoint": EndpointConfig, "device": DeviceConfig, "address": AddressConfig}
