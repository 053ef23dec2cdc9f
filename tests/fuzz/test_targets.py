"""Every fuzz target states its invariant and holds it for a short run with a fixed seed."""

from __future__ import annotations

import types
from pathlib import Path

import pytest

from tests.fuzz.__main__ import fuzz, targets

TARGETS = targets()


@pytest.mark.parametrize("name", TARGETS)
def test_target_holds_its_invariant(name: str) -> None:
    target = TARGETS[name]
    assert target.__doc__, "the first line of a target's docstring is its invariant"
    assert target.SEEDS
    _, failure = fuzz(name, target, 10.0, 7, limit=len(target.SEEDS) + 500)
    assert not failure, failure


def test_a_broken_codec_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    target = types.ModuleType("broken")

    def check(data: bytes) -> None:
        assert b"\xff\xff" not in data

    target.SEEDS, target.check = [b"\xff\x00abc"], check  # type: ignore[attr-defined]
    count, failure = fuzz("broken", target, 10.0, 1, limit=5000)
    assert failure
    assert len(list((tmp_path / "build/fuzz").iterdir())) == 1
    assert count < 5000
