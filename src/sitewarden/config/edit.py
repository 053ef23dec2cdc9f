"""A settings file changed in place, in one port or the database: all else stays as a person wrote it. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from sitewarden.config.toml import value_text
from sitewarden.domain.errors import Refusal

_HEADER = re.compile(r"^[ \t]*\[{1,2}[^\]\n]*\]{1,2}[ \t]*(#.*)?$")
_DATABASE = re.compile(r"^[ \t]*\[[ \t]*database[ \t]*\]")
_DATABASE_LINE = re.compile(r"^[ \t]*database[ \t]*(\.[ \t]*\w+[ \t]*)?=")
_PORTS = re.compile(r"^[ \t]*\[[ \t]*ports[ \t]*\]")


def with_port(text: str, row: str, number: int) -> str:
    """Return the TOML `text` with `ports.<row>` set to `number`; raise Refusal where it must be done by hand.

    Every way to write it is tried; one counts only where the document that comes of it differs in this one value.
    """
    try:
        wanted = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise Refusal(f"the settings file is not TOML: {fault}.", remedy="Mend it first.") from None
    wanted.setdefault("ports", {})[row] = number
    for candidate in _candidates(text, row, number):
        if _says(candidate, wanted):
            return candidate
    raise Refusal(
        f"the settings file is written in a way that this program does not edit ([ports] {row}).",
        where=f"ports.{row}",
        remedy=f'Write "[ports]" on a line of its own and "{row} = {number}" below it.',
    )


def with_database(text: str, database: Mapping[str, str]) -> str:
    """Return the TOML `text` with the table [database] saying this alone; raise Refusal where it must be done by hand."""
    try:
        wanted = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise Refusal(f"the settings file is not TOML: {fault}.", remedy="Mend it first.") from None
    wanted.pop("database", None)
    if database:
        wanted["database"] = dict(database)
    end = "\r\n" if "\r\n" in text else "\n"
    kept: list[str] = []
    inside = False
    for line in text.splitlines(keepends=True):
        bare = line.rstrip("\r\n")
        if _HEADER.match(bare):
            inside = _DATABASE.match(bare) is not None
        if not inside and not _DATABASE_LINE.match(bare):
            kept.append(line)
    table = ["[database]", *(f"{name} = {value_text(value)}" for name, value in database.items()), ""] if database else []
    gap = end if kept and table and not kept[-1].endswith("\n") else ""
    edited = "".join(kept) + gap + end.join(["", *table] if table else [])
    if _says(edited, wanted):
        return edited
    raise Refusal(
        "the settings file is written in a way that this program does not edit ([database]).",
        where="database",
        remedy="Write it by hand: " + ", ".join(f"{name} = {value_text(value)}" for name, value in database.items()),
    )


def _candidates(text: str, row: str, number: int) -> Iterator[str]:
    end = "\r\n" if "\r\n" in text else "\n"
    key = rf"(?:{re.escape(row)}|\"{re.escape(row)}\"|'{re.escape(row)}')"
    for pattern in (
        rf"^([ \t]*{key}[ \t]*=[ \t]*)[+\w]+",
        rf"^([ \t]*ports[ \t]*\.[ \t]*{key}[ \t]*=[ \t]*)[+\w]+",
        rf"^([ \t]*ports[ \t]*=[ \t]*\{{[^\n]*?\b{key}[ \t]*=[ \t]*)[+\w]+",
    ):
        for match in re.finditer(pattern, text, re.MULTILINE):
            yield f"{text[: match.start()]}{match[1]}{number}{text[match.end() :]}"
    line = f"{row} = {number}{end}"
    lines = text.splitlines(keepends=True)
    for at in (at for at, each in enumerate(lines) if _PORTS.match(each)):
        last = at
        for below in range(at + 1, len(lines)):
            if _HEADER.match(lines[below].rstrip("\r\n")):
                break
            if lines[below].strip() and not lines[below].lstrip().startswith("#"):
                last = below
        whole = lines[last] if lines[last].endswith("\n") else lines[last] + end
        yield "".join([*lines[:last], whole, line, *lines[last + 1 :]])
    for match in re.finditer(r"^([ \t]*ports[ \t]*=[ \t]*\{)([^\n}]*)\}", text, re.MULTILINE):
        inner = match[2].strip()
        entries = f"{inner}, " if inner else ""
        yield f"{text[: match.start()]}{match[1]} {entries}{row} = {number} }}{text[match.end() :]}"
    for match in re.finditer(r"^[ \t]*ports[ \t]*\.[^\n]*\n", text, re.MULTILINE):
        yield f"{text[: match.end()]}ports.{line}{text[match.end() :]}"
    gap = "" if not text or text.endswith("\n") else end
    yield f"{text}{gap}{end if text.strip() else ''}[ports]{end}{line}"


def _says(text: str, wanted: dict[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False
