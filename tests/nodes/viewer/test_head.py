"""Heads that pass the viewer: what is not for it is refused, and what goes on says what the server and the browser need."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.nodes.viewer.head import Head, HeadError, read, towards_browser, towards_server
from sitewarden.nodes.viewer.window import accept, frame

OWN = frozenset(("http://127.0.0.1:8690", "http://localhost:8690"))
SERVER = "https://site.example:8600"
LIVE = (
    b"GET /api/v1/cameras/yard/live HTTP/1.1\r\nHost: 127.0.0.1:8690\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    b"Origin: http://127.0.0.1:8690\r\nCookie: s=1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_head_or_refused(data: bytes) -> None:
    try:
        head = read(data + b"\r\n\r\n")
        assert read(head.encode()) == head
        towards_server(head, OWN, SERVER)
    except HeadError:
        return


def test_a_request_goes_on_under_the_servers_name() -> None:
    head = towards_server(read(LIVE), OWN, SERVER)
    assert (head.get("host"), head.get("origin"), head.get("cookie")) == ("site.example:8600", SERVER, "s=1")
    assert head.upgrade and head.live == "yard"
    plain = read(
        b"POST /api/v1/session HTTP/1.1\r\nHost: localhost:8690\r\nOrigin: https://evil.example\r\nConnection: keep-alive\r\n\r\n"
    )
    head = towards_server(plain, OWN, SERVER)
    assert (head.get("origin"), head.get("connection")) == ("https://evil.example", "close")


@pytest.mark.parametrize("host", [b"evil.example:8690", b"127.0.0.1", b"", b"127.0.0.1:8691"])
def test_a_request_that_names_another_host_is_refused(host: bytes) -> None:
    with pytest.raises(HeadError, match="not this viewer"):
        towards_server(read(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"), OWN, SERVER)


@pytest.mark.parametrize(
    ("target", "camera"),
    [
        ("/api/v1/cameras/yard/live?media=video", "yard"),
        ("/api/v1/cameras/yard/live?stream=sub", "yard"),
        ("/api/v1/cameras/yard/live?stream=sub&frames=keys", ""),
        ("/api/v1/cameras/yard/live?media=audio", ""),
        ("/api/v1/cameras/yard/playback.mp4", ""),
        ("/api/v1/cameras/Yard%2f/live", ""),
    ],
)
def test_only_live_pictures_come_from_the_group(target: str, camera: str) -> None:
    head = read(LIVE.replace(b"/api/v1/cameras/yard/live", target.encode()))
    assert (head.live, head.second) == (camera, bool(camera) and "sub" in target)
    assert Head(f"GET {target} HTTP/1.1", ()).live == ""


def test_an_answer_is_freed_from_tls() -> None:
    answer = read(
        b"HTTP/1.1 200 OK\r\nSet-Cookie: s=1; Path=/; Secure; HttpOnly\r\nStrict-Transport-Security: max-age=1\r\nETag: x\r\n\r\n"
    )
    assert towards_browser(answer).fields == (("set-cookie", "s=1; Path=/; HttpOnly"), ("etag", "x"))


def test_the_handshake_is_the_standards_example() -> None:
    assert b"sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in accept("dGhlIHNhbXBsZSBub25jZQ==")


@pytest.mark.parametrize(
    ("size", "head"), [(5, b"\x82\x05"), (126, b"\x82\x7e\x00\x7e"), (70_000, b"\x82\x7f\x00\x00\x00\x00\x00\x01\x11\x70")]
)
def test_frames_are_the_standards(size: int, head: bytes) -> None:
    assert frame(0x82, size) == head
