"""How a held controller is shown: lines for a person, or one JSON object a line for a program."""

from __future__ import annotations

import sys
from typing import Any

import msgspec

from sitewarden.app import show
from sitewarden.domain.catalogue import describe
from sitewarden.wire.controller import DoorReport, Hello, Record

_record = msgspec.msgpack.Decoder(Record).decode


class Screen:
    """Prints what comes, as it comes."""

    def __init__(self, *, json: bool) -> None:
        self._json = json
        self._doors: dict[str, DoorReport] = {}

    def hello(self, hello: Hello) -> None:
        """Show how the controller is, and that this is temporary."""
        if self._json:
            hold = {"since": hello.hold.since, "until": hello.hold.until} if hello.hold is not None else None
            self._line({"held": hold, "temporary": True, "rules": hello.rules, "epoch": hello.epoch, "last": hello.last})
            return
        until = f": it ends by itself at {show.moment(hello.hold.until)}" if hello.hold is not None else ""
        rules = f"rules {hello.rules}" if hello.rules else "no rules yet, so no door opens"
        self._print(f"Held in direct mode, which is temporary{until}.")
        self._print(f"{hello.software}; {rules}; log {hello.first} to {hello.last}.")
        self._print("Type an order (release DOOR, lock DOOR, unlock DOOR, …), `doors`, or `quit`.")

    def door(self, report: DoorReport) -> None:
        """Show a door that changed."""
        if self._doors.get(report.door) == report:
            return
        self._doors[report.door] = report
        self._door(report)

    def doors(self) -> None:
        """Show every door."""
        if not self._doors:
            self._print("No door is configured on this controller yet.")
        for report in self._doors.values():
            self._door(report)

    def done(self, order: str, report: DoorReport) -> None:
        """Show what came of an order."""
        if self._json:
            self._line({"order": order, "door": _plain(report)})
        else:
            self._print(f"done: {order}")

    def record(self, index: int, body: bytes) -> None:
        """Show a record of the log."""
        try:
            record = _record(body)
        except (msgspec.DecodeError, ValueError, RecursionError):
            self.problem(f"record {index} cannot be read; this computer runs an older version than the controller.")
            return
        if self._json:
            self._line({"index": index, "time": record.time, "type": record.type, "door": record.door, "data": record.data})
            return
        words = {
            "name": record.door or "the controller",
            "holder_name": record.holder or "somebody unknown",
            "access_point_name": record.access_point,
            **record.data,
        }
        self._print(f"{show.moment(record.time)}  {describe(record.type, words)}")

    def problem(self, what: str) -> None:
        """Say what goes wrong; an empty text: it is over."""
        if self._json:
            self._line({"problem": what})
        else:
            show.err.print(what or "That is over.", soft_wrap=True, markup=False)

    def _door(self, report: DoorReport) -> None:
        if self._json:
            self._line({"door": _plain(report)})
            return
        parts = [str(report.mode), "locked" if report.locked else "unlocked", "open" if report.open else "closed"]
        parts += [report.alarm] * (report.alarm != "normal") + ["tamper"] * report.tamper + ["fault"] * report.fault
        self._print(f"{report.door}: {', '.join(parts)}")

    def _print(self, text: str) -> None:
        show.out.print(text, soft_wrap=True, markup=False)

    def _line(self, value: dict[str, Any]) -> None:
        sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
        sys.stdout.flush()


def _plain(report: DoorReport) -> dict[str, Any]:
    return {name: msgspec.to_builtins(value) for name, value in msgspec.structs.asdict(report).items()}
