"""Answers in segments (clause 5.4): put together by who asked, cut by who answers. Pure; timers are the caller's."""

from __future__ import annotations

from typing import Final

from sitewarden.wire.bacnet import apdu
from sitewarden.wire.bacnet.apdu import Answer, SegmentAck
from sitewarden.wire.bacnet.tags import WireError

MOST: Final = 256
"""Segments of one answer: what a sequence number can count without beginning again."""


class Assembly:
    """One answer that arrives in segments."""

    def __init__(self, first: Answer) -> None:
        """`first` has the sequence number 0; raises WireError for any other."""
        if first.sequence != 0:
            raise WireError("an answer begins with another segment than its first")
        self.invoke, self.service = first.invoke, first.service
        self.parts: list[bytes] = []
        self._window = max(1, min(first.window, apdu.WINDOW))
        self._acknowledged = -1
        self.whole: Answer | None = None
        """The answer, once all of it is here."""

    def take(self, one: Answer) -> bytes:
        """Take a segment; return the acknowledgement to send now, empty where none is due."""
        due = len(self.parts)
        if one.sequence is None or one.service != self.service:
            raise WireError("a segment belongs to another answer")
        if self.whole is not None or one.sequence != due & 0xFF:
            # Told again, or out of order: say what was last taken in order.
            return apdu.segment_ack(self.invoke, due - 1, self._window, negative=self.whole is None)
        if due >= MOST:
            raise WireError(f"an answer has more than {MOST} segments")
        self.parts.append(one.data)
        if not one.more:
            self.whole = Answer(self.invoke, self.service, b"".join(self.parts))
        elif due and due - self._acknowledged < self._window:
            return b""
        self._acknowledged = due
        return apdu.segment_ack(self.invoke, due, self._window)


class Cut:
    """One answer that leaves in segments."""

    def __init__(self, invoke: int, service: int, data: bytes, longest: int) -> None:
        """`longest` in bytes of an APDU that the other side takes; raises ValueError where it takes too many segments."""
        size = longest - 5
        if len(data) > size * MOST:
            raise ValueError(f"an answer needs more than {MOST} segments")
        self.invoke, self.service = invoke, service
        self._parts = [data[at : at + size] for at in range(0, len(data), size)]
        self._sent = 0
        """Segments that were acknowledged."""
        self._out = 0
        """Segments that left."""

    def __len__(self) -> int:
        return len(self._parts)

    @property
    def over(self) -> bool:
        """All of it was taken."""
        return self._sent >= len(self._parts)

    def begin(self) -> list[bytes]:
        """Return what is sent first: one segment, until the window is agreed."""
        return self._window(0, 1)

    def take(self, ack: SegmentAck) -> list[bytes]:
        """Return what is sent after an acknowledgement; empty when all was taken, or it says nothing new."""
        if ack.sequence < self._out:
            self._sent = max(self._sent, ack.sequence + 1)
        return self._window(self._sent, max(1, min(ack.window, apdu.WINDOW)))

    def again(self) -> list[bytes]:
        """Return what is sent again when no acknowledgement came."""
        return self._window(self._sent, max(1, self._out - self._sent)) if not self.over else []

    def _window(self, start: int, count: int) -> list[bytes]:
        last = len(self._parts) - 1
        self._out = max(self._out, min(start + count, last + 1))
        return [
            apdu.segment(self.invoke, self.service, self._parts[at], at, apdu.WINDOW, more=at < last)
            for at in range(start, min(start + count, last + 1))
        ]
