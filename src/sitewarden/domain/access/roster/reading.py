"""From the bytes of a table to its lines. UTF-8 with or without a mark, UTF-16 with one; commas, semicolons or tabs.

A cell that begins with an apostrophe before "=", "+", "-", "@" or a control character loses it: `writing` put it there.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import io
from collections.abc import Iterator

from msgspec import Struct

from sitewarden.domain.access.roster.columns import CUSTOM, MAX_BYTES, MAX_CELL, MAX_COLUMNS, MAX_LINES, READ
from sitewarden.domain.errors import Invalid, TooLarge

FORMULA = "=+-@\t\r\n＝＋－＠"
"""What a spreadsheet may take for the beginning of a formula, in its wide forms too."""
_DELIMITERS = ",;\t"


class Line(Struct, frozen=True):
    """One line of the table: its number in the file, from 1, and its cells by column."""

    number: int
    cells: dict[str, str]


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


def lines(text: str) -> Iterator[Line]:
    """Yield the lines that have something in them; raises Invalid for a table that cannot be read as one."""
    begin = 0
    if text[:4].lower() == "sep=":
        delimiter = text[4:5]
        first, _, text = text.partition("\n")
        begin = 1
        if delimiter not in _DELIMITERS:
            raise Invalid(f"{first[:20]!r} names no separator.", where="line 1", remedy="Use a comma, semicolon or tab.")
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
                names = _names(row, number)
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
                name: cell if len(cell) <= MAX_CELL and cell.isalnum() else _cell(cell, name, number)
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
        raise Invalid("The file is empty.", where="line 1", remedy=f"Its first line names the columns: {', '.join(READ[:4])}, …")


def _names(row: list[str], number: int) -> list[str]:
    """Return the columns; spaces and capitals do not count, and an empty last name is a stray separator."""
    while row and not row[-1].strip():
        row.pop()
    if len(row) > MAX_COLUMNS:
        raise TooLarge(f"The file has {len(row)} columns.", where=f"line {number}", remedy=f"At most {MAX_COLUMNS}.")
    names: list[str] = []
    for cell in row:
        name = cell.strip()
        if name[: len(CUSTOM)].lower() == CUSTOM and name[len(CUSTOM) :].strip():
            name = CUSTOM + name[len(CUSTOM) :].strip()
        else:
            name = name.lower().replace(" ", "_")
            if name not in READ:
                near = difflib.get_close_matches(name, READ, 1, 0.6)
                remedy = (
                    f"Did you mean {near[0]}?" if near else f'Write "{CUSTOM}{name[:40] or "field"}" for a field of your own.'
                )
                raise Invalid(f"There is no column {name[:60]!r}.", where=f"line {number}", remedy=remedy)
        if name in names:
            raise Invalid(f"The column {name} is there twice.", where=f"line {number}", remedy="Keep one of them.")
        names.append(name)
    if "holder" not in names and "name" not in names:
        raise Invalid("There is neither a column holder nor name.", where=f"line {number}", remedy="Add one of them.")
    return names


def _cell(text: str, name: str, number: int) -> str:
    if len(text) > MAX_CELL:
        raise TooLarge(
            f"Column {name} has {len(text)} characters.", where=f"line {number}", remedy=f"At most {MAX_CELL} in a cell."
        )
    stripped = text.strip()
    if stripped[:1] != "'":
        return stripped
    text = text.strip(" ")
    bare = text.lstrip("'")
    if bare is not text and bare and len(bare) < len(text) and bare[0] in FORMULA:
        text = text[1:]
    return text.strip()
