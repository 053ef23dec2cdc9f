"""The UDP sockets of a session: a pair of media-input ports for each media, or the groups that the camera multicasts to."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Sequence
from typing import Final, Protocol, cast

from sitewarden.domain.errors import Refusal
from sitewarden.kit.context import Context
from sitewarden.kit.errors import Misconfigured, Unavailable
from sitewarden.wire.rtsp_client import Stream

UDP_BUFFER: Final = 2 * 1024 * 1024
"""Bytes of kernel buffer for RTP: a 4K key frame comes as one burst."""


class Taker(Protocol):
    """Who takes what arrives, by the number of the media."""

    def datagrams(self, batch: Sequence[bytes], number: int) -> None: ...

    def rtcp(self, data: bytes) -> None: ...


class MediaPort(asyncio.DatagramProtocol):
    """One of the two UDP sockets of a media, for RTP or for RTCP. Other senders than the camera are passed over."""

    def __init__(self, number: int, control: bool) -> None:
        self._number, self._control = number, control
        self._taker: Taker | None = None
        self._peer = ""
        self.bytes_in = 0
        """Octets received, for the ledger."""
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def attach(self, taker: Taker, peer: str) -> None:
        """Hand on what comes from the address `peer`."""
        self._taker, self._peer = taker, peer

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.datagrams_received([data], addr)

    def datagrams_received(self, batch: list[bytes], addr: tuple[str, int]) -> None:
        """Take what one sender sent."""
        taker = self._taker
        self.bytes_in += sum(map(len, batch))
        if taker is None or addr[0] != self._peer:
            return
        if self._control:
            for data in batch:
                taker.rtcp(data)
        else:
            taker.datagrams(batch, self._number)


class _Lane:
    """The sockets of one media, and where its reports go."""

    def __init__(self, rtp: MediaPort, control: MediaPort) -> None:
        self.ports = (rtp, control)
        self.target: tuple[str, int] | None = None

    def close(self) -> None:
        for port in self.ports:
            if port.transport is not None:
                port.transport.close()


class Lanes:
    """The sockets of a session, a lane for each media; empty over TCP."""

    def __init__(self) -> None:
        self._lanes: list[_Lane] = []
        self.numbers: list[tuple[int, int]] = []
        """Our pairs of ports, where we name them."""

    async def lease(self, ctx: Context, count: int) -> None:
        """Take `count` pairs of media-input ports. Raises Unavailable where none is free."""
        while len(self._lanes) < count:
            lane = _Lane(MediaPort(len(self._lanes), False), MediaPort(len(self._lanes), True))
            left = list(reversed(lane.ports))
            try:
                _, even = await ctx.net.pair("media-input", left.pop, receive_buffer=UDP_BUFFER)
            except (OSError, Refusal) as error:
                raise Unavailable(f"no media-input port is free: {error}") from error
            self._lanes.append(lane)
            self.numbers.append((even, even + 1))

    async def join(self, ctx: Context, streams: list[Stream], interface: str) -> None:
        """Join the groups that the camera named, on the interface by which it is reached.

        Raises Misconfigured where one cannot be joined.
        """
        for number, stream in enumerate(streams):
            group = stream.group
            assert group is not None
            lane = _Lane(MediaPort(number, False), MediaPort(number, True))
            self._lanes.append(lane)
            lane.target = (group.address, group.ports[1])
            for port, place in zip(lane.ports, group.ports, strict=True):
                try:
                    await ctx.net.join(
                        "camera-multicast",
                        lambda port=port: port,  # type: ignore[misc]
                        group=group.address,
                        interface=interface,
                        number=place,
                        ttl=group.ttl,
                        source=group.source,
                        receive_buffer=UDP_BUFFER,
                    )
                except Refusal as error:
                    raise Misconfigured(f"{error}; or set the transport to tcp") from error

    def attach(self, taker: Taker, streams: list[Stream], peer: str) -> None:
        """Hand on what the camera sends: from the address that it or its description names, or from `peer`; close unused pairs.

        Before the streams are set up, `peer` is all that is known.
        """
        for unused in self._lanes[len(streams) :] if streams else ():
            unused.close()
        del self._lanes[len(streams) or len(self._lanes) :]
        for number, lane in enumerate(self._lanes):
            stream = streams[number] if streams else None
            source = peer
            if stream is not None:
                source = (stream.group.source if stream.group else "") or _address(stream.source) or peer
                if stream.server_ports and all(stream.server_ports):
                    lane.target = (source, stream.server_ports[1])
            for port in lane.ports:
                port.attach(taker, source)

    def send(self, number: int, data: bytes) -> None:
        """Send RTCP for a media; nothing where the camera named no port for it."""
        lane = self._lanes[number]
        control = lane.ports[1].transport
        if lane.target is not None and control is not None and not control.is_closing():
            control.sendto(data, lane.target)

    def close(self) -> None:
        """Close all, and give the ports back."""
        for lane in self._lanes:
            lane.close()


def _address(text: str | None) -> str | None:
    """Return the address that a Transport header's "source" gives, None where it is a name or nothing."""
    try:
        return str(ipaddress.ip_address(text or ""))
    except ValueError:
        return None
