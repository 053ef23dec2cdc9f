"""What a process may open, over every row, role and number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden import ports
from sitewarden.config import Settings
from sitewarden.domain.errors import Refusal
from sitewarden.domain.portrow import PortRow, covers
from sitewarden.net.rules import Rules

ROLES = ("core", "web", "web-3", "media-0", "iot", "controller", "analytics", "lpr", "cli")
rows = st.sampled_from([row for row in ports.MANIFEST if row.transport in ("tcp", "udp")])
rules = st.sampled_from([Rules(Settings(), role) for role in ROLES])


def allowed(ask: object, *arguments: object) -> bool:
    try:
        ask(*arguments)  # type: ignore[operator]
    except Refusal as refused:
        assert refused.where.startswith("ports.")
        return False
    return True


@given(rules, rows, st.sampled_from(["in", "out"]))
def test_a_row_opens_for_its_roles_and_ways_alone(rule: Rules, row: PortRow, way: str) -> None:
    side = row.side(rule.computer)
    expected = side is not None and (side.inbound if way == "in" else side.outbound)
    expected = expected and (rule.computer == "client" or rule.base in row.roles)
    assert allowed(rule.row, row.name, way, ("tcp", "udp")) is expected


@given(rules, rows, st.integers(-5, 70_000))
def test_a_number_stays_where_the_manifest_has_it(rule: Rules, row: PortRow, number: int) -> None:
    side = row.side(rule.computer)
    expected = side is not None and 1 <= number <= 65535
    expected = expected and (covers(side.default, number) or (side.change.possible and row.span is None)) if side else False
    assert allowed(rule.own_number, row, number) is expected


@given(rows, st.integers(-5, 70_000))
def test_a_peer_is_dialled_where_its_side_may_be(row: PortRow, number: int) -> None:
    taken = allowed(Rules(Settings(), "core").peer_number, row, number)
    if not 1 <= number <= 65535:
        assert not taken
    elif covers(row.default, number):
        assert taken
    elif row.span is not None:
        assert not taken


def test_a_changed_port_is_this_nodes_number() -> None:
    rule = Rules(Settings.for_test(ports={"timeseries": 9191}), "web")
    assert rule.own_number(ports.row("timeseries"), None) == 9191
    with pytest.raises(Refusal, match="tcp-server needs a number"):
        rule.own_number(ports.row("tcp-server"), None)


@pytest.mark.parametrize(
    ("row", "group", "taken"),
    [
        ("announcement", "225.0.0.100", True),
        ("announcement", "225.0.0.101", False),
        ("media-multicast", "225.5.10.9", True),
        ("media-multicast", "225.5.10.1", False),
        ("camera-multicast", "239.1.2.3", True),
        ("camera-multicast", "10.1.2.3", False),
        ("camera-multicast", "nowhere", False),
    ],
)
def test_groups(row: str, group: str, taken: bool) -> None:
    assert allowed(Rules(Settings(multicast_group="225.5.10.9"), "media-0").check_group, ports.row(row), group) is taken
