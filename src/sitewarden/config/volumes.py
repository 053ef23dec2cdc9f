"""Settings of a volume: a place that recordings are kept in. Each has a table of its own, `[volumes.<id>]`."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from sitewarden.domain.video.model import Tier

ENVIRONMENT: Final = "environment"
"""In the place of a credentials file: the keys stand in the environment of the node."""


class VolumeSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One disk, one file system: its path, what it is good for, and how much of it recordings may take."""

    path: Annotated[
        str,
        Meta(
            description="Directory of its recordings, on a disk of its own. Relative: from the directory of the settings file. "
            "Only the volume `main` (`media` of the data directory) and buckets leave it out.",
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
    bucket: Annotated[
        str,
        Meta(
            description='Instead of a path: the bucket of an S3 server, tier "archive". Recordings are moved there.',
            max_length=255,
        ),
    ] = ""
    endpoint: Annotated[
        str,
        Meta(
            description="The S3 server, such as https://s3.example.org. http:// sends what is recorded in clear.",
            pattern=r"^(https?://[^@/\s]+/?)?$",
            max_length=300,
        ),
    ] = ""
    region: Annotated[str, Meta(description="Its region.", max_length=64)] = "us-east-1"
    prefix: Annotated[
        str, Meta(description="Folder within the bucket; servers that share one need one each.", max_length=255)
    ] = ""
    credentials: Annotated[
        str,
        Meta(
            description="Where the bucket's keys are: a file with access_key_id and secret_access_key (TOML), readable by this "
            'user alone; or "environment": SITEWARDEN_S3_<ID>_ACCESS_KEY_ID, …_SECRET_ACCESS_KEY, …_SESSION_TOKEN, else AWS_….',
            max_length=1024,
        ),
    ] = ""
    access_key_id: Annotated[str, Meta(description="Instead of `credentials`: the id of the key.", max_length=200)] = ""
    secret_access_key: Annotated[
        str,
        Meta(description="With it the key, sealed for this node, as `sitewarden seal volumes.<id>` prints it.", max_length=1024),
    ] = ""
    authority: Annotated[
        str,
        Meta(
            description="File of the authority (PEM) that signed the server's certificate. Empty: a public one.", max_length=1024
        ),
    ] = ""
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
