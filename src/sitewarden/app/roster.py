"""People in bulk from the command line: import with a plan, export."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform
from sitewarden.domain.errors import Refusal, TooLarge
from sitewarden.domain.tabular import MAX_BYTES

LOOK = 0.3
"""Seconds between two looks at how far an import is."""
SHOWN = 20
PAGE = 1000
CHANGES = (("line", "line"), ("action", ""), ("kind", "kind"), ("id", "id"), ("name", "name"), ("fields", "fields"))
ERRORS = (("line", "line"), ("column", "column"), ("what", "what is wrong"), ("remedy", "what to do"))


def import_people(settings_path: Path | None, file: Path, mode: str, *, plan: bool, reason: str, json: bool) -> int:
    """Show what a table changes and, unless only planned, make it so; return the exit status."""
    done = run_import(settings_path, "people.import", file, mode, plan=plan, reason=reason, differs=_differs)
    if json:
        show.as_json(done)
    else:
        _print(done, plan=plan)
    return 1 if done["counts"]["errors"] else 0


def run_import(
    settings_path: Path | None,
    right: str,
    file: Path,
    mode: str,
    *,
    plan: bool,
    reason: str,
    differs: Callable[[dict[str, int]], bool],
    **more: str,
) -> dict[str, Any]:
    """Give a file to an import and, unless only planned, make it so; return its view with the first errors and changes.

    `more` is what this import is opened with beside mode and name.
    """
    _readable(file)

    async def work(ask: Ask) -> dict[str, Any]:
        ticket = await ask(f"{right}.open", mode=mode, name=file.name, **more)
        id_ = ticket["id"]
        await asyncio.to_thread(shutil.copyfile, file, ticket["path"])
        try:
            return await through(ask, id_)
        except Refusal:
            # The file lies with the node, maybe with names of people; what cannot be imported is not kept there.
            with suppress(Refusal):
                await ask(f"{right}.drop", id=id_)
            raise

    async def through(ask: Ask, id_: str) -> dict[str, Any]:
        await ask(f"{right}.start", id=id_)
        view = await _until(ask, right, id_, "ready")
        found = {what: await _rows(ask, right, id_, what) for what in ("errors", "changes")}
        if plan or view["counts"]["errors"] or not differs(view["counts"]):
            await ask(f"{right}.drop", id=id_)
        else:
            await ask(f"{right}.apply", id=id_, reason=reason)
            view = await _until(ask, right, id_, "done")
        return {**view, **found}

    return with_platform(settled(settings_path), work)


def export_people(settings_path: Path | None, output: Path | None, group: str) -> None:
    """Write the people to a file, whole or not at all, or to standard output."""

    async def work(ask: Ask) -> Path:
        return Path((await ask("people.export", group=group))["path"])

    fetch(with_platform(settled(settings_path), work), output)


def import_report(settings: Path | None, import_id: str, output: Path | None) -> None:
    """Write what an import did to a file or to standard output."""

    async def work(ask: Ask) -> Path:
        return Path((await ask("people.import.report", id=import_id))["path"])

    fetch(with_platform(settled(settings), work), output)


def fetch(path: Path, output: Path | None) -> None:
    """Put a file that the node made where it was asked for, whole or not at all, or print it; the node's own goes."""
    if output is None:
        try:
            show.out.out(path.read_text(encoding="utf-8-sig"), end="", highlight=False)
        finally:
            path.unlink(missing_ok=True)
        return
    part = output.parent / f".{output.name}.part"
    try:
        if output.exists() and not output.is_file():
            raise Refusal("this is no file", where=str(output), remedy="Give the name of a file to write.")
        shutil.copy(path, part)
        part.replace(output)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        what = f"the file cannot be written: {error.strerror}"
        raise Refusal(what, where=str(output), remedy="Give a place where you may write.") from None
    finally:
        path.unlink(missing_ok=True)
    show.err.print(f"Written: {output}", soft_wrap=True)


async def _until(ask: Ask, right: str, id_: str, state: str) -> dict[str, Any]:
    while True:
        view: dict[str, Any] = await ask(f"{right}.get", id=id_)
        if view["what"] and view["state"] in ("failed", "ready"):
            raise Refusal(view["what"], where=view["where"], remedy=view["remedy"])
        if view["state"] == state:
            return view
        await asyncio.sleep(LOOK)


async def _rows(ask: Ask, right: str, id_: str, what: str) -> list[dict[str, Any]]:
    page = await ask(f"{right}.rows", id=id_, what=what, limit=PAGE)
    return list(page[what])


def _print(done: dict[str, Any], *, plan: bool) -> None:
    counts = done["counts"]
    if done["errors"]:
        show.table(done["errors"][:SHOWN], ERRORS)
        show.out.print(f"{counts['errors']} errors; nothing was changed.")
        return
    show.table(changes_shown(done), CHANGES, empty="Nothing differs.")
    would = "would be " if plan else ""
    for noun, name in (("people", "holders"), ("credentials", "credentials")):
        added, changed, same = (counts[f"{name}_{verb}"] for verb in ("added", "changed", "same"))
        show.out.print(f"{noun}: {added} {would}added, {changed} {would}changed, {same} left as they are")
    if done["state"] == "done":
        show.out.print(f"What it did, line by line: sitewarden people report {done['id']}")


def changes_shown(done: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the first changes of an import as rows to print."""
    return [
        {**change, "fields": "\n".join(f"{one['field']}: {one['old'] or '–'} -> {one['new'] or '–'}" for one in change["fields"])}
        for change in done["changes"][:SHOWN]
    ]


def _differs(counts: dict[str, int]) -> bool:
    return any(counts[f"{name}_{verb}"] for name in ("holders", "credentials") for verb in ("added", "changed"))


def _readable(file: Path) -> None:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise TooLarge(f"the file is larger than {MAX_BYTES >> 20} MiB", where=str(file), remedy="Import it in parts.")
        with file.open("rb"):
            pass
    except OSError as error:
        raise Refusal(
            f"the file cannot be read: {error.strerror}", where=str(file), remedy="Give one that you may read."
        ) from None
