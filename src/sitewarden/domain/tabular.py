"""From the bytes of a table to its lines. UTF-8 with or without a mark, UTF-16 with one; commas, semicolons or tabs. Pure.

A cell that begins with an apostrophe before "=", "+", "-", "@" or a control character loses it: `safe` put it there.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct

from sitewarden.domain.errors import Invalid, TooLarge

FORMULA: Final = "=+-@\t\r\n＝＋－＠"
"""What a spreadsheet may take for the beginning of a formula, in its wide forms too."""
MAX_BYTES: Final = 64 << 20
"""Bytes of a table."""
MAX_LINES: Final = 250_000
"""Lines of a table."""
MAX_CELL: Final = 4_000
"""Characters of one cell."""
LIST: Final = "|"
"""Stands between the items of a list in one cell."""
SHOWN: Final = 1000
"""Errors and rows of a preview that are kept; all are counted."""
_DELIMITERS: Final = ",;\t"

Names = Callable[[list[str], int], list[str]]
"""(cells of the first line, its number) to the columns; raises Invalid for one that there is not."""


def safe(text: str) -> str:
    """Return a cell that no spreadsheet calculates."""
    bare = text.lstrip("'")
    return f"'{text}" if bare and bare[0] in FORMULA else text


class Line(Struct, frozen=True):
    """One line of the table: its number in the file, from 1, and its cells by column."""

    number: int
    cells: dict[str, str]


class LineError(Struct, frozen=True, kw_only=True):
    """One thing that is wrong in the file."""

    line: int
    column: str
    what: str
    remedy: str = ""


class FieldChange(Struct, frozen=True):
    """A field, and what it holds before and after, as text."""

    field: str
    old: str
    new: str


def decoded(data: bytes) -> str:
    """Return a table's text; raises Invalid with the line that is not UTF-8."""
    if len(data) > MAX_BYTES:
        raise TooLarge(f"The file has more than {MAX_BYTES >> 20} MiB.", where="file", remedy="Import it in parts.")
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Invalid(
            f"Line {line} is not UTF-8.", where=f"line {line}", remedy='Save it as "CSV UTF-8", not as plain CSV.'
        ) from None
    if "\0" in text:
        raise Invalid("The file is no text.", where="file", remedy="Give a CSV file, not a spreadsheet or a picture.")
    return text


def lines(text: str, named: Names, first: str, longest: int = MAX_CELL) -> Iterator[Line]:
    """Yield the lines that have something in them; raises Invalid for a table that cannot be read as one.

    `named` reads the head; `first` tells, where there is none, what it would hold; `longest` is characters of a cell.
    """
    begin = 0
    if text[:4].lower() == "sep=":
        delimiter = text[4:5]
        mark, _, text = text.partition("\n")
        begin = 1
        if delimiter not in _DELIMITERS:
            raise Invalid(f"{mark[:20]!r} names no separator.", where="line 1", remedy="Use a comma, semicolon or tab.")
    else:
        head = text.partition("\n")[0]
        delimiter = max(_DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names: list[str] | None = None
    try:
        at = begin + 1
        for row in reader:
            number, at = at, begin + reader.line_num + 1
            if not any(cell.strip() for cell in row):
                continue
            if names is None:
                names = named(row, number)
                continue
            if number > MAX_LINES:
                raise TooLarge(f"The file has more than {MAX_LINES:,} lines.", where="file", remedy="Import it in parts.")
            if len(row) > len(names) and any(cell.strip() for cell in row[len(names) :]):
                raise Invalid(
                    f"Line {number} has {len(row)} cells, the head has {len(names)}.",
                    where=f"line {number}",
                    remedy="Put text that holds the separator in quotation marks.",
                )
            cells = {
                name: cell if len(cell) <= longest and cell.isalnum() else _cell(cell, name, number, longest)
                for name, cell in zip(names, row, strict=False)
            }
            yield Line(number, cells)
    except csv.Error as error:
        raise Invalid(
            f"Line {begin + reader.line_num} cannot be read: {error}.",
            where=f"line {begin + reader.line_num}",
            remedy="Look for a quotation mark that is not closed.",
        ) from None
    if names is None:
        raise Invalid("The file is empty.", where="line 1", remedy=first)


def _cell(text: str, name: str, number: int, longest: int) -> str:
    if len(text) > longest:
        raise TooLarge(
            f"Column {name} has {len(text)} characters.", where=f"line {number}", remedy=f"At most {longest} in a cell."
        )
    stripped = text.strip()
    if stripped[:1] != "'":
        return stripped
    text = text.strip(" ")
    bare = text.lstrip("'")
    if bare is not text and bare and len(bare) < len(text) and bare[0] in FORMULA:
        text = text[1:]
    return text.strip()
