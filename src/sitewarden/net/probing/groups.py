"""Multicast between machines, proven: beacons sent to groups and listened for, and the frames that come without being asked for.

Membership is the kernel's: it reports when a group is joined, and again when a querier asks. A switch that nobody queries forgets
members after about 260 s (RFC 3376 clause 8.4, with RFC 4541): a run is longer than that for this reason.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from sitewarden.domain.errors import Refusal
from sitewarden.net.probing.interfaces import Interface
from sitewarden.net.sockets import IP_MULTICAST_ALL
from sitewarden.wire.probe import Beacon, decode_beacon, encode_beacon

ETH_P_ALL, ETH_P_IP = 0x0003, 0x0800
PACKET_ADD_MEMBERSHIP, PACKET_MR_ALLMULTI = 1, 2
SOL_PACKET = 263
PACKET_OUTGOING = 4
BUFFER = 1024 * 1024
IGMP, UDP = 2, 17
IP_RECVTTL = 12
"""linux/in.h"""
MEMBERSHIPS = Path("/proc/thread-self/net/igmp")
IGMP_QUERY = 0x11


class Group(Struct, frozen=True):
    """A group and its port."""

    address: str
    number: int


class Heard(Struct, frozen=True, kw_only=True):
    """A beacon of another machine."""

    beacon: Beacon
    source: str
    ttl: int
    """As it arrived; 0 where the kernel did not say."""
    at: float
    """Seconds of the monotonic clock."""


class Members:
    """Sockets that send to the groups and listen to them on one interface."""

    def __init__(self, interface: Interface, groups: Sequence[Group], ttl: int) -> None:
        """Join all groups; raises Refusal where the kernel does not let us."""
        self.groups = tuple(groups)
        self._interface, self._ttl = interface, ttl
        self._sockets: list[socket.socket] = []
        self.machine = os.urandom(8)
        self.joined = False
        self.ending = False
        """True once others need not wonder when we fall silent."""
        try:
            for group in groups:
                self._sockets.append(self._open(group))
            self.join()
        except OSError as fault:
            self.close()
            raise Refusal(
                f"the groups cannot be joined on {interface.name}: {fault.strerror}",
                where="--interface",
                remedy="Name an interface with an IPv4 address and multicast; `sitewarden doctor` tells more.",
            ) from None

    def _open(self, group: Group) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        sock.setsockopt(socket.IPPROTO_IP, IP_MULTICAST_ALL, 0)
        sock.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, self._ttl)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, self._member(group))
        sock.bind((group.address, group.number))
        return sock

    def _member(self, group: Group) -> bytes:
        return struct.pack("=4s4si", socket.inet_aton(group.address), bytes(4), self._interface.index)

    def join(self) -> None:
        """Become a member of all groups; the kernel sends its reports now."""
        for sock, group in zip(self._sockets, self.groups, strict=True):
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, self._member(group))
        self.joined = True

    def leave(self) -> None:
        """Leave all groups; sending goes on."""
        for sock, group in zip(self._sockets, self.groups, strict=True):
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_DROP_MEMBERSHIP, self._member(group))
        self.joined = False

    def kept(self) -> frozenset[int]:
        """Return the indices of groups that another program of this machine keeps a member of."""
        try:
            held = members_in(MEMBERSHIPS.read_text(), self._interface.name)
        except OSError:
            return frozenset()
        return frozenset(index for index, group in enumerate(self.groups) if group.address in held)

    def send(self, number: int, interval: float, now: int) -> None:
        """Send beacon `number` to each group; one that the kernel cannot take now is lost as on the wire."""
        for index, (sock, group) in enumerate(zip(self._sockets, self.groups, strict=True)):
            beacon = Beacon(
                group=index,
                ttl=self._ttl,
                phase=2 if self.joined and self.ending else 0 if self.joined else 1,
                machine=self.machine,
                number=number,
                interval=max(1, round(interval * 1000)),
                sent=now,
            )
            try:
                sock.sendto(encode_beacon(beacon), (group.address, group.number))
            except OSError:
                continue

    def receive(self) -> list[Heard]:
        """Return what has arrived from other machines."""
        found = []
        for sock in self._sockets:
            while True:
                try:
                    data, extra, _, source = sock.recvmsg(2048, 64)
                except OSError:
                    break
                beacon = decode_beacon(data)
                if beacon is None or beacon.machine == self.machine or beacon.group >= len(self.groups):
                    continue
                ttl = next((struct.unpack("=i", value)[0] for _, kind, value in extra if kind == socket.IP_TTL), 0)
                found.append(Heard(beacon=beacon, source=str(source[0]), ttl=ttl, at=time.monotonic()))
        return found

    def close(self) -> None:
        """Close all sockets."""
        for sock in self._sockets:
            sock.close()


class Watch:
    """Sees the frames that arrive on an interface, members or not, and the queries of a querier. Needs CAP_NET_RAW."""

    def __init__(self, interface: Interface, groups: Sequence[Group]) -> None:
        """Open the watch; raises PermissionError where it is not permitted."""
        self._groups = {(socket.inet_aton(group.address), group.number): index for index, group in enumerate(groups)}
        self._sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP))
        self._sock.setblocking(False)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self._sock.bind((interface.name, ETH_P_IP))
        wanted = struct.pack("=iHH8s", interface.index, PACKET_MR_ALLMULTI, 0, bytes(8))
        self._sock.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, wanted)
        self.queriers: dict[str, float] = {}
        """Address of a querier to the monotonic second of its last general query."""

    def receive(self) -> list[Beacon]:
        """Return the beacons that have arrived as frames since the last call."""
        found: list[Beacon] = []
        while True:
            try:
                packet, origin = self._sock.recvfrom(2048)
            except OSError:
                return found
            if origin[2] == PACKET_OUTGOING:
                continue
            beacon = self._read(packet)
            if beacon is not None:
                found.append(beacon)

    def _read(self, packet: bytes) -> Beacon | None:
        head = (packet[0] & 0x0F) * 4 if packet else 0
        if len(packet) < 20 or packet[0] >> 4 != 4 or len(packet) < head + 8 or head < 20:
            return None
        if packet[9] == IGMP:
            if packet[head] == IGMP_QUERY and packet[head + 4 : head + 8] == bytes(4):
                self.queriers[socket.inet_ntoa(packet[12:16])] = time.monotonic()
            return None
        if packet[9] != UDP or (packet[16:20], int.from_bytes(packet[head + 2 : head + 4], "big")) not in self._groups:
            return None
        return decode_beacon(packet[head + 8 :])

    def close(self) -> None:
        """Close the watch."""
        self._sock.close()


def members_in(text: str, interface: str) -> set[str]:
    """Return the groups that an interface is a member of, as /proc/net/igmp lists them (addresses as words of this machine)."""
    found: set[str] = set()
    name = ""
    for line in text.splitlines()[1:]:
        words = line.split()
        if line[:1].isdigit() and len(words) > 1:
            name = words[1].rstrip(":")
        elif name == interface and words:
            found.add(socket.inet_ntoa(struct.pack("=I", int(words[0], 16))))
    return found
