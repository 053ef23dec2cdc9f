"""The commissioning code of a controller: made at its first start, or laid into its directory in a workshop. Reads files."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from msgspec import Struct

from sitewarden.domain.errors import Refusal
from sitewarden.wire.pairing import Code, make_code, parse_code


class Commissioning(Struct, frozen=True):
    """The code, and whether it was made just now, so that whoever started the controller is shown it this once."""

    code: Code
    fresh: bool = False

    @classmethod
    def load(cls, path: Path) -> Commissioning:
        """Read the file, or make it (mode 0600). Whoever may read it may reset the controller: others' access is refused."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            code = make_code(secrets.token_bytes(13))
            with os.fdopen(handle, "w") as file:
                file.write(f"{code}\n")
                file.flush()
                os.fsync(file.fileno())
            return cls(code, fresh=True)
        if path.stat().st_mode & 0o077:
            raise Refusal("Others may read the commissioning code.", where=str(path), remedy=f"Run: chmod 600 {path}")
        try:
            return cls(parse_code(path.read_text("ascii").strip()))
        except (Refusal, UnicodeDecodeError):
            raise Refusal(
                "The commissioning code is damaged.",
                where=str(path),
                remedy="Write the code of the device's label there, or remove the file for a new one.",
            ) from None
