"""An export as one ZIP that is written while it is read: recordings as MP4, each piece hashed on its way, then the proof.

Synchronous; a web process runs it in a thread. Nothing is compressed and nothing is kept: memory holds one piece of a file.
"""

from __future__ import annotations

import hashlib
import itertools
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from sitewarden.domain.clock import SECOND
from sitewarden.domain.errors import NotFound
from sitewarden.domain.video.export import AUTHORITY, CERTIFICATE, MANIFEST, README, SIGNATURE, Converted, ExportedFile
from sitewarden.media.film import Film, Look
from sitewarden.media.plan import Plan
from sitewarden.media.playback import spans, stream

TEXT: Final = """This is an export of recordings. Each MP4 plays in any player, such as VLC.

manifest.json  what is in it, by whom, when and why, with the SHA-256 of each file
manifest.sig   the server's signature over the manifest
certificate.pem, ca.pem  the server's certificate and the certificate of its site's authority

Anybody can check it, on a computer without a connection:

    sitewarden verify FILE.zip --ca ca.pem

where ca.pem is the site's own, received on another way than this file.
"""


class _Sink:
    """What zipfile writes into; emptied after each piece."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        return

    def take(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


class Bundle:
    """The ZIP as it comes into being. `files` is what was written so far."""

    def __init__(self) -> None:
        self.files: list[ExportedFile] = []
        self._film: Film | None = None
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_STORED)  # type: ignore[call-overload]

    def recordings(self, camera: str, name: str, plan: Plan, look: Look | None = None) -> Iterator[bytes]:
        """Yield the bytes of a camera's pieces, one MP4 for each stretch without a gap, coded anew where there is a `look`."""
        for span in spans(plan.segments):
            start, end = max(span.start, plan.start), min(span.end, plan.end)
            if start >= end:
                continue
            piece = Plan(roots=plan.roots, remotes=plan.remotes, start=start, end=end, segments=plan.segments)
            if look is not None:
                yield from self._converted(camera, name, piece, look)
                continue
            try:
                chunks = stream(piece)
            except NotFound:
                continue
            yield from self._file(camera, name, start, end, chunks)

    @property
    def covered(self) -> int:
        """Microseconds of recordings that are written, or converted, so far: how far it is, where bytes cannot tell."""
        film = self._film
        return sum(one.end - one.start for one in self.files) + (film.at - film.plan.start if film is not None else 0)

    def _converted(self, camera: str, name: str, piece: Plan, look: Look) -> Iterator[bytes]:
        film = self._film = Film(piece, look)
        chunks = (chunk for chunk in film.chunks() if chunk)
        first = next(chunks, None)
        if first is None:
            return
        yield from self._file(camera, name, piece.start, piece.end, itertools.chain((first,), chunks))
        self._film = None
        words = f"{look.mark.left} · {look.mark.right}" if look.mark else ""
        converted = Converted(masks=look.masks, watermark=words, left_out=film.left_out)
        self.files[-1] = msgspec.structs.replace(self.files[-1], converted=converted)

    def finish(self, manifest: bytes, signature: bytes, certificate: str, authority: str) -> Iterator[bytes]:
        """Yield the proof and the end of the ZIP."""
        members: Sequence[tuple[str, bytes]] = (
            (MANIFEST, manifest),
            (SIGNATURE, signature),
            (CERTIFICATE, certificate.encode()),
            (AUTHORITY, authority.encode()),
            (README, TEXT.encode()),
        )
        for name, data in members:
            self._zip.writestr(_member(name, datetime.now(UTC)), data)
            yield self._sink.take()
        self._zip.close()
        yield self._sink.take()

    def _file(self, camera: str, title: str, start: int, end: int, chunks: Iterator[bytes]) -> Iterator[bytes]:
        moment = datetime.fromtimestamp(start / SECOND, UTC)
        taken = {file.name for file in self.files}
        stamp = f"{moment:%Y%m%dT%H%M%S}.{start % SECOND // 1000:03d}Z"
        name = next(one for number in range(len(taken) + 1) if (one := _name(camera, stamp, number)) not in taken)
        digest, size = hashlib.sha256(), 0
        with self._zip.open(_member(name, moment), "w", force_zip64=True) as member:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                member.write(chunk)
                yield self._sink.take()
        yield self._sink.take()
        self.files.append(
            ExportedFile(name=name, camera=camera, camera_name=title, start=start, end=end, bytes=size, sha256=digest.hexdigest())
        )


def _name(camera: str, stamp: str, number: int) -> str:
    return f"{camera}/{stamp}{f'-{number}' if number else ''}.mp4"


def _member(name: str, moment: datetime) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, (max(1980, moment.year), moment.month, moment.day, moment.hour, moment.minute, moment.second))
    member.external_attr = 0o644 << 16
    return member
