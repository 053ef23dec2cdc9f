"""Direct mode: the controller listens on 1470 or 1471 and is held by one peer at a time, for commissioning and diagnosis.

Let in are the site's server, known by its certificate, and whoever knows the commissioning code: such a peer pairs with an
authority of the controller's own, which stands for nothing else, and comes back with a certificate for a day.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from msgspec import Struct

from sitewarden import __version__
from sitewarden.domain.clock import SECOND
from sitewarden.domain.errors import Conflict, Forbidden, Refusal, TimedOut
from sitewarden.link import LinkSession, Paired, PairingDesk, Sessions, listen_link
from sitewarden.net import Network
from sitewarden.net.tls import Authority, link_direct_context, link_identity
from sitewarden.nodes.controller.identity import SiteIdentity
from sitewarden.nodes.controller.settings import DirectSettings
from sitewarden.nodes.controller.uplink import SiteClock, Uplink
from sitewarden.wire import controller as wire
from sitewarden.wire.link import VERSION, Hello
from sitewarden.wire.pairing import Code

LAPTOP_DAYS: Final = 1
"""Days that a certificate for the commissioning code is good."""
REST: Final = 10.0
"""Seconds that a peer whose hold expired waits before it may hold the controller again."""
PORTS: Final = {"station": "device-direct-station", "reader": "device-direct-reader"}
MINUTE: Final = 60.0


class Holder(Struct, frozen=True, kw_only=True):
    """Who holds the controller. Times in microseconds since 1970 UTC."""

    node: str
    remote: str
    server: bool
    since: int
    until: int

    def __str__(self) -> str:
        return f"{'server' if self.server else 'laptop'} {self.node}"


class DirectPort:
    """`run` listens until cancelled. `note` records what happens; `joined` is called once the site's certificate came."""

    def __init__(
        self,
        settings: DirectSettings,
        identity: SiteIdentity,
        uplink: Uplink,
        network: Network,
        clock: SiteClock,
        *,
        code: Code,
        authority: Path,
        note: Callable[[str, dict[str, str]], None],
        rest: float = REST,
    ) -> None:
        self.holder: Holder | None = None
        self.ready = asyncio.Event()
        """Set once it listens."""
        self._settings, self._identity, self._uplink, self._network, self._clock = settings, identity, uplink, network, clock
        self._code, self._note, self._rest = code, note, rest
        self._authority = Authority.open(authority)
        self._own = self._authority.node(identity.node)
        self._context = link_direct_context(self._authority.file)
        self._session: LinkSession | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self._resting: tuple[str, float] = ("", 0.0)
        self._joining: asyncio.Task[None] | None = None
        self.identify()

    def identify(self) -> None:
        """Show the certificate of the site from now on; the controller's own while there is none."""
        paired = self._identity.paired
        link_identity(
            self._context,
            self._identity.key.pair if paired else self._own,
            self._identity.key.ca if paired else None,
        )
        shown = self._identity.key.pair if paired else self._own
        self._desk = PairingDesk(
            certificate=_leaf(shown.certificate.read_text("ascii")),
            ca=self._authority.pem,
            sign=partial(self._authority.sign, days=LAPTOP_DAYS),
            paired=self._check_laptop,
            clock=self._clock,
        )

    async def run(self) -> None:
        """Listen until cancelled."""
        hello = Hello(VERSION, VERSION, self._identity.node, "controller", f"sitewarden/{__version__}")
        sessions = Sessions(hello, self._admit, capacity=16, unproven=8)
        listener = await listen_link(
            self._network, PORTS[self._settings.family], sessions, tls=self._context, number=self._settings.port
        )
        self.ready.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.ready.clear()
            self._uplink.end()
            await listener.close()

    # -- who comes in -------------------------------------------------------------------------------------------------

    def _admit(self, session: LinkSession) -> None:
        if not session.proven:
            # The code of the label is good for every peer that knows it, any time: a fresh entry for each connection.
            self._desk.codes.cancel(self._code.label)
            self._desk.codes.admit(self._code, "", self._clock.now())
            self._desk.admit(session)
            return
        peer = session.peer
        server = self._identity.is_server(session) and bool(self._identity.server or peer.role == "server")
        if not server and self._identity.key.signed(session.certificate or b""):
            raise Forbidden(
                f"Node {peer.node} is not the server of this controller.",
                where=self._identity.node,
                remedy="Dial it from its server, or with its commissioning code.",
            )
        self._demand_free(session)
        if server:
            self._identity.pin(peer.node)
        self._take(session, server=server)

    async def _check_laptop(self, paired: Paired) -> None:
        if paired.node in (self._identity.server, self._identity.node):
            raise Conflict(f"{paired.node} is the name of another node.", where="node", remedy="Come under another name.")

    def _demand_free(self, session: LinkSession) -> None:
        holder, node = self.holder, session.peer.node
        if holder is not None and holder.node != node:
            raise Conflict(
                f"This controller is held by {holder} at {holder.remote} since {_moment(holder.since)}, "
                f"until {_moment(holder.until)} at the latest.",
                where=self._identity.node,
                remedy="Ask them to let go of it, or wait.",
            )
        resting, end = self._resting
        left = end - self._clock.monotonic()
        if resting == node and left > 0:
            raise Conflict(
                "Your hold on this controller has just expired; others get a turn.",
                where=self._identity.node,
                remedy=f"Dial again in {left:.0f} s.",
            )

    # -- the hold -----------------------------------------------------------------------------------------------------

    def _take(self, session: LinkSession, *, server: bool) -> None:
        before = self._session
        self._session = session
        if before is not None:
            before.close(Conflict("The same peer dialled again.", where=self._identity.node))
        now, length = self._clock.now(), self._settings.hold * MINUTE
        holder = Holder(
            node=session.peer.node, remote=session.peer.address, server=server, since=now, until=now + int(length * SECOND)
        )
        self.holder = holder
        if self._expiry is not None:
            self._expiry.cancel()
        self._expiry = session.loop.call_later(length, self._expire, session)
        session.closed.add_done_callback(lambda closed: self._let_go(session, holder, closed))
        told = {"holder": str(holder), "remote": holder.remote, "until": _moment(holder.until)}
        self._note("controller.held", told)
        self._uplink.begin(session, server=server, hold=wire.Hold(holder.since, holder.until))
        if not self._identity.paired and wire.AUTHORITY in session.peer.capabilities:
            self._joining = session.loop.create_task(self._join(session), name="join the site")

    def _expire(self, session: LinkSession) -> None:
        self._resting = (session.peer.node, self._clock.monotonic() + self._rest)
        session.close(TimedOut(f"The hold of {self._settings.hold:g} min is over.", remedy="Dial again if you still need it."))

    def _let_go(self, session: LinkSession, holder: Holder, closed: asyncio.Future[Refusal | None]) -> None:
        if self._session is not session:
            return
        self._session = self.holder = None
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        reason = closed.result()
        self._uplink.end()
        detail = reason.what if reason is not None else "it closed the link"
        self._note("controller.let-go", {"holder": str(holder), "remote": holder.remote, "detail": detail})

    async def _join(self, session: LinkSession) -> None:
        """Get the site's certificate from a server that proved the commissioning code, then have it dial anew with that."""
        try:
            await asyncio.shield(session.opened)
            told = await self._uplink.ask_certificate(session)
            await asyncio.to_thread(self._identity.join, told.chain, told.ca, session.peer.node)
            self.identify()
            self._note("controller.joined", {"server": session.peer.node, "remote": session.peer.address})
            session.close()
        except Refusal as refusal:
            session.close(refusal)


def _moment(time: int) -> str:
    return datetime.fromtimestamp(time / SECOND, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _leaf(chain: str) -> bytes:
    end = "-----END CERTIFICATE-----\n"
    return ssl.PEM_cert_to_DER_cert(chain.partition(end)[0] + end)
