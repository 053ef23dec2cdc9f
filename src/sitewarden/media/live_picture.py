"""The last key frame of a camera over the live socket: the side of the media worker, and of the web worker, which asks."""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from sitewarden.domain.errors import Unreachable
from sitewarden.media.channel import Frame, Run, Track
from sitewarden.media.live_wire import HEAD, INIT, KEY, LOST, LiveError, Messages
from sitewarden.media.units import Head, Picture, UnitError, decode, head, of_frame
from sitewarden.net import Network
from sitewarden.wire.formats import VideoFormat

WAIT: Final = 8.0
"""Seconds until a camera must have sent a key frame."""


class KeyFrame(Struct, frozen=True, kw_only=True):
    """A picture that needs no other. `wall` is microseconds since 1970 UTC."""

    video: VideoFormat
    wall: int
    data: bytes
    """NAL units with 4-byte lengths, or a JPEG file."""


class Connection(Protocol):
    """What carries it."""

    def send(self, kind: int, body: bytes) -> None: ...

    def close(self) -> None: ...


class OnePicture:
    """The hub's subscriber: one key frame, then the end. `after` is the wall time of the one that the reader has."""

    def __init__(self, connection: Connection, after: str) -> None:
        self._connection = connection
        self._after = after
        self._head = b""
        self._done = False

    def on_track(self, track: Track) -> None:
        self._head = msgspec.json.encode(Head(video=track.video))

    def on_frame(self, frame: Frame) -> None:
        if self._done or not frame.key:
            return
        self._done = True
        if self._after == str(frame.wall):
            self._connection.send(INIT, b"")
        else:
            self._connection.send(HEAD, self._head)
            self._connection.send(KEY, of_frame(frame))
        self._connection.close()

    def on_sound(self, run: Run) -> None:
        return

    def on_lost(self, reason: str) -> None:
        if not self._done:
            self._done = True
            self._connection.send(LOST, msgspec.json.encode({"lost": reason}))
            self._connection.close()


class _Asking(asyncio.Protocol):
    """One question. `answer` becomes a KeyFrame, None where nothing is newer, or the Refusal."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[KeyFrame | None] = asyncio.get_running_loop().create_future()
        self._video: VideoFormat | None = None
        self._messages = Messages(self._message)

    def data_received(self, data: bytes) -> None:
        try:
            self._messages.feed(data)
        except (LiveError, UnitError) as error:
            self._refuse(str(error))

    def connection_lost(self, exc: Exception | None) -> None:
        self._refuse("the media worker ended")

    def _refuse(self, why: str) -> None:
        if not self.answer.done():
            self.answer.set_exception(_none(why))

    def _message(self, kind: int, body: bytes) -> None:
        if self.answer.done():
            return
        if kind == HEAD:
            self._video = head(body.decode()).video
        elif kind == INIT:
            self.answer.set_result(None)
        elif kind == KEY and self._video is not None:
            picture = decode(body)
            if isinstance(picture, Picture):
                self.answer.set_result(KeyFrame(video=self._video, wall=picture.wall, data=picture.data))
        else:
            told = msgspec.json.decode(body, type=dict[str, str]) if kind == LOST else {}
            self._refuse(told.get("lost", "it does not answer as it should"))


async def last_key(net: Network, socket: str, camera: str, after: int = 0) -> KeyFrame | None:
    """Return the last key frame of a camera of the media worker at `socket`; None where it is that of `after`.

    Raises Unreachable where the camera sends none.
    """
    asked = {"camera": camera, "media": "picture", "after": str(after)}
    transport: asyncio.Transport | None = None
    try:
        async with asyncio.timeout(WAIT):
            transport, asking = await net.dial_unix("live", _Asking, socket)
            transport.write(msgspec.json.encode(asked) + b"\n")
            return await asking.answer
    except TimeoutError:
        raise _none(f"no key frame came within {WAIT:g} s") from None
    except OSError as error:
        raise _none(str(error)) from None
    finally:
        if transport is not None:
            transport.abort()
            asking.answer.cancel()


def _none(why: str) -> Unreachable:
    return Unreachable(f"There is no picture now: {why}.", where="camera", remedy="Look at the camera's state.")
