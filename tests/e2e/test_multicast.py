"""`probe --multicast` on two computers: a good switch, a lossy one, one that floods, one that forgets, none at all."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import msgspec
import pytest

from sitewarden.app.probe.multicast import Options
from tests.e2e.site import ENVIRONMENT
from tests.lan import Computer, Lan, lan

pytestmark = pytest.mark.e2e
RUN = """
import sys, msgspec
from sitewarden.app.probe.multicast import Options, look
from sitewarden.config import Settings
sys.stdout.write(msgspec.json.encode(look(Settings(), msgspec.json.decode(sys.argv[1], type=Options))).decode())
"""
SHORT = Options(seconds=6, settle=3, watch=1.5)
FAST = "mcast_last_member_interval 20 mcast_query_response_interval 20 mcast_startup_query_interval 20"
PRUNING = f"mcast_snooping 1 mcast_querier 1 {FAST}"


def both(site: Lan, options: Options, **more: Options) -> list[Any]:
    """Run on both computers at once; return what each saw."""
    runs = []
    for name in ("one", "two"):
        chosen = msgspec.json.encode(more.get(name, options)).decode()
        command = [sys.executable, "-c", RUN, chosen]
        runs.append(site[name].popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
    results = []
    for run in runs:
        output, errors = run.communicate(timeout=60)
        assert run.returncode == 0, errors
        results.append(json.loads(output))
    return results


def said(result: Any, level: str) -> str:
    return "\n".join(report["what"] for report in result["reports"] if report["level"] == level)


@contextlib.contextmanager
def querying(querier: Computer, times: int) -> Iterator[None]:
    """Send `times` general queries (IGMPv2, answers within 0.2 s) from a computer, as a querier that was then turned off."""
    body = bytearray(struct.pack(">BBH4s", 0x11, 2, 0, bytes(4)))
    total = sum(struct.unpack(">4H", body))
    struct.pack_into(">H", body, 2, ~(total + (total >> 16)) & 0xFFFF)
    stop = threading.Event()
    with querier.inside():
        sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IGMP)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, bytes([148, 4, 0, 0]))

    def send() -> None:
        for _ in range(times):
            sock.sendto(bytes(body), ("224.0.0.1", 0))
            if stop.wait(0.5):
                return

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
        sock.close()


def test_a_switch_that_snoops_and_queries_loses_nothing() -> None:
    with lan({"office": ["one", "two", "three"]}, switches={"office": PRUNING}) as site:
        site.switch.do("ip address add 10.91.1.250/24 dev office")
        site.set_switch("office", "mcast_query_use_ifaddr 1 mcast_query_interval 100")
        for result in both(site, SHORT):
            assert said(result, "error") == "", result["reports"]
            assert "asks for memberships" in said(result, "ok")
            assert {stream["group"] for stream in result["streams"]} == {0, 1}
            assert all(stream["received"] > 30 and stream["hops"] == 0 for stream in result["streams"])
            assert result["queriers"] == ["10.91.1.250"]


def test_a_switch_that_snoops_without_a_querier_forgets_and_is_told_so() -> None:
    ageing = f"mcast_snooping 1 mcast_querier 0 mcast_membership_interval 300 mcast_querier_interval 6000 {FAST}"
    with lan({"office": ["one", "two", "three"]}, switches={"office": ageing}) as site, ExitStack() as stack:
        # The querier was there, so that the switch prunes, and is turned off: nobody asks during the run.
        stack.enter_context(querying(site["three"], 2))
        for result in both(site, Options(seconds=12, settle=2, watch=1.5)):
            assert "stopped" in said(result, "error") and "came back at once with a fresh report" in said(result, "error")
            assert "the switch forgets who has joined" in said(result, "error")
            assert all(1 < stream["stopped"] < 9 for stream in result["streams"] if stream["stopped"] is not None)


def test_a_switch_that_floods_is_told_so() -> None:
    with lan({"office": ["one", "two"]}, switches={"office": "mcast_snooping 0"}) as site:
        for result in both(site, Options(seconds=5, settle=1, watch=1.5)):
            assert result["flooded"] > 0
            assert "had left: the switch floods" in said(result, "warning")
            assert "no querier asked" in said(result, "warning")


def test_loss_is_counted() -> None:
    rule = "udp dport 8650 numgen inc mod 10 == 5 drop"
    every_tenth = f"table inet t {{\n chain in {{\n type filter hook input priority 0;\n {rule}\n }}\n}}\n"
    with lan({"office": ["one", "two"]}) as site:
        site["two"].do("nft -f -", input=every_tenth)
        first, second = both(site, Options(seconds=5, settle=1, watch=1))
        assert "lost" not in said(first, "error") + said(first, "warning")
        assert "225.0.0.100:8650" in said(second, "error") and "lost" in said(second, "error")
        (lossy,) = [stream for stream in second["streams"] if stream["group"] == 0]
        sent = lossy["next_number"] - lossy["first_number"]
        assert 0.05 < (sent - lossy["received"]) / sent < 0.2


def test_a_network_that_passes_nothing_is_told() -> None:
    with lan({"office": ["one", "two"]}) as site:
        for name in ("one", "two"):
            site.switch.do(f"bridge link set dev {site.port(name, 'office')} isolated on")
        for result in both(site, Options(seconds=3, settle=0.5, watch=0.5)):
            assert "nothing came on 225.0.0.100:8650" in said(result, "error")
            assert "nothing came on 225.5.10.1:1025" in said(result, "error")
