"""The inventory says what the pages of facts say: computer, inbound, outbound, usage, configurable."""

from __future__ import annotations

import csv
import io

import pytest

from sitewarden.config import Settings
from sitewarden.net.exports import Plan, render
from tests.net.exports.plans import NAMED

SERVER = "Sitewarden server server"
FACTS = [
    ("server", SERVER, "TCP 8600 (default)", "", "Yes"),
    ("http-api", SERVER, "TCP 8601", "", "No"),
    ("web", SERVER, "TCP 80 (default)", "", "Yes"),
    ("media-input", SERVER, "UDP 3000-5000", "", "No"),
    ("announcement", SERVER, "UDP 8650", "UDP 8650", "No"),
    ("media-multicast", SERVER, "", "UDP 1025-65534 (default)", "Yes"),
    ("upnp", SERVER, "UDP 8660", "", "No"),
    ("analytics", SERVER, "", "TCP 8610 (default)", "Yes"),
    ("analytics", "Node", "TCP 8610 (default)", "", "Yes"),
    ("lpr", "Node", "TCP 8611 (default)", "", "Yes"),
    ("device-direct-station", "Device", "TCP 1470 (default)", "", "Yes"),
    ("device-direct-reader", "Device", "TCP 1471 (default)", "", "Yes"),
    ("device-server", SERVER, "TCP 1480 (default)", "", "Yes"),
    ("device-udp", "Client", "UDP 51110", "UDP 51110", "No"),
    ("bacnet", SERVER, "UDP 47808 (default)", "UDP 47808 (default)", "Yes"),
    ("bacnet", "Device", "UDP 47808", "UDP 47808", "No"),
    ("modbus", SERVER, "TCP 502 (default)", "TCP 502 (default)", "Yes"),
    ("modbus", "Device", "TCP 502 (default)", "", "Yes"),
    ("opcua-lds", SERVER, "", "TCP 4840 (default)", "Yes"),
    ("opcua-lds-udp", "Device", "UDP 4840 (default)", "UDP 4840 (default)", "Yes"),
    ("opcua", "Device", "TCP 48250 (default)", "", "Yes"),
    ("opcua-second", "Device", "TCP 48255 (default)", "", "Yes"),
    ("snmp", SERVER, "", "UDP 161 (default)", "Yes"),
    ("snmp", "Device", "UDP 161 (default)", "", "Yes"),
    ("snmp-trap", SERVER, "UDP 162", "", "No"),
    ("snmp-trap", "Device", "", "UDP 162", "No"),
    ("http-server", SERVER, "TCP 56789 (default)", "TCP 56789 (default)", "Yes"),
    ("http-server", "Device", "TCP 56789 (default)", "TCP 56789 (default)", "Yes"),
    ("tcp-server", SERVER, "Defined by user", "", "Yes"),
    ("tcp-client", SERVER, "", "TCP 42000 (default)", "Yes"),
    ("mqtt", SERVER, "", "TCP 8883 (default)", "Yes"),
    ("timeseries", SERVER, "TCP 9090 (default)", "", "Yes"),
    ("postgresql", SERVER, "", "TCP 5432 (default)", "Yes"),
]


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(("name", "computer", "inbound", "outbound", "configurable"), FACTS)
def test_the_facts_are_in_the_inventory(name: str, computer: str, inbound: str, outbound: str, configurable: str) -> None:
    rows = [row for row in read(render("inventory-csv", Settings())) if row["Name"] == name]
    found = [
        (row["Inbound"], row["Outbound"], row["Configurable"].partition(":")[0])
        for row in rows
        if row["Computer"] == computer or row["Computer"].startswith(f"{computer} (")
    ]
    assert found == [(inbound, outbound, configurable)]


def test_what_is_not_open_is_said() -> None:
    usage = {
        row["Name"]: row["Port usage"]
        for row in read(render("inventory-csv", Settings(), plan=NAMED))
        if row["Computer"] == SERVER
    }
    assert usage["ntp"].endswith("; planned, nothing opens it yet")
    assert not usage["server"].endswith("planned")
    nothing = {
        row["Name"]: row["Port usage"]
        for row in read(render("inventory-csv", Settings(), plan=Plan()))
        if row["Computer"] == SERVER
    }
    assert nothing["media-input"].endswith("; not used by this site now")


def test_the_columns_are_those_of_the_facts() -> None:
    assert list(read(render("inventory-csv", Settings()))[0]) == [
        "Name", "Computer", "Inbound", "Outbound", "Port usage", "Configurable",
    ]  # fmt: skip
    assert "| Computer | Inbound | Outbound | Port usage | Configurable |" in render("inventory", Settings())


def test_the_server_shows_the_numbers_of_its_site() -> None:
    used = read(render("inventory-csv", Settings(ports={"server": 9443}), plan=NAMED, planned=False, unused=False))
    by_name = {row["Name"]: row for row in used if row["Computer"] == SERVER}
    assert by_name["server"]["Inbound"] == "TCP 9443"
    assert by_name["modbus"]["Outbound"] == "TCP 1502, TCP 5020"
    assert by_name["modbus"]["Inbound"] == ""
    assert by_name["rtsps"]["Outbound"] == "TCP 7000"
    assert "bacnet" not in by_name
