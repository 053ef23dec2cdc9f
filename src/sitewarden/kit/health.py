"""Health of endpoints and devices: told once per change, as a status now and as an event for the log."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from sitewarden.domain.catalogue import CATALOGUE, describe, severity
from sitewarden.domain.clock import Clock
from sitewarden.domain.events import Event
from sitewarden.domain.refs import split_ref
from sitewarden.domain.status import Status

EVENTS_KEPT: Final = 4096
"""Health events that wait for the log; beyond it the oldest is dropped, since the newest state is what counts."""


class Health:
    """What was last told about each entity of one process."""

    def __init__(self, clock: Clock, publish: Callable[[Status], None], wake: Callable[[], None]) -> None:
        self._clock = clock
        self._publish = publish
        self._wake = wake
        self._epoch = clock.now()
        self._count = 0
        self._now: dict[str, Status] = {}
        self._told: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._subjects: dict[str, str] = {}
        self.pending: deque[Event] = deque(maxlen=EVENTS_KEPT)

    def name(self, ref: str, name: str, subject: str = "") -> None:
        """Give the name that events use for `ref`, and the entity that they are written for where it is another one."""
        self._names[ref] = name
        self._subjects[ref] = subject or ref

    def state(self, ref: str) -> str:
        """Return the last state of `ref`; empty when nothing is known."""
        status = self._now.get(ref)
        return status.state if status else ""

    def report(self, status: Status, *, quiet: bool = False, event: str = "") -> None:
        """Publish a status that differs from the last, and put an event in `pending` when the state changed.

        `quiet` publishes alone: it is for a device whose endpoint is lost, which is the event. "pending" is no event either: what
        it turns into is one. `event` replaces the
        last part of the event's type ("misconfigured").
        """
        before = self._now.get(status.ref)
        if before is not None and before.state == status.state:
            if before.detail == status.detail and before.data == status.data:
                return
            status = Status(ref=status.ref, state=status.state, detail=status.detail, since=before.since, data=status.data)
        self._now[status.ref] = status
        self._publish(status)
        told = event or status.state
        if told == "pending":
            return
        if not quiet and self._told.get(status.ref) != told:
            self._told[status.ref] = told
            self._tell(status, told)

    def forget(self, ref: str) -> None:
        """Publish "disabled" for an entity that is no longer served, and drop what was known."""
        if self._now.pop(ref, None) is not None:
            self._publish(Status(ref=ref, state="disabled", since=self._clock.now()))
        self._told.pop(ref, None)
        self._names.pop(ref, None)
        self._subjects.pop(ref, None)

    def _tell(self, status: Status, told: str) -> None:
        kind, id_ = split_ref(status.ref)
        type_ = f"{kind}.{told}"
        if type_ not in CATALOGUE:
            type_ = f"{kind}.{status.state}"
        if type_ not in CATALOGUE:
            return
        data = {"name": self._names.get(status.ref, id_), "detail": status.detail}
        self._count += 1
        self.pending.append(
            Event(
                key=f"health/{status.ref}/{self._epoch}/{self._count}",
                type=type_,
                entity=self._subjects.get(status.ref, status.ref),
                time=self._clock.now(),
                severity=severity(type_),
                text=describe(type_, data),
                data=data,
            )
        )
        self._wake()
