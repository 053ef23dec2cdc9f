"""Rules for a site as it is configured: no more than it uses, for no more than its peers."""

from __future__ import annotations

import ipaddress
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sitewarden import ports
from sitewarden.config import Settings
from sitewarden.domain.errors import Refusal
from sitewarden.domain.network.use import PortUse
from sitewarden.net.exports import FIREWALLS, MATRIX_FORMATS, Line, Plan, Profile, lines, opened, render, render_matrix
from sitewarden.net.exports.plan import address_of, merged
from tests.net.exports.plans import EMPTY, NAMED, SERVER, UNNAMED, USES, WRITTEN

GOLDEN = Path(__file__).parent / "golden"
PLANS = {"named": NAMED, "unnamed": UNNAMED, "empty": EMPTY}


def open_lines(plan: Plan, profile: Profile = "strict", settings: Settings = SERVER) -> dict[tuple[str, str, int], Line]:
    return {(line.name, line.way, line.first): line for line in lines(settings, plan, profile) if opened(line) and line.first}


def test_what_nothing_uses_is_not_opened() -> None:
    found = {name for name, _, _ in open_lines(EMPTY)}
    assert {"server", "web", "http-api"} <= found
    assert not found & {"modbus", "rtsp", "rtsps", "media-input", "device-server", "device-udp"}


def test_what_is_used_is_limited_to_its_peers() -> None:
    found = open_lines(NAMED)
    assert found["media-input", "in", 3000].peers == ("10.1.0.5",)
    assert found["modbus", "out", 1502].peers == ("10.3.0.9",)
    assert found["modbus", "out", 5020].local
    assert ("modbus", "in", 502) not in found
    assert found["rtsps", "out", 7000].peers == ("2001:db8:1::9",)
    assert found["device-server", "in", 1480].peers == ("10.2.0.0/24",)
    assert found["device-server", "in", 1480].by == ("controller:front", "network:doors")


def test_a_camera_by_name_opens_its_network_or_any() -> None:
    assert open_lines(NAMED)["rtsp", "out", 554].peers == ("10.1.0.0/16", "2001:db8:1::/64")
    assert open_lines(UNNAMED)["rtsp", "out", 554].peers == ()


def test_people_reach_the_server_from_offices_and_servers() -> None:
    found = open_lines(NAMED)
    assert found["server", "in", 8600].peers == ("10.0.0.0/24", "10.9.0.0/23", "10.9.2.0/24")
    assert "10.8.0.0/24" in found["http-api", "in", 8601].peers
    assert open_lines(UNNAMED)["server", "in", 8600].peers == ()
    assert open_lines(UNNAMED)["http-api", "in", 8601].peers == ()


def test_a_server_network_alone_locks_nobody_out() -> None:
    plan = Plan(networks=tuple(network for network in NAMED.networks if network.role == "server"))
    assert open_lines(plan)["server", "in", 8600].peers == ()


def test_the_seed_opens_all_four_ports_of_controllers() -> None:
    four = {
        ("device-direct-station", "out", 1470),
        ("device-direct-reader", "out", 1471),
        ("device-server", "in", 1480),
        ("device-udp", "in", 51110),
        ("device-udp", "out", 51110),
    }
    for plan in PLANS.values():
        assert four <= set(open_lines(plan, "seed"))
    assert not four & set(open_lines(EMPTY, "strict"))
    assert {key for key in open_lines(NAMED) if key[0].startswith("device-direct")} == set()


def test_the_seed_opens_them_on_a_controller_too() -> None:
    found = {(line.name, line.way) for line in lines(Settings(roles=("controller",)), None, "seed") if opened(line)}
    assert {("device-direct-station", "in"), ("device-direct-reader", "in"), ("device-server", "out")} <= found
    assert {("device-udp", "in"), ("device-udp", "out")} <= found


def test_a_controller_in_direct_mode_opens_its_own_port() -> None:
    plan = Plan(uses=(PortUse(row="device-direct-reader", way="out", host="10.2.0.8", number=1999, by="controller:gate"),))
    wanted = [line for line in lines(SERVER, plan, "strict") if line.name.startswith("device-direct") and line.used]
    assert [(line.name, line.first, line.peers) for line in wanted] == [("device-direct-reader", 1999, ("10.2.0.8",))]
    both = [line for line in lines(SERVER, plan, "seed") if line.name == "device-direct-reader"]
    assert [(line.first, line.peers) for line in both] == [(1471, ()), (1999, ("10.2.0.8",))]


def test_a_broadcast_leaves_for_named_networks_too() -> None:
    out = open_lines(NAMED, "seed")["device-udp", "out", 51110]
    assert out.peers == ("10.2.0.0/24", "255.255.255.255")


