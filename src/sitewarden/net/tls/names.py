"""Names and addresses that this computer is reached by."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Sequence

import psutil

from sitewarden.domain.errors import Refusal

NODE_URN = "urn:sitewarden:node:"

_DNS_NAME = re.compile(r"(?=.{1,253}$)(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def own_names(further: Sequence[str] = ()) -> list[str]:
    """Return localhost, this computer's host name and addresses, then `further`, each once, in a stable order."""
    names = {"localhost", socket.gethostname().lower(), *(check_name(name) for name in further)}
    for addresses in psutil.net_if_addrs().values():
        for each in addresses:
            if each.family in (socket.AF_INET, socket.AF_INET6):
                names.add(each.address.partition("%")[0])
    return sorted(name for name in names if is_address(name) or _DNS_NAME.fullmatch(name))


def is_address(name: str) -> bool:
    """Tell whether a name is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def check_name(name: str) -> str:
    """Return a host name or address as certificates carry it; refuse anything else."""
    if is_address(name):
        return str(ipaddress.ip_address(name))
    lower = name.lower().rstrip(".")
    if not _DNS_NAME.fullmatch(lower):
        raise Refusal(f"{name!r} is not a host name or address.", where="tls.names", remedy="Write it as door.example.org.")
    return lower
