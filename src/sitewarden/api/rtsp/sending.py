"""Units to packets on the tracks that a client set up, over its connection or over UDP; waits for a client that is slow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from sitewarden.domain.clock import SECOND
from sitewarden.media.units import Head, Picture, Sound, Unit
from sitewarden.wire.jpeg import JpegError
from sitewarden.wire.rtp_packetise import AudioPacketiser, VideoPacketiser, audio_packetiser, video_packetiser
from sitewarden.wire.rtsp import interleave
from sitewarden.wire.rtsp_server import Lane

STALLED: Final = 30.0
"""Seconds that a client may take nothing."""
BURST: Final = 32
"""Datagrams that leave at once; what a key frame has more follows in steps, so that no receive buffer overflows."""
STEP: Final = 0.002
PICTURES, SOUNDS = 0, 1
RATE: Final = 90_000


class Changed(Exception):
    """The stream became something else than what was described."""


class Outlet(Protocol):
    """The way out to one client."""

    @property
    def full(self) -> bool:
        """True where the client is to be waited for."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes in the connection."""
        ...

    async def room(self) -> None:
        """Return once the client has taken most of what was written."""
        ...

    def datagram(self, data: bytes, port: int, *, control: bool) -> None:
        """Send to a port of the client; what the kernel does not take is lost, as on any network."""
        ...


class Sending:
    """One PLAY. Media time 0 is the first picture's; `scale` divides all times."""

    def __init__(self, lanes: Sequence[Lane], outlet: Outlet, head: Head, now: Callable[[], float], *, scale: int = 1) -> None:
        self._lanes = {lane.track: lane for lane in lanes}
        self._outlet = outlet
        self._now = now
        self._scale = scale
        self._origin: int | None = None
        self._shown: tuple[int, int] = (0, 0)
        self._refused = 0
        self.head = head
        self._video: VideoPacketiser = video_packetiser(head.video)
        self._audio: AudioPacketiser | None = audio_packetiser(head.audio) if head.audio is not None else None

    def change(self, head: Head) -> None:
        """Go on with this format; raises Changed where its packets would not be those that were described."""
        if head.video.encoding != self.head.video.encoding or (head.audio != self.head.audio and SOUNDS in self._lanes):
            raise Changed("the stream's format changed; ask for it again")
        self.head = head
        self._video = video_packetiser(head.video)

    async def send(self, unit: Unit) -> None:
        """Send one unit on its track, where that was set up; raises TimeoutError where the client takes nothing."""
        if isinstance(unit, Picture):
            if self._origin is None:
                self._origin = unit.time
            self._shown = (unit.time, unit.wall)
            lane = self._lanes.get(PICTURES)
            if lane is not None:
                await self._picture(lane, unit, (unit.time - self._origin) // self._scale)
            return
        lane = self._lanes.get(SOUNDS)
        if lane is not None and self._audio is not None and self._origin is not None:
            await self._sound(lane, unit, self._origin)

    def bye(self) -> None:
        """Say that nothing more comes."""
        for lane in self._lanes.values():
            time, wall = self._last(lane)
            self._control(lane, lane.sender.goodbye(wall, time))

    async def _picture(self, lane: Lane, unit: Picture, time: int) -> None:
        self._report(lane)
        try:
            payloads = self._video(unit.data, unit.key)
            if lane.way.channels is not None:
                self._outlet.write(lane.sender.interleaved(payloads, time, lane.way.channels[0]))
            else:
                await self._datagrams(lane, lane.sender.pack(payloads, time))
        except JpegError as error:
            raise Changed(f"RTP cannot carry this Motion JPEG: {error}") from None
        await self._room()

    async def _sound(self, lane: Lane, unit: Sound, origin: int) -> None:
        assert self._audio is not None
        self._report(lane)
        begin = unit.time - origin * lane.sender.clock_rate // RATE
        packets = [
            lane.sender.packet(payload, marker, begin + after)
            for payload, marker, after in self._audio(unit.frames, unit.durations)
        ]
        if lane.way.channels is not None:
            channel = lane.way.channels[0]
            self._outlet.write(b"".join([interleave(channel, packet) for packet in packets]))
        else:
            await self._datagrams(lane, packets)
        await self._room()

    async def _datagrams(self, lane: Lane, packets: Sequence[bytes]) -> None:
        assert lane.way.ports is not None
        for number, packet in enumerate(packets):
            if number and number % BURST == 0:
                await asyncio.sleep(STEP)
            self._outlet.datagram(packet, lane.way.ports[0], control=False)

    async def _room(self) -> None:
        if not self._outlet.full:
            return
        async with asyncio.timeout(STALLED):
            await self._outlet.room()

    def _report(self, lane: Lane) -> None:
        if lane.sender.due(self._now()):
            time, wall = self._last(lane)
            self._control(lane, lane.sender.report(wall, time))

    def _last(self, lane: Lane) -> tuple[int, int]:
        """Return (media time in the lane's units, wall time) of the picture sent last."""
        time, wall = self._shown
        return (time - (self._origin or 0)) * lane.sender.clock_rate // RATE // self._scale, max(0, min(wall, SECOND << 31))

    def _control(self, lane: Lane, report: bytes) -> None:
        if lane.way.channels is not None:
            self._outlet.write(interleave(lane.way.channels[1], report))
        elif lane.way.ports is not None:
            self._outlet.datagram(report, lane.way.ports[1], control=True)
