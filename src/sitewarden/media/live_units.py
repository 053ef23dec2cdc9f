"""The live socket's stream for RTSP out: pictures and sound of a camera together, as they were coded (`media.units`)."""

from __future__ import annotations

from typing import Protocol

import msgspec

from sitewarden.media.hub import Frame, Run, Track
from sitewarden.media.live_wire import DELTA, HEAD, INIT, KEY, LOST
from sitewarden.media.units import Head, of_frame, of_run


class Connection(Protocol):
    """What carries it; `waiting` counts the bytes that its reader has not taken."""

    @property
    def waiting(self) -> int: ...

    def send(self, kind: int, body: bytes) -> None: ...


class Units:
    """The hub's subscriber. A slow reader loses whole groups of pictures: past `most` bytes, until fewer than `resume` wait."""

    def __init__(self, connection: Connection, *, most: int, resume: int) -> None:
        self._connection = connection
        self._most, self._resume = most, resume
        self._waiting_for_key = True

    def on_track(self, track: Track) -> None:
        self._connection.send(HEAD, msgspec.json.encode(Head(video=track.video, audio=track.audio)))
        self._connection.send(INIT, b"")
        self._waiting_for_key = True

    def on_frame(self, frame: Frame) -> None:
        waiting = self._connection.waiting
        if self._waiting_for_key:
            if not frame.key or waiting > self._resume:
                return
            self._waiting_for_key = False
        elif waiting > self._most:
            self._waiting_for_key = True
            return
        self._connection.send(KEY if frame.key else DELTA, of_frame(frame))

    def on_sound(self, run: Run) -> None:
        if not self._waiting_for_key and self._connection.waiting <= self._most:
            self._connection.send(DELTA, of_run(run))

    def on_lost(self, reason: str) -> None:
        self._connection.send(LOST, msgspec.json.encode({"lost": reason}))
        self._waiting_for_key = True
