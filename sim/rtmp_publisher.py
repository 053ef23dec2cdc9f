"""An encoder that publishes by RTMP: `python -m sim.rtmp_publisher --camera lobby --key KEY`, to a server on this computer."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import ssl
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sim.encode import Loop, loop
from sim.sound import coded
from sitewarden.wire import h264, h265
from sitewarden.wire.amf0 import decode, ecma, encode
from sitewarden.wire.flv import audio_frame, audio_header, video_header, video_units
from sitewarden.wire.formats import AudioFormat, VideoFormat
from sitewarden.wire.rtmp import HANDSHAKE, VERSION
from sitewarden.wire.rtmp_chunks import AUDIO, COMMAND, DATA, VIDEO, Message, Reader, Writer

CHUNK: Final = 4096


class Refused(Exception):
    """The server does not take the stream, and says why."""


class Publisher:
    """One connection to a server. `async with` closes it at once, as an encoder does that loses its power."""

    def __init__(self, host: str, port: int, app: str, name: str, *, tls: ssl.SSLContext | None = None) -> None:
        self.host, self.port, self.app, self.name, self.tls = host, port, app, name, tls
        self._read = Reader()
        self._said: list[list[Any]] = []
        self._write = Writer()

    async def __aenter__(self) -> Publisher:
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port, ssl=self.tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.transport.abort()

    async def begin(self) -> None:
        """Shake hands and publish; raises Refused."""
        first = bytes(8) + os.urandom(HANDSHAKE - 8)
        self.writer.write(bytes((VERSION,)) + first)
        answer = await self.reader.readexactly(1 + 2 * HANDSHAKE)
        assert answer[1 + HANDSHAKE :] == first, "the server echoes what it was sent"
        self.writer.write(answer[1 : 1 + HANDSHAKE])
        self.writer.write(self._write.set_chunk(CHUNK))
        about = {"app": self.app, "type": "nonprivate", "flashVer": "FMLE/3.0 (sim)", "tcUrl": f"rtmp://server/{self.app}"}
        self._say(0, "connect", 1.0, about)
        await self._until("_result")
        self._say(0, "releaseStream", 2.0, None, self.name)
        self._say(0, "FCPublish", 3.0, None, self.name)
        self._say(0, "createStream", 4.0, None)
        while (await self._until("_result"))[1] != 4.0:
            continue
        self._say(1, "publish", 5.0, None, self.name, "live")
        said = (await self._until("onStatus"))[3]
        if said["level"] != "status":
            raise Refused(said["description"])

    def tag(self, kind: int, time: int, body: bytes) -> None:
        """Send one tag; `time` in milliseconds."""
        self.writer.write(self._write.message(4 if kind == AUDIO else 6, Message(kind, 1, time & 0xFFFFFFFF, body)))

    def metadata(self, about: dict[str, Any]) -> None:
        """Say what is published."""
        self.writer.write(self._write.message(5, Message(DATA, 1, 0, encode("@setDataFrame", "onMetaData") + ecma(about))))

    def _say(self, stream: int, *values: Any) -> None:
        self.writer.write(self._write.message(3, Message(COMMAND, stream, 0, encode(*values))))

    async def _until(self, name: str) -> list[Any]:
        while True:
            while self._said:
                values = self._said.pop(0)
                if values[0] == name:
                    return values
            data = await self.reader.read(65536)
            if not data:
                raise Refused("the server closed the connection")
            self._said += [decode(message.body) for message in self._read.feed(data) if message.kind == COMMAND]


def tags(made: Loop, sound: str = "", *, first: int = 0) -> Iterator[tuple[int, int, bytes]]:
    """Yield (kind, time, body) of a loop, without end; `sound` is a codec of `sim.sound`."""
    video = _format(made)
    audio = _audio(sound)
    yield VIDEO, first, video_header(video)
    if audio is not None and (header := audio_header(audio)):
        yield AUDIO, first, header
    heard = 0
    number = 0
    while True:
        unit = made.units[number % len(made.units)]
        now = first + number * 1000 // made.fps
        yield VIDEO, now, video_units(video, _slices(unit.nals, made.codec), key=unit.key)
        number += 1
        if audio is not None:
            kept = coded(sound)
            while first + heard * kept.frame * 1000 // kept.rate <= now:
                yield (
                    AUDIO,
                    first + heard * kept.frame * 1000 // kept.rate,
                    audio_frame(audio, kept.frames[heard % len(kept.frames)]),
                )
                heard += 1


async def play(publisher: Publisher, made: Loop, sound: str = "", *, first: int = 0, pictures: int = 0) -> None:
    """Publish a loop in its own time; `pictures` of it, 0 for as long as the server takes them."""
    began = asyncio.get_running_loop().time()
    count = 0
    for kind, time, body in tags(made, sound, first=first):
        late = began + (time - first) / 1000 - asyncio.get_running_loop().time()
        if late > 0:
            await publisher.writer.drain()
            await asyncio.sleep(late)
        publisher.tag(kind, time, body)
        count += kind == VIDEO
        if pictures and count > pictures:
            return


def _format(made: Loop) -> VideoFormat:
    return h265.video_format(made.parameter_sets) if made.codec == "h265" else h264.video_format(made.parameter_sets)


def _slices(nals: Sequence[bytes], codec: str) -> list[bytes]:
    if codec == "h265":
        return [nal for nal in nals if h265.kind(nal) < h265.VPS]
    return [nal for nal in nals if nal[0] & 0x1F in (h264.SLICE, h264.IDR)]


def _audio(sound: str) -> AudioFormat | None:
    if not sound:
        return None
    kept = coded(sound)
    if sound == "aac":
        return AudioFormat(encoding="AAC", codec="mp4a.40.2", rate=kept.rate, channels=1, config=kept.config)
    encoding = "PCMA" if sound == "pcma" else "PCMU"
    return AudioFormat(encoding=encoding, codec=sound, rate=kept.rate, channels=1)  # type: ignore[arg-type]


def main() -> None:
    """Entry of `python -m sim.rtmp_publisher`."""
    parser = argparse.ArgumentParser(prog="python -m sim.rtmp_publisher", description="An encoder that publishes by RTMP.")
    parser.add_argument("--host", default="127.0.0.1", help="the server (127.0.0.1)")
    parser.add_argument("--port", type=int, default=1935, help="its port (1935)")
    parser.add_argument("--camera", default="lobby", help="id of the camera (lobby)")
    parser.add_argument("--key", required=True, help="its stream key")
    parser.add_argument("--codec", choices=("h264", "h265"), default="h264", help="how its pictures are coded (h264)")
    parser.add_argument("--audio", choices=("aac", "pcmu", "pcma"), default="", help="a tone each second; default: no sound")
    options = parser.parse_args()

    async def publish() -> None:
        made = loop(options.camera, width=640, height=360, fps=12, gop_seconds=1.0, codec=options.codec)
        async with Publisher(options.host, options.port, f"live/{options.camera}", options.key) as publisher:
            await publisher.begin()
            await play(publisher, made, options.audio)

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(publish())


if __name__ == "__main__":
    main()
