"""Golden cases give values for bindings and bindings for values; what does not fit is refused, never cut."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.errors import Invalid
from sitewarden.domain.network.use import PortUse
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality, is_bad
from sitewarden.drivers import registry
from sitewarden.drivers.snmp import names
from sitewarden.drivers.snmp.config import KEPT, AddressConfig, EndpointConfig
from sitewarden.drivers.snmp.mapping import REFUSALS, TAGS, decode, encode, plain, quality_of, reader
from sitewarden.kit.config import check
from sitewarden.kit.values import taker
from sitewarden.wire.snmp import ber, pdu
from sitewarden.wire.snmp.ber import WireError
from sitewarden.wire.snmp.pdu import Status

CASES = [
    (path.stem, place, case)
    for path in sorted((Path(__file__).parent / "golden").glob("*.json"))
    for place, case in enumerate(json.loads(path.read_text())["points"])
]


def made(case: dict[str, Any]) -> tuple[Point, AddressConfig]:
    more = {key: case[key] for key in ("type", "scale", "offset") if key in case}
    return Point(id="p", name="P", device="d", **more), check(AddressConfig, case["address"])


@pytest.mark.parametrize("case", [case for _, _, case in CASES], ids=[f"{stem}-{place}" for stem, place, _ in CASES])
def test_golden(case: dict[str, Any]) -> None:
    point, address = made(case)
    data = bytes.fromhex(case["binding"])
    (binding,) = pdu.read_varbinds(data, 0, len(data))
    assert binding.name == address.name
    values, qualities = decode([reader(point, address)], [binding])
    assert values == [case["value"]] and type(values[0]) is type(case["value"])
    absent = Quality.BAD_CONFIGURATION_ERROR if binding.tag == ber.NO_SUCH_INSTANCE else Quality.BAD_SENSOR_FAILURE
    assert qualities == [absent if case["value"] is None else Quality.GOOD]
    if case["write"] is not None:
        back = encode(point, address, binding.tag, case["write"])
        assert back.tag == binding.tag
        assert decode([reader(point, address)], [back])[0] == [case["write"]]


@pytest.mark.parametrize(
    ("tag", "type_", "value"),
    [
        (ber.INTEGER, "number", 2**31),
        (ber.GAUGE32, "number", -1),
        (ber.COUNTER64, "number", 2.0**64),
        (ber.OCTETS, "number", "text"),
        (ber.INTEGER, "string", "text"),
        (ber.IP_ADDRESS, "string", "192.0.2"),
        (ber.OID, "string", "no.oid"),
        (ber.NO_SUCH_INSTANCE, "number", 1),
        (ber.OPAQUE, "number", 1),
    ],
)
def test_what_does_not_fit_is_refused(tag: int, type_: str, value: Any) -> None:
    point = Point(id="p", name="P", device="d", type=type_)  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        encode(point, AddressConfig(oid="sysName.0"), tag, value)


def test_a_type_of_the_address_goes_before_the_agents() -> None:
    point = Point(id="p", name="P", device="d")
    assert encode(point, AddressConfig(oid="sysName.0", type="gauge"), ber.NO_SUCH_INSTANCE, 7).tag == ber.GAUGE32


@given(st.sampled_from([*ber.BYTES]), st.binary(max_size=40))
def test_any_bytes_are_a_text_or_nothing(tag: int, value: bytes) -> None:
    found = plain(tag, value)
    assert found is None or isinstance(found, (str, float))
    for type_ in ("number", "string", "boolean", "integer"):
        point = Point(id="p", name="P", device="d", type=type_)  # type: ignore[arg-type]
        reader(point, AddressConfig(oid="sysName.0"))(tag, value)


@given(st.sampled_from(sorted(TAGS.values())), st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20))
def test_what_is_written_reads_back_or_is_refused(tag: int, value: float | str) -> None:
    point = Point(id="p", name="P", device="d", type="string" if isinstance(value, str) else "integer")
    told = value if isinstance(value, str) else round(value)
    try:
        binding = encode(point, AddressConfig(oid="sysName.0"), tag, told)
    except Invalid:
        return
    written = pdu.write_varbinds([binding])
    start, stop = ber.expect(written, 0, len(written), ber.SEQUENCE)
    assert pdu.read_varbinds(written, start, stop) == [binding]


def test_every_refusal_is_bad_and_has_words() -> None:
    for status in Status:
        if status:
            assert is_bad(quality_of(status)) and REFUSALS[status]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("sysUpTime.0", "1.3.6.1.2.1.1.3.0"),
        ("SNMPv2-MIB::sysUpTime.0", "1.3.6.1.2.1.1.3.0"),
        ("ifHCInOctets.3", "1.3.6.1.2.1.31.1.1.1.6.3"),
        ("hrMemorySize.0", "1.3.6.1.2.1.25.2.2.0"),
        (".1.3.6.1", "1.3.6.1"),
        ("upsOutputPercentLoad.1", "1.3.6.1.2.1.33.1.4.4.1.5.1"),
    ],
)
def test_names(text: str, number: str) -> None:
    assert ber.oid_text(names.resolve(text)) == number
    assert names.named(number).endswith(text.rpartition("::")[2]) or text.startswith(".")


@pytest.mark.parametrize(
    "text", ["upsBatteryVoltge.0", "IF-MIB::sysUpTime.0", "sysUpTime.x", "sysUpTime.", "x" * 500, "sysUpTime.0.-1"]
)
def test_what_is_no_name_is_refused(text: str) -> None:
    if text == "sysUpTime.":
        assert ber.oid_text(names.resolve(text)) == "1.3.6.1.2.1.1.3"
        return
    with pytest.raises(WireError):
        names.resolve(text)


@given(st.text(max_size=60))
def test_any_text_is_a_name_or_refused(text: str) -> None:
    try:
        assert names.resolve(text)
    except WireError:
        pass


def test_a_trap_of_version_1_has_its_name() -> None:
    assert names.trap_named("1.3.6.1.2.1.33.2.0.1") == "UPS-MIB::upsTrapOnBattery"
    assert names.trap_named("1.3.6.1.6.3.1.1.5.3") == "SNMPv2-MIB::linkDown"
    assert names.trap_named("1.3.6.1.4.1.1.0.7") == "1.3.6.1.4.1.1.0.7"
    assert names.trap_named("") == ""


@given(st.integers(-(2**31), 2**64 - 1), st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_the_short_way_of_numbers_is_the_kits(value: int, scale: float, offset: float) -> None:
    point = Point(id="p", name="P", device="d", scale=scale, offset=offset)
    assert reader(point, AddressConfig(oid="sysName.0"))(ber.COUNTER64, value) == taker(point)(value)


def test_an_endpoint_tells_its_ports() -> None:
    assert registry.uses("snmp", {"port": 1161, "source_from": 20000, "source_to": 20063}) == (
        PortUse(row="snmp", way="out", number=1161),
    )
    assert registry.uses("snmp", {"traps": True})[1:] == (PortUse(row="snmp-trap", way="in"),)


def test_secrets_are_marked_and_settings_are_checked_without_them() -> None:
    hints = get_type_hints(EndpointConfig, include_extras=True)
    marked = {name for name, hint in hints.items() for one in get_args(hint) if getattr(one, "extra", None) == {"secret": True}}
    assert marked == {"community", "write_community", "auth_password", "priv_password"}
    kept = {"version": "3", "user": "ops", "auth": "sha256", "auth_password": KEPT, "priv": "aes256", "priv_password": KEPT}
    assert check(EndpointConfig, kept).auth == "sha256"
