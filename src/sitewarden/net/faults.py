"""Failures to open a port, as a person should read them: what, who holds it, what to do."""

from __future__ import annotations

import errno
from typing import Literal

from sitewarden.domain.errors import Conflict, Forbidden, Refusal
from sitewarden.domain.portrow import PortRow, covers
from sitewarden.net.holders import holder

PRIVILEGED = 1024
"""Linux' default: ports below it need a right."""
GRANT_COMMAND = "sysctl -w net.ipv4.ip_unprivileged_port_start=80"
GRANT = (
    "Give the service the right with AmbientCapabilities=CAP_NET_BIND_SERVICE in its systemd unit, or free the ports for"
    " everyone with `sysctl net.ipv4.ip_unprivileged_port_start=80`; never setcap a shared interpreter."
)


def refusal(fault: OSError, row: PortRow, host: str, number: int) -> Refusal:
    """Return the refusal that tells a person why `row` could not be opened on host:number."""
    transport: Literal["tcp", "udp"] = "tcp" if row.transport == "tcp" else "udp"
    where = f"ports.{row.name}"
    place = f"{number}/{transport} on {host}"
    if fault.errno == errno.EADDRINUSE:
        who = holder(transport, host, number)
        side = row.sides[0]
        other = (
            f"give {row.name} another number in sitewarden.toml ([ports])"
            if side.change.possible
            else "give this node an address of its own with `bind`"
        )
        return Conflict(
            f"{place} ({row.name}) is held by {who or 'another process'}.", where=where, remedy=f"Stop it, or {other}."
        )
    if fault.errno in (errno.EACCES, errno.EPERM):
        if number < PRIVILEGED:
            return Forbidden(f"{place} ({row.name}) needs a right that this process does not have.", where=where, remedy=GRANT)
        return Forbidden(
            f"the system does not permit {place} ({row.name}).", where=where, remedy="Check the sandbox or SELinux rules."
        )
    if fault.errno == errno.EADDRNOTAVAIL:
        return Refusal(
            f"{host} is not an address of this computer.",
            where="bind",
            remedy="See `ip address`; 0.0.0.0 listens on all addresses.",
        )
    return Refusal(f"{place} ({row.name}) cannot be opened: {fault.strerror or fault}.", where=where)


def unlisted(row: PortRow, number: int) -> Refusal | None:
    """Return a refusal where `number` lies outside of what a fixed row covers."""
    if covers(row.default, number):
        return None
    return Refusal(f"{number} is not a port of {row.name}.", where=f"ports.{row.name}", remedy="See `sitewarden ports`.")
