"""One WebRTC viewer: its connectivity checks, its handshake, its streams, its end."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Struct

from sitewarden.api.whep.rights import Rights
from sitewarden.api.whep.sending import Changed, Sending
from sitewarden.domain.errors import Refusal
from sitewarden.media.live_client import LiveRelay, Viewer
from sitewarden.media.units import Head, UnitError, decode, head
from sitewarden.net.tls.dtls import DtlsError, DtlsIdentity, DtlsServer
from sitewarden.wire import rtcp_feedback, srtp, stun
from sitewarden.wire.rtp_sender import Sender
from sitewarden.wire.webrtc_sdp import Chosen, Offer

log = logging.getLogger(__name__)

Address = tuple[str, int]

CONNECT: Final = 15.0
"""Seconds that a viewer has from its offer to the end of the handshake."""
CONSENT: Final = 30.0
"""Seconds without a connectivity check after which the viewer is gone (RFC 7675, 5.1)."""
REFRESH: Final = 2.0
"""Seconds between two groups of pictures that are sent again, at least; it doubles while the viewer goes on asking."""
REFRESH_MOST: Final = 16.0
ADDRESSES: Final = 8
"""Addresses of one viewer; checks from further ones are not answered."""
UNITS: Final = "units"


class Plan(Struct, frozen=True, kw_only=True):
    """What a viewer was answered."""

    camera: str
    user: str
    socket: str
    offer: Offer
    head: Head
    video: Chosen
    audio: Chosen | None = None


class Session:
    """From the answer to the end. `send` hands a datagram for an address to the network, `ended` is called once."""

    def __init__(
        self,
        plan: Plan,
        rights: Rights,
        relay: LiveRelay,
        viewer: Viewer,
        identity: DtlsIdentity,
        send: Callable[[bytes, Address], None],
        ended: Callable[[Session], None],
    ) -> None:
        self.plan = plan
        self.id = secrets.token_urlsafe(16)
        self.ufrag = secrets.token_hex(4)
        self.password = secrets.token_hex(16)
        self.addresses: dict[Address, None] = {}
        """Where authentic checks came from."""
        self._rights, self._relay, self._viewer = rights, relay, viewer
        self._dtls = DtlsServer(identity, plan.offer.fingerprints)
        self._send_to, self._ended = send, ended
        self._peer: Address | None = None
        self._nominated = False
        self._loop = asyncio.get_running_loop()
        self._seen = self._began = self._loop.time()
        self._inbound: srtp.Inbound | None = None
        self._sending: Sending | None = None
        self._refreshed, self._refresh_wait = 0.0, REFRESH
        self._timer = asyncio.Event()
        self._tasks = [
            asyncio.create_task(self._watch(), name=f"whep {plan.camera} clock"),
            asyncio.create_task(self._hold(), name=f"whep {plan.camera} rights"),
        ]
        self.closed = False

    @property
    def connected(self) -> bool:
        """True once keys are agreed."""
        return self._sending is not None

    def check(self, message: stun.Message, source: Address) -> bytes | None:
        """Take a connectivity check with our name in it; return the answer, or None for one that is not authentic."""
        key = self.password.encode()
        if not message.authentic(key) or (source not in self.addresses and len(self.addresses) >= ADDRESSES):
            return None
        if message.get(stun.ICE_CONTROLLED) is not None:
            return stun.refuse(message, stun.ROLE_CONFLICT, "Role Conflict", key)
        self.addresses[source] = None
        self._seen = self._loop.time()
        nominated = message.get(stun.USE_CANDIDATE) is not None
        if nominated or self._peer is None or not self._nominated:
            self._peer, self._nominated = source, nominated or self._nominated
        return stun.answer(message, source[0], source[1], key)

    def datagram(self, data: bytes, source: Address) -> None:
        """Take a datagram that is no STUN, from one of `addresses` (RFC 7983)."""
        if 20 <= data[0] <= 63:
            self._handshake(data, source)
        elif 128 <= data[0] <= 191 and self._inbound is not None:
            try:
                self._feedback(rtcp_feedback.parse(self._inbound.rtcp(data)))
            except srtp.SrtpError:
                return

    def close(self, reason: str = "") -> None:
        """End it; a second call does nothing."""
        if self.closed:
            return
        self.closed = True
        if reason:
            log.info("WebRTC of %s to %s ends: %s", self.plan.camera, self.plan.user, reason)
        if self._sending is not None:
            self._sending.bye()
        for datagram in self._dtls.close():
            self._send(datagram)
        self._viewer.close()
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
        self._ended(self)

    def _send(self, datagram: bytes) -> None:
        if self._peer is not None:
            self._send_to(datagram, self._peer)

    def _handshake(self, data: bytes, source: Address) -> None:
        try:
            for answer in self._dtls.receive(data):
                self._send_to(answer, source)
        except DtlsError as error:
            self.close(str(error))
            return
        if self._dtls.closed:
            self.close("the viewer left")
        elif self._dtls.done and self._sending is None:
            self._start()
        self._timer.set()

    def _start(self) -> None:
        plan, profile = self.plan, self._dtls.profile
        client, server = srtp.split(profile, self._dtls.export(srtp.material(profile)))
        self._inbound = srtp.Inbound(profile, *client)
        video = Sender(plan.video.codec.number, 90_000, ssrc=plan.video.stream)
        audio = plan.audio
        self._sending = Sending(
            plan.head,
            video,
            Sender(audio.codec.number, audio.codec.rate, ssrc=audio.stream) if audio is not None else None,
            srtp.Outbound(profile, *server),
            self._send,
            self._loop.time,
        )
        log.info("WebRTC of %s to %s begins, %s", plan.camera, plan.user, profile)
        self._tasks.append(asyncio.create_task(self._stream(self._sending), name=f"whep {plan.camera} stream"))

    def _feedback(self, told: rtcp_feedback.Feedback) -> None:
        assert self._sending is not None
        if told.bye:
            self.close("the viewer left")
            return
        if told.missing:
            self._sending.again(told.missing)
        if self.plan.video.stream in told.refresh:
            self._refresh()

    def _refresh(self) -> None:
        """Send the current group of pictures again from its key frame on: a camera makes none for one viewer's sake."""
        now = self._loop.time()
        since = now - self._refreshed
        if since < self._refresh_wait:
            return
        self._refresh_wait = min(REFRESH_MOST, 2 * self._refresh_wait) if since < 2 * self._refresh_wait else REFRESH
        self._refreshed = now
        before, self._viewer = self._viewer, self._relay.view(self.plan.socket, self.plan.camera, UNITS)
        before.close()

    async def _stream(self, sending: Sending) -> None:
        try:
            while not self.closed:
                viewer = self._viewer
                sending.begin()
                async for item in viewer:
                    if viewer is not self._viewer:
                        break
                    await self._item(sending, item)
                if viewer is self._viewer:
                    self.close("the media worker does not answer")
        except (Changed, UnitError) as error:
            self.close(str(error))

    async def _item(self, sending: Sending, item: str | bytes) -> None:
        if isinstance(item, str):
            if (found := told(item)) is not None:
                sending.change(found)
        elif item:
            await sending.unit(decode(item))

    async def _watch(self) -> None:
        """Repeat flights of the handshake that are late, and end what nobody consents to any more."""
        while not self.closed:
            now = self._loop.time()
            if not self.connected and now - self._began > CONNECT:
                self.close("it did not connect: UDP does not get through")
                return
            if now - self._seen > CONSENT:
                self.close("the viewer is gone")
                return
            due = self._dtls.timeout()
            self._timer.clear()
            try:
                async with asyncio.timeout(1.0 if due is None else min(1.0, max(0.01, due))):
                    await self._timer.wait()
            except TimeoutError:
                if due is not None and due <= 1.0:
                    self._repeat()

    def _repeat(self) -> None:
        try:
            for datagram in self._dtls.expire():
                self._send(datagram)
        except DtlsError as error:
            self.close(str(error))

    async def _hold(self) -> None:
        try:
            await self._rights.hold(self.plan.camera)
        except Refusal as refusal:
            self.close(f"it may not watch any more: {refusal.what}")


def told(item: str) -> Head | None:
    """Return the format that a message tells; None where the camera is lost, which may end."""
    if "lost" in msgspec.json.decode(item, type=dict[str, msgspec.Raw]):
        return None
    return head(item)
