import os
import socket
import subprocess
import sys

import pytest

from sitewarden.config import Settings
from sitewarden.domain.network.use import PortUse
from sitewarden.net.exports import Plan
from sitewarden.net.preflight import ephemeral, preflight


def test_a_held_port_is_found_with_its_holder(netns: bool) -> None:
    if not netns:
        pytest.skip("network namespaces are not permitted here")
    settings = Settings(bind="127.0.0.1")
    assert [finding for finding in preflight(settings) if finding.level == "error"] == []
    with socket.socket() as other:
        other.bind(("0.0.0.0", 8601))
        other.listen()
        (finding,) = [finding for finding in preflight(settings) if finding.level == "error"]
    assert finding.port == "http-api"
    assert f"process {os.getpid()}, on 0.0.0.0" in finding.what
    assert "`bind`" in finding.remedy
    assert finding.command == "ss -lntp 'sport = :8601'"


def test_rows_of_drivers_are_tried_when_the_site_uses_them(netns: bool) -> None:
    if not netns:
        pytest.skip("network namespaces are not permitted here")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 3001))
        unused = preflight(Settings(bind="127.0.0.1"), Plan())
        used = preflight(Settings(bind="127.0.0.1"), Plan(uses=(PortUse(row="media-input", way="in", by="camera:gate"),)))
    assert [finding.port for finding in unused if finding.level == "error"] == []
    assert [finding.port for finding in used if finding.level == "error"] == ["media-input"]
    assert f"process {os.getpid()}" in used[0].what


def test_a_port_without_the_right_says_how_to_grant_it(netns: bool) -> None:
    if not netns:
        pytest.skip("network namespaces are not permitted here")
    script = (
        "from sitewarden.config import Settings\nfrom sitewarden.net.preflight import preflight\n"
        "print(*[f.what + ' ' + f.remedy for f in preflight(Settings(bind='127.0.0.1')) if f.level == 'error'], sep='\\n')"
    )
    without = ["setpriv", "--bounding-set=-net_bind_service", "--inh-caps=-net_bind_service", sys.executable, "-c", script]
    done = subprocess.run(without, capture_output=True, text=True, check=True)
    (said,) = done.stdout.splitlines()
    assert said.startswith("80/tcp on 127.0.0.1 (web) needs a right that this process does not have.")
    assert "AmbientCapabilities=CAP_NET_BIND_SERVICE" in said and "net.ipv4.ip_unprivileged_port_start=80" in said


def test_an_address_of_another_computer() -> None:
    found = [finding for finding in preflight(Settings(bind="192.0.2.1")) if finding.level == "error"]
    assert {finding.what for finding in found if finding.port == "server"} == {"192.0.2.1 is not an address of this computer."}


def test_ports_in_the_kernels_range_are_told() -> None:
    (finding,) = ephemeral(Settings(), port_range="32768\t60999", reserved="47808,48000-48300")
    assert "51110" in finding.what
    assert finding.command == "sysctl -w net.ipv4.ip_local_reserved_ports=47808,48000-48300,51110,56789,60001"
    assert ephemeral(Settings(), port_range="61000\t65000", reserved="") == []
