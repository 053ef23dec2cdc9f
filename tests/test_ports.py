"""The manifest against the pages of facts: every line of them, word for word in meaning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden import ports
from sitewarden.domain.errors import Refusal
from sitewarden.domain.portrow import check_number, covers

VIDEO = [
    ("server", "tcp", 8600, "", True),
    ("http-api", "tcp", 8601, "", False),
    ("web", "tcp", 80, "", True),
    ("media-input", "udp", (3000, 5000), "", False),
    ("announcement", "udp", 8650, "225.0.0.100", False),
    ("media-multicast", "udp", (1025, 65534), "225.5.10.1", True),
    ("upnp", "udp", 8660, "", False),
    ("analytics", "tcp", 8610, "", True),
    ("lpr", "tcp", 8611, "", True),
]

# (row, computer, inbound, outbound, default, configurable) of the industrial page and of the access-control page.
SIDES = [
    ("bacnet", "server", True, True, 47808, True),
    ("bacnet", "device", True, True, 47808, False),
    ("modbus", "server", True, True, 502, True),
    ("modbus", "device", True, False, 502, True),
    ("opcua-lds-udp", "server", True, True, 4840, True),
    ("opcua-lds", "server", False, True, 4840, True),
    ("opcua", "server", True, True, 48250, True),
    ("opcua", "device", True, False, 48250, True),
    ("opcua-lds-udp", "device", True, True, 4840, True),
    ("opcua-lds", "device", True, False, 4840, True),
    ("opcua-second", "device", True, False, 48255, True),
    ("snmp-trap", "server", True, False, 162, False),
    ("snmp", "server", False, True, 161, True),
    ("snmp", "device", True, False, 161, True),
    ("snmp-trap", "device", False, True, 162, False),
    ("snmp-source", "server", True, True, None, True),
    ("http-server", "server", True, True, 56789, True),
    ("http-server", "device", True, True, 56789, True),
    ("tcp-server", "server", True, False, None, True),
    ("tcp-server", "device", False, True, None, True),
    ("tcp-client", "server", False, True, 42000, True),
    ("mqtt", "server", False, True, 8883, True),
    ("mqtt", "device", False, True, 8883, True),
    ("timeseries", "server", True, False, 9090, True),
    ("postgresql", "server", False, True, 5432, True),
    ("device-direct-station", "device", True, False, 1470, True),
    ("device-direct-reader", "device", True, False, 1471, True),
    ("device-server", "server", True, False, 1480, True),
    ("device-server", "device", False, True, 1480, True),
    ("device-udp", "client", True, True, 51110, False),
    ("device-udp", "device", True, True, 51110, False),
]


@pytest.mark.parametrize(("name", "transport", "default", "group", "changeable"), VIDEO)
def test_the_video_page(name: str, transport: str, default: object, group: str, changeable: bool) -> None:
    row = ports.row(name)
    assert (row.transport, row.default, row.group) == (transport, default, group)
    assert row.sides[0].change.possible is changeable
    assert row.sides[0].source == "digifort"


@pytest.mark.parametrize(("name", "computer", "inbound", "outbound", "default", "changeable"), SIDES)
def test_the_other_pages(name: str, computer: str, inbound: bool, outbound: bool, default: object, changeable: bool) -> None:
    side = ports.row(name).side(computer)  # type: ignore[arg-type]
    assert side is not None
    assert (side.inbound, side.outbound, side.default, side.change.possible) == (inbound, outbound, default, changeable)
    assert side.source in ("iiot", "biostar")


def test_names_are_unique_and_every_row_tells_its_tls() -> None:
    assert len(ports.BY_NAME) == len(ports.MANIFEST)
    for row in ports.MANIFEST:
        assert row.roles
        assert row.purpose
        assert row.peer
        assert row.tls != "protocol-has-none" or row.tls_reason, row.name
        assert all(side.default == row.default for side in row.sides), row.name


@pytest.mark.parametrize("row", [row for row in ports.MANIFEST if isinstance(row.default, int)], ids=lambda row: row.name)
def test_a_fixed_port_says_why_and_what_to_do(row: ports.PortRow) -> None:
    for side in row.sides:
        assert isinstance(row.default, int)
        check_number(row, side.computer, row.default)
        if side.change.possible:
            check_number(row, side.computer, 12345)
            continue
        with pytest.raises(Refusal) as refused:
            check_number(row, side.computer, 12345)
        assert side.change.who in refused.value.what
        assert "`bind`" in refused.value.remedy


def test_an_unknown_row_names_the_nearest() -> None:
    with pytest.raises(Refusal) as refused:
        ports.row("modbuss")
    assert "Did you mean modbus?" in refused.value.remedy


@given(st.integers(-10, 70_000))
def test_no_side_ever_takes_what_is_not_a_port(number: int) -> None:
    for row in ports.MANIFEST:
        if row.transport not in ("tcp", "udp") or 1 <= number <= 65535:
            continue
        with pytest.raises(Refusal, match="not a port"):
            check_number(row, row.sides[0].computer, number)


@given(st.sampled_from([row for row in ports.MANIFEST if row.span]), st.integers(1, 65535))
def test_a_span_takes_its_own_ports_alone(row: ports.PortRow, number: int) -> None:
    if covers(row.default, number):
        check_number(row, row.sides[0].computer, number)
    else:
        with pytest.raises(Refusal):
            check_number(row, row.sides[0].computer, number)


def test_named_ports_inside_the_span_are_reserved() -> None:
    assert ports.reserved_in(3000, 5000, "udp", {}) == {3702, 4840}
    assert ports.reserved_in(3000, 5000, "udp", {"opcua-lds-udp": 4841}) == {3702, 4840, 4841}
