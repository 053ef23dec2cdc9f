"""Messages of a probe from the other side: the server's UDP echo, and what was found."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.network.probe import Inside, Judgement, Verdict

Number = Annotated[int, Meta(ge=1, le=65535)]


class OpenEcho(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open an echo on this node's UDP ports, for one address and a short time."""

    address: Annotated[str, Meta(max_length=45)] = ""
    """Who may ask; empty is the address that this request comes from."""
    source_port: Annotated[int, Meta(ge=0, le=65535)] = 0
    """UDP port that the questions come from; needed to prove ports that a running service shares."""
    seconds: Annotated[int, Meta(ge=5, le=600)] = 60


class EchoPort(Struct, frozen=True, kw_only=True):
    """One UDP port of the node."""

    row: str
    number: Number
    state: Literal["echo", "busy"]
    reason: str = ""
    """Why there is no echo."""
    heard: int = 0
    """Right questions that arrived."""
    answered: int = 0


class EchoOpened(Struct, frozen=True, kw_only=True):
    """The echo; `key` is shown here alone."""

    id: str
    key: str
    """Session and one-time token, as `sitewarden probe --key` takes it."""
    address: str
    ends: int
    """Microseconds since 1970 UTC."""
    ports: tuple[EchoPort, ...]


class ProbeVerdict(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the other side found out about one port."""

    row: Annotated[str, Meta(max_length=40)]
    transport: Literal["tcp", "udp"]
    number: Number
    verdict: Verdict
    detail: Annotated[str, Meta(max_length=300)] = ""


class CloseEcho(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """End an echo and leave what was found."""

    id: Annotated[str, Meta(max_length=16)]
    verdicts: Annotated[tuple[ProbeVerdict, ...], Meta(max_length=256)] = ()


class ProbeSeen(Struct, frozen=True, kw_only=True):
    """One port as both sides saw it."""

    row: str
    transport: Literal["tcp", "udp"]
    number: int
    verdict: Verdict
    """What the other side found out."""
    detail: str
    inside: Inside
    """What this node had there when the probe ended: a listening service or an echo, nobody, or a port in use ("busy")."""
    judgement: Judgement
    """Both together: "blocked" is open here and does not get through, "stranger" answers and is none of ours."""


class ProbeReport(Struct, frozen=True, kw_only=True):
    """One probe, seen from both sides."""

    id: str
    actor: str
    address: str
    started: int
    ended: int | None
    """None while the echo is open."""
    ports: tuple[EchoPort, ...]
    """What the server heard."""
    verdicts: tuple[ProbeSeen, ...]
    """What the other side found, beside what was open here; none where it could not tell, as with a key."""


class ProbeReports(Struct, frozen=True, kw_only=True):
    """The last probes, newest first."""

    items: tuple[ProbeReport, ...]
