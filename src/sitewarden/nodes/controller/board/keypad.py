"""Keys of one reader to a PIN. Pure; times are seconds of a monotonic clock."""

from __future__ import annotations

from typing import Final

MAX_DIGITS: Final = 16
"""Digits of a PIN; what is keyed beyond them spoils it, and it is forgotten."""
_ENTER: Final = frozenset(b"#\r")
_CLEAR: Final = frozenset(b"*\x7f")


class Keypad:
    """`#` ends a PIN, `*` clears it, and so do `pause` seconds without a key; `length` keys end it too, where that is not 0."""

    def __init__(self, pause: float, length: int = 0) -> None:
        self._pause, self._length = pause, length
        self._digits: list[str] = []
        self._spoiled = False
        self._last = 0.0

    def press(self, keys: bytes, now: float) -> list[str]:
        """Take keys as OSDP sends them (ASCII digits, 0x7F for `*`, 0x0D for `#`); return the PINs that they complete."""
        if now - self._last > self._pause:
            self.clear()
        self._last = now
        complete = []
        for key in keys:
            if key in _ENTER:
                if self._digits and not self._spoiled:
                    complete.append("".join(self._digits))
                self.clear()
            elif key in _CLEAR:
                self.clear()
            elif 0x30 <= key <= 0x39:
                if len(self._digits) == MAX_DIGITS:
                    self._spoiled = True
                    continue
                self._digits.append(chr(key))
                if len(self._digits) == self._length:
                    complete.append("".join(self._digits))
                    self.clear()
        return complete

    def clear(self) -> None:
        """Forget the keys."""
        self._digits.clear()
        self._spoiled = False
