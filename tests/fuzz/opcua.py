"""Any bytes are an answer to Publish, Read or HistoryRead whose columns are of one length, or a WireError; nothing else."""

from __future__ import annotations

from sitewarden.drivers.opcua.wire import Values, WireError, history_results, published, read_results

SEEDS = [
    bytes.fromhex(
        "01003d030a0f95f0527add0100000000000000000000000000000000090000000200000001000000020000000103000000a4"
        "1095f0527add010100000001002b03015c00000003000000010000000f0b000000000000f83f000000001298a774947bdc01"
        "1298a774947bdc0102000000070c020000004142000000001298a774947bdc01030000000784020000000100020000009040"
        "1298a774947bdc01000000000000000000000000"
    ),
    bytes.fromhex(
        "01007a02b0c795f0527add010000000000000000000000000000000002000000070b000000000000f83f000000001298a774"
        "947bdc01070c020000004142000000001298a774947bdc0100000000"
    ),
    bytes.fromhex(
        "01009b02ccc995f0527add01000000000000000000000000000000000100000000000000040000006d6f726501009202011a"
        "00000001000000070b000000000000f03f000000001298a774947bdc0100000000"
    ),
]


def check(data: bytes) -> None:
    for read in (published, read_results, history_results):
        try:
            found = read(data)
        except WireError:
            continue
        if isinstance(found, list):
            for _, _, values in found:
                _even(values)
        else:
            _even(found if isinstance(found, Values) else found.changes)


def _even(values: Values) -> None:
    lengths = {len(one) for one in (values.handles, values.values, values.statuses, values.sources, values.servers)}
    assert len(lengths) == 1
    assert all(0 <= one <= 0xFFFFFFFF for one in values.statuses)
    assert all(0 <= one < 253_402_300_799_000_000 for one in (*values.sources, *values.servers))
