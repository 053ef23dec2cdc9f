"""The console's files, held in memory with their compressed forms; read once at start. Reads files."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from pathlib import Path
from typing import Final

from msgspec import Struct

MISSING: Final = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Sitewarden</title>
<p>The console is not built. Run <code>make console</code> and start again.
The API is at <a href="/openapi.json">/openapi.json</a>.
"""
_COMPRESSIBLE: Final = ("text/", "application/javascript", "application/json", "image/svg", "application/manifest")
_LARGEST: Final = 32 << 20
"""Bytes of one file; larger ones are left out."""


class Asset(Struct, frozen=True, kw_only=True):
    """One file and its forms. `etag` is of its content; `immutable` where its name carries a hash of it."""

    media_type: str
    etag: str
    immutable: bool
    plain: bytes
    gzip: bytes | None = None
    brotli: bytes | None = None

    def form(self, accepted: str) -> tuple[bytes, str]:
        """Return the smallest form that the Accept-Encoding header takes, and its name ("" for plain)."""
        codings = {part.partition(";")[0].strip() for part in accepted.lower().split(",") if not part.strip().endswith("q=0")}
        if self.brotli is not None and "br" in codings:
            return self.brotli, "br"
        if self.gzip is not None and "gzip" in codings:
            return self.gzip, "gzip"
        return self.plain, ""


class Assets:
    """The files under one directory, by their path with "/"; nothing outside it is ever read."""

    def __init__(self, directory: Path | None) -> None:
        self._assets: dict[str, Asset] = {}
        if directory is not None and directory.is_dir():
            for path in sorted(directory.rglob("*")):
                if path.is_file() and path.suffix not in (".br", ".gz", ".map") and path.stat().st_size <= _LARGEST:
                    name = path.relative_to(directory).as_posix()
                    self._assets[name] = _load(path, immutable=name.startswith("assets/"))
        if "index.html" not in self._assets:
            self._assets["index.html"] = _asset(MISSING, "text/html; charset=utf-8", immutable=False)

    def __len__(self) -> int:
        return len(self._assets)

    def find(self, path: str) -> Asset | None:
        """Return the file of a URL path; a path of the console's own pages gives its index; None for no such file."""
        name = path.lstrip("/")
        found = self._assets.get(name or "index.html")
        if found is None and "." not in name.rpartition("/")[2]:
            return self._assets["index.html"]
        return found


def _load(path: Path, *, immutable: bool) -> Asset:
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if media_type == "text/javascript":
        media_type = "text/javascript; charset=utf-8"
    elif media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    brotli = path.with_name(path.name + ".br")
    return _asset(path.read_bytes(), media_type, immutable=immutable, brotli=brotli.read_bytes() if brotli.is_file() else None)


def _asset(content: bytes, media_type: str, *, immutable: bool, brotli: bytes | None = None) -> Asset:
    packed = gzip.compress(content, 6, mtime=0) if media_type.startswith(_COMPRESSIBLE) and len(content) > 512 else None
    return Asset(
        media_type=media_type,
        etag=f'"{hashlib.sha256(content).hexdigest()[:20]}"',
        immutable=immutable,
        plain=content,
        gzip=packed if packed is not None and len(packed) < len(content) else None,
        brotli=brotli,
    )
