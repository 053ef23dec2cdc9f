"""A report before it has a form: head, columns, rows of text; and the files between core and the child that renders it."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

MOST_ROWS: Final = {"csv": 200_000, "pdf": 20_000}
"""Rows of a report; past it the report ends and says so."""
Form = Literal["csv", "pdf"]


class Column(Struct, frozen=True, array_like=True):
    """A column's name, and its share of the width on paper."""

    name: str
    share: float


class Head(Struct, frozen=True, kw_only=True):
    """What stands above a report. `facts` are names and values: site, filter, who, when."""

    title: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    truncated: bool = False
    """The report ends at its limit, and there is more."""


class Rows(Struct, frozen=True, array_like=True):
    """A part of the rows."""

    rows: list[tuple[str, ...]]
