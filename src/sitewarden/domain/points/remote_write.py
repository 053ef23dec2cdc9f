"""Where samples are sent by Prometheus remote write."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sitewarden.domain.entity import Entity, Secret, Tag

Label = Annotated[str, Meta(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$", max_length=200)]


class RemoteWrite(Entity, frozen=True, kw_only=True):
    """A time-series database that gets the samples of points: Prometheus, VictoriaMetrics, Mimir and their like."""

    enabled: bool = True
    url: Annotated[
        str,
        Meta(
            pattern=r"^https?://[^@/]+(/.*)?$",
            max_length=500,
            description="Where it takes remote write: https://mimir.example/api/v1/push, or http://127.0.0.1:9090/api/v1/write.",
        ),
    ]
    username: Annotated[str, Meta(max_length=120, description="For Basic. Empty: the password is a token, sent as Bearer.")] = ""
    password: Secret | None = None
    tenant: Annotated[str, Meta(pattern=r"^[!-~]*$", max_length=150, description="X-Scope-OrgID, which Mimir asks for.")] = ""
    ca: Annotated[
        str, Meta(max_length=65536, description="Certificate (PEM) of who signed the database's; empty: what this system trusts.")
    ] = ""
    tagged: Annotated[
        tuple[Tag, ...], Meta(description="Points with one of these tags, their own or of what they belong to; none: all points.")
    ] = ()
    labels: Annotated[
        dict[Label, Annotated[str, Meta(min_length=1, max_length=1000)]],
        Meta(max_length=30, description='Put on every series beside its own labels: {"site": "north"}.'),
    ] = msgspec.field(default_factory=dict)
    since: Annotated[
        Literal["now", "all"], Meta(description='"now": what is sampled from now on; "all": all history first, oldest first.')
    ] = "now"
    shards: Annotated[
        int, Meta(ge=1, le=16, description="Requests under way at once. Each point's samples keep their order.")
    ] = 2
