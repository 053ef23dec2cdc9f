"""Typed configuration of drivers: unknown keys are refused with the nearest known name."""

from __future__ import annotations

import difflib
import re
from typing import Annotated, Any, Final, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Meta, Struct

from sitewarden.domain.errors import Invalid
from sitewarden.kit.errors import Misconfigured

T = TypeVar("T", bound=Struct)

_SECRET: Final = {"secret": True}
SecretText = Annotated[
    str, Meta(max_length=16_384, extra=_SECRET, description="Write-only: held sealed, told to the driver alone.")
]
"""Type of a setting that is sealed at rest and never shown: a password, a private key in PEM."""

_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>[^`]*)`(?: - at `\$\.?(?P<path>.*)`)?$")
_MISSING = re.compile(r"Object missing required field `(?P<name>[^`]*)`(?: - at `\$\.?(?P<path>.*)`)?$")
_VALUE = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<path>.*)`)?$", re.DOTALL)


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of a driver's settings at one level: endpoint, device or address."""


def secret_fields(model: type[Struct]) -> frozenset[str]:
    """Return the names of a model's own fields that are secret."""
    hints = get_type_hints(model, include_extras=True)
    return frozenset(name for name, hint in hints.items() if _is_secret(hint))


def _is_secret(hint: Any) -> bool:
    return any((isinstance(one, Meta) and one.extra == _SECRET) or _is_secret(one) for one in get_args(hint))


def check(model: type[T], data: dict[str, Any], where: str = "") -> T:
    """Return `data` as `model`, or raise Invalid with the field and what to do; `where` names the entity."""
    try:
        return msgspec.convert(data, model)
    except msgspec.ValidationError as error:
        raise _refusal(model, str(error), where) from None
    except ValueError as error:
        raise Invalid(str(error), where=where) from None


def load(model: type[T], data: dict[str, Any], where: str) -> T:
    """Do as `check` does for a driver at its start: what does not fit is Misconfigured."""
    try:
        return check(model, data, where)
    except Invalid as error:
        raise Misconfigured(str(error)) from None


def _refusal(model: type[Struct], text: str, where: str) -> Invalid:
    def place(path: str | None, name: str = "") -> str:
        return ".".join(part for part in (where, path, name) if part)

    if match := _UNKNOWN.match(text):
        known = sorted(_names(model))
        near = difflib.get_close_matches(match["name"], known, 1)
        remedy = f'Did you mean "{near[0]}"?' if near else f"Known names: {', '.join(known)}."
        return Invalid(f'"{match["name"]}" is not a setting', where=place(match["path"], match["name"]), remedy=remedy)
    if match := _MISSING.match(text):
        return Invalid("is missing", where=place(match["path"], match["name"]), remedy="Give it a value.")
    match = _VALUE.match(text)
    what, path = (match["what"], match["path"]) if match else (text, None)
    return Invalid(what[:1].lower() + what[1:], where=place(path))


def _names(model: type[Struct]) -> set[str]:
    """All field names of a model and of the models within it."""
    names: set[str] = set()

    def walk(type_: msgspec.inspect.Type) -> None:
        if isinstance(type_, msgspec.inspect.StructType):
            for field in type_.fields:
                names.add(field.encode_name)
                walk(field.type)
        elif isinstance(type_, msgspec.inspect.UnionType):
            for option in type_.types:
                walk(option)

    walk(msgspec.inspect.type_info(model))
    return names
