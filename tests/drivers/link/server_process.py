"""`python -m tests.drivers.link.server_process DIRECTORY HOST`: the core of `site.py` in a process of its own, to be killed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.drivers.link.site import Core, demo


async def main(data: Path, host: str) -> None:
    core = Core(data, host)
    await core.start()
    if core.state.get("controller", "front") is None:
        await core.put(*demo())
    print("serving", flush=True)  # noqa: T201
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
