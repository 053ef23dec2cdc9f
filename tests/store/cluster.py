"""A PostgreSQL server of the tests' own: Debian's programs, a cluster in a temporary directory, on a loopback address."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PROGRAMS = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), Path("/usr/bin"))
"""Where Debian keeps initdb, postgres and psql."""
SECONDS = 60.0


def missing() -> str:
    """Return why no server can be started here; empty where one can."""
    if not (PROGRAMS / "initdb").exists():
        return "PostgreSQL is not installed (scripts/system-packages.sh)"
    if os.geteuid() == 0 and subprocess.run([*person(), "true"], check=False, capture_output=True).returncode:
        return "PostgreSQL does not run as root, and no other user can be taken here"
    return ""


def person() -> list[str]:
    """Return what to put before a command so that it does not run as root: a user namespace in which root has another number."""
    return ["unshare", "--user", "--map-user=1000", "--map-group=1000"] if os.geteuid() == 0 else []


class Cluster:
    """A server with the one superuser "postgres"; `kill` is kill -9 of all its processes, as a power cut is for it."""

    def __init__(self, folder: Path, host: str, port: int = 5432, *, tls: tuple[Path, Path] | None = None) -> None:
        self.folder, self.host, self.port = folder, host, port
        self.options = {"listen_addresses": host, "port": str(port), "unix_socket_directories": "", "fsync": "off"}
        self.options |= {"max_connections": "50", "shared_buffers": "32MB", "logging_collector": "off", "jit": "off"}
        self.options |= {"restart_after_crash": "off", "max_wal_size": "512MB"}
        self._hba = f"host all all {host}/8 trust\n"
        self._server: subprocess.Popen[bytes] | None = None
        if tls is not None:
            self.options |= {"ssl": "on", "ssl_cert_file": str(tls[0]), "ssl_key_file": str(tls[1])}

    def make(self) -> None:
        """Make the cluster's files."""
        command = [*person(), str(PROGRAMS / "initdb"), "-D", str(self.folder), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*command, "--locale=C.UTF-8", "-N"], check=True, capture_output=True, timeout=SECONDS)
        self.admit(self._hba)

    def admit(self, lines: str) -> None:
        """Write who may come in, and how (pg_hba.conf)."""
        (self.folder / "pg_hba.conf").write_text(lines)

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        if self._server is not None:
            return
        options = [part for name, value in self.options.items() for part in ("-c", f"{name}={value}")]
        end = time.monotonic() + SECONDS
        ready = [str(PROGRAMS / "pg_isready"), "-q", "-h", self.host, "-p", str(self.port)]
        # After a kill it refuses for as long as a process of the last one lives.
        while self._server is None or self._server.poll() is not None:
            with (self.folder / "server.log").open("ab") as log:
                command = [*person(), str(PROGRAMS / "postgres"), "-D", str(self.folder), *options]
                self._server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
            while self._server.poll() is None and subprocess.run(ready, check=False, timeout=SECONDS).returncode:
                time.sleep(0.02)
            if time.monotonic() > end:
                raise RuntimeError((self.folder / "server.log").read_text()[-2000:])

    def kill(self) -> None:
        """Kill every process of the server at once."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop it as an administrator does, cutting its connections."""
        self._end(signal.SIGINT)

    def _end(self, number: int) -> None:
        if self._server is None:
            return
        if number == signal.SIGKILL:
            os.killpg(self._server.pid, number)
        else:
            self._server.send_signal(number)
        self._server.wait(SECONDS)
        self._server = None

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run a statement as the superuser; return what psql prints."""
        command = [str(PROGRAMS / "psql"), "-h", self.host, "-p", str(self.port), "-U", "postgres", "-d", database, "-qAtX"]
        done = subprocess.run(
            [*command, "-v", "ON_ERROR_STOP=1", "-c", statement], capture_output=True, text=True, timeout=SECONDS
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def url(self, database: str, user: str = "postgres") -> str:
        """Return the address of a database as the settings write it."""
        return f"postgresql://{user}@{self.host}:{self.port}/{database}"

    def remove(self) -> None:
        """Stop the server and delete its files."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


_numbers = itertools.count()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A running PostgreSQL server, with the database "prepared" that has our tables."""
    from sitewarden.config import Database
    from sitewarden.store.postgres import Server
    from sitewarden.store.postgres.schema import prepare

    if why := missing():
        pytest.skip(why)
    number = os.getpid() % 60_000
    made = Cluster(tmp_path_factory.mktemp("postgresql") / "data", f"127.88.{number // 250}.{number % 250 + 1}")
    try:
        made.make()
        made.start()
        made.sql("CREATE DATABASE prepared")
        asyncio.run(prepare(Server(Database(url=made.url("prepared")))))
        yield made
    finally:
        made.remove()


@pytest.fixture
def database(cluster: Cluster) -> str:
    """The address of a new database with our tables and nothing in them."""
    name = f"test{next(_numbers)}"
    cluster.sql(f"CREATE DATABASE {name} TEMPLATE prepared")
    return cluster.url(name)
