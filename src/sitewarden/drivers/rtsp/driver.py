"""The entry of the driver, and the life of one camera session."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from typing import Final

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid, Refusal, TimedOut, TooMany, Unreachable
from sitewarden.domain.status import Status
from sitewarden.drivers.rtsp.config import CameraConfig, read
from sitewarden.drivers.rtsp.manifest import MANIFEST
from sitewarden.drivers.rtsp.session import MediaPort, Session
from sitewarden.drivers.rtsp.speaker import Speaker
from sitewarden.kit.context import Context
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import LocalMisuse, Misconfigured, Unavailable
from sitewarden.wire.rtsp_client import Client

HANDSHAKE: Final = 10.0
"""Seconds from the connection to PLAY."""
FIRST_PICTURE: Final = 30.0
"""Seconds to the first picture that decodes: a camera may be slow with its key frames, not so slow."""
CHECK: Final = 1.0
"""Seconds between two looks at the stream."""
STATUS_EVERY: Final = 2.0
UDP_BUFFER: Final = 2 * 1024 * 1024
"""Bytes of kernel buffer for RTP: a 4K key frame comes as one burst."""

Ports = tuple[tuple[asyncio.DatagramTransport, asyncio.DatagramTransport], tuple[MediaPort, MediaPort], int]
"""A pair of UDP ports: their transports, their protocols, the even number."""


class CameraEndpoint:
    """One camera's session; `run` returns only by raising or being cancelled."""

    def __init__(self, camera: str, reference: str, config: CameraConfig) -> None:
        self._camera = camera
        self._reference = reference
        self._config = config
        self._worked = False
        self._speaker = Speaker(config)
        self._ctx: Context | None = None

    async def execute(self, command: Command) -> Result:
        """Speak through the camera, which is all that it can be told over RTSP."""
        if command.name == "camera.talk" and self._ctx is not None:
            audio = command.args.get("audio")
            if not isinstance(audio, bytes):
                raise Invalid("there is no speech in it", where="audio")
            await self._speaker.say(self._ctx, audio)
            return Result(ok=True)
        return Result(ok=False, code="not-found", what=f"a camera does not know {command.name}", remedy="Use its ONVIF driver.")

    async def run(self, ctx: Context) -> None:
        """Open the session and feed `ctx.media` until it ends."""
        if ctx.media is None:
            raise LocalMisuse("the rtsp driver needs a media sink in its context")
        ports: list[Ports] = []
        self._ctx = ctx
        try:
            wanted = 0 if self._config.transport == "tcp" else 2 if self._config.audio else 1
            while len(ports) < wanted:
                ports.append(await self._ports(ctx))
            client = Client(
                self._config.url,
                self._config.username,
                self._config.password,
                udp_ports=[(pair[2], pair[2] + 1) for pair in ports],
                audio=self._config.audio,
            )
            await self._session(ctx, Session(self._camera, self._config, ctx.media, ctx.clock, client), ports)
        finally:
            self._speaker.close()
            for pair in ports:
                _close(pair)

    async def _ports(self, ctx: Context) -> Ports:
        made: list[MediaPort] = []

        def port() -> MediaPort:
            made.append(MediaPort())
            return made[-1]

        try:
            transports, even = await ctx.net.pair("media-input", port, receive_buffer=UDP_BUFFER)
        except (OSError, Refusal) as error:
            raise Unavailable(f"no media-input port is free: {error}") from error
        open_ones = {id(transport) for transport in transports}
        first, second = [one for one in made if id(one.transport) in open_ones][-2:]
        return transports, (first, second), even

    async def _session(self, ctx: Context, session: Session, ports: list[Ports]) -> None:
        assert ctx.media is not None
        transport = await self._dial(ctx, session)
        reason = "the session was closed"
        peer = str(transport.get_extra_info("peername")[0])
        try:
            _attach(ports, session, peer)
            await self._until(session, session.playing, HANDSHAKE, "the camera does not answer the RTSP handshake")
            self._worked = True
            if ports:
                for unused in ports[len(session.client.streams) :]:
                    _close(unused)
                peer = _address(session.client.streams[0].source) or peer
                _attach(ports, session, peer)
                _open_path(session, ports, peer)
            await self._watch(ctx, session, ports, peer)
        except Misconfigured as error:
            reason = str(error)
            if self._worked:
                # These settings have worked: a camera that starts may refuse everyone for a while.
                raise Unavailable(reason) from error
            raise
        except Unavailable as error:
            reason = str(error)
            raise
        finally:
            session.close()
            if session.units:
                ctx.media.lost(self._camera, reason)

    async def _dial(self, ctx: Context, session: Session) -> asyncio.Transport:
        config = self._config
        tls = ssl.create_default_context() if config.secure else None
        try:
            transport, _ = await ctx.net.dial(
                "rtsps" if config.secure else "rtsp",
                lambda: session,
                config.host,
                config.number,
                tls=tls,
                server_hostname=config.host if tls else None,
                timeout=HANDSHAKE,
            )
        except ssl.SSLCertVerificationError as error:
            raise Misconfigured(
                f"{config.host} shows a certificate that is not trusted ({error.verify_message}); "
                "install one that the server's system trusts, or use rtsp://"
            ) from error
        except (Unreachable, TimedOut, TooMany) as error:
            raise Unavailable(str(error)) from error
        except Refusal as error:
            raise Misconfigured(str(error)) from error
        except (OSError, TimeoutError) as error:
            detail = str(error) or "no answer"
            raise Unavailable(f"{config.host}:{config.number} cannot be reached: {detail}") from error
        return transport

    async def _until(self, session: Session, wanted: asyncio.Future[None], limit: float, complaint: str) -> None:
        await asyncio.wait([wanted, session.ended], timeout=limit, return_when=asyncio.FIRST_COMPLETED)  # type: ignore[type-var]
        if session.ended.done():
            raise session.ended.result()
        if not wanted.done():
            raise Unavailable(f"{complaint} within {limit:g} s")

    async def _watch(self, ctx: Context, session: Session, ports: list[Ports], peer: str) -> None:
        clock = ctx.clock
        config = self._config
        since = clock.now()
        began = moved_at = told_at = beat_at = clock.monotonic()
        packets, units, octets, told = session.packets, 0, 0, False
        beat_every = min(25.0, session.client.timeout / 2)
        while True:
            done, _ = await asyncio.wait({session.ended}, timeout=CHECK if told else CHECK / 5)
            if done:
                raise session.ended.result()
            now = clock.monotonic()
            if session.packets != packets:
                packets, moved_at = session.packets, now
            elif now - moved_at >= config.stall_seconds - CHECK:
                raise Unavailable(f"the camera sent no packet for {config.stall_seconds:g} s")
            if not session.units and now - began > FIRST_PICTURE:
                raise Unavailable(f"no picture that decodes came within {FIRST_PICTURE:g} s")
            if now - beat_at >= beat_every:
                beat_at = now
                session.beat()
            elif ports:
                _open_path(session, ports, peer)
            if session.units and (not told or now - told_at >= STATUS_EVERY):
                passed = max(now - told_at, 1e-3)
                ctx.status(self._status(session, since, (session.bytes - octets) / passed, (session.units - units) / passed))
                told_at, octets, units, told = now, session.bytes, session.units, True

    def _status(self, session: Session, since: int, rate: float, fps: float) -> Status:
        data = {
            "bitrate": round(rate * 8),
            "fps": round(fps, 1),
            "codec": session.video.codec if session.video else "",
            "width": session.video.width if session.video else 0,
            "height": session.video.height if session.video else 0,
            "audio": session.sound or session.client.silent,
            "transport": self._config.transport,
            "losses": session.lost,
        }
        return Status(ref=self._reference, state="online", since=since, data=data)


def _attach(ports: list[Ports], session: Session, peer: str) -> None:
    for number, pair in enumerate(ports):
        for port in pair[1]:
            port.attach(session, peer, number)


def _close(pair: Ports) -> None:
    for transport in pair[0]:
        transport.close()


def _address(text: str | None) -> str | None:
    """Return the address that a Transport header's "source" gives, None where it is a name or nothing."""
    try:
        return str(ipaddress.ip_address(text or ""))
    except ValueError:
        return None


def _open_path(session: Session, ports: list[Ports], peer: str) -> None:
    """Send reports to the camera; they also let the camera's packets through a firewall in between."""
    for pair, stream, report in zip(ports, session.client.streams, session.reports(), strict=False):
        numbers = stream.server_ports
        if numbers and all(numbers):
            pair[0][1].sendto(report, (peer, numbers[1]))


class RtspDriver:
    """Makes endpoints of cameras."""

    manifest = MANIFEST

    def endpoint(self, spec: EndpointSpec) -> CameraEndpoint:
        """Check the camera's settings; the endpoint's id is the camera's."""
        return CameraEndpoint(spec.id, spec.reference, read(spec.config, spec.reference))


DRIVER: Final = RtspDriver()
