"""A look at a camera before it is added: who it is and which streams it has, by its address, a user and a password alone."""

from __future__ import annotations

import asyncio
import ssl
from typing import Final

from msgspec import Struct

from sitewarden.domain.clock import Clock
from sitewarden.drivers.onvif.camera import describe, read_stream
from sitewarden.drivers.onvif.client import Client
from sitewarden.drivers.onvif.config import CameraConfig
from sitewarden.drivers.onvif.http import Certificate
from sitewarden.drivers.onvif.mapping import Abilities, Information, Profile
from sitewarden.kit.errors import Misconfigured, Unavailable
from sitewarden.net import Network

SECONDS: Final = 15.0
"""For all questions together."""
STREAMS: Final = 8
"""Profiles whose addresses are asked for."""


class Stream(Struct, frozen=True, kw_only=True):
    """A profile with its address."""

    profile: Profile
    url: str


class Found(Struct, frozen=True, kw_only=True):
    """A camera that answered."""

    information: Information
    streams: tuple[Stream, ...]
    ptz: Abilities | None
    relays: int
    inputs: int
    events: bool
    clock_offset: int
    """Microseconds by which its clock is ahead of ours."""
    fingerprint: str
    """SHA-256 of its certificate where no trusted authority signed it; empty otherwise, and without TLS."""


async def probe(net: Network, clock: Clock, config: CameraConfig) -> Found:
    """Ask a camera; raise a DriverError. A certificate that nobody signed is taken, and its fingerprint told."""
    certificate = Certificate(config.fingerprint)
    try:
        async with asyncio.timeout(SECONDS):
            if config.place.secure and not config.fingerprint:
                certificate = await _certificate(net, clock, config)
            client = Client(net, clock, config, certificate)
            known = await describe(client)
            streams = [Stream(profile=one, url=await read_stream(client, one)) for one in known.profiles[:STREAMS]]
    except TimeoutError:
        raise Unavailable(f"the camera did not answer all questions within {SECONDS:g} s") from None
    return Found(
        information=known.information,
        streams=tuple(stream for stream in streams if stream.url),
        ptz=known.ptz,
        relays=len(known.relays),
        inputs=len(known.inputs),
        events=known.events,
        clock_offset=client.offset,
        fingerprint=certificate.fingerprint,
    )


async def _certificate(net: Network, clock: Clock, config: CameraConfig) -> Certificate:
    """Return what to hold the camera to from now on: the authorities of this system where they do, its fingerprint otherwise."""
    trusted = Certificate()
    try:
        await Client(net, clock, config, trusted).read_clock()
    except Misconfigured as error:
        if not _untrusted(error):
            raise
    else:
        return trusted
    anyone = Certificate(open=True)
    await Client(net, clock, config, anyone).read_clock()
    return Certificate(anyone.seen)


def _untrusted(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__
    return False
