"""How the command line shows things: tables for people, JSON for programs, refusals as one clear sentence."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import Any

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from sitewarden.domain.clock import to_datetime
from sitewarden.domain.errors import Refusal

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def as_json(value: Any) -> None:
    """Print a value as indented JSON on standard output."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value)).decode() + "\n")


def table(rows: Iterable[Mapping[str, Any]], columns: Sequence[tuple[str, str]], *, title: str = "", empty: str = "") -> None:
    """Print rows as a table. `columns` are (key, heading); `empty` is said instead of an empty table."""
    rows = list(rows)
    if not rows:
        out.print(empty or "Nothing to show.")
        return
    grid = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for key, heading in columns:
        number = all(isinstance(row.get(key), int | float) and not isinstance(row.get(key), bool) for row in rows)
        grid.add_column(heading, justify="right" if number else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(Text(cell(row.get(key))) for key, _ in columns))
    out.print(grid)


def cell(value: Any) -> str:
    """Return a value as a table shows it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value) or "–"
    return str(value)


def moment(time: int | None, zone: tzinfo | None = None) -> str:
    """Return a time (microseconds since 1970 UTC) as "2026-03-01 07:15:02.125", in `zone` or this machine's."""
    if time is None:
        return "–"
    return to_datetime(time).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def size(count: float) -> str:
    """Return a count of bytes as a person reads it."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"


def refusal(problem: Refusal) -> None:
    """Print a refusal on standard error: what and where, then what to do."""
    place = f" ({problem.where})" if problem.where else ""
    err.print(f"[bold red]sitewarden:[/] {escape(problem.what + place)}", soft_wrap=True)
    if problem.remedy:
        err.print(f"  {problem.remedy}", soft_wrap=True, markup=False)
