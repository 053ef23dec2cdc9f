"""From lines to entities: what a table would change of the people of a site, checked whole. Pure.

Lines with the same `holder` are one person; where that column is empty the id is made from the name, and two lines with one name
and no id are refused, since nobody can tell whether they are two people. Nobody is ever removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from sitewarden.domain.access.compiler import keys_of
from sitewarden.domain.access.people import Credential, CredentialHolder
from sitewarden.domain.access.pins import hash_pin
from sitewarden.domain.access.roster import cells as read
from sitewarden.domain.access.roster.changes import SHOWN, Counts, LineError, Mode, RosterChange
from sitewarden.domain.access.roster.columns import CREDENTIAL, CUSTOM, HOLDER
from sitewarden.domain.access.roster.fields import (
    CREDENTIAL_CELLS,
    DEFAULT_CREDENTIAL,
    DEFAULT_HOLDER,
    HOLDER_CELLS,
    Cell,
    Known,
    card_text,
    differences,
)
from sitewarden.domain.access.roster.reading import Line
from sitewarden.domain.errors import Invalid
from sitewarden.domain.refs import slug

_ALIKE = 4096
"""Texts of a column that are remembered with what they mean: groups, days and profiles are the same in very many lines."""
_UNLIKE = frozenset({"name", "credential_name", "card", "identifiers", "description"})
_MAKES = ("credential", "card", "identifiers", "pin")
"""Columns of which one must say something for a line to have a credential."""


Row = tuple[int, str, str, str, str]
"""Line, action, kind, id, and the names of the fields that change, with spaces between them."""

_Column = tuple[str, Cell, dict[str, Any]]
"""A column that the table has, how it is read, and what its texts were found to mean."""


@dataclass
class Plan:
    """What comes of a table. `holders` and `credentials` are those that are new or other than before, by id."""

    counts: Counts = field(default_factory=Counts)
    errors: list[LineError] = field(default_factory=list)
    shown: list[RosterChange] = field(default_factory=list)
    holders: dict[str, CredentialHolder] = field(default_factory=dict)
    credentials: dict[str, Credential] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    """What is done, for the record: fields by their names alone."""


@dataclass
class _Person:
    line: int
    cells: dict[str, str]
    named: bool
    lines: list[Line] = field(default_factory=list)


def plan(lines: Iterable[Line], known: Known, mode: Mode, progress: Callable[[int], None] = lambda count: None) -> Plan:
    """Return what the lines would change; `progress` is told the count of people done. Raises Invalid for an unreadable table."""
    return _Planning(known, mode).run(lines, progress)


class _Planning:
    def __init__(self, known: Known, mode: Mode) -> None:
        self._known = known
        self._mode = mode
        self._plan = Plan()
        self._people: dict[str, _Person] = {}
        self._lines: dict[str, int] = {}
        """Credential to the line that gives it."""
        self._encode = msgspec.msgpack.Encoder().encode
        self._checks = {model: msgspec.msgpack.Decoder(model).decode for model in (CredentialHolder, Credential)}
        self._of_key = {key: id_ for id_, one in known.credentials.items() for key in keys_of(one)}
        self._columns: set[str] = set()
        self._about_holder: dict[str, bool] = {}
        self._holder_cells: list[_Column] = []
        self._credential_cells: list[_Column] = []

    def run(self, lines: Iterable[Line], progress: Callable[[int], None]) -> Plan:
        for line in lines:
            self._plan.counts.lines += 1
            self._columns.update(line.cells)
            self._take(line)
        self._holder_cells = self._given(HOLDER_CELLS)
        self._credential_cells = self._given(CREDENTIAL_CELLS)
        for count, (id_, person) in enumerate(self._people.items()):
            self._person(id_, person)
            if count % 2000 == 0:
                progress(count)
        self._hosts_exist()
        self._nothing_twice()
        self._plan.errors.sort(key=lambda error: error.line)
        return self._plan

    # -- lines --------------------------------------------------------------------------------------------------------

    def _take(self, line: Line) -> None:
        """Gather the lines of a person."""
        given = line.cells.get("holder", "")
        name = line.cells.get("name", "")
        id_ = given or slug(name)
        try:
            if not id_:
                self._no_id(name)
            read.id_in(id_, "person")
        except Invalid as error:
            self._error(line.number, "holder" if given else "name", error)
            return
        person = self._people.get(id_)
        if person is None:
            about = self._about_holder
            if not about.keys() >= line.cells.keys():
                about |= {column: column in HOLDER or column.startswith(CUSTOM) for column in line.cells}
            cells = {column: text for column, text in line.cells.items() if about[column]}
            self._people[id_] = _Person(line.number, cells, bool(given), [line])
            return
        if not given or not person.named:
            self._error(
                line.number,
                "holder",
                Invalid(
                    f"{name[:60] or id_} stands in line {person.line} too, without an id in both.",
                    remedy="Write the same id in the column holder where it is one person, two ids where they are two.",
                ),
            )
            return
        person.lines.append(line)
        for column, text in line.cells.items():
            before = person.cells.get(column)
            if before is None or not text or before == text:
                continue
            if before:
                self._error(
                    line.number,
                    column,
                    Invalid(f"Line {person.line} says {before[:60]!r} of the same person.", remedy="Write it once, or the same."),
                )
            else:
                person.cells[column] = text

    @staticmethod
    def _no_id(name: str) -> None:
        raise Invalid(
            "No id can be made from this name." if name else "There is neither an id nor a name.",
            remedy="Write an id of a-z, 0-9 and hyphens in the column holder.",
        )

    # -- people -------------------------------------------------------------------------------------------------------

    def _person(self, id_: str, person: _Person) -> None:
        before = self._known.holders.get(id_)
        if before is None or self._mode != "keep":
            values, whole = self._values(person.line, person.cells, self._holder_cells, before)
            if before is None and "name" not in values and whole:
                whole = False
                self._error(person.line, "name", Invalid("A new person has a name.", remedy="Fill the column name."))
            holder = self._holder(id_, person, before, values) if whole else None
        else:
            holder = before
        if holder is not None:
            self._note(person.line, before, holder)
        for line in person.lines:
            get = line.cells.get
            if get("card") or get("pin") or get("credential") or get("identifiers"):
                self._credential(line, id_, holder or before)
            elif any(
                line.cells.get(column) for column in CREDENTIAL if column not in ("credential_enabled", "extended_grant_time")
            ):
                column = next(column for column in CREDENTIAL if line.cells.get(column) and column not in _MAKES)
                self._error(
                    line.number,
                    column,
                    Invalid(
                        "It belongs to a credential, and the line has none.",
                        remedy="Give a card or a PIN; access without one yet comes from the column groups.",
                    ),
                )

    def _holder(
        self, id_: str, person: _Person, before: CredentialHolder | None, values: dict[str, Any]
    ) -> CredentialHolder | None:
        custom = {name: text for name, text in person.cells.items() if name.startswith(CUSTOM)}
        if custom:
            held = dict(before.custom) if before is not None else {}
            for name, text in custom.items():
                if text:
                    held[name[len(CUSTOM) :]] = text
                elif self._mode == "overwrite":
                    held.pop(name[len(CUSTOM) :], None)
            values["custom"] = held
        if before is not None:
            values = self._gained(values, before, ("groups", "tags"))
        holder = msgspec.structs.replace(before or DEFAULT_HOLDER, **{**values, "id": id_})
        errors = self._plan.counts.errors
        self._exist(person.line, "groups", holder.groups, self._known.groups, "group")
        self._exist(person.line, "area", (holder.area,) if holder.area else (), self._known.areas, "area")
        if holder.kind == "visitor" and holder.valid_to is None:
            self._error(person.line, "valid_to", Invalid("A visitor has an end.", remedy="Fill the column valid_to."))
        if holder.kind == "visitor" and holder.host is None:
            self._error(person.line, "host", Invalid("A visitor has a host.", remedy="Write the id of who receives them."))
        if holder.host == id_:
            self._error(person.line, "host", Invalid("Nobody is their own host.", remedy="Write the id of who receives them."))
        self._in_order(person.line, "valid_to", holder.valid_from, holder.valid_to)
        self._fits(person.line, holder)
        return holder if self._plan.counts.errors == errors else None

    def _credential(self, line: Line, holder_id: str, holder: CredentialHolder | None) -> None:
        before = self._own(line, holder_id)
        values, whole = self._values(line.number, line.cells, self._credential_cells, before)
        if not whole:
            return
        id_ = line.cells.get("credential", "")
        try:
            if id_:
                read.id_in(id_, "credential")
        except Invalid as error:
            self._error(line.number, "credential", error)
            return
        if not id_:
            id_ = before.id if before is not None else self._free(holder_id)
        if id_ in self._lines:
            text = f"The credential {id_} stands in line {self._lines[id_]} too."
            self._error(line.number, "credential", Invalid(text, remedy="Give each its own id."))
            return
        self._lines[id_] = line.number
        if before is not None and before.holder != holder_id:
            text = f"The credential {id_} belongs to {before.holder}."
            self._error(line.number, "credential", Invalid(text, remedy="Take another id, or take it from there first."))
            return
        if before is not None and self._mode == "keep":
            self._note(line.number, before, before)
            return
        if before is not None:
            values = self._gained(values, before, ("profiles", "identifiers"))
        if before is None and "name" not in values:
            values["name"] = holder.name if holder is not None else id_
        if values.get("enabled") and "disabled_reason" not in values:
            values["disabled_reason"] = ""
        errors = self._plan.counts.errors
        pin = line.cells.get("pin", "")
        if pin:
            try:
                values["pin_hash"] = hash_pin(self._known.pin_key, pin)
            except Invalid as error:
                self._error(line.number, "pin", error)
        credential = msgspec.structs.replace(before or DEFAULT_CREDENTIAL, **{**values, "id": id_, "holder": holder_id})
        if not credential.card and not credential.identifiers and not credential.pin_hash and not pin:
            text = "A credential has a card, a PIN, or both."
            self._error(line.number, "card", Invalid(text, remedy="Fill the column card or pin."))
        if credential.enabled and credential.disabled_reason:
            text = "A credential that is enabled has no reason to be disabled."
            self._error(line.number, "disabled_reason", Invalid(text, remedy="Write no in the column credential_enabled."))
        self._exist(line.number, "profiles", (one.profile for one in credential.profiles), self._known.profiles, "profile")
        self._in_order(line.number, "credential_valid_to", credential.valid_from, credential.valid_to)
        self._fits(line.number, credential)
        if self._plan.counts.errors == errors:
            self._note(line.number, before, credential)

    def _own(self, line: Line, holder_id: str) -> Credential | None:
        """Return the credential that the line is about: by its id, else by a card that its holder has already."""
        id_ = line.cells.get("credential", "")
        if id_:
            return self._known.credentials.get(id_)
        if not self._of_key:
            return None
        try:
            card = card_text(line.cells.get("card", ""), self._known)
        except Invalid:
            return None
        held = self._known.credentials.get(self._of_key.get(card, ""))
        return held if held is not None and held.holder == holder_id else None

    def _free(self, holder_id: str) -> str:
        number = 1
        while True:
            id_ = holder_id if number == 1 else f"{holder_id[:56].rstrip('-')}-{number}"
            if id_ not in self._lines and id_ not in self._known.credentials:
                return id_
            number += 1

    # -- cells and checks ---------------------------------------------------------------------------------------------

    def _values(
        self, line: int, cells: Mapping[str, str], columns: Iterable[_Column], before: Any
    ) -> tuple[dict[str, Any], bool]:
        """Return the fields that the cells give, and whether all could be read."""
        values: dict[str, Any] = {}
        whole = True
        for column, (name, default, convert), alike in columns:
            text = cells.get(column)
            if text is None:
                continue
            if not text:
                if self._mode == "overwrite" and before is not None and name != "name":
                    values[name] = default
                continue
            if text in alike:
                values[name] = alike[text]
                continue
            try:
                values[name] = value = convert(text, self._known)
            except Invalid as error:
                whole = False
                self._error(line, column, error)
                continue
            if len(alike) < _ALIKE and column not in _UNLIKE:
                alike[text] = value
        return values, whole

    def _given(self, cells: Mapping[str, Cell]) -> list[_Column]:
        return [(column, cell, {}) for column, cell in cells.items() if column in self._columns]

    def _gained(self, values: dict[str, Any], before: Any, names: tuple[str, ...]) -> dict[str, Any]:
        """Return values whose lists have what is there too, where lists gain."""
        if self._mode != "merge":
            return values
        for name in names:
            if name not in values:
                continue
            mine = values[name]
            if name == "profiles":
                given = {one.profile: one for one in mine}
                kept = tuple(given.pop(one.profile, one) for one in getattr(before, name))
                values[name] = (*kept, *given.values())
            else:
                values[name] = tuple(dict.fromkeys((*getattr(before, name), *mine)))
        return values

    def _exist(self, line: int, column: str, ids: Iterable[str], known: frozenset[str], what: str) -> None:
        for id_ in ids:
            if id_ not in known:
                near = f"Create it first; known are {', '.join(sorted(known)[:8])}." if known else "Create it first."
                self._error(line, column, Invalid(f"There is no {what} {id_!r}.", remedy=near))

    def _in_order(self, line: int, column: str, begin: int | None, end: int | None) -> None:
        if begin is not None and end is not None and begin >= end:
            self._error(line, column, Invalid("It ends before it begins.", remedy="Choose a later end."))

    def _fits(self, line: int, entity: CredentialHolder | Credential) -> None:
        try:
            self._checks[type(entity)](self._encode(entity))
        except msgspec.ValidationError as error:
            what, _, path = str(error).partition(" - at `$.")
            name = path.rstrip("`").partition("[")[0]
            table = HOLDER_CELLS if isinstance(entity, CredentialHolder) else CREDENTIAL_CELLS
            column = next((column for column, cell in table.items() if cell[0] == name), CUSTOM if name == "custom" else name)
            self._error(line, column, Invalid(f"It does not fit: {what}.", remedy="Correct this cell."))

    def _hosts_exist(self) -> None:
        for id_, holder in self._plan.holders.items():
            host = holder.host
            if host is None or (host in self._plan.holders or host in self._known.holders):
                continue
            text = f"There is no person {host!r} to receive the visitor."
            self._error(self._people[id_].line, "host", Invalid(text, remedy="Write the id of a person."))

    def _nothing_twice(self) -> None:
        """Refuse a card and a PIN that another credential has, once all changes are made."""
        touched = self._plan.credentials
        owner = {key: id_ for key, id_ in self._of_key.items() if id_ not in touched}
        pins = {pin: id_ for id_, one in self._known.credentials.items() if id_ not in touched for pin in _pins(one)}
        pins |= {one.duress_pin_hash: id_ for id_, one in touched.items() if one.duress_pin_hash}
        for id_, credential in touched.items():
            line = self._lines[id_]
            try:
                keys = keys_of(credential)
            except Invalid as error:
                self._error(line, "identifiers", error)
                continue
            for key in keys:
                other = owner.setdefault(key, id_)
                if other != id_:
                    column = "card" if key == credential.card else "identifiers"
                    at = f" in line {self._lines[other]}" if other in self._lines else ""
                    text = f"It belongs to the credential {other}{at}."
                    self._error(line, column, Invalid(text, remedy="Take it from there first, or correct the number."))
            taken = credential.pin_hash and pins.setdefault(credential.pin_hash, id_) != id_
            if taken or (credential.pin_hash and credential.pin_hash == credential.duress_pin_hash):
                self._error(line, "pin", Invalid("This PIN cannot be used.", remedy="Choose another PIN."))

    # -- results ------------------------------------------------------------------------------------------------------

    def _note(self, line: int, before: Any, after: CredentialHolder | Credential) -> None:
        counts, plan = self._plan.counts, self._plan
        kind: Literal["credential-holder", "credential"]
        new, same = before is None, before is not None and before == after
        if isinstance(after, CredentialHolder):
            kind = "credential-holder"
            counts.holders_same += same
            if same:
                return
            counts.holders_added += new
            counts.holders_changed += not new
            plan.holders[after.id] = after
        else:
            kind = "credential"
            counts.credentials_same += same
            if same:
                return
            counts.credentials_added += new
            counts.credentials_changed += not new
            plan.credentials[after.id] = after
        names = "" if before is None else " ".join(_differ(before, after))
        plan.rows.append((line, "add" if before is None else "change", kind, after.id, names))
        if len(plan.shown) < SHOWN:
            plan.shown.append(
                RosterChange(
                    line=line,
                    action="add" if before is None else "change",
                    kind=kind,
                    id=after.id,
                    name=after.name,
                    fields=differences(before, after, self._known.zone),
                )
            )

    def _error(self, line: int, column: str, error: Invalid) -> None:
        self._plan.counts.errors += 1
        if len(self._plan.errors) < SHOWN:
            self._plan.errors.append(LineError(line=line, column=column, what=error.what, remedy=error.remedy))


def _differ(before: Any, after: Any) -> list[str]:
    return [name.removesuffix("_hash") for name in after.__struct_fields__ if getattr(before, name) != getattr(after, name)]


def _pins(credential: Credential) -> tuple[str, ...]:
    return tuple(pin for pin in (credential.pin_hash, credential.duress_pin_hash) if pin)
