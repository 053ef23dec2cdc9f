from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire.rtsp import MAX_BODY, MAX_HEAD, Message, Reader, Request, Response, RtspError, interleave

BYTES = [
    (
        Request(method="OPTIONS", url="rtsp://10.0.0.9/a", headers=(("CSeq", "1"),)),
        b"OPTIONS rtsp://10.0.0.9/a RTSP/1.0\r\nCSeq: 1\r\n\r\n",
    ),
    (
        Response(status=200, reason="OK", headers=(("CSeq", "1"), ("Public", "DESCRIBE, SETUP"))),
        b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: DESCRIBE, SETUP\r\n\r\n",
    ),
]

token = st.text("abcdefgXYZ019-", min_size=1, max_size=12)
value = st.text('abc =;,"/:é', max_size=30).map(str.strip)
headers = (
    st.lists(st.tuples(token, value), max_size=6)
    .map(tuple)
    .filter(lambda found: all(name.lower() != "content-length" for name, _ in found))
)
requests = st.builds(
    Request,
    method=st.sampled_from(["PLAY", "GET_PARAMETER", "SETUP"]),
    url=st.just("rtsp://h/p"),
    headers=headers,
    body=st.just(b""),
)
responses = st.builds(Response, status=st.integers(100, 599), reason=st.just("Fine by me"), headers=headers, body=st.just(b""))
frames = st.tuples(st.integers(0, 255), st.binary(max_size=300))


@pytest.mark.parametrize(("message", "encoded"), BYTES)
def test_bytes_both_ways(message: Request | Response, encoded: bytes) -> None:
    assert message.encode() == encoded
    assert Reader(lambda *_: None).feed(encoded) == [message]


@given(st.lists(st.one_of(requests, responses, frames), max_size=8), st.data())
def test_any_split_gives_the_same(items: list[object], data: st.DataObject) -> None:
    stream = b"".join(interleave(*one) if isinstance(one, tuple) else one.encode() for one in items)  # type: ignore[attr-defined]
    found: list[object] = []
    reader = Reader(lambda channel, raw, start, end: found.append((channel, raw[start:end])))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    messages: list[Message] = []
    for first, last in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        messages += reader.feed(stream[first:last])
    assert found == [one for one in items if isinstance(one, tuple)]
    assert messages == [one for one in items if not isinstance(one, tuple)]


def test_a_body_comes_with_its_message() -> None:
    sent = Response(status=200, reason="OK", headers=(("CSeq", "2"),), body=b"v=0\r\n")
    reader = Reader(lambda *_: None)
    found = [message for byte in sent.encode() for message in reader.feed(bytes([byte]))]
    assert [message.body for message in found] == [b"v=0\r\n"]
    assert found[0].cseq == 2


@pytest.mark.parametrize(
    "hostile",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"RTSP/1.0 200 OK\r\n" + b"A: b\r\n" * MAX_HEAD,
        b"RTSP/1.0 200 OK\r\nContent-Length: " + str(MAX_BODY + 1).encode() + b"\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 9999999999999\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nno header\r\n\r\n",
        b"RTSP/1.0 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
    ],
)
def test_what_is_no_rtsp_is_refused(hostile: bytes) -> None:
    with pytest.raises(RtspError):
        Reader(lambda *_: None).feed(hostile)


def test_a_header_cannot_smuggle_a_line() -> None:
    with pytest.raises(RtspError):
        Request(method="PLAY", url="rtsp://h", headers=(("A", "b\r\nC: d"),)).encode()
