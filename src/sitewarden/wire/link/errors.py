"""Two kinds of error: ours, and the peer's."""

from __future__ import annotations


class LinkError(Exception):
    """Base; never raised itself."""


class LocalMisuse(LinkError):
    """Our own code called the connection wrongly; nothing was sent. A defect."""


class PeerViolation(LinkError):
    """The peer broke the protocol. The connection is closed and says why to the peer.

    `code` is one of the codes of `Close` in docs/protocols/link.md.
    """

    def __init__(self, code: str, what: str) -> None:
        super().__init__(f"{code}: {what}")
        self.code = code
        self.what = what
