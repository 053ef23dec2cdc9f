"""Units to protected packets of one WebRTC viewer, with what it may ask for again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from sitewarden.domain.clock import SECOND
from sitewarden.media.units import Head, Picture, Sound, Unit
from sitewarden.wire.rtp_live import LATE, LiveTime
from sitewarden.wire.rtp_packetise import AudioPacketiser, VideoPacketiser, audio_packetiser, video_packetiser
from sitewarden.wire.rtp_sender import Sender
from sitewarden.wire.srtp import Outbound

LIMIT: Final = 1180
"""Bytes of a payload: with every header below 1280, which every network carries, tunnels too."""
KEPT: Final = 512
"""Packets of a stream that may be asked for again: about a second; older ones are gone."""
AGAIN: Final = 400
"""Packets sent again in a second, at most; what is asked for beyond is passed over."""
BURST: Final = 32
"""Packets that leave at once; what a key frame has more follows in steps, so that no receive buffer overflows."""
STEP: Final = 0.002
RATE: Final = 90_000


class Changed(Exception):
    """The stream became something else than what was answered."""


class _Kept:
    """The packets sent last, as they left. A ring: the oldest makes way."""

    def __init__(self) -> None:
        self._ring: list[tuple[int, bytes] | None] = [None] * KEPT

    def put(self, sequence: int, packet: bytes) -> None:
        self._ring[sequence % KEPT] = (sequence, packet)

    def get(self, sequence: int) -> bytes | None:
        found = self._ring[sequence % KEPT]
        return found[1] if found is not None and found[0] == sequence else None


class Sending:
    """One viewer's streams. `send` hands a datagram to the network, `now` gives seconds of a steady clock."""

    def __init__(
        self,
        head: Head,
        video: Sender,
        audio: Sender | None,
        protect: Outbound,
        send: Callable[[bytes], None],
        now: Callable[[], float],
    ) -> None:
        self.head = head
        self._video, self._audio = video, audio
        self._protect, self._send, self._now = protect, send, now
        self._kept = {one.ssrc: _Kept() for one in (video, audio) if one is not None}
        self._pictures: VideoPacketiser = video_packetiser(head.video, LIMIT)
        self._sounds: AudioPacketiser | None = audio_packetiser(head.audio) if head.audio and audio else None
        self._time = LiveTime()
        self._sound_offset: int | None = None
        self._shown = (0, 0)
        self._again = (0.0, 0)
        # Receivers guess the rollovers of a stream from its first packet, so it begins well below one (RFC 3711, 3.3.1).
        for one in (video, audio):
            if one is not None:
                one.sequence &= 0x7FFF

    def begin(self) -> None:
        """Be ready for a group of pictures from its key frame on."""
        self._time.begin()

    def change(self, head: Head) -> None:
        """Go on with this format; raises Changed where its packets would not be those that were answered."""
        if head.video.encoding != self.head.video.encoding or (self._audio is not None and head.audio != self.head.audio):
            raise Changed("the stream's format changed")
        self.head = head
        self._pictures = video_packetiser(head.video, LIMIT)

    async def unit(self, unit: Unit) -> None:
        """Send one unit."""
        if isinstance(unit, Picture):
            time = self._time.of(unit.time, int(self._now() * RATE))
            self._shown = (time, max(0, min(unit.wall, SECOND << 31)))
            self._report(self._video)
            await self._packets(
                self._video,
                (self._video.packet(payload, marker, time) for payload, marker in self._pictures(unit.data, unit.key)),
            )
        elif self._audio is not None and self._sounds is not None:
            await self._sound(self._audio, self._sounds, unit)

    def again(self, missing: Iterable[tuple[int, int]]) -> None:
        """Send packets again that were lost on the way: (SSRC, sequence number)."""
        second, count = self._again
        now = self._now()
        if now - second >= 1:
            second, count = now, 0
        for ssrc, sequence in missing:
            kept = self._kept.get(ssrc)
            packet = kept.get(sequence) if kept is not None else None
            if packet is not None and count < AGAIN:
                count += 1
                self._send(packet)
        self._again = (second, count)

    def bye(self) -> None:
        """Say that nothing more comes."""
        for one in (self._video, self._audio):
            if one is not None:
                time, wall = self._last(one)
                self._send(self._protect.rtcp(one.goodbye(wall, time)))

    async def _sound(self, sender: Sender, packetise: AudioPacketiser, unit: Sound) -> None:
        pace = self._time.offset
        if pace is None:
            return
        if self._sound_offset is None or abs(pace - self._sound_offset) > LATE // 8:
            self._sound_offset = pace
        begin = unit.time + self._sound_offset * sender.clock_rate // RATE
        self._report(sender)
        await self._packets(
            sender,
            (sender.packet(payload, marker, begin + after) for payload, marker, after in packetise(unit.frames, unit.durations)),
        )

    async def _packets(self, sender: Sender, packets: Iterable[bytes]) -> None:
        kept, protect, send = self._kept[sender.ssrc], self._protect.rtp, self._send
        for number, plain in enumerate(packets):
            if number and number % BURST == 0:
                await asyncio.sleep(STEP)
            packet = protect(plain)
            kept.put(packet[2] << 8 | packet[3], packet)
            send(packet)

    def _report(self, sender: Sender) -> None:
        if sender.due(self._now()):
            time, wall = self._last(sender)
            self._send(self._protect.rtcp(sender.report(wall, time)))

    def _last(self, sender: Sender) -> tuple[int, int]:
        """Return (time in the sender's units, wall time) of the picture sent last."""
        time, wall = self._shown
        return time * sender.clock_rate // RATE, wall
