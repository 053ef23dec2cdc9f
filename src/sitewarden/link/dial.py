"""Make links over the sockets that `net` gives: dial and listen, on TCP with TLS and on Unix sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from sitewarden.domain.errors import Refusal, TimedOut, Unreachable
from sitewarden.link.session import Admit, LinkSession
from sitewarden.net.interfaces import Listener, Network, Tls
from sitewarden.wire import link as wire

STRANGER = 900.0
"""Seconds that a peer without an identity may stay; it dials again."""


class Sessions:
    """The sessions of one listener. It makes them, knows which are up, and closes them all.

    At most `capacity` connections stand at once, `unproven` of them without an identity; further ones are closed at once
    and counted in `turned_away`.
    """

    def __init__(
        self,
        hello: wire.Hello,
        admit: Admit,
        *,
        capacity: int = 1024,
        unproven: int = 64,
        limits: wire.Limits | None = None,
        timing: wire.Timing | None = None,
    ) -> None:
        self.hello = hello
        self.turned_away = 0
        self._admit = admit
        self._capacity = capacity
        self._unproven = unproven
        self._limits = limits
        self._timing = timing
        self._closing = False
        self._all: set[LinkSession] = set()

    def __call__(self) -> asyncio.Protocol:
        """Make the protocol of a connection that was accepted; it counts once its handshake is done."""
        return LinkSession(
            self.hello, dialler=False, admit=self._admit, limits=self._limits, timing=self._timing, made=self._made
        )

    def _made(self, session: LinkSession) -> bool:
        strangers = 0 if session.proven else sum(not one.proven for one in self._all)
        if self._closing or len(self._all) >= self._capacity or strangers >= self._unproven:
            self.turned_away += 1
            return False
        self._all.add(session)
        if not session.proven:
            limit = session.loop.call_later(STRANGER, session.close, _overstayed())
            session.closed.add_done_callback(lambda _: limit.cancel())
        session.closed.add_done_callback(lambda _: self._all.discard(session))
        return True

    @property
    def up(self) -> list[LinkSession]:
        """The sessions whose hello is acknowledged."""
        return [session for session in self._all if session.up]

    def __len__(self) -> int:
        """Return how many connections stand, hello acknowledged or not."""
        return len(self._all)

    async def close(self) -> None:
        """Close every session and wait until they are gone; who dials meanwhile is turned away."""
        self._closing = True
        sessions = list(self._all)
        for session in sessions:
            session.close()
        if sessions:
            await asyncio.wait([session.closed for session in sessions], timeout=5)


def _overstayed() -> Refusal:
    return TimedOut(f"A node that is not paired may stay {STRANGER:g} s.", remedy="Dial again.")


class LinkListener:
    """A listening endpoint with its sessions."""

    def __init__(self, listener: Listener, sessions: Sessions) -> None:
        self.listener = listener
        self.sessions = sessions

    async def close(self) -> None:
        """Say goodbye on every session, and listen no more."""
        await self.sessions.close()
        await self.listener.close()


async def listen_link(
    network: Network, port: str, sessions: Sessions, *, tls: Tls, host: str | None = None, number: int | None = None
) -> LinkListener:
    """Listen for links on a TCP row of the manifest; `tls` is a context of `net.tls`."""
    return LinkListener(await network.listen(port, sessions, host=host, number=number, tls=tls), sessions)


async def listen_link_unix(network: Network, port: str, path: str, sessions: Sessions) -> LinkListener:
    """Listen for links of this machine's processes."""
    return LinkListener(await network.listen_unix(port, path, sessions), sessions)


async def dial_link(
    network: Network,
    port: str,
    host: str,
    number: int | None = None,
    *,
    tls: Tls,
    hello: wire.Hello,
    admit: Admit | None = None,
    expect: str = "",
    limits: wire.Limits | None = None,
    timing: wire.Timing | None = None,
    timeout: float = 10.0,
) -> LinkSession:
    """Return a link that is up. `expect` is the node id that must answer, "" takes any node of the site.

    Raises the peer's refusal, Unreachable or TimedOut.
    """
    factory = _factory(hello, admit, expect, limits, timing)
    return await _opened(network.dial(port, factory, host, number, tls=tls, timeout=timeout), f"{host}:{number or port}", timeout)


async def dial_link_unix(
    network: Network,
    port: str,
    path: str,
    *,
    hello: wire.Hello,
    admit: Admit | None = None,
    limits: wire.Limits | None = None,
    timing: wire.Timing | None = None,
    timeout: float = 10.0,
) -> LinkSession:
    """Return a link over a Unix socket that is up; raises as `dial_link`."""
    return await _opened(network.dial_unix(port, _factory(hello, admit, "", limits, timing), path), path, timeout)


def _factory(
    hello: wire.Hello, admit: Admit | None, expect: str, limits: wire.Limits | None, timing: wire.Timing | None
) -> Callable[[], LinkSession]:
    return lambda: LinkSession(hello, dialler=True, admit=admit, expect=expect, limits=limits, timing=timing)


async def _opened(dialling: Awaitable[tuple[asyncio.Transport, LinkSession]], where: str, timeout: float) -> LinkSession:
    session: LinkSession | None = None
    try:
        async with asyncio.timeout(timeout):
            _, session = await dialling
            await asyncio.shield(session.opened)
            return session
    except TimeoutError as error:
        raise TimedOut(f"No link within {timeout:g} s.", where=where, remedy="Check that the other side runs.") from error
    except OSError as error:
        raise Unreachable(
            f"Cannot connect: {error.strerror or error}.", where=where, remedy="Check the address and that the other side runs."
        ) from error
    finally:
        if session is not None and not session.up:
            session.close()


__all__ = ["LinkListener", "Sessions", "dial_link", "dial_link_unix", "listen_link", "listen_link_unix"]
