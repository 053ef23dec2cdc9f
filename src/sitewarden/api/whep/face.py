"""The UDP port of WebRTC viewers in one web process, and its sessions."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from typing import Any, Final

from sitewarden.api.core import Core
from sitewarden.api.whep.rights import Rights
from sitewarden.api.whep.session import UNITS, Address, Plan, Session, told
from sitewarden.config import WhepSettings
from sitewarden.domain.errors import Invalid, NotFound, Refusal, TooMany, Unreachable
from sitewarden.media.live_client import LiveRelay, Viewer
from sitewarden.media.units import Head
from sitewarden.net import Network
from sitewarden.net.interfaces_table import interfaces
from sitewarden.net.tls.dtls import DtlsIdentity
from sitewarden.services.invoke import Credentials
from sitewarden.wire import stun
from sitewarden.wire.webrtc_sdp import Chosen, Identity, Offer, OfferError, answer, choose, parse

log = logging.getLogger(__name__)

ROW: Final = "whep"
PER_ADDRESS: Final = 64
"""Sessions of one address; the newest beyond is refused."""
BACKLOG: Final = 4 * 1024 * 1024
"""Bytes that may wait in the UDP socket; beyond it datagrams are left out."""
RECEIVE: Final = 1 << 20
FIRST: Final = 8.0
"""Seconds that a camera has to say what it sends."""
CANDIDATES: Final = 8
"""Addresses that an answer names."""
WILDCARDS: Final = ("0.0.0.0", "::")  # noqa: S104


class WhepFace(asyncio.DatagramProtocol):
    """Takes offers until closed. Where its port cannot be opened it says so to whoever asks."""

    def __init__(self, core: Core, network: Network, settings: WhepSettings, bind: str) -> None:
        self.bytes_in = self.bytes_out = 0
        self._core, self._network, self._settings, self._bind = core, network, settings, bind
        self._relay = LiveRelay(network)
        self._identity = DtlsIdentity()
        self._transport: Any = None
        self._number = 0
        self._why = ""
        self._opening = 0
        self.sessions: dict[str, Session] = {}
        self._by_ufrag: dict[str, Session] = {}
        self._by_address: dict[Address, Session] = {}
        self._remotes: dict[str, str] = {}

    async def start(self) -> bool:
        """Open the port; False, and a line in the log, where it cannot be."""
        try:
            self._transport, _ = await self._network.datagram(ROW, lambda: self, receive_buffer=RECEIVE)
        except Refusal as refusal:
            self._why = str(refusal)
            log.warning("goes on without WebRTC: %s", refusal)
            return False
        self._number = int(self._transport.get_extra_info("sockname")[1])
        return True

    async def close(self) -> None:
        """End all sessions and close the port."""
        for session in list(self.sessions.values()):
            session.close("the server stops")
        if self._transport is not None:
            self._transport.close()
        await self._relay.close()

    async def open(self, camera: str, body: bytes, shown: Credentials, remote: str, local: str) -> tuple[str, bytes]:
        """Take an offer; return the session's id and the answer. `local` is the address that the viewer reached us on."""
        rights = Rights(self._core, shown, remote)
        user = (await rights.who()).user.id
        try:
            offer = parse(body)
        except OfferError as error:
            raise _unfit(error) from None
        if self._transport is None:
            raise Unreachable("WebRTC is not served", where="ports.whep", remedy=self._why or "Watch over the WebSocket.")
        same = sum(1 for found in self._remotes.values() if found == remote)
        if len(self.sessions) + self._opening >= self._settings.viewers or same >= PER_ADDRESS:
            raise TooMany(f"{len(self.sessions)} viewers watch by WebRTC already", remedy="Watch over the WebSocket.")
        self._opening += 1
        try:
            ticket = await rights.live(camera)
            with contextlib.ExitStack() as refused:
                viewer = self._relay.view(ticket.socket, camera, UNITS)
                refused.callback(viewer.close)
                session = self._session(camera, user, ticket.socket, offer, await _first(viewer), rights, viewer)
                refused.pop_all()
        finally:
            self._opening -= 1
        self.sessions[session.id] = self._by_ufrag[session.ufrag] = session
        self._remotes[session.id] = remote
        chosen = [one for one in (session.plan.video, session.plan.audio) if one is not None]
        return session.id, answer(offer, chosen, self._own(session, local))

    async def end(self, id_: str, camera: str, shown: Credentials, remote: str) -> None:
        """End a session for whoever began it; raises a Refusal."""
        user = (await Rights(self._core, shown, remote).who()).user.id
        session = self.sessions.get(id_)
        if session is None or session.plan.camera != camera or session.plan.user != user:
            raise NotFound("there is no such session", where="session", remedy="It may have ended by itself.")
        session.close("the viewer ended it")

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self.bytes_in += len(data)
        if not data:
            return
        source = (str(addr[0]), int(addr[1]))
        if data[0] <= 3:
            self._check(data, source)
        elif (session := self._by_address.get(source)) is not None:
            session.datagram(data, source)

    def send(self, data: bytes, address: Address) -> None:
        """Send to a viewer; what the kernel does not take is lost, as on any network."""
        transport = self._transport
        if transport is not None and not transport.is_closing() and transport.get_write_buffer_size() <= BACKLOG:
            transport.sendto(data, address)
            self.bytes_out += len(data)

    def _check(self, data: bytes, source: Address) -> None:
        """Answer a connectivity check; whatever is none of a viewer of ours gets no answer."""
        try:
            message = stun.parse(data)
        except stun.StunError:
            return
        name = (message.get(stun.USERNAME) or b"").partition(b":")[0].decode("ascii", "replace")
        session = self._by_ufrag.get(name)
        if session is None or message.kind != stun.REQUEST:
            return
        reply = session.check(message, source)
        if reply is not None:
            self._by_address[source] = session
            self.send(reply, source)

    def _session(self, camera: str, user: str, socket: str, offer: Offer, head: Head, rights: Rights, viewer: Viewer) -> Session:
        try:
            video, audio = choose(offer, head.video, head.audio)
        except OfferError as error:
            raise _unfit(error) from None
        plan = Plan(
            camera=camera,
            user=user,
            socket=socket,
            offer=offer,
            head=head,
            video=Chosen(*video, secrets.randbits(32)),
            audio=Chosen(*audio, secrets.randbits(32)) if audio is not None else None,
        )
        return Session(plan, rights, self._relay, viewer, self._identity, self.send, self._ended)

    def _own(self, session: Session, local: str) -> Identity:
        return Identity(
            ufrag=session.ufrag,
            password=session.password,
            fingerprint=self._identity.fingerprint,
            candidates=tuple((host, self._number) for host in self._hosts(local)),
            session=secrets.randbits(62),
        )

    def _hosts(self, local: str) -> list[str]:
        """Return our addresses, the one that the viewer reached first."""
        if self._bind not in WILDCARDS:
            return list(dict.fromkeys((self._bind, *self._settings.addresses)))
        six = self._bind == "::"
        found = [local.removeprefix("::ffff:"), *self._settings.addresses]
        for one in interfaces():
            if not one.loopback:
                found += [*one.ipv4, *((address for address in one.ipv6 if not address.startswith("fe80")) if six else ())]
        return list(dict.fromkeys(address for address in found if address and (six or ":" not in address)))[:CANDIDATES]

    def _ended(self, session: Session) -> None:
        self.sessions.pop(session.id, None)
        self._by_ufrag.pop(session.ufrag, None)
        self._remotes.pop(session.id, None)
        for address in session.addresses:
            if self._by_address.get(address) is session:
                del self._by_address[address]


async def _first(viewer: Viewer) -> Head:
    """Return the format; the viewer then stands at its group of pictures."""
    try:
        async with asyncio.timeout(FIRST):
            async for item in viewer:
                if isinstance(item, str) and (found := told(item)) is not None:
                    return found
    except TimeoutError:
        pass
    raise Unreachable("the camera sends nothing at the moment", where="camera", remedy="See its page for the reason.")


def _unfit(error: OfferError) -> Invalid:
    return Invalid(str(error), where="offer", remedy="Watch over the WebSocket, or see docs/video.md for what is sent.")
