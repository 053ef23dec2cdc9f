"""Many cameras in one process from one pre-encoded loop: `python -m sim.camera_fleet --count 64`, paths /cam-0 and on."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

from sim.encode import loop
from sim.rtsp_server import CameraServer
from sim.rtsp_source import LoopSource


async def serve(options: argparse.Namespace) -> None:
    """Run until SIGINT or SIGTERM."""
    width, height = (int(part) for part in options.size.lower().split("x"))
    made = loop("fleet", width=width, height=height, fps=options.fps, seconds=options.seconds, bitrate=options.bitrate)
    sources = {f"cam-{number}": LoopSource(made, number / options.count) for number in range(options.count)}
    server = CameraServer(sources)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    port = await server.start(options.host, options.port)
    sys.stdout.write(f"{options.count} cameras: rtsp://{options.host}:{port}/cam-0 and on\n")
    sys.stdout.flush()
    await stop.wait()
    await server.stop()


def main() -> None:
    """Entry of `python -m sim.camera_fleet`."""
    parser = argparse.ArgumentParser(prog="python -m sim.camera_fleet", description="Many cameras that share one loop.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8554)
    parser.add_argument("--count", type=int, default=64, help="cameras (64)")
    parser.add_argument("--size", default="1920x1080", help="picture size (1920x1080)")
    parser.add_argument("--fps", type=int, default=30, help="frames a second (30)")
    parser.add_argument("--bitrate", type=int, default=4_000_000, help="bits a second of each (4000000)")
    parser.add_argument("--seconds", type=float, default=8.0, help="length of the loop (8)")
    options = parser.parse_args()
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(options))


if __name__ == "__main__":
    main()
