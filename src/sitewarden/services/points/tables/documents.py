"""A YAML file of machines as rows with the line of each field. One pass over the parser's events, since a file has 20,000 points.

The form is the site file's: `endpoints`, `devices` and `points`, one mapping an id. Aliases, tags and a key twice are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
import yaml

from sitewarden.domain.errors import Invalid, TooLarge
from sitewarden.domain.points.tables.columns import MODELS, SETTINGS, fields_of
from sitewarden.domain.points.tables.rows import Row
from sitewarden.domain.tabular import LineError
from sitewarden.services.site_plan import nearest
from sitewarden.services.site_yaml import MARK, MAX_DEPTH, VERSION, scalar
from sitewarden.services.surface.entities import PLURALS

_SECTIONS: Final = {PLURALS[kind]: kind for kind in MODELS}
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def rows_of(text: str) -> Iterator[Row | LineError]:
    """Yield the rows of a YAML file, and what is wrong in one; raises Invalid with the line for what cannot be read as one."""
    try:
        content, lines = _Reading(text).read()
    except yaml.MarkedYAMLError as error:
        raise Invalid(
            f"This is no YAML: {error.problem or error.context}.",
            where=f"line {error.problem_mark.line + 1}" if error.problem_mark else "",
            remedy="Correct this line; look at its indentation and quotes.",
        ) from error
    except (yaml.YAMLError, ValueError) as error:
        raise Invalid(f"This is no YAML: {error}.", remedy="Save the file as UTF-8 text.") from error
    version = content.pop(MARK, VERSION)
    if version != VERSION:
        raise Invalid(f"The format {version!r} is not known.", where=MARK, remedy=f"This server reads format {VERSION}.")
    for section in content:
        if section not in _SECTIONS:
            raise Invalid(
                f"There is no section {section!r} here.",
                where=f"line {lines[section,]}",
                remedy=nearest(str(section), _SECTIONS) + " Other kinds are applied with the site file.",
            )
    for section, kind in _SECTIONS.items():
        entities = content.get(section) or {}
        if not isinstance(entities, dict):
            raise Invalid(
                "It is not a mapping.", where=f"line {lines[section,]}", remedy="Write one key an id, and its fields below it."
            )
        for id_, values in entities.items():
            yield _row(kind, str(id_), values, lines, (section, id_))


def _row(kind: str, id_: str, values: Any, lines: dict[tuple[Any, ...], int], path: tuple[Any, ...]) -> Row | LineError:
    line = lines[path]
    if not isinstance(values, dict | None):
        return LineError(line=line, column="id", what="It is not a mapping.", remedy="Write its fields below the id.")
    values = values or {}
    field = SETTINGS[kind]
    known = fields_of(kind)
    places = {str(name): lines[*path, name] for name in values}
    for name in values:
        if name not in known and name != field:
            return LineError(
                line=places[str(name)],
                column=str(name),
                what=f"A {kind} has no field {name!r}.",
                remedy=nearest(str(name), (*known, field)),
            )
    settings = values.pop(field, None)
    if not isinstance(settings, dict | None):
        return LineError(line=places[field], column=field, what="It is not a mapping.", remedy="Write a setting a line below.")
    settings = settings or {}
    places |= {f"{field}.{name}": lines[*path, field, name] for name in settings}
    return Row(line=line, kind=kind, id=id_, values=values, settings=settings, loose=False, places=places)


def lines(content: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterator[str]:
    """Yield the lines of a file: sections, ids, fields, and one line a setting. The YAML library takes a minute for as many."""
    yield f"{MARK}: {VERSION}\n"
    for section, entities in content.items():
        yield f"{section}:\n"
        for id_, values in entities.items():
            yield f"  {_text(id_)}:\n"
            for name, value in values.items():
                if name in ("config", "address"):
                    yield f"    {name}:\n"
                    for member, setting in value.items():
                        yield f"      {_text(member)}: {_text(setting)}\n"
                else:
                    yield f"    {name}: {_text(value)}\n"


def _text(value: Any) -> str:
    """Return a value as YAML: plain where nobody could take it for something else, JSON otherwise, which YAML includes."""
    if isinstance(value, str) and _PLAIN(value) and scalar(value) == value:
        return value
    return msgspec.json.encode(value).decode().translate(_BREAKS)


_PLAIN: Final = re.compile(r"[A-Za-z](?:[A-Za-z0-9 ._/+-]*[A-Za-z0-9_/])?").fullmatch
_BREAKS: Final = {code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF)}
"""What YAML takes for the end of a line, or does not take, where JSON takes it as it is."""


class _Reading:
    """The content of a document with the lines of its keys, down to the settings of an entity."""

    DEEP: Final = 4
    """Keys of this many levels have lines: section, id, field, member of the settings."""

    def __init__(self, text: str) -> None:
        self._events = yaml.parse(text, Loader=_Base)
        self._lines: dict[tuple[Any, ...], int] = {}
        self._depth = 0

    def read(self) -> tuple[dict[Any, Any], dict[tuple[Any, ...], int]]:
        content: Any = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                content = self._node(next(self._events), ())
                break
        if any(isinstance(event, yaml.DocumentStartEvent) for event in self._events):
            raise Invalid("The file has more than one document.", remedy="Keep one.")
        if content is None:
            content = {}
        if not isinstance(content, dict):
            raise Invalid("The file is not a mapping.", where="line 1", remedy='Begin with "points:", then one key an id.')
        return content, self._lines

    def _node(self, event: Any, path: tuple[Any, ...] | None) -> Any:
        if isinstance(event, yaml.ScalarEvent):
            if event.tag is not None:
                raise Invalid("Tags are not taken.", where=_line(event), remedy="Write the plain value.")
            return scalar(event.value) if not event.style and event.implicit[0] else event.value
        if isinstance(event, yaml.AliasEvent):
            raise Invalid("Aliases are not taken.", where=_line(event), remedy="Write the value out where it is used.")
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooLarge(f"The nesting is deeper than {MAX_DEPTH}.", where=_line(event), remedy="Make it flatter.")
        made = self._mapping(path) if isinstance(event, yaml.MappingStartEvent) else self._sequence()
        self._depth -= 1
        return made

    def _mapping(self, path: tuple[Any, ...] | None) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent):
                raise Invalid("A key is no text.", where=_line(event), remedy="Write a name.")
            # Keys stay the text that they are: an id of digits alone is an id.
            key = event.value
            if key in found:
                raise Invalid(f"The key {key!r} stands twice.", where=_line(event), remedy="Remove one of them.")
            below = None
            if path is not None and len(path) < self.DEEP:
                below = (*path, key)
                self._lines[below] = _number(event)
            found[key] = self._node(next(self._events), below)
        return found

    def _sequence(self) -> list[Any]:
        found: list[Any] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            found.append(self._node(event, None))
        return found


def _number(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 0


def _line(event: yaml.Event) -> str:
    return f"line {_number(event)}"
