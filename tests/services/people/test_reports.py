"""Reports: what a child renders from rows, as CSV and as PDF that another program reads."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

from sitewarden.services.reports.render import render
from sitewarden.services.reports.sheet import Column, Head, Rows
from sitewarden.services.spool import write_items

HEAD = Head(
    title="Events",
    facts=(("Site", "Works"), ("Of", "=cmd()")),
    columns=(Column("Time", 1), Column("What", 3)),
    truncated=True,
)


def rendered(folder: Path, form: str, rows: list[tuple[str, ...]]) -> Path:
    write_items(folder / "rows", [Rows(rows[start : start + 50]) for start in range(0, len(rows), 50)])
    out = folder / f"report.{form}"
    told: list[float] = []
    size = render(told.append, "pdf" if form == "pdf" else "csv", HEAD, folder / "rows", len(rows), out)
    assert size == out.stat().st_size and told == sorted(told)
    return out


def test_csv_has_a_head_and_no_formula(tmp_path: Path) -> None:
    rows = [("08:00", "Łukasz passed"), ("08:01", "@SUM(A1)")]
    with rendered(tmp_path, "csv", rows).open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.reader(file))
    assert table[:3] == [["Events"], ["Site", "Works"], ["Of", "'=cmd()"]]
    assert table[3][0] == "Note" and table[4:6] == [[], ["Time", "What"]]
    assert table[6:] == [["08:00", "Łukasz passed"], ["08:01", "'@SUM(A1)"]]


def test_pdf_is_read_by_another_program(tmp_path: Path) -> None:
    rows = [(f"08:{n % 60:02}", f"Łukasz <b>{n}</b> " + "long " * (n % 40)) for n in range(300)]
    out = rendered(tmp_path, "pdf", rows)
    read = subprocess.run(["pdftotext", "-layout", str(out), "-"], capture_output=True, text=True, check=True).stdout
    pages = read.count("\f")
    assert pages > 3 and read.count("What") >= pages and f"Page {pages}" in read
    assert all(f"Łukasz <b>{n}</b>" in read for n in (0, 150, 299))
    assert "The report ends at its limit" in read


def test_an_empty_report_says_so(tmp_path: Path) -> None:
    assert rendered(tmp_path, "pdf", []).read_bytes().startswith(b"%PDF-")
