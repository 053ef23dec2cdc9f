"""The pairing codes that stand open, in memory: they live minutes, and a restart forgets them. No I/O; time is an argument."""

from __future__ import annotations

import secrets
from collections import OrderedDict

from msgspec import Struct

from sitewarden.domain.clock import MINUTE
from sitewarden.domain.errors import Conflict, Forbidden, TooMany
from sitewarden.wire.pairing import Code, Transcript, make_code, same

LIFETIME = 15 * MINUTE
TRIES = 5
"""Wrong proofs for a code before it is void."""
OPEN_LIMIT = 64


class Entry:
    """One open code: for which node ("" lets the device choose), until when, and the key that used it."""

    __slots__ = ("code", "expires", "node", "tries", "used_by")

    def __init__(self, code: Code, node: str, expires: int) -> None:
        self.code = code
        self.node = node
        self.expires = expires
        self.tries = TRIES
        self.used_by = b""


class Pending(Struct, frozen=True, kw_only=True):
    """A device that asks to be paired with a code that is not known here (yet)."""

    node: str
    label: str
    model: str
    software: str
    address: str
    time: int
    """When it last asked, microseconds since 1970 UTC."""


class CodeBook:
    """At most OPEN_LIMIT codes; each is for one device, ends after its lifetime or after TRIES wrong proofs."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, Entry] = OrderedDict()

    def issue(self, node: str, now: int, lifetime: int = LIFETIME) -> Entry:
        """Make a code; raises TooMany."""
        self._sweep(now)
        while (code := make_code(secrets.token_bytes(13))).label in self._entries:
            pass
        return self._add(code, node, now + lifetime)

    def admit(self, code: Code, node: str, now: int, lifetime: int = LIFETIME) -> Entry:
        """Take a code that a device shows and a person typed; raises Conflict, TooMany."""
        self._sweep(now)
        if code.label in self._entries:
            raise Conflict("A code with this beginning stands open.", where="code", remedy="Let the device show a new one.")
        return self._add(code, node, now + lifetime)

    def check(self, label: str, mac: bytes, transcript: Transcript, key: bytes, now: int) -> Entry | None:
        """Return the entry that a device proved; None where the label is not known. Raises Forbidden on a wrong proof.

        `key` is the device's public key. A code that was used is good again for the same key, whose answer got lost.
        """
        self._sweep(now)
        entry = self._entries.get(label)
        if entry is None:
            return None
        if not same(mac, transcript.device_mac(entry.code)):
            entry.tries -= 1
            if entry.tries <= 0:
                del self._entries[label]
            raise Forbidden(
                "The code is wrong, or something between the device and the server changed the connection.",
                where="code",
                remedy="Type it again; after five wrong tries make a new code. If it is right, look for a proxy in between.",
            )
        if entry.used_by and entry.used_by != key:
            raise Forbidden("The code was used by another device.", where="code", remedy="Make a new code for this device.")
        return entry

    def cancel(self, label: str) -> None:
        """Void a code."""
        self._entries.pop(label, None)

    def __len__(self) -> int:
        return len(self._entries)

    def _add(self, code: Code, node: str, expires: int) -> Entry:
        if len(self._entries) >= OPEN_LIMIT:
            raise TooMany(f"{OPEN_LIMIT} pairing codes stand open.", remedy="Use them, or wait until they expire.")
        entry = Entry(code, node, expires)
        self._entries[code.label] = entry
        return entry

    def _sweep(self, now: int) -> None:
        for label in [label for label, entry in self._entries.items() if entry.expires <= now]:
            del self._entries[label]
