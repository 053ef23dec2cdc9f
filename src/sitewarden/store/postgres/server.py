"""A PostgreSQL server: how it is reached, and its errors as refusals."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

import asyncpg

from sitewarden.config import Database
from sitewarden.config.database import DatabaseAddress, parse
from sitewarden.domain.errors import Refusal, StorageFull, TimedOut, Unreachable

SCHEMA: Final = "sitewarden"
"""Schema of all our tables."""
OLDEST: Final = 13
"""Major version of the oldest server that is used."""
CONNECT_SECONDS: Final = 10.0
CACHED_STATEMENTS: Final = 200

Permit = Callable[[str, int], AbstractContextManager[object]]
"""Within `permit(host, port)` the event loop lets a library connect to exactly this peer: `Network.permit` of our row."""


class Away(Unreachable):
    """The database cannot be reached now, or the connection to it broke."""


class Server:
    """A database on a server, and the right to connect to it."""

    def __init__(self, settings: Database, permit: Permit = lambda host, port: nullcontext()) -> None:
        self.settings = settings
        self.address: DatabaseAddress = parse(settings.url)
        self._permit = permit

    @property
    def where(self) -> str:
        """The database as a person knows it; no secret."""
        return str(self.address)

    async def connect(self, **session: str) -> asyncpg.Connection:
        """Return a connection whose tables are ours; `session` are further settings of the server's session.

        Raises Away, or a Refusal that says what is wrong with the address, the password or the certificate.
        """
        address = self.address
        context = self._tls()
        password = self._password()
        settings = {"search_path": SCHEMA, "application_name": "sitewarden", "timezone": "UTC", "synchronous_commit": "on"}
        if not address.loopback:
            # A server that was cut off must notice, or our own session holds the lock against us.
            settings |= {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}
        with refusing(self.where):
            async with asyncio.timeout(CONNECT_SECONDS):
                with self._permit(address.host, address.port):
                    return await asyncpg.connect(
                        host=address.host,
                        port=address.port,
                        user=address.user,
                        password=password,
                        database=address.name,
                        ssl=context or False,
                        timeout=CONNECT_SECONDS,
                        statement_cache_size=CACHED_STATEMENTS,
                        server_settings=settings | session,
                    )

    def _tls(self) -> ssl.SSLContext | None:
        mode = self.settings.tls
        if mode == "auto":
            mode = "off" if self.address.loopback else "verify-full"
        if mode == "off":
            return None
        try:
            context = ssl.create_default_context(cafile=self.settings.ca or None)
        except (OSError, ssl.SSLError) as error:
            raise Refusal(
                f"The authority's certificate cannot be read: {error}.",
                where=f"database.ca: {self.settings.ca}",
                remedy="Name a PEM file of the authority that signed the database server's certificate.",
            ) from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if mode == "require":
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def _password(self) -> str:
        """Return the password; empty for none, so that the driver looks for it nowhere else."""
        if not self.settings.password_file:
            return ""
        try:
            return Path(self.settings.password_file).read_text().partition("\n")[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            raise Refusal(
                f"The file of the password cannot be read: {reason}.",
                where=f"database.password_file: {self.settings.password_file}",
                remedy="Write the password to its first line, and let the server's user read it.",
            ) from None


@contextmanager
def refusing(where: str) -> Iterator[None]:
    """Turn the driver's errors about the database at `where` into refusals that say what to do."""
    try:
        yield
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise refusal(where, error) from error


def refusal(where: str, error: BaseException) -> Refusal:
    """Return the refusal that tells what `error` means."""
    broken = isinstance(error, asyncpg.InternalClientError)
    said = "the connection broke" if broken else str(error).rstrip(".").replace("\n", " ")
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unreachable(
            f"The database server's certificate is not trusted: {error.verify_message or said}.",
            where=where,
            remedy="Name its authority with database.ca, and the host as the certificate names it.",
        )
    if isinstance(error, ssl.SSLError):
        return Unreachable(
            f"The database server speaks no TLS that this program takes: {said}.",
            where=where,
            remedy="Turn TLS 1.2 or newer on there (ssl = on).",
        )
    state: str = getattr(error, "sqlstate", None) or ""
    if state in ("28P01", "28000"):
        return Unreachable(
            f"The database server does not let this user in: {said}.",
            where=where,
            remedy="Check database.password_file, the user, and the server's pg_hba.conf.",
        )
    if state == "3D000":
        return Unreachable(
            f"There is no such database: {said}.", where=where, remedy="Make it: createdb --owner=USER NAME, with encoding UTF8."
        )
    if state == "42501":
        return Unreachable(
            f"The database user may not do this: {said}.",
            where=where,
            remedy="Make it the owner of the database: ALTER DATABASE name OWNER TO user.",
        )
    if state in ("53100", "53200"):
        return StorageFull(
            "The database server has no room; nothing was written and what is stored is whole.",
            where=where,
            remedy="Free space there or shorten the retention; writing goes on by itself.",
        )
    if state == "57014":
        return TimedOut("Reading took too long.", where=where, remedy="Ask for a shorter span of time or fewer filters.")
    if state == "25006":
        return Away(
            "The database is a standby, which takes no changes.", where=where, remedy="Name the primary, or promote this one."
        )
    if "rejected SSL" in said:
        return Unreachable(
            "The database server speaks no TLS.",
            where=where,
            remedy='Turn it on there (ssl = on); database.tls = "off" is for this computer alone.',
        )
    if is_loss(error):
        return Away(
            f"The database does not answer: {said or type(error).__name__}.",
            where=where,
            remedy="See that it runs and that its port is open; work goes on by itself once it answers.",
        )
    return Unreachable(
        f"The database refused it: {said}.",
        where=where,
        remedy="See the database server's log; `sitewarden fsck` checks content.",
    )


def is_loss(error: BaseException) -> bool:
    """Tell whether `error` says that the connection is gone, or that the server takes none now."""
    if isinstance(error, (OSError, TimeoutError, asyncpg.PostgresConnectionError)):
        return True
    if isinstance(error, (asyncpg.InterfaceError, asyncpg.InternalClientError)):
        # A broken connection in one of its many forms; but for values that the driver cannot encode, which are the caller's.
        return not isinstance(error, ValueError)
    return str(getattr(error, "sqlstate", None) or "").startswith(("08", "57P", "53300"))


async def describe(connection: asyncpg.Connection, where: str) -> dict[str, Any]:
    """Return what the server says of itself; raise Unreachable for one that cannot be used."""
    with refusing(where):
        row = await connection.fetchrow(
            "SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,"
            " pg_encoding_to_char(encoding) AS encoding, pg_database_size(current_database()) AS size,"
            " current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,"
            " (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now,"
            " coalesce((SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl), '') AS tls"
            " FROM pg_database WHERE datname = current_database()"
        )
    said = dict(row)
    if said["number"] // 10_000 < OLDEST:
        raise Unreachable(
            f"The server is PostgreSQL {said['version']}.", where=where, remedy=f"It takes PostgreSQL {OLDEST} or newer."
        )
    if said["encoding"] != "UTF8":
        raise Unreachable(
            f"The database's encoding is {said['encoding']}, which cannot hold every name.",
            where=where,
            remedy="Make one with: createdb --encoding=UTF8 --template=template0 --owner=USER NAME.",
        )
    return said
