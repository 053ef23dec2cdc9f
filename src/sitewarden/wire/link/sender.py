"""What waits to be sent, by priority. A body above one frame is cut when its turn comes, so that others overtake it."""

from __future__ import annotations

from collections import deque

from sitewarden.wire.link.frames import CHUNK, HEADER
from sitewarden.wire.link.limits import Limits
from sitewarden.wire.link.messages import Message, Notify, Part, Request, Response, encode

CONTROL, URGENT_LANE, NORMAL_LANE, NOTICES, BULK_LANE = range(5)
LANES = 5
LANE_OF = {1: URGENT_LANE, 2: NORMAL_LANE, 3: BULK_LANE}
_OVERHEAD = 4


class _Long:
    """A body on its way in parts."""

    __slots__ = ("at", "body", "first", "id")

    def __init__(self, id_: int, first: bytes, body: bytes) -> None:
        self.id = id_
        self.first = first
        self.body = body
        self.at = 0

    def next(self) -> tuple[bytes, bool]:
        """Return the next payload and whether it was the last."""
        at = self.at
        self.at = at + CHUNK
        if at == 0:
            return self.first, False
        more = self.at < len(self.body)
        return encode(Part(self.id, self.body[at : self.at], more)), not more


class Sender:
    """Five queues: control, urgent, normal, notices, bulk.

    Bounds: control is bounded by the streams and requests that are open; requests and responses by `Limits.pending`,
    `Limits.requests` and `Limits.queued`, which the connection holds; bulk by credit. Notices drop their oldest.
    """

    __slots__ = ("_lanes", "_limits", "_notice_bytes", "dropped", "queued")

    def __init__(self, limits: Limits) -> None:
        self._lanes: tuple[deque[bytes | _Long], ...] = (deque(), deque(), deque(), deque(), deque())
        self._limits = limits
        self._notice_bytes = 0
        self.queued = 0
        """Bytes that wait."""
        self.dropped = 0
        """Notices that were dropped because the peer reads too slowly."""

    def put(self, lane: int, message: Message) -> None:
        """Queue a message that fits in one frame."""
        payload = encode(message)
        self.queued += len(payload)
        self._lanes[lane].append(payload)

    def put_body(self, lane: int, message: Request | Response, body: bytes) -> None:
        """Queue a message whose body may need parts; the message itself carries the first `CHUNK` bytes."""
        if len(body) <= CHUNK:
            self.put(lane, message)
            return
        self.queued += len(body)
        self._lanes[lane].append(_Long(message.id, encode(message), body))

    def notice(self, kind: str, body: bytes, id_: int) -> None:
        """Queue a notice; the oldest that has not begun are dropped to keep the bounds."""
        lane = self._lanes[NOTICES]
        item: bytes | _Long
        if len(body) <= CHUNK:
            item = encode(Notify(kind, body))
            size = len(item)
        else:
            item = _Long(id_, encode(Notify(kind, body[:CHUNK], id_, True)), body)
            size = len(body)
        lane.append(item)
        self.queued += size
        self._notice_bytes += size
        while (len(lane) > self._limits.notices or self._notice_bytes > self._limits.notice_bytes) and len(lane) > 1:
            head = lane.popleft()
            if isinstance(head, _Long) and head.at:
                if len(lane) == 1:
                    lane.appendleft(head)
                    return
                begun, head = head, lane.popleft()
                lane.appendleft(begun)
            self._gone(head)
            self.dropped += 1

    def _gone(self, item: bytes | _Long) -> None:
        size = len(item) if isinstance(item, bytes) else len(item.body)
        self.queued -= size
        self._notice_bytes -= size

    def take(self, budget: int) -> bytes:
        """Return the next frames, most urgent first: at least `budget` bytes where that many wait, at most a frame more."""
        out: list[bytes] = []
        size = 0
        for number, lane in enumerate(self._lanes):
            while lane and size < budget:
                item = lane[0]
                if isinstance(item, bytes):
                    payload = item
                    last = True
                else:
                    payload, last = item.next()
                if last:
                    lane.popleft()
                    if number == NOTICES:
                        self._gone(item)
                    else:
                        self.queued -= len(item) if isinstance(item, bytes) else len(item.body)
                out.append(HEADER.pack(len(payload)))
                out.append(payload)
                size += len(payload) + _OVERHEAD
            if size >= budget:
                break
        return b"".join(out)

    def clear(self) -> None:
        """Forget all that waits."""
        for lane in self._lanes:
            lane.clear()
        self.queued = self._notice_bytes = 0
