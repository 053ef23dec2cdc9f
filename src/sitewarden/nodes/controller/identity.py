"""Who the controller is to its site: its key, the certificate of the site's CA, and which node is its server. Reads files."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sitewarden.domain.clock import SECOND
from sitewarden.domain.errors import Refusal
from sitewarden.domain.refs import is_id
from sitewarden.link import LinkSession
from sitewarden.net.tls import NodeKey, link_client_context
from sitewarden.net.tls.files import write

RENEW: Final = timedelta(days=180)
"""A certificate that ends sooner is renewed over the link; where its whole life is short, within the last third of it."""


class SiteIdentity:
    """The identity in one directory. `server` is the node id of the site's server, empty until it is known."""

    def __init__(self, directory: Path, node: str) -> None:
        self.node = node
        self.key = NodeKey(directory)
        self._server = directory / "server"
        self.server = _read(self._server) if self.key.paired else ""

    @property
    def paired(self) -> bool:
        """Tell whether the site has given it a certificate."""
        return self.key.paired

    def client_context(self) -> ssl.SSLContext:
        """Return the context with which it dials the server."""
        return link_client_context(self.key.ca, self.key.pair)

    def is_server(self, session: LinkSession) -> bool:
        """Tell whether the peer is the site's server: its certificate is of the site's CA, and names the node that was pinned.

        A controller that a workshop provisioned knows no server yet, and takes the first node of the site that it dials.
        """
        certificate = session.certificate
        if not session.proven or certificate is None or not self.key.signed(certificate):
            return False
        return not self.server or session.peer.node == self.server

    def pin(self, server: str) -> None:
        """Take a node as the site's server, for good: another node of the site cannot pose as it."""
        if server != self.server and is_id(server):
            write(self._server, f"{server}\n".encode(), 0o644)
            self.server = server

    def due(self, now: int) -> bool:
        """Tell whether the certificate is to be renewed. `now` in microseconds since 1970 UTC."""
        if not self.paired:
            return False
        begin, end = self.key.life
        left = end - datetime.fromtimestamp(now / SECOND, UTC)
        return left < min(RENEW, (end - begin) / 3)

    def renew(self, chain: bytes, ca: bytes) -> None:
        """Store a renewed certificate; raises a Refusal where it is not of the same CA, or not for this node and its key."""
        if ca.strip() != self.key.ca.read_bytes().strip():
            raise Refusal("The renewed certificate is of another CA.", where="certificate", remedy="Pair the controller again.")
        self.key.accept(chain, ca)

    def join(self, chain: bytes, ca: bytes, server: str) -> None:
        """Store the site's certificate where there was none, and who its server is."""
        self.key.accept(chain, ca)
        self.pin(server)

    def forget(self) -> None:
        """Leave the site; the key stays."""
        self.key.forget()
        self._server.unlink(missing_ok=True)
        self.server = ""


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
