"""The settings file on the disk: replaced whole, and edited in the one thing that changes while a node runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from sitewarden.config.edit import with_database, with_port
from sitewarden.config.keys import variable
from sitewarden.domain.errors import Refusal


class SettingsFile:
    """The file that a node's settings came from, for what a program changes in it: a port's number, the database."""

    def __init__(self, path: Path | str, environ: Mapping[str, str] | None = None) -> None:
        self.path = Path(path).resolve()
        self._environ = os.environ if environ is None else environ

    def demand(self, row: str, number: int) -> None:
        """Refuse now what `set_port` would refuse later: the environment wins, or the file cannot be edited or replaced."""
        name = variable(f"ports.{row}")
        if name in self._environ:
            raise Refusal(
                f"{row} is set by {name} in the environment, which wins over the settings file.",
                where=f"ports.{row}",
                remedy=f"Change {name}, or unset it, where the node is started.",
            )
        self._edited(row, number)
        folder = self.path.parent
        if not os.access(folder, os.W_OK) or (self.path.exists() and not os.access(self.path, os.W_OK)):
            raise Refusal(
                "this process may not replace the settings file.",
                where=str(self.path),
                remedy=f"Give its user the right to write to {folder}, or write {row} = {number} below [ports] and restart.",
            )

    def set_port(self, row: str, number: int) -> None:
        """Replace the file by one with this number; comments and all else in it stay. Blocks on the disk."""
        mode = self.path.stat().st_mode & 0o777 if self.path.exists() else 0o600
        replace_file(self.path, self._edited(row, number), mode)

    def demand_database(self, database: Mapping[str, str]) -> str:
        """Return the text that `set_database` writes; refuse now what it would refuse later."""
        for name in (variable(f"database.{key}") for key in ("url", "password_file", "tls", "ca")):
            if name in self._environ:
                raise Refusal(
                    f"the database is set by {name} in the environment, which wins over the settings file.",
                    where="database",
                    remedy=f"Unset {name} where the node is started, and write it to the settings file.",
                )
        if not os.access(self.path.parent, os.W_OK):
            raise Refusal("this process may not replace the settings file.", where=str(self.path), remedy="Run it as its owner.")
        return with_database(self._text(), database)

    def set_database(self, database: Mapping[str, str]) -> None:
        """Replace the file by one that names this database. Blocks on the disk."""
        mode = self.path.stat().st_mode & 0o777 if self.path.exists() else 0o600
        replace_file(self.path, self.demand_database(database), mode)

    def _text(self) -> str:
        try:
            return self.path.read_bytes().decode() if self.path.exists() else ""
        except (OSError, UnicodeDecodeError) as fault:
            raise Refusal(f"the settings file cannot be read ({fault}).", where=str(self.path)) from None

    def _edited(self, row: str, number: int) -> str:
        return with_port(self._text(), row, number)


def replace_file(file: Path, text: str, mode: int | None = None) -> None:
    """Write a file whole or not at all: a draft beside it is flushed to the disk, then takes its place."""
    fresh = file.with_name(file.name + ".new")
    try:
        with fresh.open("w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        if mode is not None:
            fresh.chmod(mode)
        fresh.replace(file)
        directory = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as fault:
        raise Refusal(f"the settings file cannot be written: {fault.strerror}.", where=str(file)) from None
