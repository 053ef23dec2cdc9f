"""EDE files: objects as points, devices by their instance, what is there already, and what is wrong by line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.errors import Invalid, TooLarge
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.domain.points.tables.rows import Row
from sitewarden.domain.tabular import LineError
from sitewarden.services.points.tables.ede import Held, is_ede, rows_of
from tests.services.points.test_tables import Plant

EDE = """\
#Engineering-Data-Exchange - B.I.G.-EU;;;;;;;;;;;;;;;
PROJECT_NAME;Town hall;;;;;;;;;;;;;;
VERSION_OF_REFERENCEFILE;3;;;;;;;;;;;;;;
TIMESTAMP_OF_LAST_CHANGE;2025-11-02;;;;;;;;;;;;;;
AUTHOR_OF_LAST_CHANGE;"Miller; HVAC";;;;;;;;;;;;;;
VERSION_OF_LAYOUT;2.3;;;;;;;;;;;;;;
#mandatory;mandatory;mandatory;mandatory;mandatory;optional;optional;optional;optional;optional;optional;optional;optional;\
optional;optional;optional
# keyname;device obj.-instance;object-name;object-type;object-instance;description;present-value-default;min-present-value;\
max-present-value;settable;supports COV;hi-limit;low-limit;state-text-reference;unit-code;vendor-specific-address
AHU1;1001;AHU 1 controller;8;1001;Plant room;;;;N;N;;;;;
AHU1.T;1001;Supply temp;0;3;Supply air;;;;N;Y;35;5;;62;
AHU1.SP;1001;Set point;2;1;"Supply air; set";21,0;16,5;28;Y;Y;;;;62;
AHU1.FAN;1001;Fan on;4;1;;0;;;Y;Y;;;1;;
AHU1.MODE;1001;Mode;19;2;;1;1;4;Y;Y;;;2;;
AHU1.CAL;1001;Holidays;6;1;;;;;Y;N;;;;;
AHU2.T;1002;Return temp;0;0;;;;;N;Y;;;;62;
"""
NONE = Held({}, {}, ())


@pytest.fixture
async def plant(tmp_path: Path) -> AsyncIterator[Plant]:
    made = Plant(tmp_path)
    await made.put(Endpoint(id="air", name="Air", driver="bacnet"), Endpoint(id="plc", name="PLC", driver="modbus"))
    yield made
    await made.imports.close()
    await made.state.close()


async def test_a_file_makes_devices_and_points_and_changes_nothing_the_second_time(plant: Plant) -> None:
    done = await plant.made(EDE, name="TownHall_EDE.csv")
    assert (done.counts.devices, done.counts.points, done.counts.errors) == (2, 5, 0)
    assert plant.held("device", "air-1001") == Device(
        id="air-1001", name="AHU 1 controller", endpoint="air", config={"instance": 1001}
    )
    assert plant.held("device", "air-1002").name == "Device 1002"
    point = plant.held("point", "air-1001-analog-value-1")
    assert (point.name, point.unit, point.description, point.writable) == ("Set point", "°C", "Supply air; set", True)
    assert (point.minimum, point.maximum, point.address) == (16.5, 28.0, {"object": "analog-value,1"})
    supply = plant.held("point", "air-1001-analog-input-3")
    assert (supply.writable, supply.maximum, supply.type) == (False, None, "number"), "hi-limit is an alarm's, not a write's"
    assert plant.held("point", "air-1001-binary-output-1").type == "boolean"
    assert plant.held("point", "air-1001-multi-state-value-2").type == "string", "the driver reads the states by their texts"
    again = await plant.plan(EDE, name="TownHall_EDE.csv")
    assert (again.counts.same, again.counts.added, again.counts.changed) == (5, 0, 0)


async def test_what_was_added_by_hand_is_found_by_instance_and_object(plant: Plant) -> None:
    await plant.put(
        Device(id="ahu", name="Our AHU", endpoint="air", config={"instance": 1001, "host": "10.0.0.5"}),
        Device(id="air-1002", name="Another", endpoint="plc", config={"unit": 2}),
        Point(id="supply", name="Supply", device="ahu", deadband=0.5, address={"object": "analog-input,3"}),
    )
    await plant.made(EDE, name="a.csv", mode="merge")
    assert plant.held("device", "ahu").name == "Our AHU"
    supply = plant.held("point", "supply")
    assert (supply.name, supply.unit, supply.deadband) == ("Supply temp", "°C", 0.5)
    assert plant.held("point", "ahu-analog-input-3") is None
    assert plant.held("device", "air-1002").endpoint == "plc", "the id of another device is not taken"
    assert plant.held("device", "air-1002-x").config == {"instance": 1002}


async def test_the_endpoint_is_chosen_where_there_are_several(plant: Plant) -> None:
    await plant.put(Endpoint(id="east", name="East", driver="bacnet"))
    told = await plant.plan(EDE)
    assert (told.state, told.where, told.remedy) == ("failed", "endpoint", "Choose one of: air, east.")
    assert "'plc' is no BACnet endpoint" in (await plant.plan(EDE, endpoint="plc")).what
    assert (await plant.plan(EDE, endpoint="east")).counts.devices == 2
    assert "Only of an EDE file" in (await plant.plan("id,device\na,b\n", endpoint="east")).what


async def test_what_is_wrong_has_its_line_and_column(plant: Plant) -> None:
    wrong = "".join(
        f"{line}\n"
        for line in (
            "a;none;A;0;1",
            "b;1;B;ai;1",
            "c;1;C;0;4194304",
            "d;1;D;0;1;;;;;perhaps",
            "e;1;E;0;2;;;low;;Y",
            "f;1;F;0;3",
            "g;1;G;0;3",
        )
    )
    view = await plant.plan("VERSION_OF_LAYOUT;2.2\n" + wrong)
    found = sorted((one.line, one.column) for one in await plant.rows(view, "errors"))
    columns = ["device obj.-instance", "object-type", "object-instance", "settable", "minimum"]
    assert found == [*enumerate(columns, 2), (8, "id")]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_commas_and_tabs_separate_too_and_columns_may_stand_in_another_order(delimiter: str) -> None:
    lines = (
        "#keyname;object-type;object-instance;device obj.-instance;object-name;commandable;extra",
        "k;5;7;12;Lamp;Y;z",
    )
    text = "\n".join(lines).replace(";", delimiter)
    assert is_ede(text)
    point, device = rows_of(text, "air", NONE)
    assert isinstance(point, Row) and isinstance(device, Row)
    assert point.settings == {"object": "binary-value,7"} and point.values["writable"] is True
    assert (device.id, device.settings) == ("air-12", {"instance": "12"})


def test_a_table_of_ours_is_no_ede_file() -> None:
    assert is_ede(EDE) and not is_ede("kind,id,name\npoint,a,A\n")


@given(st.text(alphabet='a1;,"\n#\t0é²', max_size=200))
def test_any_text_gives_rows_errors_or_a_refusal(text: str) -> None:
    try:
        assert all(isinstance(one, Row | LineError) for one in rows_of(text, "air", NONE))
    except (Invalid, TooLarge):
        pass
