"""Why a reader does not work, from the frames that went to and fro. Pure; times are seconds of a monotonic clock."""

from __future__ import annotations

from typing import Final, Literal

from sitewarden.nodes.controller.board import frames
from sitewarden.nodes.controller.board.frames import Frame

Cause = Literal["silent", "key", "no-security", "refused", "line", "library"]

SILENT: Final = 3
"""Frames in a row without an answer, after which a reader counts as gone: 3 s, since libosdp asks again each second."""
_OPTIONAL: Final = frozenset((frames.LSTAT, frames.ISTAT, frames.OSTAT, frames.OUT, frames.LED, frames.BUZ))
_NAK_NO_SECURITY: Final = 5


class Exchange:
    """The last frames between us and one reader."""

    def __init__(self) -> None:
        self.sent_at = 0.0
        """When we last asked it; libosdp asks a reader that it gave up no more."""
        self.answered_at = 0.0
        self.waiting = False
        """Whether an answer is due."""
        self.unanswered = 0
        """Frames in a row that it did not answer."""
        self.own_key = False
        """Whether the last secure channel was asked for with the reader's own key, not with the default one of install mode."""
        self.refused: set[int] = set()
        """Commands that it refused and that are not needed; they are not sent again."""
        self._sent = 0
        self._reply: Frame | None = None

    def sent(self, frame: Frame, now: float) -> None:
        """Take a frame of ours."""
        if self.waiting:
            self.unanswered += 1
        self.sent_at, self.waiting, self._sent, self._reply = now, True, frame.code, None
        if frame.code == frames.CHLNG:
            self.own_key = frame.flag == 1

    def answered(self, frame: Frame, now: float) -> None:
        """Take a frame of the reader."""
        self.answered_at, self.waiting, self.unanswered, self._reply = now, False, 0, frame
        if frame.code == frames.NAK and self._sent in _OPTIONAL:
            self.refused.add(self._sent)

    @property
    def refused_optional(self) -> bool:
        """Whether the last answer refused a command that is not needed."""
        return self._reply is not None and self._reply.code == frames.NAK and self._sent in _OPTIONAL

    def cause(self) -> tuple[Cause, str]:
        """Return why the reader is not online: a word, and a sentence that says what to do."""
        reply = self._reply
        if reply is None:
            return "silent", "it does not answer: check its power, its wires (A and B), its address and the baud rate"
        if self._sent == frames.CHLNG and reply.code == frames.CCRYPT:
            return (
                "key",
                'its key is not the one that is held here: give its key, or reset the reader and set security = "install"',
            )
        if self._sent == frames.CHLNG and reply.code == frames.NAK:
            if reply.first == _NAK_NO_SECURITY:
                return "no-security", 'it offers no secure channel: replace it, or set security = "none" and guard its wire'
            return "key", "it refuses the secure channel with this key: it holds another, or is not in its install mode"
        if self._sent == frames.SCRYPT:
            return "key", "it refused the key that is held here: give its key, or reset the reader and install it again"
        if self._sent == frames.CAP and reply.code == frames.PDCAP:
            return "no-security", 'it offers no secure channel: replace it, or set security = "none" and guard its wire'
        if reply.code == frames.NAK:
            return "refused", f"it refuses the command {self._sent:#04x}: update the reader's firmware"
        return "refused", f"its answer {reply.code:#04x} to {self._sent:#04x} cannot be used: another panel may be on the wire"
