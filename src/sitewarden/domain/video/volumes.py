"""Volumes: what a place of recordings is, and which camera is recorded on which. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from sitewarden.domain.video.model import MAIN, TIERS, Tier

FILL: Final = 0.9
"""A volume hands its oldest recordings on to the next tier from this share of its room on."""


class Remote(Struct, frozen=True, kw_only=True):
    """A bucket of an S3 server. It carries no secret, only where that lies."""

    endpoint: str
    bucket: str
    region: str
    prefix: str = ""
    credentials: str
    """Where the keys are: the file with them, "env:<volume>", or "sealed:<volume>"."""
    authority: str = ""
    """The file of the certificate that the server's is signed by; empty: those that everybody trusts."""


class VolumeSpec(Struct, frozen=True, kw_only=True):
    """A volume as a recorder knows it."""

    id: str = MAIN
    path: str
    tier: Tier = "large"
    keep_days: float = 0.0
    """Days after which recordings move to the next tier; 0: when it fills up."""
    max_bytes: int = 0
    """Of this process's recordings; 0: no limit."""
    min_free: int | None = None
    """Bytes that stay free; None: as the recorder's settings say."""
    records: bool = True
    """False: only what lies on it already is kept, until its time is over."""
    inner: bool = False
    """It lies in the data directory: where it is missing it is made anew, unless it once had a disk of its own."""
    remote: Remote | None = None
    """It is a bucket, and `path` says only how people read it."""
    home: str = ""
    """The data directory, to tell whether the volume has a disk of its own."""


class Standing(Struct, frozen=True, kw_only=True):
    """How a volume stands when a camera is to be placed."""

    id: str
    tier: Tier
    takes: bool
    room: int
    """Bytes that recordings have there, used or not."""
    cameras: int
    """Cameras that are recorded on it already."""


def first_tier(specs: Sequence[VolumeSpec]) -> Tier:
    """Return the tier that cameras are recorded on."""
    return min((one.tier for one in specs if one.records and one.remote is None), key=TIERS.index, default="large")


def next_tier(specs: Sequence[VolumeSpec], tier: Tier) -> Tier | None:
    """Return the tier that recordings of this one move to; None where there is none."""
    later = [one.tier for one in specs if TIERS.index(one.tier) > TIERS.index(tier)]
    return min(later, key=TIERS.index, default=None)


def choose(standings: Sequence[Standing]) -> str | None:
    """Return the volume for one more camera: of the first tier that takes anything, the one with the most room a camera."""
    taking = [one for one in standings if one.takes]
    if not taking:
        return None
    best = min(TIERS.index(one.tier) for one in taking)
    chosen = max((one for one in taking if TIERS.index(one.tier) == best), key=lambda one: (one.room / (one.cameras + 1), one.id))
    return chosen.id


def count(homes: Mapping[str, str], volume: str) -> int:
    """Return how many cameras a volume has, of camera to volume."""
    return sum(one == volume for one in homes.values())
