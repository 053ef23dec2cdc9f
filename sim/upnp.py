"""Devices that a search finds: SSDP and WS-Discovery on the groups, descriptions over HTTP. `python -m sim.upnp --host ADDRESS`.

Each device answers as the simulated cameras would: to UPnP searches with its description's place, to ONVIF probes with its
scopes. Tests bend it with `body`, `status`, `headers` and `pause`.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import socket
import struct
import sys
import uuid
from dataclasses import dataclass, field
from typing import Any

from sitewarden.wire import ssdp, wsdiscovery
from sitewarden.wire.upnp_description import Description

SERVER = "Linux/6.1 UPnP/2.0 SimCamera/1.0"
BASIC = "urn:schemas-upnp-org:device:Basic:1"
CAMERA = "urn:schemas-upnp-org:device:DigitalSecurityCamera:1"


@dataclass
class SimDevice:
    """One device. `onvif` and `upnp` tell which ways it answers; the rest bends what its description's server does."""

    name: str
    maker: str = "Sim Optics"
    model: str = "SO-100"
    device_type: str = CAMERA
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))
    onvif: bool = True
    upnp: bool = True
    service: str = ""
    """Address of its ONVIF services; one that answers nothing unless given."""
    location: str = ""
    """LOCATION to tell; its own description unless given."""
    status: str = "200 OK"
    headers: tuple[str, ...] = ()
    body: bytes | None = None
    pause: float = 0.0
    """Seconds before each 16 bytes of the body."""
    asked: int = 0
    """Times that its description was fetched."""

    @property
    def path(self) -> str:
        """Path of its description."""
        return f"/{self.uuid}/description.xml"

    def described(self) -> bytes:
        """Return its description."""
        if self.body is not None:
            return self.body
        return Description(
            device_type=self.device_type,
            name=self.name,
            maker=self.maker,
            model=self.model,
            model_number="1",
            serial=self.uuid[-8:],
            uuid=self.uuid,
            page="/",
        ).encode()

    def scopes(self) -> tuple[str, ...]:
        """Return its ONVIF scopes."""
        told = {"name": self.name, "hardware": self.model, "location": "demo"}
        tail = [f"{wsdiscovery.SCOPE}{key}/{value.replace(' ', '%20')}" for key, value in told.items()]
        return (f"{wsdiscovery.SCOPE}type/video_encoder", f"{wsdiscovery.SCOPE}Profile/Streaming", *tail)


class Responder:
    """Devices on one address of this computer."""

    def __init__(self, host: str, devices: list[SimDevice]) -> None:
        self.host = host
        self.devices = devices
        self.port = 0
        self._transports: list[asyncio.DatagramTransport] = []
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> None:
        """Join the groups on the interface of `host` and serve descriptions on `port` (0: any)."""
        loop = asyncio.get_running_loop()
        self._server = await asyncio.start_server(self._serve, self.host, port)
        self.port = self._server.sockets[0].getsockname()[1]
        for group, number, answers in (
            (ssdp.GROUP, ssdp.PORT, self.ssdp_answers),
            (wsdiscovery.GROUP, wsdiscovery.PORT, self.onvif_answers),
        ):
            sock = _joined(group, number, self.host)
            transport, _ = await loop.create_datagram_endpoint(lambda answers=answers: _Answering(answers, self.host), sock=sock)  # type: ignore[misc]
            self._transports.append(transport)

    async def stop(self) -> None:
        """Leave the groups and stop serving."""
        for transport in self._transports:
            transport.close()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def ssdp_answers(self, data: bytes) -> list[bytes]:
        """Return the answers to a datagram."""
        try:
            asked = ssdp.read_ssdp(data)
        except ssdp.SsdpError:
            return []
        if asked.kind != "search":
            return []
        answers = []
        for device in self.devices:
            if device.upnp and asked.target in (ssdp.ROOT, "ssdp:all", device.device_type):
                location = device.location or f"http://{self.host}:{self.port}{device.path}"
                usn = f"uuid:{device.uuid}::{asked.target}"
                answers.append(
                    ssdp.Message(kind="answer", target=asked.target, usn=usn, location=location, server=SERVER).encode()
                )
        return answers

    def onvif_answers(self, data: bytes) -> list[bytes]:
        """Return the answers to a datagram."""
        try:
            asked = wsdiscovery.read_wsdiscovery(data)
        except wsdiscovery.DiscoveryError:
            return []
        if asked.kind != "probe":
            return []
        own = {wsdiscovery.TRANSMITTER, wsdiscovery.DEVICE}
        answers = []
        for device in self.devices:
            if not device.onvif or not set(asked.targets[0].types) <= own:
                continue
            target = wsdiscovery.Target(
                address=f"urn:uuid:{device.uuid}",
                types=(wsdiscovery.TRANSMITTER, wsdiscovery.DEVICE),
                scopes=device.scopes(),
                places=(device.service or f"http://{self.host}:{self.port}/onvif/device_service",),
            )
            id_ = f"urn:uuid:{uuid.uuid4()}"
            answers.append(wsdiscovery.Message(kind="matches", id=id_, relates=asked.id, targets=(target,)).encode())
        return answers

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode("latin-1")
            device = next((each for each in self.devices if each.path == path), None)
            if device is None:
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            device.asked += 1
            body = device.described()
            more = "".join(f"{each}\r\n" for each in device.headers)
            head = f"HTTP/1.1 {device.status}\r\nContent-Type: text/xml\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode()
            writer.write(head)
            if device.pause:
                for start in range(0, len(body), 16):
                    await asyncio.sleep(device.pause)
                    writer.write(body[start : start + 16])
                    await writer.drain()
            else:
                writer.write(body)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, IndexError):
            pass
        finally:
            writer.close()


class _Answering(asyncio.DatagramProtocol):
    def __init__(self, answers: Any, host: str) -> None:
        self._answers, self._host = answers, host
        self._out: socket.socket | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A socket bound to the group cannot send from the device's own address, so answers leave from a second one.
        self._out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._out.setblocking(False)
        self._out.bind((self._host, 0))

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        for answer in self._answers(data):
            if self._out is not None:
                try:
                    self._out.sendto(answer, addr)
                except OSError:
                    continue

    def connection_lost(self, exc: Exception | None) -> None:
        if self._out is not None:
            self._out.close()


def _joined(group: str, number: int, host: str) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((group, number))
    sock.setsockopt(
        socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack("4s4s", socket.inet_aton(group), socket.inet_aton(host))
    )
    sock.setblocking(False)
    return sock


async def serve(options: argparse.Namespace) -> None:
    """Run until SIGINT or SIGTERM."""
    cameras = [SimDevice(f"Camera {number + 1}") for number in range(options.cameras)]
    router = SimDevice("Router", maker="Sim Networks", model="R1", device_type=BASIC, onvif=False)
    responder = Responder(options.host, [*cameras, router])
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await responder.start(options.port)
    sys.stdout.write(f"{options.cameras} cameras and a router answer searches on {options.host}\n")
    sys.stdout.flush()
    await stop.wait()
    await responder.stop()


def main() -> None:
    """Entry of `python -m sim.upnp`."""
    parser = argparse.ArgumentParser(prog="python -m sim.upnp", description="Devices that answer UPnP and ONVIF searches.")
    parser.add_argument("--host", default="127.0.0.1", help="address of the interface to answer on")
    parser.add_argument("--port", type=int, default=0, help="port of the descriptions (any)")
    parser.add_argument("--cameras", type=int, default=2, help="cameras (2)")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
