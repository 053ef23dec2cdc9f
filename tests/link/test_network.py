"""Links over the real network: TLS 1.3 on 1480, node identities, pairing, redialling."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from sitewarden.config import Settings
from sitewarden.domain.errors import Conflict, Forbidden, Invalid, Refusal, Unauthenticated, Unreachable
from sitewarden.link import (
    LinkListener,
    LinkSession,
    NotYet,
    Paired,
    PairingDesk,
    Redialler,
    Sessions,
    dial_link,
    dial_link_unix,
    listen_link,
    listen_link_unix,
    pair,
)
from sitewarden.net import tls
from sitewarden.net.network import LocalNetwork
from sitewarden.wire.link import BULK, URGENT, Hello, Limits, Request
from sitewarden.wire.pairing import make_code, parse_code
from tests.net.running import run

PORT = "device-server"


class WallClock:
    def now(self) -> int:
        return time.time_ns() // 1000

    def monotonic(self) -> float:
        return time.monotonic()


class World:
    """A server on 1480 with its CA and pairing desk, and devices."""

    def __init__(self, host: str, tmp_path: Path) -> None:
        self.host, self.path = host, tmp_path
        self.server = LocalNetwork(Settings.for_test(host, tmp_path / "s"), "core", tmp_path / "s/run")
        self.device = LocalNetwork(Settings.for_test(host, tmp_path / "d"), "controller", tmp_path / "d/run")
        self.ca = tls.Authority.open(tmp_path / "s/tls")
        self.identity = self.ca.node("server")
        self.paired: list[Paired] = []
        self.sessions: list[LinkSession] = []
        self.blocked: set[str] = set()
        self.desk = PairingDesk(
            certificate=_der(self.identity.certificate.read_bytes()),
            ca=self.ca.pem,
            sign=self.ca.sign,
            paired=self.take,
            clock=WallClock(),
        )

    async def take(self, paired: Paired) -> None:
        if paired.node == "taken":
            raise Conflict("This id is taken.", where="controller:taken")
        self.paired.append(paired)

    def admit(self, session: LinkSession) -> None:
        if not session.peer.proven:
            self.desk.admit(session)
        elif session.peer.node in self.blocked:
            raise Forbidden("This controller is blocked.", remedy="Unblock it.")

        async def echo(request: Request) -> bytes:
            return request.body

        session.on_request("echo", echo)
        self.sessions.append(session)

    async def listen(self, **more: object) -> LinkListener:
        context = tls.link_server_context(self.identity, self.ca.file)
        sessions = Sessions(Hello(1, 1, "server", "server"), self.admit, **more)  # type: ignore[arg-type]
        return await listen_link(self.server, PORT, sessions, tls=context)

    def key(self, name: str) -> tls.NodeKey:
        return tls.NodeKey(self.path / "keys" / name)

    async def dial(self, node: str, key: tls.NodeKey | None, expect: str = "server") -> LinkSession:
        context = tls.pairing_client_context() if key is None else tls.link_client_context(key.ca, key.pair)
        return await dial_link(
            self.device, PORT, self.host, tls=context, hello=Hello(1, 1, node, "controller"), expect=expect, timeout=60
        )


def _der(pem: bytes) -> bytes:
    import ssl

    return ssl.PEM_cert_to_DER_cert(pem.decode().split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n")


def test_a_device_pairs_with_a_code_of_the_server_and_comes_back_proven(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        world = World(host, tmp_path)
        listener = await world.listen()
        code = world.desk.new_code("front-door").code
        key = world.key("a")
        session = await world.dial("", None)
        assert not world.sessions[0].peer.proven
        with pytest.raises(Unauthenticated):
            await session.request("echo", b"x")
        wrong = make_code(bytes(13))
        wrong = type(wrong)(code.label, wrong.secret)
        with pytest.raises(Forbidden):
            await pair(session, wrong, key, node="whatever")
        assert await pair(session, parse_code(str(code).lower()), key, node="whatever", model="SW-1") == "front-door"
        assert [(one.node, one.model) for one in world.paired] == [("front-door", "SW-1")]
        assert key.paired
        assert await pair(session, code, key, node="whatever") == "front-door"
        with pytest.raises(Forbidden, match="another device"):
            await pair(session, code, world.key("b"), node="whatever")
        session.close()
        proven = await world.dial("front-door", key)
        assert await proven.request("echo", b"x") == b"x"
        assert world.sessions[-1].peer.proven
        assert world.sessions[-1].peer.node == proven.connection.me.node == "front-door"
        world.blocked.add("front-door")
        with pytest.raises(Forbidden, match="blocked"):
            await world.dial("front-door", key)
        await listener.close()
        await asyncio.wait_for(proven.closed, 60)

    run(main())


def test_a_device_that_shows_its_code_waits_until_it_is_approved(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        world = World(host, tmp_path)
        listener = await world.listen()
        code = make_code(b"thirteen byte")
        session = await world.dial("", None)
        for _ in range(3):
            with pytest.raises(NotYet):
                await pair(session, code, world.key("a"), node="side-door", model="SW-1")
        (waiting,) = world.desk.pending
        assert (waiting.node, waiting.label, waiting.model) == ("side-door", code.label, "SW-1")
        world.desk.approve("", str(code))
        assert await pair(session, code, world.key("a"), node="side-door") == "side-door"
        assert world.desk.pending == []
        await listener.close()

    run(main())


def test_wrong_tries_void_a_code_and_the_pending_list_is_bounded(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        world = World(host, tmp_path)
        listener = await world.listen()
        code = world.desk.new_code().code
        wrong = type(code)(code.label, "0" * 16)
        session = await world.dial("", None)
        for _ in range(5):
            with pytest.raises(Forbidden):
                await pair(session, wrong, world.key("a"), node="x")
        with pytest.raises(Forbidden, match="Too many"):
            await pair(session, code, world.key("a"), node="x")
        again = await world.dial("", None)
        with pytest.raises(NotYet):
            await pair(again, code, world.key("a"), node="x")
        for i in range(100):
            with pytest.raises(NotYet):
                await pair(again, make_code(bytes([i]) * 13), world.key("a"), node=f"n{i}")
        assert len(world.desk.pending) == 64
        assert world.desk.pending[-1].node == "n99"
        await listener.close()

    run(main())


def test_a_refusal_of_the_service_leaves_the_code_open(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        world = World(host, tmp_path)
        listener = await world.listen()
        code = world.desk.new_code().code
        session = await world.dial("", None)
        with pytest.raises(Conflict):
            await pair(session, code, world.key("a"), node="taken")
        with pytest.raises(Invalid):
            await pair(session, code, world.key("a"), node="Not an id")
        assert await pair(session, code, world.key("b"), node="free") == "free"
        await listener.close()

    run(main())


def test_a_relay_in_between_is_noticed(host: str, tmp_path: Path) -> None:
    """The relay has a TLS end of its own on each side, and passes every message on."""

    async def main() -> None:
        world = World(host, tmp_path)
        listener = await world.listen()
        code = world.desk.new_code().code
        other = tls.Authority.open(tmp_path / "evil")
        upstream = await world.dial("", None)

        def admit(session: LinkSession) -> None:
            async def forward(request: Request) -> bytes:
                return await upstream.request(request.kind, request.body)

            session.on_request("pair.hello", forward)
            session.on_request("pair.prove", forward)

        relay_net = LocalNetwork(Settings.for_test("127.0.0.99", tmp_path / "r"), "core", tmp_path / "r/run")
        relay = await listen_link(
            relay_net,
            PORT,
            Sessions(Hello(1, 1, "server", "server"), admit),
            tls=tls.link_server_context(other.node("server"), other.file),
        )
        victim = await dial_link(
            world.device, PORT, "127.0.0.99", tls=tls.pairing_client_context(), hello=Hello(1, 1, "", "controller")
        )
        with pytest.raises(Forbidden, match="changed the connection"):
            await pair(victim, code, world.key("a"), node="x")
        assert world.paired == []
        await relay.close()
        await listener.close()

    run(main())


def test_identities_must_agree(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        world = World(host, tmp_path)
        listener = await world.listen()
        key = world.key("a")
        key.accept(world.ca.sign(key.request("door-1"), "door-1"), world.ca.pem)
        with pytest.raises(Unauthenticated, match="hello says door-2"):
            await world.dial("door-2", key)
        with pytest.raises(Unauthenticated, match="not other-server"):
            await world.dial("door-1", key, expect="other-server")
        other = tls.Authority.open(tmp_path / "other")
        stranger = world.key("b")
        stranger.accept(other.sign(stranger.request("door-1"), "door-1"), other.pem)
        with pytest.raises(Unreachable):
            await world.dial("door-1", stranger)
        assert len(listener.sessions) == 0
        await listener.close()

    run(main())


def test_an_unproven_peer_gets_little(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        world = World(host, tmp_path)
        listener = await world.listen()
        session = await world.dial("", None)
        with pytest.raises(Refusal, match="Too many streams"):
            await session.open_stream("log").opened()
        session.connection.restrict = None  # type: ignore[assignment,method-assign]
        session.connection.limits = Limits()
        with pytest.raises(Refusal):
            await session.request("pair.hello", bytes(40_000))
        assert isinstance(await asyncio.wait_for(session.closed, 60), Refusal)
        await listener.close()

    run(main())


@pytest.mark.parametrize("bound", ["capacity", "unproven"])
def test_connections_above_the_bounds_are_turned_away(host: str, tmp_path: Path, bound: str) -> None:
    async def main() -> None:
        world = World(host, tmp_path)
        listener = await world.listen(**{bound: 2})
        key = world.key("a")
        key.accept(world.ca.sign(key.request("door-1"), "door-1"), world.ca.pem)
        kept = [await world.dial("", None) for _ in range(2)]
        with pytest.raises(Refusal):
            await world.dial("", None)
        assert listener.sessions.turned_away == 1
        if bound == "unproven":
            assert (await world.dial("door-1", key)).up
        kept[0].close()
        await kept[0].closed
        while sum(not session.proven for session in listener.sessions.up) > 1:
            await asyncio.sleep(0.001)
        assert (await world.dial("", None)).up
        await listener.close()

    run(main())


def test_who_dials_while_a_listener_closes_is_turned_away(host: str, tmp_path: Path) -> None:
    """A link that came up then would be held by nobody for ever."""

    async def main() -> None:
        world = World(host, tmp_path)
        listener = await world.listen()
        await listener.sessions.close()
        with pytest.raises(Refusal):
            await world.dial("", None)
        assert len(listener.sessions) == 0
        await listener.close()

    run(main())


def test_a_command_overtakes_a_long_upload_on_tls(host: str, tmp_path: Path) -> None:
    """The peer does not read for a while: what was begun later but is urgent arrives before what waits."""

    async def main() -> None:
        world = World(host, tmp_path)
        listener = await world.listen()
        key = world.key("a")
        key.accept(world.ca.sign(key.request("door-1"), "door-1"), world.ca.pem)
        session = await world.dial("door-1", key)
        arrived: list[str] = []

        async def note(request: Request) -> bytes:
            arrived.append(request.kind)
            return b""

        other = world.sessions[-1]
        for kind in ("upload", "door"):
            other.on_request(kind, note)
        assert other._transport is not None
        other._transport.pause_reading()
        uploads = [session.call("upload", bytes(4_000_000), priority=BULK, timeout=60) for _ in range(4)]
        await asyncio.sleep(0.05)
        assert session.connection.queued > 8_000_000
        command = session.call("door", b"x", priority=URGENT)
        other._transport.resume_reading()
        await asyncio.gather(command, *uploads)
        assert arrived.index("door") <= 1
        await listener.close()

    run(main())


def test_nothing_is_written_to_a_connection_that_is_gone(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        defects: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: defects.append(context))
        network = LocalNetwork(Settings.for_test(host, tmp_path), "core", tmp_path / "run")
        path = str(tmp_path / "core.sock")
        listener = await listen_link_unix(network, "bus", path, Sessions(Hello(1, 1, "core", "core"), lambda _: None))
        session = await dial_link_unix(network, "bus", path, hello=Hello(1, 1, "iot", "iot"))
        session.closed.add_done_callback(lambda _: session.wake())
        (other,) = listener.sessions.up
        assert other._transport is not None
        other._transport.abort()
        await session.closed
        session.notify("n", b"z")
        await asyncio.sleep(0.01)
        assert defects == []
        await listener.close()

    run(main())


def test_a_redialler_comes_back_by_itself(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        world = World(host, tmp_path)
        key = world.key("a")
        key.accept(world.ca.sign(key.request("door-1"), "door-1"), world.ca.pem)
        ups: asyncio.Queue[LinkSession | None] = asyncio.Queue()
        redialler = Redialler(lambda: world.dial("door-1", key), changed=ups.put_nowait, first=0.01, ceiling=0.05)
        task = asyncio.create_task(redialler.run())
        for _ in range(3):
            listener = await world.listen()
            session = await asyncio.wait_for(ups.get(), 60)
            assert session is not None
            assert await session.request("echo", b"x") == b"x"
            await listener.close()
            assert await asyncio.wait_for(ups.get(), 60) is None
        while redialler.attempts < 2:
            await asyncio.sleep(0.01)
        assert isinstance(redialler.last_error, Unreachable)
        task.cancel()

    run(main())
