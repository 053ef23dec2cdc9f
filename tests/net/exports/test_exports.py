import csv
import io
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from sitewarden.config import Settings
from sitewarden.domain.errors import Refusal
from sitewarden.net.exports import FORMATS, render

NODES = {
    "server": Settings(),
    "server-on-one-address": Settings(bind="192.0.2.7", ports={"timeseries": 9191}),
    "server-on-ipv6": Settings(bind="2001:db8::7"),
    "server-on-loopback": Settings(bind="127.0.0.1"),
    "controller": Settings(roles=("controller",)),
    "analytics": Settings(roles=("analytics",), ports={"analytics": 9610}),
}


@pytest.mark.parametrize("planned", [True, False])
@pytest.mark.parametrize("node", NODES)
def test_nft_takes_the_rules(netns: bool, tmp_path: Path, node: str, planned: bool) -> None:
    nft = shutil.which("nft") or "/usr/sbin/nft"
    if not netns or not Path(nft).exists():
        pytest.skip("nft and a network namespace are needed")
    file = tmp_path / "rules.nft"
    file.write_text(render("nftables", NODES[node], planned=planned))
    done = subprocess.run([nft, "-c", "-f", file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_rules_let_a_port_in_and_no_other(netns: bool, tmp_path: Path) -> None:
    nft = shutil.which("nft") or "/usr/sbin/nft"
    if not netns or not Path(nft).exists():
        pytest.skip("nft and a network namespace are needed")
    file = tmp_path / "rules.nft"
    rows = {"server", "http-api", "web", "device-server", "media-input", "upnp", "ssdp"}
    file.write_text(render("nftables", NODES["server"], rows=rows))
    for _ in range(2):
        subprocess.run([nft, "-f", file], check=True)
    listed = subprocess.run([nft, "list", "chain", "inet", "sitewarden", "input"], capture_output=True, text=True, check=True)
    opened = {line.split(" accept")[0].strip() for line in listed.stdout.splitlines() if "dport" in line}
    assert opened == {
        "udp dport { 68, 546 }",
        "tcp dport 22",
        "tcp dport 8600",
        "tcp dport 8601",
        "tcp dport 80",
        "tcp dport 1480",
        "udp dport 3000-5000",
        "udp dport 8660",
        "ip daddr 239.255.255.250 udp dport 1900",
    }


def test_groups_are_matched_as_destination() -> None:
    settings = Settings(multicast_group="225.5.10.9")
    assert "ip daddr 225.0.0.100 udp dport 8650 accept" in render("nftables", settings, planned=True)
    assert "ip daddr 225.5.10.9 udp dport 1025-65534 accept" in render("nftables", settings, planned=True)
    assert "ufw allow in proto udp to 225.0.0.100 port 8650" in render("ufw", settings, planned=True)
    assert 'destination address="225.0.0.100" port port="8650" protocol="udp"' in render("firewalld", settings, planned=True)
    assert "-Protocol UDP -LocalPort 8650 -LocalAddress 225.0.0.100" in render("windows", settings, planned=True)


def test_one_address_and_a_changed_port() -> None:
    text = render("nftables", NODES["server-on-one-address"], planned=True)
    assert "ip daddr 192.0.2.7 tcp dport 9191 accept" in text
    assert "9090" not in text
    assert "ip daddr 192.0.2.7 udp dport 51110" not in text
    assert "udp dport 51110 accept" in text


def test_rows_may_be_chosen() -> None:
    text = render("ufw", Settings(), rows={"server", "snmp-trap"}, planned=True)
    assert [line.split("port ")[1].split()[0] for line in text.splitlines() if line.startswith("ufw")] == ["8600", "162"]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("node", NODES)
def test_every_format_tells_every_port(format: str, node: str) -> None:
    told = msgspec.json.decode(render("json", NODES[node]))
    rows = {row["name"]: row for row in told if row["first"] and not row["planned"] and row["used"]}
    text = render(format, NODES[node])
    for row in rows.values():
        loopback = format == "nftables" and row["address"].startswith("127.")
        assert str(row["first"]) in text or loopback, row["name"]


def test_csv_is_read_back() -> None:
    rows = list(csv.DictReader(io.StringIO(render("csv", Settings()))))
    told = msgspec.json.decode(render("json", Settings()))
    assert [(row["name"], row["first"]) for row in rows] == [(row["name"], str(row["first"])) for row in told]


def test_an_unknown_format() -> None:
    with pytest.raises(Refusal, match="pdf is not a format"):
        render("pdf", Settings())
