"""A WebRTC viewer of the tests' own: checks, handshake, and what it was sent in clear."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import httpx
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sitewarden.net.tls.dtls import LABEL
from sitewarden.wire import rtp, srtp, stun
from tests.net.dtls_client import DtlsClient

OFFER = """v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=ice-ufrag:them
a=ice-pwd:0123456789012345678901
a=fingerprint:sha-256 {digest}
a=setup:actpass
m=video 9 UDP/TLS/RTP/SAVPF 102
a=mid:0
a=recvonly
a=rtcp-mux
a=rtpmap:102 {codec}/90000
a=rtcp-fb:102 nack
a=rtcp-fb:102 nack pli
a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
m=audio 9 UDP/TLS/RTP/SAVPF 8
a=mid:1
a=recvonly
a=rtcp-mux
"""


class Player(asyncio.DatagramProtocol):
    """One viewer. `packets` are (header, payload) of all RTP, `reports` what came as RTCP."""

    def __init__(self, codec: str = "H264") -> None:
        self.dtls = DtlsClient()
        self.offer = OFFER.format(digest=self.dtls.digest.hex(":").upper(), codec=codec).replace("\n", "\r\n")
        self.answer = ""
        self.location = ""
        self.packets: list[tuple[rtp.Packet, bytes]] = []
        self.reports: list[Any] = []
        self.answers: list[stun.Message] = []
        self.ended = False
        self._keys: Any = None
        self._outbound: srtp.Outbound | None = None
        self._transport: asyncio.DatagramTransport | None = None

    async def ask(self, url: str, token: str) -> httpx.Response:
        """Send the offer."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
        async with httpx.AsyncClient(timeout=60) as client:
            found = await client.post(url, content=self.offer, headers=headers)
        self.answer, self.location = found.text, found.headers.get("location", "")
        return found

    def of(self, name: str) -> str:
        """Return an attribute of the answer."""
        return next(line.partition(":")[2] for line in self.answer.split("\r\n") if line.startswith(f"a={name}:"))

    async def connect(self) -> None:
        """Check the way, then shake hands."""
        await self.open()
        self.check(nominate=True)
        await until(lambda: bool(self.answers))
        self.send(*self.dtls.step())
        await until(lambda: self.dtls.done)

    async def open(self) -> None:
        host, port = self.of("candidate").split()[4:6]
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, remote_addr=(host, int(port)))

    def check(self, *, nominate: bool = False, password: str | None = None, more: list[tuple[int, bytes]] | None = None) -> None:
        """Send a connectivity check."""
        attributes = [(stun.USERNAME, f"{self.of('ice-ufrag')}:them".encode()), *(more or [])]
        if nominate:
            attributes.append((stun.USE_CANDIDATE, b""))
        key = (password or self.of("ice-pwd")).encode()
        self.send(stun.build(stun.REQUEST, secrets.token_bytes(12), attributes, key))

    def send(self, *datagrams: bytes) -> None:
        assert self._transport is not None
        for one in datagrams:
            self._transport.sendto(one)

    def tell(self, report: bytes) -> None:
        """Send RTCP."""
        assert self._outbound is not None
        self.send(self._outbound.rtcp(report))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if data[0] <= 3:
            self.answers.append(stun.parse(data))
        elif data[0] <= 63:
            self._handshake(data)
        elif self._keys is None:
            return
        elif 192 <= data[1] <= 223:
            self.reports += rtp.parse_rtcp(self._inbound.rtcp(data))
        else:
            self._media(data)

    def _handshake(self, data: bytes) -> None:
        if self.dtls.done:
            self.ended = True
            return
        self.send(*self.dtls.step(data))
        if self.dtls.done:
            profile = self.dtls.connection.get_selected_srtp_profile().decode()
            assert profile == srtp.GCM
            exported = self.dtls.connection.export_keying_material(LABEL, srtp.material(profile))
            client, server = srtp.split(profile, exported)
            self._keys = (AESGCM(srtp.derive(*server, 0, 16)), srtp.derive(*server, 2, 12))
            self._inbound = srtp.Inbound(profile, *server)
            self._outbound = srtp.Outbound(profile, *client)

    def _media(self, data: bytes) -> None:
        cipher, salt = self._keys
        packet = rtp.parse(data, 0, len(data))
        nonce = int.from_bytes(salt, "big") ^ (packet.ssrc << 48 | packet.sequence)
        self.packets.append((packet, cipher.decrypt(nonce.to_bytes(12, "big"), data[12:], data[:12])))


async def until(done: Any, seconds: float = 60.0) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(seconds):
        while not done():
            await asyncio.sleep(0.01)
