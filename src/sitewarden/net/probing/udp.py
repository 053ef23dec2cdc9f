"""UDP from the other side: sealed questions to a host's ports, and what comes back, ICMP messages included."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Sequence

from msgspec import Struct

from sitewarden.domain.errors import Refusal
from sitewarden.net.probing.verdict import Outcome, of_error
from sitewarden.wire import probe

TRIES = 4
"""Questions to a port: one lost datagram is no verdict."""


class Echo(Struct, frozen=True, kw_only=True):
    """What the answers are sealed with."""

    session: bytes
    token: bytes


class Asker:
    """UDP sockets of one source port, one for each port that is asked; ICMP errors reach the socket that they are about."""

    def __init__(self, address: str, source: int = 0) -> None:
        """Take a source port, or `source`; raises Refusal where it is taken."""
        self.address = address
        self._family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._first = self._socket(source)
        self.port: int = self._first.getsockname()[1]
        self._open: list[socket.socket] = [self._first]

    def _socket(self, source: int) -> socket.socket:
        sock = socket.socket(self._family, socket.SOCK_DGRAM)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(("::" if self._family == socket.AF_INET6 else "0.0.0.0", source))  # noqa: S104
        except OSError as fault:
            sock.close()
            raise Refusal(
                f"questions cannot be sent from UDP port {source}: {fault.strerror}.",
                where="--source-port",
                remedy="Leave the option out, or name a free port.",
            ) from None
        sock.setblocking(False)
        return sock

    def close(self) -> None:
        """Close all sockets."""
        for sock in self._open:
            sock.close()

    async def ask(self, number: int, timeout: float, echo: Echo | None) -> Outcome:
        """Send questions to one port for at most `timeout` seconds; without an echo only an ICMP message is a fact."""
        sock = self._socket(self.port)
        self._open.append(sock)
        loop = asyncio.get_running_loop()
        session, token = (echo.session, echo.token) if echo else (os.urandom(probe.SESSION), os.urandom(probe.TOKEN))
        asked: set[bytes] = set()
        heard_other = False
        try:
            sock.connect((self.address, number))
            for _ in range(TRIES):
                nonce = os.urandom(probe.NONCE)
                asked.add(nonce)
                sock.send(probe.seal("Q", token, number, session, nonce))
                end = loop.time() + timeout / TRIES
                while (left := end - loop.time()) > 0:
                    try:
                        data = await asyncio.wait_for(loop.sock_recv(sock, 2048), left)
                    except TimeoutError:
                        break
                    if echo and probe.unseal("A", token, number, session, data) in asked:
                        return Outcome(verdict="open", detail="the server's echo came back")
                    heard_other = True
        except OSError as fault:
            return of_error(fault)
        if heard_other:
            return Outcome(verdict="other", detail="something answers, and it is not the server's echo")
        if echo:
            return Outcome(verdict="filtered", detail=f"the server's echo listens, and none of {TRIES} questions came back")
        return Outcome(verdict="unproven", detail="no answer, and without the server's echo that proves nothing")


async def ask_all(asker: Asker, numbers: Sequence[int], timeout: float, echo: Echo | None) -> list[Outcome]:
    """Ask several ports at once."""
    return list(await asyncio.gather(*(asker.ask(number, timeout, echo) for number in numbers)))
