"""Computers in namespaces reach each other over their bridge, and nobody else."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests import lan as module
from tests.lan import lan


def network() -> str:
    """Return the name of this thread's network namespace."""
    return str(Path("/proc/thread-self/ns/net").readlink())


def exchange(sender: module.Computer, receiver: module.Computer, address: str) -> bytes:
    """Send a datagram from one computer to a socket on another."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with receiver.inside(), socket.socket(family, socket.SOCK_DGRAM) as here:
        here.bind((address, 8650))
        here.settimeout(60)
        with sender.inside(), socket.socket(family, socket.SOCK_DGRAM) as there:
            there.sendto(b"hello", (address, 8650))
        return here.recv(100)


def test_computers_of_a_network_hear_each_other() -> None:
    with lan({"office": ["server", "client"], "cameras": ["server", "camera"]}) as site:
        server, client, camera = site["server"], site["client"], site["camera"]
        assert exchange(client, server, server.addresses["office"]) == b"hello"
        assert exchange(camera, server, server.addresses["cameras"]) == b"hello"
        assert exchange(client, server, server.addresses6["office"]) == b"hello"
        assert exchange(client, client, "127.0.0.1") == b"hello"
        with pytest.raises(OSError, match="unreachable"):
            exchange(client, camera, camera.address)
        assert site.port("camera", "cameras") in site.switch.do("bridge link show")


def test_multicast_crosses_the_bridge() -> None:
    with lan({"office": ["one", "two"]}) as site:
        with site["two"].inside():
            heard = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with heard:
            heard.settimeout(60)
            heard.bind(("225.0.0.100", 8650))
            member = socket.inet_aton("225.0.0.100") + socket.inet_aton(site["two"].address)
            heard.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
            with site["one"].inside(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.sendto(b"here", ("225.0.0.100", 8650))
            assert heard.recvfrom(100)[1][0] == site["one"].address


def test_all_is_undone() -> None:
    home = network()
    with lan({"office": ["one", "two"]}) as site:
        with site["one"].inside():
            inner = network()
            assert inner != home
            with site["two"].inside():
                assert network() not in (home, inner)
            assert network() == inner
        assert network() == home
        child = site["two"].popen([sys.executable, "-c", "import time; time.sleep(600)"], stdout=subprocess.PIPE)
        assert str(Path(f"/proc/{child.pid}/ns/net").readlink()) != home
        assert site["two"].run(["ip", "-br", "address"]).stdout.count(site["two"].address) == 1
    assert child.returncode is not None


def test_where_it_is_not_permitted_the_test_is_skipped_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise module.NotPermitted(1, "Operation not permitted")

    monkeypatch.setattr(module, "_namespace", refused)
    with (
        pytest.raises(pytest.skip.Exception, match="no network namespaces with bridges here: Operation not permitted"),
        lan({"a": ["b"]}),
    ):
        pass
