"""A named network: which addresses the cameras, controllers, machines, offices or servers of a site have."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from msgspec import Meta

from sitewarden.domain.entity import Entity
from sitewarden.domain.errors import Invalid

NetworkRole = Literal["camera", "controller", "machine", "office", "server"]
Cidr = Annotated[str, Meta(min_length=1, max_length=43, description="A network as 10.1.0.0/16 or 2001:db8:1::/48.")]


class NamedNetwork(Entity, frozen=True, kw_only=True):
    """A network of the site by its addresses and what stands in it; firewall rules and the matrix of flows are made from it."""

    role: NetworkRole
    cidrs: Annotated[tuple[Cidr, ...], Meta(min_length=1, max_length=64)]


def check_cidrs(cidrs: tuple[str, ...], where: str = "cidrs") -> None:
    """Refuse what is no network, has bits beyond its mask, or is a multicast group."""
    for index, text in enumerate(cidrs):
        try:
            network = ipaddress.ip_network(text)
        except ValueError as fault:
            raise Invalid(
                f"{text!r} is not a network ({fault}).", where=f"{where}[{index}]", remedy="Write it as 10.1.0.0/16."
            ) from None
        if network.is_multicast:
            raise Invalid(
                f"{text} is a multicast group.", where=f"{where}[{index}]", remedy="Name the network that its members stand in."
            )
