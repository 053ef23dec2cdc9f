"""Any bytes are a backup, a repository or a piece as they were written, or Invalid; what opens stays within its directory."""

from __future__ import annotations

import msgspec

from sitewarden.domain.errors import Invalid
from sitewarden.wire import backup

_PRIVATE = bytes(range(32))
_DATA = b"page of a database " * 20
_PIECE = backup.piece_of(b"s" * 32, _DATA)
_ABOUT = backup.new_repository(public=backup.public_of(_PRIVATE))
_FILE = backup.File(path="keys/secrets.key", mode=0o600, size=len(_DATA), sha256=b"h" * 32, pieces=[_PIECE])
_WRAPPED, _SEALED = backup.seal_contents(_ABOUT, "one", backup.Contents(files=[_FILE]))
_HEAD = backup.Head(
    format=backup.FORMAT,
    id="one",
    repository=_ABOUT.id,
    node="server",
    version="1",
    made=1,
    files=1,
    size=1,
    stored=1,
    media=False,
    pieces=_PIECE.id,
    wrapped=_WRAPPED,
    sealed_sha256=backup.digest_of(_SEALED),
)
SEEDS = [
    backup.write_backup(backup.Backup(msgspec.msgpack.encode(_HEAD), _SEALED, b"g" * 64, "cert", "ca")),
    msgspec.json.encode(_ABOUT),
    backup.seal_piece(_PIECE, _DATA, squeeze=True),
    backup.seal_piece(_PIECE, _DATA, squeeze=False),
]


def check(data: bytes) -> None:
    try:
        backup.read_repository(data)
    except Invalid:
        pass
    try:
        assert backup.open_piece(_PIECE, data) == _DATA
    except Invalid:
        pass
    try:
        head, found = backup.read_backup(data)
        contents = backup.open_contents(_PRIVATE, head, found.sealed)
    except Invalid:
        return
    assert all(".." not in one.path.split("/") and not one.path.startswith("/") for one in contents.files)
