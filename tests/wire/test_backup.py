"""Pieces and backups come back as they were, and nothing that was changed does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.backups import kept
from sitewarden.domain.clock import DAY, HOUR
from sitewarden.domain.errors import Forbidden, Invalid
from sitewarden.wire import backup as form
from sitewarden.wire.backup import Contents, File, Head, Piece

SECRET = bytes(32)


@given(st.binary(min_size=1, max_size=5000), st.booleans(), st.integers(0, 1 << 20))
def test_a_piece_comes_back_or_is_refused(data: bytes, squeeze: bool, at: int) -> None:
    piece = form.piece_of(SECRET, data)
    assert piece == form.piece_of(SECRET, data) != form.piece_of(b"x" * 32, data)
    stored = form.seal_piece(piece, data, squeeze=squeeze)
    assert form.is_whole(stored) and form.open_piece(piece, stored) == data
    at %= len(stored)
    changed = stored[:at] + bytes([stored[at] ^ 1]) + stored[at + 1 :]
    assert not form.is_whole(changed)
    again = changed[:-16] + form.digest_of(changed[:-16])[:16]
    for bad in (changed, again if at < len(stored) - 16 else changed, stored[:-1], b""):
        with pytest.raises(Invalid):
            form.open_piece(piece, bad)
    with pytest.raises(Invalid):
        form.open_piece(form.piece_of(SECRET, data + b"."), stored)


def _file(path: str = "keys/secrets.key", mode: int = 0o600, **changes: object) -> File:
    fields = {"path": path, "mode": mode, "size": 1, "sha256": b"s" * 32, "pieces": [Piece(b"i" * 32, b"k" * 32, 1)]}
    return File(**{**fields, **changes})  # type: ignore[arg-type]


def _sealed(contents: Contents, private: bytes) -> tuple[Head, bytes]:
    about = form.new_repository(public=form.public_of(private))
    wrapped, sealed = form.seal_contents(about, "one", contents)
    head = Head(
        format=form.FORMAT, id="one", repository=about.id, node="n", version="1", made=1, files=1, size=1, stored=1, media=False,
        pieces=b"", wrapped=wrapped, sealed_sha256=form.digest_of(sealed),
    )  # fmt: skip
    return head, sealed


def test_contents_open_with_their_key_alone_and_stay_within_the_data_directory() -> None:
    private = form.new_key()
    contents = Contents(files=[_file()], events=7, audit=3)
    head, sealed = _sealed(contents, private)
    assert form.open_contents(private, head, sealed) == contents
    for key, data in ((form.new_key(), sealed), (private, sealed[:-1]), (private, b"")):
        with pytest.raises(Invalid):
            form.open_contents(key, head, data)
    for path in ("/etc/passwd", "../x", "a/../../x", "a//b", "", "a/.", "a\\b", "a\0b"):
        with pytest.raises(Invalid):
            form.open_contents(private, *_sealed(Contents(files=[_file(path)]), private))
    for bad in (
        _file(mode=0o4755),
        _file(pieces=[Piece(b"i", b"k" * 32, 1)]),
        _file(pieces=[Piece(b"i" * 32, b"k" * 32, 1 << 40)]),
    ):
        with pytest.raises(Invalid):
            form.open_contents(private, *_sealed(Contents(files=[bad]), private))


def test_keys_are_typed_with_a_check_and_a_passphrase_opens_its_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    private = form.new_key()
    assert form.read_key(form.key_text(private) + "\n") == private
    assert form.read_public(form.public_text(form.public_of(private))) == form.public_of(private)
    text = form.key_text(private)
    for bad in (
        text[:-1],
        text.replace("1-", "2-"),
        text[:-2] + ("00" if text[-2:] != "00" else "11"),
        "",
        form.public_text(private),
    ):
        with pytest.raises(Invalid):
            form.read_key(bad)
    monkeypatch.setattr(form, "_SCRYPT", (1 << 8, 8, 1))
    about = form.new_repository(passphrase="correct horse")
    assert form.public_of(form.private_key(about, passphrase="correct horse")) == about.public
    for wrong in ({"passphrase": "wrong horse"}, {"key": private}):
        with pytest.raises(Forbidden):
            form.private_key(about, **wrong)  # type: ignore[arg-type]


@given(st.binary(max_size=300))
def test_whatever_lies_there_is_read_or_refused(data: bytes) -> None:
    for read in (form.read_backup, form.read_repository):
        for text in (data, form.MAGIC + data):
            with pytest.raises(Invalid):
                read(text)


@given(st.lists(st.integers(0, 400 * 24), max_size=60, unique=True), st.integers(1, 9), st.integers(0, 6), st.integers(0, 14))
def test_the_last_of_each_day_week_and_month_stays(hours: list[int], days: int, weeks: int, months: int) -> None:
    from zoneinfo import ZoneInfo

    made = [(str(hour), 1_700_000_000_000_000 + hour * HOUR) for hour in hours]
    stays = kept(made, ZoneInfo("UTC"), days=days, weeks=weeks, months=months)
    assert len(stays) <= days + weeks + months
    if made:
        assert max(made, key=lambda one: one[1])[0] in stays
        of_days = {moment // DAY for _, moment in made}
        last = {max(moment for _, moment in made if moment // DAY == day) for day in sorted(of_days)[-days:]}
        assert last <= {moment for id_, moment in made if id_ in stays}
