import asyncio
import errno
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from sitewarden.config import Settings
from sitewarden.domain.errors import Conflict, Refusal
from sitewarden.net.network import LocalNetwork
from tests.net.running import Collect, Echo, Heard, run


def network(bind: str, directory: Path, role: str = "core", **changes: object) -> LocalNetwork:
    return LocalNetwork(Settings.for_test(bind, directory, **changes), role, directory / "run")


def test_bytes_are_counted_on_both_sides(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        server, client = network(host, tmp_path, "iot"), network(host, tmp_path, "iot")
        await server.listen("modbus", Echo, number=10502)
        transport, collect = await client.dial("modbus", Collect, host, 10502)
        transport.write(b"x" * 1000)
        await collect.until(1000)
        (inside,), (outside,) = server.ledger(), client.ledger()
        assert (inside.port, inside.direction, inside.local, inside.peers) == ("modbus", "in", f"{host}:10502", 1)
        assert (inside.bytes_in, inside.bytes_out) == (1000, 1000)
        assert (outside.direction, outside.remote, outside.bytes_out, outside.bytes_in) == ("out", f"{host}:10502", 1000, 1000)
        transport.close()
        await collect.lost
        await asyncio.sleep(0.01)
        (inside,) = server.ledger()
        assert (inside.peers, client.ledger()) == (0, [])
        assert inside.bytes_out == 1000
        await server.close()
        assert server.ledger() == []

    run(main())


def test_what_is_not_in_the_manifest_is_refused(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        net = network(host, tmp_path)
        with pytest.raises(Refusal, match="telnet is not in the port manifest"):
            await net.listen("telnet", Echo)
        with pytest.raises(Refusal, match="not by core"):
            await net.listen("modbus", Echo)
        with pytest.raises(Refusal, match="http-api stays on 8601/tcp"):
            network(host, tmp_path, "web").listen_socket("http-api", number=9000)
        with pytest.raises(Refusal, match="a server never dials server"):
            await network(host, tmp_path, "web").dial("server", Echo, host)
        with pytest.raises(Refusal, match="device-server speaks TLS"):
            await net.listen("device-server", Echo)

    run(main())


def test_plain_is_refused_off_loopback(netns: bool, tmp_path: Path) -> None:
    async def main() -> None:
        net = network("0.0.0.0", tmp_path, "web")
        with pytest.raises(Refusal, match=r"server speaks TLS on 0\.0\.0\.0"):
            await net.listen("server", Echo)
        sock = net.listen_socket("server")
        with pytest.raises(Refusal, match=r"server speaks TLS on 0\.0\.0\.0"):
            await asyncio.get_running_loop().create_server(Echo, sock=sock)
        await net.close()

    run(main())


@pytest.mark.parametrize(
    "order", [("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "0.0.0.0"), ("::", "127.0.0.1"), ("127.0.0.1", "127.0.0.1")]
)
def test_a_wildcard_clashes_with_an_address(netns: bool, tmp_path: Path, order: tuple[str, str]) -> None:
    if not netns:
        pytest.skip("network namespaces are not permitted here")

    async def main() -> None:
        first, second = network(order[0], tmp_path, "iot"), network(order[1], tmp_path, "iot")
        await first.listen("modbus", Echo)
        with pytest.raises(Conflict, match=rf"502/tcp on .* is held by iot \(process {os.getpid()}\) for modbus"):
            await second.listen("modbus", Echo)
        await first.close()
        await second.listen("modbus", Echo)
        await second.close()

    run(main())


def test_two_addresses_stand_beside_each_other(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        first, second = network(host, tmp_path, "iot"), network("127.0.0.1", tmp_path, "iot")
        await first.listen("modbus", Echo, number=10502)
        await second.listen("modbus", Echo, number=10502)
        await first.close()
        await second.close()

    run(main())


def test_a_foreign_holder_is_named(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        net = network(host, tmp_path, "iot")
        with pytest.raises(Conflict) as refused:
            await net.listen("modbus", Echo, number=10502)
        name = psutil.Process().name()
        assert f"10502/tcp on {host} (modbus) is held by {name} (process {os.getpid()}" in refused.value.what
        assert refused.value.remedy
        assert net._broker.claims() == []

    with socket.socket() as holder:
        holder.bind((host, 10502))
        holder.listen()
        run(main())


HOLD = """
import asyncio, sys
from pathlib import Path
from sitewarden.config import Settings
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
async def main():
    net = LocalNetwork(Settings.for_test(sys.argv[1], sys.argv[2]), "iot", Path(sys.argv[2]) / "run")
    await net.listen("modbus", asyncio.Protocol, number=10502)
    print("held", flush=True)
    await asyncio.sleep(60)
asyncio.Runner(loop_factory=new_event_loop).run(main())
"""


def test_a_killed_process_frees_its_leases(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        net = network(host, tmp_path, "iot")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        with subprocess.Popen(
            [sys.executable, "-c", HOLD, host, str(tmp_path)], stdout=subprocess.PIPE, env=environment
        ) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == b"held\n"
            with pytest.raises(Conflict, match=rf"is held by iot \(process {other.pid}\)"):
                await net.listen("modbus", Echo, number=10502)
            other.send_signal(signal.SIGKILL)
            other.wait()
        assert net._broker.claims() == []
        await net.listen("modbus", Echo, number=10502)
        await net.close()

    run(main())


def test_workers_share_a_port(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        one, two, other = (network(host, tmp_path, role) for role in ("web-0", "web-1", "web-2"))
        one.listen_socket("server", number=18600, shared=True)
        two.listen_socket("server", number=18600, shared=True)
        with pytest.raises(Conflict, match="web-0"):
            other.listen_socket("server", number=18600)
        await one.close()
        await two.close()

    run(main())


def test_the_ledger_agrees_with_the_kernel(netns: bool, tmp_path: Path) -> None:
    if not netns:
        pytest.skip("network namespaces are not permitted here")

    async def main() -> None:
        core, web, iot, media = (network("127.0.0.1", tmp_path, role) for role in ("core", "web", "iot", "media-0"))
        web.listen_socket("server")
        web.listen_socket("web")
        await iot.listen("modbus", Echo)
        await iot.datagram("snmp-trap", Heard)
        await iot.datagram("bacnet", Heard)
        await core.join("announcement", Heard, interface="127.0.0.1")
        await media.pair("media-input", Heard)
        await iot.dial("modbus", Collect, "127.0.0.1")
        entries = [line for net in (core, web, iot, media) for line in net.ledger()]
        told = {(line.transport, line.local) for line in entries if line.direction != "out"}
        kernel = {
            ("tcp" if each.type == socket.SOCK_STREAM else "udp", f"{each.laddr.ip}:{each.laddr.port}")
            for each in psutil.net_connections()
            if each.type == socket.SOCK_DGRAM or each.status == "LISTEN"
        }
        assert told == kernel
        assert len(told) == 8
        for net in (core, web, iot, media):
            await net.close()
        await asyncio.sleep(0.01)
        assert [each for each in psutil.net_connections() if each.status in ("LISTEN", "NONE")] == []

    run(main())


def test_pairs_skip_named_ports_and_ports_in_use(netns: bool, tmp_path: Path) -> None:
    if not netns:
        pytest.skip("network namespaces are not permitted here")

    async def main() -> None:
        one, two = network("127.0.0.1", tmp_path, "media-0"), network("127.0.0.1", tmp_path, "media-1")
        one._next_pair = two._next_pair = (3700 - 3000) // 2
        taken = [(await net.pair("media-input", Heard))[1] for net in (one, two, one)]
        assert taken == [3700, 3706, 3708]
        one._next_pair = (4838 - 3000) // 2
        assert [(await one.pair("media-input", Heard))[1] for _ in range(2)] == [4838, 4842]
        one._next_pair = (4998 - 3000) // 2
        assert [(await one.pair("media-input", Heard))[1] for _ in range(2)] == [4998, 3000]
        await one.close()
        await two.close()

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 3705))
        run(main())


def test_groups_are_shared_and_strangers_groups_stay_out(netns: bool, tmp_path: Path) -> None:
    if not netns:
        pytest.skip("network namespaces are not permitted here")

    async def main() -> None:
        core, other = network("0.0.0.0", tmp_path, "core"), network("0.0.0.0", tmp_path, "core")
        _, heard = await core.join("announcement", Heard, interface="127.0.0.1")
        transport, also = await other.join("announcement", Heard, interface="127.0.0.1")
        with pytest.raises(Refusal, match=r"225\.0\.0\.101 is not the multicast group of announcement"):
            await core.join("announcement", Heard, group="225.0.0.101")
        transport.sendto(b"here", ("225.0.0.100", 8650))
        assert (await heard.datagrams.get())[0] == (await also.datagrams.get())[0] == b"here"
        (line,) = other.ledger()
        assert (line.bytes_in, line.bytes_out, line.peers) == (4, 4, 1)
        await core.close()
        await other.close()

    run(main())


def test_a_wildcard_socket_hears_no_group_that_another_joined(netns: bool, tmp_path: Path) -> None:
    if not netns:
        pytest.skip("network namespaces are not permitted here")

    async def main() -> None:
        net = network("0.0.0.0", tmp_path, "iot")
        sender, heard = await net.datagram("bacnet", Heard)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as joined:
            joined.setsockopt(
                socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("225.9.9.9") + socket.inet_aton("127.0.0.1")
            )
            joined.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
            joined.sendto(b"stray", ("225.9.9.9", 47808))
            joined.sendto(b"mine", ("127.0.0.1", 47808))
            assert (await heard.datagrams.get())[0] == b"mine"
            assert heard.datagrams.empty()
        del sender
        await net.close()

    run(main())


def test_a_protocol_that_counts_for_itself_is_not_wrapped(host: str, tmp_path: Path) -> None:
    class Counting(Heard):
        bytes_in = 0

        def datagram_received(self, data: bytes, addr: object) -> None:
            self.bytes_in += len(data)
            super().datagram_received(data, addr)

    async def main() -> None:
        net = network(host, tmp_path, "iot")
        transport, heard = await net.datagram("bacnet", Counting, number=18808)
        assert transport.get_protocol() is heard
        transport.sendto(b"12345", (host, 18808))
        await heard.datagrams.get()
        assert net.ledger()[0].bytes_in == 5
        await net.close()

    run(main())


def test_unix_sockets(tmp_path: Path) -> None:
    async def main() -> None:
        core, web = network("127.0.0.1", tmp_path, "core"), network("127.0.0.1", tmp_path, "web")
        path = tmp_path / "run" / "core.sock"
        path.touch()
        await core.listen_unix("bus", path, Echo)
        assert path.stat().st_mode & 0o777 == 0o600
        with pytest.raises(Conflict):
            await web.listen_unix("bus", path, Echo)
        transport, collect = await web.dial_unix("bus", Collect, path)
        transport.write(b"hello")
        assert await collect.until(5) == b"hello"
        assert [line.peers for line in core.ledger()] == [1]
        await core.close()
        await collect.lost
        assert not path.exists()
        with pytest.raises(OSError, match="No such file"):
            await web.dial_unix("bus", Collect, path)

    run(main())


def test_a_failed_dial_is_remembered(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        net = network(host, tmp_path, "iot")
        with pytest.raises(ConnectionRefusedError):
            await net.dial("modbus", Collect, host, 10502)
        await net.listen("modbus", Echo, number=10502)
        await net.dial("modbus", Collect, host, 10502)
        assert "refused" in net.ledger()[1].last_error
        await net.close()

    run(main())


def test_ipv6(netns: bool, tmp_path: Path) -> None:
    if not netns:
        pytest.skip("network namespaces are not permitted here")

    async def main() -> None:
        net = network("::1", tmp_path, "iot")
        await net.listen("modbus", Echo)
        transport, collect = await net.dial("modbus", Collect, "::1")
        transport.write(b"six")
        assert await collect.until(3) == b"six"
        _, heard = await net.datagram("bacnet", Heard)
        sender, _ = await net.datagram("snmp", Heard, remote=("::1", 161))
        assert [line.local for line in net.ledger() if line.direction != "out"] == ["[::1]:502", "[::1]:47808"]
        sender.close()
        del heard
        await net.close()

    run(main())


def test_a_port_that_we_only_ask_needs_no_port_of_its_own(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        net = network(host, tmp_path, "iot")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as agent:
            agent.bind((host, 10161))
            agent.setblocking(False)
            transport, heard = await net.datagram("snmp", Heard, remote=(host, 10161))
            transport.sendto(b"get")
            _, asker = agent.recvfrom(100)
            agent.sendto(b"answer", asker)
            assert (await heard.datagrams.get())[0] == b"answer"
            (line,) = net.ledger()
            assert (line.direction, line.remote, line.bytes_in, line.bytes_out) == ("out", f"{host}:10161", 6, 3)
            assert net._broker.claims() == []
        with pytest.raises(Refusal, match="snmp-source needs a number"):
            await net.datagram("snmp-source", Heard)
        await net.close()

    run(main())


def test_a_native_library_leases_what_it_opens_itself(host: str, tmp_path: Path) -> None:
    one, two = network(host, tmp_path, "media-0"), network(host, tmp_path, "media-1")
    lease = one.lease("media-input", number=3100)
    assert [(line.port, line.local) for line in one.ledger()] == [("media-input", f"{host}:3100")]
    with pytest.raises(Conflict, match="media-0"):
        two.lease("media-input", number=3100)
    with pytest.raises(Refusal, match="media-input stays on 3000-5000"):
        two.lease("media-input", number=5001)
    lease.close()
    two.lease("media-input", number=3100).close()
    assert (one.ledger(), two.ledger()) == ([], [])


def test_a_lease_stands_on_a_full_disk(host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    one, two = network(host, tmp_path, "media-0"), network(host, tmp_path, "media-1")
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        lease = one.lease("media-input", number=3100)
    with pytest.raises(Conflict, match=rf"is held by a process of this node \(process {os.getpid()}\)"):
        two.lease("media-input", number=3100)
    lease.close()
    two.lease("media-input", number=3100).close()


def test_an_address_of_another_computer(tmp_path: Path) -> None:
    async def main() -> None:
        with pytest.raises(Refusal, match=r"192\.0\.2\.1 is not an address of this computer"):
            await network("192.0.2.1", tmp_path, "iot").listen("modbus", Echo)

    run(main())


def test_a_missing_right_is_told(host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    from sitewarden.net import sockets

    class Denied(socket.socket):
        bind = refuse  # type: ignore[assignment]

    monkeypatch.setattr(sockets.socket, "socket", Denied)

    async def main() -> None:
        with pytest.raises(Refusal, match="needs a right") as refused:
            await network(host, tmp_path, "iot").listen("modbus", Echo)
        assert "CAP_NET_BIND_SERVICE" in refused.value.remedy

    asyncio.run(main())
