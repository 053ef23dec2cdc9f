"""The one request between a face and core: run this operation for whoever holds these credentials.

It travels as msgpack over the bus target `core.invoke`; the answer carries the result already encoded, so that a web process
passes it on without looking into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from msgspec import Struct

from sitewarden.wire.rtsp_login import Proof

TARGET = "core.invoke"


class Credentials(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the caller shows: a session's id, an API token, or name and password (only where a face knows no other way).

    `proof` is that of an API token by Digest, which the face tied to its own nonce.
    """

    session: str = ""
    token: str = ""
    username: str = ""
    password: str = ""
    proof: Proof | None = None

    def __repr__(self) -> str:
        return "Credentials(...)"


class Invoke(Struct, frozen=True, kw_only=True):
    """An operation to run. `params` is the msgpack of the operation's parameters."""

    operation: str
    params: msgspec.Raw
    credentials: Credentials = Credentials()
    remote: str = ""
    reason: str = ""
    form: Literal["json", "msgpack"] = "json"
    """How the result comes back."""


class Answer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The result of an operation."""

    body: bytes = b""
    """Empty where there is no content."""
    revision: int | None = None
    """Revision of the one entity in `body`, for ETag."""
    session: str | None = None
    """A new session's id for the cookie; empty: forget the cookie."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler returns when more than the result has to reach the face."""

    value: Any
    revision: int | None = None
    session: str | None = None
    actor: str = ""
    """Who it turned out to be, for the audit log, where nobody was signed in before."""
