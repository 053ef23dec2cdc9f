"""Real encoders that publish by RTMP, and what they send kept as golden files: `python -m tests.drivers.rtmp.encoders`.

ffmpeg has an RTMP of its own; GStreamer's `rtmpsink` is librtmp, its `rtmp2sink` a third one. They differ in their handshake,
commands, chunk sizes and tags.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import Final

from sitewarden.wire.rtmp import HANDSHAKE, Server

GOLDEN: Final = Path(__file__).parent / "golden"
NONCE: Final = bytes(range(256)) * 5 + bytes(HANDSHAKE - 8 - 1280)
"""What the server would say at random."""
PICTURES: Final = 10
GSTREAMER: Final = (
    "import sys, gi; gi.require_version('Gst', '1.0'); from gi.repository import Gst; Gst.init(None); "
    "made = Gst.parse_launch(sys.argv[1]); made.set_state(Gst.State.PLAYING); "
    "told = made.get_bus().timed_pop_filtered(100 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR); "
    "made.set_state(Gst.State.NULL); "
    "sys.exit('nothing' if told is None else 0 if told.type == Gst.MessageType.EOS else str(told.parse_error()))"
)
SYSTEM_PYTHON: Final = "/usr/bin/python3"


def ffmpeg(place: str, pictures: int = PICTURES) -> list[str]:
    """Return the command of ffmpeg."""
    source = f"-f lavfi -i testsrc2=size=64x64:rate=25 -f lavfi -i sine=sample_rate=16000 -frames:v {pictures} -shortest"
    coded = "-c:v libx264 -preset ultrafast -bf 2 -g 5 -pix_fmt yuv420p -c:a aac -b:a 16k -ac 1"
    return ["ffmpeg", "-v", "error", "-re", *source.split(), *coded.split(), "-f", "flv", place]


def gstreamer(sink: str, place: str, pictures: int = PICTURES, *, copy: str = "") -> list[str]:
    """Return the command of a pipeline that ends in `sink`, played in its own time; `copy` is a file for its pictures."""
    video = f"videotestsrc num-buffers={pictures} ! video/x-raw,width=64,height=64,framerate=25/1"
    coded = "x264enc speed-preset=ultrafast tune=zerolatency key-int-max=5 ! h264parse"
    sound = f"audiotestsrc samplesperbuffer=640 num-buffers={pictures} ! audio/x-raw,rate=16000,channels=1"
    aac = "voaacenc bitrate=16000 ! aacparse"
    kept = f"h264parse ! video/x-h264,stream-format=byte-stream ! filesink location={copy}" if copy else "fakesink"
    pipeline = (
        f'flvmux name=mux streamable=true ! {sink} sync=true location="{place}" '
        f"{video} ! {coded} ! tee name=both ! queue ! mux. both. ! queue ! {kept} {sound} ! {aac} ! queue ! mux."
    )
    return [SYSTEM_PYTHON, "-c", GSTREAMER, pipeline]


ENCODERS: Final = {
    "ffmpeg": ffmpeg,
    "rtmpsink": lambda place, pictures=PICTURES: gstreamer("rtmpsink", place, pictures),
    "rtmp2sink": lambda place, pictures=PICTURES: gstreamer("rtmp2sink", place, pictures),
}


async def recorded(name: str) -> bytes:
    """Return all that an encoder sends to a server that takes it."""
    kept = bytearray()
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = Server(NONCE, lambda published: "", lambda kind, time, body: None)
        while data := await reader.read(65536):
            kept.extend(data)
            server.feed(data)
            with contextlib.suppress(OSError):
                writer.write(server.take())
        writer.close()
        over.set()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    process = await asyncio.create_subprocess_exec(*ENCODERS[name](f"rtmp://127.0.0.1:{port}/live/lobby/golden-stream-key"))
    assert await process.wait() == 0, name
    await over.wait()
    listener.close()
    return bytes(kept)


def main() -> None:
    """Record all of them anew."""
    for name in ENCODERS:
        data = asyncio.run(recorded(name))
        (GOLDEN / f"{name}.bin").write_bytes(data)
        sys.stdout.write(f"{name}: {len(data)} bytes\n")


if __name__ == "__main__":
    main()
