"""Answers as the library writes them, read by ours; and answers that end too early, or are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from asyncua import ua
from asyncua.ua.ua_binary import struct_to_binary
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.drivers.opcua.wire import OPAQUE, WireError, history_results, micros, published, read_results

KINDS = ua.VariantType
MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
AT = 1_767_323_045_678_901

TABLE: list[tuple[Any, Any, Any]] = [
    (True, KINDS.Boolean, True),
    (-5, KINDS.SByte, -5),
    (200, KINDS.Byte, 200),
    (-300, KINDS.Int16, -300),
    (60_000, KINDS.UInt16, 60_000),
    (-70_000, KINDS.Int32, -70_000),
    (4_000_000_000, KINDS.UInt32, 4_000_000_000),
    (-(2**40), KINDS.Int64, -(2**40)),
    (2**63, KINDS.UInt64, 2**63),
    (1.5, KINDS.Float, 1.5),
    (0.1, KINDS.Double, 0.1),
    ("Grüße", KINDS.String, "Grüße"),
    (None, KINDS.String, None),
    (MOMENT, KINDS.DateTime, "2026-01-02T03:04:05.678901+00:00"),
    (UUID(int=5), KINDS.Guid, "00000000-0000-0000-0000-000000000005"),
    (b"\x01\x02", KINDS.ByteString, b"\x01\x02"),
    (ua.NodeId("a", 2), KINDS.NodeId, "ns=2;s=a"),
    (ua.NodeId(7, 300), KINDS.NodeId, "ns=300;i=7"),
    (ua.QualifiedName("q", 1), KINDS.QualifiedName, "q"),
    (ua.LocalizedText("text", "en"), KINDS.LocalizedText, "text"),
    (ua.StatusCode(0x80340000), KINDS.StatusCode, 0x80340000),
    ([1, 2, 3], KINDS.Int16, [1, 2, 3]),
    (["a", "b"], KINDS.String, ["a", "b"]),
    (ua.EUInformation(), KINDS.ExtensionObject, OPAQUE),
]
"""Value, its type, and what it is read as."""


def response(items: list[tuple[int, ua.DataValue]], sequence: int = 3, *others: Any) -> bytes:
    answer = ua.PublishResponse()
    answer.Parameters.SubscriptionId = 9
    answer.Parameters.AvailableSequenceNumbers = [1, 2]
    answer.Parameters.MoreNotifications = True
    answer.Parameters.NotificationMessage.SequenceNumber = sequence
    change = ua.DataChangeNotification()
    change.MonitoredItems = [ua.MonitoredItemNotification(handle, value) for handle, value in items]
    answer.Parameters.NotificationMessage.NotificationData = [*([change] if items else []), *others]
    return struct_to_binary(answer)


def value(told: Any, kind: Any, status: int = 0, source: Any = MOMENT, server: Any = None) -> ua.DataValue:
    return ua.DataValue(ua.Variant(told, kind), ua.StatusCode(status), SourceTimestamp=source, ServerTimestamp=server)


@pytest.mark.parametrize(("told", "kind", "expected"), TABLE, ids=lambda one: str(one)[:30])
def test_values_of_every_type(told: Any, kind: Any, expected: Any) -> None:
    found = published(response([(4, value(told, kind)), (5, value(told, kind, 0x40900000, None, MOMENT))]))
    assert (found.subscription, found.sequence, found.more, found.status, found.empty) == (9, 3, True, None, False)
    told_now = found.changes
    assert told_now.handles == [4, 5]
    assert told_now.values == [expected, expected] and [type(one) for one in told_now.values] == [type(expected)] * 2
    assert told_now.statuses == [0, 0x40900000]
    assert (told_now.sources, told_now.servers) == ([AT, 0], [0, AT])
    answer = ua.ReadResponse()
    answer.Results = [value(told, kind), value(told, kind, 0x80000000)]
    read = read_results(struct_to_binary(answer))
    assert (read.handles, read.values, read.statuses) == ([0, 1], [expected, expected], [0, 0x80000000])


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2**32 - 1),
            st.one_of(
                st.floats(allow_nan=False).map(lambda one: (one, KINDS.Double)),
                st.booleans().map(lambda one: (one, KINDS.Boolean)),
                st.integers(-(2**31), 2**31 - 1).map(lambda one: (one, KINDS.Int32)),
                st.text(st.characters(codec="utf-8"), max_size=8).map(lambda one: (one, KINDS.String)),
            ),
            st.sampled_from([0, 0x40000000, 0x80310000]),
            st.sampled_from([None, MOMENT]),
            st.sampled_from([None, MOMENT]),
        ),
        max_size=30,
    )
)
def test_items_that_look_alike_are_read_as_the_others_are(items: list[Any]) -> None:
    data = response([(handle, value(*told, status, source, server)) for handle, told, status, source, server in items])
    found = published(data).changes
    assert found.handles == [one[0] for one in items]
    assert found.values == [one[1][0] for one in items]
    assert found.statuses == [one[2] for one in items]
    assert found.sources == [AT if one[3] else 0 for one in items]
    assert found.servers == [AT if one[4] else 0 for one in items]


def test_a_keep_alive_is_empty_and_an_end_is_told() -> None:
    assert published(response([])).empty
    ended = published(response([], 3, ua.StatusChangeNotification(Status=ua.StatusCode(0x800A0000))))
    assert (ended.empty, ended.status, ended.changes.handles) == (False, 0x800A0000, [])


def test_history_of_several_nodes() -> None:
    answer = ua.HistoryReadResponse()
    data = ua.HistoryData()
    data.DataValues = [value(1.0, KINDS.Double), value(2.0, KINDS.Double)]
    answer.Results = [
        ua.HistoryReadResult(ua.StatusCode(0), b"more", data),
        ua.HistoryReadResult(ua.StatusCode(0x80720000), None, ua.HistoryData()),
    ]
    (first, refused) = history_results(struct_to_binary(answer))
    assert (first[0], first[1], first[2].values, first[2].sources) == (0, b"more", [1.0, 2.0], [AT, AT])
    assert (refused[0], refused[1], refused[2].values) == (0x80720000, b"", [])


def test_every_cut_is_refused() -> None:
    data = response([(1, value(1.0, KINDS.Double)), (2, value("a", KINDS.String)), (3, value([1], KINDS.Int16))])
    published(data)
    for end in range(len(data) - 8):
        with pytest.raises(WireError):
            published(data[:end])
    with pytest.raises(WireError):
        read_results(data)


def test_times_beyond_reason_are_none() -> None:
    assert [micros(ticks) for ticks in (0, -5, 2**63 - 1, 116_444_736_000_000_000)] == [0, 0, 0, 0]
    assert micros(116_444_736_000_000_010) == 1
    assert micros(133_000_000_000_000_000) == round(
        (datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=13_300_000_000_000_000)).timestamp() * 1_000_000
    )
