"""The way into `render` from a child: core never loads what it needs."""

from __future__ import annotations

from pathlib import Path

from sitewarden.services.aside import Tell
from sitewarden.services.reports.sheet import Form, Head


def make(tell: Tell, form: Form, head: Head, rows: Path, count: int, out: Path) -> int:
    """Render a report; return its bytes."""
    from sitewarden.services.reports.render import render

    return render(tell, form, head, rows, count, out)
