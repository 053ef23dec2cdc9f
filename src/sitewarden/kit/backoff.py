"""Waiting longer after each failure, with jitter, so that a site's devices do not all come back at once."""

from __future__ import annotations

import random


class Backoff:
    """Delays that double from `first` to `cap` seconds; each is drawn from the upper half of its step."""

    def __init__(self, first: float = 0.25, cap: float = 15.0, *, draw: random.Random | None = None) -> None:
        self._first = first
        self._cap = cap
        self._step = first
        self._draw = draw or random.SystemRandom()

    def next(self) -> float:
        """Return the seconds to wait now, and lengthen the step."""
        step = self._step
        self._step = min(step * 2, self._cap)
        return step * (0.5 + self._draw.random() / 2)

    def reset(self) -> None:
        """Begin again with the first step."""
        self._step = self._first
