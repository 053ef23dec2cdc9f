"""A simulated camera: `python -m sim.camera --port 8554 --name lobby`, then rtsp://127.0.0.1:8554/lobby."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys

from sim.encode import CODECS, loop
from sim.rtsp_server import CameraServer
from sim.rtsp_source import LiveSource, LoopSource, Source
from sim.scene import Scene
from sim.sound import SETTINGS, Sound


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sim.camera", description="A camera that speaks RTSP.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8554, help="RTSP port (8554)")
    parser.add_argument("--name", default="lobby", help="path of the stream, and what the picture says (lobby)")
    parser.add_argument("--seed", type=int, help="another seed gives another yard, car and plate; default: from the name")
    parser.add_argument("--size", default="640x360", help="picture size (640x360)")
    parser.add_argument("--fps", type=int, default=12, help="frames a second (12)")
    parser.add_argument("--gop", type=float, default=1.0, help="seconds between key frames (1)")
    parser.add_argument("--user", default="", help="asks for this user")
    parser.add_argument("--password", default="", help="and this password")
    parser.add_argument("--digest", choices=("md5", "sha-256", "basic"), default="md5", help="how it asks (md5)")
    parser.add_argument("--codec", choices=tuple(CODECS), default="h264", help="how its pictures are coded (h264)")
    parser.add_argument("--audio", choices=tuple(SETTINGS), help="a tone each second, coded so; default: no sound")
    parser.add_argument(
        "--speaker", choices=("PCMU", "PCMA"), default="", help="has a loudspeaker that takes this; default: none"
    )
    parser.add_argument("--loop", action="store_true", help="play a loop that is encoded once: the clock in it is not today's")
    return parser


async def serve(options: argparse.Namespace) -> None:
    """Run until SIGINT or SIGTERM."""
    width, height = (int(part) for part in options.size.lower().split("x"))
    source: Source
    sound = Sound(options.audio) if options.audio else None
    if options.loop:
        made = loop(
            options.name,
            width=width,
            height=height,
            fps=options.fps,
            gop_seconds=options.gop,
            seed=options.seed,
            codec=options.codec,
        )
        source = LoopSource(made, sound=sound)
    else:
        source = LiveSource(Scene(options.name, width, height, options.seed), options.fps, options.gop, options.codec, sound)
    scheme, algorithm = ("basic", "MD5") if options.digest == "basic" else ("digest", options.digest.upper())
    server = CameraServer(
        {options.name: source},
        user=options.user,
        password=options.password,
        scheme=scheme,
        algorithm=algorithm,
        speaker=options.speaker,
    )
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    port = await server.start(options.host, options.port)
    sys.stdout.write(f"camera {options.name}: rtsp://{options.host}:{port}/{options.name}\n")
    sys.stdout.flush()
    await stop.wait()
    await server.stop()


def main() -> None:
    """Entry of `python -m sim.camera`."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(_parser().parse_args()))


if __name__ == "__main__":
    main()
