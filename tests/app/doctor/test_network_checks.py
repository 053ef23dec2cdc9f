"""Doctor's checks of the network, on networks that the test makes: multicast, reverse paths, sizes of packets, names."""

from __future__ import annotations

import pytest

from sitewarden.app.doctor import multicast, paths
from sitewarden.app.doctor.facts import Facts, Peer
from sitewarden.config import Settings
from sitewarden.net.probing.interfaces import interfaces
from sitewarden.services.surface.doctor import Finding
from tests.lan import Computer, lan

FACTS = Facts(settings=Settings(bind="0.0.0.0"))
DROP = """
table inet t {
    chain input { type filter hook input priority 0; policy accept; udp dport 8650 drop; }
}
"""


def by_level(found: list[Finding], level: str) -> list[str]:
    return [item.what for item in found if item.level == level]


def test_multicast_loops_on_each_interface_and_a_firewall_is_found() -> None:
    with lan({"office": ["server", "client"], "cameras": ["server"]}) as site, site["server"].inside():
        assert {one.name for one in interfaces() if one.addresses} == {"lo", "office", "cameras"}
        found = multicast.check(FACTS)
        assert [item.level for item in found] == ["ok", "ok"]
        assert found[0].what == "multicast loops on office (IGMP V3)"
        only = multicast.check(Facts(settings=Settings(bind=site["server"].addresses["cameras"])))
        assert [item.what for item in only] == ["multicast loops on cameras (IGMP V3)"]
        site["server"].do("nft -f -", input=DROP)
        (dropped, _) = multicast.check(FACTS)
        assert dropped.level == "warning" and "does not loop on office" in dropped.what
        assert "nft list ruleset" in dropped.remedy and dropped.why


def test_an_interface_without_multicast_and_a_strict_reverse_path_are_told() -> None:
    with lan({"office": ["server"], "cameras": ["server"]}) as site, site["server"].inside():
        site["server"].do("ip link set dev office multicast off")
        site["server"].do(
            "sysctl -qw net.ipv4.conf.cameras.rp_filter=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.office.rp_filter=0"
        )
        found = multicast.check(FACTS)
        assert by_level(found, "warning") == [
            "office has multicast turned off",
            "cameras drops packets from computers that the routing table reaches through another interface",
        ]
        assert found[0].command == "ip link set dev office multicast on"
        site["server"].do(found[0].command)
        site["server"].do(found[-1].command)
        assert by_level(multicast.check(FACTS), "warning") == []


def test_igmp_versions_are_read_from_the_kernels_table() -> None:
    text = (
        "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n"
        "1\tlo        :     1      V3\n\t\t\t\t010000E0     1 0:00000000\t\t0\n"
        "2\teth0      :     2      V2\n"
    )
    assert multicast.igmp_versions(text) == {"lo": "V3", "eth0": "V2"}


def _routed(site_server: Computer, router: Computer, device: Computer, mtu: int) -> None:
    router.do("sysctl -qw net.ipv4.ip_forward=1")
    router.do(f"ip link set dev cameras mtu {mtu}")
    site_server.do(f"ip route add 10.91.2.0/24 via {router.addresses['office']}")
    device.do(f"ip route add 10.91.1.0/24 via {router.addresses['cameras']}")


def test_a_path_that_takes_less_is_told_with_its_size() -> None:
    with lan({"office": ["server", "router"], "cameras": ["router", "device"]}) as site:
        server, device = site["server"], site["device"]
        _routed(server, site["router"], device, 1400)
        facts = Facts(
            settings=Settings(),
            peers=(
                Peer(reference="camera:far", host=device.address),
                Peer(reference="endpoint:near", host=site["router"].address),
                Peer(reference="camera:lost", host="192.0.2.1"),
            ),
        )
        with server.inside():
            found = paths.sizes(facts)
        assert by_level(found, "warning") == [
            f"only packets of 1400 bytes pass to {device.address} (camera:far); this computer sends 1500",
            "nothing can be sent to 192.0.2.1 (camera:lost): Network is unreachable",
        ]


def test_a_path_of_full_size_is_proven_by_the_devices_refusal() -> None:
    with lan({"office": ["server", "device"]}) as site, site["server"].inside():
        address, address6 = site["device"].address, site["device"].address6
        peers = (Peer(reference="camera:a", host=address), Peer(reference="camera:b", host=address6))
        (finding,) = paths.sizes(Facts(settings=Settings(), peers=peers))
        assert (finding.level, finding.what) == ("ok", "packets of full size pass to all 2 configured devices")
        site["device"].do("nft -f -", input=DROP.replace("8650", "33434"))
        (finding,) = paths.sizes(Facts(settings=Settings(), peers=peers))
        assert "pass to 0 of 2 configured devices; the others do not say" in finding.what


def test_names_that_do_not_resolve_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"camera-1.site": ["192.0.2.1"], "gone.site": []}
    monkeypatch.setattr(paths, "addresses", known.__getitem__)
    peers = tuple(Peer(reference=f"camera:{n}", host=host) for n, host in enumerate(("camera-1.site", "192.0.2.9", "gone.site")))
    (finding,) = paths.names(Facts(settings=Settings(), peers=peers))
    assert (finding.level, finding.what) == ("error", "gone.site (camera:2) has no address")
    assert finding.command == "getent hosts gone.site"
    (fine,) = paths.names(Facts(settings=Settings(), peers=peers[:2]))
    assert (fine.level, fine.what) == ("ok", "1 configured names resolve")
    assert paths.names(Facts(settings=Settings(), peers=peers[1:2])) == []
