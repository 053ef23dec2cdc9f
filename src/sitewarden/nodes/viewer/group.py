"""Joined streams: datagrams of a multicast group become frames in a hub of this process, each stream once for all its windows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, cast

from sitewarden.domain.clock import Clock
from sitewarden.media.hub import Hub, Subscriber
from sitewarden.net import Network
from sitewarden.wire import h264, h265
from sitewarden.wire.formats import VideoFormat
from sitewarden.wire.mpegts import PACKET, VIDEO_TYPES, WRAP
from sitewarden.wire.mpegts_read import Demuxer, Pes
from sitewarden.wire.nal import NalError, split_annex_b

ROW: Final = "media-multicast"
DATAGRAM: Final = 7 * PACKET
BUFFER: Final = 4 * 1024 * 1024
"""Bytes of kernel buffer: a 4K key frame comes as one burst."""
SILENCE: Final = 2.0
"""Seconds in which the first datagram must come; else the network does not pass multicast to here."""
OPENING: Final = 8.0
"""The same for a second stream, which the server opens at the camera first."""

_SETS = {"H264": frozenset((h264.SPS, h264.PPS)), "H265": frozenset((32, 33, 34))}
_TYPES = {VIDEO_TYPES["h264"]: "H264", VIDEO_TYPES["h265"]: "H265"}
_DELIMITER = {"H264": 9, "H265": 35}


class Stream(asyncio.DatagramProtocol):
    """One joined stream; feeds the channel `name` of the hub."""

    def __init__(self, hub: Hub, name: str, clock: Clock) -> None:
        self.bytes_in = 0
        """Octets received, for the ledger."""
        self.heard = asyncio.Event()
        self.windows = 0
        self._hub, self._name, self._clock = hub, name, clock
        self._demuxer = Demuxer()
        self._transport: asyncio.DatagramTransport | None = None
        self._wait_for_key = True
        self._time: int | None = None
        self._sets: tuple[bytes, ...] = ()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        self.bytes_in += len(data)
        self.heard.set()
        found = self._demuxer.feed(data)
        if len(data) < DATAGRAM:
            found += self._demuxer.flush()
        for pes in found:
            if pes.stream_type in _TYPES:
                self._picture(pes, _TYPES[pes.stream_type])

    def close(self) -> None:
        """Leave the group."""
        if self._transport is not None:
            self._transport.close()
        self._hub.drop(self._name)

    def _picture(self, pes: Pes, encoding: str) -> None:
        if pes.broken:
            self._wait_for_key = True
        if self._wait_for_key and not pes.random_access:
            return
        nals = [nal for nal in split_annex_b(pes.data) if nal]
        kinds = [nal[0] & 0x1F if encoding == "H264" else h265.kind(nal) for nal in nals]
        sets = tuple(nal for nal, kind in zip(nals, kinds, strict=True) if kind in _SETS[encoding])
        if sets and sets != self._sets:
            try:
                self._hub.video_track(self._name, _format(encoding, sets))
            except (NalError, StopIteration, IndexError):
                return
            self._sets = sets
        skipped = _SETS[encoding] | {_DELIMITER[encoding]}
        body = [nal for nal, kind in zip(nals, kinds, strict=True) if kind not in skipped]
        if not body or not self._sets:
            return
        self._wait_for_key = False
        self._time = pes.pts if self._time is None else self._time + _step(self._time, pes.pts)
        self._hub.access_unit(self._name, body, self._time, self._clock.now(), pes.random_access)


class Streams:
    """The streams that this workstation receives now."""

    def __init__(self, net: Network, clock: Clock, interface: str) -> None:
        self._net, self._clock, self._interface = net, clock, interface
        self.hub = Hub(clock)
        self._streams: dict[tuple[str, int], Stream] = {}
        self._joining = asyncio.Lock()

    async def join(self, group: str, port: int, patience: float = SILENCE) -> Stream | None:
        """Return the stream, joined anew or already; None where nothing comes for `patience` s. Leave it with `leave`."""
        async with self._joining:
            stream = self._streams.get((group, port))
            if stream is None:
                name = f"{group}:{port}"
                _, stream = await self._net.join(
                    ROW,
                    lambda: Stream(self.hub, name, self._clock),
                    group=group,
                    number=port,
                    interface=self._interface or None,
                )
                self._streams[group, port] = stream
            stream.windows += 1
        try:
            async with asyncio.timeout(patience):
                await stream.heard.wait()
        except TimeoutError:
            self.leave(group, port)
            return None
        except asyncio.CancelledError:
            self.leave(group, port)
            raise
        return stream

    def subscribe(self, group: str, port: int, subscriber: Subscriber) -> Callable[[], None]:
        """Give `subscriber` the stream's frames; return what ends it."""
        return self.hub.subscribe(f"{group}:{port}", subscriber)

    def leave(self, group: str, port: int) -> None:
        """Give up one window's part of a stream; the last one leaves the group."""
        stream = self._streams.get((group, port))
        if stream is None:
            return
        stream.windows -= 1
        if stream.windows <= 0:
            del self._streams[group, port]
            stream.close()

    def close(self) -> None:
        """Leave all groups."""
        for stream in self._streams.values():
            stream.close()
        self._streams.clear()


def _format(encoding: str, sets: tuple[bytes, ...]) -> VideoFormat:
    return h264.video_format(sets) if encoding == "H264" else h265.video_format(sets)


def _step(before: int, now: int) -> int:
    """Return by how much a 33-bit time went on, backward where that is nearer."""
    step = (now - before) % WRAP
    return step - WRAP if step > WRAP // 2 else step
