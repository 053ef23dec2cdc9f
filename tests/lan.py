"""Computers on networks: named network namespaces joined by bridges, for one test.

`with lan({"office": ["server", "client"], "cameras": ["server", "camera"]}) as site:` makes a namespace for each computer and a
switch (a bridge in a namespace of its own) for each network. A computer has one interface for each of its networks, named as the
network. The n-th network (from 1) is 10.91.n.0/24 and fd91:n::/64, and its m-th computer has the host part m. Loopback is up,
IPv6 answers at once, multicast without a chosen interface leaves by the computer's first one. Nothing is named in the file
system, so it works as root and within `unshare -rn`; all is gone when the block ends, with every process started in it.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.netns import CLONE_NEWNET

NETWORKS = 250
COMPUTERS = 250
PATIENCE = 60.0
"""Seconds for the bridges' ports to come up."""
NAME = 15
"""Longest name of an interface (IFNAMSIZ less the final zero), and so of a network."""

_libc = ctypes.CDLL(None, use_errno=True)


class NotPermitted(OSError):
    """The kernel makes no namespaces, or no bridges, for this process."""


class Computer:
    """One namespace with its addresses."""

    def __init__(self, name: str, namespace: int) -> None:
        self.name = name
        self.namespace = namespace
        """File descriptor that keeps the namespace; `path` names it for iproute2."""
        self.addresses: dict[str, str] = {}
        """IPv4 address by network."""
        self.addresses6: dict[str, str] = {}
        """IPv6 address by network."""
        self._started: list[subprocess.Popen[Any]] = []

    @property
    def path(self) -> str:
        """A path of the namespace, for `ip link set ... netns` and `nsenter --net=`."""
        return f"/proc/{os.getpid()}/fd/{self.namespace}"

    @property
    def address(self) -> str:
        """The IPv4 address in the computer's first network."""
        return next(iter(self.addresses.values()))

    @property
    def address6(self) -> str:
        """The IPv6 address in the computer's first network."""
        return next(iter(self.addresses6.values()))

    @contextmanager
    def inside(self) -> Iterator[Computer]:
        """Move this thread in for the block: sockets made, and processes and threads started, belong to this computer.

        Blocks nest. A socket stays where it was made. An async test may enter in its main thread and must leave before another
        task opens a socket elsewhere: keep `await` out of a block that is not the whole test.
        """
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            _setns(self.namespace)
            try:
                yield self
            finally:
                _setns(before)
        finally:
            os.close(before)

    def popen(self, command: Sequence[str | Path], **options: Any) -> subprocess.Popen[Any]:
        """Start a process here, in a session of its own; it is killed with its children when the lan ends."""
        with self.inside():
            process = subprocess.Popen([str(part) for part in command], start_new_session=True, **options)
        self._started.append(process)
        return process

    def run(self, command: Sequence[str | Path], *, timeout: float = 60.0, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command here to its end; return its exit status and what it wrote, as text."""
        with self.inside():
            return subprocess.run(
                [str(part) for part in command], capture_output=True, text=True, timeout=timeout, check=False, **options
            )

    def do(self, command: str, *, input: str | None = None) -> str:
        """Run a command that must succeed (`ip`, `nft`, `bridge`, `sysctl`), split at blanks; return what it wrote."""
        done = self.run(command.split(), input=input)
        assert done.returncode == 0, f"{command} on {self.name}: {done.stderr or done.stdout}"
        return done.stdout

    def close(self) -> None:
        """Kill what was started here and let the namespace go."""
        for process in self._started:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait(30)
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    stream.close()
        os.close(self.namespace)


class Lan:
    """All computers and the switches between them."""

    def __init__(self) -> None:
        self.computers: dict[str, Computer] = {}
        self.switch: Computer
        """Where the bridges live, each named as its network; its ports are named `<n>-<m>`, as the addresses count."""

    def __getitem__(self, name: str) -> Computer:
        return self.computers[name]

    def port(self, computer: str, network: str) -> str:
        """Return the name of the switch's port that leads to a computer, for `bridge link set dev ...`."""
        _, _, number, host = self[computer].addresses[network].split(".")
        return f"{number}-{host}"

    def set_switch(self, network: str, options: str) -> None:
        """Set options of a bridge, such as "mcast_querier 1" or "mcast_membership_interval 300" (hundredths of seconds)."""
        self.switch.do(f"ip link set {network} type bridge {options}")


@contextmanager
def lan(networks: Mapping[str, Sequence[str]], *, switches: Mapping[str, str] | None = None) -> Iterator[Lan]:
    """Make computers and networks for one test; skip the test, with the reason, where that is not permitted.

    `networks` maps each network's name to its computers; `switches` maps a network to options of its bridge.
    """
    try:
        made = _Making(networks, switches or {})
    except NotPermitted as refusal:
        pytest.skip(f"no network namespaces with bridges here: {refusal.strerror}")
    with made.held:
        yield made.lan


class _Making:
    """Puts a lan together; `held` undoes it."""

    def __init__(self, networks: Mapping[str, Sequence[str]], switches: Mapping[str, str]) -> None:
        assert len(networks) <= NETWORKS and all(len(name) <= NAME for name in networks)
        assert all(len(computers) <= COMPUTERS for computers in networks.values())
        if shutil.which("ip") is None:
            raise NotPermitted(2, "iproute2 is not installed")
        self.lan = Lan()
        with ExitStack() as stack:
            self._stack = stack
            self.lan.switch = self._computer("switch")
            for name in dict.fromkeys(name for computers in networks.values() for name in computers):
                self.lan.computers[name] = self._computer(name)
            self._wire(networks, switches)
            self.held = stack.pop_all()

    def _computer(self, name: str) -> Computer:
        made = Computer(name, _namespace())
        self._stack.callback(made.close)
        with made.inside():
            for setting in ("accept_dad", "router_solicitations"):
                path = Path(f"/proc/sys/net/ipv6/conf/default/{setting}")
                if path.exists():
                    path.write_text("0")
        _batch(made, ["link set lo up"])
        return made

    def _wire(self, networks: Mapping[str, Sequence[str]], switches: Mapping[str, str]) -> None:
        ports: list[str] = []
        inside: dict[str, list[str]] = {name: [] for name in self.lan.computers}
        for number, (network, computers) in enumerate(networks.items(), 1):
            ports.append(f"link add {network} type bridge {switches.get(network, '')}".strip())
            ports.append(f"link set {network} up")
            for place, name in enumerate(computers, 1):
                computer, port = self.lan[name], f"{number}-{place}"
                ports.append(f"link add {port} type veth peer name {network} netns {computer.path}")
                ports.append(f"link set {port} master {network} up")
                computer.addresses[network] = f"10.91.{number}.{place}"
                computer.addresses6[network] = f"fd91:{number}::{place:x}"
                lines = inside[name]
                lines.append(f"link set {network} up")
                lines.append(f"address add {computer.addresses[network]}/24 brd + dev {network}")
                lines.append(f"address add {computer.addresses6[network]}/64 dev {network} nodad")
                if len(computer.addresses) == 1:
                    lines.append(f"route add 224.0.0.0/4 dev {network}")
        _batch(self.lan.switch, ports)
        for name, lines in inside.items():
            _batch(self.lan[name], lines)
        self._settle()

    def _settle(self) -> None:
        """Wait until every link is up at both ends: until then the kernel drops what is sent, on a busy machine for seconds."""
        until = time.monotonic() + PATIENCE
        for computer in (self.lan.switch, *self.lan.computers.values()):
            while "DOWN" in (seen := computer.do("ip -brief link show")):
                assert time.monotonic() < until, f"a link of {computer.name} stays down:\n{seen}"
                time.sleep(0.01)


def _namespace() -> int:
    """Return the descriptor of a fresh network namespace, and leave this thread where it is."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        if _libc.unshare(CLONE_NEWNET) != 0:
            number = ctypes.get_errno()
            raise NotPermitted(number, os.strerror(number))
        try:
            return os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        finally:
            _setns(home)
    finally:
        os.close(home)


def _setns(namespace: int) -> None:
    if _libc.setns(namespace, CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"cannot enter a network namespace: {os.strerror(number)}")


def _batch(computer: Computer, lines: list[str]) -> None:
    done = computer.run(["ip", "-batch", "-"], input="\n".join(lines) + "\n")
    if done.returncode != 0:
        raise NotPermitted(1, f"{computer.name}: {done.stderr.strip()}")
