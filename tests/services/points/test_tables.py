"""Machines from a file and as one: previews with line and column, conflict modes, secrets, one transaction, one entry."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sitewarden.app.checks import typed_config
from sitewarden.domain.entity import Entity
from sitewarden.domain.errors import Conflict
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.points.inputs import PointInput
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.kit.clock import SystemClock
from sitewarden.services.config_secrets import ConfigSecrets
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.points.tables.files import MachineExports, MachineImports
from sitewarden.services.secrets import SecretBox
from sitewarden.services.spool import Spool
from sitewarden.store.interfaces import Change
from sitewarden.store.sqlite import SqliteStateStore
from tests.drivers.link.site import kind_of

ADA = Caller(actor="user:ada", grants=(Grant(action="*"),), remote="192.0.2.7")
LEVEL = Point(
    id="level",
    name="Level",
    device="tank",
    unit="m",
    minimum=-1.5,
    input=PointInput(above=2.5),
    tags=("wet",),
    address={"register": 3},
)


class Plant:
    """Imports and exports over a real store, with a PLC of one unit and a broker with a password."""

    def __init__(self, folder: Path) -> None:
        async def emit(events: Any) -> None:
            self.told += events

        self.told: list[Any] = []
        self.emit = emit
        self.state = SqliteStateStore.open(folder / "state.db", SystemClock(), emit)
        self.spool = Spool(folder / "spool")
        self.box = SecretBox(bytes(range(32)))
        self.imports = MachineImports(
            self.state,
            SystemClock(),
            self.spool,
            asyncio.Lock(),
            checks=(typed_config,),
            normal=ConfigSecrets(self.box).normal,
        )
        self.operations: dict[str, Operation] = {
            one.name: one for one in (*self.imports.operations(), *MachineExports(self.state, self.spool).operations())
        }

    async def put(self, *entities: Entity) -> None:
        await self.state.apply([Change(kind=kind_of(entity), id=entity.id, entity=entity) for entity in entities])

    async def ask(self, operation_name: str, /, **params: Any) -> Any:
        operation = self.operations[operation_name]
        return await operation.handler(ADA, operation.params(**params))

    async def plan(self, text: str, mode: str = "merge", name: str = "machines.csv", **more: str) -> Any:
        ticket = await self.ask("points.import.open", mode=mode, name=name, **more)
        Path(ticket.path).write_text(text, encoding="utf-8")
        await self.ask(ticket.then, id=ticket.id)
        return await self.until(ticket.id, "ready", "failed")

    async def until(self, id_: str, *states: str) -> Any:
        async with asyncio.timeout(60):
            while (view := await self.ask("points.import.get", id=id_)).state not in states:
                await asyncio.sleep(0.02)
        return view

    async def rows(self, view: Any, what: str = "changes") -> Any:
        page = await self.ask("points.import.rows", id=view.id, what=what)
        return page.changes if what == "changes" else page.errors

    async def apply(self, view: Any) -> Any:
        await self.ask("points.import.apply", id=view.id, reason="commissioning")
        return await self.until(view.id, "done", "ready", "failed")

    async def made(self, text: str, mode: str = "merge", name: str = "machines.csv") -> Any:
        view = await self.plan(text, mode, name)
        assert (view.state, view.counts.errors) == ("ready", 0), (view, await self.rows(view, "errors"))
        done = await self.apply(view)
        assert done.state == "done", done
        return done

    async def export(self, form: str, **narrowed: str) -> str:
        ticket = await self.ask("points.export", form=form, **narrowed)
        return Path(ticket.path).read_text(encoding="utf-8-sig")

    def held(self, kind: str, id_: str) -> Any:
        found = self.state.get(kind, id_)
        return found.entity if found is not None else None


@pytest.fixture
async def plant(tmp_path: Path) -> AsyncIterator[Plant]:
    made = Plant(tmp_path)
    broker = Endpoint(id="broker", name="Broker", driver="mqtt", config={"host": "broker", "port": 8883, "password": "hush"})
    await made.put(
        Endpoint(id="plc", name="PLC", driver="modbus", config={"host": "10.0.0.1"}),
        ConfigSecrets(made.box).normal(broker, lambda kind, id_: None),
        Device(id="tank", name="Tank", endpoint="plc", config={"unit": 1}),
        LEVEL,
    )
    yield made
    await made.imports.close()
    await made.state.close()


async def test_what_is_exported_changes_nothing_when_it_comes_back(plant: Plant) -> None:
    csv, yaml = await plant.export("csv"), await plant.export("yaml")
    assert "hush" not in csv + yaml
    assert "(kept)" in csv
    assert '"{""above"":2.5}"' in csv
    assert "(kept)" in yaml
    for text, name in ((csv, "a.csv"), (yaml, "a.yaml")):
        for mode in ("merge", "overwrite"):
            view = await plant.plan(text, mode, name)
            assert (view.state, view.counts.same, view.counts.lines, view.counts.errors) == ("ready", 4, 4, 0), (name, mode)
    assert "broker" not in await plant.export("csv", endpoint="plc")
    assert "level" in await plant.export("yaml", device="tank")


async def test_a_new_machine_is_made_whole_with_one_event_and_one_entry(plant: Plant) -> None:
    # The point stands before its device, the device before its endpoint: the order of a file does not matter.
    done = await plant.made(
        "kind;id;name;driver;endpoint;device;type;unit;writable;minimum;tags;input;address.register;address.type;config.host;config.unit\n"
        'point;;Flow;;;pump;number;l/s;yes;-0.5;hot|wet;"{""above"": 3}";7;float32;;\n'
        "device;pump;Pump;;mill;;;;;;;;;;;4\n"
        "endpoint;mill;Mill;modbus;;;;;;;;;;;10.0.0.9;\n"
    )
    assert (done.counts.added, done.counts.endpoints, done.counts.devices, done.counts.points) == (3, 1, 1, 1)
    point = plant.held("point", "pump-flow")
    assert (point.unit, point.writable, point.minimum, point.tags) == ("l/s", True, -0.5, ("hot", "wet"))
    assert point.address == {"register": 7, "type": "float32"}
    assert point.input == PointInput(above=3.0)
    assert plant.held("device", "pump").config == {"unit": 4}
    (record,) = await plant.state.audit_page()
    entry = record.entry
    assert (entry.action, entry.actor, entry.reason, entry.outcome) == ("points.import", "user:ada", "commissioning", "done")
    assert (entry.detail["added"], entry.detail["points"], entry.detail["mode"]) == (3, 1, "merge")
    await plant.state.deliver(plant.emit)
    assert [one.text for one in plant.told] == ["user:ada imported machines: 3 added, 0 changed, 1 points among them"]


async def test_errors_have_line_column_and_a_sentence(plant: Plant) -> None:
    view = await plant.plan(
        "kind,id,name,device,address.register,scale,writable,address.typ\n"
        "point,a,A,tank,high,1,yes,\n"
        "point,b,B,nowhere,1,1,yes,\n"
        "point,c,C,tank,1,fast,yes,\n"
        "point,d,D,tank,1,1,perhaps,\n"
        "point,d,D,tank,1,1,no,\n"
        "motor,e,E,tank,1,1,no,\n"
        "point,D d,E,tank,1,1,no,\n"
        "point,f,F,tank,1,1,no,x\n"
        "point,g,G,tank,70000,1,no,\n"
        "point,h,H,tank,,1,no,\n"
    )
    found = [(one.line, one.column) for one in sorted(await plant.rows(view, "errors"), key=lambda one: one.line)]
    assert found == [
        (2, "address.register"),
        (3, "device"),
        (4, "scale"),
        (5, "writable"),
        (7, "kind"),
        (8, "id"),
        (9, "address.typ"),
        (10, "address.register"),
        (11, "address.register"),
    ]
    by_line = {one.line: one for one in await plant.rows(view, "errors")}
    assert by_line[3].what == "There is no device 'nowhere'."
    assert by_line[9].remedy == "Did you mean type?"
    assert (by_line[2].what, by_line[4].what) == ("A whole number is expected.", "A number is expected.")
    with pytest.raises(Conflict, match="9 errors"):
        await plant.apply(view)


async def test_yaml_errors_name_the_line_of_the_field(plant: Plant) -> None:
    text = "points:\n  a:\n    name: A\n    device: tank\n    address:\n      register: high\n  b:\n    nmae: B\n"
    view = await plant.plan(text, name="machines.yaml")
    assert [(one.line, one.column) for one in await plant.rows(view, "errors")] == [(8, "nmae"), (6, "address.register")]
    for text in ("points: &a {}\ndevices: *a\n", "points: [", "doors: {}\n", "points:\n  a: {}\n  a: {}\n", "a\n", "- " * 5000):
        assert (await plant.plan(text, name="machines.yml")).state == "failed", text[:20]


async def test_what_is_there_already_is_kept_merged_or_overwritten(plant: Plant) -> None:
    text = "id,name,device,unit,minimum,tags,address.type,description\nlevel,Level,tank,cm,,deep,int16,\n"
    kept = await plant.plan(text, "keep")
    assert (kept.counts.kept, kept.counts.changed) == (1, 0)
    (conflict,) = await plant.rows(kept)
    assert (conflict.action, conflict.line) == ("keep", 2)
    assert [(one.field, one.old, one.new) for one in conflict.fields] == [
        ("tags", "wet", "wet|deep"),
        ("unit", "m", "cm"),
        ("address.type", "", "int16"),
    ]
    assert (await plant.apply(kept)).state == "done"
    assert plant.held("point", "level") == LEVEL
    await plant.made(text, "merge")
    merged = plant.held("point", "level")
    assert (merged.unit, merged.minimum, merged.tags) == ("cm", -1.5, ("wet", "deep"))
    assert merged.address == {"register": 3, "type": "int16"}
    await plant.made("id,device,minimum,tags,address.register\nlevel,tank,,dry,9\n", "overwrite")
    over = plant.held("point", "level")
    assert (over.unit, over.minimum, over.tags, over.address) == ("cm", None, ("dry",), {"register": 9})


async def test_secrets_are_kept_sealed_and_never_shown(plant: Plant) -> None:
    before = plant.held("endpoint", "broker").config["password"]
    head = "kind,id,name,driver,config.host,config.port,config.password\n"
    view = await plant.plan(head + "endpoint,broker,Broker,mqtt,other,8883,louder\n")
    (change,) = await plant.rows(view)
    assert [(one.field, one.old, one.new) for one in change.fields] == [
        ("config.host", "broker", "other"),
        ("config.password", "(kept)", "(new)"),
    ]
    await plant.apply(view)
    after = plant.held("endpoint", "broker").config
    assert after["host"] == "other"
    assert after["password"].keys() == {"sealed"}
    assert after["password"] != before
    view = await plant.plan(head + "endpoint,second,Second,mqtt,other,8883,(kept)\n")
    (error,) = await plant.rows(view, "errors")
    assert (error.line, error.column) == (2, "config.password")


async def test_a_change_of_the_site_after_the_preview_makes_a_new_one(plant: Plant) -> None:
    view = await plant.plan("id,device,unit\nlevel,tank,cm\n")
    await plant.put(Point(id="level", name="Level", device="tank", unit="mm", address={"register": 3}))
    again = await plant.apply(view)
    assert again.state == "ready"
    assert "changed since" in again.what
    assert (await plant.apply(view)).state == "done"
    assert plant.held("point", "level").unit == "cm"


async def test_two_points_of_one_address_are_noted(plant: Plant) -> None:
    view = await plant.plan("id,device,address.register\ntwin,tank,3\n")
    (change,) = await plant.rows(view)
    assert (change.note, view.counts.notes) == ("level of tank has the same address.", 1)
