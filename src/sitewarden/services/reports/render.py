"""A report as CSV or PDF, in a child. The one importer of reportlab (BSD).

Letters come from DejaVu where the machine has it, since the fonts that reportlab brings know Western Europe's alone; letters that
the font lacks show as boxes, and the last line of the report says which font to install.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from sitewarden.domain.tabular import safe
from sitewarden.services.aside import Tell
from sitewarden.services.reports.sheet import Form, Head, Rows
from sitewarden.services.spool import read_items

FONTS: Final = (
    Path("/usr/share/fonts/truetype/dejavu"),
    Path("/usr/share/fonts/dejavu"),
    Path("/usr/share/fonts/dejavu-sans-fonts"),
    Path("/usr/share/fonts/TTF"),
)
"""Where distributions put DejaVu."""
SIZE: Final = 7.5
"""Points."""
MARGIN: Final = 14 * mm
LONGEST: Final = 600
"""Characters of a cell on paper; a cell must fit on a page."""
PLAIN: Final = ParagraphStyle("plain", fontName="report", fontSize=SIZE, leading=SIZE * 1.25, splitLongWords=True)
STRONG: Final = ParagraphStyle("strong", parent=PLAIN, fontName="report-bold")


def render(tell: Tell, form: Form, head: Head, rows: Path, count: int, out: Path) -> int:
    """Write the report at `out` from the `count` rows at `rows`; return its bytes."""
    found = _told(tell, rows, count)
    if form == "csv":
        _csv(head, found, out)
    else:
        _pdf(head, found, out)
    return out.stat().st_size


def _told(tell: Tell, rows: Path, count: int) -> Iterator[tuple[str, ...]]:
    done = 0
    for item in read_items(rows, Rows):
        yield from item.rows
        done += len(item.rows)
        tell(done / max(1, count) * 0.9)


def _csv(head: Head, rows: Iterator[tuple[str, ...]], out: Path) -> None:
    """Write the head as lines of two cells, an empty line, then the table."""
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([safe(head.title)])
        writer.writerows([safe(name), safe(value)] for name, value in head.facts)
        if head.truncated:
            writer.writerow(["Note", _CUT])
        writer.writerow([])
        writer.writerow([column.name for column in head.columns])
        writer.writerows([safe(cell) for cell in row] for row in rows)


_CUT: Final = "The report ends at its limit of rows; there is more. Narrow the filter."


def _pdf(head: Head, rows: Iterator[tuple[str, ...]], out: Path) -> None:
    canvas = Canvas(str(out), pagesize=landscape(A4), pageCompression=1)
    canvas.setTitle(head.title)
    canvas.setCreator("Sitewarden")
    known = _register_fonts()
    page = _Page(canvas, head)
    page.line(head.title, ParagraphStyle("title", parent=STRONG, fontSize=14, leading=18))
    for name, value in (*head.facts, *((("Note", _CUT),) if head.truncated else ())):
        page.line(f"{name}: {value}", PLAIN)
    page.gap(6)
    page.begin_table()
    count = 0
    for row in rows:
        page.row(row, PLAIN)
        count += 1
    page.end_table()
    if not count:
        page.line("Nothing fits the filter.", PLAIN)
    if not known:
        page.line("Some letters may not be shown: install the font DejaVu (package fonts-dejavu-core).", PLAIN)
    page.foot()
    canvas.save()


class _Page:
    """Where the next line goes; begins a new page, with the heads of the table, where there is no room."""

    def __init__(self, canvas: Any, head: Head) -> None:
        width, height = landscape(A4)
        self._canvas, self._head = canvas, head
        self._width, self._top, self._bottom = width, height - MARGIN, MARGIN + 6 * mm
        share = sum(column.share for column in head.columns)
        self._widths = [(width - 2 * MARGIN) * column.share / share for column in head.columns]
        self._y = self._top
        self._number = 1
        self._in_table = False

    def line(self, text: str, style: Any) -> None:
        """Draw a line of text over the whole width."""
        made = Paragraph(escape(text[:LONGEST]), style)
        tall = made.wrap(self._width - 2 * MARGIN, self._top)[1]
        self._need(tall)
        made.drawOn(self._canvas, MARGIN, self._y - tall)
        self._y -= tall

    def gap(self, points: float) -> None:
        """Leave room."""
        self._y -= points

    def begin_table(self) -> None:
        """Draw the heads, here and on each page that follows."""
        self._in_table = True
        self._heads()

    def end_table(self) -> None:
        """No heads on pages that follow."""
        self._in_table = False
        self._y -= 4

    def row(self, cells: Sequence[str], style: Any, line: float = 0.25) -> None:
        """Draw a row and the line below it."""
        made = [Paragraph(escape(cell[:LONGEST]), style) for cell in cells]
        heights = [one.wrap(width - 4, self._top)[1] for one, width in zip(made, self._widths, strict=True)]
        tall = max(heights) + 3.5
        self._need(tall)
        x = MARGIN
        for one, height, width in zip(made, heights, self._widths, strict=True):
            one.drawOn(self._canvas, x + 2, self._y - 1.5 - height)
            x += width
        self._y -= tall
        self._canvas.setLineWidth(line)
        self._canvas.setStrokeColor(HexColor("#a0a0a0" if line < 0.5 else "#404040"))
        self._canvas.line(MARGIN, self._y, self._width - MARGIN, self._y)

    def foot(self) -> None:
        """Draw the page's last line."""
        self._canvas.setFont("report", 7)
        self._canvas.setFillColor(HexColor("#606060"))
        self._canvas.drawString(MARGIN, MARGIN, self._head.title)
        self._canvas.drawRightString(self._width - MARGIN, MARGIN, f"Page {self._number}")

    def _heads(self) -> None:
        self.row([column.name for column in self._head.columns], STRONG, 0.75)

    def _need(self, tall: float) -> None:
        if self._y - tall >= self._bottom or self._y == self._top:
            return
        self.foot()
        self._canvas.showPage()
        self._number += 1
        self._y = self._top
        if self._in_table:
            self._heads()


def _register_fonts() -> bool:
    """Register a font with its bold face; tell whether it knows more than Western Europe's letters."""
    folder = next((folder for folder in FONTS if (folder / "DejaVuSans.ttf").is_file()), None)
    plain = str(folder / "DejaVuSans.ttf") if folder else "Vera.ttf"
    bold = folder / "DejaVuSans-Bold.ttf" if folder else None
    registerFont(TTFont("report", plain))
    registerFont(TTFont("report-bold", (str(bold) if bold.is_file() else plain) if bold else "VeraBd.ttf"))
    return folder is not None
