"""The state of one stream: credit both ways, indexes both ways."""

from __future__ import annotations

from collections import deque

from sitewarden.wire.link.errors import LocalMisuse, PeerViolation
from sitewarden.wire.link.messages import StreamData

FRAME_COST = 64
"""Bytes of credit that each data frame costs beside its body."""
CREDIT_LIMIT = 2**31 - 1


class StreamState:
    """One end of a stream."""

    __slots__ = (
        "_costs",
        "_pieces",
        "accepted",
        "ack",
        "acked",
        "can_send",
        "id",
        "kind",
        "may_receive",
        "owed",
        "receive_index",
        "record_limit",
        "send_index",
        "window",
    )

    def __init__(self, id_: int, kind: str, window: int) -> None:
        self.id = id_
        self.kind = kind
        self.accepted = False
        self.window = window
        """Credit that we gave at first: bound of what waits here unread."""
        self.may_receive = window
        self.can_send = 0
        self.record_limit = -1
        """Greatest cost of a record that we send: half of the peer's first credit, so that half of it may stay unreturned;
        -1 while the peer has not said it."""
        self.owed = 0
        self.send_index = 0
        self.acked = 0
        self.receive_index = 0
        self.ack = 0
        self._costs: deque[int] = deque()
        self._pieces: list[bytes] = []

    def sent(self, index: int, cost: int) -> None:
        """Note a record that we send."""
        if index <= self.send_index:
            raise LocalMisuse(f"stream {self.id}: index {index} after {self.send_index}; indexes grow")
        if cost > self.can_send:
            raise LocalMisuse(f"stream {self.id}: {cost} bytes with a credit of {self.can_send}")
        self.can_send -= cost
        self.send_index = index

    def first_credit(self, credit: int) -> None:
        """Note the peer's first credit."""
        self.can_send = credit
        self.record_limit = credit // 2

    def gained(self, more: int) -> None:
        """Note credit from the peer."""
        self.can_send += more
        if self.can_send > CREDIT_LIMIT:
            raise PeerViolation("credit", f"stream {self.id}: credit above {CREDIT_LIMIT} bytes")

    def received(self, data: StreamData) -> StreamData | None:
        """Note a frame of the peer; return the record where it is whole."""
        self.may_receive -= len(data.body) + FRAME_COST
        if self.may_receive < 0:
            raise PeerViolation("credit", f"stream {self.id}: {-self.may_receive} bytes more than the credit")
        if data.index <= self.receive_index:
            raise PeerViolation("index", f"stream {self.id}: index {data.index} after {self.receive_index}")
        pieces = self._pieces
        if data.more:
            pieces.append(data.body)
            return None
        cost = len(data.body) + FRAME_COST
        if pieces:
            cost += sum(map(len, pieces)) + FRAME_COST * len(pieces)
            pieces.append(data.body)
            data = StreamData(data.id, data.index, b"".join(pieces))
            pieces.clear()
        self.receive_index = data.index
        self._costs.append(cost)
        return data

    def consumed(self) -> int:
        """Note that the oldest unread record was taken; return the credit to give now, 0 while little is owed."""
        if not self._costs:
            raise LocalMisuse(f"stream {self.id}: no record is unread")
        self.owed += self._costs.popleft()
        if self.owed * 2 < self.window:
            return 0
        give, self.owed = self.owed, 0
        self.may_receive += give
        return give
