"""An RTSP session that speaks to a camera instead of listening: ONVIF Streaming Specification, 5.3. Sans-IO."""

from __future__ import annotations

from typing import Final, cast

from sitewarden.wire import sdp
from sitewarden.wire.g711 import Law
from sitewarden.wire.rtsp import Response
from sitewarden.wire.rtsp_client import Client, Stream, StreamRefused

FEATURE: Final = "www.onvif.org/ver20/backchannel"
RATE: Final = 8000
"""Samples a second of G.711."""


class Backchannel(Client):
    """A session of the camera's loudspeaker alone, inside the connection. Once it plays, `stream` takes RTP of `law`."""

    @property
    def stream(self) -> Stream:
        """The loudspeaker."""
        return self.streams[0]

    @property
    def law(self) -> Law:
        """How it takes sound."""
        return cast(Law, self.stream.media.encoding)

    def _described(self, response: Response) -> bytes:
        base = response.get("Content-Base") or response.get("Content-Location") or self.url
        self._base = base if base.lower().startswith(("rtsp://", "rtsps://")) else sdp.resolve(self.url, base)
        description = sdp.parse(response.body)
        # What the camera offers is told from the client's side: "sendonly" is what the client may send.
        found = [media for media in description.media if media.kind == "audio" and media.direction == "sendonly"]
        if not found:
            raise StreamRefused("the camera has no loudspeaker that can be reached by RTSP")
        chosen = next((one for one in found if one.encoding in ("PCMU", "PCMA") and one.clock_rate == RATE), None)
        if chosen is None:
            offered = ", ".join(one.encoding or "no known format" for one in found)
            raise StreamRefused(f"its loudspeaker takes {offered}; set it to G.711 with 8 kHz in the camera")
        self.streams = [Stream(media=chosen, target=sdp.resolve(self._base, chosen.control), channels=(0, 1))]
        self._base = sdp.resolve(self._base, description.control)
        self.state = "setup"
        return self._set_up_next()

    def _refusal(self, response: Response) -> Exception:
        if response.status == 551:
            return StreamRefused("the camera has no loudspeaker that can be reached by RTSP")
        return super()._refusal(response)

    def _request(self, method: str, target: str, *headers: tuple[str, str]) -> bytes:
        if method in ("DESCRIBE", "SETUP", "PLAY") and not any(name == "Require" for name, _ in headers):
            headers = (*headers, ("Require", FEATURE))
        return super()._request(method, target, *headers)
