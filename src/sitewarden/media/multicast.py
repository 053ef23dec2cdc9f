"""Multicast distribution: a camera's frames as an MPEG transport stream to the server's group, once for any number of viewers.

A stream runs while somebody holds it (`hold` is renewed or runs out), on a port of its own. Synchronous, in the loop's thread.
Bound: MOST_WAITING bytes a stream wait for their turn; past it the stream leaves out whole groups of pictures.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, Literal

from msgspec import Struct

from sitewarden.config import MulticastSettings
from sitewarden.domain.clock import SECOND, Clock
from sitewarden.domain.errors import Conflict, NotFound, Refusal, TooMany
from sitewarden.media.hub import Frame, Hub, Run, Track
from sitewarden.net import Caster, Network
from sitewarden.wire.fmp4 import TIMESCALE
from sitewarden.wire.mpegts import PACKET, WRAP, Muxer, VideoCodec, adts, annex_b
from sitewarden.wire.rtp_sender import Sender

Form = Literal["mpegts", "rtp"]
"""Bare transport packets in UDP, or in RTP (RFC 2250)."""
Which = Literal["main", "sub"]
"""Which of a camera's streams; the second is opened at the camera while it is sent."""

ROW: Final = "media-multicast"
CODECS: Final[dict[str, VideoCodec]] = {"H264": "h264", "H265": "h265"}
"""What a transport stream carries; of sound AAC alone."""
DATAGRAM: Final = 7 * PACKET
RTP_HEADER: Final = 12
PAYLOAD_TYPE: Final = 33
BURST: Final = 48 * DATAGRAM
"""Bytes that leave at once; what a key frame has more follows in steps, so that no switch must hold it whole."""
STEP: Final = 0.002
"""Seconds between two steps: 250 Mbit/s while a key frame leaves."""
MOST_WAITING: Final = 4 * 1024 * 1024
SWEEP: Final = 1.0
"""Seconds between two looks for holds that ran out."""
HOLDERS: Final = 256


class Cast(Struct, frozen=True, kw_only=True):
    """One stream on its way."""

    camera: str
    stream: Which = "main"
    form: Form
    group: str
    port: int
    ttl: int
    holders: int
    until: int
    """When the last hold runs out, microseconds since 1970 UTC."""
    bytes: int
    dropped: int
    """Frames and datagrams left out because the network took no more."""


class _Stream:
    """A camera's stream in one form; a subscriber of the hub."""

    def __init__(self, form: Form, caster: Caster, clock: Clock) -> None:
        self.caster = caster
        self.holds: dict[str, int] = {}
        self.end: Callable[[], None] = _nothing
        self.dropped = 0
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._muxer: Muxer | None = None
        self._sets = b""
        self._adts: Callable[[int], bytes] | None = None
        self._rate = 1
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._wait_for_key = True
        self._rtp = Sender(PAYLOAD_TYPE, TIMESCALE) if form == "rtp" else None

    def on_track(self, track: Track) -> None:
        codec = CODECS.get(track.video.encoding)
        audio = track.audio
        self._adts = adts(audio.config) if audio is not None and audio.encoding == "AAC" else None
        self._rate = audio.rate if audio is not None else 1
        self._muxer = Muxer(codec, "aac" if self._adts else None) if codec else None
        self._sets = b"".join(b"\0\0\0\1" + one for one in track.video.parameter_sets)
        self._wait_for_key = True

    def on_frame(self, frame: Frame) -> None:
        if self._muxer is None or (self._wait_for_key and not frame.key):
            return
        if self._size > MOST_WAITING:
            self._wait_for_key = True
            self.dropped += 1
            return
        self._wait_for_key = False
        data = annex_b(frame.data)
        dts = frame.decode_time % WRAP
        packets = self._muxer.video(
            self._sets + data if frame.key else data, dts + frame.offset, dts, frame.key, discontinuity=frame.jumped
        )
        self._put(packets, dts)

    def on_sound(self, run: Run) -> None:
        if self._muxer is None or self._adts is None or self._wait_for_key or self._size > MOST_WAITING:
            return
        time = run.time * TIMESCALE // self._rate % WRAP
        self._put(self._muxer.audio(b"".join(self._adts(len(one)) + one for one in run.frames), time), time)

    def _put(self, packets: bytes, time: int) -> None:
        """Send packets of this time (90 kHz), or queue them behind those that wait."""
        if self._rtp is not None:
            packets = self._in_rtp(self._rtp, packets, time)
        if not self._waiting and len(packets) <= BURST:
            self._send(packets)
            return
        step = BURST // DATAGRAM * self._datagram
        for at in range(0, len(packets), step):
            self._waiting.append(packets[at : at + step])
        self._size += len(packets)
        if self._timer is None:
            self._step()

    def on_lost(self, reason: str) -> None:
        self._wait_for_key = True

    def close(self) -> None:
        """Stop sending; the port is free again."""
        self.end()
        if self._timer is not None:
            self._timer.cancel()
        self._waiting.clear()
        self.caster.close()

    @property
    def _datagram(self) -> int:
        return DATAGRAM if self._rtp is None else DATAGRAM + RTP_HEADER

    def _send(self, packets: bytes) -> None:
        taken = self.caster.send(packets, self._datagram)
        if taken < len(packets):
            self._waiting.appendleft(packets[taken:])
            self._size += len(packets) - taken
        if self._waiting and self._timer is None:
            self._timer = self._loop.call_later(STEP, self._step)

    def _step(self) -> None:
        self._timer = None
        if self._waiting:
            packets = self._waiting.popleft()
            self._size -= len(packets)
            self._send(packets)

    def _in_rtp(self, sender: Sender, packets: bytes, time: int) -> bytes:
        if sender.due(self._loop.time()):
            # On the stream's own port (RFC 5761).
            self.caster.send(sender.report(self._clock.now(), time), DATAGRAM)
        payloads = [(packets[at : at + DATAGRAM], False) for at in range(0, len(packets), DATAGRAM)]
        return b"".join(sender.pack(payloads, time))


