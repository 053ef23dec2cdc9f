"""The client's side of an RTSP session for one track of pictures and maybe one of sound, sans-IO (RFC 2326).

`start` gives the first request; every response goes to `receive`, which gives the next request's bytes or none. Between
them OPTIONS, DESCRIBE, SETUP and PLAY are done, each once more with credentials where the server asks for them.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct

from sitewarden.wire import sdp
from sitewarden.wire.rtp_audio import AudioError
from sitewarden.wire.rtp_formats import SPOKEN, VIDEO, audio_depacketiser, interleaved
from sitewarden.wire.rtsp import Message, Request, Response, RtspError
from sitewarden.wire.rtsp_auth import Challenge, authorization, challenges

AGENT: Final = "Sitewarden"
DEFAULT_TIMEOUT: Final = 60.0
"""Seconds that a session lives without a sign of life (RFC 2326, 12.37)."""

State = Literal["new", "options", "describe", "setup", "ready", "play", "playing", "closed"]


class AuthRefused(Exception):
    """The server does not accept the user and password, or none were given."""


class StreamRefused(Exception):
    """The server answers, and will not serve this stream as asked; trying again does not help."""


class NotNow(Exception):
    """The server cannot serve at the moment (5xx, too many clients); worth trying again."""


class Group(Struct, frozen=True, kw_only=True):
    """Where a camera multicasts one media."""

    address: str
    ports: tuple[int, int]
    """Of RTP and RTCP."""
    ttl: int = 1
    source: str = ""
    """The only sender that the description includes (RFC 4570); empty where it tells none."""


class Stream(Struct, kw_only=True):
    """One media of the session."""

    media: sdp.Media
    target: str
    """URL of its SETUP."""
    channels: tuple[int, int]
    """Interleaved channels of RTP and RTCP."""
    server_ports: tuple[int, int] | None = None
    source: str | None = None
    """Address that the server sends RTP from, where it says so."""
    group: Group | None = None
    """Where it is multicast."""


class Client:
    """One session. `url` carries no user and no password."""

    def __init__(
        self,
        url: str,
        username: str = "",
        password: str = "",
        *,
        udp_ports: Sequence[tuple[int, int]] = (),
        multicast: bool = False,
        audio: bool = False,
        agent: str = AGENT,
    ) -> None:
        """`udp_ports`: a pair for each media that may be set up, none for TCP. `audio` asks for the sound, too.

        With `multicast` the session waits in the state "ready" until the groups of its streams are joined; `play` goes on.
        """
        self.url = url
        self._username, self._password = username, password
        self._udp_ports = udp_ports
        self._multicast = multicast
        self._agent = agent
        self._cseq = 0
        self._method = ""
        self._target = url
        self._headers: tuple[tuple[str, str], ...] = ()
        self._challenge: Challenge | None = None
        self._tried = 0
        self._nonce_count = 0
        self._public: set[str] = set()
        self._base = url
        self._session = ""
        self.state: State = "new"
        self.timeout = DEFAULT_TIMEOUT
        """Seconds after which the server forgets a silent client."""
        self.streams: list[Stream] = []
        """What is set up: the pictures, and maybe the sound."""
        self.silent = "" if audio else "off"
        """Why there is no sound, "" while there is."""
        self._setting = 0

    def start(self) -> bytes:
        """Return the first request."""
        self.state = "options"
        return self._request("OPTIONS", self.url)

    def keepalive(self) -> bytes:
        """Return a sign of life: GET_PARAMETER, or OPTIONS where the server does not know it."""
        method = "GET_PARAMETER" if "GET_PARAMETER" in self._public else "OPTIONS"
        return self._request(method, self._base)

    def play(self) -> bytes:
        """Return the request with which a session that is ready begins."""
        self.state = "play"
        return self._request("PLAY", self._base, ("Range", "npt=0.000-"))

    def teardown(self) -> bytes:
        """Return the request that ends the session; empty where there is none."""
        if not self._session:
            return b""
        self.state = "closed"
        return self._request("TEARDOWN", self._base)

    def receive(self, message: Message) -> bytes:
        """Take a message of the server; return what to send now, maybe nothing.

        Raises AuthRefused, StreamRefused, NotNow, RtspError or SdpError.
        """
        if isinstance(message, Request):
            status, reason = (200, "OK") if message.method in ("OPTIONS", "SET_PARAMETER", "GET_PARAMETER") else (501, "No")
            return Response(status=status, reason=reason, headers=(("CSeq", str(max(0, message.cseq))),)).encode()
        if not isinstance(message, Response) or message.cseq != self._cseq:
            return b""
        if message.status == 401:
            return self._authenticate(message)
        self._tried = 0
        if self.state in ("ready", "playing", "closed"):
            if message.status == 454:
                raise NotNow("the camera has forgotten the session")
            return b""
        if message.status != 200 and self.state == "setup" and self._setting > 0:
            # A picture without sound is better than none.
            self._mute(f"the camera does not serve it ({message.status} {message.reason[:80]})")
            return self._all_set_up()
        if message.status != 200 and not (self.state == "options" and message.status in (404, 405, 501, 551, 400)):
            raise self._refusal(message)
        return self._next(message)

    def _next(self, response: Response) -> bytes:
        if self.state == "options":
            self._public = {name.strip().upper() for name in response.get("Public").split(",")}
            self.state = "describe"
            return self._request("DESCRIBE", self.url, ("Accept", "application/sdp"))
        if self.state == "describe":
            return self._described(response)
        if self.state == "setup":
            self._set_up(response, self.streams[self._setting])
            self._setting += 1
            return self._set_up_next() if self._setting < len(self.streams) else self._all_set_up()
        self.state = "playing"
        return b""

    def _all_set_up(self) -> bytes:
        if not self._multicast:
            return self.play()
        self.state = "ready"
        return b""

    def _mute(self, reason: str) -> None:
        self.silent = reason
        del self.streams[1:]

    def _described(self, response: Response) -> bytes:
        self._base = response.get("Content-Base") or response.get("Content-Location") or self.url
        if not self._base.lower().startswith(("rtsp://", "rtsps://")):
            self._base = sdp.resolve(self.url, self._base)
        description = sdp.parse(response.body)
        video = [media for media in description.media if media.kind == "video"]
        chosen = next((media for media in video if media.encoding in VIDEO), None)
        if chosen is None:
            offered = ", ".join(media.encoding or "no known format" for media in video) or "no video at all"
            raise StreamRefused(f"the stream is not {SPOKEN} (it is {offered}); set the camera's encoder to one of them")
        if refused := interleaved(chosen):
            raise StreamRefused(refused)
        self.streams = [Stream(media=chosen, target=sdp.resolve(self._base, chosen.control), channels=(0, 1))]
        if not self.silent:
            self._add_sound(description)
        self._base = sdp.resolve(self._base, description.control)
        self.state = "setup"
        return self._set_up_next()

    def _add_sound(self, description: sdp.Description) -> None:
        found = [media for media in description.media if media.kind == "audio" and media.direction != "sendonly"]
        # "sendonly" is the camera's loudspeaker (ONVIF Streaming, 5.3): the client is meant, not the camera.
        self.silent = "the camera offers none"
        for media in found:
            target = sdp.resolve(self._base, media.control)
            if target == self.streams[0].target:
                self.silent = "the camera does not say under which name it serves it"
                continue
            try:
                audio_depacketiser(media, lambda frames, duration, time: None)
            except AudioError as error:
                self.silent = f"it is not spoken ({error}); set AAC or G.711 in the camera"
                continue
            self.silent = ""
            self.streams.append(Stream(media=media, target=target, channels=(2, 3)))
            return

    def _set_up_next(self) -> bytes:
        stream = self.streams[self._setting]
        profile = "RTP/AVPF" if stream.media.protocol.upper() == "RTP/AVPF" else "RTP/AVP"
        if self._multicast:
            transport = f"{profile};multicast"
        elif self._udp_ports:
            first, second = self._udp_ports[self._setting]
            transport = f"{profile};unicast;client_port={first}-{second}"
        else:
            transport = f"{profile}/TCP;unicast;interleaved={stream.channels[0]}-{stream.channels[1]}"
        return self._request("SETUP", stream.target, ("Transport", transport))

    def _set_up(self, response: Response, stream: Stream) -> None:
        session, _, rest = response.get("Session").partition(";")
        self._session = session.strip()
        if not self._session:
            raise RtspError("SETUP was answered without a session")
        match = re.search(r"timeout\s*=\s*(\d{1,6})", rest)
        if match:
            self.timeout = max(2.0, float(match.group(1)))
        transport = response.get("Transport")
        if self._multicast:
            stream.group, stream.source = _group(transport, stream.media), _value(transport, "source")
            return
        if not self._udp_ports:
            if "interleaved" not in transport and "TCP" not in transport.upper():
                raise StreamRefused('the camera does not send over TCP; set the transport to "udp"')
            stream.channels = _range(transport, "interleaved", stream.channels, 255)
            return
        if "TCP" in transport.upper():
            raise StreamRefused('the camera does not send over UDP; set the transport to "tcp"')
        stream.server_ports = _range(transport, "server_port", (0, 0), 65535)
        stream.source = _value(transport, "source")

    def _authenticate(self, response: Response) -> bytes:
        offered = challenges(response.every("WWW-Authenticate"))
        if not offered:
            raise AuthRefused("the camera asks for a way to sign in that is not spoken (neither Digest nor Basic)")
        if not self._username and not self._password:
            raise AuthRefused("the camera asks for a user and a password")
        self._tried += 1
        if self._tried > (2 if offered[0].stale else 1):
            raise AuthRefused("the camera refuses the user or the password")
        self._challenge = offered[0]
        self._nonce_count = 0
        return self._request(self._method, self._target, *self._headers)

    def _refusal(self, response: Response) -> Exception:
        said = f"{self._method} was answered with {response.status} {response.reason[:80]}".rstrip()
        if response.status in (403, 407):
            return AuthRefused(f"the camera forbids this user the stream ({said})")
        if response.status in (301, 302, 303, 307, 308):
            return StreamRefused(f"the stream has moved to {response.get('Location')[:200]}; set that as the camera's URL")
        if response.status == 461:
            other = "tcp" if self._udp_ports or self._multicast else "udp"
            return StreamRefused(f'the camera does not offer this transport ({said}); set the transport to "{other}"')
        if response.status == 404:
            # Cameras answer so while they start, too: what was right before a power cut must be tried again after it.
            return NotNow(f"the camera has no such stream ({said}); check the path of its URL")
        if response.status in (405, 451, 459, 460):
            return StreamRefused(f"the camera does not serve this stream so ({said}); check the path of its URL")
        return NotNow(said)

    def _request(self, method: str, target: str, *headers: tuple[str, str]) -> bytes:
        self._cseq += 1
        self._method, self._target, self._headers = method, target, headers
        fields = [("CSeq", str(self._cseq)), *headers, ("User-Agent", self._agent)]
        if self._session:
            fields.append(("Session", self._session))
        if self._challenge is not None:
            self._nonce_count += 1
            credentials = authorization(
                self._challenge, method, target, self._username, self._password, self._nonce_count, secrets.token_hex(8)
            )
            fields.append(("Authorization", credentials))
        return Request(method=method, url=target, headers=tuple(fields)).encode()


def _group(transport: str, media: sdp.Media) -> Group:
    """Return where the answer to SETUP, or else the description, says that this media is multicast (RFC 2326, 12.39)."""
    if "TCP" in transport.upper() or "unicast" in transport.lower():
        raise StreamRefused('the camera does not multicast this stream; set the transport to "tcp"')
    address = _value(transport, "destination") or media.address
    first, second = _range(transport, "port", (media.port, media.port + 1), 65535)
    try:
        group = ipaddress.ip_address(address)
    except ValueError:
        raise StreamRefused("the camera does not say to which group it multicasts; switch its multicast on") from None
    if group.version != 4 or not group.is_multicast:
        raise StreamRefused(f"{group} is no IPv4 multicast group; set one in the camera (239.x.y.z)")
    if first < 1024 or second < 1024 or first == second:
        raise StreamRefused(f"the camera multicasts to port {first}; set one from 1024 in the camera")
    ttl = re.search(r"ttl=(\d{1,3})", transport)
    crossed = max(1, min(255, int(ttl.group(1)))) if ttl else 1
    return Group(address=str(group), ports=(first, second), ttl=crossed, source=_unicast(media.source))


def _unicast(text: str) -> str:
    """Return an IPv4 address as it is; "" for a name, which no group can be joined by."""
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        return ""


def _value(transport: str, name: str) -> str | None:
    """Return the value of a parameter of the Transport header."""
    found = re.search(rf"(?:^|[;,\s]){name}=\"?([^;,\s\"]{{1,64}})", transport)
    return found.group(1) if found else None


def _range(transport: str, name: str, default: tuple[int, int], top: int) -> tuple[int, int]:
    match = re.search(rf"(?:^|[;,\s]){name}=(\d{{1,5}})(?:-(\d{{1,5}}))?", transport)
    if not match:
        return default
    first = int(match.group(1))
    second = int(match.group(2)) if match.group(2) else first + 1
    if first > top or second > top:
        raise RtspError(f"{name} out of range in the Transport header")
    return first, second
