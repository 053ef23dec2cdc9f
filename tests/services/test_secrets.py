from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.entity import Secret
from sitewarden.domain.errors import Refusal
from sitewarden.services.secrets import SecretBox

BOX = SecretBox(bytes(32))


@given(st.text(), st.text())
def test_what_is_sealed_opens_in_its_place_and_differs_each_time(text: str, place: str) -> None:
    one, two = BOX.seal(text, place), BOX.seal(text, place)
    assert one != two
    assert BOX.open(one, place) == BOX.open(two, place) == text


@given(st.text(max_size=60))
def test_anything_else_is_refused(text: str) -> None:
    for sealed in (text, "v1." + text):
        with pytest.raises(Refusal):
            BOX.open(Secret(sealed=sealed), "camera:a/password")


def test_a_box_that_was_moved_changed_or_sealed_elsewhere_is_refused() -> None:
    secret = BOX.seal("hush", "camera:a/password")
    flipped = secret.sealed[:-6] + ("A" if secret.sealed[-6] != "A" else "B") + secret.sealed[-5:]
    for box, sealed, place in (
        (BOX, secret.sealed, "camera:b/password"),
        (BOX, flipped, "camera:a/password"),
        (SecretBox(bytes([1]) * 32), secret.sealed, "camera:a/password"),
    ):
        with pytest.raises(Refusal):
            box.open(Secret(sealed=sealed), place)


def test_the_key_file_is_made_once_and_belongs_to_one(tmp_path: Path) -> None:
    path = tmp_path / "secrets.key"
    secret = SecretBox.load(path).seal("hush", "x")
    assert path.stat().st_mode & 0o777 == 0o600
    assert SecretBox.load(path).open(secret, "x") == "hush"
    path.chmod(0o644)
    with pytest.raises(Refusal, match="chmod 600"):
        SecretBox.load(path)
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(Refusal, match="5 bytes"):
        SecretBox.load(path)
