"""The site file as YAML text: one mapping a kind, one mapping an id. Text to plain values and back; no I/O.

Refused besides what YAML refuses: aliases (a few lines could stand for gigabytes), a key twice (the first would be lost
silently), tags for objects, nesting beyond `MAX_DEPTH`.
"""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from sitewarden.domain.errors import Invalid, TooLarge

VERSION: Final = 1
MARK: Final = "sitewarden"
"""Key of the format's version, first in the file."""
MAX_DEPTH: Final = 20

_HEAD: Final = """\
# The site of a Sitewarden server. `sitewarden apply --plan FILE` shows what it would change, `sitewarden apply FILE` does it.
# A kind that is left out stays as it is; of a kind that is here, what is not listed is deleted.
# "(kept)" stands for a secret that the server holds; write a new secret in its place to change it.
"""

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BaseDumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Loader(_Base):  # type: ignore[misc]
    """Safe loader that refuses a key twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise Invalid(f"The key {key.value!r} stands twice.", where=_line(key.start_mark), remedy="Remove one of them.")
            seen.add(key.value)
        result: dict[Any, Any] = super().construct_mapping(node, deep)
        return result


class _Dumper(_BaseDumper):  # type: ignore[misc]
    """Safe dumper that puts quotes around what YAML 1.1 or 1.2 would not read as text."""


# YAML 1.1 reads "no" as false, 12:30 as 750 and 2026-01-01 as a date; a site file is read by YAML 1.2's core schema.
_Loader.yaml_implicit_resolvers = {}
_PLAIN: Final = {
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "bool": (r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    "int": (r"[-+]?(?:0|[1-9][0-9]*)", list("-+0123456789")),
    "float": (r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
}
for _tag, (_pattern, _first) in _PLAIN.items():
    for _class in (_Loader, _Dumper):
        _class.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})\Z"), _first)
_IS: Final = {tag: re.compile(rf"(?:{pattern})\Z").match for tag, (pattern, _) in _PLAIN.items()}
_BEGIN: Final = frozenset("~nNtTfF-+.0123456789")


def load(text: str) -> dict[str, Any]:
    """Return the mapping of a site file.

    Raises Invalid with the line that is wrong, TooLarge for nesting beyond the limit.
    """
    try:
        _check_events(text)
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 a safe loader
    except yaml.MarkedYAMLError as error:
        what = f"This is no YAML: {error.problem or error.context}."
        raise Invalid(
            what, where=_line(error.problem_mark), remedy="Correct this line; look at its indentation and quotes."
        ) from error
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise Invalid(f"This is no YAML: {error}.", remedy="Save the file as UTF-8 text.") from error
    if content is None:
        content = {}
    if not isinstance(content, dict):
        raise Invalid("The file is not a mapping.", where="line 1", remedy='Begin with "sitewarden: 1", then one key a kind.')
    version = content.pop(MARK, VERSION)
    if version != VERSION:
        raise Invalid(f"The format {version!r} is not known.", where=MARK, remedy=f"This server reads format {VERSION}.")
    return content


def scalar(text: str) -> Any:
    """Return what a plain scalar stands for."""
    if text and text[0] not in _BEGIN:
        return text
    if _IS["int"](text):
        return int(text)
    if _IS["float"](text):
        return float(text)
    if _IS["null"](text):
        return None
    return text.lower() == "true" if _IS["bool"](text) else text


def _line(mark: Any) -> str:
    return f"line {mark.line + 1}" if mark else ""


def _check_events(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Base):
        if isinstance(event, yaml.AliasEvent):
            raise Invalid(
                "Aliases are not taken.",
                where=_line(event.start_mark),
                remedy="Write the value out where it is used.",
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise TooLarge(
                    f"The nesting is deeper than {MAX_DEPTH}.", where=_line(event.start_mark), remedy="Make it flatter."
                )
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def dump(content: dict[str, Any]) -> str:
    """Return the text of a site file."""
    body: str = yaml.dump({MARK: VERSION, **content}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return _HEAD + body
