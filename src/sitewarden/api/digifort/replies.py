"""Replies of the integration API in its three formats: Text, XML and JSON, byte for byte as its clients expect. Pure.

A reply is an envelope with a code, a message and, on success, a list of objects or one object of flat fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal
from xml.sax.saxutils import escape

import msgspec
from msgspec import Struct

Format = Literal["Text", "XML", "JSON"]
Value = str | int | float | bool
Fields = Mapping[str, Value]

MEDIA_TYPES: Final[dict[Format, str]] = {
    "Text": "text/plain; charset=UTF-8",
    "XML": "text/xml; charset=UTF-8",
    "JSON": "application/json; charset=UTF-8",
}
_XML_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" ?>'
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class Many(Struct, frozen=True):
    """A list: its name, the name of one, and the objects."""

    name: str
    one: str
    items: Sequence[Fields]


class One(Struct, frozen=True):
    """A single object."""

    name: str
    fields: Fields


def encode(form: Format, code: int, message: str, data: Many | One | None = None) -> bytes:
    """Return the reply; `data` only stands in success (code 0)."""
    if form == "JSON":
        return _json(code, message, data)
    if form == "XML":
        return _xml(code, message, data)
    return _text(code, message, data)


def _json(code: int, message: str, data: Many | One | None) -> bytes:
    response: dict[str, Any] = {"Code": code, "Message": message}
    if isinstance(data, Many):
        response["Data"] = {data.name: data.items}
    elif data is not None:
        response["Data"] = {data.name: data.fields}
    return msgspec.json.encode({"Response": response})


def _xml(code: int, message: str, data: Many | One | None) -> bytes:
    inside = ""
    if isinstance(data, Many):
        items = "".join(f"<{data.one}>{_elements(item)}</{data.one}>" for item in data.items)
        inside = f"<Data><{data.name}><Count>{len(data.items)}</Count>{items}</{data.name}></Data>"
    elif data is not None:
        inside = f"<Data><{data.name}>{_elements(data.fields)}</{data.name}></Data>"
    return f"{_XML_HEAD}<Response><Code>{code}</Code><Message>{_escaped(message)}</Message>{inside}</Response>".encode()


def _elements(fields: Fields) -> str:
    return "".join(f"<{name}>{_escaped(_plain(value))}</{name}>" for name, value in fields.items())


def _escaped(text: str) -> str:
    return escape(_NOT_IN_XML.sub("", text))


def _text(code: int, message: str, data: Many | One | None) -> bytes:
    lines = [f"RESPONSE_CODE={code}", f"RESPONSE_MESSAGE={_line(message)}"]
    if isinstance(data, Many):
        lines.append(f"COUNT={len(data.items)}")
        for number, item in enumerate(data.items, 1):
            lines += [f"{data.one.upper()}_{number}_{name.upper()}={_line(_plain(value))}" for name, value in item.items()]
    elif data is not None:
        lines += [f"{name.upper()}={_line(_plain(value))}" for name, value in data.fields.items()]
    return "".join(f"{line}\r\n" for line in lines).encode()


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return str(value)


def _line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ")
