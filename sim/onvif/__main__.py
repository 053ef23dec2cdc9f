"""A simulated ONVIF camera with PTZ, events, relays: `python -m sim.onvif --name gate`.

Its services are at http://127.0.0.1:8000/onvif/device_service; it streams its picture by `sim.rtsp_server`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from uuid import NAMESPACE_URL, uuid5

from sim.onvif.camera import OnvifCamera
from sim.onvif.edge import Card
from sim.onvif.replay import ReplayServer
from sim.onvif.server import OnvifServer
from sim.rtsp_server import CameraServer
from sim.rtsp_source import LiveSource
from sim.scene import Scene
from sim.upnp import Responder, SimDevice


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sim.onvif", description="A camera that speaks ONVIF and RTSP.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port of the ONVIF services (8000)")
    parser.add_argument("--rtsp-port", type=int, default=8556, help="RTSP port (8556)")
    parser.add_argument("--name", default="gate", help="path of the stream, and what the picture says (gate)")
    parser.add_argument("--user", default="", help="asks for this user")
    parser.add_argument("--password", default="", help="and this password")
    parser.add_argument("--profile", choices=("S", "T"), default="T", help="ONVIF profile (T)")
    parser.add_argument("--proof", choices=("token", "digest"), default="token", help="how it asks for the password (token)")
    parser.add_argument("--no-ptz", action="store_true", help="a fixed camera")
    parser.add_argument("--clock-offset", type=float, default=0.0, help="seconds by which its clock is wrong (0)")
    parser.add_argument("--replay-port", type=int, default=0, help="record itself, and replay that here (profile G); 0: no (0)")
    parser.add_argument("--motion", type=float, default=0.0, help="seconds between two changes of motion; 0: never (0)")
    return parser


async def serve(options: argparse.Namespace) -> None:
    """Run until SIGINT or SIGTERM."""
    name = options.name
    main = LiveSource(Scene(name, 640, 360), 12)
    streams = CameraServer(
        {name: main, f"{name}-sub": LiveSource(Scene(name, 320, 180), 6)},
        user=options.user,
        password=options.password,
    )
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    rtsp = await streams.start(options.host, options.rtsp_port)
    card, replay = None, None
    if options.replay_port:
        place = f"rtsp://{options.host}:{options.replay_port}/recordings/1"
        card = Card(main, replay=place, clock_offset=options.clock_offset)
        replay = ReplayServer(card, user=options.user, password=options.password)
        await replay.start(options.host, options.replay_port)
    camera = OnvifCamera(
        name,
        rtsp=f"rtsp://{options.host}:{rtsp}",
        user=options.user,
        password=options.password,
        profile=options.profile,
        ptz=not options.no_ptz,
        clock_offset=options.clock_offset,
        card=card,
    )
    server = OnvifServer(camera, proof=options.proof)
    port = await server.start(options.host, options.port)
    place = f"http://{options.host}:{port}/onvif/device_service"
    shown = SimDevice(name.title(), maker="Sitewarden", upnp=False, service=place, uuid=str(uuid5(NAMESPACE_URL, place)))
    responder = Responder(options.host, [shown])
    try:
        await responder.start()
    except OSError as error:
        sys.stderr.write(f"camera {name} is not found by a search: {error}\n")
    sys.stdout.write(f"camera {name}: http://{options.host}:{port}/onvif/device_service\n")
    sys.stdout.flush()
    moving = asyncio.create_task(_motion(camera, options.motion)) if options.motion > 0 else None
    await stop.wait()
    if moving is not None:
        moving.cancel()
    await responder.stop()
    if replay is not None:
        await replay.stop()
    await server.stop()
    await streams.stop()


async def _motion(camera: OnvifCamera, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        camera.properties.set_motion(not camera.properties.motion)


def main() -> None:
    """Entry of `python -m sim.onvif`."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(_parser().parse_args()))


if __name__ == "__main__":
    main()
