"""A controller put together: store, hardware, decisions, pairing, link."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Executor
from pathlib import Path

from sitewarden import __version__
from sitewarden.domain.errors import Refusal, Unauthenticated
from sitewarden.link import LinkSession, dial_link
from sitewarden.link.pairing import pair
from sitewarden.net import Network
from sitewarden.net.tls import pairing_client_context
from sitewarden.nodes.controller.addresses import FixedNetwork, NetworkdNetwork, NetworkSettings
from sitewarden.nodes.controller.commissioning import Commissioning
from sitewarden.nodes.controller.controller import Controller
from sitewarden.nodes.controller.direct import DirectPort
from sitewarden.nodes.controller.hardware import Hardware
from sitewarden.nodes.controller.identity import SiteIdentity
from sitewarden.nodes.controller.journal import Journal
from sitewarden.nodes.controller.presence import Identity, Presence
from sitewarden.nodes.controller.settings import ControllerSettings, ServerSettings
from sitewarden.nodes.controller.uplink import ROUTINE, SiteClock, Uplink
from sitewarden.wire.controller import Record
from sitewarden.wire.device_udp import CONFIRM_SECONDS, key_of
from sitewarden.wire.link import VERSION, Hello
from sitewarden.wire.pairing import parse_code

log = logging.getLogger(__name__)

PAIR_EVERY = 3.0
"""Seconds between two tries to pair while the code waits for approval."""
MODEL = "sitewarden controller"
MATCH_TIMEOUT = 1.0
"""Seconds that a server has to decide where the settings name none."""


class ControllerNode:
    """One controller. `run` serves until cancelled, or until it is told to restart; `board` is what changes its network settings.

    `code` is a pairing code that its server made, with which it is paired, or paired anew. Without one, and not paired yet, it
    waits at the server for approval with its commissioning code.
    """

    def __init__(
        self,
        settings: ControllerSettings,
        hardware: Hardware,
        network: Network,
        *,
        code: str = "",
        executor: Executor | None = None,
        pair_every: float = PAIR_EVERY,
        board: NetworkSettings | None = None,
        confirm_seconds: float = CONFIRM_SECONDS,
        routine: float = ROUTINE,
        clock: SiteClock | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock or SiteClock()
        data = Path(settings.data)
        self.journal = Journal.open(data / "controller.db", self.clock, records=settings.log_records, executor=executor)
        self.identity = SiteIdentity(data / "identity", settings.node)
        self.controller = Controller(settings, hardware, self.journal, self.clock)
        self.uplink: Uplink | None = None
        self.direct: DirectPort | None = None
        self.started = asyncio.Event()
        self.restarting = asyncio.Event()
        """Set once it was told to restart: `run` then ends, and whoever started it starts it again."""
        self.commissioning = Commissioning.load(data / "commissioning-code")
        self._network = network
        self._code = code
        self._pair_every = pair_every
        if settings.server is not None or settings.direct is not None:
            timeout = settings.server.match_timeout if settings.server is not None else MATCH_TIMEOUT
            self.uplink = Uplink(self.controller, self.clock, self.identity, self._dial, match_timeout=timeout, routine=routine)
            self.uplink.commissioning = str(self.commissioning.code)
        if settings.direct is not None and self.uplink is not None:
            self.direct = DirectPort(
                settings.direct,
                self.identity,
                self.uplink,
                network,
                self.clock,
                code=self.commissioning.code,
                authority=data / "direct",
                note=self._note,
            )
            self.uplink.on_renewed = self.direct.identify
        self.presence = Presence(
            self._described(),
            key_of(self.commissioning.code, settings.node),
            board or (NetworkdNetwork(settings.interface) if settings.interface else FixedNetwork(settings.bind)),
            network,
            self.clock,
            on_reset=self.restarting.set,
            note=self._note,
            on_move=self._moved,
            confirm_seconds=confirm_seconds,
        )
        if self.uplink is not None:
            self.uplink.on_ready = self.presence.confirm

    async def run(self) -> None:
        """Decide at the doors, keep the link up and be found, until cancelled or told to restart.

        What waits for the disk is written at the end.
        """
        self.controller.start()
        self.started.set()
        writing = asyncio.create_task(self.journal.run(), name="journal")
        working = [asyncio.create_task(self.presence.run(), name="presence")]
        if self.direct is not None:
            working.append(asyncio.create_task(self.direct.run(), name="direct mode"))
        elif self.uplink is not None:
            working.append(asyncio.create_task(self.uplink.run(), name="uplink"))
        told = asyncio.create_task(self.restarting.wait(), name="restart")
        try:
            done, _ = await asyncio.wait((told, writing, *working), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (told, *working):
                task.cancel()
            await asyncio.gather(told, *working, return_exceptions=True)
            self.controller.close()
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            await self.journal.close()

    def _described(self) -> Identity:
        server = self.settings.server
        direct = self.direct

        def held_by() -> tuple[str, int]:
            holder = direct.holder if direct is not None else None
            return (str(holder), holder.until) if holder is not None else ("", 0)

        return Identity(
            self.settings.node,
            MODEL,
            f"sitewarden/{__version__}",
            "server" if direct is None else "direct",
            f"{server.host}:{server.port}" if server is not None and direct is None else "",
            lambda: self.identity.paired,
            held_by,
        )

    def _note(self, type_: str, data: dict[str, str]) -> None:
        self.journal.add(Record(self.clock.now(), type_, data=dict(data)))

    def _moved(self) -> None:
        """Dial anew from the address of now; a link that stands proves nothing of it."""
        if self.uplink is not None:
            if self.uplink.session is not None:
                self.uplink.session.close()
            self.uplink.hurry()

    async def _dial(self) -> LinkSession:
        server = self.settings.server
        assert server is not None
        if self._code or not self.identity.paired:
            await self._pair(server)
        hello = Hello(VERSION, VERSION, self.settings.node, "controller", f"sitewarden/{__version__}")
        session = await dial_link(
            self._network,
            "device-server",
            server.host,
            server.port,
            tls=self.identity.client_context(),
            hello=hello,
            expect=self.identity.server,
        )
        self.identity.pin(session.peer.node)
        return session

    async def _pair(self, server: ServerSettings) -> None:
        """Pair with the code of the server, or else of the label; while the server does not know it the next dial asks again.

        A pairing that stands is kept where the code is not good: the service's settings may name one that was used long ago.
        """
        code = parse_code(self._code) if self._code else self.commissioning.code
        hello = Hello(VERSION, VERSION, self.settings.node, "controller", f"sitewarden/{__version__}")
        tls = pairing_client_context()
        session = await dial_link(self._network, "device-server", server.host, server.port, tls=tls, hello=hello)
        try:
            node = await pair(
                session,
                code,
                self.identity.key,
                node=self.settings.node,
                model=MODEL,
                software=f"sitewarden/{__version__}",
            )
        except Refusal as refusal:
            if self.identity.paired and refusal.code in ("pending", "forbidden"):
                log.warning("it goes on with the pairing that it has: %s", refusal)
                self._code = ""
                return
            if refusal.code == "pending":
                await asyncio.sleep(self._pair_every)
            raise
        finally:
            session.close()
        if node != self.settings.node:
            self.identity.forget()
            raise Unauthenticated(
                f"The code is for {node}, this controller is {self.settings.node}.",
                where="node",
                remedy="Make a code for this one.",
            )
        self._code = ""
        self.identity.pin(session.peer.node)
        log.info("paired as %s", node)
