"""What a file of machines makes of the site: rows to entities, and entities to changes. Pure; runs in a child."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, get_type_hints

import msgspec
from msgspec import UNSET, Struct, UnsetType

from sitewarden.domain.entity import KEPT, Entity
from sitewarden.domain.errors import Invalid, NotFound
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.domain.points.tables.changes import Action, MachineChange, MachineCounts, Mode
from sitewarden.domain.points.tables.columns import MODELS, SETTINGS
from sitewarden.domain.points.tables.rows import Row
from sitewarden.domain.points.tables.writing import cell
from sitewarden.domain.refs import is_id, slug
from sitewarden.domain.tabular import SHOWN, FieldChange, LineError
from sitewarden.drivers import registry
from sitewarden.kit.config import secret_fields
from sitewarden.services import config_secrets
from sitewarden.services.site_plan import fields_of, nearest

_PATH: Final = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<path>.*)`)?$", re.DOTALL)
_TELL: Final = 500
Machines = dict[str, dict[str, Entity]]
"""Kind to id to entity."""


@dataclass
class Plan:
    """What would be done. `made` is in the order of the file, `lines` the line of each."""

    mode: Mode
    counts: MachineCounts = field(default_factory=MachineCounts)
    errors: list[LineError] = field(default_factory=list)
    changes: list[MachineChange] = field(default_factory=list)
    made: list[tuple[str, Entity]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    def wrong(self, error: LineError) -> None:
        """Count an error, and keep the first of them."""
        self.counts.errors += 1
        if len(self.errors) < SHOWN:
            self.errors.append(error)


def plan(rows: Iterable[Row | LineError], known: Machines, mode: Mode, tell: Callable[[int], None]) -> Plan:
    """Plan the rows against what is `known`; endpoints count before devices and devices before points, wherever they stand."""
    planning = _Planning(known, mode)
    waiting: dict[str, list[Row]] = {kind: [] for kind in MODELS}
    for row in rows:
        planning.plan.counts.lines += 1
        if isinstance(row, LineError):
            planning.plan.wrong(row)
        else:
            waiting[row.kind].append(row)
    done = 0
    for kind in MODELS:
        for row in waiting[kind]:
            planning.take(row)
            done += 1
            if done % _TELL == 0:
                tell(done)
    planning.note()
    return planning.plan


class _Planning:
    def __init__(self, known: Machines, mode: Mode) -> None:
        self.plan = Plan(mode)
        self._known = known
        self._now: Machines = {kind: dict(known.get(kind, {})) for kind in MODELS}
        self._seen: dict[tuple[str, str], int] = {}
        self._failed: set[tuple[str, str]] = set()

    def take(self, row: Row) -> None:
        """Plan one row."""
        place, column = (row.kind, row.id), "id"
        try:
            old, id_ = self._which(row)
            place = (row.kind, id_)
            self._once(place, row.line)
            if self._parent_failed(row, old):
                self._failed.add(place)
                return
            new = self._entity(row, id_, old)
        except Invalid as error:
            self._failed.add(place)
            column = error.where or column
            self.plan.wrong(LineError(line=row.place(column), column=column, what=error.what, remedy=error.remedy))
            return
        self._planned(row, id_, old, new)

    def note(self) -> None:
        """Say of points that read what another point of the device reads."""
        planned = {change.id: index for index, change in enumerate(self.plan.changes) if change.kind == "point"}
        if not planned:
            return
        first: dict[tuple[str, bytes], str] = {}
        encode = msgspec.json.Encoder(order="sorted").encode
        for id_, point in self._now["point"].items():
            if not isinstance(point, Point) or not point.address:
                continue
            other = first.setdefault((point.device, encode(point.address)), id_)
            told = id_ if id_ in planned else other
            if other == id_ or told not in planned:
                continue
            index = planned[told]
            self.plan.counts.notes += 1
            text = f"{other if told == id_ else id_} of {point.device} has the same address."
            self.plan.changes[index] = msgspec.structs.replace(self.plan.changes[index], note=text)

    def _which(self, row: Row) -> tuple[Entity | None, str]:
        id_ = row.id or self._own_id(row)
        if not is_id(id_):
            raise Invalid(
                f"{id_[:70]!r} is no id.",
                where="id",
                remedy="Use a-z, 0-9 and hyphens, 1 to 63 characters; or leave it empty, and it is made from the name.",
            )
        return self._known.get(row.kind, {}).get(id_), id_

    @staticmethod
    def _own_id(row: Row) -> str:
        name = row.values.get("name")
        if not isinstance(name, str) or not name:
            raise Invalid("is missing, and so is the id.", where="name", remedy="Give one of them.")
        device = row.values.get("device")
        text = f"{device} {name}" if row.kind == "point" and isinstance(device, str) else name
        made = slug(text)[:63].strip("-")
        if not made:
            raise Invalid("No id can be made from this name.", where="id", remedy="Give an id of a-z, 0-9 and hyphens.")
        return made

    def _once(self, place: tuple[str, str], line: int) -> None:
        before = self._seen.setdefault(place, line)
        if before != line:
            raise Invalid(f"{place[1]} stands in line {before} already.", where="id", remedy="Keep one of both.")

    def _parent_failed(self, row: Row, old: Entity | None) -> bool:
        parent = {"device": "endpoint", "point": "device"}.get(row.kind)
        return parent is not None and (parent, row.values.get(parent) or getattr(old, parent, "")) in self._failed

    def _entity(self, row: Row, id_: str, old: Entity | None) -> Entity:
        model, settings = MODELS[row.kind], SETTINGS[row.kind]
        fields: dict[str, Any] = msgspec.to_builtins(old) if old is not None else {}
        before: dict[str, Any] = fields.get(settings, {})
        emptied = self.plan.mode == "overwrite"
        for name, value in row.values.items():
            if value is None:
                if emptied:
                    fields.pop(name, None)
            elif name == "tags" and not emptied and old is not None and isinstance(value, list):
                fields[name] = list(dict.fromkeys([*old.tags, *value]))
            else:
                fields[name] = value
        fields["id"] = id_
        if old is None and not fields.get("name"):
            fields["name"] = id_
        fields[settings] = before
        made = _made(model, fields, row.loose)
        driver = self._driver(made)
        given = dict(row.settings)
        if row.loose:
            given |= _typed(driver, _LEVELS[row.kind], settings, {k: v for k, v in given.items() if v is not None})
        base = {} if emptied and given else before
        given = {**base, **{name: value for name, value in given.items() if value is not None}}
        if settings == config_secrets.FIELD:
            given, missing = config_secrets.restored(given, old)
            if missing:
                raise Invalid(
                    "This server does not hold the secret.",
                    where=f"{settings}.{missing[0]}",
                    remedy="Write it in its place.",
                )
        shown = config_secrets.shown(given) if settings == config_secrets.FIELD else given
        registry.validate_config(driver, _LEVELS[row.kind], shown, settings)
        new: Entity = msgspec.structs.replace(made, **{settings: given}) if given != before else made
        return new

    def _driver(self, entity: Entity) -> str:
        match entity:
            case Endpoint():
                try:
                    registry.manifest(entity.driver)
                except NotFound as error:
                    raise Invalid(f"There is no driver {entity.driver!r}.", where="driver", remedy=error.remedy) from None
                return entity.driver
            case Device():
                return str(self._parent("endpoint", entity.endpoint, Endpoint).driver)
            case Point():
                device = self._parent("device", entity.device, Device)
                return str(self._parent("endpoint", device.endpoint, Endpoint).driver)
            case _:
                raise TypeError(entity)

    def _parent(self, kind: str, id_: str, model: type[Any]) -> Any:
        found = self._now[kind].get(id_)
        if not isinstance(found, model):
            raise Invalid(
                f"There is no {kind} {id_!r}.",
                where=kind,
                remedy=f"Name one that there is, or add a row of the kind {kind} to the file.",
            )
        return found

    def _secrets(self, kind: str, entity: Entity) -> frozenset[str]:
        model = registry.models(self._driver(entity)).get(_LEVELS[kind])
        return secret_fields(model) if model is not None else frozenset()

    def _planned(self, row: Row, id_: str, old: Entity | None, new: Entity) -> None:
        plan = self.plan
        if new == old:
            plan.counts.same += 1
            return
        action: Action = "add" if old is None else "keep" if plan.mode == "keep" else "change"
        if len(plan.changes) < SHOWN:
            fields = _differences(row.kind, old, new, self._secrets(row.kind, new))
            plan.changes.append(
                MachineChange(line=row.line, action=action, kind=row.kind, id=id_, name=new.name, fields=fields)  # type: ignore[arg-type]
            )
        if action == "keep":
            plan.counts.kept += 1
            return
        counted = {"add": "added", "change": "changed"}[action]
        for name in (counted, f"{row.kind}s"):
            setattr(plan.counts, name, getattr(plan.counts, name) + 1)
        self._now[row.kind][id_] = new
        plan.made.append((row.kind, new))
        plan.lines.append(row.line)


_EXPECTED: Final = {
    "int": ("A whole number is expected.", "Write digits alone."),
    "float": ("A number is expected.", "Write it with a point, such as 0.5."),
    "bool": ("Yes or no is expected.", "Write yes or no; true or false in YAML."),
    "str": ("A text is expected.", "Put it in quotes."),
    "array": ("A list is expected.", 'Write ["a", "b"].'),
    "object": ("A mapping is expected.", 'Write {"name": "value"}.'),
}
_LEVELS: Final[dict[str, registry.Level]] = {"endpoint": "endpoint", "device": "device", "point": "address"}


def _made(model: type[Entity], fields: Mapping[str, Any], loose: bool) -> Any:
    try:
        return msgspec.convert(fields, model, strict=not loose)
    except msgspec.ValidationError as error:
        raise _refusal(error, "") from None


def _typed(driver: str, level: registry.Level, where: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return cells as the driver's model wants them: numbers, yes and no, lists in JSON."""
    if not given:
        return given
    model, flags = _partial(driver, level)
    values: dict[str, Any] = {}
    for name, text in given.items():
        if name not in model.__struct_fields__:
            remedy = nearest(name, model.__struct_fields__)
            raise Invalid(f"There is no setting {name!r}.", where=f"{where}.{name}", remedy=remedy)
        if text[:1] in "[{":
            try:
                text = msgspec.json.decode(text)
            except msgspec.DecodeError:
                pass
        elif name in flags and text.lower() in ("yes", "no"):
            text = text.lower() == "yes"
        values[name] = text
    try:
        typed = msgspec.convert(values, model, strict=False)
    except msgspec.ValidationError as error:
        raise _refusal(error, f"{where}.") from None
    return {name: msgspec.to_builtins(getattr(typed, name)) for name in given}


