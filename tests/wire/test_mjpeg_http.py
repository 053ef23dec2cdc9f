"""Motion JPEG over HTTP as cameras send it, cut anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire.httpplace import read_place
from sitewarden.wire.jpeg import JpegError, header, tables
from sitewarden.wire.jpeg_read import size_of
from sitewarden.wire.mjpeg_http import MAX_BETWEEN, MAX_HEAD, MAX_UNIT, HttpError, Reader, Refused, request

ONE, TWO = b"\xff\xd8one\xff\xd9", b"\xff\xd8two--\r\n\xff\xd9"
HEAD = "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary={}\r\n\r\n"


def _part(mark: bytes, body: bytes, *lines: bytes) -> bytes:
    return mark + b"\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body + b"\r\n"


def _sized(body: bytes) -> bytes:
    return _part(b"--edge", body, b"Content-Type: image/jpeg", b"content-length:%d" % len(body))


EDGE = HEAD.format("edge").encode()
BARE = (b"X: y",)
FIRST, SECOND = _sized(ONE), _sized(TWO)
PIECES = (FIRST[:30], FIRST[30:] + SECOND[:9], SECOND[9:])
ANSWERS = {
    "sized": EDGE + FIRST + SECOND + b"--edge",
    "quoted": HEAD.format('"edge"').encode() + FIRST + SECOND + b"--edge",
    "dashes in the parameter": HEAD.format("--edge").encode() + FIRST + SECOND + b"--edge",
    "no boundary, but lengths": HEAD.format("").encode() + FIRST + SECOND + b"--edge",
    "bare": EDGE + _part(b"--edge", ONE, *BARE) + _part(b"--edge", TWO, *BARE) + b"--edge",
    "more dashes": EDGE + _part(b"----edge", ONE, *BARE) + _part(b"----edge", TWO, *BARE) + b"----edge",
    "preamble": EDGE + b"\r\nhello\r\n" + FIRST + SECOND + b"--edge",
    "lone line feeds": EDGE + b"--edge\nX: y\n\n" + ONE + b"\n--edge\n\n" + TWO + b"\n--edge",
    "chunks": EDGE.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")
    + b"".join(b"%x;x=y\r\n%b\r\n" % (len(piece), piece) for piece in PIECES),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
@given(size=st.integers(1, 400))
def test_every_form_gives_the_pictures_however_it_is_cut(answer: bytes, size: int) -> None:
    reader = Reader()
    found = [picture for at in range(0, len(answer), size) for picture in reader.feed(answer[at : at + size])]
    assert found == [ONE, TWO] and reader.started


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (b"RTSP/1.0 200 OK\r\n\r\n", "no status line"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * MAX_HEAD, "longer than"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", "text/html"),
        (HEAD.format("edge").encode() + b"x" * (MAX_BETWEEN + 1), "no boundary within"),
        (HEAD.format("edge").encode() + b"--edge\r\n" + b"X: y\r\n" * 1000, "head of a part"),
        (HEAD.format("edge").encode() + b"--edge\r\nContent-Length: 99999999\r\n\r\n", "99999999 bytes"),
        (HEAD.format("edge").encode() + b"--edge\r\nContent-Length: -1\r\n\r\n", "-1 bytes"),
        (HEAD.format("edge").encode() + b"--edge\r\n\r\n" + b"x" * (MAX_UNIT + 1), "more than"),
        (HEAD.format("").encode() + b"--edge\r\n\r\n" + ONE, "neither a boundary"),
        (ANSWERS["chunks"].partition(b"\r\n\r\n")[0] + b"\r\n\r\nzz\r\n", "head of a chunk"),
        (EDGE.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), "ended the stream"),
    ],
)
def test_what_is_no_stream_is_refused_and_never_grows(answer: bytes, complaint: str) -> None:
    with pytest.raises(HttpError, match=complaint):
        Reader().feed(answer)


def test_a_refusal_carries_what_is_asked_for() -> None:
    with pytest.raises(Refused) as caught:
        Reader().feed(b'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="a"\r\nwww-authenticate: Digest realm="b"\r\n\r\n')
    assert (caught.value.status, caught.value.challenges) == (401, ('Basic realm="a"', 'Digest realm="b"'))
    with pytest.raises(Refused, match="302 Found") as moved:
        Reader().feed(b"HTTP/1.1 302 Found\r\nLocation: /other\r\n\r\n")
    assert moved.value.location == "/other"


def test_the_request() -> None:
    made = request(read_place("http://10.1.0.5:8080/video?x=1"), "Sitewarden", "Basic abc")
    assert made.startswith(b"GET /video?x=1 HTTP/1.1\r\nHost: 10.1.0.5:8080\r\n") and made.endswith(b"\r\n\r\n")
    assert b"\r\nAuthorization: Basic abc\r\n" in made


def test_the_size_of_any_picture() -> None:
    made = header(1, 640, 360, tables(60), 0)
    assert size_of(made) == (640, 360)
    for cut in range(len(made)):
        if b"\xff\xc0" not in made[:cut]:
            with pytest.raises(JpegError):
                size_of(made[:cut])
