"""Any text is MIB files whose objects have numbers, or a MibError."""

from __future__ import annotations

from sitewarden.drivers.snmp.mib import MibError, compile_
from sitewarden.wire.snmp import ber
from tests.drivers.snmp.test_mib import NEW, OLD

SEEDS = [NEW.encode(), OLD.encode()]


def check(data: bytes) -> None:
    try:
        found, missing = compile_([data.decode("utf-8", "replace")])
    except MibError:
        return
    for one in found:
        assert ber.oid(one.oid) and one.name
    assert all(", which " in one for one in missing)
