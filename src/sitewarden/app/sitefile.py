"""The site as a file from the command line: export, plan, apply."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform
from sitewarden.domain.errors import Refusal, TooLarge

LARGEST = 8_000_000
"""Greatest site file in bytes."""


def export(settings_path: Path | None, output: Path | None) -> None:
    """Write the site as YAML to a file, whole or not at all, or to standard output."""

    async def work(ask: Ask) -> str:
        return str(await ask("site.export"))

    text = with_platform(settled(settings_path), work)
    if output is None:
        show.out.out(text, end="", highlight=False)
        return
    draft = output.with_name(output.name + ".new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(output)
    show.err.print(f"Written: {output}")


def apply(settings_path: Path | None, file: Path, *, plan: bool, json: bool) -> int:
    """Show what a site file changes and, unless only planned, make it so; return the exit status."""
    text = _read(file)

    async def work(ask: Ask) -> Any:
        return await ask("site.plan" if plan else "site.apply", body=text)

    done = with_platform(settled(settings_path), work)
    if json:
        show.as_json(done)
        return 0
    rows = [{**change, "fields": _shown(change)} for change in done["changes"]]
    show.table(rows, (("action", ""), ("kind", "kind"), ("id", "id"), ("fields", "fields")), empty="Nothing differs.")
    if rows:
        show.out.print(f"{len(rows)} changes {'would be made' if plan else 'made'}.")
    for warning in done["warnings"]:
        show.err.print(f"Note: {warning}", markup=False)
    return 0


def _shown(change: dict[str, Any]) -> str:
    """One line for each field that differs: what it was and what it becomes."""
    return "\n".join(f"{one['field']}: {_value(one['old'])} -> {_value(one['new'])}" for one in change["differences"])


def _value(value: Any) -> str:
    text = "nothing" if value in (None, "", [], ()) else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > LARGEST:
            raise TooLarge(f"the file is larger than {LARGEST:,} bytes", where=str(file), remedy="Split the site file.")
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Refusal("there is no such file", where=str(file), remedy="Write one with: sitewarden export -o FILE") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"the file cannot be read: {error}", where=str(file), remedy="It must be YAML in UTF-8.") from None
