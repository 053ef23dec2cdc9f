import os
import socket

import pytest

from sitewarden.config import Settings
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


def test_rows_of_drivers_are_tried_when_named(netns: bool) -> None:
    if not netns:
        pytest.skip("network namespaces are not permitted here")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 3001))
        found = preflight(Settings(bind="127.0.0.1"), rows={"media-input", "server"})
    assert [finding.port for finding in found if finding.level == "error"] == ["media-input"]


def test_an_address_of_another_computer() -> None:
    found = [finding for finding in preflight(Settings(bind="192.0.2.1"), rows={"server"}) if finding.level == "error"]
    assert [finding.what for finding in found] == ["192.0.2.1 is not an address of this computer."]


def test_ports_in_the_kernels_range_are_told() -> None:
    (finding,) = ephemeral(Settings(), port_range="32768\t60999", reserved="47808,48000-48300")
    assert "51110" in finding.what
    assert finding.remedy == "Reserve them: sysctl net.ipv4.ip_local_reserved_ports=47808,48000-48300,51110,56789,60001"
    assert ephemeral(Settings(), port_range="61000\t65000", reserved="") == []
