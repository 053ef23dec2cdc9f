"""The bounds of one connection. The peer's breach of one is a violation, our own a misuse or a refusal."""

from __future__ import annotations

from msgspec import Struct


class Limits(Struct, frozen=True, kw_only=True):
    """Sizes in bytes, counts in messages."""

    body: int = 16 * 1024 * 1024
    """Largest body of a request, response or notice; above one frame it travels in parts."""
    unfinished: int = 8
    """Bodies of the peer that may be unfinished at once (it sends one of each lane at a time)."""
    requests: int = 1024
    """Requests of the peer that may be open at once; further ones are answered `too-many`."""
    pending: int = 4096
    """Our own requests that may be open at once."""
    streams: int = 256
    """Streams that the peer may have open at once; further ones are ended with `too-many`."""
    window: int = 1024 * 1024
    """Credit given for each stream: bytes of bodies plus 64 for each frame. A record must fit in it."""
    queued: int = 64 * 1024 * 1024
    """Bytes that may wait to be sent before requests are refused; a peer that lets them wait is a slow peer."""
    notices: int = 4096
    """Notices that may wait to be sent; then the oldest is dropped and counted."""
    notice_bytes: int = 8 * 1024 * 1024
    """Bytes of notices that may wait to be sent; then the oldest are dropped and counted."""


UNPAIRED = Limits(body=32 * 1024, unfinished=2, requests=4, streams=0, queued=256 * 1024, notices=16, notice_bytes=65536)
"""What a peer gets whose identity is not proven: enough to pair."""


class Timing(Struct, frozen=True, kw_only=True):
    """Times of one connection, in seconds."""

    hello: float = 10.0
    """From the start of the connection until hello is acknowledged."""
    heartbeat: float = 15.0
    """Silence of the peer after which it is pinged."""
    idle: float = 45.0
    """Silence of the peer after which the connection is given up."""