def nft() -> str:
    return shutil.which("nft") or "/usr/sbin/nft"


@pytest.mark.parametrize("bind", ["0.0.0.0", "192.0.2.7", "2001:db8::7", "::", "127.0.0.1"])
@pytest.mark.parametrize("profile", ["strict", "seed"])
@pytest.mark.parametrize("plan", PLANS)
def test_nft_takes_every_variant(netns: bool, tmp_path: Path, plan: str, profile: Profile, bind: str) -> None:
    if not netns or not Path(nft()).exists():
        pytest.skip("nft and a network namespace are needed")
    settings = Settings(bind=bind)
    texts = [
        render("nftables", settings, plan=PLANS[plan], profile=profile, planned=planned, unused=planned, deny_outgoing=deny)
        for planned in (False, True)
        for deny in (False, True)
    ]
    texts.append(render_matrix("nftables", settings, PLANS[plan], profile))
    for number, text in enumerate(texts):
        file = tmp_path / f"{number}.nft"
        file.write_text(text)
        done = subprocess.run([nft(), "-c", "-f", file], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), text


@pytest.mark.parametrize("profile", ["strict", "seed"])
@pytest.mark.parametrize("format", sorted(FIREWALLS))
def test_rules_are_as_written_down(format: str, profile: Profile) -> None:
    assert (
        render(format, SERVER, plan=NAMED, profile=profile, rows=WRITTEN)
        == (GOLDEN / f"{format}-{profile}.txt").read_bytes().decode()
    )


@pytest.mark.parametrize("format", sorted(MATRIX_FORMATS))
def test_the_matrix_is_as_written_down(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sitewarden.ports.MANIFEST", tuple(row for row in ports.MANIFEST if row.name in WRITTEN))
    assert render_matrix(format, SERVER, NAMED) == (GOLDEN / f"matrix-{format}.txt").read_bytes().decode()


@pytest.mark.parametrize("format", ["ufw", "firewalld"])
def test_the_shell_takes_the_scripts(format: str, tmp_path: Path) -> None:
    for profile in ("strict", "seed"):
        file = tmp_path / profile
        file.write_text(render(format, SERVER, plan=NAMED, profile=profile))
        assert subprocess.run(["/bin/sh", "-n", file], check=False).returncode == 0


def test_only_nftables_denies_what_goes_out() -> None:
    with pytest.raises(Refusal, match="does not deny"):
        render("ufw", SERVER, deny_outgoing=True)
    assert "hook output priority filter; policy drop;" in render("nftables", SERVER, plan=NAMED, deny_outgoing=True)


def test_unknown_profile_and_format() -> None:
    with pytest.raises(Refusal, match="loose is not a profile"):
        render("ufw", SERVER, profile="loose")  # type: ignore[arg-type]
    with pytest.raises(Refusal, match="pdf is not a format of the matrix"):
        render_matrix("pdf", SERVER, NAMED)


HOSTS = st.one_of(
    st.ip_addresses().map(str),
    st.text(max_size=30),
    st.sampled_from(["fe80::1%eth0';rm -rf /", "127.0.0.1", "::1", "[2001:db8::1]", "10.0.0.1\n"]),
)


@given(HOSTS)
def test_a_host_is_a_plain_address_or_nothing(host: str) -> None:
    found = address_of(host)
    assert set(found) <= set("0123456789abcdef.:")
    assert not found or merged([found]) == (found,)


@given(st.lists(st.tuples(st.sampled_from(USES), HOSTS), max_size=12), st.booleans(), st.sampled_from(["strict", "seed"]))
def test_no_configuration_adds_a_word_to_a_script(uses: list[tuple[PortUse, str]], named: bool, profile: Profile) -> None:
    """Each use with whatever host: the scripts have only characters that our own words, ids and addresses have."""
    plan = Plan(uses=tuple(replace(use, host=host) for use, host in uses), networks=NAMED.networks if named else ())
    for format in FIREWALLS:
        for line in render(format, SERVER, plan=plan, profile=profile).splitlines():
            rule = line.strip()
            if rule.startswith("ufw allow"):
                assert rule.count("'") == 2
            if rule.startswith("firewall-cmd") and "rich-rule" in rule:
                assert rule.count("'") == 2
            assert rule.isascii()
            assert not set(rule) & set("`$\\") or rule.startswith(("Remove-", "#")), rule


@given(st.lists(st.ip_addresses().map(str), max_size=20))
def test_merging_keeps_every_address(addresses: list[str]) -> None:
    networks = [ipaddress.ip_network(each) for each in merged(addresses)]
    assert all(any(ipaddress.ip_address(each) in network for network in networks) for each in addresses)
    assert sum(network.num_addresses for network in networks) == len(set(addresses))
