"""One description fetched from the device that answered: GET, limited in size, time and redirects."""

from __future__ import annotations

import asyncio
from typing import Final

import httptools

from sitewarden.domain.errors import Refusal
from sitewarden.net.interfaces import Network
from sitewarden.wire.httpplace import HttpPlace, PlaceError, read_place
from sitewarden.wire.upnp_description import Description, DescriptionError, read_description
from sitewarden.wire.xmltree import MAX_BYTES

ROW: Final = "upnp-description"
SECONDS: Final = 5.0
"""For everything together: connecting, redirects, the last byte."""
MAX_HEAD: Final = 16 * 1024
"""Bytes of the head of an answer, and of everything around its body."""
REDIRECTS: Final = 3
_MOVED: Final = (301, 302, 303, 307, 308)


class FetchRefused(Exception):
    """The description was not taken; the text says why, as the middle of a sentence."""


async def fetch(network: Network, place: HttpPlace, address: str, agent: str) -> Description:
    """Return the description at `place`, from `address` alone; raise FetchRefused."""
    try:
        async with asyncio.timeout(SECONDS):
            for _ in range(REDIRECTS + 1):
                if place.host != address:
                    raise FetchRefused(f"it lies on another host ({place.host})")
                if place.secure:
                    raise FetchRefused("it lies behind TLS, which UPnP does not use")
                answer = await _get(network, place, agent)
                if answer.status in _MOVED:
                    try:
                        place = read_place(answer.location, place)
                    except PlaceError as error:
                        raise FetchRefused(f"it redirects nowhere: {error}") from None
                    continue
                if answer.status != 200:
                    raise FetchRefused(f"the device answered with status {answer.status}")
                return read_description(bytes(answer.body))
    except TimeoutError:
        raise FetchRefused(f"it did not come within {SECONDS:g} s") from None
    except DescriptionError as error:
        raise FetchRefused(f"it cannot be read: {error}") from None
    except Refusal as refusal:
        raise FetchRefused(f"it may not be asked for: {refusal.what}") from None
    except OSError as fault:
        raise FetchRefused(f"the device cannot be reached on port {place.port}: {fault.strerror or fault}") from None
    raise FetchRefused(f"it redirects more than {REDIRECTS} times")


async def _get(network: Network, place: HttpPlace, agent: str) -> _Answer:
    transport, answer = await network.dial(ROW, _Answer, place.host, place.port, timeout=SECONDS)
    try:
        head = f"GET {place.target} HTTP/1.1\r\nHost: {place.authority}\r\nUser-Agent: {agent}\r\nConnection: close\r\n\r\n"
        transport.write(head.encode("ascii"))
        await answer.whole
    finally:
        transport.abort()
    return answer


class _Answer(asyncio.Protocol):
    """Takes one answer; `whole` ends when it is there, or with FetchRefused. httptools reads the framing."""

    def __init__(self) -> None:
        self.whole: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.status = 0
        self.location = ""
        self.body = bytearray()
        self._received = 0
        self._parser = httptools.HttpResponseParser(self)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._received > MAX_BYTES + MAX_HEAD:
            self._refuse(f"it has more than {MAX_BYTES // 1024} KiB")
        if self.whole.done():
            return
        try:
            self._parser.feed_data(data)
        except FetchRefused as refusal:
            self._refuse(str(refusal))
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(str(cause) if isinstance(cause, FetchRefused) else "the device's answer is no HTTP")

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"location" and not self.whole.done():
            self.location = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        if self.whole.done():
            raise FetchRefused("a second answer follows the first")
        self.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        if not self.whole.done():
            self.body += body
        if len(self.body) > MAX_BYTES:
            raise FetchRefused(f"it has more than {MAX_BYTES // 1024} KiB")

    def on_message_complete(self) -> None:
        if not self.whole.done():
            self.whole.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        # A body without a stated length ends with the connection; XML that was cut short is refused when it is read.
        if self.status and self.body and exc is None and not self.whole.done():
            self.whole.set_result(None)
        self._refuse("the device closed the connection before its answer was whole")

    def _refuse(self, why: str) -> None:
        if not self.whole.done():
            self.whole.set_exception(FetchRefused(why))
