"""The server's side of one RTSP connection, sans-IO (RFC 2326): what is answered, and what its owner is asked to do.

`receive` takes a request and gives the bytes of the answer with, maybe, an act. After an `Open` there is no answer yet: the owner
finds out who may and what the stream is, then calls `opened` or `refused`, and gives no other request before. A connection has
one session, which ends with it.
"""

from __future__ import annotations

import secrets
from typing import Final

from msgspec import Struct

from sitewarden.wire import rtsp_login, rtsp_range, rtsp_transport
from sitewarden.wire.formats import AudioFormat, VideoFormat
from sitewarden.wire.rtp_sender import Sender
from sitewarden.wire.rtsp import Request, Response
from sitewarden.wire.rtsp_login import Login
from sitewarden.wire.rtsp_range import Range, RangeError
from sitewarden.wire.rtsp_target import Target, TargetError, control, parse
from sitewarden.wire.rtsp_transport import Way
from sitewarden.wire.sdp_write import audio_type, describe, video_type

METHODS: Final = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER"
FOREIGN: Final = ("ANNOUNCE", "RECORD", "REDIRECT")
TIMEOUT: Final = 60
"""Seconds that a session over UDP lives without a sign of life, and any connection before it plays."""
GREETING: Final = 20
"""Seconds until a client has shown that it may see something, whatever it says meanwhile."""
SCALES: Final = (1, 2, 4)
"""Speeds of recorded playback; beyond 1 its key frames alone."""
REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    429: "Too Many Requests",
    451: "Parameter Not Understood",
    453: "Not Enough Bandwidth",
    454: "Session Not Found",
    455: "Method Not Valid In This State",
    457: "Invalid Range",
    459: "Aggregate Operation Not Allowed",
    461: "Unsupported Transport",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    551: "Option not supported",
}


class Open(Struct, frozen=True):
    """Find out whether `login` may see `target`, and what it is."""

    target: Target
    login: Login


class Play(Struct, frozen=True):
    """Send from now on. `start` and `end` are microseconds since 1970 UTC, None for live."""

    start: int | None
    end: int | None
    scale: int


class Pause(Struct, frozen=True):
    """Send no more until the next Play."""


class End(Struct, frozen=True):
    """The session is over."""


Act = Open | Play | Pause | End


class Medium(Struct, frozen=True, kw_only=True):
    """What a target turned out to be."""

    name: str
    video: VideoFormat
    audio: AudioFormat | None = None
    start: int | None = None
    end: int | None = None
    """Microseconds since 1970 UTC of a recording."""


class Lane(Struct, frozen=True):
    """One track that was set up."""

    track: int
    url: str
    way: Way
    sender: Sender


