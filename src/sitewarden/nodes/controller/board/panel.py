"""One libosdp control panel and its channel, without the wrapper's thread. The only importer of libosdp.

The wrapper of the package refreshes from a thread of its own every 20 ms, and each step of an exchange then waits for the next
round. Here `step` is called when bytes arrive and when something is due, on the event loop: a call takes less than a microsecond.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import osdp_sys
from msgspec import Struct

HELD: Final = 4096
"""Bytes that wait to be read; the oldest go, since an answer that late is of no use."""
CARD, KEYS, STATUS = osdp_sys.EVENT_CARDREAD, osdp_sys.EVENT_KEYPRESS, osdp_sys.EVENT_STATUS
_NEEDS: Final = {
    0x65: osdp_sys.CAP_CONTACT_STATUS_MONITORING,
    0x68: osdp_sys.CAP_OUTPUT_CONTROL,
    0x69: osdp_sys.CAP_READER_LED_CONTROL,
    0x6A: osdp_sys.CAP_READER_AUDIBLE_OUTPUT,
}
"""Commands to the capability that a reader must have told; libosdp takes a reader offline that refuses one."""

osdp_sys.set_loglevel(osdp_sys.LOG_EMERG)


class Member(Struct, frozen=True):
    """One reader of the panel; `key` None speaks in clear. `enforce` refuses the default key of install mode."""

    address: int
    key: bytes | None
    enforce: bool

    def __repr__(self) -> str:
        return f"Member({self.address})"


class Channel:
    """The bytes between libosdp and a transport. libosdp never frees it, so it lives as long as the panel."""

    def __init__(self, write: Callable[[bytes], bool]) -> None:
        self.id = 1
        self._write = write
        self._held = bytearray()

    def arrived(self, data: bytes) -> None:
        """Keep bytes until libosdp reads them."""
        self._held += data
        if len(self._held) > HELD:
            del self._held[:-HELD]

    def read(self, max_bytes: int) -> bytes:
        """Give libosdp what arrived."""
        data = bytes(self._held[:max_bytes])
        del self._held[:max_bytes]
        return data

    def write(self, buf: bytes) -> int:
        """Send for libosdp; 0 where there is no transport."""
        return len(buf) if self._write(bytes(buf)) else 0

    def flush(self) -> None:
        """Forget what arrived."""
        self._held.clear()


class Panel:
    """The control panel of one bus. Members are known by their place in the sequence."""

    def __init__(self, members: Sequence[Member], write: Callable[[bytes], bool]) -> None:
        self.channel = Channel(write)
        self._events: list[tuple[int, dict[str, Any]]] = []
        self._reviving: set[int] = set()
        self._panel = osdp_sys.ControlPanel([self._info(member) for member in members])
        self._panel.set_event_callback(self._happened)

    def step(self, times: int) -> list[tuple[int, dict[str, Any]]]:
        """Let libosdp read, send and time out, and return what readers told, as (member, event)."""
        for _ in range(times):
            self._panel.refresh()
        for member in tuple(self._reviving):
            if not self._panel.is_pd_enabled(member):
                self._panel.enable_pd(member)
                self._reviving.discard(member)
        events, self._events = self._events, []
        return events

    def online(self) -> int:
        """Return the members that answer, as bits; not those that are being begun with anew."""
        return int(self._panel.status()) & ~sum(1 << member for member in self._reviving)

    def secured(self) -> int:
        """Return the members whose secure channel stands, as bits."""
        return int(self._panel.sc_status())

    def again(self, member: int) -> None:
        """Begin with a reader anew, once libosdp has finished what it does with it; by itself it waits 300 s."""
        # What waits in libosdp's queue is of before: an output must not become active minutes late.
        self._panel.flush_commands(member)
        self._panel.disable_pd(member)
        self._reviving.add(member)

    def enforce(self, member: int) -> None:
        """Refuse the default key from now on."""
        self._panel.set_flag(member, osdp_sys.FLAG_ENFORCE_SECURE)

    def can(self, member: int, code: int) -> bool:
        """Tell whether a reader told that it takes this command."""
        need = _NEEDS.get(code)
        return need is None or self._panel.check_capability(member, need)[0] > 0

    def command(self, member: int, command: dict[str, Any]) -> bool:
        """Queue a command; False where libosdp's own queue is full or the reader is not online."""
        return bool(self._panel.submit_command(member, command))

    def identity(self, member: int) -> dict[str, int]:
        """Return what the reader told of itself: vendor_code, model, version, serial_number, firmware_version."""
        return dict(self._panel.get_pd_id(member))

    def _happened(self, member: int, event: dict[str, Any]) -> int:
        self._events.append((member, event.copy()))
        # The wrapper (3.2.9) never frees the dict of an event; emptied, it keeps 64 bytes instead of 500.
        event.clear()
        return 0

    def _info(self, member: Member) -> dict[str, Any]:
        flags = osdp_sys.FLAG_IGN_UNSOLICITED | (osdp_sys.FLAG_ENFORCE_SECURE if member.enforce else 0)
        info = {"name": f"reader-{member.address}", "address": member.address, "flags": flags, "channel": self.channel}
        return info | ({"scbk": member.key} if member.key is not None else {})
