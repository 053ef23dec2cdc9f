"""What a probe found out about one port. Pure."""

from __future__ import annotations

import errno

from msgspec import Struct

from sitewarden.domain.network.probe import Verdict

REJECTED = {
    errno.EHOSTUNREACH: "a firewall or router rejects it (host unreachable)",
    errno.ENETUNREACH: "there is no route, or a router rejects it (network unreachable)",
    errno.EACCES: "this computer's own firewall forbids it",
    errno.EPERM: "this computer's own firewall forbids it",
    errno.ENOPROTOOPT: "a firewall rejects it (protocol unreachable)",
}


class Outcome(Struct, frozen=True, kw_only=True):
    """The verdict with what it rests on."""

    verdict: Verdict
    detail: str = ""


def of_error(fault: OSError) -> Outcome:
    """Return what a failed connection, or an ICMP message on a connected UDP socket, says."""
    if fault.errno in (errno.ECONNREFUSED, errno.ECONNRESET):
        return Outcome(verdict="closed", detail="the host says that nobody listens")
    number = fault.errno or 0
    return Outcome(verdict="filtered", detail=REJECTED.get(number, fault.strerror or str(fault)))
