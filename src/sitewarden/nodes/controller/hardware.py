"""What a controller board offers: outputs, inputs and readers. A simulated one stands in `sim`."""

from __future__ import annotations

from typing import Literal, Protocol

Signal = Literal["granted", "denied", "pin", "busy"]
"""What a reader shows its user."""

ReaderNews = Literal["online", "offline", "key", "tamper", "tamper-cleared", "power-failed", "power-restored"]
"""What happens to a reader itself; "key": it took the key that was made for it."""


class Events(Protocol):
    """Who is told what happens at the hardware; called on the event loop, returns at once."""

    def card(self, reader: int, bits: int, value: int) -> None:
        """Take a card that was shown."""
        ...

    def pin(self, reader: int, digits: str) -> None:
        """Take digits that were keyed in and confirmed."""
        ...

    def input(self, number: int, active: bool) -> None:
        """Take the new state of an input, debounced."""
        ...

    def reader(self, reader: int, news: ReaderNews, detail: str) -> None:
        """Take what happened to a reader, once per change; `detail` says why in a sentence."""
        ...


class Hardware(Protocol):
    """The board."""

    def start(self, events: Events) -> None:
        """Report the state of every input, then each change."""
        ...

    def set_output(self, number: int, active: bool) -> None:
        """Drive a relay; active releases the lock. Returns at once."""
        ...

    def signal(self, reader: int, signal: Signal) -> None:
        """Show the user of a reader what came of it."""
        ...

    def close(self) -> None:
        """Let go of the hardware; every output is at rest."""
        ...
