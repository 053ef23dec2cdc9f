"""What a site makes of the manifest: which rows are in use, by what, and which networks their peers stand in. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from msgspec import Struct

from sitewarden.domain.network.model import NamedNetwork, NetworkRole
from sitewarden.domain.network.use import PortUse
from sitewarden.domain.portrow import PortRow

Profile = Literal["strict", "seed"]
"""For the ports of controllers: "strict" opens what the configured modes use, "seed" all four, whatever is configured."""

CONTROLLER_ROWS: Final = ("device-direct-station", "device-direct-reader", "device-server", "device-udp")

PEER_ROLES: Final[Mapping[str, tuple[NetworkRole, ...]]] = {
    "server": ("office", "server"),
    "web": ("office", "server"),
    "http-api": ("office", "server"),
    "timeseries": ("office", "server"),
    "whep": ("office", "server"),
    "announcement": ("server",),
    "announcement-ipv6": ("server",),
    "node-check": ("server",),
    "analytics": ("server",),
    "lpr": ("server",),
    "postgresql": ("server",),
    "nats": ("server",),
    "media-input": ("camera",),
    "rtsp": ("camera",),
    "rtsps": ("camera",),
    "rtsp-out-rtp": ("office", "server"),
    "camera-multicast": ("camera",),
    "camera-http": ("camera",),
    "camera-https": ("camera",),
    "onvif": ("camera",),
    "onvif-tls": ("camera",),
    "upnp": ("camera", "controller", "machine"),
    "upnp-description": ("camera", "controller", "machine"),
    "ws-discovery": ("camera", "controller", "machine"),
    "ws-discovery-answers": ("camera", "controller", "machine"),
    "ssdp": ("camera", "controller", "machine"),
    "device-direct-station": ("controller",),
    "device-direct-reader": ("controller",),
    "device-server": ("controller",),
    "device-udp": ("controller",),
    "uhppote": ("controller",),
    "uhppote-event": ("controller",),
    "bacnet": ("machine",),
    "modbus": ("machine",),
    "opcua-lds": ("machine",),
    "opcua-lds-udp": ("machine",),
    "mdns": ("machine",),
    "opcua": ("machine",),
    "opcua-second": ("machine",),
    "snmp": ("machine",),
    "snmp-source": ("machine",),
    "snmp-trap": ("machine",),
    "http-server": ("machine",),
    "tcp-server": ("machine",),
    "tcp-client": ("machine",),
    "mqtt": ("machine",),
}
"""Row to the roles of the networks that its peers stand in. They limit it once a network of the first role is named."""
INBOUND_ROLES: Final[Mapping[str, tuple[NetworkRole, ...]]] = {"rtsp": ("office", "server"), "rtsps": ("office", "server")}
"""The same for what comes in on rows that go out to others: cameras are dialled, players dial."""


def roles_of(row: str, way: Literal["in", "out"]) -> tuple[NetworkRole, ...]:
    """Return the roles of the networks that the peers of one way of a row stand in."""
    return (way == "in" and INBOUND_ROLES.get(row)) or PEER_ROLES.get(row, ())


Place = Literal["node", "office", "camera", "controller", "machine", "server", "elsewhere"]
"""Where the other side of a row stands: this machine itself, the networks of a role, or services anywhere (mail, names, time)."""

OTHER_PLACES: Final[Mapping[str, Place]] = {
    "media-multicast": "office",
    "osdp": "controller",
    "path-mtu": "machine",
}
"""Rows that no network limits and that still have a place on the map."""


def place_of(row: PortRow) -> Place:
    """Return where most of a row's peers stand."""
    if row.transport == "unix":
        return "node"
    roles = PEER_ROLES.get(row.name)
    return roles[0] if roles else OTHER_PLACES.get(row.name, "elsewhere")


class Plan(Struct, frozen=True, kw_only=True):
    """A site as far as its ports go."""

    uses: tuple[PortUse, ...] = ()
    networks: tuple[NamedNetwork, ...] = ()

    def of_role(self, *roles: NetworkRole) -> tuple[NamedNetwork, ...]:
        """Return the networks of these roles, in the order of the roles."""
        return tuple(network for role in roles for network in self.networks if network.role == role)

    def peers_of(self, row: str, way: Literal["in", "out"]) -> tuple[NamedNetwork, ...]:
        """Return the networks that the peers of one way of a row stand in; none where they are not named."""
        roles = roles_of(row, way)
        return self.of_role(*roles) if roles and self.of_role(roles[0]) else ()


def address_of(host: str) -> str:
    """Return a host as a plain address, or the network that it is; "" for a name, an address with a zone, or nothing."""
    try:
        if "/" in host:
            return str(ipaddress.ip_network(host, strict=False))
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return ""
    # A zone ("%eth0") is free text, and no firewall takes it.
    return "" if isinstance(address, ipaddress.IPv6Address) and address.scope_id else str(address)


def merged(cidrs: Iterable[str]) -> tuple[str, ...]:
    """Return networks and addresses without repetition or overlap, IPv4 first; single addresses without their mask."""
    four: list[ipaddress.IPv4Network] = []
    six: list[ipaddress.IPv6Network] = []
    for text in cidrs:
        network = ipaddress.ip_network(text)
        if isinstance(network, ipaddress.IPv4Network):
            four.append(network)
        else:
            six.append(network)
    whole: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = [
        *ipaddress.collapse_addresses(four),
        *ipaddress.collapse_addresses(six),
    ]
    return tuple(str(each.network_address) if each.num_addresses == 1 else str(each) for each in whole)


def split(peers: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the IPv4 and the IPv6 ones."""
    every = tuple(peers)
    return tuple(peer for peer in every if ":" not in peer), tuple(peer for peer in every if ":" in peer)
