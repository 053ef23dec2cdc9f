"""Sending to a group: many datagrams in one call, what the kernel has no room for is told, what is refused is counted."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from sitewarden.config import Settings
from sitewarden.domain.errors import Conflict, Refusal
from sitewarden.net.casting import Caster
from sitewarden.net.network import LocalNetwork
from sitewarden.ports import row

GROUP = "225.5.10.1"


class Sock:
    """A socket that does what it is told."""

    def __init__(self, *, segments: bool = True, room: int = 1 << 30, gone: bool = False, old: bool = False) -> None:
        self.segments, self.room, self.gone, self.old = segments, room, gone, old
        self.size = 0
        self.sent: list[bytes] = []

    def getsockname(self) -> Any:
        return ("127.0.0.1", 1)

    getpeername = getsockname

    def setsockopt(self, level: int, option: int, value: int) -> None:
        assert (level, option) == (socket.IPPROTO_UDP, 103)
        if self.old:
            raise OSError(92, "Protocol not available")
        self.size = value

    def send(self, data: bytes) -> int:
        if self.gone:
            raise OSError(101, "Network is unreachable")
        if self.size and len(data) > self.size and not self.segments:
            raise OSError(5, "Input/output error")
        if len(data) > self.room:
            raise BlockingIOError
        self.room -= len(data)
        self.sent += [bytes(data[at : at + (self.size or len(data))]) for at in range(0, len(data), self.size or len(data))]
        return len(data)


def caster(sock: Sock) -> Caster:
    return Caster(row("media-multicast"), sock, None, 1025)  # type: ignore[arg-type]


@pytest.mark.parametrize("segments", [True, False])
@pytest.mark.parametrize("old", [True, False])
@pytest.mark.parametrize("length", [10, 1316, 1317, 200_000])
def test_data_leaves_as_datagrams_of_one_size(segments: bool, old: bool, length: int) -> None:
    sock, data = Sock(segments=segments, old=old), bytes(length)
    assert caster(sock).send(data, 1316) == length
    assert {len(one) for one in sock.sent[:-1]} <= {1316} and b"".join(sock.sent) == data


@pytest.mark.parametrize("segments", [True, False])
def test_what_the_kernel_has_no_room_for_is_to_be_tried_again(segments: bool) -> None:
    sock = Sock(segments=segments, room=100_000)
    taken = caster(sock).send(bytes(200_000), 1316)
    assert 0 < taken <= 100_000 and taken == sum(map(len, sock.sent)) and taken % 1316 == 0


def test_a_report_between_two_frames_is_one_datagram() -> None:
    sock = Sock()
    made = caster(sock)
    for length, size in ((5000, 1328), (60, 1316), (5000, 1328), (1320, 1316), (3, 1316)):
        assert made.send(bytes(length), size) == length
    assert [len(one) for one in sock.sent] == [1328, 1328, 1328, 1016, 60, 1328, 1328, 1328, 1016, 1316, 4, 3]


def test_what_the_network_refuses_is_lost_and_counted() -> None:
    sock = Sock(gone=True, segments=False)
    made = caster(sock)
    assert made.send(bytes(5000), 1316) == 5000
    assert (made.refused, made.bytes_out, made.last_error) == (1, 0, "Network is unreachable")


async def test_a_number_is_used_once_in_a_node_and_a_wrong_group_is_refused(tmp_path: Path, host: str) -> None:
    net = LocalNetwork(Settings.for_test(host), "media-0", tmp_path)
    first = net.cast("media-multicast", 1025, group=GROUP)
    with pytest.raises(Conflict, match="is held by media-0"):
        net.cast("media-multicast", 1025, group=GROUP)
    with pytest.raises(Refusal, match="not the multicast group"):
        net.cast("media-multicast", 1026, group="225.5.10.2")
    (line,) = net.ledger()
    assert (line.direction, line.remote) == ("out", f"{GROUP}:1025")
    first.close()
    first.close()
    net.cast("media-multicast", 1025, group=GROUP).close()
    assert net.ledger() == []
    await net.close()


def test_the_socket_is_as_the_settings_say() -> None:
    from sitewarden.net.casting import sender

    with sender("127.0.0.1", GROUP, 1025, interface="127.0.0.1", ttl=7, loop=False) as sock:
        assert sock.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL) == 7
        assert sock.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP) == 0
        assert sock.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, 4) == socket.inet_aton("127.0.0.1")
