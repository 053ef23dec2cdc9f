from __future__ import annotations

import pytest

from sitewarden.config import AnnouncementSettings, Settings
from sitewarden.net.announcing import Place, places
from sitewarden.net.interfaces_table import Interface

LO = Interface("lo", ("127.0.0.1",), ("::1",), True, False)
OFFICE = Interface("eth0", ("10.1.0.2", "10.1.0.3"), ("fd00::2", "fe80::2"), False, True)
CAMERAS = Interface("eth1", ("10.2.0.2",), (), False, True)
TUNNEL = Interface("wg0", ("10.3.0.2",), (), False, False)
ALL = [(LO, 1), (OFFICE, 2), (CAMERAS, 3), (TUNNEL, 4)]


def found(bind: str, *interfaces: str) -> list[Place]:
    return places(ALL, Settings(bind=bind, announcement=AnnouncementSettings(interfaces=interfaces)))


def test_a_node_on_all_addresses_speaks_ipv4_everywhere_and_hears_ipv6() -> None:
    assert found("0.0.0.0") == [
        Place("announcement", "eth0", 2, "10.1.0.2", ("10.1.0.2", "10.1.0.3", "10.2.0.2")),
        Place("announcement-ipv6", "eth0", 2, "eth0", ()),
        Place("announcement", "eth1", 3, "10.2.0.2", ("10.2.0.2", "10.1.0.2", "10.1.0.3")),
    ]


def test_a_node_that_serves_ipv6_speaks_it_and_names_the_source_first() -> None:
    four, six, other = found("::")
    assert four.addresses == ("10.1.0.2", "10.1.0.3", "fd00::2", "fe80::2", "10.2.0.2")
    assert six == Place("announcement-ipv6", "eth0", 2, "eth0", ("fd00::2", "fe80::2", "10.1.0.2", "10.1.0.3", "10.2.0.2"))
    assert other.join == "10.2.0.2"


@pytest.mark.parametrize(
    ("bind", "expected"),
    [
        ("10.2.0.2", [Place("announcement", "eth1", 3, "10.2.0.2", ("10.2.0.2",))]),
        ("fd00::2", [Place("announcement-ipv6", "eth0", 2, "eth0", ("fd00::2",))]),
        ("127.0.0.5", [Place("announcement", "lo", 1, "127.0.0.5", ("127.0.0.5",))]),
        ("10.3.0.2", []),
    ],
)
def test_a_node_on_one_address_is_announced_there_alone(bind: str, expected: list[Place]) -> None:
    assert found(bind) == expected


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (("eth1",), ["eth1 (10.2.0.2)"]),
        (("10.1.0.3",), ["eth0 (10.1.0.2)", "eth0 (IPv6)"]),
        (("lo",), ["lo (127.0.0.1)", "lo (IPv6)"]),
        (("eth9",), []),
    ],
)
def test_chosen_interfaces_alone_are_used(named: tuple[str, ...], expected: list[str]) -> None:
    assert [str(place) for place in found("0.0.0.0", *named)] == expected


def test_an_interface_that_came_anew_under_its_old_name_is_another_place() -> None:
    before = places(ALL, Settings(bind="0.0.0.0"))
    after = places([(each, index + 10) for each, index in ALL], Settings(bind="0.0.0.0"))
    assert not set(before) & set(after)
