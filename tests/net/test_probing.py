"""First steps over real sockets: the right service, nobody, another program, silence."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from sitewarden.net.probing.http import connect, exchange
from sitewarden.net.probing.names import addresses
from sitewarden.net.probing.steps import STEPS, try_tcp
from sitewarden.net.probing.udp import Asker
from sitewarden.net.probing.verdict import Outcome, of_error
from sitewarden.ports import MANIFEST
from tests.net.running import run


@contextmanager
def answering(host: str, reply: Callable[[bytes], bytes | None]) -> Iterator[int]:
    """Serve connections: what `reply` makes of the first bytes; None says nothing."""
    listener = socket.create_server((host, 0))
    held: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            held.append(connection)
            try:
                said = reply(connection.recv(65536))
                if said is not None:
                    connection.sendall(said)
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)
        for connection in held:
            connection.close()


def http(body: bytes, status: bytes = b"200 OK", more: bytes = b"") -> Callable[[bytes], bytes]:
    return lambda _: b"HTTP/1.1 " + status + b"\r\n" + more + b"Content-Length: %d\r\n\r\n" % len(body) + body


RIGHT: list[tuple[str, Callable[[bytes], bytes | None]]] = [
    ("server", http(b'{"status":"ok"}')),
    ("http-api", http(b'<?xml version="1.0"?><Response><Code>9</Code></Response>', b"401 Unauthorized")),
    ("web", http(b"moved", b"307 Temporary Redirect", b"Location: https://server:8600/\r\n")),
    (
        "rtsp",
        lambda asked: (
            b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: OPTIONS\r\n\r\n" if asked.startswith(b"OPTIONS * RTSP/1.0") else b""
        ),
    ),
    ("modbus", lambda asked: asked[:4] + b"\x00\x03\xff\xab\x01"),
    ("opcua", lambda asked: b"ACKF\x1c\x00\x00\x00" + bytes(20) if asked.startswith(b"HELF") else b""),
    ("tcp-client", lambda _: None),
]


@pytest.mark.parametrize(("row", "reply"), RIGHT)
def test_the_right_service_is_open(host: str, row: str, reply: Callable[[bytes], bytes | None]) -> None:
    with answering(host, reply) as number:
        assert run(try_tcp(row, host, number, 5.0)).verdict == "open"


@pytest.mark.parametrize("row", sorted(set(STEPS) - {"http-server", "timeseries", "onvif", "onvif-tls"}))
def test_another_program_is_named_so(host: str, row: str) -> None:
    with answering(host, lambda _: b"SSH-2.0-OpenSSH_9.9\r\n\r\n") as number:
        outcome = run(try_tcp(row, host, number, 5.0))
    assert outcome.verdict == "other" and outcome.detail


@pytest.mark.parametrize("row", ["server", "http-api", "web"])
def test_another_web_server_is_named_so(host: str, row: str) -> None:
    with answering(host, http(b"<h1>It works!</h1>", b"404 Not Found")) as number:
        outcome = run(try_tcp(row, host, number, 5.0))
    assert outcome.verdict == "other" and "404" in outcome.detail


@pytest.mark.parametrize("row", ["rtsp", "modbus", "device-server"])
def test_silence_after_a_connection_is_not_the_service(host: str, row: str) -> None:
    with answering(host, lambda _: None) as number:
        assert run(try_tcp(row, host, number, 0.3)).verdict == "other"


def test_nobody_listens(host: str) -> None:
    assert run(try_tcp("server", host, 8600, 5.0)) == Outcome(verdict="closed", detail="the host says that nobody listens")


def test_a_full_backlog_looks_like_a_filter(host: str) -> None:
    with socket.socket() as listener:
        listener.bind((host, 0))
        listener.listen(0)
        number = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(3)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex((host, number))
        assert run(try_tcp("modbus", host, number, 0.4)).verdict == "filtered"
        for each in waiting:
            each.close()


def test_udp_that_nobody_serves_is_closed_and_silence_is_no_proof(host: str) -> None:
    async def ask() -> list[str]:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind((host, 0))
            asker = Asker(host)
            found = [await asker.ask(number, 0.4, None) for number in (3000, silent.getsockname()[1])]
            asker.close()
        return [outcome.verdict for outcome in found]

    assert run(ask()) == ["closed", "unproven"]


@pytest.mark.parametrize(
    ("number", "verdict"),
    [
        (errno.ECONNREFUSED, "closed"),
        (errno.EHOSTUNREACH, "filtered"),
        (errno.ENETUNREACH, "filtered"),
        (errno.EPERM, "filtered"),
    ],
)
def test_what_the_kernel_says(number: int, verdict: str) -> None:
    outcome = of_error(OSError(number, "as the kernel says"))
    assert outcome.verdict == verdict and outcome.detail


@pytest.mark.parametrize("said", [b"", b"\x00\x01\x02", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal"])
def test_an_answer_that_is_no_http_is_an_error(host: str, said: bytes) -> None:
    async def ask(number: int) -> None:
        reader, writer = await connect(host, number)
        try:
            await exchange(reader, writer, host, "/")
        finally:
            writer.transport.abort()

    with answering(host, lambda _: said) as number, pytest.raises((ValueError, OSError)):
        run(ask(number))


def test_every_tcp_row_that_is_answered_by_a_protocol_of_its_own_has_a_first_step() -> None:
    answered = {row.name for row in MANIFEST if row.transport == "tcp" and any(side.inbound for side in row.sides)}
    assert set(STEPS) <= answered
    assert {"server", "http-api", "web", "device-server"} <= set(STEPS)


def test_names() -> None:
    assert addresses("127.0.0.1") == ["127.0.0.1"]
    assert addresses("[::1]") == ["::1"]
    assert "127.0.0.1" in addresses("localhost") or "::1" in addresses("localhost")
    assert addresses("no such name.invalid") == []
