"""OSDP readers on TCP or a serial line: libosdp's own peripheral device behind a wire that can be cut.

Alone: `python -m sim.osdp_reader --port 4001 --key 000102…0f`; then type `card 26:2a6f3b1`, `keys 1234#`, `tamper`, `untamper`.
"""

from __future__ import annotations

import argparse
import os
import select
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import osdp_sys

from sitewarden.domain.access.cards import parse_card

DEFAULT_PERIOD: Final = 0.001
WIEGAND: Final = 1
CAPABILITIES: Final = {
    osdp_sys.CAP_CONTACT_STATUS_MONITORING: (1, 2),
    osdp_sys.CAP_OUTPUT_CONTROL: (4, 2),
    osdp_sys.CAP_CARD_DATA_FORMAT: (1, 1),
    osdp_sys.CAP_READER_LED_CONTROL: (4, 1),
    osdp_sys.CAP_READER_AUDIBLE_OUTPUT: (2, 1),
    osdp_sys.CAP_COMMUNICATION_SECURITY: (1, 1),
}

osdp_sys.set_loglevel(osdp_sys.LOG_EMERG)


class _Channel:
    def __init__(self) -> None:
        self.id = 1
        self.fd = -1
        self.held = bytearray()

    def read(self, max_bytes: int) -> bytes:
        data = bytes(self.held[:max_bytes])
        del self.held[:max_bytes]
        return data

    def write(self, buf: bytes) -> int:
        if self.fd >= 0:
            try:
                return os.write(self.fd, buf)
            except OSError:
                return 0
        return 0

    def flush(self) -> None:
        self.held.clear()


