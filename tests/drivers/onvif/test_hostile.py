"""What a hostile or broken camera does costs its own endpoint alone, in bounded time and memory."""

from __future__ import annotations

import asyncio
import itertools
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager

import pytest

from sitewarden.drivers.onvif import client
from sitewarden.drivers.onvif.config import read
from sitewarden.drivers.onvif.driver import DRIVER
from sitewarden.drivers.onvif.probe import probe
from sitewarden.kit.clock import SystemClock
from sitewarden.kit.errors import DriverError, Misconfigured, PeerViolation, Unavailable
from tests.drivers.onvif.rig import Rig

Make = Callable[..., Rig]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\n"


def _forever(chunk: bytes) -> Iterator[bytes]:
    while True:
        yield chunk


def _soap(body: str) -> bytes:
    text = f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{body}</s:Body></s:Envelope>'.encode()
    return HEAD + b"Content-Length: %d\r\n\r\n" % len(text) + text


BOMB = b'<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
CASES: dict[str, tuple[Iterable[bytes], type[DriverError], str]] = {
    "an endless body": (_forever(HEAD + b"\r\n" + b"x" * 65536), PeerViolation, "more than"),
    "endless headers": (_forever(b"X-Header: " + b"y" * 65536 + b"\r\n"), PeerViolation, ""),
    "no HTTP": (([b"SSH-2.0-OpenSSH\r\n"]), PeerViolation, "no HTTP"),
    "a document type": ([HEAD + b"Content-Length: %d\r\n\r\n" % len(BOMB) + BOMB], PeerViolation, "document type"),
    "elements without end": (([_soap("<a>" * 40)]), PeerViolation, "cannot be read"),
    "many elements": (([_soap("<a/>" * 20000)]), PeerViolation, "elements"),
    "another answer": (([_soap("<Other/>")]), PeerViolation, "Other where"),
    "nothing": (([b""]), Unavailable, "closed the connection"),
    "half an answer": (([HEAD + b"Content-Length: 100\r\n\r\n<s:Env"]), Unavailable, "closed the connection"),
    "no such page": (([b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"]), Misconfigured, "nothing answers ONVIF"),
    "out of order": (([b"HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno"]), Unavailable, "status 503"),
    "a fault": (
        ([_soap("<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text>busy</s:Text></s:Reason></s:Fault>")]),
        DriverError,
        "busy",
    ),
}


async def _paced(said: Iterable[bytes], pause: float) -> AsyncIterator[bytes]:
    for chunk in said:
        yield chunk
        await asyncio.sleep(pause)


@asynccontextmanager
async def _server(host: str, said: Iterable[bytes], pause: float = 0.0) -> AsyncIterator[int]:
    serving: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            async for chunk in _paced(said, pause):
                writer.write(chunk)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.create_task(serve(reader, writer)))

    server = await asyncio.start_server(begin, host, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*serving)


@pytest.mark.parametrize("name", CASES)
async def test_what_is_no_answer_ends_the_connection(make: Make, name: str) -> None:
    said, kind, words = CASES[name]
    rig = make()
    async with _server(rig.host, said) as port:
        endpoint = DRIVER.endpoint(rig.spec(address=f"http://{rig.host}:{port}/onvif"))
        with pytest.raises(kind) as refused:
            await asyncio.wait_for(endpoint.run(rig.context), 60)
        assert words in str(refused.value)
        assert "pw" not in str(refused.value)


async def test_a_slow_answer_is_given_up(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client.Client._ask, "__kwdefaults__", {"token": True, "seconds": 0.3})

    rig = make()
    async with _server(rig.host, itertools.chain([b"HTTP/1.1 200 OK\r\nX: "], _forever(b"y")), 0.05) as port:
        endpoint = DRIVER.endpoint(rig.spec(address=f"http://{rig.host}:{port}/"))
        with pytest.raises(Unavailable, match="does not answer"):
            await asyncio.wait_for(endpoint.run(rig.context), 60)


async def test_a_camera_that_floods_fills_no_log(rig: Rig) -> None:
    for number in range(700):
        rig.camera.properties.set_input("input-1", number % 2 == 0)
        if number % 50 == 0:
            await asyncio.sleep(0.05)
    await rig.until(lambda: rig.statuses[-1].data.get("dropped"))
    assert len(rig.events) <= 2 * 240 + 1


async def test_another_certificate_is_not_spoken_to(make: Make, untrusted: tuple[ssl.SSLContext, str]) -> None:
    rig = make()
    rig.server.tls, fingerprint = untrusted
    address = f"https://{rig.host}:{await rig.server.start(rig.host)}/"
    wrong = DRIVER.endpoint(rig.spec(address=address, fingerprint="0" * 64))
    with pytest.raises(Misconfigured, match="another certificate"):
        await wrong.run(rig.context)
    unknown = DRIVER.endpoint(rig.spec(address=address))
    with pytest.raises(Misconfigured, match="no authority"):
        await unknown.run(rig.context)
    assert not rig.camera.asked
    await rig.supervisor.reconcile([("onvif", rig.spec(address=address, fingerprint=fingerprint))])
    await rig.online()
    await rig.until(lambda: "onvif-tls" in {line.port for line in rig.net.ledger()})


async def test_a_probe_finds_the_certificate_of_a_camera(make: Make, untrusted: tuple[ssl.SSLContext, str]) -> None:
    rig = make()
    rig.server.tls, fingerprint = untrusted
    await rig.server.start(rig.host)
    address = f"https://{rig.host}:{rig.server.port}"
    found = await probe(rig.net, SystemClock(), read(rig.config(address=address), "probe"))
    assert found.fingerprint == fingerprint
    assert [stream.profile.token for stream in found.streams] == ["main", "sub"]
