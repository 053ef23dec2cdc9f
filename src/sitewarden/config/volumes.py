"""Settings of a volume: a place that recordings are kept in. Each has a table of its own, `[volumes.<id>]`."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from sitewarden.domain.video.model import Tier


class VolumeSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One disk, one file system: its path, what it is good for, and how much of it recordings may take."""

    path: Annotated[
        str,
        Meta(
            description="Directory of its recordings, on a disk of its own. Relative: from the directory of the settings file. "
            "Only the volume `main` may leave it out; that is `media` of the data directory.",
            max_length=1024,
        ),
    ] = ""
    tier: Annotated[
        Tier,
        Meta(
            description='What it is good for. Cameras are recorded on the volumes of "fast" where there are any; from there '
            'recordings move to those of "large", and on to those of "archive".'
        ),
    ] = "large"
    keep_days: Annotated[
        float,
        Meta(
            description="Days after which recordings move to the next tier; 0: when this volume fills up. When they are deleted "
            "is the camera's `retention_days`, wherever they lie.",
            ge=0,
            le=3650,
        ),
    ] = 0.0
    max_gigabytes: Annotated[
        float, Meta(description="Recordings take so much of it at most, in 10^9 bytes; 0: what there is.", ge=0, le=1_000_000_000)
    ] = 0.0
    min_free_bytes: Annotated[
        int, Meta(description="Free bytes kept on it; 0: as `limits.min_free_bytes` says.", ge=0, le=1 << 50)
    ] = 0