class OsdpReader:
    """One reader in a thread of its own. `key` None waits to be installed. `commands` are what the panel told it, oldest first.

    `lacks` are capabilities that it does not tell; `mute` are commands that it refuses although it told that it takes them.
    """

    def __init__(
        self,
        key: bytes | None,
        *,
        address: int = 0,
        install: bool = False,
        lacks: tuple[int, ...] = (),
        mute: tuple[int, ...] = (),
        period: float = DEFAULT_PERIOD,
    ) -> None:
        self.commands: list[dict[str, Any]] = []
        self.key = key
        self.plugged = True
        """False: it neither hears nor answers, and its connection stays."""
        self._mute, self._period = mute, period
        self._report = {osdp_sys.STATUS_REPORT_LOCAL: bytearray(2), osdp_sys.STATUS_REPORT_INPUT: bytearray(2)}
        self._told_later: list[int] = []
        self._channel = _Channel()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._listener: socket.socket | None = None
        self._peer: socket.socket | None = None
        flags = osdp_sys.FLAG_INSTALL_MODE if install or key is None else osdp_sys.FLAG_ENFORCE_SECURE
        info = {
            "name": f"sim-{address}", "address": address, "flags": flags, "channel": self._channel,
            "version": 1, "model": 1, "vendor_code": 0x5743, "serial_number": 7, "firmware_version": 0x010000,
        }  # fmt: skip
        if key is not None:
            info["scbk"] = key
        capabilities = [
            {"function_code": code, "compliance_level": level, "num_items": count}
            for code, (level, count) in CAPABILITIES.items()
            if code not in lacks
        ]
        self._device = osdp_sys.PeripheralDevice(info, capabilities=capabilities)
        self._device.set_command_callback(self._told)

    def listen(self, host: str, port: int = 0) -> int:
        """Serve one panel at a time over TCP; return the port."""
        self._listener = socket.create_server((host, port))
        self._listener.setblocking(False)
        self._begin(self._accept)
        return int(self._listener.getsockname()[1])

    def attach(self, fd: int) -> None:
        """Serve on an open serial line (a file descriptor, which stays the caller's)."""
        os.set_blocking(fd, False)
        self._channel.fd = fd
        self._begin(lambda: None)

    def close(self) -> None:
        """End."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self.hang_up()
        if self._listener is not None:
            self._listener.close()

    def hang_up(self) -> None:
        """Cut the connection; the panel may dial again."""
        with self._lock:
            self._hang_up()

    # -- people -------------------------------------------------------------------------------------------------------

    def card(self, text: str) -> float:
        """Show a card ("26:2a6f3b1"); return the time of `time.perf_counter`."""
        key = parse_card(text)
        bits = key.bit_length() - 1
        value = key ^ (1 << bits)
        size = (bits + 7) // 8
        data = (value << (size * 8 - bits)).to_bytes(size, "big")
        return self._submit(
            {"event": osdp_sys.EVENT_CARDREAD, "reader_no": 0, "format": WIEGAND, "direction": 0, "length": bits, "data": data}
        )

    def keys(self, digits: str) -> float:
        """Key in digits, `#` and `*`, as OSDP codes them."""
        data = digits.encode().replace(b"#", b"\r").replace(b"*", b"\x7f")
        return self._submit({"event": osdp_sys.EVENT_KEYPRESS, "reader_no": 0, "data": data})

    def local(self, *, tamper: bool = False, power_failed: bool = False) -> None:
        """Change the state of the case and of the power."""
        self._change(osdp_sys.STATUS_REPORT_LOCAL, bytearray((tamper, power_failed)))

    def inputs(self, *active: bool) -> None:
        """Change the inputs."""
        self._change(osdp_sys.STATUS_REPORT_INPUT, bytearray(active))

    def _change(self, kind: int, report: bytearray) -> None:
        self._report[kind] = report
        self._submit({"event": osdp_sys.EVENT_STATUS, "type": kind, "report": bytes(report)})

    @property
    def secure(self) -> bool:
        """Whether its secure channel stands."""
        with self._lock:
            return bool(self._device.is_sc_active())

    def _submit(self, event: dict[str, Any]) -> float:
        with self._lock:
            if not self._device.submit_event(event):
                raise RuntimeError("the reader takes no more events: nobody asks it")
            return time.perf_counter()

    # -- the wire -----------------------------------------------------------------------------------------------------

    def _begin(self, accept: Callable[[], None]) -> None:
        self._thread = threading.Thread(target=self._run, args=(accept,), name="osdp reader", daemon=True)
        self._thread.start()

    def _run(self, accept: Callable[[], None]) -> None:
        while not self._stop.is_set():
            accept()
            fd = self._channel.fd
            ready = self._wait(fd)
            with self._lock:
                if ready and fd == self._channel.fd and fd >= 0:
                    self._read(fd)
                if self.plugged:
                    self._tell_later()
                    self._device.refresh()
                    self._device.refresh()
                else:
                    self._channel.held.clear()

    def _wait(self, fd: int) -> bool:
        """Wait a period; return whether there is something to read."""
        if fd < 0:
            self._stop.wait(self._period)
            return False
        try:
            return bool(select.select([fd], [], [], self._period)[0])
        except OSError:  # another thread hung up meanwhile
            return False

    def _accept(self) -> None:
        assert self._listener is not None
        try:
            peer, _ = self._listener.accept()
        except OSError:
            return
        peer.setblocking(False)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._hang_up()
            self._peer, self._channel.fd = peer, peer.fileno()

    def _read(self, fd: int) -> None:
        try:
            data = os.read(fd, 4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data and self._peer is not None:
            self._hang_up()
        self._channel.held += data

    def _tell_later(self) -> None:
        """Answer a question for status as an event: the wrapper (3.2.9) drops the report that a callback returns."""
        while self._told_later:
            kind = self._told_later.pop()
            self._device.submit_event({"event": osdp_sys.EVENT_STATUS, "type": kind, "report": bytes(self._report[kind])})

    def _hang_up(self) -> None:
        if self._peer is not None:
            self._peer.close()
            self._peer, self._channel.fd = None, -1

    def _told(self, command: dict[str, Any]) -> tuple[int, Any]:
        self.commands.append(dict(command))
        if command["command"] == osdp_sys.CMD_KEYSET:
            self.key = command["data"]
        if command["command"] == osdp_sys.CMD_STATUS and any(self._report.get(command["type"], b"")):
            self._told_later.append(command["type"])
        # A tuple of its own each time: the wrapper (3.2.9) gives back one reference to None too many.
        return tuple([-1 if command["command"] in self._mute else 0, None])  # type: ignore[return-value] # noqa: C409


def main() -> None:
    """Serve one reader until the end of the input."""
    parser = argparse.ArgumentParser(description="An OSDP reader on TCP.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--address", type=int, default=0)
    parser.add_argument("--key", default="", help="32 hexadecimal digits; without it the reader waits to be installed")
    given = parser.parse_args()
    reader = OsdpReader(bytes.fromhex(given.key) if given.key else None, address=given.address)
    sys.stdout.write(f"listening on {given.host}:{reader.listen(given.host, given.port)}\n")
    sys.stdout.flush()
    for line in sys.stdin:
        verb, _, rest = line.strip().partition(" ")
        if verb == "card":
            sys.stdout.write(f"{reader.card(rest):.6f}\n")
        elif verb == "keys":
            sys.stdout.write(f"{reader.keys(rest):.6f}\n")
        elif verb in ("tamper", "untamper"):
            reader.local(tamper=verb == "tamper")
        sys.stdout.flush()
    reader.close()


if __name__ == "__main__":
    main()
