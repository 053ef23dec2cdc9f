"""The entry of the driver, and the life of one camera's connection."""

from __future__ import annotations

import asyncio
import secrets
import ssl
from typing import Any, Final

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Refusal, TimedOut, TooMany, Unreachable
from sitewarden.domain.status import Status
from sitewarden.drivers.mjpeg.config import CameraConfig, read
from sitewarden.drivers.mjpeg.manifest import MANIFEST
from sitewarden.drivers.mjpeg.stream import Stream
from sitewarden.kit.context import Context
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import DriverError, LocalMisuse, Misconfigured, Unavailable
from sitewarden.wire.formats import JPEG_CODEC
from sitewarden.wire.mjpeg_http import Refused, request
from sitewarden.wire.rtsp_auth import authorization, challenges

AGENT: Final = "Sitewarden"
FIRST_PICTURE: Final = 10.0
"""Seconds from the connection to the first picture."""
CHECK: Final = 0.5
"""Seconds between two looks at the stream."""
STATUS_EVERY: Final = 2.0


class CameraEndpoint:
    """One camera; `run` returns only by raising or being cancelled."""

    def __init__(self, camera: str, reference: str, config: CameraConfig) -> None:
        self._camera = camera
        self._reference = reference
        self._config = config
        self._worked = False

    async def execute(self, command: Command) -> Result:
        """Cameras take no commands over this connection."""
        return Result(ok=False, code="not-found", what=f"a camera does not know {command.name}", remedy="Use its ONVIF driver.")

    async def run(self, ctx: Context) -> None:
        """Ask for the stream, once more with credentials where the camera wants them, and feed `ctx.media` until it ends."""
        if ctx.media is None:
            raise LocalMisuse("the mjpeg driver needs a media sink in its context")
        try:
            try:
                await self._watch(ctx, "")
            except Refused as refusal:
                await self._watch(ctx, self._credentials(refusal))
        except Refused as refusal:
            raise self._meaning(refusal) from refusal

    def _credentials(self, refusal: Refused) -> str:
        config = self._config
        if refusal.status != 401:
            raise refusal
        offered = challenges(refusal.challenges)
        if not offered:
            raise Misconfigured("the camera asks for a way to sign in that is not spoken (neither Digest nor Basic)")
        if not config.username and not config.password:
            raise Misconfigured("the camera asks for a user and a password")
        target = config.place.target
        return authorization(offered[0], "GET", target, config.username, config.password, 1, secrets.token_hex(8))

    def _meaning(self, refusal: Refused) -> DriverError:
        said = str(refusal)[:120]
        if refusal.status in (401, 403):
            text = f"the camera refuses the user or the password ({said})"
            # These settings have worked: a camera that starts may refuse everyone for a while.
            return Unavailable(text) if self._worked else Misconfigured(text)
        if refusal.status in (301, 302, 303, 307, 308):
            return Misconfigured(f"the stream has moved to {refusal.location}; set that as the camera's URL")
        return Unavailable(f"the camera does not give the stream ({said}); check the path of its URL")

    async def _watch(self, ctx: Context, credentials: str) -> None:
        assert ctx.media is not None
        stream = Stream(self._camera, ctx.media, ctx.clock, request(self._config.place, AGENT, credentials))
        reason = "the connection was closed"
        await self._dial(ctx, stream)
        try:
            await self._until_it_ends(ctx, stream)
        except DriverError as error:
            reason = str(error)
            raise
        finally:
            stream.close()
            if stream.units:
                ctx.media.lost(self._camera, reason)

    async def _until_it_ends(self, ctx: Context, stream: Stream) -> None:
        clock, limit = ctx.clock, self._config.stall_seconds
        since, began = clock.now(), clock.monotonic()
        moved_at = told_at = began
        units, counted, told = 0, (0, 0), False
        while True:
            done, _ = await asyncio.wait({stream.ended}, timeout=CHECK)
            if done:
                raise stream.ended.result()
            now = clock.monotonic()
            if stream.units != units:
                units, moved_at, self._worked = stream.units, now, True
            elif now - moved_at >= (limit - CHECK if units else FIRST_PICTURE):
                what = "a part that is no picture" if stream.broken else "no picture"
                raise Unavailable(f"the camera sent {what} for {limit if units else FIRST_PICTURE:g} s")
            if units and (not told or now - told_at >= STATUS_EVERY):
                passed = max(now - told_at, 1e-3)
                data = _figures(stream, (stream.bytes - counted[0]) / passed, (units - counted[1]) / passed)
                ctx.status(Status(ref=self._reference, state="online", since=since, data=data))
                told_at, counted, told = now, (stream.bytes, units), True

    async def _dial(self, ctx: Context, stream: Stream) -> None:
        config, place = self._config, self._config.place
        tls = ssl.create_default_context() if place.secure else None
        try:
            await ctx.net.dial(
                config.row, lambda: stream, place.host, place.port, tls=tls, server_hostname=place.host if tls else None
            )
        except ssl.SSLCertVerificationError as error:
            raise Misconfigured(
                f"{place.host} shows a certificate that is not trusted ({error.verify_message}); "
                "install one that the server's system trusts, or use http://"
            ) from error
        except (Unreachable, TimedOut, TooMany) as error:
            raise Unavailable(str(error)) from error
        except Refusal as error:
            raise Misconfigured(str(error)) from error
        except (OSError, TimeoutError) as error:
            raise Unavailable(f"{place.authority} cannot be reached: {str(error) or 'no answer'}") from error


def _figures(stream: Stream, rate: float, fps: float) -> dict[str, Any]:
    return {
        "bitrate": round(rate * 8),
        "fps": round(fps, 1),
        "codec": JPEG_CODEC,
        "width": stream.size[0],
        "height": stream.size[1],
        "audio": "off",
        "transport": "http",
        "losses": stream.broken,
        "gop_frames": 1,
    }


class MjpegDriver:
    """Makes endpoints of cameras."""

    manifest = MANIFEST

    def endpoint(self, spec: EndpointSpec) -> CameraEndpoint:
        """Check the camera's settings; the endpoint's id is the camera's."""
        return CameraEndpoint(spec.id, spec.reference, read(spec.config, spec.reference))


DRIVER: Final = MjpegDriver()
