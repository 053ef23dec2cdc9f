"""The Transport header of SETUP as a server takes it (RFC 2326, 12.39): RTP/AVP over TCP or unicast UDP. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from msgspec import Struct

MOST: Final = 16
"""Offers of one request that are looked at."""


class Way(Struct, frozen=True, kw_only=True):
    """Where the packets of one track go: interleaved channels of the connection, or ports of the client."""

    channels: tuple[int, int] | None = None
    ports: tuple[int, int] | None = None


def choose(header: str, *, udp: bool, taken: Collection[int] = ()) -> Way | None:
    """Return the first offer that is served; None where there is none. `taken` are channels in use."""
    for offer in header.split(",")[:MOST]:
        parts = [part.strip() for part in offer.split(";")]
        profile = parts[0].upper()
        words = {part.lower() for part in parts[1:]}
        if "multicast" in words or any(word.startswith("mode=") and "play" not in word for word in words):
            continue
        if profile == "RTP/AVP/TCP":
            return Way(channels=_channels(offer, taken))
        if udp and profile in ("RTP/AVP", "RTP/AVP/UDP"):
            found = re.search(r"client_port=(\d{1,5})(?:-(\d{1,5}))?", offer)
            first = int(found[1]) if found else 0
            second = int(found[2]) if found and found[2] else first + 1
            if found and 0 < first <= 65535 and 0 < second <= 65535:
                return Way(ports=(first, second))
    return None


def answer(way: Way, ssrc: int, server_ports: tuple[int, int] | None) -> str:
    """Return the header of the response."""
    if way.channels is not None:
        return f"RTP/AVP/TCP;unicast;interleaved={way.channels[0]}-{way.channels[1]};ssrc={ssrc:08X}"
    assert way.ports is not None and server_ports is not None
    client, server = way.ports, server_ports
    return f"RTP/AVP;unicast;client_port={client[0]}-{client[1]};server_port={server[0]}-{server[1]};ssrc={ssrc:08X}"


def _channels(offer: str, taken: Collection[int]) -> tuple[int, int]:
    found = re.search(r"interleaved=(\d{1,3})(?:-(\d{1,3}))?", offer)
    if found:
        first = int(found[1])
        second = int(found[2]) if found[2] else first + 1
        if first < 256 and second < 256 and first != second and first not in taken and second not in taken:
            return first, second
    free = next(number for number in range(0, 254, 2) if number not in taken and number + 1 not in taken)
    return free, free + 1
