"""Rows of found servers: what makes one, what is refused, how they age."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.clock import DAY, HOUR, SECOND
from sitewarden.domain.errors import Conflict, Forbidden, Refusal, TooMany
from sitewarden.net.tls import Writer
from sitewarden.services.announcement.gate import ALL_BURST, BURST, SENDERS, Gate
from sitewarden.services.announcement.table import ADDRESSES, KEPT, MOST, PER_ADDRESS, SHORTEST, Put, Row, Table
from sitewarden.wire.announcement import Announcement, Farewell, Port, Stamp

NOW = 1_800_000_000 * SECOND
BOOT = b"B" * 8


def said(number: int = 1, **changes: Any) -> Announcement:
    fields: dict[str, Any] = {
        "node": "server",
        "name": "North",
        "version": "1",
        "roles": ("core", "web"),
        "addresses": (bytes((10, 0, 0, 7)), bytes((10, 0, 1, 7)), ipaddress.ip_address("fd00::7").packed),
        "ports": (Port("server", 8600),),
        "group": bytes((225, 5, 10, 1)),
        "tls": b"",
        "site": b"s" * 32,
        "stamp": Stamp(BOOT, number, NOW + number),
        "period": 5,
    }
    return Announcement(**{**fields, **changes})


def key(number: int = 1) -> str:
    return ":".join(f"{byte:02X}" for byte in number.to_bytes(32))


def writer(number: int = 1, node: str = "server", *, ours: bool = False) -> Writer:
    return Writer(node, f"{number:016X}" + key(number)[16:], ours)


def put(table: Table, message: Any, who: Writer | None = None, host: str = "10.0.0.7", now: int = NOW, tick: float = 0.0) -> Put:
    return table.put(message, who or writer(), host, "eth0", now, tick)


def only(table: Table) -> Row:
    [row] = table
    return row


def test_a_row_is_made_renewed_lost_and_back() -> None:
    table = Table()
    assert put(table, said(1)) == "new"
    assert put(table, said(2), now=NOW + SECOND, tick=5.0) == "same"
    row = only(table)
    assert (row.first, row.last, row.count, row.roles, row.group, row.port("server")) == (
        NOW, NOW + SECOND, 2, ("server",), "225.5.10.1", 8600,
    )  # fmt: skip
    assert table.expire(NOW, 5.0 + SHORTEST + 4.9) == []
    assert table.expire(NOW, 5.0 + 20.1) == [row]
    assert table.expire(NOW, 99.0) == [] and row.silent
    assert put(table, said(3), tick=100.0) == "back"
    assert (row.silent, row.count) == (False, 1)
    assert put(table, Farewell("server", said().addresses, Stamp(BOOT, 4, NOW))) == "gone"
    assert row.silent and row.farewell
    table.expire(NOW + KEPT + SECOND, 200.0)
    assert len(table) == 0 and not table.senders


@pytest.mark.parametrize(
    ("stamp", "taken"),
    [
        (Stamp(BOOT, 6, 0), True),
        (Stamp(BOOT, 5, NOW + DAY), False),
        (Stamp(BOOT, 4, NOW + DAY), False),
        (Stamp(b"C" * 8, 1, NOW + 6), True),
        (Stamp(b"C" * 8, 9, NOW + 5), False),
        (Stamp(b"C" * 8, 9, NOW - DAY), False),
    ],
)
def test_repetitions_are_refused(stamp: Stamp, taken: bool) -> None:
    table = Table()
    put(table, said(5))
    if taken:
        assert put(table, said(stamp=stamp)) == "same"
        return
    for message in (said(stamp=stamp, name="Other"), Farewell("server", said().addresses, stamp)):
        with pytest.raises(Conflict):
            put(table, message)
    assert (only(table).name, only(table).silent) == ("North", False)


def test_what_came_from_elsewhere_or_under_anothers_name_is_refused() -> None:
    table = Table()
    with pytest.raises(Forbidden, match="does not name"):
        put(table, said(), host="10.0.0.66")
    with pytest.raises(Forbidden, match="certificate is other's"):
        put(table, said(), writer(node="other"))
    with pytest.raises(Conflict, match="never heard"):
        put(table, Farewell("server", said().addresses, Stamp(BOOT, 4, NOW)))
    assert len(table) == 0


def test_the_same_id_with_another_key_is_another_row() -> None:
    table = Table()
    put(table, said(), writer(1))
    put(table, said(name="Liar"), writer(2))
    assert {row.name for row in table} == {"North", "Liar"}


def test_a_nodes_own_are_known_and_a_copy_of_it_is_a_row() -> None:
    table = Table(writer().key, BOOT, NOW)
    assert table.own(said(), writer())
    assert not table.own(said(), writer(2))
    with pytest.raises(Conflict, match="before its start"):
        put(table, said(stamp=Stamp(b"A" * 8, 1, NOW - 1)))
    assert put(table, said(stamp=Stamp(b"C" * 8, 1, NOW + 1))) == "new"
    assert only(table).twin


def test_where_a_row_is_reached_stays_while_it_is_heard_there() -> None:
    table = Table()
    put(table, said(1), host="fd00::7")
    put(table, said(2), host="10.0.1.7")
    put(table, said(3), host="10.0.0.7", tick=1.0)
    row = only(table)
    assert (row.host, sorted(row.heard)) == ("10.0.1.7", ["10.0.0.7", "10.0.1.7", "fd00::7"])
    put(table, said(4), host="10.0.0.7", tick=30.0)
    assert row.host == "10.0.0.7"


def test_one_address_speaks_for_few_and_the_table_is_bounded() -> None:
    table = Table()
    for number in range(PER_ADDRESS):
        put(table, said(), writer(number))
    with pytest.raises(TooMany):
        put(table, said(), writer(99))
    for number in range(PER_ADDRESS, MOST):
        host = ipaddress.ip_address(f"10.1.{number // 256}.{number % 256}")
        put(table, said(addresses=(host.packed,)), writer(number), str(host), tick=float(number))
    fresh = ipaddress.ip_address("10.9.0.1")
    with pytest.raises(TooMany, match="limit"):
        put(table, said(addresses=(fresh.packed,)), writer(1000), str(fresh))
    assert put(table, said(addresses=(fresh.packed,)), writer(1000, ours=True), str(fresh), tick=999.0) == "new"
    assert len(table) == MOST
    table.expire(NOW, 300.0)
    newer = ipaddress.ip_address("10.9.0.2")
    assert put(table, said(addresses=(newer.packed,)), writer(1001), str(newer), tick=1000.0) == "new"
    assert len(table) == MOST


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 4), st.integers(1, 20), st.booleans(), st.floats(0, 50)), max_size=120)
)
def test_whatever_comes_the_counts_agree(steps: list[tuple[int, int, int, bool, float]]) -> None:
    table, tick = Table(), 0.0
    for who, host, number, farewell, wait in steps:
        tick += wait
        address = ipaddress.ip_address(f"10.7.0.{host}")
        stamp = Stamp(BOOT, number, NOW)
        addresses = tuple(ipaddress.ip_address(f"10.7.0.{each}").packed for each in range(1, 5))
        message = Farewell("server", addresses, stamp) if farewell else said(addresses=addresses, stamp=stamp)
        try:
            put(table, message, writer(who), str(address), NOW + round(tick * HOUR), tick)
        except Refusal:
            pass
        table.expire(NOW + round(tick * HOUR), tick)
        assert table.senders.total() == sum(len(row.heard) for row in table)
        assert all(count <= PER_ADDRESS for count in table.senders.values())
        assert all(row.host in row.heard and len(row.heard) <= ADDRESSES for row in table)


def test_a_flood_of_strangers_leaves_known_servers_heard() -> None:
    gate = Gate()
    strangers = sum(gate.admit(f"10.{n // 65536}.{n // 256 % 256}.{n % 256}", (), 0.0) for n in range(20_000))
    assert strangers == ALL_BURST
    assert gate.admit("192.0.2.7", {"192.0.2.7"}, 0.0)
    assert not gate.admit("192.0.2.8", (), 0.0)
    assert gate.admit("192.0.2.8", (), 1.0)
    assert gate.refused == 20_000 - ALL_BURST + 1
    assert len(gate._senders) <= SENDERS


def test_one_sender_has_its_budget() -> None:
    gate = Gate()
    assert sum(gate.admit("192.0.2.7", {"192.0.2.7"}, 0.0) for _ in range(100)) == BURST
    assert sum(gate.admit("192.0.2.7", {"192.0.2.7"}, 10.0) for _ in range(100)) == BURST
