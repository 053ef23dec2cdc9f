"""A draft change tried on the requests of the last days, from the command line."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

from rich.progress import Progress

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform
from sitewarden.domain.errors import Invalid, Refusal
from sitewarden.domain.refs import split_ref
from sitewarden.services import site_yaml
from sitewarden.services.site_plan import SECTIONS, sections

LOOK: Final = 0.3
"""Seconds between two looks at how far it is."""
MAX_BYTES: Final = 1_000_000
REMOVE: Final = "remove"
OUTCOMES: Final = {"granted": "let in", "asks": "asked for more", "denied": "kept out"}
ROWS: Final = (("time", "when"), ("who", "who"), ("where", "where"), ("before", "as it is"), ("after", "by the draft"))
COUNTS: Final = (("name", ""), ("granted", "let in"), ("asks", "asked for more"), ("denied", "kept out"))


def what_if(settings_path: Path | None, file: Path, days: int, limit: int, *, json: bool) -> None:
    """Replay the last days against a draft and show what differs."""
    draft = read_draft(_text(file))

    async def work(ask: Ask) -> dict[str, Any]:
        with Progress(console=show.err, transient=True) as bar:
            task = bar.add_task("Replaying", total=1.0)
            view = await ask("access.what-if.start", days=days, draft=draft)
            while view["state"] == "running":
                await asyncio.sleep(LOOK)
                view = await ask("access.what-if.get", id=view["id"])
                bar.update(task, completed=view["progress"])
        await ask("access.what-if.drop", id=view["id"])
        if view["state"] == "failed":
            raise Refusal(view["what"], where=view["where"], remedy=view["remedy"])
        return dict(view)

    done = with_platform(settled(settings_path), work)
    if json:
        show.as_json(done)
    else:
        _print(done, days, limit)


def read_draft(text: str) -> list[dict[str, Any]]:
    """Return the draft of a file: sections as in a site file with the fields that change, and `remove`, a list of references.

    Raises Invalid with what is wrong, where.
    """
    content = site_yaml.load(text)
    gone = content.pop(REMOVE, None) or []
    if not isinstance(gone, list) or not all(isinstance(one, str) and all(split_ref(one)) for one in gone):
        raise Invalid("It is no list of references.", where=REMOVE, remedy='Write "- credential:ada" and so on below it.')
    changes = [
        {"kind": kind, "id": id_, "body": values} for kind, found in sections(content).items() for id_, values in found.items()
    ]
    removals = [{"kind": kind, "id": id_, "body": None} for kind, id_ in map(split_ref, gone)]
    if not changes and not removals:
        names = ", ".join(list(SECTIONS)[:4])
        raise Invalid("The draft changes nothing.", where="draft", remedy=f"Write sections as in a site file: {names}, …")
    return changes + removals


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise Invalid(f"the draft is larger than {MAX_BYTES:,} bytes", where=str(file), remedy="Try it in parts.")
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"the draft cannot be read: {error}", where=str(file), remedy="Give a file of YAML in UTF-8.") from None


def _print(done: dict[str, Any], days: int, limit: int) -> None:
    found, names = done["outcomes"], done["names"]
    differ = found["granted"] + found["asks"] + found["denied"]
    rows = [
        {
            "time": show.moment(one["time"]),
            "who": names.get(f"credential-holder:{one['holder']}", one["holder"] or "somebody unknown"),
            "where": names.get(f"access-point:{one['access_point']}", one["access_point"]),
            "before": _side(one["before"]),
            "after": _side(one["after"]),
        }
        for one in found["differences"][:limit]
    ]
    if rows:
        show.table(rows, ROWS)
    for kind, of in (("door", "doors"), ("credential-holder", "holders")):
        if found[of]:
            counts = [{**one, "name": names.get(f"{kind}:{one['id']}", one["id"])} for one in found[of][:20]]
            show.table(counts, (("name", of), *COUNTS[1:]))
    show.out.print(
        f"Of {found['requests']} requests in {days} days {differ} differ: {found['granted']} let in, {found['asks']} asked for "
        f"more, {found['denied']} kept out. {found['other_reason']} more are refused for another reason."
    )
    if found["changed_since"]:
        show.out.print(f"{found['changed_since']} requests came out otherwise then: the site has changed since.")
    if found["left_out"]:
        show.out.print(f"{found['left_out']} requests were left out: a PIN alone, or a credential that is gone.")
    if done["truncated"]:
        show.out.print("There were more events than are replayed; the newest were left out. Try fewer days.")


def _side(side: dict[str, Any]) -> str:
    return f"{OUTCOMES[side['outcome']]}: {side['text']}"
