"""What the parts of the conformance suite share: a finding, and a rule that is broken."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
from msgspec import Struct

from sitewarden.domain.errors import Refusal
from sitewarden.link.session import LinkSession
from sitewarden.net.interfaces import Network, Tls

PATIENCE = 5.0
"""Seconds that a peer has for each thing that is due at once."""

T = TypeVar("T")


class Finding(Struct, frozen=True):
    """The outcome of one rule; `detail` says what came instead, empty where the rule holds."""

    rule: str
    detail: str

    @property
    def ok(self) -> bool:
        """Tell whether the rule holds."""
        return not self.detail


class Broken(Exception):
    """The peer does not hold a rule."""


class Peer(Struct, frozen=True):
    """Where the examined peer is, and as whom it is dialled."""

    network: Network
    host: str
    number: int
    node: str
    tls: Tls


def read(model: type[T], body: bytes, what: str) -> T:
    """Return a body as its model; Broken where it is none."""
    try:
        return msgspec.msgpack.decode(body, type=model)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Broken(f"{what} cannot be read: {error}") from None


async def due(what: str, waiting: Awaitable[T], seconds: float = PATIENCE) -> T:
    """Return what is due within `seconds`; Broken where it does not come, or the peer refuses."""
    try:
        async with asyncio.timeout(seconds):
            return await waiting
    except TimeoutError:
        raise Broken(f"{what} did not come within {seconds:g} s") from None
    except Refusal as refusal:
        raise Broken(f"{what}: refused with {refusal.code}: {refusal.what}") from None


async def refused(what: str, waiting: Awaitable[object], *codes: str) -> None:
    """Broken where it is not refused with one of the codes."""
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await waiting
    except TimeoutError:
        raise Broken(f"{what} was not answered within {PATIENCE:g} s") from None
    except Refusal as refusal:
        if refusal.code not in codes:
            raise Broken(f"{what} was refused with {refusal.code}, not {' or '.join(codes)}: {refusal.what}") from None
        return
    if isinstance(answer, LinkSession):
        answer.close()
    raise Broken(f"{what} was taken")


async def hold(rule: str, trying: Callable[[], Awaitable[None]]) -> Finding:
    """Try one rule."""
    try:
        await trying()
    except Broken as broken:
        return Finding(rule, str(broken))
    except Refusal as refusal:
        return Finding(rule, f"refused with {refusal.code}: {refusal}")
    return Finding(rule, "")
