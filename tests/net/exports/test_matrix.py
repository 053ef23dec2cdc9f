"""The flows between named networks, and the access lists of the routers between them."""

from __future__ import annotations

import csv
import io
import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.config import Settings
from sitewarden.domain.network.model import NamedNetwork
from sitewarden.net.exports import Plan, Profile, flows, render_matrix
from tests.net.exports.plans import EMPTY, NAMED, NETWORKS, SERVER, UNNAMED, USES


def told(plan: Plan, profile: Profile = "strict") -> set[tuple[str, str, str, int]]:
    return {(flow.row, flow.source.name, flow.target.name, flow.first) for flow in flows(SERVER, plan, profile)}


def test_who_may_reach_whom() -> None:
    found = told(NAMED)
    assert {("server", "desks", "hosts", 8600), ("device-server", "doors", "hosts", 1480)} <= found
    assert {("modbus", "hosts", "plant", 1502), ("media-input", "cams", "hosts", 3000)} <= found
    assert not [flow for flow in found if flow[1] in ("cams", "plant") and flow[2] != "hosts"]
    assert not [flow for flow in found if flow[3] == 5020], "loopback crosses no network"


def test_the_seed_lets_offices_to_controllers() -> None:
    direct = {(row, a, b) for row, a, b, _ in told(NAMED, "seed") if {a, b} == {"desks", "doors"}}
    assert direct == {
        ("device-direct-station", "desks", "doors"),
        ("device-direct-reader", "desks", "doors"),
        ("device-udp", "desks", "doors"),
        ("device-udp", "doors", "desks"),
    }
    assert not [flow for flow in told(NAMED) if {flow[1], flow[2]} == {"desks", "doors"}]


def test_networks_without_a_name_stand_for_all_of_their_kind() -> None:
    assert ("server", "any offices", "any servers", 8600) in told(UNNAMED)
    assert not [flow for flow in told(EMPTY) if flow[0] in ("rtsp", "modbus")]


def test_a_device_outside_of_every_network_is_told() -> None:
    machines = Plan(uses=USES, networks=tuple(each for each in NETWORKS if each.role != "machine"))
    elsewhere = NamedNetwork(id="plant", name="Plant", role="machine", cidrs=("10.33.0.0/24",))
    assert ("modbus", "hosts", "any machines", 1502) in told(machines) or ("modbus", "hosts", "other machines", 1502) in told(
        machines
    )
    found = flows(SERVER, Plan(uses=USES, networks=(*machines.networks, elsewhere)))
    (modbus,) = [flow for flow in found if flow.row == "modbus"]
    assert (modbus.target.name, modbus.target.cidrs) == ("other machines", ("10.3.0.9",))


def test_a_node_on_loopback_is_no_place_for_a_router() -> None:
    text = render_matrix("ios", Settings(bind="127.0.0.1"), EMPTY, "seed")
    assert "127.0.0.1" not in text and "No network of the site has a name yet" in text
    assert "host 192.0.2.7" in render_matrix("ios", Settings(bind="192.0.2.7"), EMPTY, "seed")


def test_csv_and_markdown_tell_every_flow() -> None:
    rows = list(csv.DictReader(io.StringIO(render_matrix("csv", SERVER, NAMED))))
    assert {(row["row"], row["from"], row["to"], int(row["first"])) for row in rows} == told(NAMED)
    text = render_matrix("markdown", SERVER, NAMED)
    for name, source, target, _ in told(NAMED):
        assert any(line.startswith(f"| {source}") and target in text and name in line for line in text.splitlines())


LINE = re.compile(r" (permit|deny) (ip|ipv6|tcp|udp|icmp|igmp) (.+)")


def decide(text: str, name: str, protocol: str, source: str, target: str, port: int) -> bool:
    """Walk an IOS-style IPv4 list as a router does: the first line that fits decides."""
    import ipaddress

    def end(words: list[str]) -> tuple[ipaddress.IPv4Network, tuple[int, int] | None]:
        word = words.pop(0)
        if word == "any":
            network = ipaddress.IPv4Network("0.0.0.0/0")
        elif word == "host":
            network = ipaddress.IPv4Network(words.pop(0))
        else:
            network = ipaddress.IPv4Network(f"{word}/{words.pop(0)}")
        if words and words[0] == "eq":
            number = int(words[1])
            del words[:2]
            return network, (number, number)
        if words and words[0] == "range":
            span = int(words[1]), int(words[2])
            del words[:3]
            return network, span
        return network, None

    lines = text.split(f"ip access-list extended {name}\n")[1].split("!")[0].splitlines()
    for line in lines:
        match = LINE.fullmatch(line)
        if match is None:
            assert line.startswith(" remark ")
            continue
        verdict, kind, rest = match.groups()
        words = rest.split()
        sender, senders = end(words)
        receiver, receivers = end(words)
        if kind not in ("ip", protocol) or senders is not None or "established" in words:
            continue
        if ipaddress.IPv4Address(source) not in sender or ipaddress.IPv4Address(target) not in receiver:
            continue
        if receivers is None or receivers[0] <= port <= receivers[1]:
            return verdict == "permit"
    return False


@pytest.mark.parametrize("profile", ["strict", "seed"])
def test_the_lists_of_a_router_decide_as_the_matrix_says(profile: Profile) -> None:
    hosts = {"cams": "10.1.0.5", "doors": "10.2.0.4", "plant": "10.3.0.9", "desks": "10.9.1.7", "hosts": "10.0.0.2"}
    text = render_matrix("ios", SERVER, NAMED, profile)
    ports = {("tcp", 80), ("tcp", 8600), ("tcp", 8601), ("udp", 3000), ("tcp", 1480), ("tcp", 1502), ("tcp", 554), ("tcp", 23)}
    ports |= {("tcp", 1470), ("udp", 51110)}
    found = flows(SERVER, NAMED, profile)
    for (a, source), (b, target), (protocol, port) in itertools.product(hosts.items(), hosts.items(), ports):
        if a == b:
            continue
        wanted = any(
            (flow.source.name, flow.target.name, flow.transport) == (a, b, protocol) and flow.first <= port <= flow.last
            for flow in found
        )
        assert decide(text, f"SITEWARDEN-FROM-{a.upper()}", protocol, source, target, port) == wanted, (a, b, protocol, port)
    assert decide(text, "SITEWARDEN-FROM-DESKS", "tcp", "10.9.0.4", "198.51.100.1", 443)


@given(st.permutations(NETWORKS), st.sampled_from(["strict", "seed"]), st.integers(0, 5))
def test_no_flow_stays_within_one_place(networks: list[NamedNetwork], profile: Profile, kept: int) -> None:
    for flow in flows(Settings(), Plan(uses=USES, networks=tuple(networks[:kept])), profile):
        assert flow.source != flow.target
        assert 0 < flow.first <= flow.last < 65536