@lru_cache(256)
def _partial(driver: str, level: registry.Level) -> tuple[type[Struct], frozenset[str]]:
    """Return a driver's model with every field left out as it likes, and the fields that are yes or no."""
    model = registry.models(driver).get(level)
    hints = get_type_hints(model, include_extras=True) if model is not None else {}
    fields: list[Any] = [(name, hint | UnsetType, UNSET) for name, hint in hints.items()]
    return msgspec.defstruct(f"{driver}_{level}", fields, kw_only=True), frozenset(n for n, h in hints.items() if h is bool)


def _refusal(error: msgspec.ValidationError, where: str) -> Invalid:
    found = _PATH.match(str(error))
    what, path = (found["what"], found["path"] or "") if found else (str(error), "")
    missing = re.match(r"Object missing required field `(.+)`$", what)
    if missing:
        return Invalid("is missing", where=where + missing[1], remedy="Give it a value.")
    expected = re.match(r"Expected `(\w+)", what)
    said, remedy = _EXPECTED.get(expected[1] if expected else "", (f"{what}.", "Look at the settings in the driver's README."))
    return Invalid(said, where=(where + path).split("[")[0], remedy=remedy)


def _differences(kind: str, old: Entity | None, new: Entity, secrets: frozenset[str]) -> tuple[FieldChange, ...]:
    found: list[FieldChange] = []
    defaults: dict[str, Any] = {one.name: one.default for one in fields_of(type(new)) if one.default is not msgspec.NODEFAULT}
    for name in new.__struct_fields__:
        before, after = getattr(old, name) if old is not None else defaults.get(name), getattr(new, name)
        if name == SETTINGS[kind]:
            found += _settings(name, before or {}, after, secrets)
        elif before != after and name not in ("id", "name" if old is None else ""):
            found.append(FieldChange(name, cell(before), cell(after)))
    return tuple(found)


def _settings(where: str, before: Mapping[str, Any], after: Mapping[str, Any], secrets: frozenset[str]) -> list[FieldChange]:
    if where == config_secrets.FIELD:
        before, after = config_secrets.compared(before, after)
        after = {name: "(new)" if name in secrets and value != KEPT else value for name, value in after.items()}
    return [
        FieldChange(f"{where}.{name}", cell(before.get(name)), cell(after.get(name)))
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    ]
