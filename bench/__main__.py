"""`python -m bench [names] [--json PATH]`: run benches, print tables, write JSON to bench/results/.

A bench is a module of this package with `TITLE` and `run() -> list[Row]`; it needs nothing else.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from bench.harness import Machine, Row, machine

RESULTS = Path(__file__).parent / "results"


def names() -> list[str]:
    """Every module of this package with a `run`; none is imported for it."""
    return sorted(
        path.stem for path in Path(__file__).parent.glob("[a-z]*.py") if "\ndef run(" in path.read_text(encoding="utf-8")
    )


def show(console: Console, title: str, rows: list[Row], where: Machine) -> None:
    """Print one table with the machine's own figures in its caption."""
    caption = (
        f"{where.processor}, {where.cores} cores, Python {where.python}; fdatasync of 4 KiB: p50 {where.fsync_p50_ms:.2f}, "
        f"p99 {where.fsync_p99_ms:.2f}, file growing {where.fsync_growing_p50_ms:.2f} ms; load before {where.load:.1f}"
    )
    table = Table(title=title, caption=caption, caption_justify="left")
    for heading, justify in (("figure", "left"), ("value", "right"), ("unit", "left"), ("plain", "right"), ("ratio", "right")):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    table.add_column("plain alternative, note")
    for row in rows:
        plain = f"{row.plain:,.4g}" if row.plain is not None else ""
        ratio = f"{row.ratio:.1f}x" if row.ratio is not None else ""
        table.add_row(
            row.name, number(row.value), row.unit, plain and number(row.plain or 0), ratio, " ".join((row.plain_name, row.note))
        )
    console.print(table)


def number(value: float) -> str:
    """Return a figure with three or four significant digits."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure what README quotes.")
    parser.add_argument("names", nargs="*", help="benches to run; all of them when none is named")
    parser.add_argument("--json", type=Path, help="file to write instead of bench/results/<time>.json")
    given = parser.parse_args()
    known = names()
    unknown = set(given.names) - set(known)
    if unknown:
        parser.error(f"no bench {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
    console = Console()
    where = machine()
    results: dict[str, list[Row]] = {}
    for name in given.names or known:
        module = importlib.import_module(f"bench.{name}")
        with console.status(f"{name}: {module.TITLE}"):
            results[name] = module.run()
        show(console, f"{name}: {module.TITLE}", results[name], where)
    path = given.json or RESULTS / f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    benches = {name: [{**msgspec.structs.asdict(row), "ratio": row.ratio} for row in rows] for name, rows in results.items()}
    content = {"taken": int(time.time() * 1_000_000), "machine": where, "benches": benches}
    path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")
    console.print(f"written to {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