class Server:
    """One connection. Times are seconds of any steady clock."""

    def __init__(
        self, address: str, now: float, *, secure: bool = False, udp: tuple[int, int] | None = None, agent: str = "Sitewarden"
    ) -> None:
        """`address` is ours, as it stands in descriptions; `udp` our ports of RTP and RTCP, None where it is not served."""
        self._address = address
        self._secure = secure
        self._udp = None if secure else udp
        self._agent = agent
        self._nonce = secrets.token_hex(16)
        self._session = secrets.token_hex(8)
        self._held = False
        self._target: Target | None = None
        self._medium: Medium | None = None
        self._asked: Request | None = None
        self._begun = self._seen = now
        self.login: Login | None = None
        """Who the stream was opened for."""
        self.playing = False
        self.lanes: list[Lane] = []
        self.position: tuple[int, int] | None = None
        """From where to where PLAY without a range goes on in a recording; the owner keeps the first up to date."""

    def alive(self, now: float) -> None:
        """Take a sign of life that is no request: a receiver report."""
        self._seen = now

    def expired(self, now: float) -> bool:
        """Tell whether the client is gone. One that plays over TCP is watched by what it takes, not by what it says."""
        if self._medium is None and self._asked is None and now - self._begun > GREETING:
            return True
        if self.playing and any(lane.way.channels for lane in self.lanes):
            return False
        return now - self._seen > TIMEOUT

    def receive(self, request: Request, now: float) -> tuple[bytes, Act | None]:
        """Return the answer and what is to be done."""
        self._seen = now
        if request.cseq < 0:
            return self._refuse(request, 400, "a request without CSeq"), None
        if request.get("Require"):
            return self._answer(request, 551, ("Unsupported", request.get("Require")[:200])), None
        method = request.method
        if method == "OPTIONS":
            return self._answer(request, 200, ("Public", METHODS)), None
        if method in FOREIGN:
            return self._answer(request, 405, ("Allow", METHODS)), None
        if method in ("DESCRIBE", "SETUP"):
            return self._begin(request)
        if method not in ("PLAY", "PAUSE", "TEARDOWN", "GET_PARAMETER", "SET_PARAMETER"):
            return self._answer(request, 501), None
        named = request.get("Session").partition(";")[0].strip()
        if method.endswith("_PARAMETER") and not named:
            return self._parameter(request), None
        if not self._held or named != self._session:
            return self._refuse(request, 454, "there is no such session on this connection"), None
        if method == "PLAY":
            return self._play(request)
        if method == "PAUSE":
            act = Pause() if self.playing else None
            self.playing = False
            return self._answer(request, 200), act
        if method == "TEARDOWN":
            answer = self._answer(request, 200)
            self._held = self.playing = False
            self.lanes = []
            return answer, End()
        return self._parameter(request), None

    def opened(self, medium: Medium) -> bytes:
        """Answer the request behind an `Open`: they may, and this is what it is."""
        request, self._asked = self._asked, None
        assert request is not None
        self._medium = medium
        if medium.start is not None and medium.end is not None:
            self.position = (medium.start, medium.end)
        return self._go_on(request)

    def refused(self, status: int, what: str) -> bytes:
        """Answer the request behind an `Open`: they may not, or there is nothing."""
        request, self._asked = self._asked, None
        assert request is not None
        self._target = self.login = None
        if status == 401:
            return self._demand(request)
        return self._refuse(request, status, what)

    def _begin(self, request: Request) -> tuple[bytes, Act | None]:
        try:
            target, track = parse(request.url)
        except TargetError as error:
            return self._refuse(request, 451 if error.times else 404, str(error)), None
        if request.method == "SETUP":
            refusal = self._may_set_up(request, target, track)
            if refusal:
                return refusal, None
        elif not _accepts(request):
            return self._refuse(request, 406, "a session is described in application/sdp"), None
        login = rtsp_login.read(request.get("Authorization"), request.method, secure=self._secure)
        if target == self._target and self._medium is not None:
            return self._go_on(request), None
        if self._held:
            return self._refuse(request, 459, "a session has one camera; tear it down first"), None
        if login is None or (login.proof is not None and not self._fits(login, target)):
            return self._demand(request), None
        self._target, self._medium, self._asked, self.login = target, None, request, login
        return b"", Open(target, login)

    def _may_set_up(self, request: Request, target: Target, track: int | None) -> bytes:
        """Return the refusal of a SETUP that cannot be, empty where it can."""
        named = request.get("Session").partition(";")[0].strip()
        if named and (not self._held or named != self._session):
            return self._refuse(request, 454, "there is no such session on this connection")
        if self.playing:
            return self._refuse(request, 455, "tracks are set up before they play")
        if track is None:
            return self._refuse(request, 459, "set up one track at a time, as the description names them")
        if self._held and target != self._target:
            return self._refuse(request, 459, "a session has one camera; tear it down first")
        if self._choose(request, track) is None:
            why = "; over UDP it would leave without TLS" if self._secure else ""
            offered = "RTP/AVP/TCP and RTP/AVP, unicast" if self._udp else f"RTP/AVP/TCP{why}"
            return self._refuse(request, 461, f"served is {offered}")
        return b""

    def _fits(self, login: Login, target: Target) -> bool:
        """Tell whether a proof was made for this connection and for this target."""
        assert login.proof is not None
        try:
            named, _ = parse(login.proof.uri)
        except TargetError:
            return False
        return login.proof.nonce == self._nonce and (named.camera, named.kind) == (target.camera, target.kind)

    def _go_on(self, request: Request) -> bytes:
        """Answer a DESCRIBE or SETUP of what is open."""
        medium = self._medium
        assert medium is not None
        if request.method == "SETUP":
            return self._set_up(request, medium)
        base = request.url
        length = medium.end - medium.start if medium.start is not None and medium.end is not None else None
        body = describe(
            medium.name,
            self._address,
            (medium.start or 0) // 1_000_000,
            medium.video,
            medium.audio,
            [control(base, number) for number in (0, 1)],
            duration=length,
        )
        return self._answer(request, 200, ("Content-Base", base), ("Content-Type", "application/sdp"), body=body)

    def _choose(self, request: Request, track: int) -> Way | None:
        taken = [number for lane in self.lanes if lane.track != track for number in lane.way.channels or ()]
        return rtsp_transport.choose(request.get("Transport"), udp=self._udp is not None, taken=taken)

    def _set_up(self, request: Request, medium: Medium) -> bytes:
        _, track = parse(request.url)
        way = self._choose(request, track or 0)
        if track == 1 and medium.audio is None:
            return self._refuse(request, 404, "the stream has no sound")
        assert way is not None
        if track == 1 and medium.audio is not None:
            sender = Sender(audio_type(medium.audio), medium.audio.rate)
        else:
            sender = Sender(video_type(medium.video), 90_000)
        self.lanes = [lane for lane in self.lanes if lane.track != track]
        self.lanes.append(Lane(track or 0, request.url, way, sender))
        self._held = True
        return self._answer(request, 200, ("Transport", rtsp_transport.answer(way, sender.ssrc, self._udp)))

    def _play(self, request: Request) -> tuple[bytes, Act | None]:
        medium = self._medium
        if not self.lanes or medium is None:
            return self._refuse(request, 455, "nothing is set up yet"), None
        asked = request.get("Range").strip()
        if self.playing and not asked:
            return self._answer(request, 200), None
        try:
            found = rtsp_range.parse(asked) if asked else None
            start, end = self._span(medium, found)
        except RangeError as error:
            return self._refuse(request, 457, str(error)), None
        scale = _scale(request.get("Scale")) if medium.start is not None else 1
        self.playing = True
        for lane in self.lanes:
            lane.sender.rebase()
        about = ",".join(
            f"url={lane.url};seq={lane.sender.sequence};rtptime={lane.sender.stamp(0)}"
            for lane in sorted(self.lanes, key=lambda lane: lane.track)
        )
        told = [("Range", _told(medium, found, start, end)), ("RTP-Info", about)]
        if request.get("Scale"):
            told.insert(0, ("Scale", f"{scale}.0"))
        return self._answer(request, 200, *told), Play(start, end, scale)

    def _span(self, medium: Medium, found: Range | None) -> tuple[int | None, int | None]:
        """Return from when to when it shall play; raises RangeError for what is not there."""
        if medium.start is None or medium.end is None or self.position is None:
            if found is not None and found.form == "clock":
                raise RangeError("a live stream has no times; ask for /recorded")
            return None, None
        if found is None or found.start is None:
            return self.position
        zero = medium.start if found.form == "npt" else 0
        start = zero + found.start
        end = medium.end if found.end is None else min(medium.end, zero + found.end)
        if not medium.start <= start < end:
            raise RangeError(f"the recording is from {rtsp_range.clock(medium.start, medium.end)[6:]}")
        return start, end

    def _parameter(self, request: Request) -> bytes:
        # A body asks for, or sets, parameters; there are none. An empty one is a sign of life.
        if request.body.strip():
            return self._refuse(request, 451, "there are no parameters")
        return self._answer(request, 200)

    def _demand(self, request: Request) -> bytes:
        return self._answer(request, 401, *rtsp_login.demands(self._nonce, secure=self._secure))

    def _refuse(self, request: Request, status: int, what: str) -> bytes:
        body = f"{what[:1].upper()}{what[1:]}\r\n".encode()
        return self._answer(request, status, ("Content-Type", "text/plain; charset=utf-8"), body=body)

    def _answer(self, request: Request, status: int, *headers: tuple[str, str], body: bytes = b"") -> bytes:
        fields: list[tuple[str, str]] = [("CSeq", str(max(0, request.cseq)))]
        if self._held:
            fields.append(("Session", f"{self._session};timeout={TIMEOUT}"))
        fields += (*headers, ("Server", self._agent))
        return Response(status=status, reason=REASONS[status], headers=tuple(fields), body=body).encode()


def _accepts(request: Request) -> bool:
    wanted = [text.partition(";")[0].strip().lower() for text in ",".join(request.every("Accept")).split(",")]
    return wanted == [""] or any(one in ("application/sdp", "application/*", "*/*") for one in wanted)


def _scale(text: str) -> int:
    try:
        wanted = float(text) if len(text) < 20 else 1.0
    except ValueError:
        wanted = 1.0
    return min(SCALES, key=lambda one: abs(one - wanted)) if 0 < wanted < 1000 else 1


def _told(medium: Medium, found: Range | None, start: int | None, end: int | None) -> str:
    if start is None or medium.start is None:
        return "npt=now-"
    if found is not None and found.form == "clock":
        return rtsp_range.clock(start, end)
    return rtsp_range.npt(start - medium.start, None if end is None else end - medium.start)


__all__ = ["TIMEOUT", "Act", "End", "Lane", "Medium", "Open", "Pause", "Play", "Server"]
