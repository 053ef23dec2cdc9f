"""Names of computers, asked of the operating system's resolver."""

from __future__ import annotations

import ipaddress
import socket


def addresses(name: str) -> list[str]:
    """Return the addresses of a name (or the address itself), none where it has none. Blocks while the resolver asks."""
    try:
        return [str(ipaddress.ip_address(name.strip("[]")))]
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
