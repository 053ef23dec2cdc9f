"""The state of a connection, driven with bytes and times alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewarden.domain.errors import Conflict, TooLarge, TooMany
from sitewarden.wire.link import (
    BULK,
    NORMAL,
    URGENT,
    Cancel,
    Close,
    Connection,
    Credit,
    Error,
    FrameReader,
    Hello,
    HelloAck,
    Limits,
    LocalMisuse,
    Message,
    Notify,
    Part,
    PeerViolation,
    Ping,
    Pong,
    Refused,
    Request,
    Response,
    StreamAccept,
    StreamAck,
    StreamData,
    StreamEnd,
    StreamOpen,
    Timing,
    encode_frame,
)
from sitewarden.wire.link.connection import State

ME = Hello(1, 1, "a", "x", "", ("log",))


def pair(dialler: Limits | None = None, listener: Limits | None = None) -> tuple[Connection, Connection]:
    a = Connection(ME, dialler=True, now=0.0, limits=dialler)
    b = Connection(Hello(1, 1, "b", "y", "", ("log", "more")), dialler=False, now=0.0, limits=listener)
    b.receive(a.take(), 0.0)
    assert b.accept()
    (ack,) = a.receive(b.take(), 0.0)
    assert ack == HelloAck(1, "b", "y", "", ("log", "more"))
    return a, b


def frames(data: bytes) -> list[Message]:
    return FrameReader().feed(data)


def feed(connection: Connection, *messages: Message) -> list[Message]:
    return connection.receive(b"".join(map(encode_frame, messages)), 1.0)


def shuttle(sender: Connection, receiver: Connection, budget: int = 65536) -> list[Message]:
    said: list[Message] = []
    while data := sender.take(budget):
        said += receiver.receive(data, 1.0)
    return said


def test_hello_settles_version_and_capabilities() -> None:
    a, b = pair()
    assert a.state is b.state is State.UP
    assert a.capabilities == b.capabilities == {"log"}
    newer = Connection(Hello(1, 3, "n", "x"), dialler=True, now=0.0)
    middle = Connection(Hello(2, 2, "m", "x"), dialler=False, now=0.0)
    middle.receive(newer.take(), 0.0)
    assert middle.accept()
    newer.receive(middle.take(), 0.0)
    assert newer.version == middle.version == 2


def test_no_common_version_is_refused_with_a_remedy() -> None:
    new = Connection(Hello(2, 3, "n", "x"), dialler=True, now=0.0)
    old = Connection(ME, dialler=False, now=0.0)
    old.receive(new.take(), 0.0)
    assert not old.accept()
    (refused,) = new.receive(old.take(), 0.0)
    assert isinstance(refused, Refused)
    assert (refused.code, new.state) == ("version", State.CLOSED)
    assert refused.remedy


@pytest.mark.parametrize("first", [Ping(1), Request(1, "k"), HelloAck(1, "b", "y"), StreamOpen(1, "k")])
def test_a_listener_hears_nothing_before_hello(first: Message) -> None:
    listener = Connection(ME, dialler=False, now=0.0)
    with pytest.raises(PeerViolation) as caught:
        feed(listener, first)
    assert caught.value.code == "hello"
    assert frames(listener.take()) == [Close("hello", caught.value.what)]


def test_a_dialler_that_does_not_wait_for_the_answer_is_refused() -> None:
    listener = Connection(ME, dialler=False, now=0.0)
    with pytest.raises(PeerViolation, match="acknowledged before"):
        feed(listener, ME, Request(1, "k"))


def test_a_version_that_was_not_offered_is_refused() -> None:
    dialler = Connection(ME, dialler=True, now=0.0)
    with pytest.raises(PeerViolation, match="not offered"):
        feed(dialler, HelloAck(9, "b", "y"))


def test_misuse_is_ours_and_sends_nothing() -> None:
    a = Connection(ME, dialler=True, now=0.0)
    for call in (
        lambda: a.request("k", b""),
        lambda: a.notify("k", b""),
        lambda: a.open_stream("k"),
        lambda: a.accept(),
        lambda: a.refuse("x", "y"),
    ):
        with pytest.raises(LocalMisuse):
            call()
    assert frames(a.take()) == [ME]


VIOLATIONS: dict[str, tuple[list[Message], str]] = {
    "hello twice": ([ME], "hello"),
    "a request with our id": ([Request(2, "k")], "id"),
    "an id in use": ([Request(1, "k"), Request(1, "k")], "id"),
    "an id used again": ([StreamOpen(3, "s"), StreamEnd(3), StreamOpen(3, "s")], "id"),
    "a stream with an id in use": ([Request(1, "k"), StreamOpen(1, "k")], "id"),
    "an answer to nothing": ([Response(2, b"")], "id"),
    "credit for nothing": ([Credit(2, 5)], "id"),
    "a part of nothing": ([Part(4, b"x")], "id"),
    "data before it is accepted": ([StreamOpen(1, "s"), StreamData(1, 1, b"")], "stream"),
    "an acceptance of its own stream": ([StreamOpen(1, "s"), StreamAccept(1)], "stream"),
    "nine unfinished bodies": ([Request(1 + 2 * i, "k", NORMAL, b"", True) for i in range(9)], "unfinished"),
    "a body above the limit": (
        [Request(1, "k", BULK, bytes(60000), True), *(Part(1, bytes(60000), True) for _ in range(280))],
        "body",
    ),
    "credit beyond all bounds": ([StreamOpen(1, "s", b"", 0, 2**31 - 1), Credit(1, 1)], "credit"),
    "an acknowledgement of what was not sent": ([StreamOpen(1, "s", b"", 5, 100), StreamAck(1, 6)], "index"),
    "an acknowledgement that goes back": ([StreamOpen(1, "s", b"", 5, 100), StreamAck(1, 4)], "index"),
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_each_violation_closes_with_its_code(name: str) -> None:
    messages, code = VIOLATIONS[name]
    _, b = pair()
    with pytest.raises(PeerViolation) as caught:
        feed(b, *messages)
    assert caught.value.code == code
    assert b.state is State.CLOSED
    assert frames(b.take()) == [Close(code, caught.value.what)]
    assert b.receive(b"anything", 2.0) == []


def test_messages_that_crossed_an_end_are_ignored() -> None:
    a, b = pair()
    id_ = a.request("k", b"")
    shuttle(a, b)
    b.respond(id_, b"late")
    a.cancel(id_)
    assert shuttle(b, a) == []
    assert shuttle(a, b) == []
    stream = a.open_stream("s")
    shuttle(a, b)
    b.accept_stream(stream)
    a.end_stream(stream)
    assert shuttle(b, a) == []


def test_a_cancelled_request_is_not_answered() -> None:
    a, b = pair()
    id_ = a.request("k", b"")
    shuttle(a, b)
    a.cancel(id_)
    assert shuttle(a, b) == [Cancel(id_)]
    b.respond(id_, b"x")
    b.fail(id_, Conflict("x"))
    assert b.take() == b""


def test_refusals_cross_whole_and_long_sentences_are_cut() -> None:
    a, b = pair()
    id_ = a.request("k", b"")
    shuttle(a, b)
    b.fail(id_, Conflict("w" * 5000, where="x", remedy="y"))
    assert shuttle(b, a) == [Error(id_, "conflict", "w" * 2000, "x", "y")]


@given(st.integers(0, 300_000), st.integers(1, 70_000))
@settings(max_examples=30, deadline=None)
def test_bodies_of_any_size_arrive_whole_in_frames(size: int, budget: int) -> None:
    a, b = pair()
    body = bytes(i % 251 for i in range(size))
    id_ = a.request("k", body)
    assert shuttle(a, b, budget) == [Request(id_, "k", NORMAL, body)]
    b.respond(id_, body)
    assert shuttle(b, a, budget) == [Response(id_, body)]
    a.notify("n", body)
    assert shuttle(a, b, budget) == [Notify("n", body)]
    assert a.queued == b.queued == 0


def test_the_urgent_overtakes_at_every_frame() -> None:
    a, b = pair()
    a.request("upload", bytes(300_000), BULK)
    first = a.take(1)
    a.request("normal", b"", NORMAL)
    a.notify("notice", b"")
    urgent = a.request("door", b"", URGENT)
    b.receive(first, 1.0)
    (said,) = b.receive(a.take(1), 1.0)
    assert said == Request(urgent, "door", URGENT)
    kinds = [message.kind for message in shuttle(a, b) if isinstance(message, Request | Notify)]
    assert kinds == ["normal", "notice", "upload"]


def test_answers_travel_in_the_lane_of_their_request() -> None:
    a, b = pair()
    bulk = a.request("bulk", b"", BULK)
    urgent = a.request("urgent", b"", URGENT)
    shuttle(a, b)
    b.respond(bulk, b"1")
    b.respond(urgent, b"2")
    assert [message.id for message in shuttle(b, a) if isinstance(message, Response)] == [urgent, bulk]


def test_bounds_of_our_own_side() -> None:
    a, _ = pair(dialler=Limits(body=100, pending=2, queued=50))
    with pytest.raises(TooLarge):
        a.request("k", bytes(101))
    a.request("k", bytes(100))
    with pytest.raises(TooMany):
        a.request("k", b"")
    a.take()
    a.request("k", b"")
    a.take()
    with pytest.raises(TooMany):
        a.request("k", b"")


def test_requests_above_the_limit_are_answered_too_many_and_a_peer_that_never_reads_is_cut() -> None:
    _, b = pair(listener=Limits(requests=2, queued=2000))
    feed(b, *(Request(1 + 2 * i, "k") for i in range(3)))
    assert [(message.id, message.code) for message in frames(b.take()) if isinstance(message, Error)] == [(5, "too-many")]
    _, b = pair(listener=Limits(requests=2, queued=2000))
    with pytest.raises(PeerViolation) as caught:
        for i in range(200):
            feed(b, Request(1 + 2 * i, "k"))
    assert caught.value.code == "slow"


def test_notices_drop_their_oldest_by_count_and_by_bytes_but_never_one_that_has_begun() -> None:
    a, b = pair(dialler=Limits(notices=3))
    for i in range(10):
        a.notify("n", b"%d" % i)
    assert a.dropped == 7
    assert [message.body for message in shuttle(a, b) if isinstance(message, Notify)] == [b"7", b"8", b"9"]
    a, b = pair(dialler=Limits(notice_bytes=500_000))
    a.notify("long", bytes(200_000))
    begun = a.take(1)
    for i in range(20):
        a.notify("n", bytes(100_000) + b"%d" % i)
    got = [*b.receive(begun, 1.0), *shuttle(a, b)]
    assert next(message.kind for message in got if isinstance(message, Notify)) == "long"
    assert got[-1].body.endswith(b"19")  # type: ignore[union-attr]
    assert a.queued == 0
    assert a.dropped >= 16


def test_a_stream_with_credit_acknowledgements_and_an_end() -> None:
    a, b = pair(listener=Limits(window=1000))
    id_ = a.open_stream("log", b"p", window=0)
    assert shuttle(a, b) == [StreamOpen(id_, "log", b"p", 0, 0)]
    b.accept_stream(id_, b"q", index=10)
    assert shuttle(b, a) == [StreamAccept(id_, 10, 1000, b"q")]
    state = a.stream(id_)
    assert state is not None
    assert (state.can_send, state.record_limit) == (1000, 500)
    for index in (11, 13):
        a.send_data(id_, index, bytes(436))
    with pytest.raises(LocalMisuse, match="credit"):
        a.send_data(id_, 14, b"")
    with pytest.raises(LocalMisuse, match="grow"):
        a.send_data(id_, 13, b"")
    assert len(shuttle(a, b)) == 2
    b.consumed(id_)
    b.consumed(id_)
    b.ack(id_, 11)
    b.ack(id_, 13)
    assert sorted(map(repr, frames(b.take()))) == sorted(map(repr, [Credit(id_, 500), Credit(id_, 500), StreamAck(id_, 13)]))
    with pytest.raises(LocalMisuse):
        b.consumed(id_)
    with pytest.raises(LocalMisuse):
        b.ack(id_, 14)
    b.end_stream(id_, "conflict", "w", "r")
    assert shuttle(b, a)[-1] == StreamEnd(id_, "conflict", "w", "r")
    with pytest.raises(LocalMisuse):
        a.send_data(id_, 20, b"")


def test_data_beyond_the_credit_is_a_violation() -> None:
    _, b = pair(listener=Limits(window=200))
    feed(b, StreamOpen(1, "s"))
    b.accept_stream(1)
    with pytest.raises(PeerViolation) as caught:
        feed(b, StreamData(1, 1, bytes(100)), StreamData(1, 2, bytes(100)))
    assert caught.value.code == "credit"


def test_indexes_grow_and_pieces_share_one() -> None:
    _, b = pair()
    feed(b, StreamOpen(1, "s"))
    b.accept_stream(1, index=5)
    assert feed(b, StreamData(1, 6, b"a", True), StreamData(1, 6, b"b", True), StreamData(1, 6, b"c")) == [
        StreamData(1, 6, b"abc")
    ]
    with pytest.raises(PeerViolation) as caught:
        feed(b, StreamData(1, 6, b"again"))
    assert caught.value.code == "index"


def test_streams_above_the_limit_are_ended() -> None:
    _, b = pair(listener=Limits(streams=1))
    assert feed(b, StreamOpen(1, "s"), StreamOpen(3, "s")) == [StreamOpen(1, "s")]
    (end,) = frames(b.take())
    assert isinstance(end, StreamEnd)
    assert (end.id, end.code) == (3, "too-many")
    feed(b, StreamEnd(1))
    assert feed(b, StreamOpen(5, "s")) == [StreamOpen(5, "s")]


@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=60), st.integers(1000, 4000))
@settings(deadline=None)
def test_credit_never_deadlocks_and_never_is_exceeded(steps: list[tuple[int, bool]], window: int) -> None:
    a, b = pair(listener=Limits(window=window))
    id_ = a.open_stream("s", window=0)
    shuttle(a, b)
    b.accept_stream(id_)
    shuttle(b, a)
    state = a.stream(id_)
    assert state is not None
    sent, unread, received = 0, 0, []
    for size, read in steps:
        body = bytes(min(size, state.record_limit - 64))
        if Connection.cost(body) <= state.can_send:
            sent += 1
            a.send_data(id_, sent, body)
            unread += len(shuttle(a, b))
        if read and unread:
            b.consumed(id_)
            unread -= 1
            shuttle(b, a)
            received.append(sent)
    while unread:
        b.consumed(id_)
        unread -= 1
    shuttle(b, a)
    assert state.can_send >= state.record_limit


def test_time_pings_measures_and_gives_up() -> None:
    timing = Timing(hello=10, heartbeat=15, idle=45)
    a = Connection(ME, dialler=True, now=0.0, timing=timing)
    assert a.tick(4.0) == 6.0
    with pytest.raises(PeerViolation, match="hello"):
        a.tick(10.0)
    a, b = pair()
    assert a.tick(1.0) == 14.0
    assert a.take() == b""
    assert a.tick(15.0) == 30.0
    data = a.take()
    assert frames(data) == [Ping(1)]
    b.receive(data, 15.5)
    data = b.take()
    assert frames(data) == [Pong(1)]
    a.receive(data, 16.0)
    assert a.round_trip == 1.0
    assert a.tick(16.0) == 15.0
    with pytest.raises(PeerViolation) as caught:
        a.tick(61.0)
    assert caught.value.code == "timeout"


def test_pings_that_wait_become_one_pong() -> None:
    _, b = pair()
    feed(b, *(Ping(i) for i in range(1, 100)))
    assert frames(b.take()) == [Pong(99)]


def test_close_is_the_last_word() -> None:
    a, b = pair()
    a.request("k", bytes(200_000))
    a.close("", "done")
    (said,) = shuttle(a, b)
    assert said == Close("", "done")
    assert b.state is State.CLOSED
    assert b.ended == Close("", "done")
    assert b.take() == b""
