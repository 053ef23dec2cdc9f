"""What each import did, line by line: a compressed table beside the stores, named by the import, its hash in the audit log."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
from pathlib import Path
from typing import Final

from sitewarden.domain.errors import NotFound

KEPT: Final = 500
"""Reports that are kept; the oldest goes. One of 100,000 people has about 1 MB."""
_NAME: Final = re.compile(r"[0-9a-f]{1,16}")


class ImportReports:
    """The directory. Blocks: called in threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, id_: str, report: Path) -> str:
        """Take the report of an import that is about to be made so, durably; return its SHA-256."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest = hashlib.sha256(report.read_bytes()).hexdigest()
        part, whole = self._folder / f"{id_}.part", self._path(id_)
        shutil.copyfile(report, part)
        part.chmod(0o600)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(whole)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._thin()
        return digest

    def drop(self, id_: str) -> None:
        """Forget the report of an import that was not made so after all."""
        self._path(id_).unlink(missing_ok=True)

    def copy(self, id_: str, out: Path) -> int:
        """Write the report of an import as CSV to `out`; return its bytes. Raises NotFound."""
        kept = self._path(id_)
        if not _NAME.fullmatch(id_) or not kept.is_file():
            raise NotFound(
                "There is no report of this import.",
                where=id_,
                remedy=f"Take the id from the audit log's entry people.import; the newest {KEPT} are kept.",
            )
        with gzip.open(kept, "rb") as packed, out.open("wb") as file:
            shutil.copyfileobj(packed, file)
        return out.stat().st_size

    def _path(self, id_: str) -> Path:
        return self._folder / f"{id_}.csv.gz"

    def _thin(self) -> None:
        kept = sorted(self._folder.glob("*.csv.gz"), key=lambda path: path.stat().st_mtime)
        for path in kept[:-KEPT]:
            path.unlink(missing_ok=True)
