"""Phases of what is polled in periods, spread so that not everything is due at the same moment. Pure."""

from __future__ import annotations

from typing import Final

_STEP: Final = 0.6180339887498949
"""The golden ratio: however many are taken, they lie evenly between 0 and 1."""


class Phases:
    """Gives one phase after the other, each above 0 and at most 1."""

    def __init__(self) -> None:
        self._last = 0.0

    def next(self) -> float:
        """Return the part of its period after which a thing that is polled now is due again; then it keeps its period."""
        self._last = (self._last + _STEP) % 1.0
        return self._last or 1.0
