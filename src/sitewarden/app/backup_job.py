"""The backup that core makes when it is due: the command line's own verb in a process of its own, nice, killed with core."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from sitewarden.app.supervisor import end_with_parent, python
from sitewarden.domain.errors import Refusal

NICE: Final = 15
MOST: Final = 2000
"""Characters of what it says that are kept."""


async def make(settings_path: Path) -> str:
    """Make the backup of the settings; return why it failed, or nothing. The process tells core itself how it went."""
    process = await asyncio.to_thread(_start, settings_path)
    try:
        _, said = await asyncio.to_thread(process.communicate)
    except asyncio.CancelledError:
        process.kill()
        raise
    if process.returncode == 0:
        return ""
    lines = [line.strip() for line in said[-MOST:].splitlines() if line.strip()]
    return " ".join(lines) or f"its process ended with {process.returncode}"


def _start(settings_path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603
        python("sitewarden.app.backup_job", str(settings_path)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def main() -> int:
    """Be that process."""
    from sitewarden.app.backup import run

    end_with_parent()
    os.nice(NICE)
    os.umask(0o077)
    try:
        return run(Path(sys.argv[1]), None, media=False, passphrase_file=None, public="", json=True)
    except Refusal as problem:
        sys.stderr.write(f"{problem}\n")
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