class Multicast:
    """The streams of one media process. Streams of several processes share the group; each takes the next free port."""

    def __init__(
        self, hub: Hub, net: Network, clock: Clock, group: str, settings: MulticastSettings, span: tuple[int, int]
    ) -> None:
        self._hub, self._net, self._clock = hub, net, clock
        self._group, self._settings, self._span = group, settings, span
        self._streams: dict[tuple[str, Which, Form], _Stream] = {}
        self._next = span[0]

    def hold(self, camera: str, form: Form, holder: str, seconds: float, *, which: Which = "main", begin: bool = True) -> Cast:
        """Have the camera sent for `seconds` more, as far as `holder` is concerned; 0 gives it up.

        Raises NotFound where nothing is sent and `begin` is False, TooMany past the settings' streams or HOLDERS, and a Refusal
        where the network lets nothing out.
        """
        key = camera, which, form
        stream = self._streams.get(key)
        now = self._clock.now()
        if seconds <= 0:
            if stream is None:
                return self._told(*key, None)
            stream.holds.pop(holder, None)
            told = self._told(*key, stream)
            self.sweep()
            return told
        if stream is None:
            if not begin:
                raise NotFound("this stream is not sent any more", where=f"camera:{camera}", remedy="Start it again.")
            stream = self._begin(*key)
        elif holder not in stream.holds and len(stream.holds) >= HOLDERS:
            raise TooMany(
                f"{HOLDERS} viewers hold this stream already.", where=f"camera:{camera}", remedy="Join it without a hold."
            )
        stream.holds[holder] = now + round(seconds * SECOND)
        return self._told(*key, stream)

    def casts(self, camera: str | None = None) -> list[Cast]:
        """Return what is sent now, of one camera or of all."""
        return [self._told(*key, stream) for key, stream in self._streams.items() if camera in (None, key[0])]

    def drop(self, camera: str) -> None:
        """Stop sending a camera that is configured no more."""
        for key in [key for key in self._streams if key[0] == camera]:
            self._streams.pop(key).close()

    def sweep(self) -> None:
        """Stop what nobody holds any more."""
        now = self._clock.now()
        for key, stream in list(self._streams.items()):
            stream.holds = {holder: until for holder, until in stream.holds.items() if until > now}
            if not stream.holds:
                del self._streams[key]
                stream.close()

    async def run(self) -> None:
        """Sweep until cancelled, then stop all."""
        try:
            while True:
                await asyncio.sleep(SWEEP)
                self.sweep()
        finally:
            for stream in self._streams.values():
                stream.close()
            self._streams.clear()

    def _begin(self, camera: str, which: Which, form: Form) -> _Stream:
        if len(self._streams) >= self._settings.streams:
            raise TooMany(
                f"{len(self._streams)} streams are sent already.",
                where="multicast.streams",
                remedy="Stop one, or raise the setting.",
            )
        stream = self._streams[camera, which, form] = _Stream(form, self._caster(), self._clock)
        stream.end = self._hub.subscribe(channel(camera, which), stream)
        return stream

    def _caster(self) -> Caster:
        """Take the next port: +1 from the last, wrapping, past those in use."""
        first, last = self._span
        settings = self._settings
        refusal: Refusal | None = None
        for offset in range(last - first + 1):
            number = first + (self._next - first + offset) % (last - first + 1)
            try:
                caster = self._net.cast(
                    ROW, number, group=self._group, interface=settings.interface, ttl=settings.ttl, loop=settings.loop
                )
            except Conflict as taken:
                refusal = taken
                continue
            self._next = number + 1 if number < last else first
            return caster
        assert refusal is not None
        raise refusal

    def _told(self, camera: str, which: Which, form: Form, stream: _Stream | None) -> Cast:
        return Cast(
            camera=camera,
            stream=which,
            form=form,
            group=self._group,
            port=stream.caster.number if stream else 0,
            ttl=self._settings.ttl,
            holders=len(stream.holds) if stream else 0,
            until=max(stream.holds.values(), default=0) if stream else 0,
            bytes=stream.caster.bytes_out if stream else 0,
            dropped=stream.dropped + stream.caster.refused if stream else 0,
        )


def channel(camera: str, which: Which) -> str:
    """Return the name of a camera's stream in the hub."""
    return f"{camera}/sub" if which == "sub" else camera


def describe(cast: Cast, name: str, origin: str) -> str:
    """Return the SDP (RFC 8866) by which a player joins a stream."""
    plain = " ".join(name.split()) or cast.camera
    lines = [
        "v=0",
        f"o=- {cast.port} 1 IN IP4 {origin}",
        f"s={plain}",
        f"c=IN IP4 {cast.group}/{cast.ttl}",
        "t=0 0",
        "a=recvonly",
    ]
    if cast.form == "rtp":
        lines += [f"m=video {cast.port} RTP/AVP {PAYLOAD_TYPE}", f"a=rtpmap:{PAYLOAD_TYPE} MP2T/90000", "a=rtcp-mux"]
    else:
        lines += [f"m=video {cast.port} udp {PAYLOAD_TYPE}", f"a=rtpmap:{PAYLOAD_TYPE} MP2T/90000"]
    return "\r\n".join(lines) + "\r\n"


def address(cast: Cast) -> str:
    """Return what a player such as VLC opens."""
    return f"{'rtp' if cast.form == 'rtp' else 'udp'}://@{cast.group}:{cast.port}"


def _nothing() -> None:
    return
