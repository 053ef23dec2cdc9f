"""The entry of the driver, and the life of one camera session."""

from __future__ import annotations

import asyncio
import ssl
from typing import Final

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid, Refusal, TimedOut, TooMany, Unreachable
from sitewarden.domain.status import Status
from sitewarden.drivers.rtsp.config import CameraConfig, read
from sitewarden.drivers.rtsp.figures import Figures
from sitewarden.drivers.rtsp.lanes import Lanes
from sitewarden.drivers.rtsp.manifest import MANIFEST
from sitewarden.drivers.rtsp.session import Session
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
LINGER: Final = 10.0
"""Seconds that a session on demand stays after the last who looked: who changes a page comes back."""


class _Unwanted(Exception):
    """Nobody looks any more."""


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
        self._ctx = ctx
        while self._config.on_demand:
            if not ctx.media.wanted(self._camera):
                idle = Status(ref=self._reference, state="disabled", detail="opened while somebody looks", since=ctx.clock.now())
                ctx.status(idle)
                await ctx.media.demand(self._camera)
            try:
                await self._open(ctx)
            except _Unwanted:
                continue
        await self._open(ctx)

    async def _open(self, ctx: Context) -> None:
        assert ctx.media is not None
        config = self._config
        lanes = Lanes()
        try:
            if config.transport == "udp":
                await lanes.lease(ctx, 2 if config.audio else 1)
            client = Client(
                config.url,
                config.username,
                config.password,
                udp_ports=lanes.numbers,
                multicast=config.transport == "multicast",
                audio=config.audio,
            )
            udp = None if config.transport == "tcp" else lanes
            await self._session(ctx, Session(self._camera, config, ctx.media, ctx.clock, client, udp), lanes)
        finally:
            self._speaker.close()
            lanes.close()

    async def _session(self, ctx: Context, session: Session, lanes: Lanes) -> None:
        assert ctx.media is not None
        transport = await self._dial(ctx, session)
        reason = "the session was closed"
        peer = str(transport.get_extra_info("peername")[0])
        silent = "the camera does not answer the RTSP handshake"
        try:
            if self._config.transport == "multicast":
                await self._until(session, session.set_up, HANDSHAKE, silent)
                await lanes.join(ctx, session.client.streams, str(transport.get_extra_info("sockname")[0]))
                lanes.attach(session, session.client.streams, peer)
                session.begin()
            else:
                lanes.attach(session, [], peer)
            await self._until(session, session.playing, HANDSHAKE, silent)
            self._worked = True
            if lanes.numbers:
                lanes.attach(session, session.client.streams, peer)
                session.report()
            await self._watch(ctx, session)
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

    async def _watch(self, ctx: Context, session: Session) -> None:
        clock, media = ctx.clock, ctx.media
        assert media is not None
        config = self._config
        since = clock.now()
        began = moved_at = told_at = beat_at = wanted_at = clock.monotonic()
        pictures, packets, told = session.pictures, session.packets, False
        figures = Figures(session, config.transport, began)
        beat_every = min(25.0, session.client.timeout / 2)
        while True:
            done, _ = await asyncio.wait({session.ended}, timeout=CHECK if told else CHECK / 5)
            if done:
                raise session.ended.result()
            now = clock.monotonic()
            if session.pictures != pictures:
                pictures, packets, moved_at = session.pictures, session.packets, now
            elif now - moved_at >= config.stall_seconds - CHECK:
                what = "no packet" if session.packets == packets else "packets but no picture"
                raise Unavailable(f"the camera sent {what} for {config.stall_seconds:g} s")
            if not session.units and now - began > FIRST_PICTURE:
                raise Unavailable(f"no picture that decodes came within {FIRST_PICTURE:g} s")
            session.want_key()
            if not config.on_demand or media.wanted(self._camera):
                wanted_at = now
            elif now - wanted_at > LINGER:
                raise _Unwanted
            if now - beat_at >= beat_every:
                beat_at = now
                session.beat()
            elif config.transport == "udp":
                session.report()
            if session.units and (not told or now - told_at >= STATUS_EVERY):
                ctx.status(Status(ref=self._reference, state="online", since=since, data=figures.take(now)))
                told_at, told = now, True


class RtspDriver:
    """Makes endpoints of cameras."""

    manifest = MANIFEST

    def endpoint(self, spec: EndpointSpec) -> CameraEndpoint:
        """Check the camera's settings; the endpoint's id is the camera's."""
        return CameraEndpoint(spec.id, spec.reference, read(spec.config, spec.reference))


DRIVER: Final = RtspDriver()
