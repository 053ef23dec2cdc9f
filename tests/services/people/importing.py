"""Cores without ports that import people and say where they are, until they are killed.

`python -m tests.services.people.importing DIRECTORY COUNT`; each line on stdin is the number of a round.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # The child that plans begins by importing this module again, and needs none of it.
    from sitewarden.app.platform import LOCAL, Platform
    from sitewarden.config import Settings


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def table(round_: int, count: int) -> str:
    """A file of people of this round, with a card each."""
    head = "holder,name,company,card\n"
    people = (f"r{round_}-{number},Person {number},Works,26:{round_ * count + number + 1:x}\n" for number in range(count))
    return head + "".join(people)


async def main(data: Path, round_: int, count: int) -> None:
    platform = Platform(Settings(data_dir=str(data), bind="127.0.0.1"))
    await platform.identity.prepare()
    relaying = asyncio.create_task(platform.state.run())
    operations = {one.name: one for one in platform.imports.operations()}

    async def ask(operation: str, **params: Any) -> Any:
        return await operations[operation].handler(LOCAL, operations[operation].params(**params))

    async def until(id_: str, state: str) -> None:
        while (view := await ask("people.import.get", id=id_)).state != state:
            if view.state == "failed" or view.counts.errors:
                raise SystemExit(f"the import failed: {view}")
            await asyncio.sleep(0.001)

    ticket = await ask("people.import.open", name=f"round-{round_}.csv")
    await asyncio.to_thread(Path(ticket.path).write_text, table(round_, count))
    await ask("people.import.start", id=ticket.id)
    await until(ticket.id, "ready")
    say("applying", os.getpid())
    begun = time.monotonic()
    await ask("people.import.apply", id=ticket.id, reason="kill loop")
    await until(ticket.id, "done")
    say("done", time.monotonic() - begun)
    await relaying


def serve(data: Path, count: int) -> None:
    """Fork a core for each round that is asked for: what all of them import is imported once."""
    for line in sys.stdin:
        core = os.fork()
        if core == 0:
            os.setsid()
            asyncio.run(main(data, int(line), count))
        os.waitpid(core, 0)
        say("over")


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
