"""`sitewarden controller pending, code, approve, revoke, scan`: asked of the node that runs here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sitewarden.app import show
from sitewarden.app.doctor.facts import running
from sitewarden.app.local import settled, with_platform
from sitewarden.domain.errors import Unreachable


def pending(settings_path: Path | None, *, json: bool) -> None:
    """List who asks to join."""
    found = _ask(settings_path, "controllers.pending")
    if json:
        show.as_json(found)
        return
    rows = [{**item, "since": show.moment(item["since"])} for item in found["items"]]
    columns = (
        ("id", "controller"),
        ("name", "model"),
        ("remote", "from"),
        ("label", "code begins with"),
        ("since", "last asked"),
    )
    show.table(rows, columns, empty="No controller waits. One that dials 1480 without being paired is listed here.")


def make_code(settings_path: Path | None, controller: str, *, json: bool) -> None:
    """Make a pairing code and print it."""
    made = _ask(settings_path, "controllers.pairing-code", controller=controller or None)
    if json:
        show.as_json(made)
    else:
        show.out.print(f"{made['code']}  (for one controller, until {show.moment(made['expires'])})", soft_wrap=True)


def approve(settings_path: Path | None, controller: str, code: str, *, json: bool) -> None:
    """Let a waiting controller join."""
    done = _ask(settings_path, "controllers.approve", id=controller, code=code)
    if json:
        show.as_json(done)
    else:
        show.out.print(f"{controller} may join; it asks again by itself within seconds.")


def revoke(settings_path: Path | None, controller: str, reason: str, *, json: bool) -> None:
    """Void a pairing."""
    done = _ask(settings_path, "controllers.revoke", id=controller, reason=reason)
    if json:
        show.as_json(done)
    else:
        show.out.print(f"The pairing of {controller} is revoked: its link is dropped, and it is refused from now on.")


def scan(settings_path: Path | None, controller: str, reader: int, seconds: float, *, json: bool) -> None:
    """Wait for a card and print it."""
    if not json:
        show.err.print(f"Show a card at reader {reader} of {controller} within {seconds:g} s …")
    found = _ask(settings_path, "controllers.scan", id=controller, reader=reader, seconds=seconds)
    if json:
        show.as_json(found)
    else:
        show.out.print(found["card"])


def _ask(settings_path: Path | None, operation: str, **parameters: Any) -> Any:
    settings = settled(settings_path)
    if operation != "controllers.revoke" and not running(settings):
        raise Unreachable("The node does not run, so no controller can reach it.", remedy="Start it with `sitewarden run`.")

    async def work(ask: Any) -> Any:
        return await ask(operation, **parameters)

    return with_platform(settings, work)
