"""A board with nothing wired to it: the controller is commissioned and ordered over its links, with no reader and no relay."""

from __future__ import annotations

import logging

from sitewarden.nodes.controller.hardware import Events, Signal

log = logging.getLogger(__name__)


class Unwired:
    """Implements `Hardware`; `outputs` is what relays would do."""

    def __init__(self) -> None:
        self.outputs: dict[int, bool] = {}

    def start(self, events: Events) -> None:
        """There is nothing to report."""
        log.warning("no hardware is named in the settings: doors follow orders in the books alone, no lock moves")

    def set_output(self, number: int, active: bool) -> None:
        """Note what the relay would do."""
        self.outputs[number] = active

    def signal(self, reader: int, signal: Signal) -> None:
        """There is no reader."""

    def close(self) -> None:
        """Let go of nothing."""
        self.outputs.clear()
